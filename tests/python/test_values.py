"""Values across the border, both ways."""

from __future__ import annotations

import collections
import copy
import dataclasses
import enum
import fractions
import pickle
import types
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import leadkit
from leadkit import testing

DB = testing.TestingDatabase


class Status(enum.Enum):
    NEW = "new"


class Word(str, enum.Enum):
    NEW = "new"


class Index:
    def __index__(self) -> int:
        return 7


class Floating:
    def __float__(self) -> float:
        return 7.5


@pytest.mark.parametrize("score", [7, 7.0, Decimal("7"), Index(), True.__int__()])
def test_numbers_of_all_kinds(db: DB, score: Any) -> None:
    lead = db.leads.add(email="ada@lovelace.org", score=score)
    assert type(lead.score) is float
    assert db.leads.count({"score": {"gte": score}}) == 1
    assert db.leads.count({"score": {"gt": score}}) == 0


def test_floats(db: DB) -> None:
    assert db.leads.add(email="ada@lovelace.org", score=Floating()).score == 7.5
    assert db.leads.add(email="bob@lovelace.org", score=fractions.Fraction(1, 4)).score == 0.25
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(leadkit.InvalidInput) as caught:
            db.leads.add(email="eve@lovelace.org", score=wrong)
        assert caught.value.field == "score"


@pytest.mark.parametrize("text", ["new", Status.NEW, Word.NEW])
def test_enums_are_their_values(db: DB, text: Any) -> None:
    assert db.leads.add(email="ada@lovelace.org", status=text).status == "new"


@pytest.mark.parametrize(
    "tags",
    [
        ["a", "b"],
        ("a", "b"),
        {"a": 1, "b": 2}.keys(),
        collections.deque(["a", "b"]),
        (letter for letter in "ab"),
    ],
)
def test_lists_of_all_kinds(db: DB, tags: Any) -> None:
    assert db.leads.add(email="ada@lovelace.org", tags=tags).tags == ["a", "b"]


def test_sets(db: DB) -> None:
    assert sorted(db.leads.add(email="ada@lovelace.org", tags={"a", "b"}).tags) == ["a", "b"]
    assert db.leads.count({"email": {"in": frozenset({"ada@lovelace.org"})}}) == 1


def test_mappings_of_all_kinds(db: DB) -> None:
    values = {"email": "ada@lovelace.org"}
    assert db.leads.add(types.MappingProxyType(values)).email == values["email"]
    assert db.leads.count(collections.ChainMap(values)) == 1


def test_keywords_win_over_the_dict(db: DB) -> None:
    values = {"email": "ada@lovelace.org", "city": "Paris"}
    assert db.leads.add(values, city="London").city == "London"
    assert values["city"] == "Paris"


def test_instants(db: DB) -> None:
    lead = db.leads.add(email="ada@lovelace.org")
    assert lead.created_at == datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
    assert lead.created_at.tzinfo is timezone.utc
    assert db.now == lead.created_at
    berlin = timezone(timedelta(hours=1))
    assert db.leads.count({"created_at": {"gte": datetime(2026, 3, 1, 10, tzinfo=berlin)}}) == 1
    assert db.leads.count({"created_at": {"gt": datetime(2026, 3, 1, 10, tzinfo=berlin)}}) == 0
    assert db.leads.count({"created_at": {"gte": date(2026, 3, 2)}}) == 0
    assert db.leads.count({"created_at": {"gte": {"ago": "1d"}}}) == 1
    with pytest.raises(leadkit.InvalidInput, match="time zone"):
        db.leads.count({"created_at": {"gte": datetime(2026, 3, 1)}})


def test_dates(db: DB) -> None:
    db.fields.define("born", kind="date")
    lead = db.leads.add({"email": "ada@lovelace.org", "custom.born": date(1815, 12, 10)})
    assert lead.custom == {"born": "1815-12-10"}


def test_wrong_values_name_their_place(db: DB) -> None:
    wrong: list[tuple[Any, str, str | None]] = [
        (lambda: db.leads.find(limit="ten"), "`limit` takes a whole number, not str", "limit"),  # type: ignore[arg-type]
        (lambda: db.leads.find(limit=-1), "whole number from 0", "limit"),
        (lambda: db.leads.find(limit=True), "whole number, not bool", "limit"),
        (lambda: db.leads.find(order_by="email"), "brackets", "order_by"),
        (lambda: db.leads.find([]), "filter", None),  # type: ignore[arg-type]
        (lambda: db.leads.get("1"), "`id` takes a whole number, not str", "id"),  # type: ignore[arg-type]
        (lambda: db.leads.get(2**70), "64 bits|2 to the power|whole number", "id"),
        (lambda: db.leads.add(email=object()), "not object", "email"),
        (lambda: db.leads.add(email=b"ada"), "decode", "email"),
        (lambda: db.leads.add(email="\ud800"), "surrogate", "email"),
        (lambda: db.leads.add({1: "x"}), "key of a dict is a text, not int", None),  # type: ignore[dict-item]
        (lambda: db.import_leads(b"email\n", dry_run=1), "True or False, not int", "dry_run"),  # type: ignore[arg-type]
        (lambda: db.import_leads(b"email\n", format={"bom": 1}), "no option `bom`", "bom"),  # type: ignore[typeddict-unknown-key]
        (lambda: db.import_leads(b"email\n", on_match="merg"), "did you mean `merge`", "on_match"),  # type: ignore[arg-type]
        (lambda: leadkit.open(None), "`url` takes a text, not None", "url"),  # type: ignore[arg-type]
        (lambda: leadkit.open(5), "`url` takes a text, not int", "url"),  # type: ignore[arg-type]
    ]
    for call, text, field in wrong:
        with pytest.raises(leadkit.InvalidInput, match=text) as caught:
            call()
        assert field in (None, caught.value.field), text


