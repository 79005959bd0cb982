"""What the peers start with: one SQLite file, copied for each, and one token for all."""

import base64
import hmac
import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.people import guest
from bench.settings import GUESTS, PEERS

SECRET = "a-made-up-secret-for-the-benchmark-only"
SESSION = "0190c0de-0000-7000-8000-000000000001"
STAFF = "staff-0190c0de-0000-7000-8000-000000000002"
START = datetime(2026, 1, 1, tzinfo=UTC)


def make(path: Path) -> list[str]:
    """Fill a new file; returns the ids of its guests."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript((PEERS / "schema.sql").read_text())
    with db:
        db.execute("INSERT INTO staff VALUES (?, 'Bench', 'admin', 1)", (STAFF,))
        db.execute(
            "INSERT INTO sessions VALUES (?, ?, '2099-01-01T00:00:00.000Z', NULL)", (SESSION, STAFF)
        )
        db.executemany(
            """INSERT INTO guests VALUES
               (:id, :name, :email, :phone, :notes, :language, :at, :at)""",
            (row(number) for number in range(GUESTS)),
        )
        db.executemany("INSERT INTO guest_tags (guest_id, tag) VALUES (?, ?)", tags())
    db.execute("PRAGMA optimize")
    db.close()
    return [guest_id(number) for number in range(GUESTS)]


def keep_tags_in_rows(path: Path) -> None:
    """Have each guest's tags as JSON in their row as well, as Jack has: what the fastest would do."""
    db = sqlite3.connect(path)
    with db:
        db.execute("ALTER TABLE guests ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'")
        db.execute(
            """UPDATE guests SET tags = (SELECT json_group_array(tag) FROM
               (SELECT tag FROM guest_tags WHERE guest_id = guests.id ORDER BY tag))"""
        )
    db.close()


def row(number: int) -> dict[str, Any]:
    """A guest as the peers store one."""
    at = (START + timedelta(seconds=number)).isoformat(timespec="milliseconds")
    return {**guest(number), "id": guest_id(number), "at": at.replace("+00:00", "Z")}


def tags() -> Iterator[tuple[str, str]]:
    """Every tag of every guest."""
    for number in range(GUESTS):
        for tag in guest(number)["tags"]:
            yield guest_id(number), tag


def guest_id(number: int) -> str:
    """An id as long as Jack's."""
    return f"guest-0190c0de-0000-7000-8000-{number:012d}"


def token() -> str:
    """A signed token that flask-jwt-extended, PyJWT and everybody else accept."""
    now = int(time.time())
    claims = {
        "sub": STAFF, "jti": SESSION, "type": "access", "fresh": False,
        "iat": now, "nbf": now, "exp": now + 86400,
    }  # fmt: skip
    signed = f"{encode({'alg': 'HS256', 'typ': 'JWT'})}.{encode(claims)}"
    signature = hmac.digest(SECRET.encode(), signed.encode(), "sha256")
    return f"{signed}.{base64url(signature)}"


def encode(part: dict[str, Any]) -> str:
    """One part of a token."""
    return base64url(json.dumps(part, separators=(",", ":")).encode())


def base64url(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
