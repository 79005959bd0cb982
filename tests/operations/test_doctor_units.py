"""`doctor` says of systemd's units and of the clock what systemd says of them; where there is none, nothing.

systemd does not run where these tests do: `systemctl` and `timedatectl` are programs on PATH that print what the real ones print.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jack.core import service_unit
from jack.core.config import Config, read
from jack.core.places import ROOT
from jack.operations.doctor import clock, units
from jack.operations.doctor.findings import Finding

# `systemctl show -p …` of systemd 252 prints these lines, a blank one between two units.
SERVICE = {
    "Id": "jack.service", "LoadState": "loaded", "ActiveState": "active", "SubState": "running", "FragmentPath": "",
    "UnitFileState": "enabled", "NeedDaemonReload": "no", "Result": "success", "NRestarts": "0",
}  # fmt: skip
SOCKET = {
    "Id": "jack.socket", "LoadState": "loaded", "ActiveState": "active", "SubState": "running", "FragmentPath": "",
    "UnitFileState": "enabled", "NeedDaemonReload": "no", "Result": "success",
}  # fmt: skip
NO_SYSTEMD = "System has not been booted with systemd as init system (PID 1). Can't operate."

Answering = Callable[..., None]


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Puts a program on PATH that prints a text and ends so; what it is asked is in a file beside it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, text: str, *, ends: int = 0) -> None:
        program = folder / name
        said = "stderr" if ends else "stdout"
        program.write_text(
            f"#!{sys.executable}\nimport sys\n"
            f"open({str(folder / 'asked')!r}, 'w').write(' '.join(sys.argv[1:]))\n"
            f"print({text!r}, file=sys.{said})\nsys.exit({ends})\n"
        )
        program.chmod(0o755)

    return put


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The settings where this checkout is installed as deploy/install.sh does it."""
    folder = tmp_path / "system"
    folder.mkdir()
    for name in ("jack.service", "jack.socket", "jack@.service", "jack@.socket"):
        (folder / name).write_text(rendered(name))
    monkeypatch.setattr(service_unit, "FOLDERS", (folder,))
    for name in ("JACK_HOTEL", "JACK_INSTANCE"):
        monkeypatch.delenv(name, raising=False)
    return read({"JACK_INSTANCE": "/var/lib/jack"})


def rendered(name: str) -> str:
    text = (ROOT / "deploy" / name).read_text().replace("/opt/jack/", f"{ROOT}/")
    return text.replace("WorkingDirectory=/opt/jack", f"WorkingDirectory={ROOT}")


def shown(*told: dict[str, str]) -> str:
    return "\n\n".join("\n".join(f"{key}={value}" for key, value in one.items()) for one in told)


def wrong(found: list[Finding]) -> list[str]:
    return [one.message for one in found if one.state == "WRONG"]


def test_units_that_are_well_are_said_to_be(
    config: Config, answering: Answering, tmp_path: Path
) -> None:
    paths = [{"FragmentPath": str(tmp_path / "system" / one["Id"])} for one in (SERVICE, SOCKET)]
    answering("systemctl", shown(SERVICE | paths[0], SOCKET | paths[1]))
    assert [one.message for one in units.units(config)] == [
        "jack.service is active",
        "systemd listens for Jack (jack.socket)",
    ]
    asked = (tmp_path / "bin/asked").read_text()
    assert asked == f"show --no-pager -p {units.ASKED} jack.service jack.socket"


@pytest.mark.parametrize(
    ("service", "says"),
    [
        ({"ActiveState": "failed", "SubState": "failed", "Result": "exit-code"},
         "jack.service cannot start (exit-code): sudo journalctl -u jack -n 50 says why"),
        ({"ActiveState": "activating", "SubState": "auto-restart", "Result": "signal"}, "cannot start (signal)"),
        ({"ActiveState": "inactive", "SubState": "dead"}, "jack.service is stopped: sudo systemctl start jack"),
        ({"LoadState": "not-found", "ActiveState": "inactive", "UnitFileState": ""}, "sudo systemctl daemon-reload"),
        ({"LoadState": "masked", "ActiveState": "inactive", "UnitFileState": "masked"}, "sudo systemctl unmask jack"),
        ({"LoadState": "bad-setting", "ActiveState": "inactive"}, "sudo systemd-analyze verify jack.service"),
        ({"UnitFileState": "disabled"}, "jack.service does not start with the machine: sudo systemctl enable jack"),
        ({"NeedDaemonReload": "yes"}, "sudo systemctl daemon-reload, then sudo systemctl restart jack.service"),
    ],
)  # fmt: skip
def test_a_service_that_is_not_well_is_wrong(
    config: Config, answering: Answering, service: dict[str, str], says: str
) -> None:
    answering("systemctl", shown(SERVICE | service, SOCKET))
    (message,) = wrong(list(units.units(config)))
    assert says in message


