"""The commands: `bin/jack …`, `python -m jack …`, `flask --app app jack …`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app, has_app_context

from jack.core import process_limits
from jack.core.config import BadSetting, environment, read
from jack.core.file_locks import is_locked
from jack.core.patterns import EMAIL, FORBIDDEN
from jack.core.places import COMMAND
from jack.core.version import __version__
from jack.operations import kept_backups, serve
from jack.operations import repair_schema as repairing
from jack.operations import verify as verifying
from jack.operations.backup import back_up
from jack.operations.conformance.command import conformance
from jack.operations.doctor import examine
from jack.operations.doctor.findings import NOTE, WRONG, show, wrong
from jack.operations.installation import configured, existing, opened
from jack.operations.manual import completion, man
from jack.operations.restore import restore as put_back
from jack.operations.setting_commands import settings
from jack.operations.terminal import CommandRefused, Commands, UsageError, say
from jack.operations.test_mail import send_test_mail
from jack.resources.auth import passwords, sessions
from jack.resources.auth.second_factor import store as second_factor
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from flask import Flask

    from jack.core.db import Database

PATH = click.Path(path_type=Path)


@click.group(cls=Commands, name="jack", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="jack")
@click.option("--hotel", metavar="NAME", help="Which hotel, where a machine has several.")
def commands(hotel: str | None) -> None:
    """Jack, the hotel's guest messaging."""
    if hotel is not None:
        if os.environ.get("JACK_INSTANCE"):
            raise UsageError(
                "JACK_INSTANCE and --hotel both say which hotel is meant: leave one out."
            )
        os.environ["JACK_HOTEL"] = hotel
    os.umask(0o077)  # what is made is for whoever runs this alone
    if has_app_context():  # of `flask jack …`; the commands have a connection of their own
        current_app.extensions["jack"].databases.close()


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(commands)


# ------------------------------------------------------------------------------------------------ serving


@commands.command()
def run() -> None:
    """Start Jack and say what to do next."""
    serve.run(configured(), environment())


@commands.command()
def demo() -> None:
    """Open a throwaway hotel to look around in.

    With guests, conversations, tasks and knowledge, and three logins; Ctrl-C deletes it.
    """
    from jack.demo import show  # here, because only this command needs it

    show(environment())


@commands.command()
def work() -> None:
    """Run the worker as its own process.

    For a server with JACK_WORKER=0. SIGTERM or Ctrl-C ends it after what it is doing.
    """
    process_limits.ensure()
    config = configured()
    with opened(config):
        pass
    if is_locked(config.worker_lock):
        say("Another worker is at work; this one takes over when that one ends (Ctrl-C ends it).")
    else:
        say("The worker is running (Ctrl-C ends it).")
    serve.work(config)


@commands.command()
def migrate() -> None:
    """Bring the database up to date.

    A copy is put into backups/ before it is changed.
    """
    config = configured()
    with opened(config):
        say("The database is up to date.")


# ------------------------------------------------------------------------------------------------ people


@commands.command()
def setup_link() -> None:
    """Print a link to become the first admin.

    It works once, for 30 minutes; older ones end.
    """
    config = configured(admin=False)
    with opened(config) as db:
        link = serve.setup_link(serve.address(config, environment().get("JACK_BIND")), db)
        say("Within 30 minutes, open this link and choose a password:")
        say(f"  {link}")


@commands.command()
@click.option("--email", required=True)
@click.option("--name", required=True)
def create_admin(email: str, name: str) -> None:
    """Make an administrator.

    The password is asked for, or read from JACK_ADMIN_PASSWORD or standard input.
    """
    if not EMAIL.fullmatch(email) or not 1 <= len(name.strip()) <= 200 or not name.isprintable():
        raise UsageError(
            "Give an e-mail address and a name: --email you@example.com --name 'Your name'"
        )
    with opened(configured(admin=False)) as db:
        chosen = password()
        passwords.check(chosen)
        hash = passwords.hashed(chosen)
        staff.create(db, name=name.strip(), email=email, role="admin", password_hash=hash)
    say(f"Made the administrator {email}.")


@commands.command()
@click.argument("email")
def reset_password(email: str) -> None:
    """Set a password, sign out everywhere.

    The password is asked for, or read from JACK_ADMIN_PASSWORD or standard input.
    """
    with opened(existing(configured(admin=False))) as db:
        sessions.set_password(db, _member(db, email), password())
    say(f"{email} has the new password, and is signed out everywhere.")


