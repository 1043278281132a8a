"""The stubs have the names of ``contract/``: no more, no fewer, fields and arguments included."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "leadkit-py" / "python" / "leadkit"
API: dict[str, Any] = json.loads((ROOT / "contract" / "api.json").read_text(encoding="utf-8"))
SCHEMA: dict[str, Any] = json.loads((ROOT / "contract" / "schema.json").read_text(encoding="utf-8"))

# The closed list of what Python has besides the contract, each with its reason.
PYTHON_ONLY = {
    "CancelToken": "cancellation by token, where Node has AbortSignal",
    "LeadIterator": "the iteration protocol",
}
MEMBERS_ONLY = {
    ("LeadkitError", "message"): "Exception has none; Error of Node has it already",
    ("TestingDatabase", "now"): "the clock's instant, for assertions",
}
# Structs that are no types of their own in Python, and what they are there.
PLAIN = {
    "Filter": "a mapping",
    "ColumnTarget": "a name, a ColumnRule or None",
    "Rejects": "a bool or a path",
    "Timestamp": "datetime",
    "IssueCode": "str",
    "Assignment": "a name or a dict",
    "WarningCode": "a ConflictCode, or `unchanged`",
    "Status": "as option: the result of the same name",
    "CustomField": "as option: the keywords of fields.define",
    "ScheduleRef": "a name, or a Schedule",
    "ScheduleType": "one word, written out in SmsRequest",
    "Secret": "str",
    "SecretBytes": "bytes, or a str of Base64",
    "TrafficType": "one word, written out in SmsRequest",
}


# Structs whose name another class has here.
RENAMED = {"Conflict": "ConflictEntry"}


def parse(name: str) -> ast.Module:
    return ast.parse((PACKAGE / name).read_text(encoding="utf-8"))


@cache
def bases() -> dict[str, ast.ClassDef]:
    """All classes, those that only others extend included."""
    found: dict[str, ast.ClassDef] = {}
    for path in sorted(PACKAGE.glob("*.py*")):
        if path.suffix in (".py", ".pyi"):
            for node in parse(path.name).body:
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, node)
    return found


def classes() -> dict[str, ast.ClassDef]:
    return {name: node for name, node in bases().items() if not name.startswith("_")}


@cache
def assigned() -> dict[str, ast.expr]:
    """What single names of the package's modules stand for: aliases, and dicts with keys that are words."""
    found: dict[str, ast.expr] = {}
    for path in sorted(PACKAGE.glob("*.py")):
        for node in parse(path.name).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node.value
    return found


def fields(name: str) -> list[str]:
    """Those of a class, and of the options that it extends."""
    found: list[str] = []
    for base in bases()[name].bases:
        if isinstance(base, ast.Name) and base.id in bases():
            found += fields(base.id)
        elif isinstance(base, ast.Name) and isinstance(made := assigned().get(base.id), ast.Call):
            assert isinstance(keys := made.args[1], ast.Dict)
            found += [ast.literal_eval(key) for key in keys.keys if key is not None]
    for node in bases()[name].body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.append(node.target.id)
    return found


def functions(body: list[ast.stmt]) -> dict[str, ast.FunctionDef]:
    found = (node for node in body if isinstance(node, ast.FunctionDef))
    return {node.name: node for node in found if not node.name.startswith("_")}


def members(name: str) -> dict[str, ast.FunctionDef]:
    """Those of a class, and of what it shares with others; ``to_dict`` is what all results have in Python."""
    shared = (base.id for base in bases()[name].bases if isinstance(base, ast.Name) and base.id.startswith("_"))
    found = [members(base) for base in shared if base in bases() and base != "_Record"]
    return {member: there for each in (*found, functions(bases()[name].body)) for member, there in each.items()}


def words(function: ast.FunctionDef) -> tuple[list[str], list[str], str | None]:
    """Positional arguments, keywords, and the name of the struct of options."""
    given = function.args
    positional = [arg.arg for arg in given.posonlyargs + given.args if arg.arg != "self"]
    options = None
    if given.kwarg is not None and isinstance(given.kwarg.annotation, ast.Subscript):
        options = ast.unparse(given.kwarg.annotation.slice)
    return positional, [arg.arg for arg in given.kwonlyargs], options


def check_call(name: str, function: ast.FunctionDef, wanted: dict[str, Any]) -> None:
    positional, keywords, options = words(function)
    if wanted.get("options") == "CustomField":
        assert sorted(positional + keywords) == sorted(SCHEMA["options"]["CustomField"]["properties"]), name
        return
    args = wanted["args"]
    assert positional[: len(args)] == args, name
    assert sorted(positional[len(args) :] + keywords) == sorted(wanted.get("keywords", [])), name
    assert options == wanted.get("options"), name


