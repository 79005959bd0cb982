"""Checks of the units of systemd that run Jack: enabled, active, listening, and those of this version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from jack.core.config import Config
from jack.core.places import INSTALLATION, IS_INSTALLED, ROOT
from jack.core.service_unit import Installed, installed
from jack.operations.doctor.findings import Finding, note, right, wrong
from jack.operations.doctor.programs import said_by

ASKED = (
    "Id,LoadState,ActiveState,SubState,Result,UnitFileState,NeedDaemonReload,FragmentPath,NRestarts"
)
ENABLED = frozenset({"enabled", "static", "alias", "generated", ""})
# A few restarts are those of upgrades that went wrong; systemd counts from the last start by hand.
MANY_RESTARTS = 5

Unit = Mapping[str, str]


def service_of(config: Config) -> Installed | None:
    """The service that runs this Jack on this instance; None where there is none."""
    service = installed(INSTALLATION)
    if service is None or not service.name.endswith(".service"):
        return None
    folder = service.settings.get("JACK_INSTANCE")
    return service if folder == str(config.instance) else None


def units(config: Config) -> Iterator[Finding]:
    """The service and its socket, as systemd says; nothing where there is no service or no systemd."""
    service = service_of(config)
    if service is None:
        return
    name = Path(service.name).name
    socket = name.replace(".service", ".socket")
    answer = said_by("systemctl", "show", "--no-pager", "-p", ASKED, name, socket)
    if not answer:
        return
    told = {unit.get("Id", ""): unit for unit in map(_unit, answer.split("\n\n"))}
    if name in told:
        yield from _service(name, told[name])
    if socket in told and told[socket].get("LoadState") == "loaded":
        yield from _socket(socket, told[socket])
    for one in (name, socket):
        if one in told:
            yield from _file(one, told[one])


def _unit(text: str) -> dict[str, str]:
    pairs = [line.partition("=") for line in text.splitlines()]
    return {key: value for key, _, value in pairs}


def _service(name: str, unit: Unit) -> Iterator[Finding]:
    short = name.removesuffix(".service")
    why = f"sudo journalctl -u {short} -n 50 says why"
    if unit.get("LoadState") == "not-found":
        yield wrong(f"systemd does not know {name} yet: sudo systemctl daemon-reload")
        return
    if unit.get("LoadState") == "masked":
        yield wrong(f"{name} is masked, so nothing starts it: sudo systemctl unmask {short}")
        return
    if unit.get("LoadState") in {"bad-setting", "error"}:
        yield wrong(f"systemd cannot read {name}: sudo systemd-analyze verify {name} says why")
        return
    state, restarts = unit.get("ActiveState", ""), int(unit.get("NRestarts") or 0)
    if state == "active" and restarts < MANY_RESTARTS:
        yield right(f"{name} is active")
    elif state == "active":
        yield note(f"{name} is active, after it was started again {restarts} times: {why}")
    elif state == "failed" or unit.get("SubState") == "auto-restart":
        yield wrong(f"{name} cannot start ({unit.get('Result') or 'failed'}): {why}")
    elif state in {"activating", "reloading", "deactivating"}:
        yield note(f"{name} is {state} at this moment: ask again")
    else:
        yield wrong(f"{name} is stopped: sudo systemctl start {short}")
    yield from _enabled(name, unit)


def _enabled(name: str, unit: Unit) -> Iterator[Finding]:
    if unit.get("UnitFileState", "") not in ENABLED:
        yield wrong(
            f"{name} does not start with the machine: sudo systemctl enable {name.removesuffix('.service')}"
        )


def _socket(name: str, unit: Unit) -> Iterator[Finding]:
    if unit.get("ActiveState") == "active":
        yield right(f"systemd listens for Jack ({name})")
    else:
        yield wrong(
            f"systemd does not listen for Jack ({name} is {unit.get('ActiveState')}): sudo systemctl restart {name}"
        )
    yield from _enabled(name, unit)


def _file(name: str, unit: Unit) -> Iterator[Finding]:
    """Whether systemd has read the unit's file as it is, and whether that is the one of this version."""
    if unit.get("NeedDaemonReload") == "yes":
        yield wrong(
            f"systemd still goes by {name} as it was: sudo systemctl daemon-reload, then sudo systemctl restart {name}"
        )
    path = Path(unit.get("FragmentPath") or "/nowhere")
    own = ROOT / "deploy" / re.sub("@.*[.]", "@.", name)
    if IS_INSTALLED or not own.exists():
        return
    try:
        there = _settings(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return
    if there != _settings(_rendered(own)):
        repair = "deploy/add-hotel NAME HOST" if "@" in name else "deploy/install.sh"
        yield note(
            f"{path} is not the {own.name} of this version: sudo {repair} puts that in its place. "
            f"What is your own is kept in a file beside it: sudo systemctl edit {name}"
        )


def _rendered(path: Path) -> str:
    """A unit of deploy/ for this checkout, as deploy/install.sh and deploy/add-hotel write it."""
    text = path.read_text(encoding="utf-8").replace("/opt/jack/", f"{ROOT}/")
    return re.sub("^WorkingDirectory=.*", f"WorkingDirectory={ROOT}", text, flags=re.MULTILINE)


def _settings(text: str) -> list[str]:
    """The lines of a unit that count."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and line[0] not in "#;"]
