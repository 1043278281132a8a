"""What calls return: plain frozen data, named and ordered as in the core."""

from __future__ import annotations

import dataclasses
import html
import os
import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Generic, Literal, TypedDict, TypeVar, overload

from leadkit import _native

T = TypeVar("T")

# Unions of one-word literals: stubtest takes a literal of several words for something else.
Severity = Literal["info"] | Literal["warning"] | Literal["error"]
FieldKind = (
    Literal["text"]
    | Literal["long_text"]
    | Literal["email"]
    | Literal["email_list"]
    | Literal["phone"]
    | Literal["phone_list"]
    | Literal["website"]
    | Literal["country"]
    | Literal["time_zone"]
    | Literal["language"]
    | Literal["status"]
    | Literal["tags"]
    | Literal["number"]
    | Literal["boolean"]
    | Literal["date"]
    | Literal["timestamp"]
    | Literal["choice"]
)
OperationKind = (
    Literal["import"]
    | Literal["export"]
    | Literal["add"]
    | Literal["update"]
    | Literal["define_field"]
    | Literal["define_statuses"]
    | Literal["bulk_update"]
    | Literal["bulk_assign"]
    | Literal["bulk_status"]
    | Literal["bulk_delete"]
    | Literal["bulk_merge"]
    | Literal["purge"]
    | Literal["erase"]
    | Literal["hold"]
    | Literal["restore"]
    | Literal["undo"]
    | Literal["prune"]
    | Literal["change_settings"]
    | Literal["save_template"]
    | Literal["queue_sms"]
    | Literal["import_contacts"]
    | Literal["save_automation"]
)
AuditKind = (
    Literal["operation"]
    | Literal["export"]
    | Literal["send"]
    | Literal["consent"]
    | Literal["setting"]
    | Literal["template"]
    | Literal["erasure"]
    | Literal["hold"]
    | Literal["access"]
)
AuditState = Literal["verified"] | Literal["unkeyed"] | Literal["broken"] | Literal["key_missing"]
AuditProblemKind = (
    Literal["altered"] | Literal["unlinked"] | Literal["missing"] | Literal["truncated"] | Literal["replaced"]
)
Channel = Literal["sms"] | Literal["voice"]
ContactChannel = (
    Literal["sms"]
    | Literal["voice"]
    | Literal["email"]
    | Literal["meeting"]
    | Literal["note"]
    | Literal["task"]
    | Literal["chat"]
    | Literal["custom"]
)
StatsBy = (
    Literal["hour"]
    | Literal["day"]
    | Literal["week"]
    | Literal["month"]
    | Literal["weekday"]
    | Literal["hour_of_day"]
    | Literal["channel"]
    | Literal["direction"]
    | Literal["state"]
    | Literal["owner"]
    | Literal["template"]
    | Literal["campaign"]
    | Literal["variant"]
    | Literal["country"]
)
CompareBy = (
    Literal["variant"]
    | Literal["template"]
    | Literal["campaign"]
    | Literal["channel"]
    | Literal["owner"]
)
CohortBy = (
    Literal["month"]
    | Literal["week"]
)
Facet = (
    Literal["channel"]
    | Literal["direction"]
    | Literal["state"]
    | Literal["owner"]
    | Literal["template"]
    | Literal["campaign"]
)
SearchOrder = Literal["newest"] | Literal["relevance"]
Purpose = Literal["marketing"] | Literal["informational"]
CommunicationState = (
    Literal["queued"]
    | Literal["sending"]
    | Literal["unknown"]
    | Literal["accepted"]
    | Literal["delivered"]
    | Literal["failed"]
    | Literal["refused"]
    | Literal["cancelled"]
    | Literal["received"]
    | Literal["logged"]
)
Direction = Literal["inbound"] | Literal["outbound"]
ConsentKind = (
    Literal["withdrawal"]
    | Literal["lift"]
    | Literal["grant"]
    | Literal["asked"]
    | Literal["suspected"]
    | Literal["wrong_number"]
    | Literal["cleared"]
)
ConsentCode = (
    Literal["opted_out"] | Literal["under_review"] | Literal["wrong_number"] | Literal["no_consent"]
)
OperationState = (
    Literal["planned"] | Literal["running"] | Literal["finished"] | Literal["cancelled"] | Literal["failed"]
)
ConflictCode = (
    Literal["changed"]
    | Literal["key_taken"]
    | Literal["erased"]
    | Literal["purged"]
    | Literal["forbidden_transition"]
    | Literal["invalid_value"]
    | Literal["template_value_missing"]
    | Literal["no_owner"]
    | Literal["protected"]
    | Literal["deleted"]
    | Literal["not_contacted"]
    | Literal["sent"]
)
#: ``unchanged``: the leads are as wanted already; else they would be left alone for this reason.
WarningCode = Literal["unchanged"] | ConflictCode
MappedBy = Literal["given"] | Literal["name"] | Literal["synonym"] | Literal["content"] | Literal["nothing"]
PhoneType = (
    Literal["fixed_line"]
    | Literal["mobile"]
    | Literal["fixed_line_or_mobile"]
    | Literal["toll_free"]
    | Literal["premium_rate"]
    | Literal["shared_cost"]
    | Literal["voip"]
    | Literal["personal_number"]
    | Literal["pager"]
    | Literal["uan"]
    | Literal["voicemail"]
)
#: The text does not say how to end contact (``Reply STOP``); a character beyond GSM-7 makes it longer, and
#: dearer, than it had to be; a name of the lead's is a web address, which phones show as a link.
TemplateWarningCode = Literal["no_opt_out"] | Literal["non_gsm"] | Literal["url_in_name"]
#: ``owner`` is the lead's as it is now, ``country`` the number's.
CostBy = (
    Literal["month"]
    | Literal["lead"]
    | Literal["owner"]
    | Literal["template"]
    | Literal["campaign"]
    | Literal["country"]
    | Literal["channel"]
)
SmsEncoding = Literal["GSM-7"] | Literal["UCS-2"]
Reply = (
    Literal["opt_out"]
    | Literal["opt_in"]
    | Literal["yes"]
    | Literal["help"]
    | Literal["maybe_opt_out"]
    | Literal["wrong_number"]
    | Literal["other"]
)
PermissionDecision = Literal["allowed"] | Literal["waits"] | Literal["refused"]
Certainty = Literal["statute"] | Literal["reported"] | Literal["code"] | Literal["caution"]
FactSource = Literal["lead"] | Literal["address"] | Literal["number"]
Outside = Literal["move"] | Literal["skip"]
Missed = Literal["run_once"] | Literal["run_all"] | Literal["skip"]
Shift = Literal["skipped_hour"] | Literal["repeated_hour"] | Literal["closed"]
WindowRefusal = Literal["outside_hours"] | Literal["no_legal_hour"]

#: Class, writable twin and field names by the name the core gives the struct. The compiled half
#: fills a twin and then gives it its class, which is faster than calling a frozen dataclass.
RECORDS: dict[str, tuple[type, type, list[str]]] = {}

