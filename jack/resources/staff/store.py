"""Members of staff: who they are, what they may, and that there is always an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from jack.core import events
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.patterns import email_key
from jack.core.query import Query, where
from jack.core.sqlite import UniqueViolation
from jack.core.walking import Wanted, walk
from jack.resources.settings import store as settings
from jack.resources.staff import departure

if TYPE_CHECKING:
    from jack.core.db import Database


class StaffRow(TypedDict):
    """A member of staff; `active`, `invited` (has no password yet) and `totp_enabled` are 0 or 1."""

    seq: int
    id: str
    name: str
    email: str
    role: str
    department: str | None
    active: int
    invited: int
    totp_enabled: int | None
    last_seen_at: str | None
    created_at: str
    updated_at: str


class AdminRow(TypedDict):
    """An administrator to write to."""

    name: str
    email: str


class StaffChanges(TypedDict, total=False):
    """What of a member may be changed."""

    name: str
    role: str
    department: str | None
    active: int


# Stands for nobody where a client gives the id of a member.
UNASSIGNED = "unassigned"

# What an event names when it has changed.
FIELDS = ("name", "role", "department", "active")

COLUMNS = """seq, id, name, email, role, department, active, password_hash IS NULL AS invited,
    EXISTS (SELECT 1 FROM totp WHERE totp.staff_id = staff.id AND confirmed_at IS NOT NULL) AS totp_enabled,
    last_seen_at, created_at, updated_at"""

GET = Query[StaffRow](f"SELECT {COLUMNS} FROM staff WHERE id = :id")

BY_SEQ = Query[StaffRow](
    f"SELECT {COLUMNS} FROM staff WHERE seq IN (SELECT value FROM json_each(:seqs))"
)

FILTERS = {
    "created_since": "created_at >= :created_since",
    "updated_since": "updated_at >= :updated_since",
}

CREATE = Query[StaffRow](f"""
    INSERT INTO staff (id, name, email, email_key, role, department, password_hash, created_at, updated_at)
    VALUES (:id, :name, :email, :email_key, :role, :department, :password_hash, :now, :now)
    RETURNING {COLUMNS}""")

CHANGE = Query[StaffRow](f"""
    UPDATE staff
    SET name = :name, role = :role, department = :department, active = :active, updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}""")

TOUCH = "UPDATE staff SET updated_at = :now WHERE id = :id"

ACTIVE = "SELECT id FROM staff WHERE id = :id AND active"

BY_EMAIL = "SELECT id FROM staff WHERE email_key = :email_key"

ADMINS = Query[AdminRow](
    "SELECT name, email FROM staff WHERE role = 'admin' AND active AND password_hash IS NOT NULL"
)

OTHER_ADMIN = "SELECT EXISTS (SELECT 1 FROM staff WHERE role = 'admin' AND active AND id <> :id)"


def get(db: Database, staff_id: str) -> StaffRow:
    """The member, or NotFound."""
    row = db.one(GET, {"id": staff_id})
    if row is None:
        raise NotFound("Staff member not found")
    return row


def search(
    db: Database, *, page: Page | Place, **since: str
) -> Listed[StaffRow] | Walked[StaffRow]:
    """A part of all members, a page in the order they joined. `since`: created_since, updated_since."""
    conditions = [FILTERS[name] for name in since]
    if isinstance(page, Place):
        wanted = Wanted("staff", conditions, since)
        return walk(db, wanted, page, lambda seqs: db.all(BY_SEQ, {"seqs": as_json(seqs)}))
    source = f"FROM staff {where(conditions)}"
    listing = Query[StaffRow](f"SELECT {COLUMNS} {source} ORDER BY seq LIMIT :limit OFFSET :offset")
    rows = db.all(listing, {**since, "limit": page.limit, "offset": page.offset})
    return Listed(rows, db.cached_count(f"SELECT count(*) {source}", since), page)


def create(
    db: Database,
    *,
    name: str,
    email: str,
    role: str = "staff",
    department: str | None = None,
    password_hash: str | None = None,
    id: str | None = None,
    by: str | None = None,
) -> StaffRow:
    """A new member; without a password they are invited. Raises Conflict when the e-mail is taken."""
    if department is not None:
        settings.check_department(db, department)
    wanted = {
        "id": id or db.new_id("staff"),
        "name": name,
        "email": email,
        "email_key": email_key(email),
        "role": role,
        "department": department,
        "password_hash": password_hash,
        "now": db.now(),
    }
    with transaction(db):
        try:
            row = db.row(CREATE, wanted)
        except UniqueViolation:
            raise _duplicate(db, email) from None
        events.record(db, "staff.created", row["id"], by=by)
    return row


def change(
    db: Database, staff_id: str, *, by: str | None = None, **changes: Unpack[StaffChanges]
) -> StaffRow:
    """Change a member; what is already so changes nothing. One who is not active any more is signed out for good, and hands back
    their open work.

    Raises NotFound, Invalid for an unknown department, and Conflict rather than leave no active administrator.
    """
    with transaction(db):
        row = get(db, staff_id)
        department = changes.get("department")
        if department is not None:
            settings.check_department(db, department)
        wanted: StaffRow = {**row, **changes}
        if wanted == row:
            return row
        _check_last_admin(db, row, wanted)
        before, row = row, db.row(CHANGE, {**wanted, "now": db.now()})
        changed = events.changed_fields(before, row, FIELDS)
        events.record(db, "staff.updated", staff_id, by=by, changed=changed)
        if not row["active"]:
            departure.end_access(db, staff_id)
            departure.hand_back(db, staff_id, by=by)
    return row


def touch(db: Database, staff_id: str) -> None:
    """Note that what is shown of a member has changed now, by another table."""
    db.run(TOUCH, {"id": staff_id, "now": db.now()})


def get_active(db: Database, staff_id: str) -> StaffRow:
    """The member, when active. Raises NotFound, or Conflict for one who is not."""
    row = get(db, staff_id)
    if not row["active"]:
        raise Conflict("This member of staff is not active.", reason="inactive")
    return row


def active_admins(db: Database) -> list[AdminRow]:
    """The administrators who can sign in."""
    return db.all(ADMINS)


def assignable(db: Database, staff_id: str | None, field: str = "assignee") -> str | None:
    """The id of an active member, to whom work can be given; None for nobody. Raises Invalid for anybody else."""
    if staff_id is None or staff_id == UNASSIGNED:
        return None
    row = db.one(GET, {"id": staff_id})
    if row is None or not row["active"]:
        raise Invalid.field(field, "no_such", "No such active member of staff.")
    return staff_id


def still_active(db: Database, staff_id: str | None) -> str | None:
    """This id, if it is an active member's; else None. For work that is taken up again after its assignee has left."""
    found: str | None = db.value(ACTIVE, {"id": staff_id})
    return found


def id_of(db: Database, email: str) -> str | None:
    """The id of the member with this e-mail."""
    found: str | None = db.value(BY_EMAIL, {"email_key": email_key(email)})
    return found


def _check_last_admin(db: Database, before: StaffRow, after: StaffRow) -> None:
    """Raise Conflict when this change would leave no active administrator."""
    was = before["role"] == "admin" and before["active"]
    stays = after["role"] == "admin" and after["active"]
    if was and not stays and not db.value(OTHER_ADMIN, {"id": before["id"]}):
        raise Conflict(
            "This is the last active administrator. Make another one first.", reason="last_admin"
        )


def _duplicate(db: Database, email: str) -> Conflict:
    first = id_of(db, email)
    return Conflict(
        f"A member of staff with this e-mail exists already: {first}",
        details=[{"field": "email", "message": f"Already used by {first}.", "code": "taken"}],
        reason="duplicate",
        existing_id=first,
    )
