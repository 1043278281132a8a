"""What callers may say: the keyword arguments of each call, as typed dicts.

They document and type the keywords; the core alone knows defaults and refuses wrong names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict, Union

from leadkit._privacy import RetentionRule
from leadkit._settings import AccessProfile, Budget, PriceTable, QuietHours, RuleTable
from leadkit._types import (
    Attachment,
    AuditCheckpoint,
    AuditKind,
    Channel,
    CohortBy,
    CommunicationState,
    CompareBy,
    ContactChannel,
    CostBy,
    Direction,
    Facet,
    Missed,
    Money,
    OperationKind,
    OperationState,
    Outside,
    Purpose,
    SearchOrder,
    StatsBy,
)

#: Which leads: field to value, or to operators. See :data:`leadkit.Filter`.
Filter = Mapping[str, Any]

OnMatch = Literal["merge"] | Literal["update"] | Literal["skip"] | Literal["reject"] | Literal["create"]
MatchKey = Literal["external_id"] | Literal["email"] | Literal["phone"]
OnInvalid = Literal["reject"] | Literal["drop"]
Unmapped = Literal["ignore"] | Literal["custom"]
Transform = Literal["trim"] | Literal["lower"] | Literal["upper"] | Literal["title"] | Literal["digits"]
ExportFormat = Literal["csv"] | Literal["xlsx"]
OnConflict = Literal["skip"] | Literal["force"] | Literal["abort"]


class FormatOptions(TypedDict, total=False):
    """What the caller knows about a file better than detection does."""

    encoding: str
    """Any WHATWG label: ``utf-8``, ``windows-1252``, ``latin1``, ``utf-16le``."""
    delimiter: str
    """The character between two cells."""
    quote: str
    """The character around cells, or empty for none."""
    escape: str
    """The character that makes a quote inside a quoted cell literal, or empty for doubled quotes."""
    comment: str
    """The character that begins a line to be ignored, or empty for none."""
    header: bool
    """Whether the first row names the columns."""
    preamble_rows: int
    """Lines to skip at the top, whatever they hold."""


class Split(TypedDict):
    """Splits one column over several fields."""

    by: str
    """The text between the parts, such as a comma or a blank."""
    into: list[str]
    """The fields for the parts, in order; the last takes the rest."""


class ColumnRule(TypedDict, total=False):
    """What to do with one column."""

    field: str
    """The field or consent target the column goes to; several columns of one field are joined."""
    transforms: list[Transform]
    """Changes to each cell, in order."""
    split: Split
    """Splits the cell over several fields, in place of ``field``."""
    join: str
    """Stands between the parts where several columns go to one text field; a blank by default."""


class _ImportConsent(TypedDict):
    source: str
    """Where the consent comes from, such as ``web form``."""
    wording: str
    """The words that the people agreed to."""
    given_at: datetime
    """When they agreed; where that differs, the earliest. It must not lie in the future."""


class ImportConsent(_ImportConsent, total=False):
    """What the people of an imported file agreed to: it makes the yes of an opt-in column a grant."""

    purpose: Purpose
    """What for; marketing when none is given."""
    proof: str
    """Where proof is kept: a document's name, a URL; the import and the line of its file by default."""


class ImportOptions(TypedDict, total=False):
    """Keywords of ``db.import_leads`` and ``db.preview_import``."""

    mapping: Mapping[str, Union[str, ColumnRule, None]]
    """Column to field, rule, or None to leave it out; other columns leadkit maps by itself. Columns about
    permission go to ``consent.opt_out``, ``consent.sms_opt_out``, ``consent.do_not_call``,
    ``consent.opt_in``, ``consent.sms_opt_in`` or ``consent.voice_opt_in``."""
    match_on: Iterable[MatchKey]
    """Keys by which rows match leads, tried in order; ``["external_id", "email"]`` by default."""
    on_match: OnMatch
    """What happens to a row that matches; ``merge`` by default: it fills what is empty."""
    default_country: str
    """The country by which phone numbers without a country code are read (ISO 3166-1 alpha-2)."""
    set: Mapping[str, Any]
    """Constants for every row: field to value; they win over the file."""
    required: Iterable[str]
    """Fields without which a row is rejected, besides the built-in rule."""
    on_invalid: Mapping[str, OnInvalid]
    """What happens to invalid values, by field."""
    consent: ImportConsent
    """What the people agreed to whom an opt-in column names. Without it such a column grants nothing;
    withdrawals are entered always."""
    allow_reserved_domains: bool
    """Takes addresses under reserved domains (``.test``, ``.invalid``) as valid."""
    unmapped: Unmapped
    """What happens to columns that map to no field; ``ignore`` by default."""
    format: FormatOptions
    """Overrides of what is found out about the file."""
    dry_run: bool
    """Reads, maps, checks and matches, and writes nothing."""
    rejects: Union[bool, str, os.PathLike[str]]
    """Where rejected rows go: beside the source by default, False for no file, or a path."""
    name: str
    """A name for the operation, for the list of operations."""
    again: bool
    """Imports a file once more that was imported before with the same options."""
    automations: bool
    """Lets automations be set off by the leads that come in; the report says how many they look at."""
    show_values: bool
    """Shows values in the report's examples as they are, not masked."""
    threads: int
    """Threads that read values, besides the writer; 0 takes the database's ``threads``."""


