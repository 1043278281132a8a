"""Exceptions: one base, one class for each kind, whole across the border."""

from __future__ import annotations

import copy
import errno
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import leadkit
from leadkit import _errors, _native, testing

DB = testing.TestingDatabase


def closed(db: DB) -> None:
    db.close()
    db.leads.count()


def cancelled(db: DB) -> None:
    token = leadkit.CancelToken()
    token.cancel()
    db.import_leads(b"email\nada@lovelace.org\n", cancel=token)


def twice(db: DB) -> None:
    db.leads.add(email="ada@lovelace.org")
    db.leads.add(email="ada@lovelace.org")


def not_a_database(_: DB) -> None:
    Path("x.db").write_text("hello" * 1000)
    leadkit.open("x.db")


RAISED: list[tuple[str, type[Exception], Callable[[DB], Any]]] = [
    ("unknown_option", leadkit.InvalidInput, lambda db: db.leads.find(limt=1)),  # type: ignore[call-arg]
    ("unknown_field", ValueError, lambda db: db.leads.add(emial="x")),
    ("invalid_filter", leadkit.InvalidInput, lambda db: db.leads.count({"email": {"like": "x"}})),
    ("invalid_value", leadkit.InvalidInput, lambda db: db.leads.add(email="nobody")),
    ("invalid_argument", leadkit.InvalidInput, lambda db: db.leads.find(cursor="?")),
    ("unsupported_store", leadkit.InvalidInput, lambda _: leadkit.open("mysql://x")),
    ("is_directory", IsADirectoryError, lambda _: leadkit.sniff(".")),
    ("file_not_found", FileNotFoundError, lambda _: leadkit.sniff("none.csv")),
    ("file_not_found", LookupError, lambda _: leadkit.sniff("none.csv")),
    ("not_found", leadkit.NotFound, lambda db: db.operations.get(7)),
    ("not_found", LookupError, lambda db: db.leads.update(7, city="x")),
    ("empty_source", leadkit.Format, lambda db: db.import_leads(b"")),
    ("not_a_table", leadkit.Format, lambda db: db.import_leads(b"\0" * 5000)),
    ("already_exists", leadkit.Conflict, twice),
    ("cancelled", leadkit.Cancelled, cancelled),
    ("closed", leadkit.Closed, closed),
    ("not_a_database", leadkit.Corrupt, not_a_database),
]


@pytest.mark.parametrize(("code", "cls", "call"), RAISED)
def test_errors_come_across_whole(
    db: DB, workplace: Path, code: str, cls: type[Exception], call: Callable[[DB], Any]
) -> None:
    with pytest.raises(cls) as caught:
        call(db)
    error = caught.value
    assert isinstance(error, leadkit.LeadkitError)
    assert error.code == code
    assert error.message in str(error)
    assert error.retryable is False
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert {name: getattr(again, name) for name in _errors._PARTS} == {
            name: getattr(error, name) for name in _errors._PARTS
        }


def classes() -> list[type[leadkit.LeadkitError]]:
    return sorted({*_errors._BY_KIND.values(), *_errors._BY_CODE.values()}, key=lambda c: c.__name__)


@pytest.mark.parametrize("cls", classes())
def test_every_class_pickles(cls: type[leadkit.LeadkitError]) -> None:
    assert getattr(leadkit, cls.__name__) is cls
    parts: dict[str, Any] = dict(
        code="io", kind="io", message="m", hint="h", path="p", row=3, field="f", value="v", retryable=True
    )
    error = cls("a sentence", **parts)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cls
    assert (str(again), again.hint, again.row, again.value, again.retryable) == ("a sentence", "h", 3, "v", True)
    assert "v" not in str(error).split()
    assert repr(error) == f"{cls.__name__}('a sentence')"


def test_a_missing_file_is_what_python_knows(workplace: Path) -> None:
    with pytest.raises(OSError) as caught:
        leadkit.sniff("none.csv")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, "none.csv")
    assert str(caught.value).startswith("none.csv: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(workplace: Path) -> None:
    Path("secret.csv").write_text("email\n")
    Path("secret.csv").chmod(0)
    with pytest.raises(PermissionError):
        leadkit.sniff("secret.csv")


def test_an_unknown_kind_is_still_ours() -> None:
    parts = ("new_code", "new_kind", "m", None, None, None, None, None, False)
    error = _errors.from_core("text", *parts)
    assert type(error) is leadkit.LeadkitError
    assert error.code == "new_code"


def test_the_value_stays_out_of_the_text(db: DB) -> None:
    with pytest.raises(leadkit.InvalidInput) as caught:
        db.leads.add(email="secret-at-nowhere")
    assert "secret" not in str(caught.value)
    assert caught.value.field == "email"


@pytest.mark.parametrize("place", ["border", "unlocked", "thread"])
def test_a_panic_is_an_internal_error(db: DB, place: str) -> None:
    with pytest.raises(leadkit.LeadkitError) as caught:
        _native._panic(place)
    assert (caught.value.code, caught.value.kind) == ("internal", "internal")
    assert "for a test" in caught.value.message
    # The interpreter and the library go on.
    assert db.leads.add(email="ada@lovelace.org").id == 1
