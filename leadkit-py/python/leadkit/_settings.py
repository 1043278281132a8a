"""Switches, and what is both said and given back with them: rules on hours, budgets, prices. The latter are
dicts in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict, Union

from leadkit._privacy import RetentionRule
from leadkit._types import Certainty, Channel, Money, Purpose, _record, _Record

#: Each day or each month, of UTC; or once and for all.
BudgetPeriod = Literal["day"] | Literal["month"] | Literal["total"]

#: All of a field; a hint, such as initials or the last two digits of a number; nothing.
FieldAccess = Literal["show"] | Literal["mask"] | Literal["hide"]


_QuietHoursWord = TypedDict("_QuietHoursWord", {"from": str})


class QuietHours(_QuietHoursWord):
    """Hours of each day in which the host contacts nobody: they begin at ``from``, such as ``20:00``."""

    until: str
    """When they end, such as ``9:00``; earlier than ``from``, it is that of the next day."""


class _HolidayNeeds(TypedDict):
    country: str
    """The country, ISO 3166-1 alpha-2."""
    name: str
    """What it is called."""
    on: str
    """When it is: ``12-25``; ``2026-11-03`` for one year; ``mon 3 01``, the third Monday of January,
    ``mon -1 05``, the last one of May; ``easter``. ``+1`` or ``-2`` behind it moves it by days."""


class Holiday(_HolidayNeeds, total=False):
    """A holiday of a country or a state."""

    state: str | None
    """The state by its short name, if it is not the whole country's."""
    observed: bool
    """Whether the Friday before and the Monday after are holidays, too, when it is on a Saturday, and
    the Monday after when it is on a Sunday."""


class _RuleNeeds(TypedDict):
    id: str
    """Its name: a rule of the same name takes its place."""
    country: str
    """The country, ISO 3166-1 alpha-2; ``*`` for all that have no other rule."""
    hours: Mapping[str, str]
    """The hours by day: ``mon`` to ``sun``, ``mon-fri``, ``daily``, ``holiday``; days that are not
    named have none, but a holiday is a day like others unless it is named. ``""`` is none at all."""
    source: str
    """The law, order or code."""


class Rule(_RuleNeeds, total=False):
    """A rule on the hours of contact."""

    state: str | None
    """The state by its short name, if it is not the whole country's."""
    channels: list[Channel]
    """The channels; none named: all."""
    purposes: list[Purpose]
    """The purposes; none named: marketing."""
    effective_from: str | None
    """The first day on which it holds; none: when it was read, it did."""
    effective_until: str | None
    """The last day on which it holds."""
    url: str | None
    """The page where it was read."""
    read_on: str | None
    """The day on which it was read."""
    certainty: Certainty
    """How sure it is."""
    note: str | None
    """What else there is to know."""


class RuleTable(TypedDict, total=False):
    """Keywords of ``LegalHours``: rules and holidays as they are written down."""

    version: str
    """Its name, kept with every decision."""
    rules: list[Rule]
    """The rules."""
    holidays: list[Holiday]
    """The holidays."""
    without: list[str]
    """Names of rules of the table below that do not hold any more."""


class MoneyText(TypedDict):
    """An amount of money as it may be written, in the place of a :class:`Money`."""

    amount: str
    """Decimal text, such as ``0.0079``."""
    currency: str
    """ISO 4217, three capitals."""


class _BudgetNeeds(TypedDict):
    name: str
    """Its name."""
    amount: Union[Money, MoneyText]
    """How much; what ``db.settings`` gives back is a :class:`Money`."""


class Budget(_BudgetNeeds, total=False):
    """How much may be spent. Each message reserves its predicted price before it goes out; when the budget
    does not hold it, it waits for the next period, or is refused when there is none."""

    period: BudgetPeriod
    """For which time; ``month`` by default."""
    campaign: str | None
    """Only for messages of this campaign."""
    alert_at: list[float]
    """At which parts of it somebody is told: 0.8 is four fifths."""


class _AccessNeeds(TypedDict):
    others: FieldAccess
    """The rule for all that is not named, fields that are defined later included."""


class AccessProfile(_AccessNeeds, total=False):
    """What a role sees of leads and contacts."""

    fields: Mapping[str, FieldAccess]
    """Rules by name: a field of leads, ``custom.KEY``, ``contact.address``, ``contact.subject``,
    ``contact.body``, ``contact.price``."""


class PriceTable(TypedDict, total=False):
    """Prices by country, of a day. A provider's real price differs by account and network; it is told after a
    message went out, and :attr:`CostRow.drift` says by how much."""

    as_of: str
    """The day or month of these prices."""
    source: str
    """Where they were read."""
    currency: str
    """ISO 4217."""
    sms: Mapping[str, str]
    """Of one segment of a text message, by country (ISO 3166-1 alpha-2); ``*`` is for all others."""
    calls: Mapping[str, str]
    """Of one begun minute of a call, by country; ``*`` is for all others."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Settings(_Record):
    """The switches as they stand. Each change is an operation, so that the log tells who turned what."""

    sending: bool
    """Whether anything is sent at all. Off in a new database, and in every backup and copy: what was
    sent already must not be sent again from there."""
    restored: bool
    """Whether this is a copy or was restored: what waits in its outbox may have gone out elsewhere. When
    sending is switched on, such messages count as ``unknown`` until the provider was asked. Backups and
    copies have it set; set it by hand in a file that was put back by other means."""
    sms: bool
    """Whether text messages are sent."""
    voice: bool
    """Whether calls are made."""
    automations: bool
    """Whether automations run."""
    paused: list[str]
    """Campaigns whose messages wait."""
    public_url: str | None
    """The URL under which the provider reaches this host: what becomes of a message is reported there."""
    account: str | None
    """The provider's account that this database sends by, and where, such as ``twilio AC... live``. The
    first dispatch binds it; another account or a test server is refused then."""
    quiet_hours: QuietHours | None
    """Hours in which nobody is contacted, by the clock where the person is; beyond the law's."""
    holidays: list[str]
    """Days that count as holidays for everybody, such as ``2026-12-24``."""
    rules: RuleTable
    """Rules on the hours of contact that stand above leadkit's own."""
    countries: list[str]
    """The countries to which anything is sent (ISO 3166-1 alpha-2); none named: all."""
    rates: dict[str, float]
    """How many segments of text a sender takes a second, by number or messaging service; ``*`` is for all
    that are not named. Without either there is no limit here, and the provider holds its own."""
    marketing_per_day: int
    """Messages for marketing that a number gets within 24 hours, at most; 0: any number."""
    budgets: list[Budget]
    """How much may be spent."""
    prices: PriceTable
    """Prices, in the place of leadkit's own; none in it: leadkit's own."""
    profiles: dict[str, AccessProfile]
    """What roles see, by the role's name; ``as_actor`` gives views of them."""
    retention: list[RetentionRule]
    """How long what is kept; ``privacy.apply_retention`` erases what is older."""
    owner_zones: dict[str, str]
    """The time zones of owners, by the owner's name (IANA names): what is to happen by their clock."""