class ExportOptions(TypedDict, total=False):
    """Keywords of ``db.export_leads``."""

    filter: Filter
    """Which leads; all by default."""
    fields: Iterable[str]
    """Which fields, in this order; all that hold anything anywhere by default."""
    format: ExportFormat
    """By the target's ending when not said."""
    order_by: Iterable[str]
    """Field names, ``-`` in front for descending; by id by default."""
    delimiter: str
    """CSV: the delimiter."""
    bom: bool
    """CSV: begins the file with a byte order mark, for old Excels."""
    guard_formulas: bool
    """Guards cells that a spreadsheet would run as formulas; True by default."""
    include_deleted: bool
    """Takes deleted leads too."""
    name: str
    """A name for the operation, for the list of operations."""


class FindOptions(TypedDict, total=False):
    """Keywords of ``db.leads.find``, ``first`` and ``iterate``."""

    order_by: Iterable[str]
    """Field names, ``-`` in front for descending; by id by default."""
    limit: int
    """How many at most; by default 100 in ``find``, all in ``iterate``."""
    cursor: str
    """Goes on after the page that gave this ``next_cursor``."""
    include_deleted: bool
    """Finds deleted leads too."""


class ListOptions(TypedDict, total=False):
    """Keywords of ``db.operations.list``."""

    kind: OperationKind
    """Only operations of this kind."""
    state: OperationState
    """Only operations in this state."""
    actor: str
    """Only operations of this actor."""
    since: Union[datetime, str]
    """Only operations that began at this instant or later."""
    until: Union[datetime, str]
    """Only operations that began before this instant."""
    limit: int
    """How many at most; 100 by default."""
    cursor: str
    """Goes on after the page that gave this ``next_cursor``."""


class OpenOptions(TypedDict, total=False):
    """Keywords of ``leadkit.open``."""

    actor: str
    """Who acts, for the log of operations."""
    reason: str
    """Why, for the log of operations."""
    threads: int
    """Threads of the database's own pool; 0, the default, takes one for each core but the writer's."""
    busy_timeout: float
    """Seconds to wait for another process's writing; 10 by default."""
    read_only: bool
    """Opens an existing database for reading only."""
    tenant: str
    """The tenant whose leads these are: a schema in PostgreSQL, small letters, digits and ``_``, 48
    at most; other stores refuse it. ``public`` is the default."""
    undo_days: float
    """Days for which an operation can be taken back; 30 by default."""
    undo_changes: int
    """Changed leads behind an operation until which it can be taken back; 10 million by default."""
    confirm_above: int
    """Leads above which a bulk operation wants their number typed; 10,000 by default."""
    keys: Sequence[Key]
    """Your keys, the current one first: the audit is chained with it, and fingerprints are made with it; the
    others only recognise what was made before. None by default; they are never stored."""


class AuditListOptions(TypedDict, total=False):
    """Keywords of ``db.audit.entries``."""

    kind: AuditKind
    """Only entries of this kind."""
    actor: str
    """Only entries of this actor."""
    since: datetime | str
    """Only entries of this instant or later."""
    until: datetime | str
    """Only entries before this instant."""
    limit: int
    """Entries of a page; 100 by default."""
    cursor: str
    """Goes on after the page that gave this ``next_cursor``."""


class AuditVerifyOptions(TypedDict, total=False):
    """Keywords of ``db.audit.verify``."""

    checkpoint: AuditCheckpoint | Mapping[str, Any]
    """What ``db.audit.checkpoint`` gave before, and was kept elsewhere; as a dict, its ``to_dict()``."""


