"""The commands as a hotel owner types them: what they do, and what they say when they cannot."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jack import __version__
from jack.core.db import Database
from jack.core.errors import JackError, Unauthorized
from jack.operations.terminal import CommandRefused
from jack.resources.auth import sessions
from jack.resources.auth.second_factor import totp
from jack.resources.staff import store as staff
from tests.commands import (
    JACK,
    PASSWORD,
    PATIENCE,
    ROOT,
    database,
    finished,
    settings,
    started,
    typed,
)

ANNA = ("create-admin", "--email", "anna@hotel.example", "--name", "Anna")
COMMANDS = (
    "backup", "conformance", "create-admin", "demo", "doctor", "invite", "migrate", "repair-schema",
    "reset-password", "reset-totp", "restore", "run", "setup-link", "verify", "work",
)  # fmt: skip


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the typed commands keep their files; nothing of the machine's own settings counts."""
    for name in os.environ:
        if name.startswith("JACK_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "instance"
    monkeypatch.setenv("JACK_INSTANCE", str(folder))
    return folder


def link(text: str, page: str) -> str:
    """The token of a one-time link in what a command said."""
    found = re.search(rf"http://\S+/{page}#(\S+)", text)
    assert found is not None, text
    return found[1]


def admins(db: Database) -> list[str]:
    return [row["email"] for row in db.all("SELECT email FROM staff WHERE role = 'admin'")]


# ------------------------------------------------------------------------------------------------ finding them


def test_python_m_jack_names_every_command() -> None:
    result = finished("--help", env=settings())
    assert result.returncode == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.stdout


def test_every_command_explains_itself() -> None:
    for name in COMMANDS:
        result = typed(name, "--help")
        assert result.exit_code == 0
        assert "Usage: jack" in result.output


@pytest.mark.parametrize("through", ["bin/jack", "link"])
def test_bin_jack_works_from_any_folder(through: str, tmp_path: Path) -> None:
    program = ROOT / "bin/jack"
    if through == "link":
        (tmp_path / "link").symlink_to(program)
        program = tmp_path / "link"
    # A folder of that name where it is typed must not be taken for Jack.
    (tmp_path / "jack").mkdir()
    (tmp_path / "jack/__init__.py").write_text("raise SystemExit('not this one')")
    env = settings(JACK_INSTANCE=str(tmp_path / "instance"))
    printed = subprocess.run(
        [program, "migrate"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert (printed.returncode, printed.stderr) == (0, "")
    assert "up to date" in printed.stdout


def test_bin_jack_without_its_environment_says_what_to_type(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/jack"
    program.write_bytes((ROOT / "bin/jack").read_bytes())
    program.chmod(0o755)
    printed = subprocess.run([program, "doctor"], capture_output=True, text=True, check=False)
    assert printed.returncode == 1
    assert "make run" in printed.stderr


def test_flask_jack_is_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "app", "jack", "setup-link"]
    env = settings(JACK_INSTANCE=str(tmp_path / "instance"))
    printed = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert (printed.returncode, printed.stderr) == (0, "")
    assert link(printed.stdout, "setup")


def test_a_bad_setting_is_one_plain_line(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_RATE_LIMIT", "100/minut")
    result = typed("migrate")
    assert result.exit_code == 2
    assert result.output.startswith("JACK_RATE_LIMIT='100/minut': ")
    assert result.output.count("\n") == 1


def test_the_version_is_told(instance: Path) -> None:
    result = typed("--version")
    assert (result.exit_code, result.output) == (0, f"jack {__version__}\n")


def test_an_unknown_command_is_refused(instance: Path) -> None:
    result = typed("frobnicate")
    assert result.exit_code == 2
    assert "No such command" in result.output


@pytest.mark.parametrize(
    "words",
    [
        ["backup", "x.db"],
        ["verify"],
        ["invite", "a@b.cd"],
        ["reset-password", "a@b.cd"],
        ["reset-totp", "a@b.cd"],
    ],
)
def test_where_there_is_no_database_none_is_made(instance: Path, words: list[str]) -> None:
    result = typed(*words)
    assert result.exit_code == 1
    assert "There is no database" in result.output
    assert not instance.exists()


def test_root_does_not_touch_the_database_of_another_user(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("migrate")
    if os.geteuid() == 0:
        os.chown(instance / "jack.db", 1, 1)
    monkeypatch.setattr("jack.operations.installation.os.geteuid", lambda: 0)
    result = typed("migrate")
    assert result.exit_code == 1
    assert "sudo -u " in result.output


def test_a_folder_that_cannot_be_made_is_named(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance.write_text("a file, not a folder")
    result = typed("migrate")
    assert result.exit_code == 1
    assert str(instance) in result.output


def test_a_folder_that_cannot_be_written_is_named(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance.mkdir()
    monkeypatch.setattr("jack.operations.serve.os.access", lambda *_: False)
    result = typed("migrate")
    assert result.exit_code == 1
    assert "cannot be written" in result.output


# ------------------------------------------------------------------------------------------------ the first start


def test_migrate_makes_the_database_for_its_owner_alone(instance: Path) -> None:
    result = typed("migrate")
    assert result.exit_code == 0
    assert "Creating the database" in result.output
    assert instance.stat().st_mode & 0o777 == 0o700
    assert (instance / "jack.db").stat().st_mode & 0o777 == 0o600


def test_migrate_closes_a_folder_that_others_could_read(instance: Path) -> None:
    instance.mkdir(mode=0o755)
    typed("migrate")
    assert instance.stat().st_mode & 0o777 == 0o700


def test_the_set_up_link_makes_the_first_admin_once(instance: Path) -> None:
    first, second = (
        link(typed("setup-link").output, "setup"),
        link(typed("setup-link").output, "setup"),
    )
    who = {"name": "Anna", "email": "anna@hotel.example", "password": PASSWORD}
    with database(instance) as db:
        with pytest.raises(Unauthorized):
            sessions.set_up(db, token=first, **who)  # the second link has taken its place
        sessions.set_up(db, token=second, **who)
        with pytest.raises(Unauthorized):
            sessions.set_up(db, token=second, **who)
    assert "/setup#" not in typed("migrate").output
    refused = typed("setup-link")
    assert refused.exit_code == 1
    assert "administrator already" in refused.output


def test_the_configured_admin_is_made_at_the_first_start(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_ADMIN_EMAIL", "anna@hotel.example")
    monkeypatch.setenv("JACK_ADMIN_PASSWORD", PASSWORD)
    assert "/setup#" not in typed("migrate").output
    with database(instance) as db:
        assert admins(db) == ["anna@hotel.example"]


def test_a_newer_database_is_refused(instance: Path) -> None:
    with database(instance) as db:
        db.run("PRAGMA user_version = 99")
    result = typed("migrate")
    assert result.exit_code == 1
    assert "newer Jack" in result.output


def test_several_first_starts_at_once_make_one_database(tmp_path: Path) -> None:
    env = settings(JACK_INSTANCE=str(tmp_path / "instance"))
    programs = [started("migrate", env=env) for _ in range(4)]
    printed = [program.communicate(timeout=PATIENCE) for program in programs]
    assert [program.returncode for program in programs] == [0] * 4, printed
    with database(tmp_path / "instance") as db:
        assert db.value("SELECT count(*) FROM instance") == 1


# ------------------------------------------------------------------------------------------------ people


def test_create_admin_reads_the_password_from_standard_input(instance: Path) -> None:
    result = typed(*ANNA, stdin=f"{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    with database(instance) as db:
        assert sessions.check_credentials(db, "anna@hotel.example", PASSWORD)


def test_create_admin_takes_the_password_from_the_environment(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_ADMIN_PASSWORD", PASSWORD)
    assert typed(*ANNA).exit_code == 0
    with database(instance) as db:
        assert sessions.check_credentials(db, "anna@hotel.example", PASSWORD)


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    env = settings(JACK_INSTANCE=str(tmp_path / "instance"))
    program = subprocess.Popen(
        [*JACK, *ANNA],
        env=env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    printed = answer_prompts(ours, ["Password", "Once more"])
    assert program.wait(PATIENCE) == 0, printed
    assert PASSWORD not in printed
    with database(tmp_path / "instance") as db:
        assert sessions.check_credentials(db, "anna@hotel.example", PASSWORD)


def answer_prompts(terminal: int, prompts: list[str]) -> str:
    """Type the password at each prompt; everything that was to be seen."""
    seen = ""
    while True:
        try:
            seen += os.read(terminal, 4096).decode()
        except OSError:  # the program has ended
            os.close(terminal)
            return seen
        if prompts and re.search(rf"{prompts[0]}[^\n]*: $", seen):
            prompts.pop(0)
            os.write(terminal, f"{PASSWORD}\n".encode())


@pytest.mark.parametrize(
    ("password", "says"),
    [("short", "12 to 128"), ("password1234", "commonest"), ("", "12 to 128"), ("a\x07" * 8, "nobody can type")],
)  # fmt: skip
def test_create_admin_refuses_a_bad_password(instance: Path, password: str, says: str) -> None:
    result = typed(*ANNA, stdin=f"{password}\n")
    assert result.exit_code in (1, 2)
    assert says in result.output
    with database(instance) as db:
        assert admins(db) == []


@pytest.mark.parametrize(
    ("email", "name"), [("anna", "Anna"), ("anna@hotel.example", " "), ("a@b.c", "A\nB"), ("a@b.c", "x" * 201)]
)  # fmt: skip
def test_create_admin_refuses_a_bad_name_or_address(instance: Path, email: str, name: str) -> None:
    result = typed("create-admin", "--email", email, "--name", name, stdin=f"{PASSWORD}\n")
    assert result.exit_code == 2
    assert not instance.exists()


def test_the_second_admin_of_an_address_is_refused(instance: Path) -> None:
    typed(*ANNA, stdin=f"{PASSWORD}\n")
    result = typed("create-admin", "--email", "ANNA@hotel.example", "--name", "B", stdin=PASSWORD)
    assert result.exit_code == 1
    assert "exists already" in result.output


def test_of_two_create_admin_at_once_one_succeeds(tmp_path: Path) -> None:
    env = settings(JACK_INSTANCE=str(tmp_path / "instance"), JACK_ADMIN_PASSWORD=PASSWORD)
    programs = [started(*ANNA, env=env) for _ in range(2)]
    for program in programs:
        program.communicate(timeout=PATIENCE)
    assert sorted(program.returncode for program in programs) == [0, 1]
    with database(tmp_path / "instance") as db:
        assert admins(db) == ["anna@hotel.example"]


SET_UP = """
import sys
from pathlib import Path
from jack.resources.auth import sessions as store
from jack.core.db import Database
from jack.core.errors import JackError
db = Database(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
try:
    store.set_up(db, token=sys.argv[2], name="A", email=sys.argv[3], password="correct horse battery")
except JackError as error:
    sys.exit(1)
"""


def test_of_several_set_ups_with_one_link_one_succeeds(instance: Path) -> None:
    token = link(typed("setup-link").output, "setup")
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", SET_UP, str(instance / "jack.db"), token, f"a{number}@b.cd"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(4)
    ]
    for program in programs:
        assert program.stdout is not None
        program.stdout.readline()
    for program in programs:
        program.communicate("go\n", timeout=PATIENCE)
    assert sorted(program.returncode for program in programs) == [0, 1, 1, 1]
    with database(instance) as db:
        assert len(admins(db)) == 1


def test_reset_password_signs_out_everywhere(instance: Path) -> None:
    typed(*ANNA, stdin=f"{PASSWORD}\n")
    with database(instance) as db:
        session, _ = sessions.begin_session(
            db, str(staff.id_of(db, "anna@hotel.example")), hours=24
        )
    result = typed("reset-password", "Anna@hotel.example", stdin="quite another one\n")
    assert result.exit_code == 0
    with database(instance) as db:
        found = sessions.session(db, session)
        assert found is not None
        assert found["revoked_at"] is not None
        assert sessions.check_credentials(db, "anna@hotel.example", "quite another one")
        with pytest.raises(Unauthorized):
            sessions.check_credentials(db, "anna@hotel.example", PASSWORD)


def test_reset_totp_removes_the_second_factor_and_signs_out(instance: Path) -> None:
    typed(*ANNA, stdin=f"{PASSWORD}\n")
    with database(instance) as db:
        anna = str(staff.id_of(db, "anna@hotel.example"))
        totp.new_secret(db, anna, "a signing key of thirty-two characters")
        totp.confirm(db, anna)
        session, _ = sessions.begin_session(db, anna, hours=24)
    result = typed("reset-totp", "Anna@hotel.example")
    assert (result.exit_code, "signed out everywhere" in result.output) == (0, True)
    with database(instance) as db:
        assert totp.get(db, anna) is None
        found = sessions.session(db, session)
        assert found is not None
        assert found["revoked_at"] is not None
    result = typed("reset-totp", "anna@hotel.example")
    assert result.exit_code == 1
    assert "has no second factor" in result.output


@pytest.mark.parametrize("command", ["reset-password", "reset-totp", "invite"])
def test_an_unknown_address_is_refused(instance: Path, command: str) -> None:
    typed("migrate")
    result = typed(command, "nobody@hotel.example", stdin=PASSWORD)
    assert result.exit_code == 1
    assert "nobody@hotel.example" in result.output


def test_invite_prints_a_link_with_which_a_password_is_chosen(instance: Path) -> None:
    with database(instance) as db:
        staff.create(db, name="Bea", email="bea@hotel.example", role="manager")
    token = link(typed("invite", "bea@hotel.example").output, "invite")
    with database(instance) as db:
        sessions.accept_invite(db, token, PASSWORD)
        assert sessions.check_credentials(db, "bea@hotel.example", PASSWORD)


def test_who_is_not_active_is_not_invited(instance: Path) -> None:
    with database(instance) as db:
        bea = staff.create(db, name="Bea", email="bea@hotel.example", role="manager")
        staff.change(db, bea["id"], active=False)
    result = typed("invite", "bea@hotel.example")
    assert result.exit_code == 1
    assert "not active" in result.output


@pytest.mark.parametrize(
    "failure",
    [JackError("the words"), OSError(28, "the words", "/a/file"), CommandRefused("the words")],
)
def test_every_expected_failure_is_told_plainly(
    instance: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr("jack.cli.sessions.invite_setup", fail)
    result = typed("setup-link")
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].endswith("the words")
