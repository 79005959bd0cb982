"""Output of the commands: lines, failures without a stack trace, progress."""

from __future__ import annotations

import errno
import sys
import time
from typing import IO, Self

import click

from jack.core.config import BadSetting
from jack.core.errors import JackError
from jack.core.file_locks import Locked
from jack.core.process_limits import LimitTooLow
from jack.core.sqlite import DatabaseError

LINE_INTERVAL = 10.0  # seconds between two lines of progress where the output is no terminal


class CommandRefused(Exception):
    """Why a command does nothing; the message is shown."""


class PlainError(click.ClickException):
    """A failure that is shown as one line."""

    def show(self, file: IO[str] | None = None) -> None:
        """Print the message alone."""
        click.echo(self.message, err=True)


class UsageError(PlainError):
    """Wrong arguments or settings, shown as one line."""

    exit_code = 2


class Commands(click.Group):
    """A group that turns expected exceptions into one line."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BadSetting as error:
            raise UsageError(str(error)) from None
        except (CommandRefused, Locked, DatabaseError, JackError, LimitTooLow) as error:
            raise PlainError(str(error)) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise PlainError(f"{where}{error.strerror or error}") from None


def say(line: str = "") -> None:
    """Print a line; where the output is a file on a full disk, nothing."""
    try:
        click.echo(line)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise


class Progress:
    """`Copying … 42 %`: rewritten in place on a terminal, elsewhere a line every `LINE_INTERVAL`."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._live = sys.stderr.isatty()
        self._shown = -1
        self._printed_at = time.monotonic()

    def __enter__(self) -> Self:
        click.echo(f"{self._what} …", err=True, nl=not self._live)
        return self

    def __exit__(self, *failed: object) -> None:
        if self._live:
            click.echo(f"\r{self._what} … {'stopped' if failed[0] else 'done'}   ", err=True)

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        percent = 100 * done // max(total, 1)
        if percent == self._shown:
            return
        if self._live:
            click.echo(f"\r{self._what} … {percent} %", err=True, nl=False)
        elif time.monotonic() - self._printed_at >= LINE_INTERVAL:
            click.echo(f"{self._what} … {percent} %", err=True)
            self._printed_at = time.monotonic()
        self._shown = percent
