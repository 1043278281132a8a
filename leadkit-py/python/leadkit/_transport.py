"""Messages and calls as they go to a provider and come back: dicts, the same in both directions.

What a transport takes and gives has keys such as ``from`` and ``class``, which no attribute can be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, Protocol, TypedDict, Union

from leadkit._types import Direction, Money, Page

AddressRetention = Literal["retain"] | Literal["obfuscate"]
AnsweringMachine = Literal["Enable"] | Literal["DetectMessageEnd"]
CallProgress = Literal["initiated"] | Literal["ringing"] | Literal["answered"] | Literal["completed"]
CallStatus = (
    Literal["unknown"]
    | Literal["queued"]
    | Literal["initiated"]
    | Literal["ringing"]
    | Literal["in-progress"]
    | Literal["canceled"]
    | Literal["failed"]
    | Literal["no-answer"]
    | Literal["busy"]
    | Literal["completed"]
)
CallbackMethod = Literal["GET"] | Literal["POST"]
ContentRetention = Literal["retain"] | Literal["discard"]
MessageStatus = (
    Literal["unknown"]
    | Literal["scheduled"]
    | Literal["accepted"]
    | Literal["queued"]
    | Literal["sending"]
    | Literal["sent"]
    | Literal["receiving"]
    | Literal["received"]
    | Literal["canceled"]
    | Literal["failed"]
    | Literal["undelivered"]
    | Literal["partially_delivered"]
    | Literal["delivered"]
    | Literal["read"]
)
RiskCheck = Literal["enable"] | Literal["disable"]
RefusalClass = (
    Literal["bad_request"]
    | Literal["auth"]
    | Literal["account_suspended"]
    | Literal["not_found"]
    | Literal["bad_state"]
    | Literal["invalid_recipient"]
    | Literal["not_mobile"]
    | Literal["opted_out"]
    | Literal["unroutable"]
    | Literal["geo_permission"]
    | Literal["trial_unverified"]
    | Literal["sender_config"]
    | Literal["sender_registration"]
    | Literal["content_too_long"]
    | Literal["content_too_large"]
    | Literal["bad_media"]
    | Literal["mms_unsupported"]
    | Literal["schedule_invalid"]
    | Literal["schedule_limit"]
    | Literal["rate_limit"]
    | Literal["sender_queue_full"]
    | Literal["queue_overflow"]
    | Literal["ambiguous_server"]
    | Literal["unreachable_handset"]
    | Literal["unknown_handset"]
    | Literal["landline_or_unreachable_carrier"]
    | Literal["blocked"]
    | Literal["carrier_filtered"]
    | Literal["unknown_delivery"]
    | Literal["missing_inbound_segment"]
    | Literal["price_exceeded"]
    | Literal["carrier_congestion"]
    | Literal["a2p_rate"]
    | Literal["a2p_daily_cap"]
    | Literal["provider_timeout"]
    | Literal["unsupported"]
    | Literal["other"]
)


class _TwilioConfigNeeds(TypedDict):
    account_sid: str
    """The account (``AC…``)."""


class TwilioConfig(_TwilioConfigNeeds, total=False):
    """An account at Twilio and how it is reached. Secrets are shown nowhere."""

    auth_token: str | None
    """The account's token: signs in unless there is an ``api_key``, and verifies webhooks."""
    api_key: str | None
    """A key (``SK…``) to sign in with instead; better, since it can be withdrawn alone."""
    api_secret: str | None
    """The key's secret."""
    sender: str | None
    """Who sends when a request does not say: a number, or a messaging service (``MG…``)."""
    public_url: str | None
    """The URL under which this host is reached from outside, for webhooks."""
    region: str | None
    """Twilio's region that keeps the data, such as ``ie1``."""
    edge: str | None
    """The place where Twilio's network is entered, such as ``dublin``."""
    base_url: str | None
    """Another server than Twilio's, for tests; plain HTTP only to this machine itself."""
    connect_timeout: float
    """Seconds until a connection must stand; 10 when 0."""
    timeout: float
    """Seconds until an answer must have come; 30 when 0. Then nobody knows whether a message was
    taken."""
    concurrency: int
    """Requests at a time; 16 when 0."""