#: Structs that are dicts here: those that go both ways, and those with a field that is a word of Python's.
DICTS = frozenset(
    {
        "Accepted",
        "AccessProfile",
        "AutomationSpec",
        "Budget",
        "BusinessCalendar",
        "CallRequest",
        "Cancellation",
        "Capabilities",
        "Condition",
        "ConsentCondition",
        "ContactCondition",
        "FakeMessage",
        "FakeRequest",
        "Holiday",
        "MessageQuery",
        "Outcome",
        "Place",
        "PriceTable",
        "ProviderCall",
        "ProviderMessage",
        "QuietHours",
        "Refusal",
        "RetentionRule",
        "RetryLater",
        "Rule",
        "RuleTable",
        "RunLimit",
        "Schedule",
        "SmsRequest",
        "Step",
        "StopWhen",
        "Trigger",
        "TwilioConfig",
        "WebhookRequest",
        "ZoneFact",
    }
)


class _Record:
    """What all results share."""

    __slots__ = ()

    def __repr__(self) -> str:
        """What is filled, as a call; empty fields are left out."""
        names = [field.name for field in dataclasses.fields(self)]  # type: ignore[arg-type]
        parts = [f"{n}={v!r}" for n in names if (v := getattr(self, n)) is not None and v != [] and v != {}]
        return f"{type(self).__name__}({', '.join(parts)})"

    def to_dict(self) -> dict[str, Any]:
        """The same data as dicts and lists, whatever is nested included.

        >>> leadkit.normalize_country("Germany"), leadkit.normalize_person("Ada Lovelace").to_dict()["family"]
        ('DE', 'Lovelace')
        """
        return dataclasses.asdict(self)  # type: ignore[call-overload, no-any-return]


def _record(cls: type[T], name: str | None = None) -> type[T]:
    cls.__module__ = "leadkit"
    fields = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
    bases: tuple[Any, ...] = getattr(cls, "__orig_bases__", cls.__bases__)
    slots = {"__slots__": tuple(fields)}
    twin = types.new_class(cls.__name__, bases, exec_body=lambda space: space.update(slots))
    RECORDS[name or cls.__name__] = (cls, twin, fields)
    return cls


class _Document(_Record):
    """What the results share that are documents: JSON for machines, and a page for people."""

    __slots__ = ()

    def to_json(self) -> str:
        """The same data as indented JSON."""
        return _native.document_json(type(self).__name__, self)

    def to_html(self) -> str:
        """The same data as one self-contained HTML page: no scripts, no requests, every value escaped."""
        return _native.document_html(type(self).__name__, self)

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Saves that page.

        An existing file is replaced in one step; only its owner may read it.

        Raises:
            FileNotFound: the folder does not exist.
            IsDirectory, PermissionDenied, Full, IoError: the file cannot be written.
        """
        _native.save_document(type(self).__name__, self, path)

    def _repr_html_(self) -> str:
        page = html.escape(self.to_html(), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:40em;border:0" sandbox=""></iframe>'


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Issue(_Record):
    """One thing noticed about a value or a row."""

    code: str
    """Stable and machine-readable, such as ``phone_too_short``."""
    severity: Severity
    """How grave it is here."""
    field: str | None
    """The lead field it is about, in snake_case; None for a whole row or a bare value."""
    message: str
    """What is wrong and what to do, without the value."""
    value: str | None
    """The value as it stood; may be personal data."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class LineIssue(_Record):
    """An issue of a table, and the line of the file where the row begins."""

    line: int
    """The line, counted from 1."""
    code: str
    """Stable and machine-readable, such as ``unclosed_quote``."""
    severity: Severity
    """How grave it is here."""
    field: str | None
    """None: a table knows nothing of leads."""
    message: str
    """What is wrong and what to do, without the value."""
    value: str | None
    """The value as it stood; may be personal data."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Lead(_Record):
    """One person, or one company, that somebody may sell to.

    Texts are as people wrote them, cleaned; ``email`` and ``phone`` are canonical. Where
    normalising changed a text, the text as it came is in ``original`` under the field's name.
    """

    id: int
    """The key in this database: allotted in commit order, below 2**53, never used twice."""
    rev: int
    """The revision of the commit that last changed the lead."""
    external_id: str | None
    """The lead's key in the system it comes from."""
    salutation: str | None
    """Form of address: Mr, Dr, Frau."""
    first_name: str | None
    """Given name."""
    middle_name: str | None
    """Middle names or initials."""
    last_name: str | None
    """Family name."""
    full_name: str | None
    """The name as one text, in the order in which it is written."""
    email: str | None
    """The primary email address, canonical."""
    emails: list[str]
    """Further email addresses."""
    phone: str | None
    """The primary phone number in E.164."""
    phone_extension: str | None
    """The extension dialled after the primary number."""
    phones: list[str]
    """Further phone numbers in E.164."""
    company: str | None
    """The company's name as written."""
    job_title: str | None
    """The position held."""
    website: str | None
    """The web address."""
    street: str | None
    """Street, number and unit."""
    city: str | None
    """City or town."""
    state: str | None
    """State, province or region."""
    postal_code: str | None
    """Postal code, as written: leading zeros stay."""
    country: str | None
    """Country, ISO 3166-1 alpha-2."""
    time_zone: str | None
    """IANA time zone."""
    language: str | None
    """Language, BCP 47."""
    source: str | None
    """Where the lead came from."""
    status: str | None
    """Where the lead stands, from the status list."""
    owner: str | None
    """Who works the lead."""
    score: float | None
    """A number that ranks the lead."""
    tags: list[str]
    """Words attached to the lead."""
    notes: str | None
    """Free text."""
    created_at: datetime
    """When the lead came into being; aware, UTC."""
    updated_at: datetime
    """When the lead was last changed; aware, UTC."""
    custom: dict[str, Any]
    """Values of custom fields, by key."""
    original: dict[str, str]
    """Texts that normalising changed, as they came, by field name."""
    deleted_at: datetime | None
    """When the lead was deleted; a deleted lead is found only with ``include_deleted``."""
    merged_into: int | None
    """The lead that this one was merged into."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ValueChange(_Record):
    """A field's value before and after a change; None is empty."""

    before: Any
    """The value before."""
    after: Any
    """The value after."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class LeadChange(_Record):
    """One change of a lead, as its history shows it."""

    rev: int
    """The revision of the commit."""
    at: datetime
    """When it happened; aware, UTC."""
    operation_id: int
    """The operation that did it."""
    kind: OperationKind
    """What that operation was."""
    actor: str | None
    """Who did it."""
    reason: str | None
    """Why."""
    created: bool
    """Whether the lead came into being here; then ``fields`` holds its first values."""
    fields: dict[str, ValueChange]
    """Field by field."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class CustomField(_Record):
    """The definition of a custom field."""

    key: str
    """The stable key; filters, mappings and files name the field ``custom.KEY``."""
    label: str
    """The name for people; also a synonym when columns are mapped."""
    kind: FieldKind
    """One of text, number, boolean, date, choice."""
    choices: list[str]
    """The allowed values of a choice."""
    archived: bool
    """Archived fields keep their values and take no new ones."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Operation(_Record):
    """One entry of ``db.operations``."""

    id: int
    """The key in this database."""
    kind: OperationKind
    """What was done."""
    state: OperationState
    """Where it stands."""
    name: str | None
    """A name given by the caller."""
    actor: str | None
    """Who did it."""
    reason: str | None
    """Why."""
    started_at: datetime
    """When it began; aware, UTC."""
    finished_at: datetime | None
    """When it ended; aware, UTC."""
    seconds: float
    """Seconds of work, over all its runs."""
    file: str | None
    """The file's name, without its folder."""
    file_hash: str | None
    """BLAKE3 of the file's content, in hexadecimal."""
    mapping: dict[str, str | None]
    """Column to field, as it was used."""
    counts: dict[str, int]
    """What it counted: ``rows``, ``created``, ``updated`` ..."""
    options: Any
    """The options it ran with."""
    planned: int
    """Leads that its plan found."""
    changed: int
    """Leads that it changed."""
    skipped: int
    """Leads that it left alone, with the reason in ``operations.conflicts``."""
    conflicts: int
    """Entries of ``operations.conflicts``: leads, or single fields of them, left alone."""
    undo_of: int | None
    """The operation that it took back."""
    expires_at: datetime | None
    """Until when a plan may be run; aware, UTC."""


