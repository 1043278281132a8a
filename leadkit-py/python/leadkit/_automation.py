"""What happens by itself: automations as they are written down, and what came of them.

Automations and schedules are dicts in both directions: what ``get`` gives can be saved again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict, Union

from leadkit._options import BusinessCalendar, Filter, Schedule
from leadkit._privacy import RetentionReport
from leadkit._types import (
    Channel,
    CommunicationState,
    ContactChannel,
    Direction,
    DispatchReport,
    Purpose,
    ReconcileReport,
    Reply,
    _record,
    _Record,
)

#: It has steps to do; all were done; something ended it early; it did not start, or could not go on; a step had
#: an error.
RunState = (
    Literal["waiting"] | Literal["finished"] | Literal["stopped"] | Literal["refused"] | Literal["failed"]
)

#: A schedule, or the name of one of ``db.schedules``.
ScheduleRef = Union[str, Schedule]


class _LeadCreated(TypedDict):
    """A lead was added, by itself."""

    on: Literal["lead_created"]


class _LeadImported(TypedDict):
    """A lead came in by an import that asked for automations."""

    on: Literal["lead_imported"]


class _FieldChanged(TypedDict):
    """A field came to hold something else. Imports, bulk operations and undos count only where they ask for
    automations; so for all changes of leads."""

    on: Literal["field_changed"]
    fields: Sequence[str]
    """Any of these fields."""


class _StatusChangedNeeds(TypedDict):
    on: Literal["status_changed"]


_StatusChangedFrom = TypedDict("_StatusChangedFrom", {"from": Sequence[str]}, total=False)


class _StatusChanged(_StatusChangedNeeds, _StatusChangedFrom, total=False):
    """The status changed: ``from`` any of some, or from any."""

    to: Sequence[str]
    """To any of these; none: to any."""


class _AssignedNeeds(TypedDict):
    on: Literal["assigned"]


class _Assigned(_AssignedNeeds, total=False):
    """The owner changed."""

    to: Sequence[str]
    """To any of these; none: to anybody."""


class _MessageReceivedNeeds(TypedDict):
    on: Literal["message_received"]


class _MessageReceived(_MessageReceivedNeeds, total=False):
    """A message came in from the lead."""

    words: Sequence[str]
    """With any of these words or phrases, as ``comms.search`` reads them; none: whatever it says."""
    intents: Sequence[Reply]
    """Meant as any of these, as ``classify_reply`` reads it; none: whatever it means."""


class _OfMessage(TypedDict, total=False):
    template: str | None
    """Only those of this template."""
    campaign: str | None
    """Only those of this campaign."""


class _DeliveredNeeds(TypedDict):
    on: Literal["delivered"]


class _Delivered(_DeliveredNeeds, _OfMessage, total=False):
    """A message to the lead was delivered."""


class _FailedNeeds(TypedDict):
    on: Literal["failed"]


class _Failed(_FailedNeeds, _OfMessage, total=False):
    """A message to the lead failed or was refused."""


class _NotAnsweredNeeds(TypedDict):
    on: Literal["not_answered"]
    after: str
    """How long, such as ``3d``."""


class _NotAnswered(_NotAnsweredNeeds, _OfMessage, total=False):
    """A message to the lead went out, and nothing came back for so long."""


class _DateReachedNeeds(TypedDict):
    on: Literal["date_reached"]
    field: str
    """A custom field that holds dates, such as ``custom.renewal``."""
    time: str
    """At this time of day, such as ``09:00``."""
    zone: str
    """By whose clock: an IANA name, or ``recipient`` or ``owner``."""


class _DateReached(_DateReachedNeeds, total=False):
    """A date of the lead's is reached."""

    days: int
    """So many days after it; negative: before it."""


class _ScheduleTrigger(TypedDict):
    """A time of a schedule's has come: for each lead that passes."""

    on: Literal["schedule"]
    schedule: ScheduleRef
    """The schedule, or the name of one of ``db.schedules``."""


#: What sets an automation off, by ``on``: ``{"on": "assigned", "to": ["mia"]}``.
Trigger = Union[
    _LeadCreated,
    _LeadImported,
    _FieldChanged,
    _StatusChanged,
    _Assigned,
    _MessageReceived,
    _Delivered,
    _Failed,
    _NotAnswered,
    _DateReached,
    _ScheduleTrigger,
]


