"""Which route a path is of, found by its parts; what is not found here is left to Werkzeug, which knows why.

Werkzeug walks a tree, with a regular expression for each variable part. All our variable parts are plain text between two slashes,
so a path is looked up as a whole: once for each way in which routes of its length have variable parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from werkzeug.routing import Rule, UnicodeConverter

if TYPE_CHECKING:
    from collections.abc import Iterable

# The method, and the parts of the path with '' for the variable ones: no fixed part is empty.
Key = tuple[str, ...]


class Found(NamedTuple):
    """A route, and what stands in its variable parts."""

    rule: Rule
    arguments: dict[str, str]


class _Shape(NamedTuple):
    """Where the variable parts of some routes are."""

    places: tuple[int, ...]
    rules: dict[Key, tuple[Rule, tuple[str, ...]]]


class RouteTable:
    """The rules of a map whose variable parts are plain text."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._whole: dict[tuple[str, str], Rule] = {}
        shapes: dict[tuple[int, tuple[bool, ...]], _Shape] = {}
        for rule in rules:
            if _is_plain(rule):
                self._add(rule, shapes)
        self._shapes: dict[int, list[_Shape]] = {}
        # As Werkzeug: from the left, a fixed part goes before a variable one.
        for (length, _), shape in sorted(shapes.items(), key=lambda item: item[0]):
            self._shapes.setdefault(length, []).append(shape)

    def _add(self, rule: Rule, shapes: dict[tuple[int, tuple[bool, ...]], _Shape]) -> None:
        methods = rule.methods or ()
        if not rule.arguments:
            self._whole.update({(method, rule.rule): rule for method in methods})
            return
        parts = rule.rule.split("/")
        variable = tuple(part.startswith("<") for part in parts)
        places = tuple(place for place, is_variable in enumerate(variable) if is_variable)
        names = tuple(parts[place][1:-1].rpartition(":")[2] for place in places)
        fixed = ["" if part.startswith("<") else part for part in parts]
        shape = shapes.setdefault((len(parts), variable), _Shape(places, {}))
        for method in methods:
            shape.rules[method, *fixed] = (rule, names)

    def find(self, method: str, path: str) -> Found | None:
        """The route of a path, decoded and with its slash in front; None where only Werkzeug knows."""
        whole = self._whole.get((method, path))
        if whole is not None:
            return Found(whole, {})
        parts = path.split("/")
        for places, rules in self._shapes.get(len(parts), ()):
            fixed = parts.copy()
            for place in places:
                fixed[place] = ""
            found = rules.get((method, *fixed))
            if found is not None:
                values = [parts[place] for place in places]
                if all(values):
                    return Found(found[0], dict(zip(found[1], values, strict=True)))
        return None


def _is_plain(rule: Rule) -> bool:
    """Whether a rule is one of parts that are either fixed or any text, for every host, and ends without a slash."""
    if rule.websocket or rule.redirect_to or rule.defaults or rule.alias or rule.host:
        return False
    if rule.subdomain or rule.rule.endswith("/") or not rule.rule.startswith("/"):
        return False
    converters = rule._converters.values()
    if not all(type(one) is UnicodeConverter and one.regex == "[^/]{1,}" for one in converters):
        return False
    parts = rule.rule[1:].split("/")
    return all(part.startswith("<") == part.endswith(">") and part for part in parts) and not any(
        "<" in part[1:] for part in parts
    )