_SmsRequestFrom = TypedDict("_SmsRequestFrom", {"from": Union[str, None]}, total=False)


class _SmsRequestNeeds(_SmsRequestFrom):
    to: str
    """The recipient: a number in E.164, or a channel's address such as ``whatsapp:+15558675310``."""


class SmsRequest(_SmsRequestNeeds, total=False):
    """A message to be sent: text, pictures or a template of the provider's, to one address."""

    messaging_service_sid: str | None
    """A messaging service (``MG…``), which chooses the sender."""
    fallback_from: str | None
    """Another sender for when the recipient cannot be reached over RCS."""
    body: str | None
    """The text, 1,600 characters at most."""
    media_urls: list[str]
    """URLs of pictures and other media, ten at most."""
    content_sid: str | None
    """A template kept at the provider (``HX…``)."""
    content_variables: Mapping[str, str]
    """The values of that template's variables."""
    status_callback: str | None
    """Where the provider reports what becomes of the message."""
    application_sid: str | None
    """A TwiML application (``AP…``) whose message status callback is used."""
    schedule_type: Literal["fixed"] | None
    """Said together with ``send_at``; may be left out."""
    send_at: datetime | str | None
    """When the provider is to send it: 5 minutes to 35 days ahead, by a messaging service only."""
    validity_period: int | None
    """For how many seconds the message may wait in the provider's queue: 1 to 36,000."""
    smart_encoded: bool | None
    """Whether characters that double the price are replaced by similar ones."""
    shorten_urls: bool | None
    """Whether URLs in the text are shortened, by a messaging service with a domain for that."""
    send_as_mms: bool | None
    """Whether it is sent as one MMS whatever its length."""
    provide_feedback: bool | None
    """Whether you will tell the provider that the message was useful."""
    force_delivery: bool | None
    """Reserved by the provider."""
    attempt: int | None
    """The number of the attempt, this one included, whichever provider made them."""
    content_retention: ContentRetention | None
    """What becomes of the text at the provider."""
    address_retention: AddressRetention | None
    """What becomes of the addresses at the provider."""
    risk_check: RiskCheck | None
    """Whether the provider looks for fraud."""
    traffic_type: Literal["free"] | None
    """Whether the message costs something."""
    persistent_actions: list[str]
    """Actions of channels that are not SMS, such as ``geo:37.78,-122.39``."""


_CallRequestFrom = TypedDict("_CallRequestFrom", {"from": Union[str, None]}, total=False)


class _CallRequestNeeds(_CallRequestFrom):
    to: str
    """Who is called: a number in E.164, a SIP address or a client."""


