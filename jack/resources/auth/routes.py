"""`/auth`: sign in and out, invitations, the first set-up."""

from __future__ import annotations

from typing import Any

from flask import request

from jack.core.db import Row, transaction
from jack.http.access import PUBLIC
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, caller, get_db
from jack.http.rate_limits import address_key
from jack.resources.auth import cookie, password_reset, sessions, tokens
from jack.resources.auth.schemas import (
    AcceptInvite,
    ForgottenPassword,
    LetterRequested,
    Login,
    PasswordChange,
    PasswordChanged,
    Session,
    Setup,
    SignedOut,
    User,
)

blp = Blueprint(
    "auth", __name__, under="/auth", description="Sign in and out, invitations, the first set-up"
)


@blp.post("/login")
@blp.access(PUBLIC)
@blp.arguments(Login)
@blp.response(200, Session, secret=True)
def log_in(credentials: dict[str, Any]) -> Row:
    """Sign in

    Ten failures in 15 minutes for an account, or thirty from an address, are answered 429 for a while.
    """
    email, home = credentials["email"], app_state()
    account, address = f"login:{email.casefold()}", f"login:{address_key(request.remote_addr)}"
    for item, key in (
        (home.config.login_failures, account),
        (home.config.login_failures_address, address),
    ):
        home.limits.spend_or_refuse(
            item, key, "Too many failed sign-ins. Wait a while, then try again."
        )
    staff_id = sessions.recognise(get_db(), email, credentials["password"])
    home.limits.give_back(home.config.login_failures, account)
    home.limits.give_back(home.config.login_failures_address, address)
    return _session(staff_id)


@blp.post("/refresh")
@blp.response(200, Session, secret=True)
def refresh() -> Row:
    """Exchange the token for a new one; the old one is dead"""
    me = caller()
    with transaction(get_db()):
        sessions.end_session(get_db(), me.session_id)
        return _session(me.id)


@blp.post("/logout")
@blp.response(200, SignedOut)
def log_out() -> Row:
    """Sign out: the token opens nothing from the next request on"""
    sessions.end_session(get_db(), caller().session_id)
    return _signed_out()


@blp.post("/logout-everywhere")
@blp.response(200, SignedOut)
def log_out_everywhere() -> Row:
    """Sign out on every device"""
    sessions.end_sessions(get_db(), caller().id)
    return _signed_out()


@blp.get("/me")
@blp.response(200, User)
def who_am_i() -> Row:
    """The signed-in member of staff"""
    return sessions.user(get_db(), caller().id)


@blp.put("/password")
@blp.arguments(PasswordChange)
@blp.response(200, PasswordChanged)
def change_password(change: dict[str, Any]) -> Row:
    """Change one's own password; all other sessions end"""
    me, home = caller(), app_state()
    home.limits.spend_or_refuse(
        home.config.login_failures, f"password:{me.id}", "Too many tries. Wait a while."
    )
    sessions.change_password(
        get_db(), me.id, me.session_id, change["current_password"], change["new_password"]
    )
    home.limits.give_back(home.config.login_failures, f"password:{me.id}")
    return {"changed": True}


@blp.post("/forgotten-password")
@blp.access(PUBLIC)
@blp.arguments(ForgottenPassword)
@blp.response(202, LetterRequested)
def request_letter(wanted: dict[str, Any]) -> Row:
    """Ask for a letter with a link to choose another password

    The answer is the same for every address: only an active member of staff is sent a letter, within a minute, and only
    where `channels.email` is switched on and `JACK_PUBLIC_URL` is set. Three an hour for an account, thirty in 15 minutes
    from an address, are followed by 429 for a while. Until the link is used (once, within two hours) the old password works.
    """
    email_key, home = wanted["email"].casefold(), app_state()
    for item, key in (
        (home.config.login_failures_address, f"forgotten:{address_key(request.remote_addr)}"),
        (home.config.login_letters, f"forgotten:{email_key}"),
    ):
        home.limits.spend_or_refuse(
            item, key, "That was asked for several times. Wait a while, then try again."
        )
    if password_reset.possible(get_db(), home.config.public_url):
        password_reset.ask(get_db(), email_key)
    return {"accepted": True}


@blp.post("/accept-invite")
@blp.access(PUBLIC)
@blp.arguments(AcceptInvite)
@blp.response(200, Session, secret=True)
def accept_invite(acceptance: dict[str, Any]) -> Row:
    """Choose a password with an invitation's token, and be signed in"""
    return _session(sessions.accept_invite(get_db(), acceptance["token"], acceptance["password"]))


@blp.post("/setup")
@blp.access(PUBLIC)
@blp.arguments(Setup)
@blp.response(201, Session, secret=True)
def set_up(first: dict[str, Any]) -> Row:
    """Make the very first administrator with the link the first start printed, and be signed in"""
    return _session(sessions.set_up(get_db(), **first))


def _session(staff_id: str) -> Row:
    db = get_db()
    hours = app_state().config.token_hours
    issued = tokens.issue(db, staff_id, hours=hours)
    if cookie.wanted():
        cookie.hand_over(issued.pop("token"), hours)
    return {"token": None, **issued, "user": sessions.user(db, staff_id)}


def _signed_out() -> Row:
    if cookie.wanted():
        cookie.take_back()
    return {"signed_out": True}
