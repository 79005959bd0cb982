"""Fields beside a file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks import refused
from tests.conftest import Person

HEAD = 'Content-Disposition: form-data; name="{}"{}'


def body(*parts: tuple[str, bytes]) -> dict[str, Any]:
    """A form of these parts, of which `file` is a file."""
    lines: list[bytes] = []
    for name, content in parts:
        more = '; filename="a.csv"' if name == "file" else ""
        lines += [b"--x", HEAD.format(name, more).encode(), b"", content]
    return {
        "data": b"\r\n".join([*lines, b"--x--", b""]),
        "content_type": "multipart/form-data; boundary=x",
    }


FILE = ("file", b"name\nAna\n")


@pytest.mark.parametrize("before", [True, False])
def test_fields_may_stand_before_and_after_the_file(before: bool, manager: Person) -> None:
    field = ("onMatch", b"fill")
    parts = (field, FILE) if before else (FILE, field)
    answer = manager.post("/imports/guests", **body(*parts))
    assert answer.json["data"]["onMatch"] == "fill"


@pytest.mark.parametrize(
    ("parts", "field", "code"),
    [
        ((("onMatch", b"fill"), ("onMatch", b"fill"), FILE), "onMatch", "too_many"),
        ((("onMatch", b"\xff"), FILE), "onMatch", "wrong_type"),
        ((("mapping", b"x" * 40_000), FILE), "mapping", "too_long"),
        ((("onMatch", b"fill"),), "file", "required"),
        ((FILE, FILE), "file", "too_many"),
        ((FILE, ("other", b"x")), "other", "unknown_field"),
    ],
)
def test_what_is_wrong_is_named(
    parts: tuple[tuple[str, bytes], ...], field: str, code: str, manager: Person
) -> None:
    error = refused(manager.post("/imports/guests", **body(*parts)), 400)
    assert [(one["field"], one["code"]) for one in error["details"]] == [(field, code)]


def test_a_route_without_fields_takes_none(manager: Person) -> None:
    answer = manager.post("/attachments", **body(("onMatch", b"fill"), FILE))
    assert refused(answer, 400)["details"][0]["field"] == "onMatch"
