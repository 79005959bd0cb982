"""The obvious use of Jack's own libraries, straight out of their documentation.

Flask, flask-smorest method views with `arguments` and `response`, marshmallow,
flask-limiter on its memory storage, flask-jwt-extended with a blocklist loader,
a standard-library connection per request, standard-library JSON.
"""

import os
import sqlite3
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, g
from flask.views import MethodView
from flask_jwt_extended import JWTManager, jwt_required
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_smorest import Api, Blueprint, abort
from marshmallow import RAISE
from naive_schemas import DUE, GuestAnswer, GuestFilters, GuestPage, TaskAnswer, TaskCreate

Row = dict[str, Any]

app = Flask(__name__)
app.config.update(
    API_TITLE="Naive",
    API_VERSION="v1",
    OPENAPI_VERSION="3.1.0",
    JWT_SECRET_KEY=os.environ["BENCH_SECRET"],
    RATELIMIT_HEADERS_ENABLED=True,
)
api = Api(app)
jwt = JWTManager(app)
limiter = Limiter(
    get_remote_address,
    app=app,
    default_limits=["100000000 per minute"],
    storage_uri="memory://",
)
blp = Blueprint("api", __name__, url_prefix="/api/v1")


def get_db() -> sqlite3.Connection:
    """This request's connection."""
    if "db" not in g:
        g.db = sqlite3.connect(os.environ["BENCH_DB"], timeout=30)
        g.db.row_factory = sqlite3.Row
        g.db.execute("PRAGMA journal_mode = WAL")
        g.db.execute("PRAGMA synchronous = FULL")
        g.db.execute("PRAGMA foreign_keys = ON")
    return g.db


@app.teardown_appcontext
def close_db(_error: BaseException | None) -> None:
    """Close it when the request is over."""
    if "db" in g:
        g.pop("db").close()


@jwt.token_in_blocklist_loader
def is_revoked(_header: Row, payload: Row) -> bool:
    """Whether the session behind a token is gone, or its owner is no longer active."""
    row = (
        get_db()
        .execute(
            """SELECT staff.id FROM sessions JOIN staff ON staff.id = sessions.staff_id
               WHERE sessions.jti = ? AND sessions.revoked_at IS NULL AND staff.active = 1""",
            (payload["jti"],),
        )
        .fetchone()
    )
    return row is None


def with_tags(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[Row]:
    """The guests, each with its tags."""
    guests = [{**row, "tags": []} for row in rows]
    by_id = {guest["id"]: guest for guest in guests}
    marks = ",".join("?" * len(by_id))
    found = db.execute(
        f"SELECT guest_id, tag FROM guest_tags WHERE guest_id IN ({marks}) ORDER BY tag",
        list(by_id),
    )
    for guest_id, tag in found:
        by_id[guest_id]["tags"].append(tag)
    return guests


def matching(filters: Row) -> str:
    """The WHERE clause for the filters that were given."""
    clauses = ["1 = 1"]
    if filters["search"]:
        clauses.append("(name || ' ' || coalesce(email, '')) LIKE '%' || :search || '%'")
    if filters["tag"]:
        clauses.append("id IN (SELECT guest_id FROM guest_tags WHERE tag = :tag)")
    return " AND ".join(clauses)


@blp.route("/guests")
class Guests(MethodView):
    """All guests."""

    @jwt_required()
    @blp.arguments(GuestFilters, location="query", unknown=RAISE)
    @blp.response(200, GuestPage)
    def get(self, filters: Row) -> Row:
        """List guests"""
        db, where = get_db(), matching(filters)
        page, limit = filters["page"], filters["limit"]
        total = db.execute(f"SELECT COUNT(*) FROM guests WHERE {where}", filters).fetchone()[0]
        rows = db.execute(
            f"""SELECT * FROM guests WHERE {where}
                ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset""",
            {**filters, "offset": (page - 1) * limit},
        ).fetchall()
        meta = {"page": page, "limit": limit, "total": total, "pages": -(-total // limit)}
        return {"success": True, "data": with_tags(db, rows), "meta": meta}


@blp.route("/guests/<guest_id>")
class Guest(MethodView):
    """One guest."""

    @jwt_required()
    @blp.response(200, GuestAnswer)
    def get(self, guest_id: str) -> Row:
        """Get a guest"""
        db = get_db()
        row = db.execute("SELECT * FROM guests WHERE id = ?", (guest_id,)).fetchone()
        if row is None:
            abort(404, message="Guest not found")
        return {"success": True, "data": with_tags(db, [row])[0]}


@blp.route("/tasks")
class Tasks(MethodView):
    """All tasks."""

    @jwt_required()
    @blp.arguments(TaskCreate)
    @blp.response(201, TaskAnswer)
    def post(self, new: Row) -> Row:
        """Create a task"""
        now = datetime.now(UTC)
        row = {
            **new,
            "id": f"task-{uuid.uuid4()}",
            "due_at": stamp(now + timedelta(minutes=DUE[new["priority"]])),
            "now": stamp(now),
        }
        return {"success": True, "data": {**create(get_db(), row), "overdue": False}}


def create(db: sqlite3.Connection, row: Row) -> Row:
    """Store a task, and read back what was stored."""
    with db:
        known = db.execute("SELECT 1 FROM guests WHERE id = :guest_id", row).fetchone()
        if row["guest_id"] and not known:
            abort(400, message="No such guest")
        db.execute(
            """INSERT INTO tasks (id, title, description, department, priority,
                                  guest_id, due_at, created_at, updated_at)
               VALUES (:id, :title, :description, :department, :priority,
                       :guest_id, :due_at, :now, :now)""",
            row,
        )
    return dict(db.execute("SELECT * FROM tasks WHERE id = :id", row).fetchone())


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@app.get("/healthz")
def health() -> str:
    """Say that it is up."""
    return "ok"


api.register_blueprint(blp)
