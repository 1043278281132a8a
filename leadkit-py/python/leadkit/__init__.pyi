"""leadkit: import, clean, match, store and work sales leads.

Required arguments are positional, everything else is a keyword; a wrong name is answered with the
nearest right one. Instants are aware ``datetime`` objects in UTC, calendar dates are texts
``YYYY-MM-DD``, ids and counts are ``int``. Where a keyword is None, it was not given.

Errors are subclasses of :class:`LeadkitError` with a stable ``code``. Bad rows and bad values are
no errors: they come back as issues.
"""

import builtins
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Protocol, TypeAlias, final, type_check_only

from typing_extensions import Self, Unpack, disjoint_base

from leadkit import testing as testing
from leadkit._automation import (
    Automation as Automation,
    AutomationRun as AutomationRun,
    AutomationSpec as AutomationSpec,
    Condition as Condition,
    ConsentCondition as ConsentCondition,
    ContactCondition as ContactCondition,
    EventListOptions as EventListOptions,
    HostEvent as HostEvent,
    NamedSchedule as NamedSchedule,
    Rehearsal as Rehearsal,
    RehearseOptions as RehearseOptions,
    RunLimit as RunLimit,
    RunListOptions as RunListOptions,
    RunState as RunState,
    RunStep as RunStep,
    SaveAutomationOptions as SaveAutomationOptions,
    ScheduleRef as ScheduleRef,
    Step as Step,
    StopWhen as StopWhen,
    TickOptions as TickOptions,
    TickReport as TickReport,
    Trigger as Trigger,
    TriggerEvent as TriggerEvent,
)
from leadkit._builder import AutomationBuilder as AutomationBuilder, Steps as Steps
from leadkit._errors import (
    Busy as Busy,
    Cancelled as Cancelled,
    Closed as Closed,
    Conflict as Conflict,
    Corrupt as Corrupt,
    FileExists as FileExists,
    FileNotFound as FileNotFound,
    Format as Format,
    Full as Full,
    Internal as Internal,
    InvalidInput as InvalidInput,
    IoError as IoError,
    IsDirectory as IsDirectory,
    LeadkitError as LeadkitError,
    NotFound as NotFound,
    PermissionDenied as PermissionDenied,
    SchemaTooNew as SchemaTooNew,
    Unreachable as Unreachable,
)
from leadkit._options import (
    Assignment as Assignment,
    AttachmentOptions as AttachmentOptions,
    AuditListOptions as AuditListOptions,
    AuditVerifyOptions as AuditVerifyOptions,
    BusinessCalendar as BusinessCalendar,
    CallOptions as CallOptions,
    CheckStatsOptions as CheckStatsOptions,
    CohortOptions as CohortOptions,
    ColumnRule as ColumnRule,
    CommunicationListOptions as CommunicationListOptions,
    CompareOptions as CompareOptions,
    ConflictOptions as ConflictOptions,
    ConsentHistoryOptions as ConsentHistoryOptions,
    ConsentOptions as ConsentOptions,
    ConsentQuestion as ConsentQuestion,
    Contact as Contact,
    ContactExportOptions as ContactExportOptions,
    ContactImportOptions as ContactImportOptions,
    CopyOptions as CopyOptions,
    CostOptions as CostOptions,
    DispatchOptions as DispatchOptions,
    ExplainOptions as ExplainOptions,
    ExportFormat as ExportFormat,
    ExportOptions as ExportOptions,
    Filter as Filter,
    FindOptions as FindOptions,
    FormatOptions as FormatOptions,
    FunnelOptions as FunnelOptions,
    HealthOptions as HealthOptions,
    ImportConsent as ImportConsent,
    ImportOptions as ImportOptions,
    Key as Key,
    ListOptions as ListOptions,
    LogOptions as LogOptions,
    MatchKey as MatchKey,
    MergeGroup as MergeGroup,
    OccurrenceOptions as OccurrenceOptions,
    OnConflict as OnConflict,
    OnInvalid as OnInvalid,
    OnMatch as OnMatch,
    OpenOptions as OpenOptions,
    PlanOptions as PlanOptions,
    PlanUndoOptions as PlanUndoOptions,
    PlanUpdateOptions as PlanUpdateOptions,
    RenderOptions as RenderOptions,
    RunOptions as RunOptions,
    Schedule as Schedule,
    SearchOptions as SearchOptions,
    SettingsChange as SettingsChange,
    SmsOptions as SmsOptions,
    SmsPlanOptions as SmsPlanOptions,
    Split as Split,
    StatsOptions as StatsOptions,
    StatsReportOptions as StatsReportOptions,
    TemplateOptions as TemplateOptions,
    TemplateVersion as TemplateVersion,
    Territory as Territory,
    TerritoryRule as TerritoryRule,
    TimelineOptions as TimelineOptions,
    Transform as Transform,
    UndoRunOptions as UndoRunOptions,
    Unmapped as Unmapped,
)
from leadkit._privacy import (
    Beyond as Beyond,
    ErasureCertificate as ErasureCertificate,
    ErasureListOptions as ErasureListOptions,
    ErasureOptions as ErasureOptions,
    Fingerprint as Fingerprint,
    Hold as Hold,
    Kept as Kept,
    PersonContact as PersonContact,
    PersonExport as PersonExport,
    PersonHistory as PersonHistory,
    PersonOptions as PersonOptions,
    PersonSource as PersonSource,
    RetentionData as RetentionData,
    RetentionOptions as RetentionOptions,
    RetentionReport as RetentionReport,
    RetentionResult as RetentionResult,
    RetentionRule as RetentionRule,
    Suppression as Suppression,
)
from leadkit._settings import (
    AccessProfile as AccessProfile,
    Budget as Budget,
    BudgetPeriod as BudgetPeriod,
    FieldAccess as FieldAccess,
    Holiday as Holiday,
    MoneyText as MoneyText,
    PriceTable as PriceTable,
    QuietHours as QuietHours,
    Rule as Rule,
    RuleTable as RuleTable,
    Settings as Settings,
)
from leadkit._transport import (
    Accepted as Accepted,
    AddressRetention as AddressRetention,
    AnsweringMachine as AnsweringMachine,
    CallEvent as CallEvent,
    CallProgress as CallProgress,
    CallRequest as CallRequest,
    CallStatus as CallStatus,
    CallbackMethod as CallbackMethod,
    Cancellation as Cancellation,
    Capabilities as Capabilities,
    ContentRetention as ContentRetention,
    FakeMessage as FakeMessage,
    FakeOptions as FakeOptions,
    FakeRequest as FakeRequest,
    Fate as Fate,
    Fault as Fault,
    InboundMessage as InboundMessage,
    MachineEvent as MachineEvent,
    Media as Media,
    MessageEvent as MessageEvent,
    MessageQuery as MessageQuery,
    MessageStatus as MessageStatus,
    Outcome as Outcome,
    ProviderCall as ProviderCall,
    ProviderMessage as ProviderMessage,
    RecordingEvent as RecordingEvent,
    RefusalClass as RefusalClass,
    Refused as Refused,
    RetryLater as RetryLater,
    RiskCheck as RiskCheck,
    SmsRequest as SmsRequest,
    Transport as Transport,
    TwilioConfig as TwilioConfig,
    UnknownOutcome as UnknownOutcome,
    WebhookEvent as WebhookEvent,
    WebhookRequest as WebhookRequest,
)
from leadkit._types import (
    Alternative as Alternative,
    AppliedRule as AppliedRule,
    Attachment as Attachment,
    AuditCheckpoint as AuditCheckpoint,
    AuditEntry as AuditEntry,
    AuditKind as AuditKind,
    AuditProblem as AuditProblem,
    AuditProblemKind as AuditProblemKind,
    AuditReport as AuditReport,
    AuditState as AuditState,
    BackupReport as BackupReport,
    BudgetAlert as BudgetAlert,
    BudgetState as BudgetState,
    CallDetails as CallDetails,
    Certainty as Certainty,
    Channel as Channel,
    Cohort as Cohort,
    CohortBy as CohortBy,
    Cohorts as Cohorts,
    ColumnMapping as ColumnMapping,
    Communication as Communication,
    CommunicationEvent as CommunicationEvent,
    CommunicationState as CommunicationState,
    CompanyResult as CompanyResult,
    CompareBy as CompareBy,
    Comparison as Comparison,
    ConflictCode as ConflictCode,
    ConflictEntry as ConflictEntry,
    ConsentCode as ConsentCode,
    ConsentCounts as ConsentCounts,
    ConsentEntry as ConsentEntry,
    ConsentKind as ConsentKind,
    ConsentStatus as ConsentStatus,
    ContactChannel as ContactChannel,
    ContactFigures as ContactFigures,
    ContactPermission as ContactPermission,
    ContactStats as ContactStats,
    ContactSummary as ContactSummary,
    CopyReport as CopyReport,
    CostBy as CostBy,
    CostReport as CostReport,
    CostRow as CostRow,
    CustomField as CustomField,
    Decision as Decision,
    Direction as Direction,
    DispatchReport as DispatchReport,
    DueOccurrences as DueOccurrences,
    EarlierValue as EarlierValue,
    EmailResult as EmailResult,
    ExportReport as ExportReport,
    Facet as Facet,
    FactSource as FactSource,
    FieldExplanation as FieldExplanation,
    FieldKind as FieldKind,
    FieldQuality as FieldQuality,
    FoundContact as FoundContact,
    Funnel as Funnel,
    FunnelStep as FunnelStep,
    Health as Health,
    ImportPreview as ImportPreview,
    ImportReport as ImportReport,
    Issue as Issue,
    IssueCount as IssueCount,
    IssueExample as IssueExample,
    KnownIssue as KnownIssue,
    Lead as Lead,
    LeadChange as LeadChange,
    LeadExplanation as LeadExplanation,
    LineIssue as LineIssue,
    MappedBy as MappedBy,
    MessagePlan as MessagePlan,
    MessageTemplate as MessageTemplate,
    Missed as Missed,
    Money as Money,
    NonGsm as NonGsm,
    Occurrence as Occurrence,
    Operation as Operation,
    OperationKind as OperationKind,
    OperationState as OperationState,
    OutboxHealth as OutboxHealth,
    Outside as Outside,
    Page as Page,
    PermissionDecision as PermissionDecision,
    PersonResult as PersonResult,
    PhoneResult as PhoneResult,
    PhoneType as PhoneType,
    Piece as Piece,
    Place as Place,
    Plan as Plan,
    PlanWarning as PlanWarning,
    PlannedChange as PlannedChange,
    PlannedMessage as PlannedMessage,
    Progress as Progress,
    Purpose as Purpose,
    Received as Received,
    ReconcileReport as ReconcileReport,
    RenderedTemplate as RenderedTemplate,
    Reply as Reply,
    ReplyTimes as ReplyTimes,
    Reservation as Reservation,
    SearchOrder as SearchOrder,
    SearchPage as SearchPage,
    Segments as Segments,
    SendRefusal as SendRefusal,
    Severity as Severity,
    Share as Share,
    ShareDifference as ShareDifference,
    Shift as Shift,
    SmsEncoding as SmsEncoding,
    StatsBy as StatsBy,
    StatsCheck as StatsCheck,
    StatsGroup as StatsGroup,
    StatsReport as StatsReport,
    Status as Status,
    TableFormat as TableFormat,
    TemplateWarning as TemplateWarning,
    TemplateWarningCode as TemplateWarningCode,
    Timing as Timing,
    ValueChange as ValueChange,
    ValueOrigin as ValueOrigin,
    VariantFigures as VariantFigures,
    WarningCode as WarningCode,
    WindowRefusal as WindowRefusal,
    ZoneFact as ZoneFact,
)

