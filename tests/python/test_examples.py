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