class CallRequest(_CallRequestNeeds, total=False):
    """A call to be started: to whom, from which number, and what happens when somebody answers (exactly
    one of ``url``, ``twiml``, ``application_sid``)."""

    url: str | None
    """Where the provider asks what to do, in TwiML."""
    twiml: str | None
    """What to do, as TwiML of at most 4,000 characters."""
    application_sid: str | None
    """A TwiML application (``AP…``) that says what to do."""
    method: CallbackMethod | None
    """How ``url`` is asked."""
    fallback_url: str | None
    """Where the provider asks when ``url`` fails."""
    fallback_method: CallbackMethod | None
    """How ``fallback_url`` is asked."""
    status_callback: str | None
    """Where the provider reports what becomes of the call."""
    status_callback_events: list[CallProgress]
    """What is reported; only the end when empty."""
    status_callback_method: CallbackMethod | None
    """How ``status_callback`` is asked."""
    send_digits: str | None
    """Keys dialled after somebody answered: digits, ``A``–``D``, ``#``, ``*``, and ``w``, ``W`` for
    pauses."""
    timeout: int | None
    """For how many seconds it rings: 600 at most."""
    time_limit: int | None
    """For how many seconds it may last."""
    machine_detection: AnsweringMachine | None
    """What is done about answering machines."""
    machine_detection_timeout: int | None
    """Seconds until the detection gives up."""
    machine_detection_speech_threshold: int | None
    """Milliseconds of speech from which on it may be a machine."""
    machine_detection_speech_end_threshold: int | None
    """Milliseconds of silence that end a greeting."""
    machine_detection_silence_timeout: int | None
    """Milliseconds of silence at the beginning until the detection gives up."""
    async_amd: bool | None
    """Whether the call goes on while the detection works."""
    async_amd_status_callback: str | None
    """Where the result of that detection is reported."""
    async_amd_status_callback_method: CallbackMethod | None
    """How that URL is asked."""
    record: bool | None
    """Whether the call is recorded. The law wants an announcement or consent in many places."""
    recording_channels: str | None
    """``mono`` or ``dual``."""
    recording_track: str | None
    """``inbound``, ``outbound`` or ``both``."""
    recording_status_callback: str | None
    """Where a finished recording is reported."""
    recording_status_callback_method: CallbackMethod | None
    """How that URL is asked."""
    recording_status_callback_events: list[str]
    """What is reported of recordings: ``in-progress``, ``completed``, ``absent``."""
    trim: str | None
    """``trim-silence`` or ``do-not-trim``."""
    caller_id: str | None
    """The caller as shown, where it differs from ``from``."""
    call_reason: str | None
    """Why it is called, as shown on phones that do."""


_MessageQueryFrom = TypedDict("_MessageQueryFrom", {"from": Union[str, None]}, total=False)


class MessageQuery(_MessageQueryFrom, total=False):
    """Which messages to list; all when empty."""

    to: str | None
    """To this address."""
    sent_from: datetime | str | None
    """Sent at this instant or later."""
    sent_until: datetime | str | None
    """Sent at this instant or earlier."""
    page_size: int
    """Messages of one page; the provider's default when 0, 1,000 at most."""
    cursor: str | None
    """The ``next_cursor`` of the page before."""


_AcceptedFrom = TypedDict("_AcceptedFrom", {"from": Union[str, None]}, total=False)


class _AcceptedNeeds(_AcceptedFrom):
    outcome: Literal["accepted"]
    sid: str
    """The provider's id."""
    status: str
    """The first status, in the provider's word. No callback reports it."""


class Accepted(_AcceptedNeeds, total=False):
    """The provider has taken it."""

    segments: int | None
    """Segments of a message, where they are known already."""
    price: Money | None
    """What it costs, where that is known already."""
    direction: Direction | None
    """Outbound, for whatever was sent."""


_RefusedWord = TypedDict("_RefusedWord", {"class": RefusalClass})


class _RefusedNeeds(_RefusedWord):
    outcome: Literal["refused"]
    message: str
    """What is wrong, for people; holds no personal data."""


class Refused(_RefusedNeeds, total=False):
    """It was not taken, and the same request never will be."""

    code: int | None
    """The provider's code, such as 21610."""
    advice: str
    """What to do about it."""
    suppress: bool
    """Whether nothing more should be sent to this address."""


class _RetryLaterNeeds(TypedDict):
    outcome: Literal["retry"]


class RetryLater(_RetryLaterNeeds, total=False):
    """It was not taken; the same request may be made again."""

    after: float | None
    """The provider's own wish, in seconds."""
    code: int | None
    """The provider's code."""
    why: str
    """What is wrong, for people; holds no personal data."""


class UnknownOutcome(TypedDict):
    """Nobody knows whether it was taken. Making it again may send it twice."""

    outcome: Literal["unknown"]
    why: str
    """What happened, for people."""


#: What became of a request that sends a message or starts a call. There is no fifth way, and no error
#: beside it.
Outcome = Union[Accepted, Refused, RetryLater, UnknownOutcome]


_ProviderMessageFrom = TypedDict("_ProviderMessageFrom", {"from": Union[str, None]}, total=False)


