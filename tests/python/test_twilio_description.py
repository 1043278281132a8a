"""The requests of ``data/twilio/requests.jsonl``, which the core sends field by field
(``tests/rust/twilio_requests.rs``), are good by Twilio's published description of its API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

DATA = Path(__file__).parents[1] / "data" / "twilio"
API = OpenAPI.from_path(DATA / "twilio_api_v2010.json")
ROWS = [json.loads(line) for line in (DATA / "requests.jsonl").read_text(encoding="utf-8").splitlines()]


def check(row: dict[str, Any]) -> None:
    form = row["method"] == "POST"
    API.validate_request(
        MockRequest(
            "https://api.twilio.com",
            row["method"].lower(),
            row["path"],
            args=dict(row["query"]),
            headers={"Authorization": "Basic QUM6dG9rZW4="},
            data=urlencode([tuple(field) for field in row["form"]]).encode() if form else None,
            content_type="application/x-www-form-urlencoded",
        )
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_request(row: dict[str, Any]) -> None:
    check(row)
    known = fields(row)
    assert {name for name, _ in row["form"]} <= known, "a field that the description does not have"


def fields(row: dict[str, Any]) -> set[str]:
    """The form's fields in the description: it allows others without a word."""
    spec = json.loads((DATA / "twilio_api_v2010.json").read_text(encoding="utf-8"))
    kind, _, sid = row["path"].split("/Accounts/")[1].partition("/")[2].removesuffix(".json").partition("/")
    path = "/2010-04-01/Accounts/{AccountSid}/" + kind + ("/{Sid}" if sid else "") + ".json"
    body = spec["paths"][path][row["method"].lower()].get("requestBody")
    if body is None:
        return set()
    return set(body["content"]["application/x-www-form-urlencoded"]["schema"]["properties"])


@pytest.mark.parametrize(
    "field", [("SmartEncoded", "perhaps"), ("ScheduleType", "soon"), ("ValidityPeriod", "long"), ("SendAt", "noon")]
)
def test_the_description_does_look(field: tuple[str, str]) -> None:
    row = dict(ROWS[0])
    row["form"] = [*row["form"], list(field)]
    with pytest.raises(OpenAPIError):
        check(row)