@commands.command()
@click.argument("email")
def reset_totp(email: str) -> None:
    """Remove a second factor, sign out everywhere.

    For a member of staff who has lost their authenticator app and their recovery codes.
    """
    with opened(existing(configured(admin=False))) as db:
        if not second_factor.reset(db, _member(db, email)):
            raise CommandRefused(f"{email} has no second factor.")
    say(f"{email} signs in with the password alone, and is signed out everywhere.")


@commands.command()
@click.argument("email")
def invite(email: str) -> None:
    """Print a link to choose a password.

    For a member of staff; it works once, for 72 hours.
    """
    config = existing(configured(admin=False))
    with opened(config) as db:
        token, until = sessions.invite(db, staff.get_active(db, _member(db, email))["id"])
    say(f"Until {until}, {email} can choose a password here:\n  {config.base_url}/invite#{token}")


def _member(db: Database, email: str) -> str:
    found = staff.id_of(db, email)
    if found is None:
        raise CommandRefused(f"No member of staff has the e-mail {email}.")
    return found


def password() -> str:
    """A new password: from JACK_ADMIN_PASSWORD, else asked for twice, else the first line of standard input."""
    found = os.environ.get("JACK_ADMIN_PASSWORD")
    if not found and sys.stdin.isatty():
        asked = "Password (12 characters or more)"
        found = click.prompt(asked, hide_input=True, confirmation_prompt="Once more")
    found = found or sys.stdin.readline().rstrip("\r\n")
    if FORBIDDEN.search(found):
        raise UsageError(
            "The password has characters nobody can type: use letters, digits, signs, spaces."
        )
    return found


# ------------------------------------------------------------------------------------------------ the database


@commands.command()
@click.argument("file", type=PATH)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
def backup(file: Path, force: bool) -> None:
    """Copy the database, while Jack works.

    FILE becomes one plain SQLite file, or with attachments a tar of it and them; complete and checked, or not made at all.
    """
    size = back_up(existing(configured()).database, file, force=force)
    say(f"Backed up to {file} ({size / 1024 / 1024:.1f} MiB). It holds guests' data: keep it safe.")


@commands.command()
@click.argument("file", type=PATH, required=False)
@click.option("--identity", type=PATH, help="File with the secret key, for an encrypted backup.")
def restore(file: Path | None, identity: Path | None) -> None:
    """Put a backup in the database's place.

    Stop Jack first. The backup is checked before, and the old database is kept in backups/. Without FILE the backups are listed.
    """
    config = configured()
    if file is None:
        say("\n".join(kept_backups.listed(config)) or f"There are no backups in {config.instance}.")
        return
    serve.prepare_folder(config)
    with kept_backups.readable(config, kept_backups.found(config, file), identity) as plain:
        kept = put_back(config, plain)
    say(f"Restored {file}. Everybody signs in again, and old invitations have ended.")
    if kept is not None:
        say(f"The database of before is kept as {kept}")


@commands.command()
def verify() -> None:
    """Read all of the database; is it whole?

    A copy is looked at, so that Jack can go on working.
    """
    found = verifying.verify(existing(configured()))
    for line in found:
        say(f"{WRONG}  {line}")
    if found:
        raise CommandRefused(
            f"The database is not whole. To put a backup in its place: {COMMAND} restore FILE; "
            f"where only the schema differs, to rebuild that: {COMMAND} repair-schema"
        )
    say("The database is whole.")


@commands.command()
def repair_schema() -> None:
    """Rebuild a schema that is not what it should be.

    Stop Jack first. Every row is kept, and the database of before is kept in backups/.
    """
    repaired = repairing.repair(existing(configured()))
    if repaired is None:
        say("The schema is as it should be; nothing was changed.")
        return
    for line in repaired.notes:
        say(f"{NOTE}  {line}")
    say("Rebuilt the schema; every row is in its place. The next start goes on from here.")
    say(f"The database of before is kept as {repaired.kept}")


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def doctor(as_json: bool) -> None:
    """Say what is right and what is wrong here, and what to do.

    Nothing is changed. It ends with 1 when something is wrong.
    """
    try:
        findings = examine(read(found := environment()), found)
    except BadSetting as error:
        findings = iter([wrong(str(error))])
    sys.exit(int(show(findings, as_json=as_json)))


# ------------------------------------------------------------------------------------------------ those of a file of their own


for one in (conformance, completion, man, send_test_mail, settings):
    commands.add_command(one)