class ContactCondition(TypedDict, total=False):
    """Whether there was a contact with the lead."""

    none: bool
    """With True that there was none."""
    channel: ContactChannel | None
    """By this channel."""
    direction: Direction | None
    """Which way."""
    states: Sequence[CommunicationState]
    """In any of these states."""
    template: str | None
    """Of this template."""
    campaign: str | None
    """Of this campaign."""
    words: str | None
    """With these words, as ``comms.search`` reads them."""
    within: str | None
    """Within this time before now, such as ``30d``."""


class ConsentCondition(TypedDict, total=False):
    """Whether a lead may be contacted, as ``consent.status`` answers."""

    channel: Channel | None
    """By this channel; texts when none is given."""
    purpose: Purpose | None
    """For this purpose; marketing when none is given."""
    allowed: bool | None
    """Whether it is allowed that must hold, or (False) that it is not; allowed when none is given."""


class Condition(TypedDict, total=False):
    """What must hold; all that is given."""

    lead: Filter
    """The lead passes a filter."""
    replied: bool
    """The lead wrote or called since the run began, or not."""
    contact: ContactCondition
    """There was a contact, or none."""
    consent: ConsentCondition
    """The lead may be contacted, or not, as consent stands."""


class _SmsNeeds(TypedDict):
    do: Literal["sms"]


class _Sms(_SmsNeeds, total=False):
    """Queues a text message. What forbids it now (consent, the number, the law) ends the run as ``refused``; the
    hour is kept by the outbox."""

    template: str | None
    """The template; either it or a ``body``."""
    body: str | None
    """The text as it is."""
    vars: Mapping[str, Any]
    """Values for the template's ``vars.*``."""
    purpose: Purpose | None
    """What it is for; marketing when none is given."""
    sender: str | None
    """From which number or messaging service."""
    campaign: str | None
    """The campaign; the automation's name when none is given."""
    variant: str | None
    """Which of several texts it is, where they are compared."""


class _Set(TypedDict):
    """Sets fields of the lead; None clears."""

    do: Literal["set"]
    values: Mapping[str, Any]
    """Values by field."""


class _Assign(TypedDict):
    """Gives the lead to an owner; of several to the next in turn."""

    do: Literal["assign"]
    owners: Sequence[str]
    """Who."""


class _TagNeeds(TypedDict):
    do: Literal["tag"]


class _Tag(_TagNeeds, total=False):
    """Adds and removes tags."""

    add: Sequence[str]
    """To add."""
    remove: Sequence[str]
    """To remove."""


class _Status(TypedDict):
    """Moves the lead to another status, if the list of statuses allows it."""

    do: Literal["status"]
    to: str
    """Which."""


class _TaskNeeds(TypedDict):
    do: Literal["task"]
    subject: str
    """What is to be done."""


class _Task(_TaskNeeds, total=False):
    """Enters a task into the lead's history, for its owner."""

    body: str
    """More about it."""


class _HostNeeds(TypedDict):
    do: Literal["host"]
    event: str
    """What it is called."""


class _Host(_HostNeeds, total=False):
    """Tells the host: an entry of ``automations.events``, which it reads and acknowledges."""

    data: Mapping[str, Any]
    """What goes with it."""


_WaitFor = TypedDict("_WaitFor", {"for": str})


class _WaitNeeds(_WaitFor):
    do: Literal["wait"]


class _Wait(_WaitNeeds, total=False):
    """Waits, ``for`` so long: ``30m``, ``2h``, ``3d``, ``1w``; a day is 24 hours."""

    at: str | None
    """And then until this time of day, such as ``09:00``."""
    zone: str | None
    """By whose clock that is: an IANA name, ``recipient`` (when none is given) or ``owner``."""
    calendar: BusinessCalendar | None
    """On a day, and within the hours, of business."""


_AwaitReplyFor = TypedDict("_AwaitReplyFor", {"for": str})


class _AwaitReply(_AwaitReplyFor):
    """Waits for the lead to write or call, ``for`` so long at most: ``3d``."""

    do: Literal["await_reply"]


_IfElse = TypedDict("_IfElse", {"else": "Sequence[Step]"}, total=False)


