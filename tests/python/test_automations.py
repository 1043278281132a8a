"""What happens by itself, as Python sees it: the builder, dicts that go both ways, transports and Ctrl-C."""

from __future__ import annotations

import json
import signal
import threading

import pytest

import leadkit
from leadkit import testing

NOW = "2026-03-02T15:00:00Z"
ADA = "+12127365000"

ALL: leadkit.AutomationSpec = {
    "trigger": {"on": "status_changed", "from": ["new"], "to": ["won"]},
    "condition": {
        "lead": {"country": {"in": ["US", "DE"]}},
        "replied": False,
        "contact": {"none": True, "channel": "sms", "direction": "outbound", "states": ["delivered"], "within": "30d"},
        "consent": {"channel": "sms", "purpose": "marketing", "allowed": True},
    },
    "steps": [
        {"do": "sms", "body": "Hi {{ vars.who }}! Reply STOP to end.", "purpose": "informational", "vars": {"who": "you"}},
        {"do": "set", "values": {"city": None, "score": 7}},
        {"do": "assign", "owners": ["mia", "tom"]},
        {"do": "tag", "add": ["greeted"], "remove": ["new"]},
        {"do": "status", "to": "qualified"},
        {"do": "task", "subject": "Call them", "body": "Soon"},
        {"do": "host", "event": "ring", "data": {"bell": "front", "times": [1, 2]}},
        {"do": "wait", "for": "1d", "at": "09:00", "zone": "owner", "calendar": {"hours": {"mon-fri": "9:00-17:00"}}},
        {"do": "await_reply", "for": "3d"},
        {
            "do": "if",
            "condition": {"replied": True},
            "then": [{"do": "stop"}],
            "else": [{"do": "task", "subject": "Ask again"}],
        },
    ],
    "stop": {"reply": False, "optout": True, "status": ["lost"]},
    "again": "30d",
    "late": "2h",
    "limit": {"runs": 100, "per": "1d"},
    "description": "All of it",
}

TRIGGERS: list[leadkit.Trigger] = [
    {"on": "lead_created"},
    {"on": "lead_imported"},
    {"on": "field_changed", "fields": ["city"]},
    {"on": "assigned", "to": ["mia"]},
    {"on": "message_received", "words": ["price"], "intents": ["yes", "other"]},
    {"on": "delivered", "campaign": "spring"},
    {"on": "failed", "template": "hello"},
    {"on": "not_answered", "after": "3d"},
    {"on": "date_reached", "field": "custom.renewal", "days": -7, "time": "09:00", "zone": "recipient"},
    {"on": "schedule", "schedule": "mondays"},
    {"on": "schedule", "schedule": {"zone": "UTC", "start": "2026-03-02T09:00", "rrule": "FREQ=DAILY"}},
]

SPECS = [ALL, *(leadkit.automation(trigger).stop().build() for trigger in TRIGGERS)]


@pytest.fixture
def db() -> testing.TestingDatabase:
    db = testing.open(":memory:", now=NOW, seed=1)
    db.fields.define(key="renewal", label="Renewal", kind="date")
    db.templates.save("hello", "Hello! Reply STOP to end.")
    db.schedules.save("mondays", {"zone": "UTC", "start": "2026-03-02T09:00", "rrule": "FREQ=WEEKLY;BYDAY=MO"})
    return db


def test_the_builder_builds_the_json() -> None:
    built = leadkit.automation(
        ALL["trigger"],
        condition=ALL["condition"],
        stop=ALL["stop"],
        again="30d",
        late="2h",
        limit={"runs": 100, "per": "1d"},
        description="All of it",
    )
    done = (
        built.sms(body="Hi {{ vars.who }}! Reply STOP to end.", vars={"who": "you"}, purpose="informational")
        .set({"city": None}, score=7)
        .assign(["mia", "tom"])
        .tag(["greeted"], ["new"])
        .status("qualified")
        .task("Call them", "Soon")
        .host("ring", {"bell": "front"}, times=[1, 2])
        .wait("1d", at="09:00", zone="owner", calendar={"hours": {"mon-fri": "9:00-17:00"}})
        .await_reply("3d")
        .when({"replied": True}, leadkit.steps().stop(), [{"do": "task", "subject": "Ask again"}])
    )
    assert done.build() == ALL and json.loads(json.dumps(done.build())) == ALL
    # What was there before is as it was, and what is built belongs to whoever asked.
    assert built.build()["steps"] == []
    done.build()["condition"]["replied"] = True
    assert dict(done) == ALL
    assert leadkit.automation({"on": "lead_created"}).stop().build() == {
        "trigger": {"on": "lead_created"},
        "steps": [{"do": "stop"}],
    }


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec["trigger"]["on"])
def test_what_comes_back_can_be_saved_again(db: testing.TestingDatabase, spec: leadkit.AutomationSpec) -> None:
    saved = db.automations.save("one", spec)
    there = db.automations.get("one")
    assert there == saved and db.automations.list() == [saved]
    assert db.automations.save("one", there.spec).version == 1
    # As data it may come from a file.
    assert db.automations.save("one", json.loads(json.dumps(there.spec))).version == 1
    assert there.spec["trigger"].items() >= {"on": spec["trigger"]["on"]}.items()