class Key(TypedDict):
    """A key of yours. To rotate, put a new one in front and leave the old ones behind it."""

    id: str
    """Its name: letters, digits, ``-``, ``_`` and ``.``, 64 at most. It stands for one secret for ever."""
    secret: bytes | str
    """At least 32 random bytes; as text they are Base64."""


class TerritoryRule(TypedDict):
    """One rule of a territory."""

    filter: Filter
    """Which leads."""
    owner: str
    """Whose they are."""


class _Rules(TypedDict):
    rules: list[TerritoryRule]
    """The rules, the first that fits wins."""


class Territory(_Rules, total=False):
    """Rules that give a lead to the owner of its territory."""

    otherwise: Union[str, None]
    """Who gets leads that no rule finds; without it they are left alone, as ``no_owner``."""


class _To(TypedDict):
    to: str


class _RoundRobin(TypedDict):
    round_robin: list[str]


class _Weighted(TypedDict):
    weighted: Mapping[str, int]


class _Territory(TypedDict):
    territory: Territory


#: Who gets the leads: an owner's name (also ``{"to": name}``); owners in turn, in the order of the
#: leads' ids; in turn by weight, ``{"weighted": {"mia": 3, "tom": 1}}``; or by territory.
Assignment = Union[str, _To, _RoundRobin, _Weighted, _Territory]


class MergeGroup(TypedDict):
    """Leads that are one."""

    keep: int
    """The lead that stays."""
    merge: list[int]
    """The leads that become part of it; their ids stay as aliases."""


class PlanOptions(TypedDict, total=False):
    """Keywords of every ``db.bulk.plan_*``."""

    name: str
    """A name for the list of operations."""
    include_protected: bool
    """Leads with the tag ``protected`` are taken too."""
    sample: int
    """Leads that the plan shows before and after; 10 by default, 100 at most."""
    expires_in: float
    """Seconds until the plan may no longer be run; an hour by default, 30 days at most."""
    automations: bool
    """Lets automations be set off by the changes; the plan says how many leads they look at."""


class PlanUpdateOptions(PlanOptions, total=False):
    """Keywords of ``db.bulk.plan_update``."""

    set: Mapping[str, Any]
    """New values by field: a value, None to clear, or ``{"template": "..."}`` to compute it from the
    lead. A value is never read as a template, and what a template gives is not rendered again."""
    add_tags: Iterable[str]
    """Tags to add."""
    remove_tags: Iterable[str]
    """Tags to remove."""


class PlanUndoOptions(PlanOptions, total=False):
    """Keywords of ``db.bulk.plan_undo``."""

    leads: Iterable[int]
    """Only these leads."""
    fields: Iterable[str]
    """Only these fields."""
    on_conflict: OnConflict
    """What happens to values that others changed since: ``skip``, the default, leaves and lists
    them; ``force`` takes them back all the same, as far as that is lawful; ``abort`` changes nothing
    at all when there is one."""


class RunOptions(TypedDict, total=False):
    """Keywords of ``db.bulk.run`` and ``db.operations.resume``."""

    confirm: int
    """The plan's count, typed by a person: needed above the database's ``confirm_above``, and always
    for a purge."""
    chunk: int
    """Leads of one transaction; 5,000 by default."""
    idempotency_key: str
    """A key of the caller's: a repeated call with it gives the first one's operation."""


class UndoRunOptions(TypedDict, total=False):
    """Keywords of ``db.operations.undo``."""

    leads: Iterable[int]
    """Only these leads."""
    fields: Iterable[str]
    """Only these fields."""
    on_conflict: OnConflict
    """What happens to values that others changed since: ``skip``, the default, leaves and lists
    them; ``force`` takes them back all the same, as far as that is lawful; ``abort`` changes nothing
    at all when there is one."""
    chunk: int
    """Leads of one transaction; 5,000 by default."""
    idempotency_key: str
    """A key of the caller's: a repeated call with it gives the first one's operation."""


class ConflictOptions(TypedDict, total=False):
    """Keywords of ``db.operations.conflicts``."""

    limit: int
    """How many at most; 100 by default."""
    cursor: str
    """Goes on after the page that gave this ``next_cursor``."""


class HealthOptions(TypedDict, total=False):
    """Keywords of ``db.health``."""

    thorough: bool
    """Reads everything, indexes included; minutes on a large database."""


class CopyOptions(TypedDict, total=False):
    """Keywords of ``db.copy_to``."""

    tenant: str
    """The tenant that the copy becomes, on stores that have tenants."""


