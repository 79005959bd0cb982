"""`/auth`: sign in and out, invitations, the first set-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from flask import request

from jack.core.db import transaction
from jack.core.errors import Unauthorized
from jack.core.paging import Listed
from jack.core.patterns import email_key
from jack.http.access import PUBLIC
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, caller, get_db
from jack.http.rate_limits import address_key
from jack.http.schema import Loaded
from jack.http.scopes import ANY_KEY, NOT_FOR_KEYS
from jack.resources.api_keys import store as api_keys
from jack.resources.auth import (
    attempts,
    cookie,
    devices,
    own_password,
    password_reset,
    sessions,
    tokens,
)
from jack.resources.auth.devices import DeviceRow
from jack.resources.auth.schemas import (
    AcceptInvite,
    CurrentUser,
    Device,
    ForgottenPassword,
    Login,
    PasswordChange,
    PasswordChanged,
    PasswordResetRequested,
    Session,
    SessionFilters,
    Setup,
    SignedOut,
)
from jack.resources.auth.second_factor.totp import Given
from jack.resources.staff.store import StaffRow

if TYPE_CHECKING:
    from collections.abc import Sequence

blp = Blueprint(
    "auth",
    __name__,
    under="/auth",
    description="Sign in and out, invitations, the first set-up",
    scope=NOT_FOR_KEYS,
)


class KeyUser(TypedDict):
    """An API key that asks who it is."""

    id: str
    name: str
    role: str
    scopes: Sequence[str]


class SessionAnswer(TypedDict):
    """A new session; `token` is None where the cookie holds it."""

    token: str | None
    expires_at: str
    user: StaffRow


class SignedOutAnswer(TypedDict):
    """That the session has ended."""

    signed_out: bool


class AcceptedAnswer(TypedDict):
    """That a request was accepted."""

    accepted: bool


class ChangedAnswer(TypedDict):
    """That the password has been changed."""

    changed: bool


@blp.post("/login")
@blp.access(PUBLIC)
@blp.arguments(Login)
@blp.response(200, Session, secret=True)
def log_in(credentials: Loaded) -> SessionAnswer:
    """Sign in

    Ten failures in 15 minutes for an account, or thirty from an address, are answered 429 for a while. To the right
    password of a member who has a second factor, without `totp`, the answer is 401 `totp_required`; a wrong code is 401
    `totp_invalid` and counts as a wrong password does. A code works once.

    Who must have a second factor by the setting `security`, and has none, is signed in as well; until it is set up, all
    but `/auth/totp`, `/auth/me`, and signing out is answered 403 `totp_setup_required`.
    """
    email = credentials["email"]
    with attempts.counted(email):
        found = sessions.check_credentials(get_db(), email, credentials["password"])
        return _session(*found, factor=_given(credentials), of_page=cookie.used())


@blp.post("/refresh")
@blp.response(200, Session, secret=True)
def refresh_token() -> SessionAnswer:
    """Exchange the token for a new one; the old one is no longer valid"""
    me = caller()
    with transaction(get_db()):
        if not sessions.end_session(get_db(), me.session_id):
            raise Unauthorized("Your session was ended. Sign in again.", reason="token_revoked")
        return _session(me.id, of_page=me.by_page and cookie.used())


@blp.post("/logout")
@blp.without_totp
@blp.response(200, SignedOut)
def log_out() -> SignedOutAnswer:
    """Sign out: the token is not valid from the next request on"""
    me = caller()
    sessions.sign_out(get_db(), me.id, me.session_id)
    return _signed_out()


@blp.post("/logout-everywhere")
@blp.without_totp
@blp.response(200, SignedOut)
def log_out_everywhere() -> SignedOutAnswer:
    """Sign out on every device"""
    sessions.sign_out_everywhere(get_db(), caller().id)
    return _signed_out()


@blp.get("/sessions")
@blp.arguments(SessionFilters, location="query")
@blp.response(200, Device(many=True))
def list_sessions(filters: Loaded) -> Listed[DeviceRow]:
    """List one's own sessions: where one is signed in, since when, and with which browser"""
    me = caller()
    return devices.search(get_db(), me.id, me.session_id, **filters)


@blp.delete("/sessions/<session_id>")
@blp.response(200, SignedOut)
def end_session(session_id: str) -> SignedOutAnswer:
    """Sign out on one device: its token is not valid from its next request on"""
    me = caller()
    devices.end(get_db(), me.id, session_id)
    return _signed_out() if session_id == me.session_id else {"signed_out": True}


