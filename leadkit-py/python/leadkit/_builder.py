"""A builder of automations: it puts their JSON together, and the core looks it over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy, deepcopy
from typing import TYPE_CHECKING, Any, cast

from leadkit._automation import AutomationSpec, Condition, RunLimit, Step, StopWhen, Trigger
from leadkit._options import BusinessCalendar
from leadkit._types import Purpose

if TYPE_CHECKING:
    from typing_extensions import Self


class _Steps:
    """Steps, one after the other; each method gives new ones, with one step more, and leaves these alone."""

    def __init__(self) -> None:
        self._steps: tuple[dict[str, Any], ...] = ()

    def _and(self, step: dict[str, Any]) -> Self:
        more = copy(self)
        more._steps = (*self._steps, {key: value for key, value in step.items() if value is not None})
        return more

    def sms(
        self,
        template: str | None = None,
        *,
        body: str | None = None,
        vars: Mapping[str, Any] | None = None,
        purpose: Purpose | None = None,
        sender: str | None = None,
        campaign: str | None = None,
        variant: str | None = None,
    ) -> Self:
        """Queues a text message, by a template or a ``body``, for marketing when no purpose is given. What
        forbids it now ends the run as ``refused``; the hour is kept by the outbox."""
        words = {"template": template, "body": body, "purpose": purpose, "sender": sender}
        return self._and({"do": "sms", **words, "vars": vars, "campaign": campaign, "variant": variant})

    def set(self, values: Mapping[str, Any] | None = None, /, **fields: Any) -> Self:
        """Sets fields of the lead; None clears. A dict takes names that are none of Python's."""
        return self._and({"do": "set", "values": {**(values or {}), **fields}})

    def assign(self, owners: Sequence[str]) -> Self:
        """Gives the lead to an owner; of several to the next in turn."""
        return self._and({"do": "assign", "owners": owners})

    def tag(self, add: Sequence[str] | None = None, remove: Sequence[str] | None = None) -> Self:
        """Adds and removes tags."""
        return self._and({"do": "tag", "add": add, "remove": remove})

    def status(self, to: str) -> Self:
        """Moves the lead to another status, if the list of statuses allows it."""
        return self._and({"do": "status", "to": to})

    def task(self, subject: str, body: str | None = None) -> Self:
        """Enters a task into the lead's history, for its owner."""
        return self._and({"do": "task", "subject": subject, "body": body})

    def host(self, event: str, data: Mapping[str, Any] | None = None, /, **values: Any) -> Self:
        """Tells the host: an entry of ``automations.events``, which it reads and acknowledges."""
        return self._and({"do": "host", "event": event, "data": {**(data or {}), **values}})

    def wait(
        self,
        time: str,
        *,
        at: str | None = None,
        zone: str | None = None,
        calendar: BusinessCalendar | None = None,
    ) -> Self:
        """Waits so long (``30m``, ``2h``, ``3d``, ``1w``), and then until a time of day such as ``09:00``, by
        the clock of ``zone``, on a day and within the hours of business."""
        return self._and({"do": "wait", "for": time, "at": at, "zone": zone, "calendar": calendar})

    def await_reply(self, time: str) -> Self:
        """Waits for the lead to write or call, so long at most."""
        return self._and({"do": "await_reply", "for": time})

    def when(
        self,
        condition: Condition,
        then: Steps | Sequence[Step],
        otherwise: Steps | Sequence[Step] | None = None,
    ) -> Self:
        """Goes one way when a condition holds, and the other when it does not."""
        ways = {"then": _listed(then), "else": _listed(otherwise)}
        return self._and({"do": "if", "condition": condition, **ways})

    def stop(self) -> Self:
        """Ends the run."""
        return self._and({"do": "stop"})


def _listed(steps: _Steps | Sequence[Step] | None) -> list[Any] | None:
    return None if steps is None else list(steps._steps if isinstance(steps, _Steps) else steps)


class Steps(_Steps):
    """The steps of a branch, from :func:`leadkit.steps`, for :meth:`AutomationBuilder.when`."""


class AutomationBuilder(_Steps, Mapping[str, Any]):
    """An automation that is put together step by step, from :func:`leadkit.automation`. It can be saved as it
    is; each method gives a new one, with one step more."""

    def __init__(self, head: Mapping[str, Any]) -> None:
        super().__init__()
        self._head = {key: value for key, value in head.items() if value is not None}

    def build(self) -> AutomationSpec:
        """The automation as a dict of its own."""
        return cast(AutomationSpec, deepcopy({**self._head, "steps": list(self._steps)}))

    def __getitem__(self, key: str) -> Any:
        return cast(dict[str, Any], self.build())[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.build())

    def __len__(self) -> int:
        return len(self.build())


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
    """Begins an automation, to which steps are added."""
    head = {"trigger": trigger, "condition": condition, "again": again, "late": late, "limit": limit}
    return AutomationBuilder({**head, "description": description, "stop": stop})


def steps() -> Steps:
    """Begins the steps of a branch."""
    return Steps()