__all__ = [
    "Accepted",
    "AccessProfile",
    "AddressRetention",
    "Alternative",
    "AnsweringMachine",
    "AppliedRule",
    "Assignment",
    "Attachment",
    "AttachmentOptions",
    "Audit",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditKind",
    "AuditListOptions",
    "AuditProblem",
    "AuditProblemKind",
    "AuditReport",
    "AuditState",
    "AuditVerifyOptions",
    "Automation",
    "AutomationBuilder",
    "AutomationRun",
    "AutomationSpec",
    "Automations",
    "BackupReport",
    "Beyond",
    "Budget",
    "BudgetAlert",
    "BudgetPeriod",
    "BudgetState",
    "Bulk",
    "BusinessCalendar",
    "Busy",
    "CallDetails",
    "CallEvent",
    "CallOptions",
    "CallProgress",
    "CallRequest",
    "CallStatus",
    "CallbackMethod",
    "CancelToken",
    "Cancellation",
    "Cancelled",
    "Capabilities",
    "Certainty",
    "Channel",
    "CheckStatsOptions",
    "Closed",
    "Cohort",
    "CohortBy",
    "CohortOptions",
    "Cohorts",
    "ColumnMapping",
    "ColumnRule",
    "Comms",
    "Communication",
    "CommunicationEvent",
    "CommunicationListOptions",
    "CommunicationState",
    "CompanyResult",
    "CompareBy",
    "CompareOptions",
    "Comparison",
    "Condition",
    "Conflict",
    "ConflictCode",
    "ConflictEntry",
    "ConflictOptions",
    "Consent",
    "ConsentCode",
    "ConsentCondition",
    "ConsentCounts",
    "ConsentEntry",
    "ConsentHistoryOptions",
    "ConsentKind",
    "ConsentOptions",
    "ConsentQuestion",
    "ConsentStatus",
    "Contact",
    "ContactChannel",
    "ContactCondition",
    "ContactExportOptions",
    "ContactFigures",
    "ContactImportOptions",
    "ContactPermission",
    "ContactStats",
    "ContactSummary",
    "ContentRetention",
    "CopyOptions",
    "CopyReport",
    "Corrupt",
    "CostBy",
    "CostOptions",
    "CostReport",
    "CostRow",
    "CustomField",
    "Database",
    "Decision",
    "Direction",
    "DispatchOptions",
    "DispatchReport",
    "DueOccurrences",
    "EarlierValue",
    "EmailResult",
    "ErasureCertificate",
    "ErasureListOptions",
    "ErasureOptions",
    "EventListOptions",
    "ExplainOptions",
    "ExportFormat",
    "ExportOptions",
    "ExportReport",
    "Facet",
    "FactSource",
    "FakeMessage",
    "FakeOptions",
    "FakeRequest",
    "Fate",
    "Fault",
    "FieldAccess",
    "FieldExplanation",
    "FieldKind",
    "FieldQuality",
    "Fields",
    "FileExists",
    "FileNotFound",
    "Filter",
    "FindOptions",
    "Fingerprint",
    "Format",
    "FormatOptions",
    "FoundContact",
    "Full",
    "Funnel",
    "FunnelOptions",
    "FunnelStep",
    "Health",
    "HealthOptions",
    "Hold",
    "Holiday",
    "HostEvent",
    "ImportConsent",
    "ImportOptions",
    "ImportPreview",
    "ImportReport",
    "InboundMessage",
    "Internal",
    "InvalidInput",
    "IoError",
    "IsDirectory",
    "Issue",
    "IssueCount",
    "IssueExample",
    "Kept",
    "Key",
    "KnownIssue",
    "Lead",
    "LeadChange",
    "LeadExplanation",
    "LeadIterator",
    "LeadkitError",
    "Leads",
    "LegalHours",
    "LineIssue",
    "ListOptions",
    "LogOptions",
    "MachineEvent",
    "MappedBy",
    "MatchKey",
    "Media",
    "MergeGroup",
    "MessageEvent",
    "MessagePlan",
    "MessageQuery",
    "MessageStatus",
    "MessageTemplate",
    "Missed",
    "Money",
    "MoneyText",
    "NamedSchedule",
    "NonGsm",
    "NotFound",
    "Occurrence",
    "OccurrenceOptions",
    "OnConflict",
    "OnInvalid",
    "OnMatch",
    "OpenOptions",
    "Operation",
    "OperationKind",
    "OperationState",
    "Operations",
    "OutboxHealth",
    "Outcome",
    "Outside",
    "Page",
    "PermissionDecision",
    "PermissionDenied",
    "PersonContact",
    "PersonExport",
    "PersonHistory",
    "PersonOptions",
    "PersonResult",
    "PersonSource",
    "PhoneResult",
    "PhoneType",
    "Piece",
    "Place",
    "Plan",
    "PlanOptions",
    "PlanUndoOptions",
    "PlanUpdateOptions",
    "PlanWarning",
    "PlannedChange",
    "PlannedMessage",
    "PriceTable",
    "Privacy",
    "Progress",
    "ProviderCall",
    "ProviderMessage",
    "Purpose",
    "QuietHours",
    "Received",
    "ReconcileReport",
    "RecordingEvent",
    "RefusalClass",
    "Refused",
    "Rehearsal",
    "RehearseOptions",
    "RenderOptions",
    "RenderedTemplate",
    "Reply",
    "ReplyTimes",
    "Reservation",
    "RetentionData",
    "RetentionOptions",
    "RetentionReport",
    "RetentionResult",
    "RetentionRule",
    "RetryLater",
    "RiskCheck",
    "Rule",
    "RuleTable",
    "RunLimit",
    "RunListOptions",
    "RunOptions",
    "RunState",
    "RunStep",
    "SaveAutomationOptions",
    "Schedule",
    "ScheduleRef",
    "Schedules",
    "SchemaTooNew",
    "SearchOptions",
    "SearchOrder",
    "SearchPage",
    "Segments",
    "SendRefusal",
    "Settings",
    "SettingsChange",
    "SettingsRoom",
    "Severity",
    "Share",
    "ShareDifference",
    "Shift",
    "SmsEncoding",
    "SmsOptions",
    "SmsPlanOptions",
    "SmsRequest",
    "Split",
    "StatsBy",
    "StatsCheck",
    "StatsGroup",
    "StatsOptions",
    "StatsReport",
    "StatsReportOptions",
    "Status",
    "Statuses",
    "Step",
    "Steps",
    "StopWhen",
    "Suppression",
    "Table",
    "TableFormat",
    "TemplateOptions",
    "TemplateVersion",
    "TemplateWarning",
    "TemplateWarningCode",
    "Templates",
    "Territory",
    "TerritoryRule",
    "TickOptions",
    "TickReport",
    "TimelineOptions",
    "Timing",
    "Transform",
    "Transport",
    "Trigger",
    "TriggerEvent",
    "Twilio",
    "TwilioConfig",
    "UndoRunOptions",
    "UnknownOutcome",
    "Unmapped",
    "Unreachable",
    "ValueChange",
    "ValueOrigin",
    "VariantFigures",
    "WarningCode",
    "WebhookEvent",
    "WebhookRequest",
    "WindowRefusal",
    "ZoneFact",
    "__version__",
    "automation",
    "classify_reply",
    "due_occurrences",
    "next_occurrences",
    "normalize_company",
    "normalize_country",
    "normalize_email",
    "normalize_person",
    "normalize_phone",
    "open",
    "phone_time_zones",
    "read_table",
    "sms_segments",
    "sniff",
    "steps",
    "testing",
    "verify_twilio_request",
]

__version__: Final[str]

@type_check_only
class _Readable(Protocol):
    def read(self, size: int, /) -> bytes | str: ...

@type_check_only
class _Event(Protocol):
    def is_set(self) -> bool: ...

# A text is always a path, never content.
_Source: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | _Readable
_Progress: TypeAlias = bool | Callable[[Progress], object] | None
_Cancel: TypeAlias = CancelToken | _Event | None
_Operation: TypeAlias = Operation | ImportReport | int

def open(url: str | os.PathLike[str] = "leads.db", **options: Unpack[OpenOptions]) -> Database:
    """Opens or makes a database: a path, a ``sqlite:`` URL, or ``:memory:``.

    A database belongs to the process that opened it: after a fork the child opens its own.

    Raises:
        InvalidInput: ``unsupported_store``, ``is_directory``, ``unknown_option``,
            ``invalid_argument``.
        NotFound: ``file_not_found``: the folder is not there.
        IoError: ``permission_denied``, ``read_only``, ``io``.
        Corrupt, SchemaTooNew, Busy: what is there cannot be used, or not now.

    >>> with leadkit.open(":memory:", actor="mia") as db:
    ...     db.leads.count()
    0
    >>> leadkit.open("no/such/folder/leads.db")
    Traceback (most recent call last):
    ...
    leadkit._errors.FileNotFound: ...
    """

def classify_reply(text: str) -> Reply:
    """Says what an inbound message means.

    An opt-out is a message that says one of the known words and nothing else, or says ``STOP``,
    ``UNSUBSCRIBE`` or ``opt out`` in a sentence of its own; case, marks, punctuation and "please" do not
    matter. Words in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish are known, and
    the commonest of some more. Where a message could mean several things, what ends contact wins.

    >>> [leadkit.classify_reply(text) for text in (" Opt-Out, please! ", "Arrêtez", "Wrong number, sorry", "Yes")]
    ['opt_out', 'opt_out', 'wrong_number', 'yes']
    >>> leadkit.classify_reply("please take me off your list")
    'maybe_opt_out'
    """

def verify_twilio_request(secret: str, request: WebhookRequest) -> bool:
    """Whether a request was signed by Twilio: with the account's auth token, or with a shared key when the
    header ``X-Twilio-Webhooks-Signature-Settings`` names its algorithm. Takes the same time for right and
    wrong signatures.

    ``url`` must be the public URL that Twilio was given, with the query exactly as it came in. A body that
    the signature does not cover is never good, nor is anything with an empty secret, with an algorithm that
    this version does not know, or with one of the headers given twice.

    Raises:
        InvalidInput: ``invalid_argument``, ``unknown_option`` for what is no request.

    >>> request = {
    ...     "method": "POST",
    ...     "url": "https://mycompany.com/myapp.php?foo=1&bar=2",
    ...     "headers": {
    ...         "X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    ...         "Content-Type": "application/x-www-form-urlencoded",
    ...     },
    ...     "body": b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
    ...     b"&To=%2B18005551212",
    ... }
    >>> leadkit.verify_twilio_request("12345", request), leadkit.verify_twilio_request("another", request)
    (True, False)
    """

def normalize_phone(text: str, default_country: str | None = None) -> PhoneResult:
    """Reads a phone number in any notation into its canonical forms.

    A number without a country code is read as one of ``default_country`` (ISO 3166-1 alpha-2).
    A wrong number never raises: ``valid`` is False and ``issues`` says why.

    >>> leadkit.normalize_phone("0151 23456789", "DE").e164
    '+4915123456789'
    >>> wrong = leadkit.normalize_phone("12")
    >>> wrong.valid, len(wrong.issues)
    (False, 1)
    """

def normalize_email(text: str) -> EmailResult:
    """Reads an email address into its canonical form and what is known about it.

    A wrong address never raises: ``valid`` is False and ``issues`` says why.

    >>> leadkit.normalize_email("Ada@Lovelace.ORG").address
    'Ada@lovelace.org'
    >>> leadkit.normalize_email("ada.lovelace.org").issues[0].code
    'email_missing_at'
    """

def normalize_company(text: str, country: str | None = None) -> CompanyResult:
    """Cleans a company's name, and gives its legal form and a key for matching.

    >>> company = leadkit.normalize_company("Analytical Engines Ltd.")
    >>> company.key, company.display
    ('analytical engines', 'Analytical Engines Ltd.')
    """

def normalize_person(text: str) -> PersonResult:
    """Splits a person's name into its parts; capitals throughout are brought into the usual case.

    >>> person = leadkit.normalize_person("O'CONNOR, MARY ANN JR.")
    >>> person.given, person.family
    ('Mary', "O'Connor")
    """

