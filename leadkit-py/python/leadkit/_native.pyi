"""The compiled half; what it gives is documented in ``leadkit/__init__.pyi``."""

import os
from datetime import datetime
from typing import Any, Final, final

from typing_extensions import Self, Unpack

from leadkit import (
    Audit as Audit,
    Automations as Automations,
    Bulk as Bulk,
    CancelToken as CancelToken,
    Comms as Comms,
    Consent as Consent,
    Database as Database,
    FakeMessage,
    FakeOptions,
    FakeRequest,
    Fate,
    Fault,
    Fields as Fields,
    LeadIterator as LeadIterator,
    Leads as Leads,
    LegalHours as LegalHours,
    MessageStatus,
    OpenOptions,
    Operations as Operations,
    Privacy as Privacy,
    Schedules as Schedules,
    SettingsRoom as SettingsRoom,
    Statuses as Statuses,
    Table as Table,
    Templates as Templates,
    Twilio as Twilio,
    TwilioConfig,
    WebhookRequest,
    classify_reply as classify_reply,
    due_occurrences as due_occurrences,
    next_occurrences as next_occurrences,
    normalize_company as normalize_company,
    normalize_country as normalize_country,
    normalize_email as normalize_email,
    normalize_person as normalize_person,
    normalize_phone as normalize_phone,
    open as open,
    phone_time_zones as phone_time_zones,
    read_table as read_table,
    sms_segments as sms_segments,
    sniff as sniff,
    verify_twilio_request as verify_twilio_request,
)

__all__ = [
    "Audit",
    "Automations",
    "Bulk",
    "CancelToken",
    "Comms",
    "Consent",
    "Database",
    "FakeTwilio",
    "Fields",
    "LeadIterator",
    "Leads",
    "LegalHours",
    "Operations",
    "Privacy",
    "Schedules",
    "SettingsRoom",
    "Statuses",
    "Table",
    "Templates",
    "TestingDatabase",
    "Twilio",
    "__version__",
    "_panic",
    "classify_reply",
    "document_html",
    "document_json",
    "due_occurrences",
    "messy_csv",
    "next_occurrences",
    "normalize_company",
    "normalize_country",
    "normalize_email",
    "normalize_person",
    "normalize_phone",
    "open",
    "open_testing",
    "phone_time_zones",
    "read_table",
    "report_html",
    "report_json",
    "save_document",
    "save_report",
    "sms_segments",
    "sniff",
    "verify_twilio_request",
]

__version__: Final[str]

@final
class TestingDatabase(Database):
    """A database whose clock stands still until it is advanced; see :mod:`leadkit.testing`."""

    def advance(self, seconds: float) -> None:
        """Moves the clock by a number of seconds."""
    def as_actor(self, id: str, reason: str | None = None, profile: str | None = None) -> TestingDatabase:
        """The same database, acting as somebody else, by the same clock."""
    @property
    def now(self) -> datetime:
        """The instant at which the clock stands; aware, UTC."""

