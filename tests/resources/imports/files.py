"""Files to import, and an import from its upload to its end."""

from __future__ import annotations

import io
import json
from typing import Any

from jack.resources.imports import running
from tests.conftest import Person


def upload(person: Person, path: str, content: bytes | str, **fields: Any) -> Any:
    """The answer to an upload; `fields` that are no texts are sent as JSON."""
    data = content.encode() if isinstance(content, str) else content
    sent = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
    form = {**sent, "file": (io.BytesIO(data), "guests.csv")}
    return person.post(path, data=form, content_type="multipart/form-data")


def imported(
    person: Person, content: bytes | str, *, what: str = "guests", **fields: Any
) -> dict[str, Any]:
    """An import at its end."""
    answer = upload(person, f"/imports/{what}", content, **fields)
    assert answer.status_code == 202, answer.text
    running.run_due(person.db)
    found: dict[str, Any] = person.get(f"/imports/{answer.json['data']['id']}").json["data"]
    return found


def counts(found: dict[str, Any]) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, failed."""
    return found["created"], found["updated"], found["unchanged"], found["failed"]