class ConsentOptions(TypedDict, total=False):
    """Keywords of ``db.consent.record``."""

    channel: Channel
    """By which channel; all of them when left out."""
    address: str
    """The phone number; all numbers of the lead when left out."""
    lead: int
    """The lead. Grants and questions need it, for they are a person's; others note who was meant."""
    purpose: Purpose
    """What a grant or a question is for; marketing by default."""
    wording: str
    """The words that the person agreed to or wrote. Grants need them."""
    given_at: datetime | str
    """When the person said so; now by default."""
    proof: str
    """Where proof is kept: a document's name, a URL."""
    review_by: datetime | str
    """Until when somebody should have looked at a suspicion; ten days from now by default. The FCC
    allows ten business days for honouring a revocation (47 CFR 64.1200(a)(10))."""


class ConsentQuestion(TypedDict, total=False):
    """Keywords of ``db.consent.status``."""

    address: str
    """The phone number; the lead's when left out."""
    lead: int
    """The lead; without one there is no grant."""
    channel: Channel
    """By which channel; ``sms`` by default."""
    purpose: Purpose
    """What for; marketing by default."""


class ConsentHistoryOptions(TypedDict, total=False):
    """Keywords of ``db.consent.history``."""

    address: str
    """Only of this phone number."""
    lead: int
    """Only about this lead."""
    limit: int
    """Entries of a page; 100 by default."""
    cursor: str
    """Goes on after the page that gave this ``next_cursor``."""


class SettingsChange(TypedDict, total=False):
    """Keywords of ``db.settings.set``: which switches to turn; those that are not named stay."""

    sending: bool
    """Whether anything is sent at all."""
    restored: bool
    """Whether this database was put back from elsewhere; see :attr:`Settings.restored`."""
    sms: bool
    """Whether text messages are sent."""
    voice: bool
    """Whether calls are made."""
    automations: bool
    """Whether automations run."""
    paused: Iterable[str]
    """Campaigns whose messages wait; in the place of those before."""
    public_url: str
    """The URL under which the provider reaches this host; empty clears it."""
    account: str
    """The account that this database sends by; empty lets the next dispatch bind it anew."""
    quiet_hours: QuietHours
    """Hours in which nobody is contacted; the same time twice clears them."""
    holidays: Iterable[str]
    """Days that count as holidays for everybody; in the place of those before."""
    rules: RuleTable
    """Rules that stand above leadkit's own; in the place of those before."""
    countries: Iterable[str]
    """The countries to which anything is sent; in the place of those before, and none is all."""
    rates: Mapping[str, float]
    """Segments of text a second by sender; in the place of those before."""
    marketing_per_day: int
    """Messages for marketing that a number gets within 24 hours; 0: any number."""
    budgets: Iterable[Budget]
    """How much may be spent; in the place of the budgets before."""
    prices: PriceTable
    """Prices; in the place of those before, and an empty table brings leadkit's own back."""
    profiles: Mapping[str, AccessProfile]
    """What roles see, by the role's name; in the place of the profiles before. Views of a profile that is
    not among them see nothing any more."""
    retention: Iterable[RetentionRule]
    """How long what is kept; in the place of the rules before."""
    owner_zones: Mapping[str, str]
    """The time zones of owners (IANA names), by the owner's name; in the place of those before."""


class TemplateOptions(TypedDict, total=False):
    """Keywords of ``db.templates.save``."""

    channel: Channel
    """By which channel it goes out; ``sms`` by default."""
    locales: Mapping[str, str]
    """Texts in other languages, by tag such as ``de``; a lead's language chooses, and the body is for
    all others."""
    defaults: Mapping[str, str]
    """What stands for variables that hold nothing, by name such as ``lead.first_name``."""


class TemplateVersion(TypedDict, total=False):
    """Keywords of ``db.templates.get``."""

    version: int
    """Its number; the last by default."""


class RenderOptions(TypedDict, total=False):
    """Keywords of ``db.templates.render``."""

    lead: int
    """The lead; a made-up one when left out, to look at the text."""
    vars: Mapping[str, Any]
    """Values of the caller's, which the text calls ``vars.*``."""
    locale: str
    """The language; the lead's by default."""
    version: int
    """The version; the last by default."""