@blp.get("/me")
@blp.without_totp
@blp.needs_scope(ANY_KEY)
@blp.response(200, CurrentUser)
def get_current_user() -> StaffRow | KeyUser:
    """Who asks: the signed-in member of staff, or the API key with its scopes"""
    db, me = get_db(), caller()
    if me.rights is None:
        return sessions.user(db, me.id)
    key = api_keys.get(db, me.id)
    return {"id": me.id, "name": key["name"], "role": me.role, "scopes": key["scopes"]}


@blp.put("/password")
@blp.arguments(PasswordChange)
@blp.response(200, PasswordChanged)
def change_password(change: Loaded) -> ChangedAnswer:
    """Change one's own password; all other sessions end"""
    me = caller()
    with attempts.counted_own(me.id):
        own_password.change(
            get_db(), me.id, me.session_id, change["current_password"], change["new_password"]
        )
    return {"changed": True}


@blp.post("/forgotten-password")
@blp.access(PUBLIC)
@blp.arguments(ForgottenPassword)
@blp.response(202, PasswordResetRequested)
def request_password_reset(wanted: Loaded) -> AcceptedAnswer:
    """Ask for an e-mail with a link to choose another password

    The answer is the same for every address: only an active member of staff is sent an e-mail, within a minute, and only
    where `channels.email` is switched on and `JACK_PUBLIC_URL` is set. Three an hour for an account, thirty in 15 minutes
    from an address, are followed by 429 for a while. Until the link is used (once, within two hours) the old password works.
    """
    key, state = email_key(wanted["email"]), app_state()
    budgets = (
        (state.config.login_failures_address, f"forgotten:{address_key(request.remote_addr)}"),
        (state.config.password_reset_mails, f"forgotten:{key}"),
    )
    state.limits.spend_all_or_refuse(budgets, "Too many requests. Wait a while, then try again.")
    if password_reset.possible(get_db(), state.config.public_url):
        password_reset.request(get_db(), key)
    return {"accepted": True}


@blp.post("/accept-invite")
@blp.access(PUBLIC)
@blp.arguments(AcceptInvite)
@blp.response(200, Session, secret=True)
def accept_invite(acceptance: Loaded) -> SessionAnswer:
    """Choose a password with an invitation's token, and be signed in

    It does not stand in for the second factor: of a member who has one it also takes `totp`, and without a right one
    nothing is changed and the link stays good (401 `totp_required` or `totp_invalid`).
    """
    token, password, given = acceptance["token"], acceptance["password"], _given(acceptance)
    with attempts.counted(sessions.invited(get_db(), token), by="invite"):
        return _session(
            *sessions.accept_invite(get_db(), token, password, given), of_page=cookie.used()
        )


@blp.post("/setup")
@blp.access(PUBLIC)
@blp.arguments(Setup)
@blp.response(201, Session, secret=True)
def set_up_first_admin(first: Loaded) -> SessionAnswer:
    """Make the very first administrator with the link the first start printed, and be signed in"""
    made = _session(*sessions.set_up(get_db(), **first), of_page=cookie.used())
    attempts.note("ok", first["email"])
    return made


def _given(body: Loaded) -> Given:
    """The code of the second factor in a request, None without one."""
    return Given(body.get("totp"), app_state().secret)


def _session(
    staff_id: str,
    password_hash: str | None = None,
    *,
    of_page: bool,
    factor: Given | None = None,
) -> SessionAnswer:
    """A new session. `factor` where it was not checked before.

    `of_page`: it has the page's budget; a token from elsewhere never does, also after a refresh.
    """
    db, hours = get_db(), app_state().config.token_hours
    issued = tokens.issue(
        db,
        staff_id,
        hours=hours,
        password_hash=password_hash,
        factor=factor,
        origin=tokens.origin(),
        of_page=of_page,
    )
    token: str | None = issued["token"]
    if cookie.used():
        cookie.store(issued["token"], hours)
        token = None
    return {
        "token": token,
        "expires_at": issued["expires_at"],
        "user": sessions.user(db, staff_id),
    }


def _signed_out() -> SignedOutAnswer:
    if cookie.used():
        cookie.delete()
    return {"signed_out": True}
