"""Every example runs, and says what it should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
    out = run("import_leads.py")
    assert "windows-1252, delimiter ';'" in out
    assert "6 rows: " in out
    assert Path("leads.db").exists() and Path("messy.report.html").exists()
    assert "rejected rows: " in out
    # The same file again changes nothing.
    assert "0 created" in run("import_leads.py")
