"""Commands typed on a server work on the installation of its service, or say whose turn it is; they make no second database."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jack import create_app
from jack.core import service_unit
from jack.core.config import BadSetting, environment, read
from jack.core.places import ROOT
from jack.core.service_unit import Installed, installed
from jack.operations import installation, serve
from jack.operations.terminal import CommandRefused
from tests.commands import finished, typed

NOBODY = 65534


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of units, and none of the machine's own settings."""
    for name in [*os.environ]:
        if name.startswith("JACK_") or name in {"PORT", "INVOCATION_ID"}:
            monkeypatch.delenv(name)
    folder = tmp_path / "system"
    folder.mkdir()
    monkeypatch.setattr(service_unit, "FOLDERS", (folder, tmp_path / "run"))
    monkeypatch.setattr(service_unit, "SETTINGS", tmp_path / "jack.env")
    return folder


def unit(folder: Path, tmp_path: Path, *, name: str = "jack.service", more: str = "") -> Path:
    """The unit of deploy/, for this checkout and with folders of the test's own."""
    text = (ROOT / "deploy/jack.service").read_text(encoding="utf-8")
    text = text.replace("/opt/jack/", f"{ROOT}/").replace("/var/lib/jack", str(tmp_path / "var"))
    text = text.replace("/etc/jack/jack.env", str(tmp_path / "jack.env"))
    (folder / name).write_text(text.replace("[Install]", f"{more}\n[Install]"), encoding="utf-8")
    return folder / name


def found() -> Installed:
    made = installed(ROOT)
    assert made is not None
    return made


# ------------------------------------------------------------------------------------------------ its settings


def test_the_unit_of_deploy_is_understood(units: Path, tmp_path: Path) -> None:
    path = unit(units, tmp_path)
    (tmp_path / "jack.env").write_text(
        '# ours\nJACK_PUBLIC_URL="https://jack.example.com"\nPATH=/x\n'
    )
    assert found() == Installed(
        str(path),
        {
            "JACK_INSTANCE": str(tmp_path / "var"),
            "JACK_BIND": "unix:/run/jack/jack.sock",
            "JACK_TRUSTED_PROXIES": "1",
            "JACK_SERVER": "gunicorn",
            "JACK_PUBLIC_URL": "https://jack.example.com",
        },
        "jack",
        (),
    )


