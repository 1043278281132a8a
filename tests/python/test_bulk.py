"""Operations on many leads, where scenarios cannot look: progress, cancelling, Ctrl-C, objects."""

from __future__ import annotations

import copy
import datetime as dt
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import leadkit
from conftest import csv_of
from leadkit import _progress, testing

DB = testing.TestingDatabase


def filled(db: DB, rows: int = 100) -> leadkit.ImportReport:
    return db.import_leads(csv_of(rows))


def test_a_plan_is_an_object_and_a_token(db: DB) -> None:
    filled(db)
    plan = db.bulk.plan_update({"city": "berlin"}, set={"owner": "mia"}, add_tags=("a", "b"), sample=2)
    assert repr(plan) == "Plan(kind='bulk_update', count=100, changes=100, warnings=[], needs_confirmation=False)"
    assert [type(change) for change in plan.sample] == [leadkit.PlannedChange] * 2
    assert plan.sample[0].fields["owner"] == leadkit.ValueChange(None, "mia")
    assert plan.expires_at - plan.planned_at == dt.timedelta(hours=1)
    assert db.bulk.plan_of(plan.token) == plan
    for again in (pickle.loads(pickle.dumps(plan)), copy.deepcopy(plan)):
        assert again == plan
    assert plan.to_dict()["sample"][0]["fields"]["owner"]["after"] == "mia"
    # What was pickled in one process is run in another: by the object, or its token alone.
    done = db.bulk.run(pickle.loads(pickle.dumps(plan)))
    assert (done.id, done.kind, done.changed) == (plan.operation_id, "bulk_update", 100)
    assert db.bulk.run(plan.token) == done
    with pytest.raises(leadkit.InvalidInput, match="a plan or its token"):
        db.bulk.run(5)  # type: ignore[arg-type]


def test_what_can_be_taken_back(db: DB) -> None:
    report = filled(db, 3)
    lead = db.leads.add(email="eve@lovelace.org")
    with pytest.raises(leadkit.InvalidInput, match="an operation"):
        db.operations.undo(lead)  # type: ignore[arg-type]
    for given in (report, db.operations.get(report.operation_id or 0), report.operation_id or 0):
        undone = db.operations.undo(given)
        assert (undone.changed, undone.undo_of, db.leads.count()) == (3, report.operation_id, 1)
        redone = db.operations.undo(undone)
        assert (redone.changed, db.leads.count()) == (3, 4)


def test_filters_of_the_list_take_instants(db: DB) -> None:
    filled(db, 3)
    noon = db.now + dt.timedelta(hours=3)
    db.advance(4 * 3600)
    db.as_actor("mia").leads.update(1, city="Bonn")
    assert [o.kind for o in db.operations.list(since=noon)] == ["update"]
    assert [o.kind for o in db.operations.list(until=noon)] == ["import"]
    assert [o.actor for o in db.operations.list(actor="mia", state="finished")] == ["mia"]
    with pytest.raises(leadkit.InvalidInput, match="time zone"):
        db.operations.list(since=dt.datetime(2026, 1, 1))


def test_statuses_are_records_or_dicts(db: DB) -> None:
    usual = db.statuses.list()
    assert usual and all(type(status) is leadkit.Status for status in usual)
    defined = db.statuses.define([leadkit.Status("new", next=["won"]), {"key": "won", "label": "Won"}])
    assert defined == [leadkit.Status("new", "new", ["won"]), leadkit.Status("won", "Won", None)]
    assert db.statuses.define(defined) == db.statuses.list()


def test_progress_comes_on_this_thread(db: DB) -> None:
    filled(db)
    heard: list[tuple[int, leadkit.Progress]] = []

    def listen(progress: leadkit.Progress) -> None:
        heard.append((threading.get_ident(), progress))

    done = db.bulk.run(db.bulk.plan_update({}, set={"owner": "mia"}), progress=listen, chunk=10)
    assert {thread for thread, _ in heard} == {threading.get_ident()}
    last = heard[-1][1]
    assert (last.stage, last.unit, last.done, last.total) == ("bulk_update", "leads", 100, 100)
    heard.clear()
    db.operations.undo(done, progress=listen, chunk=10)
    assert heard[-1][1].stage == "undo"