class _ProviderMessageNeeds(_ProviderMessageFrom):
    sid: str
    """The provider's id."""
    account_sid: str
    """The account it belongs to."""
    status: MessageStatus
    """Where it stands."""
    direction: Direction
    """Which way it went."""


class ProviderMessage(_ProviderMessageNeeds, total=False):
    """A message as the provider has it."""

    to: str | None
    """The recipient."""
    messaging_service_sid: str | None
    """The messaging service that sent it."""
    body: str | None
    """The text; empty once it is redacted."""
    segments: int | None
    """Segments billed; none while that is not known."""
    media: int | None
    """Pictures and other media."""
    price: Money | None
    """What it costs: a charge is positive. None until the provider has worked it out."""
    error_code: int | None
    """Why it was not delivered, as the provider's code."""
    created_at: datetime | None
    """When the provider took it."""
    sent_at: datetime | None
    """When it went out, or came in."""
    updated_at: datetime | None
    """When it last changed."""


_ProviderCallFrom = TypedDict("_ProviderCallFrom", {"from": Union[str, None]}, total=False)


class _ProviderCallNeeds(_ProviderCallFrom):
    sid: str
    """The provider's id."""
    account_sid: str
    """The account it belongs to."""
    status: CallStatus
    """Where it stands."""
    direction: Direction
    """Which way it went."""


class ProviderCall(_ProviderCallNeeds, total=False):
    """A call as the provider has it."""

    to: str | None
    """Who was called."""
    parent_sid: str | None
    """The call of which this is a leg."""
    duration: int | None
    """Seconds; none before its end."""
    price: Money | None
    """What it costs: a charge is positive. None until the provider has worked it out."""
    answered_by: str | None
    """Who answered, where that was looked at: ``human``, ``machine_start``, ``fax``, …"""
    created_at: datetime | None
    """When the provider took it."""
    started_at: datetime | None
    """When it was answered."""
    ended_at: datetime | None
    """When it ended."""


class _CancellationNeeds(TypedDict):
    cancellation: Literal["cancelled"] | Literal["too_late"]
    """Whether it will not go out, or had gone out or ended before."""


class Cancellation(_CancellationNeeds, total=False):
    """What became of the wish to cancel."""

    status: str
    """Its status then, in the provider's word, where it was too late."""


class Capabilities(TypedDict, total=False):
    """What a transport can do."""

    provider: str
    """Who it is, such as ``twilio``."""
    account: str
    """The account that sends and pays."""
    environment: str
    """Where it goes: ``live``, or the host when that is another than the provider's own."""
    sms: bool
    """It sends text messages."""
    mms: bool
    """It sends pictures and other media."""
    voice: bool
    """It starts calls."""
    scheduling: bool
    """It holds messages until their time."""
    cancel: bool
    """It takes back what it holds."""
    list: bool
    """It finds messages by address and time."""
    status_callbacks: bool
    """It reports what becomes of messages and calls."""
    concurrency: int
    """Requests at a time that make sense; 0 when it does not say."""


class _WebhookRequestNeeds(TypedDict):
    method: str
    """``GET`` or ``POST``."""
    url: str
    """The public URL, complete."""


class WebhookRequest(_WebhookRequestNeeds, total=False):
    """A request that came in, as the host's server had it."""

    headers: Mapping[str, Any] | Iterable[tuple[Any, Any]]
    """The headers; names in any case. Read from names with values, or from a list of pairs; of one that
    is there several times the values are joined by a comma."""
    body: bytes | str
    """The body's bytes, unchanged; a text stands for its bytes in UTF-8."""


class _MediaNeeds(TypedDict):
    url: str
    """Where it is."""


class Media(_MediaNeeds, total=False):
    """A picture or other thing that came with a message."""

    content_type: str | None
    """Its MIME type."""


_MessageEventFrom = TypedDict("_MessageEventFrom", {"from": Union[str, None]}, total=False)