def test_settings_are_those_systemd_gives_to_the_service(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file before the unit, a drop-in before the unit, what is typed before all."""
    unit(units, tmp_path, more='Environment=PORT=81 "JACK_HOST=::1"')
    drop_in = units / "jack.service.d"
    drop_in.mkdir()
    (drop_in / "own.conf").write_text(
        "[Unit]\nEnvironment=PORT=1\n[Service]\n# no\nEnvironment=JACK_BIND= \\\n  'JACK_TOKEN_HOURS=12'\nUser=hotel\n"
    )
    (tmp_path / "jack.env").write_text("PORT=82\n")
    assert found().user == "hotel"
    monkeypatch.setenv("JACK_TOKEN_HOURS", "13")
    given = environment()
    assert (given["PORT"], given["JACK_HOST"], given["JACK_BIND"]) == ("82", "::1", "")
    assert given["JACK_TOKEN_HOURS"] == "13"
    assert read(given).instance == tmp_path / "var"


def test_an_empty_assignment_forgets_those_before(units: Path, tmp_path: Path) -> None:
    unit(
        units, tmp_path, more="Environment=\nEnvironment=JACK_INSTANCE=/srv/100%%\nEnvironmentFile="
    )
    (tmp_path / "jack.env").write_text("PORT=82\n")
    assert found().settings == {"JACK_INSTANCE": "/srv/100%"}


def test_the_service_of_another_checkout_is_not_ours(units: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "deploy/jack.service", units)
    text = (units / "jack.service").read_text()
    (units / "jack.service").write_text(text.replace("/etc/jack/jack.env", str(tmp_path / "jack.env")))  # fmt: skip
    (tmp_path / "jack.env").write_text("PORT=82\n")
    assert installed(ROOT) is None
    assert "JACK_INSTANCE" not in environment()


def test_a_unit_of_another_name_is_found(units: Path, tmp_path: Path) -> None:
    unit(units, tmp_path, name="messages.service")
    assert found().settings["JACK_INSTANCE"] == str(tmp_path / "var")
    assert installation.how_to_start() == "systemctl start messages"


def test_without_a_unit_the_file_alone_counts(units: Path, tmp_path: Path) -> None:
    (tmp_path / "jack.env").write_text(f"JACK_INSTANCE={tmp_path / 'srv'}\n")
    assert environment()["JACK_INSTANCE"] == str(tmp_path / "srv")
    assert installation.how_to_start() == "make run"


def test_a_folder_that_is_said_is_the_folder(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit(units, tmp_path)
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "mine"))
    given = environment()
    assert given["JACK_INSTANCE"] == str(tmp_path / "mine")
    assert "JACK_BIND" not in given


def test_what_only_systemd_knows_is_asked_for(units: Path, tmp_path: Path) -> None:
    unit(units, tmp_path, more="Environment=JACK_INSTANCE=/var/lib/%i")
    with pytest.raises(BadSetting, match="say it yourself"):
        environment()


def test_settings_that_may_not_be_read_are_named(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit(units, tmp_path)

    def closed(path: Path) -> dict[str, str]:
        raise PermissionError(path)

    monkeypatch.setattr(service_unit, "_file", closed)
    with pytest.raises(
        BadSetting, match=rf"{tmp_path / 'jack.env'}.*JACK_INSTANCE={tmp_path / 'var'}"
    ):
        environment()
    # A process of the service has all of them from systemd.
    monkeypatch.setenv("INVOCATION_ID", "0")
    for name, value in found().settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("JACK_INSTANCE")
    without = found()._replace(settings={})
    monkeypatch.setattr(service_unit, "installed", lambda root: without)
    assert "JACK_BIND" in environment()


# ------------------------------------------------------------------------------------------------ several hotels


def template(folder: Path, tmp_path: Path) -> Path:
    """The template of deploy/, for this checkout, and the settings of the hotels sunrise and sunset."""
    text = (ROOT / "deploy/jack@.service").read_text(encoding="utf-8")
    text = text.replace("/opt/jack/", f"{ROOT}/").replace("/var/lib/jack-", f"{tmp_path}/var-")
    text = text.replace("/etc/jack/", f"{tmp_path}/")
    (folder / "jack@.service").write_text(text, encoding="utf-8")
    for hotel in ("sunrise", "sunset"):
        (tmp_path / f"{hotel}.env").write_text(f"JACK_PUBLIC_URL=https://{hotel}.example.com\n")
    return folder / "jack@.service"


@pytest.mark.parametrize("hotel", ["sunrise", "sunset"])
def test_the_template_of_deploy_is_understood_for_each_hotel(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hotel: str
) -> None:
    template(units, tmp_path)
    unit(units, tmp_path)  # beside a hotel of its own
    monkeypatch.setenv("JACK_HOTEL", hotel)
    given = environment()
    assert given["JACK_INSTANCE"] == f"{tmp_path}/var-{hotel}"
    assert given["JACK_BIND"] == f"unix:/run/jack-{hotel}.sock"
    assert given["JACK_PUBLIC_URL"] == f"https://{hotel}.example.com"
    assert found().user == f"jack-{hotel}"
    assert installation.how_to_start() == f"systemctl start jack@{hotel}"


def test_a_drop_in_of_one_hotel_is_that_hotels(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template(units, tmp_path)
    (units / "jack@sunset.service.d").mkdir()
    (units / "jack@sunset.service.d/own.conf").write_text(
        "[Service]\nEnvironment=JACK_HOST=%i %%i\n"
    )
    for hotel, host in (("sunrise", None), ("sunset", "sunset")):
        monkeypatch.setenv("JACK_HOTEL", hotel)
        assert environment().get("JACK_HOST") == host


def test_where_there_are_several_hotels_it_is_asked_which(units: Path, tmp_path: Path) -> None:
    template(units, tmp_path)
    with pytest.raises(BadSetting, match="--hotel NAME"):
        environment()
    unit(units, tmp_path)
    assert environment()["JACK_INSTANCE"] == str(tmp_path / "var")


def test_a_hotel_that_is_not_there_is_refused(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_HOTEL", "sunris")
    with pytest.raises(BadSetting, match="no such hotel"):
        environment()
    template(units, tmp_path)
    with pytest.raises(BadSetting, match="no such hotel"):
        environment()


def test_a_command_is_told_the_hotel_by_its_option(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template(units, tmp_path)
    monkeypatch.setenv("JACK_HOTEL", "")  # is that of before again at the end
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    refused = typed("--hotel", "sunset", "setup-link")
    assert f"sudo -u jack-sunset {ROOT}/bin/jack --hotel sunset" in refused.output
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    made = typed("--hotel", "sunset", "setup-link")
    assert "https://sunset.example.com/setup#" in made.output
    assert (tmp_path / "var-sunset/jack.db").exists()
    assert not (tmp_path / "var-sunrise").exists()


def test_a_hotel_and_a_folder_are_too_much(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template(units, tmp_path)
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "mine"))
    result = typed("--hotel", "sunset", "setup-link")
    assert result.exit_code == 2
    assert "leave one out" in result.output
    assert not (tmp_path / "mine").exists()


# ------------------------------------------------------------------------------------------------ whose turn it is


@pytest.mark.parametrize("words", [["setup-link"], ["migrate"], ["restore", "x.db"], ["verify"]])
def test_root_is_told_who_runs_it_before_there_is_a_database(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    unit(units, tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    result = typed(*words)
    assert result.exit_code == 1
    assert f"sudo -u jack {ROOT}/bin/jack" in result.output
    assert not (tmp_path / "var").exists()


def test_no_application_is_made_for_root_beside_the_service(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `flask --app app jack …` does."""
    unit(units, tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(CommandRefused, match="for the user jack"):
        create_app()
    assert not (tmp_path / "var").exists()


def test_the_server_is_given_the_settings_of_the_service(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit(units, tmp_path)
    given: dict[str, str] = {}
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    monkeypatch.setattr(serve.os, "execve", lambda program, words, env: given.update(env))
    monkeypatch.setattr(serve.os, "chdir", lambda _: None)
    result = typed("run")
    assert result.exit_code == 0, result.output
    assert given["JACK_BIND"] == "unix:/run/jack/jack.sock"
    assert given["JACK_INSTANCE"] == str(tmp_path / "var")


# ------------------------------------------------------------------------------------------------ for real


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Path]:
    """A folder in which everybody may read: with a unit of this checkout that runs as nobody."""
    folder = Path(tempfile.mkdtemp(prefix="jack-server-"))
    folder.chmod(0o755)
    (folder / "system").mkdir()
    path = unit(folder / "system", folder)
    path.write_text(path.read_text().replace("User=jack", "User=nobody"))
    (folder / "jack.env").write_text("JACK_PUBLIC_URL=https://jack.example.com\n")
    for made in (folder / "system", path, folder / "jack.env"):
        made.chmod(0o755)
    (folder / "var").mkdir(mode=0o700)
    os.chown(folder / "var", NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


# The program as another user; what it imports may be where that user cannot read.
AS_USER = """
import os, sys
from jack.cli import commands
os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv.pop(1)))
commands(prog_name="jack")
"""


def on_the_server(server: Path, *words: str, user: int = 0) -> subprocess.CompletedProcess[str]:
    """A command typed on that server, with nothing in its environment: its units are those of this machine's systemd."""
    over = f"mkdir -p /etc/systemd/system && mount --bind {server / 'system'} /etc/systemd/system"
    program = [sys.executable, "-c", AS_USER, str(user)] if user else [str(ROOT / "bin/jack")]
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", f'{over} && cd / && exec "$@"', "sh", *program, *words],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def may_mount() -> bool:
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return os.geteuid() == 0 and not subprocess.run(tried, capture_output=True, check=False).returncode  # fmt: skip


def test_on_a_server_root_is_refused_and_the_user_of_the_service_is_served(server: Path) -> None:
    if not may_mount():
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("only root may mount; run these tests as root (or in a container as root)")
    own = ROOT / "instance"
    before = sorted(own.iterdir()) if own.exists() else None
    refused = on_the_server(server, "setup-link")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "sudo -u nobody" in refused.stderr
    assert list((server / "var").iterdir()) == []
    made = on_the_server(server, "setup-link", user=NOBODY)
    assert made.returncode == 0, made.stderr
    assert "https://jack.example.com/setup#" in made.stdout
    assert (server / "var/jack.db").stat().st_uid == NOBODY
    assert (sorted(own.iterdir()) if own.exists() else None) == before
    # Of a database that is there, root is told as well.
    assert "belongs to nobody" in on_the_server(server, "verify").stderr
    # Settings that user may not read: not another folder, but how to go on.
    (server / "jack.env").chmod(0o600)
    closed = on_the_server(server, "setup-link", user=NOBODY)
    assert closed.returncode == 2
    assert f"JACK_INSTANCE={server / 'var'}" in closed.stderr
    (server / "system/jack.service").chmod(0o600)
    hidden = on_the_server(server, "setup-link", user=NOBODY)
    assert (hidden.returncode, "which you may not read" in hidden.stderr) == (2, True)


def test_the_doctor_asks_at_the_socket_of_the_service(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tempfile.mkdtemp() + "/jack.sock"
    unit(units, tmp_path, more=f"Environment=JACK_BIND=unix:{path}")
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    assert typed("migrate").exit_code == 0
    monkeypatch.undo()
    monkeypatch.setattr(service_unit, "FOLDERS", (units,))
    monkeypatch.delenv("JACK_INSTANCE", raising=False)
    silent = typed("doctor").stdout
    assert (
        f"nobody answers at unix:{path} (there is no such socket): start Jack (systemctl start jack)"
        in silent
    )
    assert f"the settings are those of {units / 'jack.service'}" in silent
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        answering = threading.Thread(target=_answer, args=(listener,))
        answering.start()
        assert f"Jack answers at unix:{path}" in typed("doctor").stdout
        # That service could not open it.
        owner = (tmp_path / "var/jack.db").owner()
        assert (
            f"jack.service runs as jack, and the database belongs to {owner}: sudo chown -R jack: {tmp_path / 'var'}"
            in silent
        )
        answering.join()


def _answer(listener: socket.socket) -> None:
    line, _ = listener.accept()
    with line:
        line.recv(4096)
        line.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"ok"}')


def test_a_command_of_a_checkout_without_a_service_works_as_ever(tmp_path: Path) -> None:
    env = {**os.environ, "JACK_INSTANCE": str(tmp_path / "instance")}
    assert finished("migrate", env=env).returncode == 0
    assert (tmp_path / "instance/jack.db").exists()
