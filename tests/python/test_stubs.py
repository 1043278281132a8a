"""The stubs say what is there, their examples run, and the options are those of the core."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest

import leadkit
from leadkit import testing

PACKAGE = Path(leadkit.__file__).parent
HERE = Path(__file__).parent
STOP = leadkit.automation({"on": "lead_created"}).stop()


def examples() -> list[Any]:
    parser = doctest.DocTestParser()
    found = []
    for path in sorted([*PACKAGE.glob("*.pyi"), *PACKAGE.glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                text = ast.get_docstring(node) or ""
                name = getattr(node, "name", "module")
                test = parser.get_doctest(text, {"leadkit": leadkit}, name, str(path), None)
                if test.examples:
                    found.append(pytest.param(test, id=f"{path.name}:{name}"))
    return found


@pytest.mark.parametrize("test", examples())
def test_examples_run(test: doctest.DocTest, workplace: Path) -> None:
    output: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test, out=output.append)
    assert runner.failures == 0, "".join(output)


def test_everything_public_is_documented() -> None:
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    for node in ast.walk(stub):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
            if node.name not in ("read", "is_set"):
                assert ast.get_docstring(node), node.name
    for name in leadkit.__all__:
        value = getattr(leadkit, name)
        if inspect.isclass(value) or inspect.isroutine(value):
            assert inspect.getdoc(value), name
            for member, method in vars(value).items() if isinstance(value, type) else ():
                if not member.startswith("_") and callable(method):
                    assert inspect.getdoc(method), f"{name}.{member}"
                    assert inspect.signature(method), f"{name}.{member}"


@pytest.mark.parametrize(
    ("options", "call"),
    [
        (leadkit.OpenOptions, lambda **o: leadkit.open(":memory:", **o)),
        (leadkit.FindOptions, lambda **o: leadkit.open(":memory:").leads.find(**o)),
        (leadkit.ListOptions, lambda **o: leadkit.open(":memory:").operations.list(**o)),
        (leadkit.ImportOptions, lambda **o: leadkit.open(":memory:").import_leads(b"x", **o)),
        (leadkit.ExportOptions, lambda **o: leadkit.open(":memory:").export_leads("x.csv", **o)),
        (leadkit.FormatOptions, lambda **o: leadkit.sniff(b"x", **o)),
        (leadkit.PlanOptions, lambda **o: leadkit.open(":memory:").bulk.plan_delete({}, **o)),
        (leadkit.PlanUpdateOptions, lambda **o: leadkit.open(":memory:").bulk.plan_update({}, **o)),
        (leadkit.PlanUndoOptions, lambda **o: leadkit.open(":memory:").bulk.plan_undo(1, **o)),
        (leadkit.RunOptions, lambda **o: leadkit.open(":memory:").bulk.run("x", **o)),
        (leadkit.RunOptions, lambda **o: leadkit.open(":memory:").operations.resume(1, **o)),
        (leadkit.UndoRunOptions, lambda **o: leadkit.open(":memory:").operations.undo(1, **o)),
        (leadkit.ConflictOptions, lambda **o: leadkit.open(":memory:").operations.conflicts(1, **o)),
        (leadkit.HealthOptions, lambda **o: leadkit.open(":memory:").health(**o)),
        (leadkit.DispatchOptions, lambda **o: leadkit.open(":memory:").comms.dispatch(testing.FakeTwilio().twilio(), **o)),
        (leadkit.SmsOptions, lambda **o: leadkit.open(":memory:").comms.queue_sms(1, **o)),
        (leadkit.SmsOptions, lambda **o: leadkit.open(":memory:").comms.send_sms(1, testing.FakeTwilio().twilio(), **o)),
        (leadkit.SmsPlanOptions, lambda **o: leadkit.open(":memory:").comms.plan_sms({}, **o)),
        (leadkit.CallOptions, lambda **o: leadkit.open(":memory:").comms.queue_call(1, **o)),
        (leadkit.CostOptions, lambda **o: leadkit.open(":memory:").comms.costs(**o)),
        (leadkit.StatsOptions, lambda **o: leadkit.open(":memory:").comms.stats(**o)),
        (leadkit.CompareOptions, lambda **o: leadkit.open(":memory:").comms.compare(**o)),
        (leadkit.FunnelOptions, lambda **o: leadkit.open(":memory:").comms.funnel(**o)),
        (leadkit.CohortOptions, lambda **o: leadkit.open(":memory:").comms.cohorts(**o)),
        (leadkit.CheckStatsOptions, lambda **o: leadkit.open(":memory:").comms.check_stats(**o)),
        (leadkit.StatsReportOptions, lambda **o: leadkit.open(":memory:").comms.stats_report(**o)),
        (leadkit.SettingsChange, lambda **o: leadkit.open(":memory:").settings.set(**o)),
        (leadkit.TwilioConfig, lambda **o: leadkit.Twilio(**o)),
        (leadkit.FakeOptions, lambda **o: testing.FakeTwilio(**o)),
        (leadkit.RuleTable, lambda **o: leadkit.LegalHours(**o)),
        (leadkit.Contact, lambda **o: leadkit.LegalHours().decide("2026-03-02T09:00:00Z", **o)),
        (leadkit.MessageQuery, lambda **o: testing.FakeTwilio().twilio().list_messages(o)),
        (leadkit.WebhookRequest, lambda **o: leadkit.verify_twilio_request("x", o)),
        (leadkit.TickOptions, lambda **o: leadkit.open(":memory:").tick(**o)),
        (leadkit.RunListOptions, lambda **o: leadkit.open(":memory:").automations.runs(**o)),
        (leadkit.EventListOptions, lambda **o: leadkit.open(":memory:").automations.events(**o)),
        (leadkit.RehearseOptions, lambda **o: leadkit.open(":memory:").automations.rehearse(STOP, **o)),
        (leadkit.SaveAutomationOptions, lambda **o: leadkit.open(":memory:").automations.save("x", STOP, **o)),
        (leadkit.CopyOptions, lambda **o: leadkit.open(":memory:").copy_to("x.db", **o)),
    ],
)
def test_option_names_are_those_of_the_core(options: Any, call: Any) -> None:
    with pytest.raises(leadkit.InvalidInput) as caught:
        call(qqqqqqqqqqqqqqqqqqqqqq=1)
    assert caught.value.hint is not None
    names = caught.value.hint.removeprefix("options are ").split(", ")
    assert sorted(names) == sorted(typing.get_type_hints(options))


def test_names_are_in_order() -> None:
    assert leadkit.__all__ == sorted(leadkit.__all__)
    assert testing.__all__ == ["FakeTwilio", "TestingDatabase", "messy_csv", "open"]
    assert all(hasattr(leadkit, name) for name in leadkit.__all__)


def run(*arguments: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_stubtest() -> None:
    run("mypy.stubtest", "leadkit")


@pytest.mark.parametrize("folder", [HERE, HERE.parents[1] / "examples" / "python", PACKAGE])
def test_types(folder: Path) -> None:
    run("mypy", "--config-file", str(HERE / "mypy.ini"), str(folder))
