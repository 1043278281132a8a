"""Long calls: sources, progress, cancelling, signals, threads, forks."""

from __future__ import annotations

import concurrent.futures
import copy
import io
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

import pytest

import leadkit
from conftest import csv_of
from leadkit import _progress, testing

DB = testing.TestingDatabase
CSV = "email;city\nada@lovelace.org;Köln\n"


class Custom:
    """A reader that gives one byte at a time."""

    def __init__(self, content: bytes) -> None:
        self.content = io.BytesIO(content)
        self.threads: set[int] = set()

    def read(self, size: int, /) -> bytes:
        self.threads.add(threading.get_ident())
        return self.content.read(min(size, 7))


def test_sources_of_all_kinds(db: DB, workplace: Path) -> None:
    Path("leads.csv").write_text(CSV, encoding="utf-8")
    content = CSV.encode()
    with open("leads.csv", "rb") as binary, open("leads.csv", encoding="utf-8", newline="") as text:
        sources: list[Any] = [
            "leads.csv",
            Path("leads.csv"),
            content,
            bytearray(content),
            memoryview(content),
            binary,
            text,
            io.BytesIO(content),
            io.StringIO(CSV),
            Custom(content),
        ]
        formats = [leadkit.sniff(source) for source in sources]
    assert all(found == formats[0] for found in formats)
    assert formats[0].columns == ["email", "city"]


def test_a_file_object_has_a_name(db: DB, workplace: Path) -> None:
    Path("leads.csv").write_text(CSV, encoding="utf-8")
    with open(workplace / "leads.csv", "rb") as file:
        assert db.import_leads(file).file == "leads.csv"
    assert db.leads.find()[0].city == "Köln"


def test_file_objects_are_read_on_the_calling_thread() -> None:
    source = Custom(csv_of(1000))
    table = leadkit.read_table(source)
    assert source.threads == {threading.get_ident()}
    assert len(list(table)) == 1000


def test_long_texts_are_read_to_the_end() -> None:
    rows = list(leadkit.read_table(io.StringIO("name\n" + "ä€𝄞\n" * 700_000)))
    assert len(rows) == 700_000
    assert rows[-1] == ["ä€𝄞"]


def test_what_read_raises_comes_out_as_it_is(db: DB) -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise ZeroDivisionError("mine")

    class Wrong:
        def read(self, size: int) -> Any:
            return 5

    with pytest.raises(ZeroDivisionError, match="mine"):
        db.import_leads(Broken())
    with pytest.raises(TypeError, match="int"):
        leadkit.sniff(Wrong())
    for nothing in (5, None, ["email"], {"email": "x"}):
        with pytest.raises(leadkit.InvalidInput, match="a source is a path"):
            leadkit.sniff(nothing)  # type: ignore[arg-type]


def test_tables_tell_what_they_noticed() -> None:
    table = leadkit.read_table(b'a;b\n1;"2\n3;4\n')
    rows = list(table)
    assert len(rows) == 2
    assert table.issues[0].code == "unclosed_quote"
    assert table.issues[0].line == 2
    assert table.format.delimiter == ";"


def test_progress(db: DB) -> None:
    heard: list[leadkit.Progress] = []
    threads = set()

    def listen(progress: leadkit.Progress) -> None:
        threads.add(threading.get_ident())
        heard.append(progress)

    report = db.import_leads(csv_of(3000), progress=listen)
    assert report.created == 3000
    assert threads == {threading.get_ident()}
    assert heard and all(type(progress) is leadkit.Progress for progress in heard)
    assert heard[-1].done == heard[-1].total or heard[-1].total is None
    assert {progress.unit for progress in heard} <= {"bytes", "rows"}


def test_an_exception_in_a_callback_cancels(db: DB) -> None:
    def break_off(progress: leadkit.Progress) -> None:
        raise ZeroDivisionError(progress.stage)

    with pytest.raises(ZeroDivisionError):
        db.import_leads(csv_of(2000), progress=break_off)
    # The database is in order, and the same call goes on.
    report = db.import_leads(csv_of(2000))
    assert db.leads.count() == 2000
    assert report.rows == 2000


def test_wrong_callbacks(db: DB) -> None:
    with pytest.raises(leadkit.InvalidInput, match="progress"):
        db.import_leads(b"email\n", progress=5)  # type: ignore[arg-type]
    with pytest.raises(leadkit.InvalidInput, match="cancel"):
        db.import_leads(b"email\n", cancel=5)  # type: ignore[arg-type]


