"""`/staff`."""

from __future__ import annotations

from typing import TypedDict

from jack.core.db import transaction
from jack.core.errors import Conflict
from jack.core.paging import Gone, Listed, Walked
from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, caller, get_db
from jack.http.schema import Loaded
from jack.resources.auth import invite_mails, sessions
from jack.resources.auth.second_factor import store as second_factor
from jack.resources.staff import store
from jack.resources.staff.schemas import (
    Invite,
    InvitedMember,
    Member,
    MemberCreate,
    MemberFilters,
    MemberPatch,
)
from jack.resources.staff.store import StaffRow

blp = Blueprint(
    "staff", __name__, under="/staff", description="The members of staff", scope="staff"
)


class InviteRow(TypedDict):
    """An invitation: the one-time token, the URL with it, when it ends, and to which address it goes."""

    token: str
    url: str
    expires_at: str
    mailed_to: str | None


class InvitedRow(StaffRow):
    """A new member, with the invitation."""

    invite: InviteRow


@blp.get("")
@blp.arguments(MemberFilters, location="query")
@blp.response(200, Member(many=True), walked=True)
def list_staff(filters: Loaded) -> Listed[StaffRow] | Walked[StaffRow]:
    """List staff

    In the order they joined.
    """
    found = store.search(get_db(), **filters)
    if isinstance(found, Walked):
        rows = [row if isinstance(row, Gone) else _shown(row) for row in found.rows]
        return found._replace(rows=rows)
    return found._replace(rows=[_shown(row) for row in found.rows])


@blp.post("")
@blp.access(ADMIN)
@blp.arguments(MemberCreate)
@blp.response(201, InvitedMember, location="/staff/{id}", secret=True)
def create_member(new: Loaded) -> InvitedRow:
    """Create a member of staff

    The answer holds a one-time invitation, shown this once, with which they choose a password (72 hours).
    """
    with transaction(get_db()):
        member = store.create(get_db(), by=caller().id, **new)
        return {**member, "invite": _invite(member["id"])}


@blp.get("/<staff_id>")
@blp.response(200, Member)
def get_member(staff_id: str) -> StaffRow:
    """Get a member of staff"""
    return _shown(store.get(get_db(), staff_id))


@blp.patch("/<staff_id>")
@blp.access(ADMIN)
@blp.arguments(MemberPatch)
@blp.response(200, Member, current=store.get)
def change_member(changes: Loaded, staff_id: str) -> StaffRow:
    """Change a member of staff

    A new role or a deactivation acts on their next request; a deactivation also ends their sessions and invitations, for when they are
    active again. The last active administrator stays one. Open and pending
    conversations of a member who is deactivated become unassigned, and so do their open tasks, which stay with the department;
    a task `in_progress` is `open` again.
    """
    return store.change(get_db(), staff_id, by=caller().id, **changes)


@blp.delete("/<staff_id>/totp")
@blp.access(ADMIN)
@blp.response(200, Member)
def reset_second_factor(staff_id: str) -> StaffRow:
    """Remove the second factor of a member who has lost it, and sign them out everywhere

    Not one's own (409 `own_totp`): `DELETE /auth/totp` asks for the password and a code.
    """
    if staff_id == caller().id:
        raise Conflict("Your own second factor is turned off in your account.", reason="own_totp")
    second_factor.reset(get_db(), staff_id, by=caller().id)
    return store.get(get_db(), staff_id)


@blp.post("/<staff_id>/invite")
@blp.access(ADMIN)
@blp.response(201, Invite, secret=True)
def invite_member(staff_id: str) -> InviteRow:
    """Make a new invitation, in place of any older; also the way to a forgotten password"""
    with transaction(get_db()):
        return _invite(store.get_active(get_db(), staff_id)["id"])


def _shown(row: StaffRow) -> StaffRow:
    """Who has no second factor is nobody's business but administrators'."""
    return row if caller().may(ADMIN) else {**row, "totp_enabled": None}


def _invite(staff_id: str) -> InviteRow:
    """A new invitation, which also goes out by e-mail where that works. Inside a transaction."""
    db, config = get_db(), app_state().config
    token, expires_at = sessions.invite(db, staff_id, by=caller().id)
    mailed = invite_mails.possible(db, config.public_url)
    if mailed:
        invite_mails.request(db, staff_id, token)
    return {
        "token": token,
        "url": f"{config.base_url}/invite#{token}",
        "expires_at": expires_at,
        "mailed_to": store.get(db, staff_id)["email"] if mailed else None,
    }
