"""`bin/jack settings get|put`: the hotel's settings by the hand of whoever owns the machine, checked as the API checks them."""

from __future__ import annotations

import sys

import click
import orjson

from jack.core.errors import Invalid
from jack.operations.installation import configured, existing, opened
from jack.operations.terminal import UsageError, say
from jack.resources.settings import store
from jack.resources.settings.checking import checked


@click.group()
def settings() -> None:
    """Read and put the hotel's settings."""


@settings.command()
@click.argument("key", required=False)
def get(key: str | None) -> None:
    """Print a setting as JSON.

    Secrets are masked. Without KEY all keys are listed.
    """
    with opened(existing(configured(admin=False))) as db:
        if key is None:
            say("\n".join(store.keys(db)))
        else:
            value = store.get(db, key)["value"]
            say(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


@settings.command()
@click.argument("key")
@click.argument("value", required=False)
def put(key: str, value: str | None) -> None:
    """Replace a setting by a JSON object.

    VALUE is read from standard input where it is not given, so that a secret stands in no list of processes. A mask in place of a
    secret keeps it.
    """
    try:
        given = orjson.loads(value if value is not None else sys.stdin.read())
    except orjson.JSONDecodeError as error:
        raise UsageError(f"That is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise UsageError('Give a JSON object, such as \'{"requireTotp": "admins"}\'')
    with opened(existing(configured(admin=False))) as db:
        try:
            store.put(db, key, given, checked=checked(key))
        except Invalid as error:
            raise UsageError(_reasons(error)) from None
    say(f"Put {key}.")


def _reasons(error: Invalid) -> str:
    """What is wrong, a line for each field."""
    lines = [
        f"{one['field'].removeprefix('value.')}: {one['message']}" for one in error.details or ()
    ]
    return "\n".join(lines) or error.message