class SmsOptions(TypedDict, total=False):
    """Keywords of ``db.comms.queue_sms`` and ``send_sms``."""

    template: str
    """The template; either it or a ``body``."""
    body: str
    """The text as it is; nothing in it is rendered."""
    vars: Mapping[str, Any]
    """Values for the template's ``vars.*``."""
    locale: str
    """The template's language; the lead's by default."""
    purpose: Purpose
    """What it is for; marketing by default."""
    to: str
    """To which number; the lead's by default."""
    sender: str
    """From which number or messaging service; the transport's own by default."""
    send_at: datetime | str
    """Not before this instant."""
    expires_at: datetime | str
    """Not after this instant: what was not sent until then is refused as ``expired``."""
    key: str
    """A key of the caller's: a repeated call with it gives the first one's message."""
    campaign: str
    """A name for messages that belong together."""
    variant: str
    """Which of several texts it is, where they are compared: ``A``, ``B``, …"""


class SmsPlanOptions(TypedDict, total=False):
    """Keywords of ``db.comms.plan_sms``: which messages a bulk operation queues, and with what."""

    template: str
    """The template; either it or a ``body``."""
    body: str
    """The text as it is; nothing in it is rendered."""
    vars: Mapping[str, Any]
    """Values for the template's ``vars.*``."""
    locale: str
    """The template's language; each lead's by default."""
    purpose: Purpose
    """What it is for; marketing by default."""
    sender: str
    """From which number or messaging service; the transport's own by default."""
    send_at: datetime | str
    """Not before this instant."""
    expires_at: datetime | str
    """Not after this instant."""
    campaign: str
    """A name for these messages; ``operation-`` and the operation's id by default."""
    variant: str
    """Which of several texts they are, where these are compared: ``A``, ``B``, …"""
    name: str
    """A name for the list of operations."""
    include_protected: bool
    """Leads with the tag ``protected`` are taken too."""
    sample: int
    """Messages that the plan shows; 10 by default, 100 at most."""
    expires_in: float
    """Seconds until the plan may no longer be run; an hour by default, 30 days at most."""


class CallOptions(TypedDict, total=False):
    """Keywords of ``db.comms.queue_call``: by a person (``agent``), or by a recorded or read-out
    announcement (``template``, ``body`` or ``play``)."""

    agent: str
    """The number of the person who talks: it rings there first, then the lead is dialled."""
    template: str
    """A template whose text is read out: to the lead, or to the agent before the lead is dialled."""
    body: str
    """A text that is read out, as it is."""
    play: str
    """A recording that is played to the lead, by its URL (https)."""
    language: str
    """The language in which texts are read out, such as ``en-GB``."""
    vars: Mapping[str, Any]
    """Values for the template's ``vars.*``."""
    locale: str
    """The template's language; the lead's by default."""
    purpose: Purpose
    """What it is for; marketing by default."""
    to: str
    """To which number; the lead's by default."""
    sender: str
    """From which number; the transport's own by default."""
    record: bool
    """Whether it is recorded. Then ``recording_notice`` or ``recording_consent`` is needed."""
    recording_notice: str
    """What is read out to the lead at the beginning of an announcement that is recorded."""
    recording_consent: str
    """How the lead agreed to be recorded, kept with the call."""
    ring: int
    """For how many seconds it rings at each side; 25 by default, 600 at most."""
    send_at: datetime | str
    """Not before this instant."""
    expires_at: datetime | str
    """Not after this instant: what was not called until then is refused as ``expired``."""
    key: str
    """A key of the caller's: a repeated call with it gives the first one's entry."""
    campaign: str
    """A name for calls and messages that belong together."""
    variant: str
    """Which of several ways it is, where they are compared: ``A``, ``B``, …"""


class CostOptions(TypedDict, total=False):
    """Keywords of ``db.comms.costs``."""

    by: CostBy
    """By what costs are summed up; by month by default."""
    since: datetime | str
    """Only what was handed over at this instant or later."""
    until: datetime | str
    """Only what was handed over before this instant."""
    lead: int
    """Only of this lead."""
    campaign: str
    """Only of this campaign."""


