"""Every example runs, and says what it should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from leadkit import testing

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"


def run(name: str, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def test_import_leads(workplace: Path) -> None:
    Path("my.csv").write_bytes(testing.messy_csv(300, seed=7))
    out = run("import_leads.py", "my.csv")
    assert out.startswith('my.csv: windows-1252, delimiter ";"\n')
    for line in ("became new leads", "handed back", "\nColumns\n", "\nNoticed\n", "\nLeads    my.db\n"):
        assert line in out
    assert {path.name for path in workplace.iterdir()} == {
        "my.csv", "my.db", "my.report.html", "my.rejects.csv"
    }
    # The same file again changes nothing.
    assert "became new leads" not in run("import_leads.py", "my.csv")


def test_import_leads_makes_a_sample(workplace: Path) -> None:
    assert "\nRejects  " in run("import_leads.py")


def test_bulk_update(workplace: Path) -> None:
    out = run("bulk_update.py")
    for line in ("Planned: bulk_update", "would change", "left alone", "leads are as they were", "5 undo "):
        assert line in out
    assert 'owner is "tom" by now (changed)' in out


def chapter(name: str) -> str:
    """The Python of a chapter, run from its top to its end; what it printed."""
    page = (EXAMPLES.parents[1] / "docs" / "guide" / name).read_text(encoding="utf-8")
    blocks = [part.split("```")[0] for part in page.split("```python\n")[1:]]
    assert len(blocks) >= 4
    Path("chapter.py").write_text("\n".join(blocks), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "chapter.py"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_guide_changes_many_leads(workplace: Path) -> None:
    Path("trade-fair.csv").write_bytes(testing.messy_csv(300, seed=7))
    assert "Met " in chapter("02-change-many-leads.md")
    assert Path("before.db").exists() and Path("elsewhere.db").exists()


def test_the_guide_finds_every_contact(workplace: Path) -> None:
    assert chapter("04-every-contact.md").splitlines() == [
        "2026-03-02 09:00:00+00:00 email outbound Here is our price list.",
        "2026-02-27 14:00:00+00:00 email inbound Prices?",
        "2 {'channel': {'email': 2}, 'direction': {'inbound': 1, 'outbound': 1}}",
        "Here is our [price list].",
        "[Prices]?",
        "Could you send me the price list for spring?",
    ]


def test_the_guide_counts_contacts(workplace: Path) -> None:
    assert chapter("05-contacts-in-numbers.md").splitlines() == [
        "40 10 1 0.25 {'EUR': '3'}",
        "10 1500.0 1500.0",
        "mia 26 0.269231",
        "noe 14 0.214286",
        "{'hour_of_day': '09'} 5",
        "40 5 {'EUR': '0.075'} {'EUR': '0.6'}",
        "contacted 40 1.0",
        "reached 40 1.0",
        "answered 10 0.25",
        "won 5 0.125",
        "[5]",
        "A 20 0.0 0.0 0.161125",
        "B 20 0.5 0.299298 0.700702",
        "True",
        "50 0",
    ]
    page = Path("spring.html").read_text(encoding="utf-8")
    assert "Spring offers" in page and "<script" not in page


def test_the_guide_says_who_sees_what(workplace: Path) -> None:
    assert chapter("06-who-sees-what.md").splitlines() == [
        "Ada Lovelace a…@example.org …00 London",
        "''",
        "access_denied phone",
        "Paris",
        "Paris update tom a call London",
        "sms marketing allowed None",
        "sms informational allowed None",
        "voice marketing refused no_consent",
        "1",
    ]
    assert "Lovelace" in Path("ada.html").read_text(encoding="utf-8")


def test_the_guide_erases_a_person(workplace: Path) -> None:
    assert chapter("07-a-persons-data.md").splitlines() == [
        "['+12127365000'] ['Please send me the price list. Ada']",
        "on_hold lead 1 is on hold: lawsuit 12/2026 (lift it by privacy.release when the reason is gone)",
        "1 True",
        "backups",
        "files",
        "opted_out",
        "mails 1",
        "old leads 0",
        "log 0",
        "True",
    ]
    assert "ada@lovelace.example" in Path("ada.html").read_text("utf-8")
    assert "ada@" not in Path("certificate.html").read_text("utf-8")


def test_the_guide_audits(workplace: Path) -> None:
    assert chapter("08-what-was-done.md").splitlines() == [
        "3 tom export None",
        "2 mia consent [1]",
        "1 mia operation [1]",
        "3 2026",
        "True verified 3",
        "broken [(3, 'truncated')]",
    ]


def test_the_guide_keeps_to_the_right_hour(workplace: Path) -> None:
    assert chapter("09-at-the-right-hour.md").splitlines() == [
        "29 01:30 UTC 03:30 ['skipped_hour']",
        "30 00:30 UTC 02:30 []",
        "02 00:00",
        "02 14:00",
        "2026-12-23T16:00:00",
        "2026-12-24T16:00:00",
        "2026-12-28T10:00:00 closed",
        "2026-12-28T16:00:00",
        "run_once 1 2 2026-06-05T09:00:00",
        "run_all 3 0 2026-06-05T09:00:00",
        "skip 0 3 2026-06-05T09:00:00",
    ]


def test_the_guide_lets_things_happen_by_themselves(workplace: Path) -> None:
    assert chapter("10-what-happens-by-itself.md").splitlines() == [
        "1 False ['sms', 'await_reply', 'if']",
        "2 {'condition': 1} 2 2",
        "call_back {'queue': 'inbound'} 1",
        "2 finished ['sms done', 'await_reply done', 'if else', 'task done']",
        "1 finished ['sms done', 'await_reply done', 'if then', 'status done', 'host done']",
        "Call them",
        "Cleo 09 08:00 UTC",
        "Eve 09 13:00 UTC",
        "Bob 09 13:00 UTC",
        "2 2 {'tag': 1, 'task': 1} {'finished': 1, 'replied': 1}",
        "0 0",
        "1 1",
        "False False 0",
    ]


def test_the_guide_sends_messages(workplace: Path) -> None:
    assert chapter("03-send-messages.md").splitlines() == [
        "1 {}",
        "delivered",
        "withdrawal",
        "{'opted_out': 1}",
        "1 {'opted_out': 1} {'USD': '0.1'}",
        "1",
        "None 1 0 None",
        "spring-2026 1 0.1 USD",
        "1",
        "1",
        "+493023125015 On paper",
        "1",
        "On paper",
    ]
