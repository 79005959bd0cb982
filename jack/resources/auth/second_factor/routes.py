"""`/auth/totp`: one's own second factor."""

from __future__ import annotations

from jack.http.blueprint import Blueprint
from jack.http.context import app_state, caller, get_db
from jack.http.schema import Loaded
from jack.http.scopes import NOT_FOR_KEYS
from jack.resources.auth import attempts
from jack.resources.auth.second_factor import store
from jack.resources.auth.second_factor.schemas import (
    PendingTotp,
    RecoveryCodes,
    SecondFactor,
    TotpConfirmation,
    TotpRemoval,
)
from jack.resources.auth.second_factor.store import Confirmed, Pending, State
from jack.resources.auth.second_factor.totp import Given

blp = Blueprint(
    "second factor",
    __name__,
    under="/auth/totp",
    description="One's own second factor (RFC 6238)",
    scope=NOT_FOR_KEYS,
)


@blp.get("")
@blp.without_totp
@blp.response(200, SecondFactor)
def get_second_factor() -> State:
    """Whether one has a second factor, and must have one"""
    return store.state(get_db(), caller().id)


@blp.post("")
@blp.without_totp
@blp.response(200, PendingTotp, secret=True)
def begin_second_factor() -> Pending:
    """Ask for a new secret, to set an authenticator app up

    It counts once it is confirmed with a first code (`/auth/totp/confirm`); asking again makes another one. With a second
    factor the answer is 409 `totp_enabled`: turn that one off first.
    """
    return store.begin(get_db(), caller().id, app_state().secret)


@blp.post("/confirm")
@blp.without_totp
@blp.arguments(TotpConfirmation)
@blp.response(200, RecoveryCodes, secret=True)
def confirm_second_factor(shown: Loaded) -> Confirmed:
    """Turn the second factor on with a first code; all other sessions end

    The answer holds ten recovery codes, shown this once. A wrong code is 401 `totp_invalid`.
    """
    me = caller()
    with attempts.counted_own(me.id):
        return store.confirm(get_db(), me.id, me.session_id, _given(shown))


@blp.delete("")
@blp.without_totp
@blp.arguments(TotpRemoval)
@blp.response(200, SecondFactor)
def remove_second_factor(shown: Loaded) -> State:
    """Turn the second factor off with the password and a code; all other sessions end"""
    me = caller()
    with attempts.counted_own(me.id):
        return store.turn_off(get_db(), me.id, me.session_id, shown["password"], _given(shown))


def _given(body: Loaded) -> Given:
    return Given(body["totp"], app_state().secret)