class StatsOptions(TypedDict, total=False):
    """Keywords of ``db.comms.stats``: which contacts are counted, and by what."""

    by: list[StatsBy]
    """What they are grouped by; a piece of time comes once at most, and anything once."""
    since: datetime | str
    """Only from this instant on."""
    until: datetime | str
    """Only before this instant."""
    time_zone: str
    """The time zone (IANA name) of hours, days, weeks and months; UTC by default."""
    channels: list[ContactChannel]
    """Only of these channels; empty: of any."""
    direction: Direction
    """Only of this direction."""
    states: list[CommunicationState]
    """Only in these states; empty: in any."""
    owner: str
    """Only of this owner."""
    template: str
    """Only of this template."""
    campaign: str
    """Only of this campaign."""
    variant: str
    """Only of this variant."""
    country: str
    """Only where the other side's country is this (ISO 3166-1 alpha-2)."""
    leads: Filter
    """Only with leads that this filter finds now. Goes through the contacts themselves."""
    count_leads: bool
    """Tells how many different leads there were, and the cost per lead. Goes through the contacts
    themselves."""
    converted: list[str]
    """Statuses that are a success: tells which contacts the lead's reaching one of them followed. Goes
    through the contacts themselves."""
    within_days: float
    """Days within which a success counts as following a contact; 0: ever."""


class CompareOptions(TypedDict, total=False):
    """Keywords of ``db.comms.compare``: what is compared."""

    by: CompareBy
    """What tells variants apart."""
    control: str
    """The variant that the others are compared with; the first by name by default."""
    since: datetime | str
    """Only from this instant on."""
    until: datetime | str
    """Only before this instant."""
    channels: list[ContactChannel]
    """Only of these channels; empty: of any."""
    template: str
    """Only of this template."""
    campaign: str
    """Only of this campaign."""
    leads: Filter
    """Only with leads that this filter finds now."""
    converted: list[str]
    """Statuses that are a success."""
    within_days: float
    """Days within which a success counts as following a contact; 0: ever."""
    confidence: float
    """How sure the intervals are; 0.8, 0.9, 0.95 or 0.99; 0.95 by default."""


class FunnelOptions(TypedDict, total=False):
    """Keywords of ``db.comms.funnel``: which way of leads is looked at."""

    since: datetime | str
    """Only from this instant on."""
    until: datetime | str
    """Only before this instant."""
    channels: list[ContactChannel]
    """Only of these channels; empty: of any."""
    owner: str
    """Only of this owner."""
    template: str
    """Only of this template."""
    campaign: str
    """Only of this campaign."""
    variant: str
    """Only of this variant."""
    leads: Filter
    """Only with leads that this filter finds now."""
    statuses: list[str]
    """The statuses behind the contact, in their order, such as ``["qualified", "won"]``."""


class CohortOptions(TypedDict, total=False):
    """Keywords of ``db.comms.cohorts``: which leads are followed."""

    by: CohortBy
    """By which piece of time leads are gathered, in which the first contact was."""
    since: datetime | str
    """Only leads whose first contact was from this instant on."""
    until: datetime | str
    """Only leads whose first contact was before this instant."""
    time_zone: str
    """The time zone (IANA name) of weeks and months; UTC by default."""
    channels: list[ContactChannel]
    """Only contacts of these channels; empty: of any."""
    leads: Filter
    """Only with leads that this filter finds now."""
    converted: list[str]
    """Statuses that are a success; where none is named, what is followed is the first answer."""


class CheckStatsOptions(TypedDict, total=False):
    """Keywords of ``db.comms.check_stats``: how the counts are looked through."""

    mend: bool
    """Whether what is wrong is put right."""


class StatsReportOptions(TypedDict, total=False):
    """Keywords of ``db.comms.stats_report``: over what a report for people is made."""

    title: str
    """What stands above it; ``Contacts`` by default."""
    since: datetime | str
    """From this instant on; 30 days before its end by default."""
    until: datetime | str
    """Before this instant; now by default."""
    time_zone: str
    """The time zone (IANA name) of its days; UTC by default."""
    campaign: str
    """Only of this campaign."""
    owner: str
    """Only of this owner."""


class CommunicationListOptions(TypedDict, total=False):
    """Keywords of ``db.comms.list``."""

    lead: int
    """Only of this lead."""
    state: CommunicationState
    """Only in this state."""
    campaign: str
    """Only of this campaign."""
    limit: int
    """Messages of a page; 100 by default."""
    cursor: str
    """Goes on after the page that gave this ``next_cursor``."""


class AttachmentOptions(TypedDict, total=False):
    """A file that belongs to a contact and is kept elsewhere."""

    name: str
    """Its name; it must be given."""
    url: str
    """Where it is."""
    media_type: str
    """Its media type (RFC 6838), such as ``application/pdf``."""
    bytes: int
    """Its size in bytes."""