class _If(_IfElse):
    """Goes one way or the other: ``else`` is what is done when the condition does not hold."""

    do: Literal["if"]
    condition: Condition
    """What decides."""
    then: Sequence[Step]
    """What is done when it holds."""


class _Stop(TypedDict):
    """Ends the run."""

    do: Literal["stop"]


#: One step of an automation, by ``do``: ``{"do": "task", "subject": "Call them"}``.
Step = Union[_Sms, _Set, _Assign, _Tag, _Status, _Task, _Host, _Wait, _AwaitReply, _If, _Stop]


class StopWhen(TypedDict, total=False):
    """What ends a run early."""

    reply: bool
    """The lead wrote or called; False when none is given."""
    optout: bool
    """The lead wants no texts any more; True when none is given."""
    status: Sequence[str]
    """The lead came to any of these statuses."""


class RunLimit(TypedDict):
    """How many runs start, at most."""

    runs: int
    """So many."""
    per: str
    """Within this time, such as ``1d``."""


class _AutomationSpecNeeds(TypedDict):
    trigger: Trigger
    """What sets it off."""
    steps: Sequence[Step]
    """What is done, one after the other."""


class AutomationSpec(_AutomationSpecNeeds, total=False):
    """What happens by itself: when something happened to a lead, for leads that pass, in steps.

    It is one and the same JSON in all languages; :func:`leadkit.automation` builds it.
    """

    condition: Condition
    """Which leads it is for, looked at when it is set off."""
    stop: StopWhen
    """What ends it early; looked at before each step."""
    again: str | None
    """When it starts once more for the same lead: ``never``, or so long after the last start (``30d``); none:
    each time that it is set off. While one is under way for a lead, no second one starts."""
    late: str | None
    """By how much it may start late, as after a downtime; a day when none is given. What was set off earlier is
    noted as ``too_late``."""
    limit: RunLimit | None
    """How many start within a span of time, at most; what is more is noted as ``limit``."""
    description: str | None
    """What it is good for, for people."""


class SaveAutomationOptions(TypedDict, total=False):
    """Keywords of ``db.automations.save``."""

    migrate: bool
    """Whether runs under way go over to the version that is saved, at the place where they stand; they end by
    their own version otherwise."""


class RunListOptions(TypedDict, total=False):
    """Keywords of ``db.automations.runs``: which runs are listed."""

    automation: str
    """Only of this automation."""
    lead: int
    """Only of this lead."""
    state: RunState
    """Only in this state."""
    limit: int
    """Runs of a page; 100 by default."""
    cursor: str
    """The ``next_cursor`` of the page before."""


class EventListOptions(TypedDict, total=False):
    """Keywords of ``db.automations.events``: which events are read."""

    after: int
    """Only those behind this number."""
    limit: int
    """How many at most; 100 by default."""


class RehearseOptions(TypedDict, total=False):
    """Keywords of ``db.automations.rehearse``: how an automation is tried on what was."""

    since: datetime | str
    """From this instant on; 30 days ago by default."""
    until: datetime | str
    """Before this instant; now by default."""
    sample: int
    """Runs that are shown; 10 by default, 100 at most."""