def test_none_says_not_given_but_names_are_checked(db: DB) -> None:
    assert len(db.leads.find(None, limit=None, cursor=None)) == 0  # type: ignore[arg-type]
    with pytest.raises(leadkit.InvalidInput, match="did you mean `limit`"):
        db.leads.find(limt=None)  # type: ignore[call-arg]


def test_an_object_that_holds_itself_is_refused(db: DB) -> None:
    endless: dict[str, Any] = {}
    endless["not"] = endless
    with pytest.raises(leadkit.InvalidInput, match="deep"):
        db.leads.count(endless)
    endless_list: list[Any] = []
    endless_list.append(endless_list)
    with pytest.raises(leadkit.InvalidInput, match="deep"):
        db.leads.add(tags=endless_list)


def test_what_an_object_raises_comes_out_as_it_is(db: DB) -> None:
    class Broken(dict[str, Any]):
        pass

    class Items:
        def __iter__(self) -> Any:
            yield "a"
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        db.leads.add(email="ada@lovelace.org", tags=Items())


def test_results_are_plain_frozen_data(db: DB) -> None:
    lead = db.leads.add({"email": "ada@lovelace.org"}, first_name="Ada", tags=["x"])
    assert type(lead) is leadkit.Lead
    assert repr(lead).startswith("Lead(id=1, rev=1, first_name='Ada', email='ada@lovelace.org', tags=['x']")
    assert lead == db.leads.get(lead.id)
    with pytest.raises(dataclasses.FrozenInstanceError):
        lead.email = "x"  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        lead.nothing = 1  # type: ignore[attr-defined]
    assert lead.to_dict()["email"] == "ada@lovelace.org"
    assert dataclasses.replace(lead, city="London").city == "London"


def test_results_pickle_and_copy(db: DB, workplace: Path) -> None:
    report = db.import_leads(b"email;name\nada@lovelace.org;Ada L\nwrong;Bob\n")
    results: list[Any] = [
        report,
        db.leads.find(),
        db.leads.history(1),
        db.operations.list(),
        db.preview_import(b"email\neve@lovelace.org\n"),
        db.export_leads("all.csv"),
        db.fields.define("plan", kind="text"),
        leadkit.normalize_phone("12"),
        leadkit.normalize_email("x"),
        leadkit.normalize_person("Ada Lovelace"),
        leadkit.normalize_company("Engines Ltd"),
        leadkit.due_occurrences({"zone": "UTC", "at": "2026-03-02T09:00"}, "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"),
        leadkit.sms_segments("It’s"),
        leadkit.sniff(b"a;b\n1;2\n"),
    ]
    for result in results:
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            assert pickle.loads(pickle.dumps(result, protocol)) == result
        assert copy.copy(result) == result
        assert copy.deepcopy(result) == result


def test_a_page_is_a_sequence(db: DB) -> None:
    for name in ("ada", "bob", "eve"):
        db.leads.add(email=f"{name}@lovelace.org")
    page = db.leads.find(limit=2)
    assert len(page) == 2
    assert [lead.id for lead in page] == [page[0].id, page[1].id] == [page.items[0].id, page[-1].id]
    assert page.next_cursor is not None
    rest = db.leads.find(limit=2, cursor=page.next_cursor)
    assert [lead.email for lead in rest] == ["eve@lovelace.org"]
    assert rest.next_cursor is None


def test_a_report_knows_its_tricks(db: DB, workplace: Path) -> None:
    report = db.import_leads(b"email;name\nada@lovelace.org;Ada L\nwrong;Bob\n")
    again = pickle.loads(pickle.dumps(report))
    assert '"rejected": 1' in report.to_json()
    assert again.to_json() == report.to_json()
    again.save_html(workplace / "report.html")
    assert "<html" in (workplace / "report.html").read_text()
    assert report._repr_html_().startswith("<iframe")
    with pytest.raises(FileNotFoundError):
        report.save_html("no/such/folder/report.html")
    with pytest.raises(TypeError):
        report.save_html(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("secret", [b"k" * 32, bytearray(b"k" * 32), "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="])
def test_secrets_are_bytes_or_base64(secret: Any) -> None:
    with leadkit.open(":memory:", keys=[{"id": "2026", "secret": secret}]) as db:
        assert db.leads.count() == 0
    with pytest.raises(leadkit.InvalidInput) as caught:
        leadkit.open(":memory:", keys=[{"id": "2026", "secret": secret[:20]}])
    assert caught.value.field == "keys" and "kkk" not in str(caught.value)
