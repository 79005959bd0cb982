"""Secrets in settings: masked where they are shown, and kept where the mask is put back in their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jack.core.db import as_json
from jack.core.errors import Invalid

if TYPE_CHECKING:
    from jack.resources.settings.values import Json, JsonObject

MASK = "********"
# Wide on purpose: a value masked by mistake can still be replaced, a secret shown by mistake has leaked.
SECRET_NAME = re.compile(
    r"secret(?!ar)|pass(word|wd|phrase|code)?s?\d*$|pwd|token(?!i)|credential|authori[sz]ation"
    r"|(api|access|private|signing|encryption|auth|account|master)[_-]?keys?",
    re.IGNORECASE,
)


def masked(value: JsonObject, hide: bool = False) -> JsonObject:
    """`value` as it may be shown; `hide` when it stands, at any depth, under the name of a secret."""
    return {
        name: _masked_value(inner, hide or _names_a_secret(name)) for name, inner in value.items()
    }


def unmasked(new: JsonObject, old: Json, path: str, hide: bool = False) -> JsonObject:
    """`new` with every mask replaced by the secret that `old` has in its place.

    `path` is how an error names the field. Raises Invalid where there is no secret that the mask could stand for.
    """
    olds = old if isinstance(old, dict) else {}
    return {
        name: _unmasked_value(
            inner, olds.get(name), f"{path}.{name}", hide or _names_a_secret(name)
        )
        for name, inner in new.items()
    }


def _names_a_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _can_be_secret(value: Json) -> bool:
    """Whether a value can be a secret: text that is not empty, or a number."""
    return value not in (None, "") and not isinstance(value, bool | dict | list)


def _masked_value(value: Json, hide: bool = False) -> Json:
    if isinstance(value, dict):
        return masked(value, hide)
    if isinstance(value, list):
        return [_masked_value(inner, hide) for inner in value]
    return MASK if hide and _can_be_secret(value) else value


def _unmasked_value(new: Json, old: Json, path: str, hide: bool = False) -> Json:
    if isinstance(new, dict):
        return unmasked(new, old, path, hide)
    if isinstance(new, list):
        before = _counterparts(new, old if isinstance(old, list) else [], hide)
        return [
            _unmasked_value(inner, before.get(place), f"{path}.{place}", hide)
            for place, inner in enumerate(new)
        ]
    return _kept(old, path) if hide and new == MASK else new


def _counterparts(new: list[Json], old: list[Json], hide: bool) -> dict[int, Json]:
    """The old element of each new one, by the new one's index: the one that looks the same when masked, wherever it was;
    else the one at the same index.

    The index counts only in a list of the same length, and only for an old element that no other was matched with: when an
    account is removed from a list, its secret must not pass to the one after it.
    """
    shown = [as_json(_masked_value(value, hide)) for value in old]
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


def _kept(secret: Json, path: str) -> Json:
    if not _can_be_secret(secret):
        message = "No secret is stored here yet: the mask cannot stand for one."
        raise Invalid.field(path, "invalid", message)
    return secret