@partial(_record, name="Conflict")
@dataclass(frozen=True, slots=True, repr=False)
class ConflictEntry(_Record):
    """What an operation left alone, and why; one entry of ``db.operations.conflicts``."""

    lead: int
    """The lead."""
    code: ConflictCode
    """Why."""
    field: str | None
    """The field; None for the whole lead."""
    wanted: Any
    """The value that the operation would write, or wrote and now takes back."""
    found: Any
    """The value that is there now."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class PlannedChange(_Record):
    """A lead before and after, as a plan shows it."""

    lead: int
    """The lead."""
    name: str
    """Its name."""
    fields: dict[str, ValueChange]
    """The fields that change."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class PlanWarning(_Record):
    """Something to know before running a plan."""

    code: WarningCode
    """Why: ``unchanged``, or a conflict's code."""
    message: str
    """For people."""
    count: int
    """How many leads, or single values of them."""
    examples: list[int]
    """Some of the leads."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class PlannedMessage(_Record):
    """A message as a plan shows it."""

    lead: int
    """The lead."""
    to: str
    """To which number."""
    body: str
    """The text."""
    segments: int
    """Its segments."""
    at: datetime
    """When it may go out, as things stand; aware, UTC."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class MessagePlan(_Record):
    """What a plan would queue, as things stand; each message is decided on once more when it goes out."""

    messages: int
    """Messages that would be queued."""
    refusals: dict[str, int]
    """Leads that get none, by reason."""
    segments: int
    """Segments of all of them."""
    cost: dict[str, str]
    """What they are expected to cost, by currency, as decimal numbers."""
    unpriced: int
    """Messages of which the table of prices does not say what they cost."""
    first_at: datetime | None
    """When the first may go out; aware, UTC."""
    last_at: datetime | None
    """When the last may go out; aware, UTC."""
    warnings: dict[str, int]
    """What one should look at in their texts, by the code of the warning: ``no_opt_out``, ``non_gsm``,
    ``url_in_name``."""
    sample: list[PlannedMessage]
    """Some of them."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Plan(_Record):
    """What an operation would do: nothing has been changed yet."""

    token: str
    """What ``run`` takes; it stands for this very request on these very leads."""
    operation_id: int
    """The entry in ``db.operations``."""
    kind: OperationKind
    """What would be done."""
    count: int
    """How many leads it found. Those that others change before the run are left alone then."""
    changes: int
    """How many of them would change."""
    sample: list[PlannedChange]
    """Some of them, before and after."""
    warnings: list[PlanWarning]
    """What one should know before running it."""
    needs_confirmation: bool
    """Whether ``run`` wants the count typed."""
    irreversible: list[str]
    """What an undo cannot bring back."""
    planned_at: datetime
    """When it was made; aware, UTC."""
    expires_at: datetime
    """Until when it may be run; aware, UTC."""
    messages: MessagePlan | None
    """The messages that it would queue, for a plan of messages."""
    automations: int | None
    """Leads that automations would look at, where that was asked for."""

    def __repr__(self) -> str:
        """The figures; the sample and the token are for programs."""
        return (
            f"Plan(kind={self.kind!r}, count={self.count}, changes={self.changes}, "
            f"warnings={[warning.code for warning in self.warnings]}, "
            f"needs_confirmation={self.needs_confirmation})"
        )


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Status(_Record):
    """One status of the list."""

    key: str
    """The word that leads carry, compared as texts are: without case and accents."""
    label: str = ""
    """The name for people; the key when empty."""
    next: list[str] | None = None
    """The statuses that may follow; None: any may."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ConsentEntry(_Record):
    """An entry of the ledger. Entries are never changed and never removed."""

    id: int
    """Its number, in the order of entry."""
    at: datetime
    """When it was entered."""
    kind: ConsentKind
    """What it says."""
    channel: Channel | None
    """By which channel; None: all of them."""
    address: str
    """The phone number in E.164."""
    lead: int | None
    """The lead that it was about."""
    purpose: Purpose | None
    """What a grant or a question is for."""
    source: str
    """Where it comes from."""
    wording: str | None
    """The words that the person agreed to or wrote."""
    given_at: datetime
    """When the person said so."""
    proof: str | None
    """Where proof is kept."""
    review_by: datetime | None
    """Until when somebody should have looked at a suspicion."""
    actor: str | None
    """Who entered it."""
    reason: str | None
    """Why."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ConsentStatus(_Record):
    """Whether somebody may be contacted, and by which entry."""

    allowed: bool
    """Whether consent stands in nobody's way. The hour, the switches and limits are other matters."""
    code: ConsentCode | None
    """Why not."""
    address: str
    """The phone number in E.164."""
    lead: int | None
    """The lead."""
    channel: Channel
    """By which channel."""
    purpose: Purpose
    """What for."""
    entry: ConsentEntry | None
    """The entry that decided: the withdrawal, suspicion or wrong number, or else the grant."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Money(_Record):
    """An amount in a currency, exact to a millionth."""

    amount: str
    """Decimal text, such as ``0.0079``."""
    currency: str
    """ISO 4217, three capitals."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class SendRefusal(_Record):
    """Why a message was not sent, or is not sent yet."""

    code: str
    """A stable word, such as ``opted_out``, ``no_consent``, ``no_legal_hour``, ``channel_off``, or a class
    of the provider's."""
    message: str
    """The same for people; holds no personal data."""
    advice: str | None
    """What to do about it."""
    provider_code: int | None
    """The provider's code, such as 21610."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Reservation(_Record):
    """What was reserved for a message."""

    price: Money
    """How much."""
    budgets: list[str]
    """Of which budgets, each with its period."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class CallDetails(_Record):
    """What a call is, beyond a message, and what came of it."""

    agent: str | None
    """The number of the person who talks; None: an announcement."""
    play: str | None
    """A recording that is played."""
    language: str | None
    """The language of what is read out."""
    record: bool
    """Whether it is recorded."""
    recording_notice: str | None
    """What is read out about that."""
    recording_consent: str | None
    """How the lead agreed to be recorded."""
    ring: int
    """For how many seconds it rings at each side."""
    outcome: str | None
    """What came of it, in the provider's word for the lead's side: ``completed``, ``busy``, ``no-answer``,
    ``failed``, ``canceled``; None until it is over."""
    duration: int | None
    """Seconds, once it is over; of the lead's side where an agent called."""
    answered_by: str | None
    """Who answered, where that was looked at: ``human``, ``machine_start``, ..."""
    recording_url: str | None
    """Where the recording is."""
    lead_leg: str | None
    """The provider's id of the lead's side, where an agent called."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Attachment(_Record):
    """A file that belongs to a contact and is kept elsewhere."""

    name: str
    """Its name."""
    url: str | None
    """Where it is."""
    media_type: str | None
    """Its media type (RFC 6838), such as ``application/pdf``."""
    bytes: int | None
    """Its size in bytes."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Communication(_Record):
    """A contact: a message that is to be sent, was sent, or came in; a call; or whatever was entered."""

    id: int
    """Its number, in the order of entry."""
    lead: int | None
    """The lead; None when nobody knows whose number it is."""
    channel: ContactChannel
    """By which channel."""
    label: str | None
    """What a ``custom`` channel is called."""
    direction: Direction
    """Which way it goes."""
    state: CommunicationState
    """Where it stands on our side: ``queued`` (waits for its time), ``sending`` (is handed over right now),
    ``unknown`` (was handed over, and nobody knows whether it was taken), ``accepted`` (the provider has it),
    ``delivered``, ``failed``, ``refused`` (something forbids it), ``cancelled``, ``received``,
    ``logged`` (was entered)."""
    purpose: Purpose | None
    """What it is for; None for what came in."""
    to: str
    """To which number, in E.164; of what was entered, any address, or empty."""
    sender: str | None
    """From which number or messaging service; None: the transport's own."""
    participants: list[str]
    """Who else took part."""
    subject: str | None
    """What it is about."""
    body: str
    """The text."""
    attachments: list[Attachment]
    """Files, kept elsewhere."""
    template: str | None
    """The template that the text was made of."""
    template_version: int | None
    """That template's version."""
    campaign: str | None
    """A name of the caller's for messages that belong together."""
    variant: str | None
    """Which of several texts or ways it is, where they are compared: ``A``, ``B``, …"""
    country: str | None
    """The country of the other side's number, or else of the lead, as it was then (ISO 3166-1 alpha-2)."""
    time_zone: str | None
    """The other side's time zone: the lead's, or else the only one of the number; None where it is not
    known."""
    key: str | None
    """The key by which a repeated call gives this message again."""
    owner: str | None
    """Who owned the lead then."""
    thread: str | None
    """The conversation that it belongs to, by an id of the host's."""
    reply_to: int | None
    """The contact that it answers: of a text that came in, the last one that went to its number."""
    reply_after: int | None
    """Milliseconds between that contact and this one, where this is the first answer to it."""
    outcome: str | None
    """What came of it, of what was entered."""
    seconds: int | None
    """How long it took, of what was entered, in seconds; of calls see ``call``."""
    corrects: int | None
    """The entry that this one puts right."""
    corrected_by: int | None
    """The entry that puts this one right."""
    actor: str | None
    """Who queued or entered it."""
    reason: str | None
    """Why."""
    at: datetime
    """When it was: handed over, or else queued; come in; or as it was entered. Histories are in this
    order."""
    created_at: datetime
    """When it was queued or entered, or came in."""
    send_at: datetime | None
    """Not before this instant."""
    expires_at: datetime | None
    """Not after this instant."""
    due_at: datetime | None
    """When the outbox looks at it next; None when nothing is to be done."""
    sent_at: datetime | None
    """When the provider took it."""
    attempts: int
    """How often it was handed to the provider."""
    token: str | None
    """Tells the last attempt from all others; nobody can guess it."""
    provider_id: str | None
    """The provider's id."""
    status: str | None
    """Where it stands in the provider's word."""
    refusal: SendRefusal | None
    """Why it was not sent, or is not sent yet."""
    segments: int
    """Segments, counted before it went out."""
    billed_segments: int | None
    """Segments as billed."""
    predicted: Money | None
    """What it is expected to cost; None where the table of prices does not say."""
    price: Money | None
    """What it cost."""
    reserved: Reservation | None
    """What is reserved for it of the budgets."""
    slot: datetime | None
    """The instant that its sender's rate gave it."""
    operation: int | None
    """The bulk operation that queued it."""
    call: CallDetails | None
    """What it is beyond a message, for a call."""
    evidence: Any
    """What the last decision to send or not to send it rested on."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Piece(_Record):
    """A part of a text that was looked through."""

    text: str
    """The part."""
    found: bool
    """Whether it is what was looked for."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class FoundContact(_Record):
    """A contact that was found."""

    contact: Communication
    """The contact."""
    highlights: list[Piece]
    """Where in its subject and body what was looked for stands; around the first place of a long text."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class SearchPage(_Record):
    """A page of what was found."""

    items: list[FoundContact]
    """What was found."""
    next_cursor: str | None
    """Where the next page goes on; None at the end."""
    total: int | None
    """How many were found in all; counted when facets are asked for."""
    facets: dict[str, dict[str, int]]
    """How many of each, by facet and value; those without one are left out."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class CommunicationEvent(_Record):
    """Something that happened to a message."""

    communication: int
    """The message."""
    seq: int
    """Its place among the events of the message, from 1."""
    at: datetime
    """When it was entered."""
    state: CommunicationState
    """Where the message stood then."""
    status: str | None
    """The provider's word, where it told one."""
    what: str
    """A stable word for what happened: ``queued``, ``sending``, ``accepted``, ``status``, ``conflict``, ..."""


