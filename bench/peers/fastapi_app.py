"""FastAPI with `def` endpoints over the standard sqlite3 module, after its own tutorial.

Pydantic models for what comes in and what goes out, a bearer dependency, and one kept
connection per thread of the pool: opening one per request was measured, at half the speed.
"""

import os
import sqlite3
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi_models import DUE, Answer, Guest, GuestFilters, Meta, Page, Task, TaskCreate

SECRET = os.environ["BENCH_SECRET"]
Row = dict[str, Any]

app = FastAPI(title="FastAPI peer")
bearer = HTTPBearer()
local = threading.local()


def get_db() -> sqlite3.Connection:
    """This thread's connection."""
    if not hasattr(local, "db"):
        local.db = sqlite3.connect(os.environ["BENCH_DB"], timeout=30, isolation_level=None)
        local.db.row_factory = sqlite3.Row
        local.db.execute("PRAGMA journal_mode = WAL")
        local.db.execute("PRAGMA synchronous = FULL")
        local.db.execute("PRAGMA foreign_keys = ON")
    return local.db


def current_staff(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> str:
    """The id of whoever is signed in, or 401."""
    try:
        claims = jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"])
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "Invalid token") from error
    row = (
        get_db()
        .execute(
            """SELECT staff.id FROM sessions JOIN staff ON staff.id = sessions.staff_id
               WHERE sessions.jti = ? AND sessions.revoked_at IS NULL AND staff.active = 1""",
            (claims["jti"],),
        )
        .fetchone()
    )
    if row is None:
        raise HTTPException(401, "Session is over")
    return row["id"]


Staff = Annotated[str, Depends(current_staff)]


@app.get("/healthz")
def health() -> str:
    """Say that it is up."""
    return "ok"


@app.get("/api/v1/guests")
def list_guests(_staff: Staff, filters: Annotated[GuestFilters, Query()]) -> Page[Guest]:
    """List guests"""
    db, where = get_db(), matching(filters)
    asked = filters.model_dump()
    total = db.execute(f"SELECT COUNT(*) FROM guests WHERE {where}", asked).fetchone()[0]
    rows = db.execute(
        f"""SELECT * FROM guests WHERE {where}
            ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset""",
        {**asked, "offset": (filters.page - 1) * filters.limit},
    ).fetchall()
    pages = -(-total // filters.limit)
    meta = Meta(page=filters.page, limit=filters.limit, total=total, pages=pages)
    return Page(data=with_tags(db, rows), meta=meta)


@app.get("/api/v1/guests/{guest_id}")
def get_guest(_staff: Staff, guest_id: str) -> Answer[Guest]:
    """Get a guest"""
    db = get_db()
    row = db.execute("SELECT * FROM guests WHERE id = ?", (guest_id,)).fetchone()
    if row is None:
        raise HTTPException(404, "Guest not found")
    return Answer(data=with_tags(db, [row])[0])


@app.post("/api/v1/tasks", status_code=201)
def create_task(_staff: Staff, new: TaskCreate) -> Answer[Task]:
    """Create a task"""
    now = datetime.now(UTC)
    row = {
        **new.model_dump(),
        "id": f"task-{uuid.uuid4()}",
        "due_at": stamp(now + timedelta(minutes=DUE[new.priority])),
        "now": stamp(now),
    }
    return Answer(data=Task(**insert(get_db(), row), overdue=False))


def insert(db: sqlite3.Connection, row: Row) -> Row:
    """Store a task, and give back what was stored."""
    known = db.execute("SELECT 1 FROM guests WHERE id = :guest_id", row).fetchone()
    if row["guest_id"] and not known:
        raise HTTPException(400, "No such guest")
    stored = db.execute(
        """INSERT INTO tasks (id, title, description, department, priority,
                              guest_id, due_at, created_at, updated_at)
           VALUES (:id, :title, :description, :department, :priority,
                   :guest_id, :due_at, :now, :now)
           RETURNING *""",
        row,
    ).fetchall()
    return dict(stored[0])


def matching(filters: GuestFilters) -> str:
    """The WHERE clause for the filters that were given."""
    clauses = ["1 = 1"]
    if filters.search:
        clauses.append("(name || ' ' || coalesce(email, '')) LIKE '%' || :search || '%'")
    if filters.tag:
        clauses.append("id IN (SELECT guest_id FROM guest_tags WHERE tag = :tag)")
    return " AND ".join(clauses)


def with_tags(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[Guest]:
    """The guests, each with its tags."""
    tags: dict[str, list[str]] = {row["id"]: [] for row in rows}
    marks = ",".join("?" * len(tags))
    found = db.execute(
        f"SELECT guest_id, tag FROM guest_tags WHERE guest_id IN ({marks}) ORDER BY tag",
        list(tags),
    )
    for guest_id, tag in found:
        tags[guest_id].append(tag)
    return [Guest(**row, tags=tags[row["id"]]) for row in rows]


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