def test_functions() -> None:
    found = functions(parse("__init__.pyi").body)
    assert sorted(found) == sorted(API["functions"])
    for name, wanted in API["functions"].items():
        check_call(name, found[name], wanted)


def test_testing() -> None:
    found = functions(parse("testing.py").body)
    assert sorted(found) == sorted(API["testing"])
    for name, wanted in API["testing"].items():
        check_call(name, found[name], wanted)


@pytest.mark.parametrize("name", sorted(API["classes"]))
def test_class(name: str) -> None:
    wanted = API["classes"][name]
    assert name in classes()
    there = members(name)
    properties = {
        member
        for member, function in there.items()
        if any(isinstance(d, ast.Name) and d.id == "property" for d in function.decorator_list)
    }
    methods = {member: function for member, function in there.items() if member not in properties}
    struct = SCHEMA["results"].get(name, {}).get("properties", {})
    allowed = {member for kind, member in MEMBERS_ONLY if kind == name}
    assert properties | set(fields(name)) == set(wanted["properties"]) | set(struct) | allowed
    if name == "TestingDatabase":
        # What it says anew of a Database: `as_actor` stays a TestingDatabase.
        inherited = API["classes"]["Database"]["methods"]
        methods = {member: function for member, function in methods.items() if member not in inherited}
    assert sorted(methods) == sorted(wanted["methods"])
    made = [node for node in classes()[name].body if isinstance(node, ast.FunctionDef) and node.name == "__new__"]
    assert [name for _ in made] == [name for _ in made if "constructor" in wanted]
    if "constructor" in wanted:
        made[0].args.args.pop(0)
        check_call(f"{name}()", made[0], wanted["constructor"])
    for member, call in wanted["methods"].items():
        check_call(f"{name}.{member}", methods[member], call)


def test_no_other_classes() -> None:
    stub = parse("__init__.pyi").body
    public = {node.name for node in stub if isinstance(node, ast.ClassDef) and not node.name.startswith("_")}
    assert public - set(API["classes"]) == set(PYTHON_ONLY)


@pytest.mark.parametrize(("part", "name"), [(p, n) for p in ("options", "results") for n in sorted(SCHEMA[p])])
def test_struct(part: str, name: str) -> None:
    properties = SCHEMA[part][name].get("properties")
    if name in PLAIN and (part == "options" or properties is None):
        return
    if properties is None and any("properties" in each for each in SCHEMA[part][name].get("oneOf", [])):
        check_union(part, name)
    elif properties is None:
        check_words(name, SCHEMA[part][name])
    else:
        assert sorted(fields(RENAMED.get(name, name))) == sorted(properties)


def check_union(part: str, name: str) -> None:
    """An enum whose variants hold something: a dict, or several that a tag tells apart."""
    wanted: set[str] = set()
    tags: set[str] = set()
    for variant in SCHEMA[part][name]["oneOf"]:
        inner = variant.get("$ref", "").split("/")[-1]
        wanted |= set(variant["properties"]) | set(SCHEMA[part].get(inner, {}).get("properties", {}))
        tags |= {field["const"] for field in variant["properties"].values() if "const" in field}
    members = [name]
    if name in assigned():
        members = [node.id for node in ast.walk(assigned()[name]) if isinstance(node, ast.Name) and node.id != "Union"]
    assert {field for member in members for field in fields(member)} == wanted, name
    texts = [ast.unparse(base) for member in members for base in family(member)]
    assert all(any(f"'{tag}'" in text for text in texts) for tag in tags), name


def family(name: str) -> list[ast.ClassDef]:
    """A class and what it extends."""
    parents = [base.id for base in bases()[name].bases if isinstance(base, ast.Name) and base.id in bases()]
    return [bases()[name], *(each for parent in parents for each in family(parent))]


def check_words(name: str, schema: dict[str, Any]) -> None:
    """An enum: a union of literals of the same words."""
    wanted = set(schema.get("enum", [])) | {each["const"] for each in schema.get("oneOf", []) if "const" in each}
    wanted |= {word for each in schema.get("oneOf", []) for word in each.get("enum", [])}
    assert wanted, name
    for file in ("_automation.py", "_options.py", "_privacy.py", "_settings.py", "_transport.py", "_types.py"):
        for node in parse(file).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                constants = (c.value for c in ast.walk(node.value) if isinstance(c, ast.Constant))
                assert {value for value in constants} == wanted, name
                return
    raise AssertionError(f"{name} is no type of the stubs")
