"""Runs tests/scenarios/*.json: the contract, the same files in all languages."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import leadkit
from leadkit import testing

SCENARIOS = Path(__file__).parents[1] / "scenarios"
NOW = "2026-03-02T09:00:00Z"


def scenarios() -> list[Any]:
    return [
        pytest.param(scenario, id=f"{path.stem}: {scenario['name']}")
        for path in sorted(SCENARIOS.glob("*.json"))
        for scenario in json.loads(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("scenario", scenarios())
def test_scenario(scenario: dict[str, Any], tmp_path: Path) -> None:
    stage = Stage(scenario.get("now", NOW), tmp_path)
    for number, step in enumerate(scenario["steps"], 1):
        stage.step(f"step {number} ({step['op']})", fill(step, str(tmp_path)))


class Stage:
    def __init__(self, now: str, folder: Path) -> None:
        self.now = now
        self.open(str(folder / "leads.db"))

    def open(self, url: str, **options: Any) -> None:
        self.clock = testing.open(url, now=self.now, seed=1, **options)
        self.db: leadkit.Database = self.clock

    def step(self, at: str, step: dict[str, Any]) -> None:
        args, options = step.get("args", []), step.get("options", {})
        if "error" in step:
            with pytest.raises(leadkit.LeadkitError) as caught:
                self.call(step["op"], args, options)
            wanted = step["error"]
            assert caught.value.code == wanted["code"], f"{at}: {caught.value}"
            assert wanted.get("hint", "") in str(caught.value), at
            return
        result = plain(self.call(step["op"], args, options))
        if "count" in step:
            assert len(result["items"] if isinstance(result, dict) else result) == step["count"], at
        if "expect" in step:
            holds(step["expect"], result, at)

    def call(self, op: str, args: list[Any], options: dict[str, Any]) -> Any:
        match op:
            case "open":
                return self.open(*args, **options)
            case "as_actor":
                self.db = self.db.as_actor(*args, **options)
            case "advance":
                self.clock.advance(*args)
            case "write_file":
                Path(args[0]).write_bytes(args[1].encode())
            case "read_file":
                return Path(args[0]).read_bytes().decode()
            case "sniff":
                return leadkit.sniff(source(args[0]), **options)
            case "read_table":
                table = leadkit.read_table(source(args[0]), **options)
                return {"header": table.header, "rows": list(table)}
            case "import_leads" | "preview_import":
                return getattr(self.db, op)(source(args[0]), **options)
            case "fields.define":
                return self.db.fields.define(**args[0])
            case "leads.iterate":
                return list(self.db.leads.iterate(*args, **options))
            case _ if op.startswith("normalize_"):
                return getattr(leadkit, op)(*args)
            case _:
                target: Any = self.db
                for name in op.split("."):
                    target = getattr(target, name)
                return target(*args, **options)
        return None


def source(value: Any) -> Any:
    match value:
        case {"text": text}:
            return text.encode()
        case {"hex": digits}:
            return bytes.fromhex(digits)
        case _:
            return value


def fill(value: Any, folder: str) -> Any:
    match value:
        case str():
            return value.replace("$tmp", folder)
        case list():
            return [fill(item, folder) for item in value]
        case dict():
            return {key: fill(item, folder) for key, item in value.items()}
        case _:
            return value


def plain(value: Any) -> Any:
    """Results as JSON has them."""
    match value:
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case _ if hasattr(value, "to_dict"):
            return plain(value.to_dict())
        case _:
            return value


def holds(expected: Any, actual: Any, at: str) -> None:
    """All that is expected is there; objects may hold more, lists may not."""
    match expected, actual:
        case dict(), dict():
            for key, value in expected.items():
                holds(value, actual.get(key), f"{at}.{key}")
        case list(), list():
            assert len(expected) == len(actual), f"{at} is {actual!r}, not {expected!r}"
            for i, (wanted, item) in enumerate(zip(expected, actual, strict=True)):
                holds(wanted, item, f"{at}[{i}]")
        case _:
            assert expected == actual and isinstance(expected, bool) == isinstance(actual, bool), (
                f"{at} is {actual!r}, not {expected!r}"
            )