def test_a_builder_is_saved_and_rehearsed_as_it_is(db: testing.TestingDatabase) -> None:
    hello = leadkit.automation({"on": "lead_created"}).task("Say hello")
    assert db.automations.save("hello", hello).version == db.automations.save("hello", hello.build()).version == 1
    assert db.automations.rehearse(hello).runs == 0
    with pytest.raises(leadkit.InvalidInput) as caught:
        db.automations.save("hello", hello.wait("soon"))
    assert caught.value.field == "steps[1].for"
    with pytest.raises(leadkit.InvalidInput):
        db.automations.save("hello", hello.assign("mia"))  # a text is no list of owners


def test_schedules_come_back_as_dicts(db: testing.TestingDatabase) -> None:
    mondays = db.schedules.get("mondays")
    assert mondays is not None and mondays.schedule["rrule"] == "FREQ=WEEKLY;BYDAY=MO"
    assert db.schedules.save("mondays", mondays.schedule).schedule == mondays.schedule
    db.automations.save("weekly", leadkit.automation({"on": "schedule", "schedule": "mondays"}).stop())
    assert [(one.name, one.automations) for one in db.schedules.list()] == [("mondays", ["weekly"])]
    assert db.schedules.get("sundays") is None


class Paper:
    """Takes everything."""

    def __init__(self) -> None:
        self.took: list[tuple[str, str]] = []

    def capabilities(self) -> leadkit.Capabilities:
        return {"provider": "paper", "account": "P", "sms": True}

    def send_sms(self, request: leadkit.SmsRequest) -> leadkit.Outcome:
        self.took.append((request["to"], threading.current_thread().name))
        return {"outcome": "accepted", "sid": f"P{len(self.took)}", "status": "sent"}


def greeting(db: testing.TestingDatabase) -> None:
    db.settings.set(sending=True)
    greet = leadkit.automation({"on": "lead_created"}).sms(body="Your code is 1", purpose="informational")
    db.automations.save("greet", greet)
    db.automations.enable("greet")
    db.leads.add(email="ada@lovelace.org", phone=ADA)


def test_the_tick_sends_by_an_object_of_python_on_the_calling_thread(db: testing.TestingDatabase) -> None:
    greeting(db)
    paper = Paper()
    report = db.tick(paper)
    assert paper.took == [(ADA, threading.current_thread().name)]
    assert (report.started, report.queued, report.finished) == (1, 1, 1)
    assert report.dispatch is not None and report.dispatch.sent == 1
    again = db.tick(paper)
    assert (again.started, again.dispatch, again.retention) == (0, None, None)
    with pytest.raises(leadkit.InvalidInput):
        db.tick(object())  # type: ignore[arg-type]


def test_a_tick_is_cancelled_and_the_next_one_goes_on(db: testing.TestingDatabase) -> None:
    greeting(db)
    token = leadkit.CancelToken()
    token.cancel()
    with pytest.raises(leadkit.Cancelled):
        db.tick(cancel=token)
    event = threading.Event()
    assert db.tick(cancel=event).started == 1


def test_ctrl_c_ends_a_tick(db: testing.TestingDatabase) -> None:
    greeting(db)

    class Interrupted(Paper):
        def send_sms(self, request: leadkit.SmsRequest) -> leadkit.Outcome:
            signal.raise_signal(signal.SIGINT)
            return super().send_sms(request)

    paper = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        db.tick(paper)
    # Nobody knows whether it was taken. This transport cannot say: it stays unknown, and all else goes on.
    report = db.tick(Paper())
    assert (report.started, report.queued) == (0, 0)
    db.advance(3600)
    report = db.tick(Paper())
    assert report.reconcile is not None and report.reconcile.unknown == 1
    assert report.next_at is not None and report.next_at > db.now
    db.advance(3600)
    with pytest.raises(leadkit.InvalidInput):
        db.comms.reconcile(Paper())
