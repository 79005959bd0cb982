"""The message templates of a `MetaPeer`: how they are listed, and what one that is sent must have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from jack.demo.simulators.meta_errors import GraphError

LIMIT = 1024
LONGEST_CODE = 15
FILES = ("image", "video", "document")
VARIABLE = re.compile(r"\{\{(\w+)\}\}")
# A template as Meta defines it: `components`, and perhaps `status`, `category`.
Defined = dict[str, Any]
# A number stands for a body with so many parameters, names for one with these.
Template = int | tuple[str, ...] | Defined


def components(defined: Template) -> list[dict[str, Any]]:
    """What a template consists of."""
    if isinstance(defined, dict):
        return list(defined["components"])
    names = range(1, defined + 1) if isinstance(defined, int) else defined
    return [{"type": "BODY", "text": " ".join(f"{{{{{name}}}}}" for name in names) or "Hi"}]


def listed(templates: Mapping[tuple[str, str], Template], query: str, url: str) -> dict[str, Any]:
    """A page of the list, with the cursor of the next one."""
    asked = parse_qs(query)
    limit, after = int(asked["limit"][0]), int(asked.get("after", ["0"])[0])
    every = [_one(name, language, found) for (name, language), found in sorted(templates.items())]
    page = every[after : after + limit]
    cursor = str(after + len(page))
    paging: dict[str, Any] = {"cursors": {"before": str(after), "after": cursor}}
    if after + limit < len(every):
        paging["next"] = f"{url}/next?after={cursor}"
    return {"data": page, "paging": paging}


def _one(name: str, language: str, defined: Template) -> dict[str, Any]:
    more = defined if isinstance(defined, dict) else {}
    return {
        "name": name,
        "language": language,
        "status": more.get("status", "APPROVED"),
        "category": more.get("category", "UTILITY"),
        "components": components(defined),
        "id": "1627019861106475",
    }


def check(defined: Template, given: Sequence[dict[str, Any]]) -> None:
    """Refuse what Meta refuses: another number of parameters, a header or a button that is missing. Raises GraphError."""
    parts = {(part["type"].lower(), part.get("index")): part for part in given}
    for part in components(defined):
        kind = part["type"].lower()
        if kind == "buttons":
            for index, button in enumerate(part["buttons"]):
                _check_button(button, parts.get(("button", str(index))))
            continue
        found = parts.get((kind, None), {}).get("parameters", [])
        if kind == "header" and part.get("format", "TEXT") != "TEXT":
            form = part["format"].lower()
            if [one["type"] for one in found] != [form] or form not in found[0]:
                raise GraphError(132012)
        else:
            _check_texts(VARIABLE.findall(part.get("text", "")), found)
        if any(len(one.get("text", "")) > LIMIT for one in found):
            raise GraphError(132005)


def file_of(given: Sequence[dict[str, Any]]) -> tuple[str, dict[str, Any]] | None:
    """The kind and the content of the file in a template's header, if it has one."""
    headers = (one for part in given if part["type"] == "header" for one in part["parameters"])
    return next(((one["type"], one[one["type"]]) for one in headers if one["type"] in FILES), None)


def _check_button(button: dict[str, Any], given: dict[str, Any] | None) -> None:
    """Refuse a button of another type, and one without the text that completes its address or the code to copy. Raises GraphError."""
    kind = button["type"].lower()
    needs = {"copy_code": "coupon_code", "url": "text"}.get(kind, "payload")
    if given is None:
        if kind == "copy_code" or VARIABLE.search(button.get("url", "")):
            raise GraphError(131008)
        return
    if given.get("sub_type", "").lower() != kind:
        raise GraphError(132012)
    if kind == "url" and not VARIABLE.search(button["url"]):
        raise GraphError(132000)
    found = given.get("parameters", [])
    if [one.get("type") for one in found] != [needs] or not found[0].get(needs):
        raise GraphError(131008)
    if kind == "copy_code" and len(found[0][needs]) > LONGEST_CODE:
        raise GraphError(132005)


def _check_texts(wanted: Sequence[str], found: Sequence[dict[str, Any]]) -> None:
    """Refuse parameters that are no texts, too few or too many, or of other names. Raises GraphError."""
    if any(one.get("type") != "text" or not one.get("text") for one in found):
        raise GraphError(131008)
    names = [] if all(name.isdigit() for name in wanted) else sorted(wanted)
    if len(found) != len(wanted) or names != sorted(
        one["parameter_name"] for one in found if "parameter_name" in one
    ):
        raise GraphError(132000)