class LogOptions(TypedDict, total=False):
    """Keywords of ``db.comms.log``: a contact that is entered by hand, or by a host that had it elsewhere."""

    direction: Direction
    """Whose it was; outbound by default: notes, tasks and meetings are ours."""
    at: datetime | str
    """When it was; now by default. Between the years 1900 and 2200."""
    label: str
    """What a ``custom`` channel is called, such as ``linkedin``."""
    subject: str
    """What it was about."""
    body: str
    """What was said."""
    to: str
    """To whom, as an address of the channel."""
    sender: str
    """From whom, as an address of the channel."""
    participants: list[str]
    """Who else took part."""
    outcome: str
    """What came of it, such as ``interested`` or ``left_voicemail``."""
    seconds: int
    """How long it took, in seconds."""
    attachments: list[AttachmentOptions | Attachment]
    """Files, kept elsewhere."""
    purpose: Purpose
    """What it was for."""
    template: str
    """The template that the text was made of."""
    template_version: int
    """That template's version."""
    campaign: str
    """A name for contacts that belong together."""
    variant: str
    """Which of several texts or ways it was, where they are compared: ``A``, ``B``, …"""
    owner: str
    """Whose it was on our side; the lead's owner by default."""
    thread: str
    """The conversation that it belongs to, by an id of the host's."""
    reply_to: int
    """The contact that it answers; found by itself for texts that come in."""
    price: Mapping[str, str] | Money
    """What it cost: ``{"amount": "0.05", "currency": "USD"}``."""
    provider_id: str
    """The id that another system knows it by."""
    key: str
    """A key of the caller's: a repeated call with it gives the first one's entry."""
    corrects: int
    """The entry that this one puts right: that one stays, and is no longer shown unless asked for."""


class ExplainOptions(TypedDict, total=False):
    """Keywords of ``db.leads.explain``."""

    contacts: int
    """How many of the newest contacts are shown; 10 by default. All are counted."""


class TimelineOptions(TypedDict, total=False):
    """Keywords of ``db.comms.timeline``."""

    channels: list[ContactChannel]
    """Only of these channels."""
    corrected: bool
    """Entries that were put right are listed too."""
    limit: int
    """Contacts of a page; 100 by default."""
    cursor: str
    """Goes on after the page that gave this ``next_cursor``."""


class SearchOptions(TypedDict, total=False):
    """Keywords of ``db.comms.search``; all that is given must hold."""

    text: str
    """Words: all of them, in any order. ``"two words"`` in quotes stand together, ``pre*`` begins a word,
    ``this OR that`` is either, ``-word`` must not be there. Letters count without marks and case."""
    lead: int
    """Only with this lead, and those that were merged into it."""
    leads: Filter
    """Only with leads that this filter finds now."""
    channels: list[ContactChannel]
    """Only of these channels."""
    direction: Direction
    """Only of this direction."""
    states: list[CommunicationState]
    """Only in these states."""
    owner: str
    """Only of this owner."""
    template: str
    """Only of this template."""
    campaign: str
    """Only of this campaign."""
    since: datetime | str
    """Only from this instant on."""
    until: datetime | str
    """Only before this instant."""
    min_cost: float
    """Only what cost at least this, as billed or else as predicted, in any currency."""
    max_cost: float
    """Only what cost at most this."""
    corrected: bool
    """Entries that were put right are found too."""
    facets: list[Facet]
    """What all that is found is counted by; counting reads all of it."""
    order: SearchOrder
    """``newest`` first by default; ``relevance``: what is most about the words first, among the newest 1,000
    that have them."""
    limit: int
    """Contacts of a page; 100 by default."""
    cursor: str
    """Goes on after the page that gave this ``next_cursor``."""


class ContactImportOptions(TypedDict, total=False):
    """Keywords of ``db.comms.import_log``."""

    mapping: Mapping[str, Union[str, None]]
    """Column to field, for columns that leadkit should not map by itself; None leaves a column out. Whose
    contact it is: ``lead``, ``external_id``, ``lead_email``, ``lead_phone``. What it was: ``channel``,
    ``label``, ``direction``, ``at``, ``subject``, ``body``, ``outcome``, ``seconds``, ``minutes``,
    ``template``, ``campaign``, ``variant``, ``owner``, ``thread``, ``price``, ``currency``, ``key``,
    ``provider_id``, ``to``, ``sender``."""
    set: Mapping[str, str]
    """Constants for every row: field to value, written as in a cell; they win over the file."""
    default_country: str
    """The country by which phone numbers without a country code are read (ISO 3166-1 alpha-2)."""
    time_zone: str
    """The zone of times that say none, such as ``Europe/Berlin``; UTC by default. A day alone begins there."""
    format: FormatOptions
    """Overrides of what is found out about the file."""
    dry_run: bool
    """Reads, maps, checks and matches, and writes nothing."""
    rejects: Union[bool, str, os.PathLike[str]]
    """Where rejected rows go: beside the source by default, False for no file, or a path."""
    name: str
    """A name for the operation, for the list of operations."""
    again: bool
    """Imports a file once more that was imported before with the same options. Rows with a ``key`` that is
    known are skipped even then."""
    show_values: bool
    """Shows values in the report's examples as they are, not masked."""