def normalize_country(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country's name or code; None when it is no country.

    >>> leadkit.normalize_country("Deutschland")
    'DE'
    >>> leadkit.normalize_country("Atlantis")
    """

def phone_time_zones(e164: str) -> list[str]:
    """The time zones (IANA names) of the places that a phone number may belong to.

    Most landlines have one; mobiles of a country with several zones have all of them, as have its
    toll-free numbers: they are candidates. An American number's is where it was given out; numbers
    move along with people. Empty for a number that is not in use, for satellite and other global
    numbers, and for what is not written with ``+`` and its country code.

    >>> leadkit.phone_time_zones("+12127365000")
    ['America/New_York']
    >>> leadkit.phone_time_zones("+17757495809")
    ['America/Boise', 'America/Los_Angeles']
    >>> leadkit.phone_time_zones("+1 000 555 0100")
    []
    """

def next_occurrences(schedule: Schedule, **options: Unpack[OccurrenceOptions]) -> list[Occurrence]:
    """The occurrences of a schedule, the earliest first: all that lie between ``after`` and ``before``, up
    to ``count``.

    A local time that the clock is put forward over happens as much later as the clock is put forward; one
    that comes twice, as the clock is put back, happens the first time only (RFC 5545). What falls together
    by these rules happens once.

    >>> daily: leadkit.Schedule = {
    ...     "zone": "Europe/Berlin", "start": "2026-03-28T02:30", "rrule": "FREQ=DAILY;COUNT=3"}
    >>> for one in leadkit.next_occurrences(daily):
    ...     print(one.at.isoformat(), one.local, one.shifts)
    2026-03-28T01:30:00+00:00 2026-03-28T02:30:00 []
    2026-03-29T01:30:00+00:00 2026-03-29T03:30:00 ['skipped_hour']
    2026-03-30T00:30:00+00:00 2026-03-30T02:30:00 []

    Raises:
        InvalidInput: ``invalid_argument`` for a schedule that has neither ``at`` nor ``start`` and
            ``rrule``, or both; for times, rules, zones, hours and holidays that cannot be read; for one that
            would wait for hours that no day of a year has; without the zone of the recipient or owner where
            the schedule goes by it; for a ``count`` beyond 1,000; and for a rule that has more than 500,000
            occurrences before the wanted ones. ``unknown_option``.
    """

def due_occurrences(
    schedule: Schedule, after: datetime | str, now: datetime | str, zone: str | None = None
) -> DueOccurrences:
    """What is to be done of a schedule at ``now``, when all was done up to and including ``after``: its
    occurrences after that and not after ``now``, by its policy for missed ones.

    ``run_once`` runs the last of them, ``run_all`` each of them, ``skip`` those that are late by ``late``
    minutes at most. ``zone`` is that of the recipient or owner, where the schedule goes by theirs.

    >>> daily: leadkit.Schedule = {"zone": "Europe/Berlin", "start": "2026-06-01T09:00", "rrule": "FREQ=DAILY"}
    >>> due = leadkit.due_occurrences(daily, "2026-06-01T10:00:00Z", "2026-06-04T10:00:00Z")
    >>> [one.local for one in due.run], due.skipped
    (['2026-06-04T09:00:00'], 2)

    Raises:
        InvalidInput: as :func:`next_occurrences`; ``invalid_argument`` when ``run_all`` finds more than
            1,000 of them.
    """

def automation(
    trigger: Trigger,
    *,
    condition: Condition | None = None,
    again: str | None = None,
    late: str | None = None,
    limit: RunLimit | None = None,
    description: str | None = None,
    stop: StopWhen | None = None,
) -> AutomationBuilder:
    """Begins an automation, to which steps are added; see :class:`AutomationSpec` for the words.

    What it builds is the JSON that ``db.automations.save`` looks over; it can be saved as it is. Each step
    gives a new builder and leaves the one before alone.

    >>> greet = leadkit.automation({"on": "lead_created"}, condition={"lead": {"country": "DE"}})
    >>> greet = greet.sms("welcome").await_reply("3d")
    >>> greet = greet.when({"replied": False}, leadkit.steps().task("Call them"))
    >>> greet.build()["steps"][2]
    {'do': 'if', 'condition': {'replied': False}, 'then': [{'do': 'task', 'subject': 'Call them'}]}
    """

def steps() -> Steps:
    """Begins the steps of a branch, for :meth:`AutomationBuilder.when`."""

def sms_segments(text: str, smart_encoding: bool = False) -> Segments:
    """Counts the segments of an SMS exactly as Twilio does.

    One character beyond GSM-7 makes the whole message UCS-2, whose segments hold less than half.
    Characters of GSM-7's extension (``€``, ``[``, ``~`` ...) take two septets and are not split over
    two segments; nor are surrogate pairs and grapheme clusters such as an emoji with its skin tone.
    An empty text is one segment. With ``smart_encoding``, what Twilio's setting of that name would
    replace is replaced first.

    >>> found = leadkit.sms_segments("It's here. Reply STOP to opt out.")
    >>> found.encoding, found.segments, found.units
    ('GSM-7', 1, 33)

    A typographic apostrophe doubles the price of this one:

    >>> found = leadkit.sms_segments("It’s " + "here" * 20)
    >>> found.encoding, found.segments, found.segments_if_replaced
    ('UCS-2', 2, 1)
    >>> found.non_gsm
    [NonGsm(character='’', count=1, replacement="'")]
    """

def sniff(source: _Source, **format: Unpack[FormatOptions]) -> TableFormat:
    r"""Finds out how a file of records is written: encoding, delimiter, quotes, header.

    ``source`` is a path (a text is always a path), bytes, or a file object; ``format`` is what the
    caller knows better.

    Raises:
        NotFound: ``file_not_found``.
        InvalidInput: ``is_directory``, ``invalid_argument``, ``unknown_option``.
        Format: ``empty_source``, ``not_a_table``.
        IoError: the file cannot be read. What ``read`` of a file object raises comes out as it is.

    >>> leadkit.sniff(b"name;city\nAda;London\n").delimiter
    ';'
    """

def read_table(source: _Source, **format: Unpack[FormatOptions]) -> Table:
    r"""Reads a table in any encoding and dialect, row by row.

    Raises:
        LeadkitError: as :func:`sniff`.

    >>> table = leadkit.read_table("name,city\nMüller,Köln\n".encode("latin1"))
    >>> table.header, list(table)
    (['name', 'city'], [['Müller', 'Köln']])
    """

@final
class Table:
    """A table being read: an iterator over its rows, each a list of texts.

    Rows have as many cells as the file gives them; those that could not be read properly come
    out as they are and are named in ``issues``.
    """

    @property
    def header(self) -> list[str]:
        """The columns' names, each once."""
    @property
    def format(self) -> TableFormat:
        """How the file is written."""
    @property
    def issues(self) -> list[LineIssue]:
        """What was noticed in the rows read so far, at most 1,000."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> list[str]: ...

@final
class CancelToken:
    r"""Asks a long call to stop at the next safe place; from any thread, once and for all.

    >>> token = leadkit.CancelToken()
    >>> token.cancel()
    >>> token.cancelled
    True
    >>> leadkit.open(":memory:").import_leads(b"email\nada@lovelace.org\n", cancel=token)
    Traceback (most recent call last):
    ...
    leadkit._errors.Cancelled: ...
    """

    def __new__(cls) -> Self: ...
    def cancel(self) -> None:
        """Asks to stop."""
    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to stop."""

@disjoint_base
class Database:
    """A database of leads, given by :func:`open`; any thread may use it.

    As a context manager it closes itself. It can neither be pickled nor used after a fork: each
    process opens its own.
    """

    @property
    def leads(self) -> Leads:
        """The leads: add, get, first, find, iterate, count, update, history."""
    @property
    def fields(self) -> Fields:
        """Custom fields: define, list, archive."""
    @property
    def bulk(self) -> Bulk:
        """Operations on many leads: planned, looked at, run; ``operations.undo`` takes them back."""
    @property
    def statuses(self) -> Statuses:
        """The list of statuses and the ways between them."""
    @property
    def comms(self) -> Comms:
        """Messages to leads and from them."""
    @property
    def consent(self) -> Consent:
        """Who may be contacted, by what, and why."""
    @property
    def privacy(self) -> Privacy:
        """What the law asks about a person's data: export, erasure, retention."""
    @property
    def settings(self) -> SettingsRoom:
        """The switches: whether anything is sent, and by what."""
    @property
    def templates(self) -> Templates:
        """Texts for messages and calls, by name and version."""
    @property
    def audit(self) -> Audit:
        """What was done with the data, by whom, in a chain that shows what was changed in it."""
    @property
    def automations(self) -> Automations:
        """What happens by itself."""
    @property
    def schedules(self) -> Schedules:
        """Schedules with names, which automations keep to."""
    @property
    def operations(self) -> Operations:
        """What was done to this database: imports, exports, edits, bulk operations, undos."""
    @property
    def path(self) -> Path | None:
        """The database's file; None for one in memory."""
    def import_leads(
        self,
        source: _Source,
        *,
        progress: _Progress = None,
        cancel: _Cancel = None,
        **options: Unpack[ImportOptions],
    ) -> ImportReport:
        r"""Imports a file of leads: read, mapped, cleaned, matched with what is there, stored.

        Args:
            source: a path (a text is always a path), bytes, or a file object in binary or text
                mode. File objects are read once, from where they stand, on the calling thread.
            progress: True for a bar on stderr, or a function that is called with a
                :class:`Progress`, on the calling thread, at most 20 times a second. What it raises
                cancels the import and comes out as it is.
            cancel: a :class:`CancelToken`, or anything with ``is_set()``, such as
                ``threading.Event``. Ctrl-C cancels too, and raises KeyboardInterrupt.
            options: see :class:`ImportOptions`.

        What was committed when an import was cancelled stays; the same call goes on from there.

        Raises:
            NotFound: ``file_not_found``.
            InvalidInput: an option is wrong: ``unknown_option``, ``invalid_argument``,
                ``unknown_field``, ``unknown_column``, ``invalid_value``.
            Format: ``empty_source``, ``no_records``, ``not_a_table``, ``no_mappable_column``.
            Cancelled: by token or event.
            Busy, Closed, Full, IoError: the database or the disk.

        >>> db = leadkit.open(":memory:")
        >>> report = db.import_leads(b"E-Mail;Name\nada@lovelace.org;Ada Lovelace\nnobody;Bob\n")
        >>> report.rows, report.created, report.rejected
        (2, 1, 1)
        >>> report.issues[0].code, report.issues[0].field
        ('email_missing_at', 'email')
        >>> db.import_leads(b"email\n", on_mtach="skip")
        Traceback (most recent call last):
        ...
        leadkit._errors.InvalidInput: there is no option `on_mtach` (did you mean `on_match`?)
        """
    def preview_import(
        self,
        source: _Source,
        *,
        progress: _Progress = None,
        cancel: _Cancel = None,
        **options: Unpack[ImportOptions],
    ) -> ImportPreview:
        r"""Reads the first rows of a file and says what an import would do; writes nothing.

        Arguments and errors are those of :meth:`import_leads`.

        >>> preview = leadkit.open(":memory:").preview_import(b"E-Mail\nada@lovelace.org\n")
        >>> preview.mapping[0].fields, preview.leads[0].email, preview.complete
        (['email'], 'ada@lovelace.org', True)
        """
    def export_leads(
        self,
        target: str | os.PathLike[str],
        *,
        progress: _Progress = None,
        cancel: _Cancel = None,
        **options: Unpack[ExportOptions],
    ) -> ExportReport:
        """Writes leads to a CSV or Excel file, replacing it atomically.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_argument``,
                ``unknown_option``.
            PermissionDenied, Full, IoError: the target stays as it was.
            Cancelled: the target stays as it was.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@lovelace.org", country="GB")
        >>> db.export_leads("british.csv", filter={"country": "GB"}, fields=["email"]).rows
        1
        """
    def as_actor(self, id: str, reason: str | None = None, profile: str | None = None) -> Database:
        """The same database, acting as somebody else: the log of operations names them.

        With a profile it is a view: whatever it reads is masked as ``settings.profiles`` say, whichever way
        it is read, and what would tell more raises ``access_denied``. The profile is looked up with each
        call: one that was tightened holds from the next call on, and one that is not there lets nothing
        through (``not_found``). A view of a view keeps to both profiles.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.as_actor("mia", "trade fair").leads.add(email="ada@example.org")
        >>> db.operations.list()[0].actor
        'mia'
        >>> profiles = {"support": {"fields": {"email": "mask"}, "others": "show"}}
        >>> settings = db.settings.set(profiles=profiles)
        >>> db.as_actor("tom", profile="support").leads.get(lead.id).email
        'a…@example.org'
        """
    def tick(
        self,
        transport: Twilio | Transport | None = None,
        *,
        cancel: _Cancel = None,
        **options: Unpack[TickOptions],
    ) -> TickReport:
        """Does all that is due by now: automations and schedules; with a transport, and while sending is on,
        the outbox and what is to be found out about messages; once a day the rules of retention, which are
        only looked at the first time after they were changed. Says what it did, and in ``next_at`` when to
        call it next.

        Nothing happens between its calls. Several processes may call it at once: each step is done by one
        of them.

        Args:
            transport: a :class:`Twilio`, or an object of your own, as in :meth:`Comms.dispatch`.
            cancel: a :class:`CancelToken`, or anything with ``is_set()``: stops between transactions. Ctrl-C
                stops too, and raises KeyboardInterrupt.
            options: see :class:`TickOptions`.

        What was done before it stopped stays done, and the next call goes on.

        Raises:
            PermissionDenied: ``access_denied`` for a view.
            Conflict: ``conflict`` for a transport of another account.
            Cancelled: by token or event.
            InvalidInput: ``invalid_argument`` for what is no transport, ``unknown_option``.

        >>> db = leadkit.open(":memory:")
        >>> hello = leadkit.automation({"on": "lead_created"}).wait("2h").task("Say hello")
        >>> saved = db.automations.save("hello", hello), db.automations.enable("hello")
        >>> lead = db.leads.add(email="ada@lovelace.org")
        >>> report = db.tick()
        >>> report.started, report.steps, report.finished
        (1, 1, 0)
        >>> print(report.next_at - lead.created_at)
        2:00:00...
        """
    def health(self, **options: Unpack[HealthOptions]) -> Health:
        """Looks at the database: structure, size, operations that wait.

        Damage that was found is no error: ``ok`` is False, and ``damage`` says what it is.

        >>> health = leadkit.open(":memory:").health()
        >>> health.ok, health.leads
        (True, 0)
        """
    def backup(self, path: str | os.PathLike[str]) -> BackupReport:
        """Writes a copy of the database, as of one moment, to a new file, while others read and
        write it.

        To restore it, close the database and put the copy in its place.

        Raises:
            FileExists, FileNotFound: the file is there, or its folder is not.
            PermissionDenied, Full, IoError: the file cannot be written.
            InvalidInput: ``unsupported_store``: the store has tools of its own.

        >>> with leadkit.open("original.db") as db:
        ...     db.backup("copy.db").rev
        0
        """
    def copy_to(
        self,
        url: str | os.PathLike[str],
        *,
        progress: _Progress = None,
        cancel: _Cancel = None,
        **options: Unpack[CopyOptions],
    ) -> CopyReport:
        """Copies everything to another, empty database of any kind, as of one moment: leads with
        their ids and revisions, the log, definitions.

        The copy is read again and compared; interrupted, it stays incomplete and is refused as a
        target.

        Raises:
            Conflict: ``already_exists``: the target holds something.
            Corrupt: the copy differs.
            Cancelled: by token or event.
            LeadkitError: as :func:`open`.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@lovelace.org")
        >>> db.copy_to("elsewhere.db").leads
        1
        """
    def close(self) -> None:
        """Closes the file; later calls raise :class:`Closed`."""
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _type: type[BaseException] | None = None,
        _value: BaseException | None = None,
        _traceback: TracebackType | None = None,
        /,
    ) -> None: ...