@pytest.mark.parametrize(
    ("socket", "says"),
    [
        ({"ActiveState": "failed", "SubState": "failed"}, "systemd does not listen for Jack (jack.socket is failed)"),
        ({"UnitFileState": "disabled"}, "jack.socket does not start with the machine: sudo systemctl enable jack.socket"),
    ],
)  # fmt: skip
def test_a_socket_that_is_not_well_is_wrong(
    config: Config, answering: Answering, socket: dict[str, str], says: str
) -> None:
    answering("systemctl", shown(SERVICE, SOCKET | socket))
    (message,) = wrong(list(units.units(config)))
    assert says in message


def test_a_service_without_a_socket_unit_is_well(config: Config, answering: Answering) -> None:
    missing = {"LoadState": "not-found", "ActiveState": "inactive", "UnitFileState": ""}
    answering("systemctl", shown(SERVICE, SOCKET | missing))
    assert [one.state for one in units.units(config)] == ["ok"]


@pytest.mark.parametrize(
    ("service", "says"),
    [
        ({"ActiveState": "activating", "SubState": "start-pre"}, "is activating at this moment"),
        ({"NRestarts": "17"}, "started again 17 times: sudo journalctl -u jack"),
    ],
)
def test_what_may_be_well_is_worth_a_note(
    config: Config, answering: Answering, service: dict[str, str], says: str
) -> None:
    answering("systemctl", shown(SERVICE | service))
    (finding,) = units.units(config)
    assert finding.state == "note"
    assert says in finding.message


def test_a_unit_of_another_version_is_worth_a_note(
    config: Config, answering: Answering, tmp_path: Path
) -> None:
    path = tmp_path / "system/jack.service"
    answering("systemctl", shown(SERVICE | {"FragmentPath": str(path)}))
    path.write_text(f"# ours\n\n{path.read_text()}")
    assert [one.state for one in units.units(config)] == ["ok"]
    path.write_text(path.read_text().replace("MemoryMax=1G", "MemoryMax=2G"))
    _, finding = units.units(config)
    assert finding.state == "note"
    assert (
        f"{path} is not the jack.service of this version: sudo deploy/install.sh" in finding.message
    )


def test_of_several_hotels_it_is_that_hotels_units(
    config: Config, answering: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_HOTEL", "sunrise")
    template = {
        "Id": "jack@sunrise.service",
        "FragmentPath": str(tmp_path / "system/jack@.service"),
    }
    held = {"Id": "jack@sunrise.socket", "ActiveState": "inactive"}
    answering("systemctl", shown(SERVICE | template, SOCKET | held))
    first, socket = units.units(read({"JACK_INSTANCE": "/var/lib/jack-sunrise"}))
    assert first.message == "jack@sunrise.service is active"
    assert "sudo systemctl restart jack@sunrise.socket" in socket.message
    assert (tmp_path / "bin/asked").read_text().endswith("jack@sunrise.service jack@sunrise.socket")


def test_where_there_is_no_systemd_or_no_service_nothing_is_said(
    config: Config, answering: Answering
) -> None:
    assert list(units.units(config)) == []
    assert list(clock.synchronised()) == []
    answering("systemctl", NO_SYSTEMD, ends=1)
    answering("timedatectl", NO_SYSTEMD, ends=1)
    assert list(units.units(config)) == []
    assert list(clock.synchronised()) == []
    answering("systemctl", shown(SERVICE | {"ActiveState": "failed"}))
    assert list(units.units(read({"JACK_INSTANCE": "/srv/another"}))) == []


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [("yes", "ok", "kept right"), ("no", "note", "sudo timedatectl set-ntp true")],
)
def test_the_clock_is_kept_right_by_a_time_server_or_not(
    answering: Answering, answer: str, state: str, says: str
) -> None:
    answering("timedatectl", answer)
    (finding,) = clock.synchronised()
    assert finding.state == state
    assert says in finding.message
