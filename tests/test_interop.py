"""What `make interop` makes of what the tools print: nothing is passed over, and no decision stays that nothing needs."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from interop.__main__ import NAMES, STEPS, main
from interop.clients import CLIENTS
from interop.decisions import DECIDED, Decisions, complaints
from interop.linters import LINTERS
from interop.settings import HERE, InteropError

PRINTED = """\
[main] INFO  o.o.codegen.DefaultGenerator - Generating with dryRun=false
[main] WARN  o.o.codegen.DefaultCodegen - OpenAPI 3.1 support is still in beta. To report an issue …
[main] WARN  o.o.codegen.utils.ModelUtils - Unable to make anything of this
"""
BETA, NAMELESS = PRINTED.splitlines()[1:]


def test_the_lines_in_which_a_tool_complains_are_found() -> None:
    assert complaints(PRINTED) == [BETA, NAMELESS]
    assert complaints("Unable to parse this part of your OpenAPI document: \n\nbeep")
    assert complaints("✅ Done! Your output is in client") == []


def test_a_complaint_nobody_has_decided_on_fails() -> None:
    decisions = Decisions()
    assert decisions.judge("openapi-generator", [BETA]) == 1
    with pytest.raises(InteropError, match="Unable to make"):
        decisions.judge("openapi-generator", [BETA, NAMELESS])


def test_a_decision_on_one_tool_is_none_on_another() -> None:
    with pytest.raises(InteropError):
        Decisions().judge("ogen", [BETA])


def test_a_decision_that_nothing_needs_any_more_is_named() -> None:
    decisions = Decisions()
    assert decisions.unused() == []
    decisions.judge("ogen", [])
    assert decisions.unused()
    assert all(line.startswith("ogen: ") for line in decisions.unused())


def test_every_decision_says_why_and_names_a_tool_that_is_tried() -> None:
    tools = {*(client.tool for client in CLIENTS), *(linter.name for linter in LINTERS)}
    for decided in tomllib.loads(DECIDED.read_text(encoding="utf-8"))["decided"]:
        assert decided["tool"] in tools
        assert len(decided["why"]) > 20
        re.compile(decided["says"])


@pytest.mark.parametrize("name", [client.name for client in CLIENTS])
def test_every_script_does_the_same_day_of_work(name: str) -> None:
    folder = HERE / "clients" / name
    [script] = [path for path in folder.iterdir() if path.suffix in {".py", ".ts", ".java", ".go"}]
    text = script.read_text(encoding="utf-8")
    said = re.findall(r'"ok ([^"]+)"|\bstep\("([^"]+)"\)', text)
    assert {one or other for one, other in said} == set(STEPS)


def test_the_npm_packages_are_pinned() -> None:
    asked = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locked = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, version in asked.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    assert all(one.get("integrity") for path, one in locked.items() if path)


def test_an_unknown_tool_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["swagger"]) == 2
    assert NAMES[0] in capsys.readouterr().out