class _MessageEventNeeds(_MessageEventFrom):
    account_sid: str
    """The account."""
    sid: str
    """The message."""
    status: MessageStatus
    """Where it stands."""


class MessageEvent(_MessageEventNeeds, total=False):
    """The status of a message of ours."""

    to: str | None
    """The recipient."""
    messaging_service_sid: str | None
    """The messaging service."""
    error_code: int | None
    """Why it was not delivered."""


_InboundMessageWord = TypedDict("_InboundMessageWord", {"from": str})


class _InboundMessageNeeds(_InboundMessageWord):
    account_sid: str
    """The account."""
    sid: str
    """The message."""
    to: str
    """The number of ours, or the messaging channel's address."""
    body: str
    """The text."""


class InboundMessage(_InboundMessageNeeds, total=False):
    """A message that somebody wrote to us."""

    messaging_service_sid: str | None
    """The messaging service that the number belongs to."""
    segments: int | None
    """Segments billed."""
    media: list[Media]
    """Pictures and other media."""
    opt_out_type: str | None
    """What the provider itself took it for: ``STOP``, ``START`` or ``HELP``."""
    from_country: str | None
    """The sender's country as the provider sees it."""


_CallEventFrom = TypedDict("_CallEventFrom", {"from": Union[str, None]}, total=False)


class _CallEventNeeds(_CallEventFrom):
    account_sid: str
    """The account."""
    sid: str
    """The call."""
    status: CallStatus
    """Where it stands."""


class CallEvent(_CallEventNeeds, total=False):
    """Where a call stands."""

    direction: Direction | None
    """Which way it went."""
    to: str | None
    """Who is called."""
    parent_sid: str | None
    """The call of which this is a leg."""
    duration: int | None
    """Seconds, at the end."""
    sequence: int | None
    """The place of this report among those of the call, from 0."""
    answered_by: str | None
    """Who answered, where that was looked at."""
    digits: str | None
    """Keys pressed, where they were asked for."""
    recording_url: str | None
    """A recording, where there is one at the end."""
    dial_status: CallStatus | None
    """What became of the leg that TwiML dialled."""
    dial_sid: str | None
    """That leg."""
    dial_duration: int | None
    """Its seconds."""


class MachineEvent(TypedDict):
    """Who answered a call, found out while it went on."""

    account_sid: str
    """The account."""
    sid: str
    """The call."""
    answered_by: str
    """``human``, ``machine_start``, ``machine_end_beep``, ``fax``, ``unknown``, …"""


class _RecordingEventNeeds(TypedDict):
    account_sid: str
    """The account."""
    sid: str
    """The call."""
    recording_sid: str
    """The recording."""
    status: str
    """``in-progress``, ``completed`` or ``absent``."""


class RecordingEvent(_RecordingEventNeeds, total=False):
    """A recording of a call."""

    url: str | None
    """Where it is."""
    duration: int | None
    """Seconds."""


class _MessageStatusEvent(MessageEvent):
    event: Literal["message_status"]


class _MessageInboundEvent(InboundMessage):
    event: Literal["message_inbound"]


class _CallEvent(CallEvent):
    event: Literal["call_status"] | Literal["call_inbound"] | Literal["call_twiml"]


class _MachineDetectedEvent(MachineEvent):
    event: Literal["machine_detected"]


class _RecordingEvent(RecordingEvent):
    event: Literal["recording"]


#: What a provider reports, told apart by ``event``: a message of ours stands elsewhere now, somebody wrote,
#: a call stands elsewhere or asks what to do, it is known who answered, a recording is ready.
WebhookEvent = Union[
    _MessageStatusEvent, _MessageInboundEvent, _CallEvent, _MachineDetectedEvent, _RecordingEvent
]


class _FaultNeeds(TypedDict):
    fault: (
        Literal["too_many_requests"]
        | Literal["refusal"]
        | Literal["server_error"]
        | Literal["dropped"]
        | Literal["silence"]
        | Literal["half_an_answer"]
        | Literal["slow"]
    )
    """What: 429; a refusal of Twilio's; an answer that says nothing; a connection closed without an answer;
    no answer ever; a connection that ends in the middle of the answer; a late answer."""


