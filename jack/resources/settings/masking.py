"""Secrets in settings: masked where they are shown, and kept where the mask is put back in their place.

A secret is what stands under the name of one, at any depth, and an address with credentials in it. It is kept only as long as
nothing changes that says where it is sent or as whom: else whoever may put a setting could have it sent to themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jack.core.db import as_json
from jack.core.errors import Invalid
from jack.core.url_credentials import MASK, SECRET_NAME, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from jack.resources.settings.values import Json, JsonObject

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# The last word of a name that says where something is sent, or as whom: `baseUrl`, `mediaHosts`, `accountSid`.
DESTINATIONS = frozenset(
    [
        "url",
        "uri",
        "urls",
        "host",
        "hosts",
        "hostname",
        "server",
        "endpoint",
        "domain",
        "port",
        "proxy",
        "realm",
        "region",
        "user",
        "username",
        "login",
        "account",
        "sid",
        "email",
        "address",
    ]
)
# … or the word before `id` or `name`: `clientId`, `userName`.
IDENTITIES = frozenset({"user", "account", "client", "tenant", "key", "login", "host"})


def mapped(
    value: JsonObject, change: Callable[[Json, bool], Json], hide: bool = False
) -> JsonObject:
    """`value` with `change(inner, hide)` for everything in it that is no object or list.

    `hide` when it stands, at any depth, under the name of a secret.
    """
    return {
        name: _mapped_value(inner, change, hide or _names_a_secret(name))
        for name, inner in value.items()
    }


def masked(value: JsonObject, hide: bool = False) -> JsonObject:
    """`value` as it may be shown; `hide` when it stands, at any depth, under the name of a secret."""
    return mapped(value, _mask, hide)


def unmasked(
    new: JsonObject, old: Json, path: str, hide: bool = False, moved: str | None = None
) -> JsonObject:
    """`new` with every mask replaced by the secret that `old` has in its place.

    `path` is how an error names the field, `moved` a field around this object by which its secrets would be sent somewhere else.
    Raises Invalid where there is no secret that the mask could stand for, and where it has to be given again.
    """
    olds = old if isinstance(old, dict) else {}
    around = moved or _moved(new, olds, hide)
    inside = around or _moved_inside(new, olds, hide)
    return {
        name: _unmasked_value(
            inner,
            olds.get(name),
            f"{path}.{name}",
            hide or _names_a_secret(name),
            around if isinstance(inner, dict) else inside,
        )
        for name, inner in new.items()
    }


def _names_a_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _is_destination(name: str) -> bool:
    """Whether a field of this name says where a secret is sent, or as whom."""
    words = [word.lower() for word in WORD.findall(name)] or [""]
    return words[-1] in DESTINATIONS or (
        words[-1] in ("id", "name") and bool(IDENTITIES & {*words[-2:-1]})
    )


def _moved(new: JsonObject, old: JsonObject, hide: bool) -> str | None:
    """A field of this object that says where its secrets are sent, or as whom, and changes; None when none does."""
    for name in sorted(new.keys() | old.keys()):
        now, before = new.get(name), old.get(name)
        if _is_destination(name) and now != before:
            hidden = hide or _names_a_secret(name)
            sent = _mapped_value(now, _mask, hidden) if isinstance(now, dict) else now
            if sent != _mapped_value(before, _mask, hidden):
                return name
    return None


def _moved_inside(new: JsonObject, old: JsonObject, hide: bool) -> str | None:
    """As `_moved`, for the objects in this one, also in its lists: `host` of `smtp`, for a token that is for all servers."""
    for name in sorted(new.keys() | old.keys()):
        now, before = _by_name(new.get(name)), _by_name(old.get(name))
        hidden = hide or _names_a_secret(name)
        found = _moved(now, before, hidden) or _moved_inside(now, before, hidden)
        if found:
            return f"{name}.{found}"
    return None


def _by_name(value: Json) -> JsonObject:
    """An object as it is, a list by the index of each element; empty for anything else."""
    if isinstance(value, list):
        return {str(place): inner for place, inner in enumerate(value)}
    return value if isinstance(value, dict) else {}


def _can_be_secret(value: Json) -> bool:
    """Whether a value can be a secret: text that is not empty, or a number."""
    return value not in (None, "") and not isinstance(value, bool | dict | list)


def is_secret(value: Json, hide: bool) -> bool:
    """Whether what `mapped` comes to is a secret: under the name of one, or an address with credentials."""
    return (hide and _can_be_secret(value)) or _has_credentials(value)


def _mask(value: Json, hide: bool) -> Json:
    if hide and _can_be_secret(value):
        return MASK
    return without_credentials(value) if isinstance(value, str) else value


def _mapped_value(value: Json, change: Callable[[Json, bool], Json], hide: bool = False) -> Json:
    if isinstance(value, dict):
        return mapped(value, change, hide)
    if isinstance(value, list):
        return [_mapped_value(inner, change, hide) for inner in value]
    return change(value, hide)


def _has_credentials(value: Json) -> bool:
    return isinstance(value, str) and without_credentials(value) != value


def _unmasked_value(
    new: Json, old: Json, path: str, hide: bool = False, moved: str | None = None
) -> Json:
    if isinstance(new, dict):
        return unmasked(new, old, path, hide, moved)
    if isinstance(new, list):
        before = _counterparts(new, old if isinstance(old, list) else [], hide)
        return [
            _unmasked_value(inner, before.get(place), f"{path}.{place}", hide, moved)
            for place, inner in enumerate(new)
        ]
    if hide and new == MASK:
        return _kept(old, path, moved)
    if isinstance(new, str) and MASK in new:
        return _kept_address(new, old, path, moved)
    return new


def _counterparts(new: list[Json], old: list[Json], hide: bool) -> dict[int, Json]:
    """The old element of each new one, by the new one's index: the one that looks the same when masked, wherever it was;
    else the one at the same index.

    The index counts only in a list of the same length, and only for an old element that no other was matched with: when an
    account is removed from a list, its secret must not pass to the one after it.
    """
    shown = [as_json(_mapped_value(value, _mask, hide)) for value in old]
    first = {text: place for place, text in reversed(list(enumerate(shown)))}
    wanted = [as_json(value) for value in new]
    found = {
        place: place if shown[place : place + 1] == [text] else first[text]
        for place, text in enumerate(wanted)
        if text in first
    }
    if len(new) == len(old):
        taken = set(found.values())
        found |= {n: n for n in range(len(new)) if n not in found and n not in taken}
    return {place: old[was] for place, was in found.items()}


def _kept(secret: Json, path: str, moved: str | None) -> Json:
    if not _can_be_secret(secret):
        message = "No secret is stored here yet: the mask cannot stand for one."
        raise Invalid.field(path, "invalid", message)
    if moved:
        raise _again(path, f"{moved} changes")
    return secret


def _kept_address(new: str, old: Json, path: str, moved: str | None) -> Json:
    """The address that `new` shows with a mask, with its credentials. A text in which the mask stands for none stays as it is."""
    if isinstance(old, str) and _has_credentials(old) and without_credentials(old) == new:
        if moved:
            raise _again(path, f"{moved} changes")
        return old
    if _has_credentials(new.replace(MASK, "x")):
        raise _again(path, "the address changes")
    return new


def _again(path: str, because: str) -> Invalid:
    message = f"The secret must be given again, because {because}: it would be sent to another place, or as somebody else."
    return Invalid.field(path, "secret_needed", message)