@final
class Leads:
    """The leads of a database, ``db.leads``.

    Filters are data: ``{"status": "new", "country": {"in": ["DE", "AT"]}, "score": {"gte": 10},
    "custom.plan": "pro", "or": [{...}, {...}], "not": {...}}``. Operators are eq, ne, in, not_in,
    gt, gte, lt, lte, between, contains, starts_with, has and is_null; texts compare folded;
    instants are aware datetimes, dates, or ``{"ago": "14d"}``. Without a filter: all leads.
    """

    def add(self, values: Mapping[str, Any] | None = None, /, **fields: Any) -> Lead:
        """Adds one lead; values are normalised and validated as in an import.

        Values come by keyword, or by a dict where a name is none of Python's (``custom.plan``);
        with both, the keyword wins.

        Raises:
            InvalidInput: ``unknown_field``; ``invalid_value``, naming the field and the rule.
            Conflict: ``already_exists``: a lead with this external id or email is there.

        >>> db = leadkit.open(":memory:")
        >>> db.leads.add({"email": "ada@lovelace.org"}, first_name="ADA").first_name
        'Ada'
        >>> db.leads.add(email="Ada@Lovelace.org")
        Traceback (most recent call last):
        ...
        leadkit._errors.Conflict: ...
        """
    def update(self, id: int, values: Mapping[str, Any] | None = None, /, **fields: Any) -> Lead:
        """Changes some fields of a lead: None clears, fields that are not named stay.

        Raises:
            NotFound: ``not_found``.
            InvalidInput, Conflict: as :meth:`add`.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@lovelace.org", city="London")
        >>> db.leads.update(lead.id, city=None, score=7).score
        7.0
        """
    def get(self, id: int) -> Lead | None:
        """The lead of an id; None when there is none, or it was deleted.

        >>> leadkit.open(":memory:").leads.get(1)
        """
    def first(self, filter: Filter | None = None, **options: Unpack[FindOptions]) -> Lead | None:
        """The first lead that the filter finds, or None.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_argument``,
                ``unknown_option``.
        """
    def find(self, filter: Filter | None = None, **options: Unpack[FindOptions]) -> Page[Lead]:
        """A page of the leads that the filter finds; the next one by ``cursor=page.next_cursor``.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_argument``,
                ``unknown_option``.

        >>> db = leadkit.open(":memory:")
        >>> leads = [db.leads.add(email=f"{name}@lovelace.org") for name in ("ada", "bob", "eve")]
        >>> page = db.leads.find({"email": {"ne": "bob@lovelace.org"}}, order_by=["-email"], limit=1)
        >>> [lead.email for lead in page], page.next_cursor is None
        (['eve@lovelace.org'], False)
        >>> db.leads.find({"emial": "x"})
        Traceback (most recent call last):
        ...
        leadkit._errors.InvalidInput: there is no field `emial` (did you mean `email`?)
        """
    def iterate(self, filter: Filter | None = None, **options: Unpack[FindOptions]) -> LeadIterator:
        """All leads that the filter finds, read in pages: memory stays flat.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_argument``,
                ``unknown_option``.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@lovelace.org")
        >>> sum(1 for lead in db.leads.iterate())
        1
        """
    def count(self, filter: Filter | None = None) -> int:
        """How many leads the filter finds.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``.
        """
    def restore(self, id: int) -> Lead:
        """Restores a deleted lead with all its values; one that is not deleted stays as it is.

        Raises:
            NotFound: ``not_found``.
            Conflict: ``already_exists``: another lead has its external id or email by now.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@lovelace.org")
        >>> done = db.bulk.run(db.bulk.plan_delete({"id": lead.id}))
        >>> db.leads.get(lead.id), db.leads.restore(lead.id).email
        (None, 'ada@lovelace.org')
        """
    def explain(self, id: int, **options: Unpack[ExplainOptions]) -> LeadExplanation:
        """Everything that is known of a lead, and why: where each value came from, what was there before,
        every contact, and by what the person may be contacted now, as ``dispatch`` would decide it. Deleted
        leads and merged ones are explained too.

        Raises:
            NotFound: ``not_found``.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@example.org")
        >>> lead = db.as_actor("mia", "she called").leads.update(lead.id, email="ada@example.com")
        >>> email = db.leads.explain(lead.id).fields[0]
        >>> email.value, email.origin.actor, email.origin.reason, email.earlier[0].value
        ('ada@example.com', 'mia', 'she called', 'ada@example.org')
        """
    def history(self, id: int) -> list[LeadChange]:
        """Every change of a lead, the newest first: when, by whom, each value before and after.

        Raises:
            NotFound: ``not_found``.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@lovelace.org", city="London")
        >>> lead = db.leads.update(lead.id, city="Paris")
        >>> db.leads.history(lead.id)[0].fields["city"]
        ValueChange(before='London', after='Paris')
        """