class TickOptions(TypedDict, total=False):
    """Keywords of ``db.tick``: what is done at once."""

    limit: int
    """Runs that are started and taken further, at most, each; 0, the default: all that are due."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Automation(_Record):
    """A stored automation. Versions are never changed; what runs goes on by the one that it began with."""

    name: str
    """Its name."""
    version: int
    """Its number, counted from 1."""
    spec: AutomationSpec
    """What it does."""
    enabled: bool
    """Whether it is set off; new ones are not until they are enabled."""
    created_at: datetime
    """When this version was saved; aware, UTC."""
    actor: str | None
    """By whom."""
    next_at: datetime | None
    """The next time of its schedule or of its dates, while it is enabled; aware, UTC."""
    waiting: int
    """Runs under way."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class NamedSchedule(_Record):
    """A schedule with a name."""

    name: str
    """Its name."""
    schedule: Schedule
    """When it is."""
    enabled: bool
    """Whether it is kept; a paused one sets nothing off."""
    created_at: datetime
    """When it was saved; aware, UTC."""
    actor: str | None
    """By whom."""
    next_at: datetime | None
    """The next time; None for one that is over, paused, or kept by each lead's own clock. Aware, UTC."""
    automations: list[str]
    """The automations that it sets off."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class TriggerEvent(_Record):
    """What set a run off."""

    on: str
    """The trigger's word."""
    at: datetime
    """When it happened; aware, UTC."""
    rev: int | None
    """The commit, of a change."""
    communication: int | None
    """The message."""
    depth: int
    """How many automations set each other off before this one."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class RunStep(_Record):
    """One step that a run did."""

    at: datetime
    """When; aware, UTC."""
    step: int
    """Its place; see :attr:`AutomationRun.step`."""
    did: str
    """The step's word."""
    result: str
    """What came of it: ``done``, ``unchanged``, ``then``, ``else``, or a code."""
    communication: int | None
    """The message or entry that it made."""
    rev: int | None
    """The commit that it made."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class AutomationRun(_Record):
    """One lead's way through an automation."""

    id: int
    """Its number."""
    automation: str
    """The automation."""
    version: int
    """The version that it goes by."""
    lead: int
    """The lead."""
    event: TriggerEvent
    """What set it off."""
    key: str
    """Tells what set it off from all else: an automation starts once for it."""
    state: RunState
    """Where it stands."""
    step: int
    """The place of its next step, among all of the automation's, those of branches included."""
    due_at: datetime | None
    """When that is done; None when nothing is left. Aware, UTC."""
    awaits: bool
    """Whether it goes on at once when the lead writes or calls."""
    started_at: datetime
    """When it started; of one that waits for its time (an answer that does not come, a date, a schedule) until
    then: when it was entered. Aware, UTC."""
    ended_at: datetime | None
    """When it ended; aware, UTC."""
    reason: str | None
    """Why it did not start, or ended: ``replied``, ``opted_out``, ``status``, ``lead_gone``, ``too_late``,
    ``condition``, ``running``, ``again``, ``limit``, ``loop``, ``stop``, ``cancelled``, a code of consent, or an
    error's."""
    log: list[RunStep]
    """What it did so far."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class HostEvent(_Record):
    """Something that an automation tells the host."""

    id: int
    """Its number: whoever acknowledges it acknowledges those before it."""
    at: datetime
    """When; aware, UTC."""
    event: str
    """What it is called."""
    data: dict[str, Any]
    """What goes with it."""
    automation: str
    """The automation."""
    run: int
    """The run."""
    lead: int
    """The lead."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class Rehearsal(_Record):
    """What an automation would have done."""

    since: datetime
    """From when on; aware, UTC."""
    until: datetime
    """Until when; aware, UTC."""
    events: int
    """How often it would have been set off."""
    runs: int
    """How often it would have started."""
    refused: dict[str, int]
    """Why it would not have started, by reason."""
    steps: dict[str, int]
    """What it would have done, by the step's word."""
    ended: dict[str, int]
    """How runs would have ended, by reason; those still under way then are ``waiting``."""
    sample: list[AutomationRun]
    """Some of the runs; nothing was entered, so they have neither number, automation, version nor key."""


@_record
@dataclass(frozen=True, slots=True, repr=False)
class TickReport(_Record):
    """What was due, and what was done of it."""

    automations: bool
    """Whether automations are switched on; if not, none was looked at."""
    started: int
    """Runs that started."""
    refused: dict[str, int]
    """Runs that did not start, by reason."""
    steps: int
    """Steps that were done."""
    queued: int
    """Messages that were queued by them."""
    finished: int
    """Runs that came to their end."""
    stopped: dict[str, int]
    """Runs that were ended early, by reason."""
    events: int
    """Events that wait for the host in ``automations.events``."""
    dispatch: DispatchReport | None
    """What became of the outbox; None without a transport, while sending is off, and when nothing was due."""
    reconcile: ReconcileReport | None
    """What was found out about messages; None without a transport, while sending is off, and when nothing was
    due."""
    retention: RetentionReport | None
    """What was erased by the rules of the settings, where that was due: once a day."""
    next_at: datetime | None
    """When to call again; None when nothing waits for a time. Whatever changes the data may bring it forward.
    Aware, UTC."""