@final
class FakeTwilio:
    """Twilio, as far as tests need it: an HTTP server on this machine that takes messages and calls as
    Twilio does, reports what becomes of them, and fails as asked. It ends with its last reference.

    Everything happens by its clock: with a fixed one nothing becomes of a message until the clock is
    advanced. Callbacks are handed out by :meth:`callbacks`, posted by :meth:`deliver`, or posted as they
    fall due after :meth:`deliver_by_itself`.

    >>> db = leadkit.testing.open(":memory:", now="2026-03-02T09:00:00Z", seed=1)
    >>> fake = leadkit.testing.FakeTwilio(db)
    >>> twilio = fake.twilio()
    >>> settings = db.settings.set(sending=True, public_url="https://leads.example/twilio")
    >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
    >>> entries = db.consent.record("grant", "web form", lead=ada.id, wording="Yes, text me offers")
    >>> message = db.comms.queue_sms(ada.id, body="Hello")
    >>> db.comms.dispatch(twilio).sent, fake.accepted("+493023125014", "Hello")
    (1, 1)
    >>> db.advance(60)
    >>> [db.comms.receive(twilio, request).messages[0].state for request in fake.callbacks()]
    ['accepted', 'delivered']
    """

    def __new__(cls, db: Database | None = None, **options: Unpack[FakeOptions]) -> Self:
        """Starts one.

        Args:
            db: a database whose clock it shares, so that both are advanced together; without one its
                clock stands at ``now``, or is the machine's.
            options: see :class:`leadkit.FakeOptions`.

        Raises:
            IoError: ``io`` when this machine gives no port or thread.
            InvalidInput: ``invalid_argument`` for a key without its secret, for a database and a ``now``
                at once; ``unknown_option``.
        """
    @property
    def url(self) -> str:
        """Its address, as a ``base_url``."""
    @property
    def account_sid(self) -> str:
        """Its account."""
    @property
    def auth_token(self) -> str:
        """Its account's token."""
    @property
    def number(self) -> str:
        """The number that sends, alone and for the messaging service."""
    @property
    def service(self) -> str:
        """A messaging service that has the number."""
    @property
    def now(self) -> datetime:
        """The instant at which its clock stands; aware, UTC."""
    def advance(self, seconds: float) -> None:
        """Moves its clock, and with it the database's whose clock it is; the machine's is left alone."""
    def config(self) -> TwilioConfig:
        """The options of a :class:`leadkit.Twilio` that leads here, sending from :attr:`number`."""
    def twilio(self) -> Twilio:
        """A transport that leads here, with the same clock."""
    def fault(self, fault: Fault) -> None:
        """What goes wrong with the next request that creates a message or call; several queue up."""
    def fault_once_in(self, requests: int, fault: Fault) -> None:
        """What goes wrong once in so many of those requests, by the seed; 0 ends it."""
    def fate(self, to: str, fate: Fate) -> None:
        """What becomes of messages and calls to a number from now on; otherwise they are delivered, or
        answered and hung up after 12 seconds."""
    def shuffle_callbacks(self, on: bool) -> None:
        """Hands callbacks out in random order, by the seed."""
    def repeat_callbacks(self, times: int) -> None:
        """Hands each callback out so many times; once otherwise."""
    def inbound(self, sender: str, to: str, body: str, url: str) -> WebhookRequest:
        """A message from outside, as the request that Twilio makes to a URL of ours. STOP and its like block
        what is sent to ``sender`` from then on (21610), START lifts that.

        Raises:
            InvalidInput: ``invalid_argument`` when the URL cannot be signed.
        """
    def inbound_call(self, sender: str, to: str, url: str) -> WebhookRequest:
        """A call from outside, as the request that Twilio makes to a URL of ours.

        Raises:
            InvalidInput: ``invalid_argument`` when the URL cannot be signed.
        """
    def callbacks(self) -> list[WebhookRequest]:
        """The callbacks that have fallen due and were not handed out yet, signed."""
    def next_callback(self) -> datetime | None:
        """When the next callback falls due."""
    def deliver(self) -> list[int]:
        """Posts the callbacks that have fallen due, one after the other; the statuses that the host answered,
        0 where it did not."""
    def deliver_by_itself(self) -> None:
        """Posts callbacks as they fall due, until the fake ends."""
    def accepted(self, to: str, body: str) -> int:
        """How often a text to an address was accepted: more than once is what must never happen."""
    def accepted_all(self) -> list[tuple[str, str, int]]:
        """All that was accepted: recipient, text, how often."""
    def messages(self) -> list[FakeMessage]:
        """The messages it has, oldest first, as they stand now."""
    def status(self, sid: str) -> MessageStatus | None:
        """Where a message stands by now."""
    def requests(self) -> list[FakeRequest]:
        """The requests it received, oldest first, without their credentials."""
    def forget_requests(self) -> None:
        """Forgets the requests it received."""

def open_testing(
    url: str | os.PathLike[str], now: datetime | str, seed: int, **options: Unpack[OpenOptions]
) -> TestingDatabase: ...
def messy_csv(rows: int, seed: int) -> bytes: ...
def report_json(report: Any) -> str: ...
def report_html(report: Any) -> str: ...
def document_json(kind: str, data: Any) -> str: ...
def document_html(kind: str, data: Any) -> str: ...
def save_document(kind: str, data: Any, path: str | os.PathLike[str]) -> None: ...
def save_report(report: Any, path: str | os.PathLike[str]) -> None: ...
def _panic(place: str) -> None: ...