_PlaceWord = TypedDict("_PlaceWord", {"from": FactSource})


class Place(_PlaceWord):
    """A place whose rules were applied."""

    country: str
    """The country, ISO 3166-1 alpha-2."""
    state: str | None
    """The state by its short name, where it matters."""


_ZoneFactWord = TypedDict("_ZoneFactWord", {"from": FactSource})


class ZoneFact(_ZoneFactWord):
    """A time zone in which the rules were looked at."""

    time_zone: str
    """Its IANA name."""
    local_time: str
    """What its clocks show, such as ``2026-07-01T20:30:00``."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class AppliedRule(_Record):
    """A rule that was applied, in all zones."""

    id: str
    """Its name; ``quiet_hours`` are the host's."""
    allows: bool
    """Whether it allows contact now."""
    hours: str
    """Its hours of the day: where it forbids, of that zone's."""
    source: str
    """The law, order or code."""
    read_on: str | None
    """The day on which it was read."""
    certainty: Certainty
    """How sure it is."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Decision(_Record):
    """Whether somebody may be contacted, with all that the decision rests on: keep it with the
    message."""

    allowed: bool
    """Whether contact is allowed at the instant asked about."""
    refusal: WindowRefusal | None
    """Why not."""
    next_legal: datetime | None
    """The first legal instant from then on; None when there is none within a month."""
    legal_until: datetime | None
    """The end of the legal span that begins then; None when it lasts for a month or more."""
    at: datetime
    """The instant asked about."""
    places: list[Place]
    """Whose rules were applied."""
    zones: list[ZoneFact]
    """The zones in which they were looked at."""
    rules: list[AppliedRule]
    """The rules."""
    table: str
    """The name of the table of rules."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class BudgetAlert(_Record):
    """A budget that has come to a part at which somebody is to be told."""

    budget: str
    """The budget."""
    part: float
    """The part, of its ``alert_at``."""
    spent: Money
    """What is spent and reserved of it."""
    amount: Money
    """The whole of it."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class DispatchReport(_Record):
    """What a run over the outbox did."""

    sending: bool
    """Whether sending was switched on; if not, nothing was looked at."""
    sent: int
    """Messages that the provider took."""
    refused: int
    """Messages that something forbids, here or at the provider."""
    retry: int
    """Messages that are tried again later."""
    unknown: int
    """Messages of which nobody knows whether the provider took them."""
    postponed: int
    """Messages whose hour has not come."""
    refusals: dict[str, int]
    """Refusals by their code."""
    alerts: list[BudgetAlert]
    """Budgets that came to a part at which somebody is to be told."""
    next_at: datetime | None
    """When there is something to do next."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ReconcileReport(_Record):
    """What a look for lost answers found."""

    found: int
    """Messages that the provider turned out to have."""
    lost: int
    """Messages that it does not have after the time of grace: they are ``failed``, with the refusal
    ``not_taken``, and may be queued anew by whoever wants them."""
    unknown: int
    """Messages that are still ``unknown``."""
    followed: int
    """Messages that the provider was asked about: how they ended, and what they cost."""
    taken_back: int
    """Messages taken back at the provider, since their recipient wants no more."""
    too_late: int
    """Messages whose recipient wants no more, and which the provider had sent already."""
    next_at: datetime | None
    """When there is something to ask next."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class CostRow(_Record):
    """Costs of one group in one currency."""

    group: str | None
    """The month, lead, owner and so on; None for messages that have none."""
    currency: str | None
    """The currency; None for messages of which no price is known."""
    messages: int
    """Messages and calls that the provider took."""
    segments: int
    """Segments, counted before they went out."""
    billed_segments: int
    """Segments as billed, of those messages of which that is known."""
    billed: int
    """Messages of which the price is known."""
    predicted: str
    """What was expected, as a decimal number."""
    cost: str
    """What the provider billed so far, as a decimal number."""
    drift: str
    """By how much the bill is above what was expected of the messages billed, as a decimal number."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class CostReport(_Record):
    """What messages and calls cost."""

    rows: list[CostRow]
    """By group and currency, in their order."""
    total: list[CostRow]
    """All of them together, by currency."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ReplyTimes(_Record):
    """How long answers took, in seconds. Quantiles are exact: type 7 of Hyndman and Fan (1996), as Excel's
    PERCENTILE.INC and numpy's default."""

    count: int
    """How many answers."""
    median: float
    """Half of them took no longer."""
    p90: float
    """Nine of ten took no longer."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ContactFigures(_Record):
    """Contacts in numbers. A rate is None where it would be a share of nothing."""

    contacts: int
    """All of them; entries that were put right are left out."""
    sent: int
    """Ours that were handed over: accepted, delivered, failed or unknown."""
    delivered: int
    """Of these, those that arrived for sure."""
    failed: int
    """Of these, those that the provider could not deliver."""
    waiting: int
    """Ours that wait, or are being handed over right now."""
    refused: int
    """Ours that something forbade."""
    cancelled: int
    """Ours that were taken back."""
    logged: int
    """Ours that were entered."""
    reached: int
    """Ours that the other side may have: sent and not failed, or entered."""
    answered: int
    """Of these, those that were answered."""
    opted_out: int
    """Ours that were answered by a text that wants no more."""
    received: int
    """What came in."""
    answered_by_us: int
    """Of these, those that we answered, as far as it was entered."""
    delivery_rate: float | None
    """``delivered`` of ``sent``."""
    reply_rate: float | None
    """``answered`` of ``reached``."""
    opt_out_rate: float | None
    """``opted_out`` of ``reached``."""
    reply_times: ReplyTimes | None
    """How long they took to answer us."""
    our_reply_times: ReplyTimes | None
    """How long we took to answer them."""
    seconds: int
    """How long calls and meetings took together, in seconds."""
    cost: dict[str, str]
    """What they cost, as billed or else as predicted, by currency, as decimal numbers."""
    priced: int
    """How many have a cost."""
    leads: int | None
    """How many different leads; counted when asked for."""
    cost_per_lead: dict[str, str]
    """The cost by lead, by currency; told with ``leads``."""
    converted: int | None
    """Of those reached, those whose lead came to a success then or later; counted when asked for."""
    conversion_rate: float | None
    """``converted`` of ``reached``."""
    converted_leads: int | None
    """How many different leads came to a success."""
    cost_per_conversion: dict[str, str]
    """The cost by lead that came to a success, by currency."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class StatsGroup(_Record):
    """Contacts that have something in common."""

    key: dict[str, str | None]
    """What they have in common, by what they are grouped by; None: they have no such value."""
    figures: ContactFigures
    """Their numbers."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ContactStats(_Record):
    """Contacts in numbers: all that were asked for, and in groups."""

    total: ContactFigures
    """All of them."""
    groups: list[StatsGroup]
    """The groups, in the order of their keys; those without a value come last."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Share(_Record):
    """A share with the interval in which it lies: Wilson's, without continuity correction (Newcombe 1998,
    Statistics in Medicine 17, 857–872, method 3)."""

    count: int
    """Of how many it is so."""
    rate: float | None
    """The share; None of nothing."""
    low: float
    """Where the interval begins."""
    high: float
    """Where it ends."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ShareDifference(_Record):
    """How much a share differs from the control's, with the interval in which the difference lies (Newcombe
    1998, Statistics in Medicine 17, 873–890, method 10)."""

    difference: float
    """The difference."""
    low: float
    """Where its interval begins."""
    high: float
    """Where it ends."""
    significant: bool
    """Whether the interval leaves zero out."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class VariantFigures(_Record):
    """One of several variants."""

    name: str
    """Its name."""
    leads: int
    """Leads that this variant reached, and no other one."""
    answered: Share
    """Those of them that answered."""
    opted_out: Share
    """Those that want no more."""
    converted: Share | None
    """Those that came to a success; None where no success was named."""
    answered_difference: ShareDifference | None
    """How ``answered`` differs from the control's; None of the control itself."""
    opted_out_difference: ShareDifference | None
    """How ``opted_out`` differs."""
    converted_difference: ShareDifference | None
    """How ``converted`` differs."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Comparison(_Record):
    """Variants beside each other; what is counted are leads, not contacts."""

    variants: list[VariantFigures]
    """The variants, by name, the control first."""
    mixed: int
    """Leads that several variants reached; they are left out, for nobody knows which one worked."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class FunnelStep(_Record):
    """A step of a funnel."""

    name: str
    """``contacted``, ``reached``, ``answered``, or a status."""
    leads: int
    """Leads that came so far; each of them took all steps before."""
    of_previous: float | None
    """Of those of the step before."""
    of_first: float | None
    """Of those of the first step."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Funnel(_Record):
    """How far leads came."""

    steps: list[FunnelStep]
    """The steps."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Cohort(_Record):
    """Leads whose first contact was in one piece of time."""

    start: str
    """The piece of time, such as ``2026-03`` or ``2026-W09``."""
    leads: int
    """How many leads."""
    by_then: list[int]
    """How many of them had come to it by the end of that piece of time, of the next, and so on."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Cohorts(_Record):
    """Leads by the time of their first contact, followed."""

    cohorts: list[Cohort]
    """The cohorts, in order."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class StatsCheck(_Record):
    """What a comparison of the counts with the contacts themselves found."""

    hours: int
    """Hours that have contacts or counts."""
    contacts: int
    """Contacts that were counted anew."""
    wrong: int
    """Counts that were not what they should be: of hours, days and months, each by each part."""
    examples: list[str]
    """The first hours, days and months of these, 20 at most, such as ``day 2026-03-01 by owner``."""
    mended: bool
    """Whether what was wrong was put right."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class StatsReport(_Document):
    """A report for people: what a page with charts is made of."""

    title: str
    """What stands above it."""
    since: datetime
    """From this instant on."""
    until: datetime
    """Before this instant."""
    time_zone: str
    """The time zone of its days."""
    total: ContactFigures
    """All contacts."""
    before: ContactFigures
    """As many days before, to compare with."""
    days: list[StatsGroup]
    """By day; days without a contact are there too."""
    channels: list[StatsGroup]
    """By channel."""
    hours: list[StatsGroup]
    """By weekday and hour where the other side is."""
    owners: list[StatsGroup]
    """By owner."""
    campaigns: list[StatsGroup]
    """By campaign."""
    templates: list[StatsGroup]
    """By template."""
    countries: list[StatsGroup]
    """By country."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Received(_Record):
    """What came of a report or a message."""

    messages: list[Communication]
    """The messages that it is about, as they stand now: one of ours, or one that came in, for each lead
    whose number it came from."""
    consent: list[ConsentEntry]
    """What it changed about consent."""
    repeated: bool
    """Whether it had been told before: nothing changed."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class MessageTemplate(_Record):
    """One version of a template. Versions are never changed: what was sent by one can be shown again."""

    name: str
    """Its name."""
    version: int
    """Its number, counted from 1."""
    channel: Channel
    """By which channel it goes out."""
    body: str
    """The text for languages that have none of their own."""
    locales: dict[str, str]
    """Texts by language."""
    defaults: dict[str, str]
    """What stands for variables that hold nothing."""
    variables: list[str]
    """The variables that its texts use, such as ``lead.first_name``."""
    archived: bool
    """Whether it was put away: it is not used any more."""
    created_at: datetime
    """When this version was saved."""
    actor: str | None
    """By whom."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class TemplateWarning(_Record):
    """Something to look at before a text is sent."""

    code: TemplateWarningCode
    """Why."""
    message: str
    """For people."""
    about: str | None
    """The character, or the variable."""
    replacement: str | None
    """What could be written in the character's place."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class RenderedTemplate(_Record):
    """A template filled in."""

    name: str
    """The template."""
    version: int
    """Its version."""
    locale: str | None
    """The language whose text was taken; None: the body."""
    text: str
    """The text."""
    segments: int
    """The segments that it makes as a text message; 0 for what is read out."""
    predicted: Money | None
    """What it is expected to cost; None where the table of prices does not say."""
    warnings: list[TemplateWarning]
    """What one should look at before it is sent."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class AuditEntry(_Record):
    """An entry of the audit. It holds ids and keyed fingerprints, and nothing of people's."""

    seq: int
    """Its gapless number, from 1."""
    at: datetime
    """When; aware, UTC."""
    kind: str
    """What kind of thing was done, one of ``AuditKind``; in an entry that somebody changed it may be any text."""
    actor: str | None
    """Who, as the host named them."""
    detail: dict[str, Any]
    """Which operation, revision, leads, messages, entries of the consent ledger: their ids; addresses as
    fingerprints under the entry's key. None in an entry that somebody made unreadable."""
    key_id: str | None
    """The key that chains it; None where there was none."""
    previous: str
    """The ``mac`` of the entry before; empty for the first."""
    mac: str
    """HMAC-SHA-256 of all the above under the key, or their SHA-256 where there was none; 64 hexadecimal digits."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class AuditCheckpoint(_Record):
    """Where the chain stood at some moment. Kept elsewhere, it proves that nothing before it was taken away."""

    seq: int
    """The last entry's number; 0 of an empty chain."""
    mac: str
    """Its ``mac``; empty of an empty chain."""
    key_id: str | None
    """The key that made it."""
    at: datetime
    """When that entry was made; of an empty chain, when it was asked. Aware, UTC."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class AuditProblem(_Record):
    """A problem of the chain."""

    seq: int
    """The number of the entry."""
    kind: AuditProblemKind
    """What is wrong there."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class AuditReport(_Record):
    """What a look at the whole chain found."""

    ok: bool
    """Whether the state is ``verified``."""
    state: AuditState
    """``verified``: every entry since the first one with a key is as it was made, and none is missing;
    ``unkeyed``: entries were made without a key, and whoever can write to the database can make such a chain anew;
    ``broken``: something was changed, removed, put elsewhere or added; ``key_missing``: the chain holds as far as
    can be seen, but a key that made some of it was not given."""
    entries: int
    """How many entries there are."""
    unkeyed: int
    """How many of them were made without a key."""
    missing_keys: list[str]
    """Ids of keys that made entries and were not given to ``open``."""
    problems: list[AuditProblem]
    """The first 100 problems, in their order."""
    head: AuditCheckpoint
    """Where the chain stands now: the next checkpoint to be kept."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class BudgetState(_Record):
    """What is left of a budget."""

    budget: str
    """Its name."""
    spent: Money
    """What is spent and reserved of it."""
    amount: Money
    """The whole of it."""
    ends_at: datetime | None
    """When it begins anew; None for one that never does. Aware, UTC."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class OutboxHealth(_Record):
    """How the outbox is: what waits, what is not known, what failed, what was spent."""

    sending: bool
    """Whether anything may be sent at all."""
    waiting: int
    """How many messages wait to be handed over."""
    due_since: datetime | None
    """Since when the oldest of those is due; None when nothing is due. With sending switched on, somebody should
    have handed it over."""
    unknown: int
    """How many messages went out, or did not: nobody knows."""
    unknown_since: datetime | None
    """When the oldest of those was to go out."""
    sent: int
    """How many messages of the last seven days went out."""
    failed: int
    """How many of those failed at their end."""
    refused: int
    """How many messages of the last seven days were refused, by us or by the provider, and are dead unless
    somebody queues them anew."""
    opt_outs: int
    """How many people of the last seven days said STOP, or the provider says so."""
    opt_out_rate: float | None
    """``opt_outs`` by ``sent``; None when nothing went out."""
    budgets: list[BudgetState]
    """Each budget, in its present period."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Health(_Record):
    """How a database is."""

    ok: bool
    """Whether all is well: no damage, and nothing waits for somebody."""
    store: str
    """The kind of store: ``sqlite``, ``postgres``, ``memory``."""
    schema: int
    """The version of its schema."""
    damage: list[str]
    """What a check of its structure found; empty when it is sound."""
    leads: int
    """How many leads there are, deleted ones left out."""
    rev: int
    """The last revision."""
    bytes: int
    """How many bytes it takes."""
    log_bytes: int
    """How many bytes of a write-ahead log wait to be folded in."""
    unfinished: list[int]
    """Operations that were interrupted or failed, and wait to be gone on with or taken back: the
    newest 100 ids."""
    free_bytes: int | None
    """How many bytes its disk has left for it; None where there is no disk of ours, and where the platform does
    not tell."""
    outbox: OutboxHealth
    """What waits to be sent, what is not known, what failed, what was spent."""
    audit: AuditCheckpoint
    """Where the audit stands. Whether its entries are chained by a key, ``key_id`` says."""
    at: datetime
    """When this was found; aware, UTC."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class CopyReport(_Record):
    """What was copied, and that it is the same."""

    store: str
    """The kind of store it went to."""
    records: int
    """How many records: leads, operations, commits, changes and definitions."""
    leads: int
    """How many of them are leads."""
    hash: str
    """BLAKE3 of all records, in hexadecimal: read again from the copy, it was the same."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class BackupReport(_Record):
    """What was backed up."""

    path: str
    """The file."""
    bytes: int
    """Its size."""
    rev: int
    """The last revision it holds."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Progress(_Record):
    """How far a long call has come; a callback receives at most 20 of these a second."""

    stage: str
    """What is being done: ``read``, ``import``, ``export``, ``copy``, or a bulk operation's kind."""
    done: int
    """Units done so far."""
    total: int | None
    """Units in all, where known."""
    unit: str
    """What is counted: ``bytes``, ``rows``, ``leads`` or ``records``."""
    rate: float
    """Units a second since the stage began."""
    eta: float | None
    """Seconds to go, where the total is known."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class TableFormat(_Record):
    """How a file of records is written, as :func:`leadkit.sniff` finds it."""

    encoding: str
    """The character encoding by its WHATWG name: ``UTF-8``, ``UTF-16LE``, ``windows-1252``."""
    bom: bool
    """Whether the file begins with a byte order mark."""
    delimiter: str
    """The character between two cells."""
    quote: str | None
    """The character around cells; None when quotes mean themselves."""
    escape: str | None
    """The character that makes a quote inside a quoted cell literal; None when quotes are doubled."""
    line_terminator: str
    """The prevailing end of a line. Reading accepts all, mixed too."""
    comment: str | None
    """The character that begins a line to be ignored."""
    preamble_rows: int
    """Lines at the top that are no part of the table."""
    header_rows: int
    """Rows that name the columns: 0 or 1."""
    sheets: list[str]
    """The sheets of a workbook; empty for text files."""
    confidence: float
    """How sure all of this is, from 0 to 1."""
    columns: list[str]
    """The columns' names, each once."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Alternative(_Record):
    """Another field that a column might have meant."""

    field: str
    """The field."""
    confidence: float
    """0 to 1."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ColumnMapping(_Record):
    """One column of the file and where it went."""

    column: str
    """The column's name in the file."""
    fields: list[str]
    """The fields it goes to: none when left out, several when split; a column about permission goes to the
    consent ledger, by a name such as ``consent.opt_out``."""
    confidence: float
    """How sure leadkit is, 0 to 1."""
    by: MappedBy
    """How the field was found."""
    alternatives: list[Alternative]
    """Other fields it might have meant, best first."""
    examples: list[str]
    """Up to three values, masked unless asked."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class IssueExample(_Record):
    """A row and value that show an issue."""

    row: int
    """The line of the file on which the record begins, counted from 1."""
    value: str | None
    """The value, masked unless asked."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class IssueCount(_Record):
    """How often one rule struck in one field."""

    code: str
    """The rule, such as ``email_invalid``."""
    severity: Severity
    """How grave it was."""
    field: str | None
    """The field; None for whole rows."""
    message: str
    """What is wrong and what to do."""
    count: int
    """How many rows."""
    examples: list[IssueExample]
    """The first rows, five at most."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class FieldQuality(_Record):
    """How complete and valid one field was in the file and is in the leads."""

    filled_before: int
    """Rows whose cell held something."""
    valid_before: int
    """Rows whose cell held a valid value, as it stood or once normalised."""
    normalised: int
    """Rows whose value normalising changed."""
    filled_after: int
    """Accepted rows whose lead holds a value, by this row."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ConsentCounts(_Record):
    """What an import entered in the consent ledger, by phone number."""

    withdrawn: int
    """Withdrawals entered."""
    known: int
    """Withdrawals that the ledger had already; they are not entered twice."""
    granted: int
    """Grants entered."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Timing(_Record):
    """Times; the one part of a report that two equal runs do not share."""

    seconds: float
    """Seconds from call to return."""
    rows_per_second: float
    """Rows a second."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ImportReport(_Record):
    """What an import did.

    ``rows == created + updated + merged + skipped + rejected``, always; blank, comment and
    preamble lines are no rows and are counted in ``ignored``.
    """

    operation_id: int | None
    """The operation in ``db.operations``; None in a dry run."""
    kind: OperationKind
    """What came in: ``import`` for leads, ``import_contacts`` for a history of contacts."""
    file: str | None
    """The file's name, without its folder."""
    file_hash: str
    """BLAKE3 of the content, in hexadecimal."""
    dry_run: bool
    """Whether nothing was written because that was asked."""
    resumed: bool
    """Whether an interrupted import went on from where it stood."""
    rows: int
    """Records in the file."""
    created: int
    """Rows that became new leads."""
    updated: int
    """Rows whose values went over a stored lead's (``on_match="update"``)."""
    merged: int
    """Rows that filled gaps of a stored lead, or of an earlier row's (``on_match="merge"``)."""
    skipped: int
    """Rows that changed nothing."""
    skipped_by: dict[str, int]
    """Why rows were skipped: ``unchanged``, ``match_skipped``, ``already_imported``."""
    rejected: int
    """Rows that were handed back."""
    ignored: int
    """Blank, comment and preamble lines, and records of only empty cells."""
    consent: ConsentCounts
    """What the columns about permission entered in the consent ledger; undoing the import takes nothing of
    it back."""
    automations: int
    """Leads that automations look at, where the import asked for it."""
    rejects: str | None
    """The path of the file of rejected rows, where one was written."""
    format: TableFormat
    """What was found out about the file."""
    mapping: list[ColumnMapping]
    """Column by column."""
    issues: list[IssueCount]
    """By code and field, the gravest and most frequent first."""
    quality: dict[str, FieldQuality]
    """By field."""
    timing: Timing
    """Times."""

    def to_json(self) -> str:
        """The report as JSON, indented."""
        return _native.report_json(self)

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Saves the report as one self-contained HTML page: charts inside, no scripts.

        An existing file is replaced in one step; only its owner may read it, since examples may
        be personal data.

        Raises:
            FileNotFound: the folder does not exist.
            IsDirectory, PermissionDenied, Full, IoError: the file cannot be written.
        """
        _native.save_report(self, path)

    def _repr_html_(self) -> str:
        page = html.escape(_native.report_html(self), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:40em;border:0" sandbox=""></iframe>'


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ValueOrigin(_Record):
    """What put a value there."""

    at: datetime
    """Since when it stands; aware, UTC."""
    rev: int
    """The revision of the commit."""
    operation_id: int
    """The operation."""
    kind: OperationKind
    """What that was."""
    name: str | None
    """Its name, where it was given one."""
    file: str | None
    """The file that it read, where it is an import."""
    actor: str | None
    """Who did it."""
    reason: str | None
    """Why."""
    from_lead: int | None
    """The lead that it was taken over from, where leads were merged."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class EarlierValue(_Record):
    """A value that a field had before."""

    value: Any
    """The value."""
    origin: ValueOrigin | None
    """Where it came from; None when the log no longer reaches there."""
    until: datetime
    """Until when it stood; aware, UTC."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class FieldExplanation(_Record):
    """A field: its value, where that came from, and what was there before."""

    field: str
    """The field, such as ``email`` or ``custom.plan``."""
    label: str
    """Its name for people."""
    value: Any
    """The value; None when it was emptied."""
    original: str | None
    """The text as it came, where normalising changed it."""
    origin: ValueOrigin | None
    """Where the value came from; None when the log no longer reaches there."""
    earlier: list[EarlierValue]
    """The values before, the newest first."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class KnownIssue(_Record):
    """Something noticed about a value."""

    code: str
    """The stable code."""
    severity: Severity
    """How grave it is."""
    field: str | None
    """The field."""
    message: str
    """What it is, without the value."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ContactSummary(_Record):
    """Contacts with a lead, and with those that were merged into it; entries that were put right are left
    out."""

    total: int
    """How many there were."""
    counts: dict[str, dict[str, int]]
    """How many by channel and direction, such as ``{"sms": {"outbound": 3}}``."""
    first_at: datetime | None
    """When the first was; aware, UTC."""
    last_at: datetime | None
    """When the last was; aware, UTC."""
    newest: list[Communication]
    """The newest of them."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ContactPermission(_Record):
    """Whether the person may be contacted in one way: what ``dispatch`` would decide on a message now."""

    channel: Channel
    """By which channel."""
    purpose: Purpose
    """What for."""
    announcement: bool
    """Whether it is a call on which only a machine talks, which needs consent of its own."""
    address: str | None
    """The number; None when the lead has none."""
    decision: PermissionDecision
    """Whether."""
    refusal: SendRefusal | None
    """Why not, or not yet."""
    next_at: datetime | None
    """When it may go out next, where it waits for an hour; aware, UTC."""
    until: datetime | None
    """Until when it may be delivered, where it is allowed; aware, UTC."""
    evidence: Any
    """What the decision rests on: the entry of the consent ledger by its id, and the hours."""
    entry: ConsentEntry | None
    """The entry of the consent ledger that decided."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class LeadExplanation(_Document):
    """What is known of a lead, where it came from, and whether the person may be contacted."""

    lead: int
    """The lead."""
    name: str
    """Its name, as it is shown."""
    at: datetime
    """When this was found; permissions hold for this instant. Aware, UTC."""
    rev: int
    """The revision that last changed it."""
    created_at: datetime
    """When it came into being; aware, UTC."""
    updated_at: datetime
    """When it was last changed; aware, UTC."""
    deleted_at: datetime | None
    """When it was deleted; aware, UTC."""
    merged_into: int | None
    """The lead that it was merged into."""
    merged: list[int]
    """The leads that were merged into it, directly."""
    complete: bool
    """Whether the log reaches back to the lead's beginning; where older changes were pruned, the first
    values have no origin."""
    fields: list[FieldExplanation]
    """Each field that holds something, or once did, in the order of files."""
    issues: list[KnownIssue]
    """What is noticed about the values as they are now."""
    contacts: ContactSummary
    """What contact there was."""
    sending: bool
    """Whether the database sends at all; while it does not, what is allowed waits."""
    permissions: list[ContactPermission]
    """By what, and what for, the person may be contacted now."""
    consent: list[ConsentEntry]
    """What the consent ledger says of the lead's numbers, the newest first; the newest 1,000 at most."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ImportPreview(_Record):
    """What an import would do, and how the file was read."""

    format: TableFormat
    """What was found out about the file."""
    mapping: list[ColumnMapping]
    """Column by column, with confidence and alternatives."""
    leads: list[Lead]
    """The first rows as leads."""
    report: ImportReport
    """What a run would report, by the rows that were looked at."""
    complete: bool
    """Whether the report covers the whole file."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class ExportReport(_Record):
    """What an export did."""

    operation_id: int
    """The operation in ``db.operations``."""
    path: str
    """The file that was written."""
    rows: int
    """Rows written, without the header."""
    fields: list[str]
    """The fields, in order."""
    file_hash: str
    """BLAKE3 of the content, in hexadecimal."""
    bytes: int
    """Bytes written."""
    timing: Timing
    """Times."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Page(_Record, Generic[T]):
    """A page of results; iterating it gives its items."""

    items: list[T]
    """The results."""
    next_cursor: str | None
    """Give this as ``cursor`` for the next page; None on the last one."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        return self.items[index]


@_record
@dataclass(frozen=True, slots=True, repr=False)
class PhoneResult(_Record):
    """A phone number in its canonical forms; a wrong one has ``valid`` False and ``issues``."""

    valid: bool
    """Whether the number lies in a range that is in use."""
    possible: bool
    """Whether it has a length that its country knows."""
    e164: str | None
    """``+`` and digits, whenever the text could be read as a number, valid or not."""
    type: PhoneType | None
    """What it is used for; None when unknown."""
    country: str | None
    """The country it belongs to, ISO 3166-1 alpha-2; None for satellite and other global numbers."""
    extension: str | None
    """The digits to dial after the call is answered."""
    national: str | None
    """As written within its country."""
    international: str | None
    """As written from abroad."""
    issues: list[Issue]
    """What is wrong or was noticed."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class EmailResult(_Record):
    """An email address and what is known about it; a wrong one has ``valid`` False and ``issues``."""

    valid: bool
    """Whether mail could be sent to it, as far as the text tells."""
    address: str | None
    """The canonical form: domain in lower-case Unicode, local part as written."""
    local: str | None
    """What stands before the ``@``, as written."""
    domain: str | None
    """What stands after the ``@``, in lower-case Unicode."""
    ascii_domain: str | None
    """The domain as the DNS has it (punycode)."""
    key: str | None
    """Equal for addresses that reach the same mailbox."""
    role: bool
    """Whether it belongs to a function (``info@``), not a person."""
    free: bool
    """Whether the domain is a provider for everybody."""
    disposable: bool
    """Whether the domain gives throw-away addresses."""
    suggestion: str | None
    """What was probably meant, when the domain looks mistyped."""
    issues: list[Issue]
    """What is wrong or was noticed."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class CompanyResult(_Record):
    """A company's name, cleaned and keyed."""

    display: str | None
    """The name as written, cleaned of stray blanks."""
    key: str | None
    """Folded, without punctuation and legal form, for matching."""
    legal_form: str | None
    """The legal form in its usual spelling."""
    issues: list[Issue]
    """What is wrong or was noticed."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class PersonResult(_Record):
    """A person's name in its parts."""

    given: str | None
    """Given name; several where they belong together."""
    middle: str | None
    """Middle names or initials."""
    family: str | None
    """Family name, with its particles."""
    prefix: str | None
    """Titles and forms of address in front."""
    suffix: str | None
    """What follows: Jr., III, PhD."""
    display: str | None
    """The whole name as it is written."""
    key: str | None
    """Folded ``given family``, for matching."""
    issues: list[Issue]
    """What is wrong or was noticed."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class NonGsm(_Record):
    """A character that makes a message UCS-2."""

    character: str
    """The character with its marks (a grapheme cluster)."""
    count: int
    """How often it stands in the text."""
    replacement: str | None
    """What could be written in its place: what Smart Encoding writes, or its letters without
    marks; None for other scripts and for emoji."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Occurrence(_Record):
    """One time at which something happens."""

    at: datetime
    """When it happens."""
    local: str
    """What the zone's clock shows then, such as ``2026-03-29T03:30:00``."""
    planned: str
    """What the schedule says, on the same clock."""
    zone: str
    """The zone."""
    shifts: list[Shift]
    """Why it is not just what the schedule says, if it is not."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class DueOccurrences(_Record):
    """What is to be done now of a schedule, from ``due_occurrences``."""

    run: list[Occurrence]
    """What is to happen now, the earliest first."""
    skipped: int
    """How many were missed and do not happen any more."""
    next: Occurrence | None
    """The first occurrence after now: when to look again."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Segments(_Record):
    """How a text is sent as SMS, from ``sms_segments``."""

    encoding: SmsEncoding
    """The alphabet that the text needs."""
    segments: int
    """How many segments are billed."""
    units: int
    """The text's length in septets (GSM-7) or 16-bit units (UCS-2)."""
    segment_units: list[int]
    """The length of each segment, in the same units."""
    non_gsm: list[NonGsm]
    """The characters that GSM-7 does not have, each once, in order of appearance."""
    segments_if_replaced: int | None
    """How many segments the text would make with all of them replaced; None when one of them has
    no replacement."""
