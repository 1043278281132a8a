"""Runs tests/scenarios/*.json: the contract, the same files in all three languages.

The format stands in tests/rust/scenarios.rs.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import leadkit
from leadkit import testing

FOLDER = Path(__file__).parent.parent / "scenarios"
SCENARIOS = [
    pytest.param(scenario, id=f"{file.stem}: {scenario['name']}")
    for file in sorted(FOLDER.glob("*.json"))
    for scenario in json.loads(file.read_text("utf-8"))
]


def test_all_scenarios_are_found() -> None:
    assert len(SCENARIOS) > 20


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: dict[str, Any], tmp_path: Path) -> None:
    runner = Runner(tmp_path, scenario.get("now", "2026-03-02T09:00:00Z"))
    kept: dict[str, Any] = {"tmp": str(tmp_path)}
    for number, step in enumerate(scenario["steps"], 1):
        step = fill(step, kept)
        at = f"step {number} ({step['op']})"
        wanted = step.get("error")
        try:
            kept[step.get("keep", "")] = found = runner.call(step)
            result = plain(found)
        except leadkit.LeadkitError as error:
            assert wanted is not None, f"{at}: {error.code}: {error}"
            assert error.code == wanted["code"], f"{at}: {error}"
            assert wanted.get("hint", "") in str(error), at
            continue
        assert wanted is None, f"{at}: no error but {result}"
        if "count" in step:
            items = result["items"] if isinstance(result, dict) else result
            assert len(items) == step["count"], at
        if "expect" in step:
            holds(step["expect"], result, at)


class Runner:
    def __init__(self, folder: Path, now: str) -> None:
        self.now = now
        self.db: Any = testing.open(folder / "leads.db", now=now, seed=1)
        self.fake: Any = None

    def call(self, step: dict[str, Any]) -> Any:
        op, options = step["op"], step.get("options", {})
        args = [source(arg) for arg in step.get("args", [])]
        match op:
            case "open":
                self.db = testing.open(*args, now=self.now, seed=1, **options)
                return None
            case "close":
                return self.db.close()
            case "as_actor":
                self.db = self.db.as_actor(*args, **options)
                return None
            case "advance":
                return self.db.advance(*args)
            case "write_file":
                Path(args[0]).write_bytes(args[1].encode())
                return None
            case "read_file":
                return Path(args[0]).read_bytes().decode()
            case "read_table":
                table = leadkit.read_table(*args, **options)
                return {"header": table.header, "rows": list(table)}
            case "twilio.start":
                self.fake = testing.FakeTwilio(self.db, **options)
                return None
            case "twilio.fate" | "twilio.fault" | "twilio.accepted":
                return getattr(self.fake, op.removeprefix("twilio."))(*args)
            case "twilio.callbacks":
                twilio = self.fake.twilio()
                return [self.db.comms.receive(twilio, request) for request in self.fake.callbacks()]
            case "twilio.inbound" | "twilio.forged":
                request = self.fake.inbound(args[0], self.fake.number, args[1], "https://x.example/in")
                if op == "twilio.forged":
                    request["body"] += b"&Body=START"
                return self.db.comms.receive(self.fake.twilio(), request)
            case "comms.dispatch" | "comms.reconcile":
                return getattr(self.db.comms, op.removeprefix("comms."))(self.fake.twilio(), **options)
            case "tick":
                # With the fake, once there is one.
                return self.db.tick(self.fake and self.fake.twilio(), **options)
            case "comms.send_sms":
                return self.db.comms.send_sms(*args, self.fake.twilio(), **options)
            case "privacy.erase_at_provider":
                return self.db.privacy.erase_person(*args, transport=self.fake.twilio(), **options)
            case "legal_hours.decide":
                return leadkit.LegalHours().decide(*args, **options)
            case "fields.define":
                return self.db.fields.define(**args[0])
        if "." not in op and hasattr(leadkit, op):
            return getattr(leadkit, op)(*args, **options)
        target = self.db
        for name in op.split("."):
            target = getattr(target, name)
        result = target(*args, **options)
        return list(result) if op == "leads.iterate" else result


def source(arg: Any) -> Any:
    match arg:
        case {"text": str(text)}:
            return text.encode()
        case {"hex": str(digits)}:
            return bytes.fromhex(digits)
        case {"messy": [int(rows), int(seed)]}:
            return testing.messy_csv(rows, seed=seed)
    return arg


def fill(value: Any, kept: dict[str, Any]) -> Any:
    match value:
        case str():
            name, *path = value.removeprefix("$").split(".")
            if value.startswith("$") and name in kept and "/" not in value:
                found = kept[name]
                for part in path:
                    found = getattr(found, part)
                return found
            return value.replace("$tmp", kept["tmp"])
        case list():
            return [fill(v, kept) for v in value]
        case dict():
            return {k: fill(v, kept) for k, v in value.items()}
    return value


def plain(value: Any) -> Any:
    """A result as JSON has it."""
    if isinstance(value, leadkit.Page):
        return {"items": plain(list(value.items)), "next_cursor": value.next_cursor}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    match value:
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case Path():
            return str(value)
        case list() | tuple():
            return [plain(v) for v in value]
        case dict():
            return {k: plain(v) for k, v in value.items()}
    return value


def holds(expected: Any, actual: Any, at: str) -> None:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            holds(value, actual.get(key), f"{at}.{key}")
    elif isinstance(expected, list) and isinstance(actual, list):
        assert len(expected) == len(actual), f"{at}: {actual}"
        for i, (e, a) in enumerate(zip(expected, actual)):
            holds(e, a, f"{at}[{i}]")
    else:
        assert expected == actual, at