def test_events_cancel(db: DB, workplace: Path) -> None:
    db.leads.add(email="ada@lovelace.org")
    event = threading.Event()
    event.set()
    with pytest.raises(leadkit.Cancelled):
        db.import_leads(csv_of(100), cancel=event)
    with pytest.raises(leadkit.Cancelled):
        db.export_leads("never.csv", cancel=event)
    assert not Path("never.csv").exists()


def test_a_token_cancels_from_another_thread(tmp_path: Path) -> None:
    token = leadkit.CancelToken()
    assert repr(token) == "<leadkit.CancelToken cancelled=False>"
    with leadkit.open(tmp_path / "leads.db") as db:
        timer = threading.Timer(0.2, token.cancel)
        timer.start()
        with pytest.raises(leadkit.Cancelled):
            db.import_leads(csv_of(300_000), cancel=token)
        assert token.cancelled
        states = [operation.state for operation in db.operations.list(kind="import")]
        assert states in (["cancelled"], [])


def test_a_bar_without_a_terminal_says_nothing(db: DB, capfd: pytest.CaptureFixture[str]) -> None:
    db.import_leads(csv_of(1000), progress=True)
    db.import_leads(csv_of(1000), progress=False, again=True)
    assert capfd.readouterr().err == ""


def test_the_line_of_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(_progress, "_tqdm", lambda: None)
    bar = _progress.Bar()
    bar(leadkit.Progress("read", 500, 1000, "bytes", 2500.0, 75.0))
    bar(leadkit.Progress("import", 12, None, "rows", 3.0, None))
    bar.close()
    text = terminal.getvalue()
    assert "read      [############............]  50%  2.5k bytes/s  1:15 to go" in text
    assert "import    12 rows  3 rows/s" in text
    assert text.endswith("\n")


def test_tqdm_is_used_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    class Fake:
        def __init__(self, **options: Any) -> None:
            self.n = 0
            told.append((options["desc"], options["total"], options["unit"]))

        def update(self, more: int) -> None:
            self.n += more
            told.append(self.n)

        def close(self) -> None:
            told.append("closed")

    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    module = types.ModuleType("tqdm.auto")
    setattr(module, "tqdm", Fake)
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    bar = _progress.Bar()
    bar(leadkit.Progress("read", 500, 1000, "bytes", 2500.0, 75.0))
    bar(leadkit.Progress("read", 1000, 1000, "bytes", 2500.0, 0.0))
    bar(leadkit.Progress("export", 12, None, "rows", 3.0, None))
    bar.close()
    assert told == [("read", 1000, "B"), 500, 1000, "closed", ("export", None, " rows"), 12, "closed"]


INTERRUPTED = """
import signal, sys, leadkit
# A test run in the background ignores the signal, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
db = leadkit.open(sys.argv[1])
def started(progress):
    print(progress.stage, flush=True)
try:
    db.import_leads(sys.argv[2], progress=started)
except KeyboardInterrupt:
    print("interrupted", db.operations.list()[0].state, flush=True)
print("count", db.leads.count(), flush=True)
"""


def test_ctrl_c_cancels_cleanly(tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_bytes(csv_of(400_000))
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path / "leads.db"), str(tmp_path / "big.csv")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    while process.stdout.readline() != "import\n":
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "interrupted cancelled" in out, out
    assert time.monotonic() - began < 20


def test_threads_share_a_database(db: DB) -> None:
    def work(n: int) -> int:
        db.leads.add(email=f"worker{n}@lovelace.org")
        return sum(1 for _ in db.leads.iterate())

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(work, range(64)))
    assert db.leads.count() == 64
    assert max(counts) == 64


def test_threads_share_an_iterator(db: DB) -> None:
    db.import_leads(csv_of(3000))
    leads = db.leads.iterate()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda _: [lead.id for lead in leads], range(4)))
    ids = [id for part in parts for id in part]
    assert len(ids) == len(set(ids)) == 3000


def test_other_threads_run_meanwhile(tmp_path: Path) -> None:
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.005)

    thread = threading.Thread(target=tick)
    thread.start()
    began = time.monotonic()
    with leadkit.open(tmp_path / "leads.db") as db:
        db.import_leads(csv_of(20_000))
    seconds = time.monotonic() - began
    done.set()
    thread.join()
    assert ticks > seconds * 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_finds_the_database_closed(tmp_path: Path) -> None:
    with leadkit.open(tmp_path / "leads.db") as db:
        db.leads.add(email="ada@lovelace.org")
        child = os.fork()
        if child == 0:
            try:
                db.leads.count()
                os._exit(1)
            except leadkit.Closed:
                pass
            except BaseException:
                os._exit(2)
            with leadkit.open(tmp_path / "leads.db") as own:
                os._exit(0 if own.leads.count() == 1 else 3)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert db.leads.count() == 1