class Fault(_FaultNeeds, total=False):
    """What goes wrong with a request that creates a message or call."""

    retry_after: int | None
    """``too_many_requests``: the header Retry-After, in seconds."""
    status: int
    """``refusal``, ``server_error``: the HTTP status."""
    code: int
    """``refusal``: Twilio's code."""
    accepted: bool
    """``server_error``, ``dropped``, ``silence``: whether the message was accepted before."""
    millis: int
    """``slow``: how late, in milliseconds of real time."""


class _FateNeeds(TypedDict):
    fate: (
        Literal["delivered"]
        | Literal["read"]
        | Literal["undelivered"]
        | Literal["failed"]
        | Literal["silence"]
    )
    """A message is delivered, and a call answered and hung up after 12 seconds; delivered and read, answered
    by a machine; not delivered, or not answered; failed at Twilio; sent and never heard of again, or busy."""


class Fate(_FateNeeds, total=False):
    """What becomes of messages and calls to a number."""

    code: int
    """``undelivered``, ``failed``: Twilio's code, such as 30003."""


class FakeOptions(TypedDict, total=False):
    """Which account the fake is, and how fast things happen there."""

    account_sid: str
    """The account."""
    auth_token: str
    """Its token: signs in, and signs webhooks."""
    api_key: str | None
    """A key that signs in too."""
    api_secret: str | None
    """The key's secret."""
    seed: int
    """Decides ids, and the chance of faults and of the order of callbacks."""
    pace: float
    """Seconds of the clock from one status to the next."""
    price_after: float
    """Seconds from a message's last status to its price."""
    now: datetime | str | None
    """Where its own clock stands; without one it goes by the database it is started for, or by the
    machine."""


_FakeMessageWord = TypedDict("_FakeMessageWord", {"from": Union[str, None]})


class FakeMessage(_FakeMessageWord):
    """A message that the fake accepted, or that came from outside."""

    sid: str
    """Its id."""
    to: str
    """The recipient."""
    messaging_service_sid: str | None
    """The messaging service."""
    body: str
    """The text; empty once it is redacted."""
    media_urls: list[str]
    """URLs of its media."""
    inbound: bool
    """Whether it came from outside."""
    created_at: datetime
    """When it was accepted."""
    life: list[tuple[datetime, MessageStatus]]
    """When it stands where, in order of time; the first is its first status."""
    error_code: int | None
    """Why it is not delivered in the end."""
    priced_at: datetime | None
    """When its price is known."""


class FakeRequest(TypedDict):
    """A request that the fake received."""

    method: str
    """``GET``, ``POST`` or ``DELETE``."""
    path: str
    """The path, without the query."""
    query: list[tuple[str, str]]
    """The query's fields, decoded, in their order."""
    form: list[tuple[str, str]]
    """The form's fields, decoded, in their order."""
    headers: dict[str, str]
    """The headers, without ``authorization``."""
    body: str
    """The body as it came."""


class Transport(Protocol):
    """A transport of your own: any object with these two methods.

    It may also have ``send_many(requests)``, ``start_call(request)``, ``fetch_message(sid)``,
    ``fetch_call(sid)``, ``list_messages(query)``, ``cancel(sid)`` and ``erase(sid)``, which take and give what
    those of :class:`leadkit.Twilio` do; ``reconcile`` needs ``list_messages``, and ``erase`` is for
    ``privacy.erase_person``. What is missing is ``unsupported``.

    An exception in a method that sends means that nobody knows whether the message was taken, and so does
    an answer that is no :data:`leadkit.Outcome`. No message may be sent a second time by itself. All
    methods run on the thread that called ``dispatch``, ``reconcile`` or ``send_sms``.
    """

    def capabilities(self) -> Capabilities:
        """What it can do, and for which account."""
        ...

    def send_sms(self, request: SmsRequest, /) -> Outcome:
        """Sends one message."""
        ...
