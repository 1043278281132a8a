"""Sending to many and to one: what scenarios cannot say, of threads, objects of Python's and files."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

import leadkit
from leadkit import testing

NOW = "2026-03-02T15:00:00Z"
ADA = "+12127365000"


@pytest.fixture
def db() -> testing.TestingDatabase:
    db = testing.open(":memory:", now=NOW, seed=1)
    db.settings.set(sending=True)
    db.leads.add(email="ada@lovelace.org", phone=ADA)
    return db


class Paper:
    """Takes everything; waits in `send_sms` where an event is given."""

    def __init__(self, go: threading.Event | None = None) -> None:
        self.go = go
        self.entered = threading.Event()
        self.took: list[tuple[leadkit.SmsRequest, str]] = []

    def capabilities(self) -> leadkit.Capabilities:
        return {"provider": "paper", "account": "P", "sms": True}

    def send_sms(self, request: leadkit.SmsRequest) -> leadkit.Outcome:
        self.took.append((request, threading.current_thread().name))
        self.entered.set()
        if self.go is not None:
            assert self.go.wait(60)
        return {"outcome": "accepted", "sid": f"P{len(self.took)}", "status": "sent"}


def test_one_message_goes_by_an_object_of_python_on_the_calling_thread(db: testing.TestingDatabase) -> None:
    paper = Paper()
    sent = db.comms.send_sms(1, paper, body="Your code is 1", purpose="informational")
    assert (sent.state, sent.provider_id) == ("accepted", "P1")
    [(request, thread)] = paper.took
    assert (request["to"], request["body"], thread) == (ADA, "Your code is 1", threading.current_thread().name)

    def lost(request: leadkit.SmsRequest) -> leadkit.Outcome:
        raise RuntimeError("a token, perhaps")

    paper.send_sms = lost  # type: ignore[method-assign]
    unknown = db.comms.send_sms(1, paper, body="Your code is 2", purpose="informational")
    assert unknown.state == "unknown" and unknown.refusal is not None
    assert "token" not in unknown.refusal.message
    with pytest.raises(leadkit.InvalidInput):
        db.comms.send_sms(1, object(), body="Your code is 3")  # type: ignore[arg-type]


def test_draining_leaves_other_threads_at_work(db: testing.TestingDatabase) -> None:
    paper = Paper(go=threading.Event())
    assert paper.go is not None
    db.comms.queue_sms(1, body="on its way", purpose="informational")
    left: list[Any] = []
    sender = threading.Thread(target=lambda: left.append(db.comms.dispatch(paper).sent))
    sender.start()
    assert paper.entered.wait(60)
    drainer = threading.Thread(target=lambda: left.append(db.comms.drain(60)))
    drainer.start()
    # Were the interpreter held, this line would be reached when the minute is over.
    while db.settings.get().sending:
        pass
    assert left == [] and db.comms.drain(0) == 1
    paper.go.set()
    for thread in (sender, drainer):
        thread.join()
    assert sorted(left) == [0, 1] and db.comms.list().items[0].state == "accepted"


def test_settings_may_be_given_back_as_they_came(db: testing.TestingDatabase) -> None:
    budget: leadkit.Budget = {"name": "all", "amount": leadkit.Money("10", "USD"), "alert_at": [0.8]}
    hours: leadkit.Rule = {"id": "x", "country": "US", "hours": {"mon-fri": "9:00-17:00"}, "source": "counsel"}
    there = db.settings.set(
        budgets=[budget],
        prices={"as_of": "2026-03", "source": "contract", "currency": "USD", "sms": {"US": "0.01", "*": "0.1"}},
        rules={"rules": [hours]},
        quiet_hours={"from": "20:00", "until": "9:00"},
        rates={"our_sender": 2.5, "*": 1},
        paused={"spring"},
        countries=("US",),
        marketing_per_day=2,
    )
    assert there.budgets == [{**budget, "period": "month", "campaign": None}]
    assert there.prices["sms"] == {"US": "0.01", "*": "0.1"} and there.rates == {"our_sender": 2.5, "*": 1.0}
    assert there.rules["rules"][0]["hours"] == {"mon-fri": "9:00-17:00"}
    values = {name: value for name, value in there.to_dict().items() if value is not None}
    assert db.settings.set(**values) == there
    assert db.settings.set(quiet_hours={"from": "0:00", "until": "0:00"}).quiet_hours is None


def test_a_plan_names_reasons_and_warnings_by_their_words(db: testing.TestingDatabase) -> None:
    db.leads.add(email="mute@lovelace.org")
    plan = db.comms.plan_sms({}, body="It’s spring", purpose="informational", send_at="2026-03-03T15:00:00Z")
    assert plan.messages is not None
    assert plan.messages.refusals == {"no_number": 1} and plan.messages.cost == {"USD": "0.0083"}
    assert plan.messages.warnings == {"no_opt_out": 1, "non_gsm": 1}
    assert [warning.code for warning in plan.warnings] == ["not_contacted"]
    assert plan.messages.sample[0].at == plan.messages.first_at


def test_suppressions_say_which_line_is_wrong(db: testing.TestingDatabase, tmp_path: Path) -> None:
    db.consent.record("withdrawal", "letter", address=ADA)
    assert db.consent.export_suppressions(tmp_path / "list.csv") == 2
    with (tmp_path / "list.csv").open("a", encoding="utf-8") as file:
        file.write("nobody,sms,withdrawal,2026-01-05T10:00:00Z,letter\n")
    other = testing.open(":memory:", now=NOW, seed=1)
    with pytest.raises(leadkit.InvalidInput) as caught:
        other.consent.apply_suppressions(str(tmp_path / "list.csv"))
    assert (caught.value.code, caught.value.row) == ("invalid_value", 4)
    assert other.consent.history().items == []