def test_databases_do_not_travel(db: DB) -> None:
    for travel in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="open it anew in each process"):
            travel(db)
    context = multiprocessing.get_context("spawn")
    with pytest.raises(TypeError, match="open it anew in each process"):
        context.Process(target=print, args=(db,)).start()


def test_a_database_closes_itself(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        with leadkit.open(tmp_path / "leads.db") as db:
            assert db.path == tmp_path / "leads.db"
            assert "leads.db" in repr(db)
            raise ZeroDivisionError
    with pytest.raises(leadkit.Closed):
        db.leads.count()
    db.close()
    with pytest.raises(TypeError):
        leadkit.Database()


def test_rooms(db: DB) -> None:
    assert repr(db) == "<leadkit.Database ':memory:'>"
    db.leads.add(email="ada@lovelace.org", city="London")
    db.advance(60)
    mia = db.as_actor("mia", "a call")
    mia.leads.update(1, city=None)
    change = db.leads.history(1)[0]
    assert (change.actor, change.reason, change.kind) == ("mia", "a call", "update")
    assert change.fields["city"] == leadkit.ValueChange("London", None)
    mia.advance(1)
    assert db.now == mia.now
    assert (change.at - db.leads.history(1)[-1].at).total_seconds() == 60
    lead = db.leads.first({"email": {"starts_with": "ada"}}, order_by=["-email"])
    assert lead is not None and lead.city is None
    assert db.leads.first({"city": "London"}) is None
    assert db.leads.get(99) is None
    operation = db.operations.list(kind="update")[0]
    assert db.operations.get(operation.id) == operation
    field = db.fields.define("plan", "Plan", kind="choice", choices=("free", "pro"))
    assert field.choices == ["free", "pro"] and db.fields.list() == [field]
    assert db.fields.define("size", kind="number").label == "size"
    assert db.fields.archive("plan").archived


def test_export_and_back(db: DB, workplace: Path) -> None:
    db.import_leads(csv_of(50))
    report = db.export_leads(Path("out.csv"), fields=("email", "city"), order_by=["-email"], filter={"city": "berlin"})
    assert report.rows == 50
    assert report.path.endswith("out.csv")
    rows = list(leadkit.read_table("out.csv"))
    assert rows[0] == ["person9@lovelace.org", "Berlin"]
    assert db.import_leads("out.csv").skipped == 50


def test_import_options_reach_the_core(db: DB, workplace: Path) -> None:
    Path("leads.csv").write_bytes(b"who|mail\nAda Lovelace|ada@lovelace.org\nBob|nothing\n")
    report = db.import_leads(
        "leads.csv",
        mapping={"who": "full_name", "mail": {"field": "email", "transforms": ["lower"]}},
        match_on=("email",),
        on_match="update",
        set={"source": "fair", "score": 3},
        on_invalid={"email": "reject"},
        format={"delimiter": "|"},
        rejects=Path("bad.csv"),
        name="fair list",
        default_country="DE",
    )
    assert (report.created, report.rejected) == (1, 1)
    assert report.rejects is not None and report.rejects.endswith("bad.csv") and Path("bad.csv").exists()
    assert db.operations.get(report.operation_id or 0).name == "fair list"
    lead = db.leads.find()[0]
    assert (lead.source, lead.score, lead.full_name) == ("fair", 3.0, "Ada Lovelace")


def test_a_history_of_contacts_stops_and_goes_on(db: DB, workplace: Path) -> None:
    db.leads.add(email="ada@lovelace.org")
    rows = "".join(f"ada@lovelace.org,note,2026-01-01,number {n}\n" for n in range(6_000))
    content = f"email,channel,at,body\n{rows}".encode()
    token = leadkit.CancelToken()

    def stop(progress: leadkit.Progress) -> None:
        if progress.stage == "import" and progress.done > 0:
            token.cancel()

    with pytest.raises(leadkit.LeadkitError) as caught:
        db.comms.import_log(io.BytesIO(content), progress=stop, cancel=token)
    assert caught.value.code == "cancelled"
    report = db.comms.import_log(io.BytesIO(content))
    assert (report.kind, report.rows, report.created) == ("import_contacts", 6_000, 6_000)
    assert report.resumed
    assert db.comms.search(facets=["channel"], limit=1).total == 6_000
    report.save_html("report.html")
    assert "all 6,000 rows were entered" in Path("report.html").read_text(encoding="utf-8")
