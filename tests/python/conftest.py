"""What the tests share: databases with a fixed clock, and generated files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadkit import testing

NOW = "2026-03-01T09:00:00Z"


@pytest.fixture
def db() -> Iterator[testing.TestingDatabase]:
    with testing.open(":memory:", now=NOW, seed=1) as database:
        yield database


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def csv_of(rows: int) -> bytes:
    """A file of so many distinct leads."""
    lines = [f"person{n}@lovelace.org,Ada {n},+4930{n:07},Berlin" for n in range(rows)]
    return ("email,name,phone,city\n" + "\n".join(lines) + "\n").encode()
