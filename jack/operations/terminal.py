"""How the commands speak: plain words, a refusal without a stack trace, and how far long work is."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

import click

from jack.core.config import BadSetting
from jack.core.errors import JackError
from jack.core.file_locks import Locked
from jack.core.sqlite import DatabaseError

QUIET_FOR = 10.0  # seconds between two lines where there is no terminal to rewrite one on


class CommandRefused(Exception):
    """Why a command does nothing, in plain words."""


class Plain(click.ClickException):
    """A failure told in one line: what is asked cannot be done."""

    def show(self, file: Any = None) -> None:
        """The line, without decoration."""
        click.echo(self.message, err=True)


class UsageError(Plain):
    """A failure told in one line: it was asked wrongly."""

    exit_code = 2


class Commands(click.Group):
    """A group whose expected failures are told plainly."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BadSetting as error:
            raise UsageError(str(error)) from None
        except (CommandRefused, Locked, DatabaseError, JackError) as error:
            raise Plain(str(error)) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise Plain(f"{where}{error.strerror or error}") from None


def say(line: str = "") -> None:
    """A line for whoever typed the command."""
    click.echo(line)


class Progress:
    """`Copying … 42 %`: rewritten in place on a terminal, elsewhere a line now and then."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._live = sys.stderr.isatty()
        self._shown = -1
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        click.echo(f"{self._what} …", err=True, nl=not self._live)
        return self

    def __exit__(self, *failed: object) -> None:
        if self._live:
            click.echo(f"\r{self._what} … {'stopped' if failed[0] else 'done'}   ", err=True)

    def __call__(self, done: int, total: int) -> None:
        """So many of so many."""
        percent = 100 * done // max(total, 1)
        if percent == self._shown:
            return
        if self._live:
            click.echo(f"\r{self._what} … {percent} %", err=True, nl=False)
        elif time.monotonic() - self._said >= QUIET_FOR:
            click.echo(f"{self._what} … {percent} %", err=True)
            self._said = time.monotonic()
        self._shown = percent
