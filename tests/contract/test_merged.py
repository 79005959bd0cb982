"""Guests who were merged: their ids say so, and lead on to the one who stayed."""

from __future__ import annotations

from typing import Any

import pytest

from jack.resources.guests import merge as merges
from tests.builders import make_guest
from tests.checks import refused, succeeded
from tests.conftest import Person


@pytest.fixture
def pair(admin: Person) -> tuple[str, str]:
    """The id of a guest, and of one who was merged into them."""
    kept, old = (str(make_guest(admin.db)["id"]) for _ in range(2))
    join(admin, kept, old)
    return kept, old


def join(admin: Person, kept: str, old: str) -> Any:
    return succeeded(admin.post(f"/guests/{kept}/merge", json={"guestId": old}))


def check_gone(answer: Any, into: str) -> None:
    error = refused(answer, 410)
    assert (error["reason"], error["mergedInto"]) == ("merged", into)
    assert into in error["message"]


@pytest.mark.parametrize(
    ("method", "more", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "Ana"}),
        ("DELETE", "", None),
        ("GET", "/duplicates", None),
        ("POST", "/merge", {"guestId": "guest-1"}),
        ("POST", "/merges/merge-1/undo", None),
    ],
)
def test_every_request_to_one_is_410(
    method: str, more: str, body: dict[str, str] | None, pair: tuple[str, str], admin: Person
) -> None:
    kept, old = pair
    sent = {} if body is None else {"json": body}
    check_gone(admin.open(f"/guests/{old}{more}", method=method, **sent), kept)


def test_if_match_does_not_hide_it(pair: tuple[str, str], admin: Person) -> None:
    kept, old = pair
    answer = admin.patch(f"/guests/{old}", json={"name": "Ana"}, headers={"If-Match": '"x"'})
    check_gone(answer, kept)


def test_whoever_was_merged_again_leads_to_the_last(pair: tuple[str, str], admin: Person) -> None:
    kept, old = pair
    last = str(make_guest(admin.db)["id"])
    merge = join(admin, last, kept)
    check_gone(admin.get(f"/guests/{old}"), last)
    check_gone(admin.get(f"/guests/{kept}"), last)
    succeeded(admin.post(f"/guests/{last}/merges/{merge['mergeId']}/undo"))
    check_gone(admin.get(f"/guests/{old}"), kept)
    succeeded(admin.get(f"/guests/{kept}"))


def test_an_undo_brings_the_id_back(admin: Person) -> None:
    kept, old = (str(make_guest(admin.db)["id"]) for _ in range(2))
    merge = join(admin, kept, old)
    succeeded(admin.post(f"/guests/{kept}/merges/{merge['mergeId']}/undo"))
    succeeded(admin.get(f"/guests/{old}"))
    join(admin, old, kept)
    check_gone(admin.get(f"/guests/{kept}"), old)


def test_it_is_so_when_the_merge_can_no_longer_be_undone(
    pair: tuple[str, str], admin: Person
) -> None:
    kept, old = pair
    admin.db.run("UPDATE merges SET created_at = '2000'")
    assert merges.delete_expired(admin.db) == 1
    check_gone(admin.get(f"/guests/{old}"), kept)


def test_nothing_leads_to_somebody_erased(pair: tuple[str, str], admin: Person) -> None:
    kept, old = pair
    last = str(make_guest(admin.db)["id"])
    join(admin, last, kept)
    succeeded(admin.delete(f"/guests/{last}"))
    for gone in (old, kept, last):
        refused(admin.get(f"/guests/{gone}"), 404)
    assert admin.db.value("SELECT count(*) FROM merged_guests") == 0


def test_a_task_for_one_names_the_other(pair: tuple[str, str], admin: Person) -> None:
    kept, old = pair
    task = {"title": "Towels", "department": "housekeeping", "guestId": old}
    error = refused(admin.post("/tasks", json=task), 400)
    assert (error["details"][0]["code"], kept in error["message"]) == ("no_such", True)