class ContactExportOptions(TypedDict, total=False):
    """Keywords of ``db.comms.export``."""

    search: SearchOptions
    """Which contacts; all by default. Its ``limit`` is that of the file, 0 for none; an order, a cursor and
    facets are not for files."""
    fields: Iterable[str]
    """Which columns, in this order: fields of a contact, ``currency``, ``lead.`` and a field of its lead."""
    format: ExportFormat
    """By the target's ending when not said."""
    delimiter: str
    """CSV: the delimiter."""
    bom: bool
    """CSV: begins the file with a byte order mark, for old Excels."""
    guard_formulas: bool
    """Guards cells that a spreadsheet would run as formulas; True by default."""
    name: str
    """A name for the operation, for the list of operations."""


class DispatchOptions(TypedDict, total=False):
    """Keywords of ``db.comms.dispatch``: how much of the outbox is worked off."""

    limit: int
    """Messages at most; 0: all that are due."""
    batch: int
    """Messages that are decided on and handed over at once; 0 takes 50, and 500 is the most. Between the
    decision and the handing over of the last of them lies the time that the provider takes for all."""


class BusinessCalendar(TypedDict, total=False):
    """Days and hours of business."""

    hours: Mapping[str, str]
    """The hours by day: ``mon`` to ``sun``, ``mon-fri``, ``daily``, ``holiday``; days that are not named are
    closed, holidays among them."""
    holidays: list[str]
    """The holidays: ``12-25``; ``2026-11-03`` for one year; ``mon 3 01``, the third Monday of January;
    ``easter +1``."""


class Schedule(TypedDict, total=False):
    """When something happens: once, or again and again, by the clock of a zone."""

    zone: str
    """Whose clock: an IANA name such as ``Europe/Berlin``, or ``recipient`` or ``owner``, whose zone is then
    given when the occurrences are asked for."""
    at: str | None
    """Once: a local time such as ``2026-03-29T09:00``, or an instant with its offset."""
    start: str | None
    """Again and again: the local time from which on it recurs, such as ``2026-01-05T09:00``."""
    rrule: str | None
    """How it recurs: a rule of RFC 5545 such as ``FREQ=WEEKLY;BYDAY=MO,TH``."""
    calendar: BusinessCalendar | None
    """The days and hours of business, outside of which nothing happens."""
    quiet: QuietHours | None
    """Hours of each day in which nothing happens."""
    outside: Outside
    """What becomes of an occurrence outside of them: ``move``, the default, or ``skip``."""
    missed: Missed
    """What becomes of occurrences that nobody looked at in time: ``run_once``, the default, ``run_all`` or
    ``skip``."""
    late: int | None
    """With ``missed`` as ``skip``: by how many minutes an occurrence may be late and still happens; 60 when
    none is given."""


class OccurrenceOptions(TypedDict, total=False):
    """Keywords of ``next_occurrences``: which occurrences to name."""

    after: datetime | str | None
    """Those after this instant; None: from the first on."""
    before: datetime | str | None
    """Those before this instant; None: without an end."""
    count: int | None
    """How many at most: 10 when not said, 1,000 at most."""
    zone: str | None
    """The zone of the recipient or owner (an IANA name), where the schedule goes by theirs."""


class Contact(TypedDict, total=False):
    """Keywords of ``LegalHours.decide``: who is to be contacted, how and for what."""

    channel: Channel
    """By message or by call; ``sms`` by default."""
    purpose: Purpose
    """What for; marketing by default."""
    phone: str | None
    """The number, in E.164."""
    time_zone: str | None
    """The person's own time zone, if it is known (an IANA name)."""
    country: str | None
    """The country of the person's address."""
    state: str | None
    """The state of the person's address, by its short or long name."""
    holidays: list[str]
    """Days that are holidays where the person is, besides those of the table (``2026-12-24``)."""
    quiet_hours: QuietHours | None
    """The host's own quiet hours; they hold for every purpose."""