@final
class LeadIterator:
    """Leads one after the other; see :meth:`Leads.iterate`."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Lead: ...

@final
class Fields:
    """Custom fields, ``db.fields``: what a business keeps about leads beyond the standard ones."""

    def define(
        self,
        key: str,
        label: str | None = None,
        *,
        kind: Literal["text", "number", "boolean", "date", "choice"],
        choices: list[str] | tuple[str, ...] | None = None,
        archived: bool | None = None,
    ) -> CustomField:
        """Defines a field, or changes the label, choices or archived state of one.

        The same definition again changes nothing. Without a label the key stands for it.

        Raises:
            InvalidInput: ``invalid_argument``: key, kind or choices are out of the rules.
            Conflict: ``already_exists``: the key stands for another kind.

        >>> db = leadkit.open(":memory:")
        >>> field = db.fields.define("plan", "Plan", kind="choice", choices=["free", "pro"])
        >>> db.leads.add({"email": "ada@lovelace.org", "custom.plan": "pro"}).custom
        {'plan': 'pro'}
        """
    def list(self) -> list[CustomField]:
        """All custom fields, archived ones included, in the order of their definition."""
    def archive(self, key: str) -> CustomField:
        """Archives a field: its values stay, new ones are refused.

        Raises:
            InvalidInput: ``unknown_field`` with the nearest right key.
        """

@final
class Statuses:
    """The statuses that leads may have, and the ways between them, ``db.statuses``."""

    def define(self, statuses: Iterable[Status | Mapping[str, Any]]) -> list[Status]:
        """Replaces the list.

        From then on a status that is not in it is invalid, and bulk operations keep to its ways;
        leads that have another one keep it until they are moved.

        Args:
            statuses: each a :class:`Status`, or a dict with ``key``, ``label`` and ``next``.

        Raises:
            InvalidInput: ``invalid_argument`` for an empty list, for empty and repeated keys, and for
                a way to a status that is not in the list.

        >>> db = leadkit.open(":memory:")
        >>> statuses = db.statuses.define([
        ...     leadkit.Status("new", next=["contacted", "lost"]),
        ...     leadkit.Status("contacted", next=["won", "lost"]),
        ...     {"key": "won", "next": []},
        ...     {"key": "lost"},
        ... ])
        >>> statuses[0].label, statuses[3].next
        ('new', None)
        >>> db.leads.add(email="ada@lovelace.org", status="wonn")
        Traceback (most recent call last):
        ...
        leadkit._errors.InvalidInput: ...
        """
    def list(self) -> list[Status]:
        """The list, in its order.

        A new database has a usual one, from which any status may follow any other, and keeps unknown
        ones with a warning.
        """

@final
class Comms:
    """Messages to leads and from them, ``db.comms``."""

    def queue_sms(self, lead: int, **options: Unpack[SmsOptions]) -> Communication:
        """Puts a message for a lead into the outbox; nothing is sent yet.

        A repeated call with the same ``key`` gives the first one's message.

        Raises:
            NotFound: ``not_found`` for the lead and the template.
            InvalidInput: ``invalid_argument`` for a lead without a number, for a text and a template at
                once, for a text that is empty or longer than 1,600 characters; ``invalid_value`` for a
                number that is none; ``template_value_missing``.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
        >>> message = db.comms.queue_sms(ada.id, body="See you at ten")
        >>> message.state, message.segments
        ('queued', 1)
        >>> db.comms.cancel(message.id).state
        'cancelled'
        """
    def plan_sms(self, filter: Filter, **options: Unpack[SmsPlanOptions]) -> Plan:
        """Plans to put a text message for each lead that a filter finds into the outbox: how many, who gets
        none and why, what it costs, when the first and the last may go out, and some of the texts as they
        would be. Nothing is queued yet; ``db.bulk.run`` does that with the plan's token, a lead's message
        once, and ``db.operations.undo`` takes back what has not gone out.

        Raises:
            NotFound: ``not_found`` for the template.
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_argument``, ``unknown_option``.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+1 212 736 5000", country="US")
        >>> bob = db.leads.add(email="bob@lovelace.org")
        >>> plan = db.comms.plan_sms({}, body="We moved. Reply STOP to opt out", purpose="informational")
        >>> plan.messages.messages, plan.messages.refusals
        (1, {'no_number': 1})
        >>> plan.messages.segments, plan.messages.cost
        (1, {'USD': '0.0083'})
        >>> done = db.bulk.run(plan)
        >>> done.changed, done.skipped
        (1, 1)
        >>> db.operations.undo(done).changed, db.comms.list().items[0].state
        (1, 'cancelled')
        """
    def send_sms(
        self, lead: int, transport: Twilio | Transport, **options: Unpack[SmsOptions]
    ) -> Communication:
        """Queues a message for a lead and hands over just this one, if it may go out now. Otherwise it waits
        in the outbox like any other; its ``state`` and ``refusal`` say so.

        Args:
            lead: the lead.
            transport: as in :meth:`dispatch`.
            options: see :class:`SmsOptions`.

        Raises:
            NotFound, InvalidInput, Conflict: as :meth:`queue_sms` and :meth:`dispatch`.

        >>> db = leadkit.testing.open(":memory:", now="2026-03-02T09:00:00Z", seed=1)
        >>> fake = leadkit.testing.FakeTwilio(db)
        >>> settings = db.settings.set(sending=True)
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
        >>> db.comms.send_sms(ada.id, fake.twilio(), body="Your code is 1234", purpose="informational").state
        'accepted'
        >>> db.comms.send_sms(ada.id, fake.twilio(), body="Offers!").refusal.code
        'no_consent'
        """
    def queue_call(self, lead: int, **options: Unpack[CallOptions]) -> Communication:
        """Puts a call to a lead into the outbox. With an ``agent`` it rings there first, and the lead is
        dialled when the agent answers; without, an announcement is read out or played, which needs consent
        to calls (``channel="voice"``) for any purpose. What came of it stands in ``call``: outcome, seconds,
        who answered, the recording.

        Raises:
            NotFound, InvalidInput: as :meth:`queue_sms`; ``invalid_argument`` for a call without an agent and
                an announcement, and for a recording without the lead's consent or an announcement of it.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
        >>> queued = db.comms.queue_call(ada.id, agent="+493023125010")
        >>> queued.state, queued.channel, queued.call.agent
        ('queued', 'voice', '+493023125010')
        >>> db.comms.queue_call(ada.id, agent="+493023125010", record=True)
        Traceback (most recent call last):
        ...
        leadkit._errors.InvalidInput: ...
        """
    def requeue(self, id: int) -> Communication:
        """Queues a message or call once more, as a new one, that failed, was refused or taken back.
        Asked for twice, it is the same new one.

        Raises:
            NotFound: ``not_found``.
            Conflict: ``conflict`` for one that waits, went out, or may have.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
        >>> message = db.comms.cancel(db.comms.queue_sms(ada.id, body="See you at ten").id)
        >>> again = db.comms.requeue(message.id)
        >>> again.id > message.id, again.state, again.body
        (True, 'queued', 'See you at ten')
        """
    def reschedule(self, id: int, send_at: datetime | str) -> Communication:
        """Gives a message or call that waits another time.

        Raises:
            NotFound: ``not_found``.
            Conflict: ``conflict`` for one that was handed over already.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
        >>> message = db.comms.queue_sms(ada.id, body="See you at ten")
        >>> print(db.comms.reschedule(message.id, "2040-03-02T09:00:00Z").send_at)
        2040-03-02 09:00:00+00:00
        """
    def pause(self, campaign: str) -> Settings:
        """Lets what a campaign has in the outbox wait.

        Raises:
            InvalidInput: ``invalid_argument`` for an empty name.

        >>> db = leadkit.open(":memory:")
        >>> db.comms.pause("spring").paused, db.comms.resume("spring").paused
        (['spring'], [])
        """
    def resume(self, campaign: str) -> Settings:
        """Lets it go on.

        Raises:
            InvalidInput: as :meth:`pause`.
        """
    def drain(self, seconds: float) -> int:
        """Switches sending off and waits until nothing is being handed over any more, for so many seconds at
        most: before a machine is stopped. Gives the number of messages of which the answer is still missing
        then; :meth:`reconcile` finds out about them.

        Other threads go on meanwhile; a KeyboardInterrupt is raised when it has ended.

        >>> db = leadkit.open(":memory:")
        >>> db.comms.drain(5), db.settings.get().sending
        (0, False)
        """
    def costs(self, **options: Unpack[CostOptions]) -> CostReport:
        """What messages and calls cost: what was expected, what the provider billed so far, and by how much
        the two differ.

        Raises:
            InvalidInput: ``invalid_argument``, ``unknown_option``.

        >>> db = leadkit.testing.open(":memory:", now="2026-03-02T15:00:00Z", seed=1)
        >>> fake = leadkit.testing.FakeTwilio(db)
        >>> settings = db.settings.set(sending=True)
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+1 212 736 5000")
        >>> message = db.comms.send_sms(ada.id, fake.twilio(), body="Hello", purpose="informational")
        >>> [row] = db.comms.costs(by="country").rows
        >>> row.group, row.messages, row.predicted, row.currency
        ('US', 1, '0.0083', 'USD')
        """
    def stats(self, **options: Unpack[StatsOptions]) -> ContactStats:
        """Contacts in numbers: how many there were, arrived, were answered and refused more, how long answers took,
        and what all of it cost; of all that were asked for, and in groups.

        Groups by one of owner, template, campaign, variant, country, and weekday with hour of day, with channel,
        direction, state and time, are answered from counts that follow the contacts; ``leads``, ``count_leads``
        and ``converted`` go through the contacts themselves and take longer. Both are exact. An answer counts
        for the contact that it answers, at that one's time.

        Raises:
            InvalidInput: ``invalid_argument`` for a time zone or status that there is not, and for groups that
                are named twice or are of two pieces of time; ``invalid_filter``.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org")
        >>> asked = db.comms.log(ada.id, "email", body="Shall we talk?", owner="mia", at="2026-03-02T09:00:00Z")
        >>> answer = db.comms.log(ada.id, "email", body="Gladly", direction="inbound", reply_to=asked.id,
        ...     at="2026-03-02T11:30:00Z")
        >>> stats = db.comms.stats(by=["owner"])
        >>> stats.total.reached, stats.total.answered, stats.total.received
        (1, 1, 1)
        >>> stats.groups[0].key, stats.groups[0].figures.reply_times.median
        ({'owner': 'mia'}, 9000.0)
        """
    def compare(self, **options: Unpack[CompareOptions]) -> Comparison:
        """Variants beside each other (A/B): of the leads that each reached, how many answered, want no more, and
        came to a success, with intervals, and how much that differs from the control. Leads that several variants
        reached are left out and counted apart.

        Raises:
            InvalidInput: ``invalid_argument`` for a status, a confidence or a control that there is not;
                ``invalid_filter``.

        >>> db = leadkit.open(":memory:")
        >>> for n, variant in enumerate("ABAB"):
        ...     lead = db.leads.add(email=f"n{n}@example.org")
        ...     text = db.comms.log(lead.id, "email", body="Offers!", variant=variant)
        >>> [(variant.name, variant.leads) for variant in db.comms.compare().variants]
        [('A', 2), ('B', 2)]
        """
    def funnel(self, **options: Unpack[FunnelOptions]) -> Funnel:
        """How far leads came: contacted, reached, answered, and then from status to status. Each step counts those
        who took all before it, a status from the first contact on.

        Raises:
            InvalidInput: ``invalid_argument`` for a status that there is not; ``invalid_filter``.

        >>> db = leadkit.open(":memory:")
        >>> [step.name for step in db.comms.funnel().steps]
        ['contacted', 'reached', 'answered']
        """
    def cohorts(self, **options: Unpack[CohortOptions]) -> Cohorts:
        """Leads gathered by the month or week of their first contact, and how many of them had answered, or come to
        a success, by the end of that one, of the next, and so on until now.

        Raises:
            InvalidInput: ``invalid_argument`` for a time zone or status that there is not; ``invalid_filter``.

        >>> db = leadkit.open(":memory:")
        >>> db.comms.cohorts().cohorts
        []
        """
    def check_stats(self, **options: Unpack[CheckStatsOptions]) -> StatsCheck:
        """Counts all contacts anew, compares that with the counts that ``stats`` answers from, and tells what
        differs; with ``mend`` these are counted anew. Reads everything.

        Raises:
            IoError: ``read_only`` where it is to mend and may not.

        >>> db = leadkit.open(":memory:")
        >>> db.comms.check_stats().wrong
        0
        """
    def stats_report(self, **options: Unpack[StatsReportOptions]) -> StatsReport:
        """What one would show a sales manager; ``save_html`` and ``to_html`` make a page of it.

        Raises:
            InvalidInput: ``invalid_argument`` for a time zone that there is not, and for a time that ends before
                it begins or is longer than ten years.

        >>> db = leadkit.open(":memory:")
        >>> report = db.comms.stats_report(title="March")
        >>> report.to_html().startswith("<!DOCTYPE html>")
        True
        """
    def log(self, lead: int, channel: ContactChannel, **options: Unpack[LogOptions]) -> Communication:
        """Enters a contact with a lead that leadkit did not send: a call that somebody made, an email, a
        meeting, a note, something to do, a message of a chat, or anything else with a ``label``. It belongs to
        the lead's owner of that moment unless said otherwise. A repeated call with the same ``key`` gives the
        first one's entry; an entry is never changed, another one puts it right (``corrects``).

        Raises:
            NotFound: ``not_found`` for the lead, the contact that it answers, and the entry that it puts right.
            InvalidInput: ``invalid_argument`` for a custom channel without a label and a label of any other,
                for a time outside of the years 1900 to 2200, and for an entry that says nothing.
            Conflict: ``conflict`` for putting right what was not entered, or was put right already.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org")
        >>> call = db.comms.log(ada.id, "voice", body="Wants prices by Friday", outcome="interested", seconds=240)
        >>> call.state, call.seconds
        ('logged', 240)
        >>> right = db.comms.log(ada.id, "voice", body="Wants prices by Thursday", corrects=call.id)
        >>> [entry.body for entry in db.comms.timeline(ada.id)]
        ['Wants prices by Thursday']
        """
    def timeline(self, lead: int, **options: Unpack[TimelineOptions]) -> Page[Communication]:
        """All contacts with a lead, the newest first: what was sent and came in, and what was entered. A lead
        that others were merged into has theirs too, and one that was merged has those of what it was merged
        into. Entries that were put right are left out unless asked for.

        Raises:
            NotFound: ``not_found``.
            InvalidInput: ``invalid_argument`` for a cursor that no page gave.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org")
        >>> for at, text in [("2026-03-02T09:00:00Z", "first"), ("2026-03-01T09:00:00Z", "before it")]:
        ...     _ = db.comms.log(ada.id, "note", body=text, at=at)
        >>> page = db.comms.timeline(ada.id, limit=1)
        >>> page.items[0].body, db.comms.timeline(ada.id, cursor=page.next_cursor).items[0].body
        ('first', 'before it')
        """
    def search(self, **options: Unpack[SearchOptions]) -> SearchPage:
        """Finds contacts by their words (subject, body, outcome, label, participants, names of files) and by
        what is said of them, the newest first or, among the newest 1,000 that have the words, the most
        relevant. The words are leadkit's own, so that the same ones find the same contacts on every store.

        Raises:
            InvalidInput: ``invalid_argument`` for a text without a word that is to be there, for an order by
                relevance without a text, and for a cursor that no page gave; ``unknown_field`` and
                ``invalid_filter`` for ``leads``.
            NotFound: ``not_found`` for the lead.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org")
        >>> for text in ["Sent the price list", "Crème brûlée for lunch", "Price talks: none"]:
        ...     _ = db.comms.log(ada.id, "note", body=text)
        >>> db.comms.search(text='"price list" OR creme', facets=["channel"]).facets
        {'channel': {'note': 2}}
        >>> [found] = db.comms.search(text="pri* -talks").items
        >>> [piece.text for piece in found.highlights if piece.found]
        ['price']
        """
    def export(
        self,
        target: str | os.PathLike[str],
        *,
        progress: _Progress = None,
        cancel: _Cancel = None,
        **options: Unpack[ContactExportOptions],
    ) -> ExportReport:
        """Writes what a search finds to a CSV or Excel file, the newest first, and enters that as an operation.
        The file appears as a whole or stays as it was.

        Raises:
            InvalidInput: as :meth:`search`; ``unknown_field``; ``invalid_argument`` for an order, a cursor or
                facets, and for a target whose ending names no format.
            PermissionDenied, Full, IoError: the target stays as it was.
            Cancelled: the target stays as it was.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org")
        >>> _ = db.comms.log(ada.id, "note", body="Sent the price list")
        >>> db.comms.export("notes.csv", search={"channels": ["note"]}, fields=["lead.email", "body"]).rows
        1
        """
    def import_log(
        self,
        source: _Source,
        *,
        progress: _Progress = None,
        cancel: _Cancel = None,
        **options: Unpack[ContactImportOptions],
    ) -> ImportReport:
        r"""Enters a history of contacts from a CSV file, as another system exported it: :meth:`log`, for each
        row. Encoding, delimiter and columns are found as in an import of leads; a row is about the stored lead
        that its columns name, by id, external id, email or phone. Rows that lead to none, or to several, and
        rows that cannot be read are handed back in a file of rejects, with the reasons. A row with a ``key``
        that is known is skipped. In the report ``created`` counts the entries.

        What was committed when it was interrupted stays; the same call goes on from there, and once it is
        done, it enters nothing twice (``already_imported``). Consent is not touched, nothing is taken for an
        answer or an opt-out.

        Args:
            source, progress, cancel: as of :meth:`Database.import_leads`.
            options: see :class:`ContactImportOptions`.

        Raises:
            AccessDenied: for a view with an access profile.
            NotFound: ``file_not_found``.
            InvalidInput: ``unknown_option``, ``invalid_argument``, ``unknown_field``, ``unknown_column``.
            Format: ``empty_source``, ``no_records``, ``not_a_table``; ``no_mappable_column`` where nothing
                says whose contacts these are, of which channel, or when.
            Cancelled: by token or event.
            Busy, Closed, Full, IoError: the database or the disk.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org")
        >>> file = b"E-Mail;Art;Datum;Notiz\nada@lovelace.org;Anruf;02.03.2026 10:00;Preisliste\n"
        >>> db.comms.import_log(file, time_zone="Europe/Berlin").created
        1
        >>> db.comms.timeline(ada.id).items[0].channel
        'voice'
        """
    def cancel(self, id: int) -> Communication:
        """Takes a message back that has not gone out.

        Raises:
            NotFound: ``not_found``.
            Conflict: ``conflict`` for one that was handed over already.
        """
    def get(self, id: int) -> Communication:
        """One message.

        Raises:
            NotFound: ``not_found``.
        """
    def list(self, **options: Unpack[CommunicationListOptions]) -> Page[Communication]:
        """Messages, the newest first.

        Raises:
            InvalidInput: ``invalid_argument`` for a cursor that no page gave.
        """
    def events(self, id: int) -> builtins.list[CommunicationEvent]:
        """What happened to a message, in order."""
    def dispatch(
        self,
        transport: Twilio | Transport,
        *,
        cancel: _Cancel = None,
        **options: Unpack[DispatchOptions],
    ) -> DispatchReport:
        """Hands over what is due. Each message is decided on in the transaction that marks it, just before
        it goes: sending must be switched on, consent given, the hour legal where the person may be. What
        must wait is looked at again at its hour; what is forbidden is ``refused``, with the reason.

        Several processes may do this at once. The first dispatch binds the database to the transport's
        account.

        Args:
            transport: a :class:`Twilio`, or an object of your own, see :class:`Transport`. An exception
                in its ``send_sms`` means that nobody knows whether the message was taken: it is
                ``unknown``, :meth:`reconcile` finds out, and it is never handed over again before that.
            cancel: a :class:`CancelToken`, or anything with ``is_set()``: stops after the messages that
                are being handed over; the report says what was done until then. Ctrl-C stops too, and
                raises KeyboardInterrupt.
            options: see :class:`DispatchOptions`.

        Raises:
            Conflict: ``conflict`` for a transport of another account.
            InvalidInput: ``invalid_argument`` for what is no transport, ``unknown_option``.

        >>> class Paper:
        ...     def capabilities(self):
        ...         return {"provider": "paper", "sms": True}
        ...     def send_sms(self, request):
        ...         return {"outcome": "accepted", "sid": "P1", "status": "sent"}
        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
        >>> message = db.comms.queue_sms(ada.id, body="Offers!")
        >>> db.comms.dispatch(Paper()).sending  # it is switched off
        False
        >>> settings = db.settings.set(sending=True)
        >>> db.comms.dispatch(Paper()).refusals
        {'no_consent': 1}
        """
    def reconcile(self, transport: Twilio | Transport) -> ReconcileReport:
        """Finds out what became of messages whose answer was lost, in the provider's list; asks about those
        that it took, where no report came of their end or price; and takes back what it still holds for
        people who want no more. Call it every minute or so, or when its ``next_at`` says.

        Raises:
            InvalidInput: ``unsupported`` for a transport that lists nothing; ``provider_refused`` when
                the list of a transport of your own raises.

        >>> db = leadkit.open(":memory:")
        >>> fake = leadkit.testing.FakeTwilio(db)
        >>> db.comms.reconcile(fake.twilio())
        ReconcileReport(found=0, lost=0, unknown=0, followed=0, taken_back=0, too_late=0)
        """
    def receive(self, twilio: Twilio, request: WebhookRequest) -> Received:
        """Checks that a request is Twilio's and of the account that sends, and enters what it reports:
        how far a message of ours has come, or what somebody wrote. STOP and its like end contact.

        Told once more, it changes nothing; told in another order, the end is the same.

        Args:
            twilio: the account, with its ``auth_token``.
            request: the request as your server had it: ``method``, ``url`` (the public one, complete, from
                your own configuration and never from forwarded headers), ``headers`` (a dict, or pairs as
                ASGI has them) and ``body`` (bytes, unchanged).

        Raises:
            PermissionDenied: ``permission_denied`` for a wrong signature and another account.
            InvalidInput: ``invalid_argument`` for what is no webhook about messages.

        >>> db = leadkit.open(":memory:")
        >>> fake = leadkit.testing.FakeTwilio(db)
        >>> stop = fake.inbound("+493023125014", fake.number, "Stop!", "https://leads.example/twilio")
        >>> received = db.comms.receive(fake.twilio(), stop)
        >>> received.messages[0].body, received.consent[0].kind
        ('Stop!', 'withdrawal')
        >>> db.comms.receive(fake.twilio(), {**stop, "body": b"Body=Go"})
        Traceback (most recent call last):
        ...
        leadkit._errors.PermissionDenied: this request is not signed by the account's token (...)
        """
    def receive_event(self, event: WebhookEvent, token: str | None = None) -> Received:
        """Enters what a provider of your own reports, once it is known to be the provider's.

        Told once more, it changes nothing; told in another order, the end is the same.

        Args:
            event: what happened, as :data:`WebhookEvent` has it.
            token: the attempt's, from ``leadkit_attempt`` in the callback's URL.

        Raises:
            InvalidInput: ``invalid_argument`` for what is no event.

        >>> db = leadkit.open(":memory:")
        >>> said = {"account_sid": "A1", "sid": "M1", "from": "+493023125014", "to": "+15005550006", "body": "Yes"}
        >>> db.comms.receive_event({"event": "message_inbound", **said}).messages[0].state
        'received'
        """

@final
class Consent:
    """Who may be contacted, by what, and why, ``db.consent``: a ledger that only grows.

    A withdrawal is kept for the address. It covers every lead that has the address or later gets it,
    and stays when leads are deleted, purged, restored, merged, taken back or imported again. A grant is
    kept for an address, a lead and a purpose; a lead that another one is merged into does not get it.
    """

    def record(self, kind: ConsentKind, source: str, **options: Unpack[ConsentOptions]) -> list[ConsentEntry]:
        """Adds to the ledger: one entry for the address given, or one for each number of the lead.

        Args:
            kind: what the person said: ``withdrawal`` (no more contact), ``lift`` (a withdrawal taken
                back), ``grant`` (agreed), ``asked`` (a question that YES answers); or what was
                noticed: ``suspected`` (perhaps a withdrawal, blocks until somebody looked),
                ``wrong_number``, ``cleared`` (a suspicion was none, the number is right).
            source: where it comes from, in a few words.
            options: see :class:`ConsentOptions`.

        Raises:
            InvalidInput: ``invalid_argument`` for an entry that lacks what its kind needs: a grant
                names the lead and keeps the words agreed to; ``invalid_value`` for an address that is
                no phone number.
            NotFound: ``not_found`` for the lead.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
        >>> entries = db.consent.record("grant", "web form", lead=ada.id, wording="Yes, text me offers")
        >>> db.consent.status(lead=ada.id).allowed
        True
        >>> entries = db.consent.record("withdrawal", "keyword", address=ada.phone)
        >>> db.consent.status(lead=ada.id).code
        'opted_out'
        """
    def status(self, **options: Unpack[ConsentQuestion]) -> ConsentStatus:
        """Whether a lead or an address may be contacted, and the entry that decides.

        Raises:
            InvalidInput: ``invalid_argument`` without address and lead; ``invalid_value``.
            NotFound: ``not_found``.
        """
    def history(self, **options: Unpack[ConsentHistoryOptions]) -> Page[ConsentEntry]:
        """Entries, the newest first.

        Raises:
            InvalidInput: ``invalid_value`` for an address that is no phone number;
                ``invalid_argument`` for a cursor that no page gave.
        """
    def export_suppressions(self, path: str | os.PathLike[str]) -> int:
        """Writes who may not be contacted as CSV: address, channel, kind, since when, source. Kept apart
        from backups, it is what a restored database is to be given before it sends. Gives how many.

        Raises:
            PermissionDenied, Full, IoError: the file cannot be written.

        >>> db = leadkit.open(":memory:")
        >>> entries = db.consent.record("withdrawal", "letter", address="+493023125014")
        >>> db.consent.export_suppressions("suppressions.csv")  # text messages and calls
        2
        >>> restored = leadkit.open(":memory:")
        >>> restored.consent.apply_suppressions("suppressions.csv")
        2
        >>> restored.consent.apply_suppressions("suppressions.csv")  # known already
        0
        """
    def apply_suppressions(self, path: str | os.PathLike[str]) -> int:
        """Enters such a list, as far as it is not known already; gives how many entries were added.

        Raises:
            InvalidInput: ``invalid_value`` for a line that cannot be read, with its row: then nothing is
                entered.
            FileNotFound, PermissionDenied, IoError: the file cannot be read.
        """

@final
class Privacy:
    """What the law asks about a person's data, ``db.privacy``: handing all of it out, erasing it, keeping
    nothing longer than it is needed."""

    def export_person(self, **options: Unpack[PersonOptions]) -> PersonExport:
        """All that is stored about a person: leads with their history, the files they came from, every
        contact and consent entry (GDPR Articles 15 and 20).

        Args:
            options: see :class:`PersonOptions`.

        Raises:
            InvalidInput: ``invalid_argument`` when nobody is named; ``invalid_value`` for an address that
                is none.
            NotFound: ``not_found``.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
        >>> export = db.privacy.export_person(address="+49 30 23125014")
        >>> [lead.email for lead in export.leads], "ada@lovelace.org" in export.to_html()
        (['ada@lovelace.org'], True)
        """
    def erase_person(
        self,
        legal_basis: str,
        *,
        transport: Twilio | Transport | None = None,
        **options: Unpack[ErasureOptions],
    ) -> ErasureCertificate:
        """Erases a person: leads, what the log and stored filters kept of them, originals, contacts, words of
        the index, consent entries but for their dates, idempotency keys, waiting rejected rows. Ids, times
        and costs stay, and of each number a fingerprint under a key of the host's, by which it stays
        blocked. Then the store's files are written anew. It cannot be taken back.

        Args:
            legal_basis: on which ground, such as ``GDPR Art. 17(1)(b)``.
            transport: deletes the provider's copies of messages and calls too, by its ``erase(sid)``.
            options: see :class:`ErasureOptions`.

        Raises:
            InvalidInput: ``invalid_argument`` without a legal basis or a person; ``invalid_value``;
                ``key_missing`` for a database opened without ``keys``.
            NotFound: ``not_found``.
            Conflict: ``on_hold``, with the reason; ``erased`` when they were already; ``conflict`` while a
                message to them is being handed over. Nothing is erased then.

        >>> db = leadkit.open(":memory:", keys=[{"id": "2026", "secret": b"0123456789abcdef0123456789abcdef"}])
        >>> ada = db.leads.add(email="ada@lovelace.org", phone="+49 30 23125014")
        >>> certificate = db.privacy.erase_person("GDPR Art. 17(1)(b)", lead=ada.id)
        >>> certificate.leads, len(certificate.suppressed), db.leads.get(ada.id)
        ([1], 1, None)
        """
    def erasures(self, **options: Unpack[ErasureListOptions]) -> Page[ErasureCertificate]:
        """The certificates of what was erased, the newest first.

        Raises:
            InvalidInput: ``invalid_argument`` for a cursor that no page gave.
        """
    def hold(self, reason: str, **options: Unpack[PersonOptions]) -> list[Hold]:
        """Forbids to erase a person, by hand or by a rule, and says why: a lawsuit, a duty to keep (GDPR
        Art. 17(3)). Gives the holds, one for each of the person's leads.

        Raises:
            InvalidInput: ``invalid_argument`` without a reason or a person; ``invalid_value``.
            NotFound: ``not_found``.

        >>> db = leadkit.open(":memory:")
        >>> ada = db.leads.add(email="ada@lovelace.org")
        >>> [hold.lead for hold in db.privacy.hold("lawsuit 12/2026", lead=ada.id)]
        [1]
        >>> db.privacy.erase_person("GDPR Art. 17(1)(b)", lead=ada.id)
        Traceback (most recent call last):
        ...
        leadkit._errors.Conflict: ...
        """
    def release(self, **options: Unpack[PersonOptions]) -> int:
        """Allows it again; gives how many leads were held.

        Raises:
            InvalidInput, NotFound: as :meth:`hold`.
        """
    def holds(self) -> list[Hold]:
        """All holds, by lead."""
    def apply_retention(self, **options: Unpack[RetentionOptions]) -> RetentionReport:
        """Finds what is kept longer than ``settings.retention`` allows. Unless ``erase`` is said it changes
        nothing and only tells. Leads are erased as by :meth:`erase_person`, but may be contacted again when
        they come back; of contacts the texts and addresses go; before-images of changes are removed.

        Args:
            options: see :class:`RetentionOptions`.

        Raises:
            NotFound: ``not_found`` for a rule that is not there.
            InvalidInput: ``key_missing``; ``invalid_filter``, ``unknown_field`` for a rule's filter;
                ``invalid_argument`` for changes that undo still needs.

        >>> db = leadkit.open(":memory:")
        >>> settings = db.settings.set(retention=[{"name": "old leads", "data": "leads", "days": 1095}])
        >>> report = db.privacy.apply_retention()
        >>> report.erased, report.rules[0].due
        (False, 0)
        """
    def compact(self) -> None:
        """Writes the store's files anew, so that freed storage holds nothing of what was erased. Erasing does
        so by itself; call it where a certificate says ``compacted`` is false, since others used the store.

        Raises:
            Busy: ``busy`` when others use it.
            Full, IoError: the files cannot be written.
        """

@final
class SettingsRoom:
    """The switches, ``db.settings``: whether anything is sent, and by what."""

    def get(self) -> Settings:
        """The switches as they stand."""
    def set(self, **options: Unpack[SettingsChange]) -> Settings:
        """Turns the switches that are named.

        Each change is an operation of the log, with the switches before and after. What waits in the outbox
        for what was changed is decided on anew.

        >>> db = leadkit.open(":memory:")
        >>> db.settings.get().sending
        False
        >>> db.as_actor("mia", "campaign approved").settings.set(sending=True).sending
        True
        >>> ten = {"name": "march", "amount": {"amount": "10", "currency": "USD"}, "alert_at": [0.8]}
        >>> settings = db.settings.set(budgets=[ten], rates={"*": 1}, quiet_hours={"from": "20:00", "until": "9:00"})
        >>> settings.budgets[0]["amount"], settings.rates
        (Money(amount='10', currency='USD'), {'*': 1.0})
        >>> db.operations.list().items[-1].options["before"]["sending"]
        False
        """

@final
class Audit:
    """What was done with the data, by whom, ``db.audit``: a chain that only grows and shows whatever was changed
    in it.

    It holds ids and keyed fingerprints, nothing of people's; who acts stands there as ``as_actor`` was told:
    name colleagues by ids. Why something was done is in the log of operations only, which can forget it when a
    person is erased. Without ``keys`` it is a chain all the same, which whoever writes to the database could make
    anew. A database that is only read enters nothing.
    """

    def entries(self, **options: Unpack[AuditListOptions]) -> Page[AuditEntry]:
        """Entries, the newest first.

        Raises:
            InvalidInput: ``invalid_argument`` for a cursor that no page gave.

        >>> db = leadkit.open(":memory:", actor="mia")
        >>> lead = db.leads.add(email="ada@lovelace.org")
        >>> [(entry.seq, entry.kind, entry.actor, entry.detail["leads"]) for entry in db.audit.entries()]
        [(1, 'operation', 'mia', [1])]
        """
    def verify(self, **options: Unpack[AuditVerifyOptions]) -> AuditReport:
        """Looks at every entry: whether each is as it was made, and none is missing, put elsewhere or added. What
        was cut off at the end is found as far as the checkpoint reaches.

        What is found wrong is no error: ``state`` and ``problems`` say it.

        Raises:
            InvalidInput: ``invalid_argument`` for a checkpoint that none can be.

        >>> db = leadkit.open(":memory:", keys=[{"id": "2026", "secret": b"k" * 32}])
        >>> lead = db.leads.add(email="ada@lovelace.org")
        >>> checkpoint = db.audit.checkpoint()  # kept elsewhere
        >>> report = db.audit.verify(checkpoint=checkpoint)
        >>> report.ok, report.state, report.entries
        (True, 'verified', 1)
        """
    def checkpoint(self) -> AuditCheckpoint:
        """Where the chain stands, to be kept elsewhere: what it names cannot be taken away unseen."""

@final
class Automations:
    """What happens by itself, ``db.automations``: saved as data, set off by events and times, with a record of
    every run. :meth:`Database.tick` lets it happen."""

    def save(
        self, name: str, spec: AutomationSpec | AutomationBuilder, **options: Unpack[SaveAutomationOptions]
    ) -> Automation:
        """Saves an automation under a name, as the name's next version. A new one does nothing until it is
        enabled; runs under way end by the version that they began with, unless ``migrate`` says otherwise.
        Saved once more unchanged, it stays the version it is.

        Args:
            name: its name.
            spec: what it does, as a dict or from :func:`automation`.
            options: see :class:`SaveAutomationOptions`.

        Raises:
            InvalidInput: ``invalid_argument``, ``invalid_filter``, ``unknown_field``, ``invalid_value`` for
                what is wrong with it: ``field`` names the place, such as ``steps[2].for``.
            NotFound: ``not_found`` for a template or schedule that it names.
            PermissionDenied: ``access_denied`` for a view.

        >>> db = leadkit.open(":memory:")
        >>> welcome: leadkit.AutomationSpec = {
        ...     "trigger": {"on": "lead_created"},
        ...     "condition": {"lead": {"country": "DE"}},
        ...     "steps": [{"do": "assign", "owners": ["mia"]}, {"do": "task", "subject": "Say hello"}],
        ... }
        >>> saved = db.automations.save("welcome", welcome)
        >>> saved.version, saved.enabled
        (1, False)
        >>> db.automations.enable("welcome").enabled
        True
        >>> ada = db.leads.add(email="ada@lovelace.org", country="DE")
        >>> report = db.tick()
        >>> report.started, report.finished, db.leads.get(ada.id).owner
        (1, 1, 'mia')
        """
    def get(self, name: str) -> Automation | None:
        """The last version of an automation; None when there is no such.

        Raises:
            PermissionDenied: ``access_denied`` for a view.
        """
    def list(self) -> builtins.list[Automation]:
        """All automations by name, each by its last version: what it does, the next of its times, and how many
        runs are under way. As data they can be kept in files and saved elsewhere.

        Raises:
            PermissionDenied: ``access_denied`` for a view.
        """
    def enable(self, name: str) -> Automation:
        """Lets an automation be set off, by what happens from now on.

        Raises:
            NotFound: ``not_found``.
            InvalidInput: as :meth:`save` where what it names is gone by now.
            PermissionDenied: ``access_denied`` for a view.
        """
    def disable(self, name: str) -> Automation:
        """Lets an automation be set off no more; runs under way go on, and :meth:`cancel` ends them.

        Raises:
            NotFound: ``not_found``.
            PermissionDenied: ``access_denied`` for a view.
        """
    def runs(self, **options: Unpack[RunListOptions]) -> Page[AutomationRun]:
        """Runs, the newest first: what set each off, every step with what came of it, why it ended or did not
        start.

        Raises:
            InvalidInput: ``invalid_argument`` for a cursor that no page gave, ``unknown_option``.
            PermissionDenied: ``access_denied`` for a view.

        >>> db = leadkit.open(":memory:")
        >>> saved = db.automations.save("tag", leadkit.automation({"on": "lead_created"}).tag(["new"]))
        >>> enabled = db.automations.enable("tag")
        >>> lead, report = db.leads.add(email="ada@lovelace.org"), db.tick()
        >>> [(run.state, run.event.on, run.log[0].did, run.log[0].result) for run in db.automations.runs(lead=1)]
        [('finished', 'lead_created', 'tag', 'done')]
        """
    def cancel(self, name: str, lead: int | None = None) -> int:
        """Ends runs under way of an automation, all or those of one lead, and gives their number. What they
        did stays; messages that wait are taken back by ``comms.cancel``.

        Raises:
            NotFound: ``not_found``.
            PermissionDenied: ``access_denied`` for a view.
        """
    def rehearse(
        self, spec: AutomationSpec | AutomationBuilder, **options: Unpack[RehearseOptions]
    ) -> Rehearsal:
        """What an automation would have done with what was: how often it would have started, for whom, and how
        it would have ended. Nothing is changed, and it need not be saved. Leads, messages and consent are
        taken as they were then; replies are those that came.

        Raises:
            NotFound, InvalidInput, PermissionDenied: as :meth:`save`.

        >>> db = leadkit.testing.open(":memory:", now="2026-03-02T09:00:00Z", seed=1)
        >>> lead = db.leads.add(email="ada@lovelace.org")
        >>> db.advance(60)
        >>> hello = leadkit.automation({"on": "lead_created"}).task("Say hello")
        >>> rehearsal = db.automations.rehearse(hello)
        >>> rehearsal.runs, rehearsal.steps
        (1, {'task': 1})
        """
    def picture(self, name: str) -> str:
        """The last version of an automation as a picture: an SVG document, for a page or a file of its own.

        Raises:
            NotFound: ``not_found``.
            PermissionDenied: ``access_denied`` for a view.
        """
    def events(self, **options: Unpack[EventListOptions]) -> builtins.list[HostEvent]:
        """What automations tell the host, in order: it deals with them and acknowledges the last. One that the
        host died over is there again.

        Raises:
            PermissionDenied: ``access_denied`` for a view.
            InvalidInput: ``unknown_option``.

        >>> db = leadkit.open(":memory:")
        >>> ring = leadkit.automation({"on": "lead_created"}).host("ring", bell="front")
        >>> saved = db.automations.save("ring", ring), db.automations.enable("ring")
        >>> lead, report = db.leads.add(email="ada@lovelace.org"), db.tick()
        >>> [(event.event, event.data, event.lead) for event in db.automations.events()]
        [('ring', {'bell': 'front'}, 1)]
        >>> db.automations.acknowledge(1), db.automations.events()
        (1, [])
        """
    def acknowledge(self, up_to: int) -> int:
        """Removes events that the host has dealt with, up to a number, and gives how many they were.

        Raises:
            PermissionDenied: ``access_denied`` for a view.
        """

@final
class Schedules:
    """Schedules with names, ``db.schedules``, which automations keep to."""

    def save(self, name: str, schedule: Schedule) -> NamedSchedule:
        """Saves a schedule under a name, in the place of the one before: automations keep to its times from
        now on.

        Raises:
            InvalidInput: ``invalid_argument`` for a name that is none and a schedule that has no times.
            PermissionDenied: ``access_denied`` for a view.

        >>> db = leadkit.open(":memory:")
        >>> weekly: leadkit.Schedule = {
        ...     "zone": "Europe/Berlin", "start": "2026-01-05T09:00", "rrule": "FREQ=WEEKLY;BYDAY=MO"}
        >>> saved = db.schedules.save("mondays", weekly)
        >>> saved.enabled, saved.next_at is None
        (True, False)
        >>> print(db.schedules.pause("mondays").next_at)
        None
        """
    def get(self, name: str) -> NamedSchedule | None:
        """The schedule of a name; None when there is no such.

        Raises:
            PermissionDenied: ``access_denied`` for a view.
        """
    def list(self) -> builtins.list[NamedSchedule]:
        """All schedules by name, with their next times and the automations that keep to them.

        Raises:
            PermissionDenied: ``access_denied`` for a view.
        """
    def pause(self, name: str) -> NamedSchedule:
        """Lets a schedule set nothing off; what it misses is not made up for.

        Raises:
            NotFound: ``not_found``.
            PermissionDenied: ``access_denied`` for a view.
        """
    def resume(self, name: str) -> NamedSchedule:
        """Lets a schedule go on.

        Raises:
            NotFound: ``not_found``.
            PermissionDenied: ``access_denied`` for a view.
        """

@final
class Templates:
    """Texts for messages and calls, ``db.templates``, by name and version."""

    def save(self, name: str, body: str, **options: Unpack[TemplateOptions]) -> MessageTemplate:
        """Saves a text under a name, as the name's next version.

        Saved once more unchanged, it stays the version it is. A text sees ``lead.*``, ``owner.name``
        and what the caller gives as ``vars.*``; values are filled in once and never rendered.

        Raises:
            InvalidInput: ``invalid_template`` for a text that is none, in any language, and for
                variables that nobody fills; ``invalid_argument`` for the name, and for defaults of
                variables that no text uses.

        >>> db = leadkit.open(":memory:")
        >>> db.templates.save("hello", "Hi {{ lead.first_name }}!", defaults={"lead.first_name": "there"}).version
        1
        >>> nameless = db.leads.add(email="info@lovelace.org")
        >>> db.templates.render("hello", lead=nameless.id).text
        'Hi there!'
        """
    def get(self, name: str, **options: Unpack[TemplateVersion]) -> MessageTemplate | None:
        """A version of a template, by default the last; None when there is no such."""
    def list(self) -> list[MessageTemplate]:
        """The last version of each template, archived ones included, by name."""
    def render(self, name: str, **options: Unpack[RenderOptions]) -> RenderedTemplate:
        """Fills a template in, as a message would have it; nothing is sent.

        Raises:
            NotFound: ``not_found`` for the template, its version and the lead.
            InvalidInput: ``template_value_missing`` for a variable that holds nothing and has no
                default.
        """
    def archive(self, name: str) -> MessageTemplate:
        """Puts a template away: it is shown, and not used any more until it is saved again.

        Raises:
            NotFound: ``not_found``.
        """

@final
class Twilio:
    """An account at Twilio, as a transport: for ``db.comms.dispatch``, ``reconcile`` and ``receive``, and
    to be used by itself.

    Nothing is started or connected before the first request. A request is made once: what may have been
    taken without an answer is the outcome ``unknown``, and making it again is your decision. Secrets are
    shown nowhere, and a Twilio cannot be pickled.

    >>> twilio = leadkit.Twilio(account_sid="AC" + "0" * 32, auth_token="your auth token", sender="+15005550006")
    >>> twilio
    <leadkit.Twilio AC00000000000000000000000000000000>
    >>> twilio.capabilities()["scheduling"]
    True
    >>> leadkit.Twilio(account_sid="AC1", auth_token="your auth token")
    Traceback (most recent call last):
    ...
    leadkit._errors.InvalidInput: an account's id is AC and 32 hexadecimal digits
    """

    def __new__(cls, **options: Unpack[TwilioConfig]) -> Self:
        """Looks the options over.

        Raises:
            InvalidInput: ``invalid_argument``, naming the field; ``unknown_option``.
        """
    @property
    def account_sid(self) -> str:
        """The account."""
    @property
    def public_url(self) -> str | None:
        """The URL under which this host is reached from outside."""
    def capabilities(self) -> Capabilities:
        """What it can do, and for which account."""
    def send_sms(self, request: SmsRequest) -> Outcome:
        """Sends one message, once. What Twilio does not take is an outcome, not an exception.

        This goes by no switch, no consent and no hours: ``db.comms.queue_sms`` does.

        Raises:
            InvalidInput: ``invalid_argument``, ``unknown_option`` for the request.

        >>> fake = leadkit.testing.FakeTwilio()
        >>> outcome = fake.twilio().send_sms({"to": "+15558675310", "body": "Hello"})
        >>> outcome["outcome"], fake.accepted("+15558675310", "Hello")
        ('accepted', 1)
        >>> fake.twilio().send_sms({"to": "+15005550001", "body": "Hello"})["class"]
        'invalid_recipient'
        """
    def send_many(self, requests: Iterable[SmsRequest]) -> list[Outcome]:
        """Sends several, ``concurrency`` at a time, each once, and answers in their order."""
    def start_call(self, request: CallRequest) -> Outcome:
        """Starts a call, once."""
    def fetch_message(self, sid: str) -> ProviderMessage:
        """What Twilio knows about a message.

        Raises:
            NotFound: ``not_found``.
            Unreachable: ``unreachable``: try again later.
            InvalidInput: ``provider_refused``; ``invalid_argument`` for what is no id.
        """
    def fetch_call(self, sid: str) -> ProviderCall:
        """What Twilio knows about a call.

        Raises:
            NotFound, Unreachable, InvalidInput: as :meth:`fetch_message`.
        """
    def list_messages(self, query: MessageQuery) -> Page[ProviderMessage]:
        """A page of the messages that Twilio has, newest first.

        Raises:
            NotFound, Unreachable, InvalidInput: as :meth:`fetch_message`.
        """
    def cancel(self, sid: str) -> Cancellation:
        """Takes back a message or call by its id. One that went out or was answered before is too late.

        Raises:
            NotFound, Unreachable, InvalidInput: as :meth:`fetch_message`.
        """
    def hang_up(self, sid: str) -> Cancellation:
        """Hangs a call up, even one that was answered.

        Raises:
            NotFound, Unreachable, InvalidInput: as :meth:`fetch_message`.
        """
    def redact_message(self, sid: str) -> ProviderMessage:
        """Empties a message's text at Twilio. It must have ended.

        Raises:
            NotFound, Unreachable, InvalidInput: as :meth:`fetch_message`.
        """
    def delete_message(self, sid: str) -> None:
        """Deletes a message at Twilio. It must have ended.

        Raises:
            NotFound, Unreachable, InvalidInput: as :meth:`fetch_message`.
        """
    def delete_call(self, sid: str) -> None:
        """Deletes the record of a call at Twilio. It must have ended.

        Raises:
            NotFound, Unreachable, InvalidInput: as :meth:`fetch_message`.
        """
    def erase(self, sid: str) -> None:
        """Deletes a message or the record of a call at Twilio, by its id. A call's recordings are records
        of their own: Twilio keeps them until they are deleted there.

        Raises:
            NotFound, Unreachable, InvalidInput: as :meth:`fetch_message`.
        """

@final
class LegalHours:
    """A checked table of rules: it decides at which hours somebody may be contacted.

    Without arguments it is leadkit's own table; with a table of yours, that one on top: rules of a name
    that is there already take that one's place, those named in ``without`` go, all else is added. None of
    it is legal advice.

    >>> late = leadkit.LegalHours().decide("2026-07-01T00:30:00Z", phone="+13055550123")
    >>> late.allowed, late.refusal  # 20:30 in Miami: the nation's hours allow it, Florida's do not
    (False, 'outside_hours')
    >>> print(late.next_legal)
    2026-07-01 12:00:00+00:00
    >>> ours = {"id": "us-fl", "country": "US", "state": "FL", "hours": {"daily": "10:00-18:00"}, "source": "counsel"}
    >>> leadkit.LegalHours(rules=[ours]).decide("2026-07-01T13:30:00Z", phone="+13055550123").allowed
    False
    """

    def __new__(cls, **table: Unpack[RuleTable]) -> Self:
        """Checks a table.

        Raises:
            InvalidInput: ``invalid_argument`` for hours, days and dates that cannot be read, for two
                rules of one name, and for a name in ``without`` that no rule has.
        """
    def decide(self, at: datetime | str, **contact: Unpack[Contact]) -> Decision:
        """Whether somebody may be contacted at an instant, and from when on.

        Legal is what every rule allows in every zone: the rules of the address's country and state and of
        the number's, in the person's own zone, in those of the address's state, and in those of the
        number. Where no rule is, the table's cautious one holds. Informational contact has no legal hours
        but the quiet hours.

        Raises:
            InvalidInput: ``invalid_argument`` for holidays and quiet hours that cannot be read.
        """
    def table(self) -> RuleTable:
        """The table as it is written down."""

@final
class Bulk:
    """Operations on many leads, ``db.bulk``: each is planned, looked at, and run;
    ``db.operations.undo`` takes it back.

    A plan changes nothing. It is stored, so that planning and running may be two web requests, and it
    is for the leads as they are now: those that others change before the run are left alone.
    """

    def plan_update(self, filter: Filter, **options: Unpack[PlanUpdateOptions]) -> Plan:
        """Plans to change fields and tags.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_value``,
                ``invalid_template``, ``invalid_argument``, ``unknown_option``.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@lovelace.org", first_name="Ada", source="fair")
        >>> plan = db.bulk.plan_update(
        ...     {"source": "fair"},
        ...     set={"owner": "mia", "notes": {"template": "Met {{ lead.first_name }} at the fair"}},
        ...     add_tags=["spring"],
        ... )
        >>> plan
        Plan(kind='bulk_update', count=1, changes=1, warnings=[], needs_confirmation=False)
        >>> plan.sample[0].fields["notes"].after
        'Met Ada at the fair'
        >>> done = db.bulk.run(plan)
        >>> done.changed, db.operations.undo(done).changed
        (1, 1)
        """
    def plan_delete(self, filter: Filter, **options: Unpack[PlanOptions]) -> Plan:
        """Plans to delete leads.

        They can be restored, by an undo or one by one; all of them at once only by ``{"all": True}``.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_argument``,
                ``unknown_option``.
        """
    def plan_assign(self, filter: Filter, to: Assignment, **options: Unpack[PlanOptions]) -> Plan:
        """Plans to give leads to owners.

        Args:
            filter: which leads.
            to: an owner's name, or ``{"round_robin": ["mia", "tom"]}``,
                ``{"weighted": {"mia": 3, "tom": 1}}``, ``{"territory": {"rules": [{"filter":
                {"country": "DE"}, "owner": "mia"}], "otherwise": "tom"}}``.
            options: see :class:`PlanOptions`.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_value``,
                ``invalid_argument``, ``unknown_option``.

        >>> db = leadkit.open(":memory:")
        >>> leads = [db.leads.add(email=f"{name}@example.org") for name in ("a", "b", "c")]
        >>> done = db.bulk.run(db.bulk.plan_assign({}, {"round_robin": ["mia", "tom"]}))
        >>> db.leads.count({"owner": "mia"})
        2
        """
    def plan_status(self, filter: Filter, status: str, **options: Unpack[PlanOptions]) -> Plan:
        """Plans to move leads to another status, by the ways that ``db.statuses`` allows.

        Those that may not go there are left alone, as ``forbidden_transition``.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_value``,
                ``invalid_argument``, ``unknown_option``.
        """
    def plan_merge(self, groups: Iterable[MergeGroup], **options: Unpack[PlanOptions]) -> Plan:
        """Plans to merge leads.

        What stays takes what the others have beyond it, and their ids become its aliases. Each group
        is merged as a whole or left alone.

        Raises:
            InvalidInput: ``invalid_argument``, ``unknown_option``.

        >>> db = leadkit.open(":memory:")
        >>> leads = [db.leads.add(email=f"ada@{domain}.org") for domain in ("one", "two")]
        >>> done = db.bulk.run(db.bulk.plan_merge([{"keep": 1, "merge": [2]}]))
        >>> [(lead.email, lead.emails) for lead in db.leads.iterate()]
        [('ada@one.org', ['ada@two.org'])]
        """
    def plan_purge(self, filter: Filter, **options: Unpack[PlanOptions]) -> Plan:
        """Plans to remove leads for good, deleted ones included, with their history.

        No undo brings them back, and the run always wants their number.

        Raises:
            InvalidInput: ``unknown_field``, ``invalid_filter``, ``invalid_argument``,
                ``unknown_option``.
        """
    def plan_undo(self, operation: _Operation, **options: Unpack[PlanUndoOptions]) -> Plan:
        """Plans to take an operation back; see :meth:`Operations.undo`.

        Raises:
            NotFound: ``not_found``.
            Conflict: ``not_undoable``, ``already_undone``, ``undo_expired``.
            Busy: ``operation_running``.
            InvalidInput: ``unknown_field``, ``invalid_argument``, ``unknown_option``.
        """
    def plan_of(self, token: str) -> Plan:
        """A plan that was made before and not run yet.

        Raises:
            NotFound: ``not_found``.
        """
    def run(
        self,
        plan: Plan | str,
        *,
        progress: _Progress = None,
        cancel: _Cancel = None,
        **options: Unpack[RunOptions],
    ) -> Operation:
        """Runs a plan, or goes on with one that was interrupted.

        One that is done gives its result once more: a repeated call changes nothing.

        Args:
            plan: a plan or its token.
            progress: True for a bar on stderr, or a function that is called with a
                :class:`Progress`, as in :meth:`Database.import_leads`.
            cancel: a :class:`CancelToken`, or anything with ``is_set()``. Ctrl-C cancels too, and
                raises KeyboardInterrupt.
            options: see :class:`RunOptions`.

        What was committed when a run was cancelled stays; the same call, or ``operations.resume``,
        goes on from there.

        Raises:
            NotFound: ``not_found``.
            Conflict: ``plan_expired``, ``undo_conflict``; ``conflict``: the idempotency key belongs
                to another request.
            InvalidInput: ``confirmation_needed``, ``invalid_argument``, ``unknown_option``.
            Busy: ``operation_running``, ``busy``.
            Cancelled: by token or event.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@lovelace.org")
        >>> plan = db.bulk.plan_purge({"id": lead.id})
        >>> db.bulk.run(plan)
        Traceback (most recent call last):
        ...
        leadkit._errors.InvalidInput: this plan wants its count typed, which is 1 (run it with confirm=1)
        >>> db.bulk.run(plan.token, confirm=1).changed
        1
        """

@final
class Operations:
    """What was done to a database, ``db.operations``: who, when, from which file, what came of it."""

    def list(self, **options: Unpack[ListOptions]) -> Page[Operation]:
        """Operations, the newest first.

        Raises:
            InvalidInput: ``invalid_argument``, ``unknown_option``.

        >>> db = leadkit.open(":memory:")
        >>> lead = db.leads.add(email="ada@lovelace.org")
        >>> [operation.kind for operation in db.operations.list(limit=10)]
        ['add']
        """
    def get(self, id: int) -> Operation:
        """One operation.

        Raises:
            NotFound: ``not_found``.
        """
    def undo(
        self,
        operation: _Operation,
        *,
        progress: _Progress = None,
        cancel: _Cancel = None,
        **options: Unpack[UndoRunOptions],
    ) -> Operation:
        r"""Takes an operation back: a bulk operation, an import, an edit, or an undo, which is then
        done again.

        Leads that it created are deleted, values that it wrote become what they were. A value that
        somebody has changed since, and a lead whose external id or email another one has by now, are
        conflicts: left alone and listed by :meth:`conflicts`, unless ``on_conflict`` says otherwise.
        A part of it can be taken back by naming leads or fields.

        Args:
            operation: an operation, an import's report, or an id.
            progress: as in :meth:`Bulk.run`.
            cancel: as in :meth:`Bulk.run`.
            options: see :class:`UndoRunOptions`.

        Raises:
            NotFound: ``not_found``.
            Conflict: ``not_undoable``, ``already_undone``, ``undo_expired``; ``undo_conflict`` when
                asked to abort.
            Busy: ``operation_running``, ``busy``.
            InvalidInput: ``unknown_field``, ``invalid_argument``, ``unknown_option``.
            Cancelled: by token or event; :meth:`resume` goes on.

        >>> db = leadkit.open(":memory:")
        >>> report = db.import_leads(b"email\nada@lovelace.org\n")
        >>> undone = db.operations.undo(report)
        >>> undone.changed, db.leads.count()
        (1, 0)
        >>> db.operations.undo(undone).kind, db.leads.count()
        ('undo', 1)
        """
    def resume(
        self,
        id: int,
        *,
        progress: _Progress = None,
        cancel: _Cancel = None,
        **options: Unpack[RunOptions],
    ) -> Operation:
        """Goes on with a bulk operation or an undo that was cancelled or interrupted.

        Raises:
            NotFound: ``not_found``.
            InvalidInput: ``invalid_argument`` for other kinds; otherwise as :meth:`Bulk.run`.
        """
    def cancel(self, id: int) -> Operation:
        """Withdraws a plan, or stops an operation that any process runs, after its current chunk.

        What was committed stays, and can be gone on with or taken back.

        Raises:
            NotFound: ``not_found``.
            Conflict: ``conflict``: it is over.
        """
    def conflicts(self, id: int, **options: Unpack[ConflictOptions]) -> Page[ConflictEntry]:
        """What an operation left alone, lead by lead or value by value, and why.

        Raises:
            NotFound: ``not_found``.
            InvalidInput: ``invalid_argument``, ``unknown_option``.
        """
    def prune(self, older_than_days: float) -> int:
        """Removes the before-images of changes that are older than some days, and tells how many.

        Histories then begin later, and what was done before can no longer be taken back.

        Raises:
            InvalidInput: ``invalid_argument`` for fewer days than undo is possible for.
        """