def test_a_bar(db: DB, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    filled(db)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(_progress, "_tqdm", lambda: None)
    db.bulk.run(db.bulk.plan_delete({"all": True}), progress=True)
    assert "bulk_delete" in terminal.getvalue() and "100%" in terminal.getvalue()


def test_cancelled_and_gone_on_with(db: DB) -> None:
    filled(db, 3_000)
    token = leadkit.CancelToken()
    plan = db.bulk.plan_update({}, set={"notes": {"template": "Hello {{ lead.email }}"}})
    with pytest.raises(leadkit.Cancelled):
        db.bulk.run(plan, chunk=2, cancel=token, progress=lambda _: token.cancel())
    stopped = db.operations.get(plan.operation_id)
    assert stopped.state == "cancelled" and 0 < stopped.changed < 3_000
    assert db.health().unfinished == [plan.operation_id]
    # In many small commits, each of which its undo takes back by itself.
    done = db.operations.resume(plan.operation_id, chunk=2)
    assert (done.state, done.changed, db.health().ok) == ("finished", 3_000, True)

    again = leadkit.CancelToken()
    with pytest.raises(leadkit.Cancelled):
        db.operations.undo(done, chunk=2, cancel=again, progress=lambda _: again.cancel())
    undo = db.operations.list(kind="undo")[0]
    assert undo.state == "cancelled"
    assert db.operations.resume(undo.id).state == "finished"
    assert db.leads.count({"notes": {"is_null": False}}) == 0


def test_what_a_callback_raises_comes_out(db: DB) -> None:
    filled(db)

    def break_off(_: leadkit.Progress) -> None:
        raise ZeroDivisionError("mine")

    plan = db.bulk.plan_update({}, set={"owner": "mia"})
    with pytest.raises(ZeroDivisionError, match="mine"):
        db.bulk.run(plan, chunk=10, progress=break_off)
    # The same call goes on.
    assert db.bulk.run(plan).changed == 100


INTERRUPTED = """
import signal, sys, leadkit
# A test run in the background ignores the signal, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
db = leadkit.open(sys.argv[1])
plan = db.bulk.plan_update({}, set={"notes": {"template": "Hello {{ lead.email }}"}})
def started(progress):
    print("running", flush=True)
try:
    db.bulk.run(plan, chunk=5, progress=started)
except KeyboardInterrupt:
    print("interrupted", db.operations.get(plan.operation_id).state, flush=True)
print("done", db.operations.resume(plan.operation_id).changed, flush=True)
"""


def test_ctrl_c_leaves_what_can_go_on(tmp_path: Path) -> None:
    with leadkit.open(tmp_path / "leads.db") as db:
        db.import_leads(csv_of(5_000))
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path / "leads.db")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "interrupted cancelled\ndone 5000\n" in out, out


RAISED: list[tuple[str, type[Exception], Any]] = [
    ("plan_expired", leadkit.Conflict, lambda db, plan: (db.advance(3601), db.bulk.run(plan))),
    ("confirmation_needed", leadkit.InvalidInput, lambda db, _: db.bulk.run(db.bulk.plan_purge({"id": 1}))),
    ("not_undoable", leadkit.Conflict, lambda db, plan: db.operations.undo(plan.operation_id)),
    ("invalid_template", ValueError, lambda db, _: db.bulk.plan_update({}, set={"notes": {"template": "{{"}})),
    ("not_found", LookupError, lambda db, _: db.bulk.run("none")),
    ("conflict", leadkit.Conflict, lambda db, _: db.operations.cancel(1)),
]


@pytest.mark.parametrize(("code", "cls", "call"), RAISED)
def test_errors_come_across_whole(db: DB, code: str, cls: type[Exception], call: Any) -> None:
    filled(db, 2)
    plan = db.bulk.plan_update({}, set={"owner": "mia"})
    with pytest.raises(cls) as caught:
        call(db, plan)
    error = caught.value
    assert isinstance(error, leadkit.LeadkitError)
    assert error.code == code
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code) == (type(error), str(error), code)


def test_a_server_that_is_away_has_a_class() -> None:
    parts: dict[str, Any] = dict(code="unreachable", kind="unreachable", message="m", hint=None, path=None)
    from leadkit import _errors

    error = _errors.from_core("m", *parts.values(), None, None, None, True)
    assert type(error) is leadkit.Unreachable and error.retryable
    assert type(pickle.loads(pickle.dumps(error))) is leadkit.Unreachable


def test_health_backup_and_copy(tmp_path: Path) -> None:
    with leadkit.open(tmp_path / "leads.db") as db:
        report = db.import_leads(csv_of(50))
        health = db.health(thorough=True)
        assert (health.ok, health.store, health.leads, health.damage) == (True, "sqlite", 50, [])
        assert health.at.tzinfo is not None
        backup = db.backup(tmp_path / "backup.db")
        assert Path(backup.path) == tmp_path / "backup.db" and backup.bytes == Path(backup.path).stat().st_size
        with pytest.raises(FileExistsError):
            db.backup(tmp_path / "backup.db")
        stages: set[str] = set()
        copied = db.copy_to(tmp_path / "copy.db", progress=lambda p: stages.add(p.stage))
        assert (copied.leads, stages) == (50, {"copy"})
        with pytest.raises(leadkit.Conflict):
            db.copy_to(tmp_path / "copy.db")
        token = leadkit.CancelToken()
        token.cancel()
        with pytest.raises(leadkit.Cancelled):
            db.copy_to(tmp_path / "never.db", cancel=token)
    for name in ("backup.db", "copy.db"):
        with leadkit.open(tmp_path / name) as other:
            assert other.leads.count() == 50
            assert other.operations.undo(report).changed == 50


def test_a_database_in_memory_is_healthy(db: DB) -> None:
    filled(db, 3)
    assert (db.health().ok, db.health(thorough=True).leads) == (True, 3)


def test_limits_of_a_database() -> None:
    with testing.open(":memory:", now="2026-03-01T09:00:00Z", confirm_above=1, undo_days=2.0, undo_changes=1) as db:
        filled(db, 3)
        plan = db.bulk.plan_update({}, set={"owner": "mia"})
        assert plan.needs_confirmation
        with pytest.raises(leadkit.InvalidInput, match="confirm=3"):
            db.bulk.run(plan)
        done = db.bulk.run(plan, confirm=3)
        db.leads.update(1, city="x")
        db.leads.update(2, city="x")
        with pytest.raises(leadkit.Conflict, match="were changed since"):
            db.operations.undo(done)
    with pytest.raises(leadkit.InvalidInput, match="tenants"):
        leadkit.open(":memory:", tenant="mine")
