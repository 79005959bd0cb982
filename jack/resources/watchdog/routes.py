"""`/watchdog`: what is out of order."""

from __future__ import annotations

from typing import TypedDict

from jack.http.blueprint import Blueprint
from jack.http.context import get_db
from jack.resources.watchdog import store
from jack.resources.watchdog.schemas import Health

blp = Blueprint(
    "watchdog", __name__, under="/watchdog", description="What is out of order", scope="settings"
)


class ShownFault(TypedDict):
    """A fault as it is answered; of what there is one, it has no subject."""

    kind: str
    subject_id: str | None
    since: str


@blp.get("")
@blp.response(200, Health)
def get_health() -> dict[str, list[ShownFault]]:
    """Get what is out of order

    As the worker has last found it; it looks once a minute. Events tell when it changes: `health.failed`, `health.recovered`.
    """
    return {
        "faults": [
            {"kind": one.kind, "subject_id": one.subject_id or None, "since": one.since}
            for one in store.now(get_db())
        ]
    }
