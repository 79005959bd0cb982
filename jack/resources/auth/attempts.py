"""Tries to sign in: counted against the address and the account, and a line of the log and a row of the audit log each.

The line says how it went, from which address, and a hash of the e-mail with the signing key: the same person is seen to be
the same, and nobody who reads the log learns an address that was typed. It is for the log of a service: on a terminal, where
whoever started Jack reads what to do next, none is written.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from flask import request
from limits import parse

from jack.core.errors import JackError, RateLimited, Unauthorized
from jack.core.patterns import email_key
from jack.http.context import app_state, get_db
from jack.http.rate_limits import address_key
from jack.resources.auth import refused_sign_ins

log = logging.getLogger("jack.sign_in")
THROTTLED_ROWS = ((parse("1/minute"), "audit:{}"), (parse("60/minute"), "audit"))


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to what is standard error at the time; a server may have replaced it since Jack was loaded."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Standard error."""
        return sys.stderr

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, unless somebody would see it on a terminal."""
        if not self.stream.isatty():
            super().emit(record)


def init_log() -> None:
    """Have sign-ins written to standard error where that is no terminal, whatever the server does with messages of that level."""
    log.setLevel(logging.INFO)
    if not log.handlers:
        log.addHandler(StandardError())


@contextmanager
def counted(email: str, *, by: str = "login") -> Iterator[None]:
    """Count a try for this account and this address, and take it back unless it was refused; log how it went.

    `by` names the budget: another one for links than for passwords, so that who forgot theirs can use a link at once.
    Raises RateLimited over a budget; the account is not charged for an address that is refused.
    """
    key, state = email_key(email), app_state()
    budgets = (
        (state.config.login_failures_address, f"login:{address_key(request.remote_addr)}"),
        (state.config.login_failures, f"{by}:{key}"),
    )
    try:
        state.limits.spend_all_or_refuse(
            budgets, "Too many failed sign-ins. Wait a while, then try again."
        )
        yield
    except RateLimited:
        note("throttled", key)
        _audit_throttled(key)
        raise
    except Unauthorized as error:
        if (
            error.reason == "totp_required"
        ):  # the password was right, the code comes with the next try
            state.limits.give_all_back(budgets)
            note("incomplete (totp_required)", key)
            refused_sign_ins.record(get_db(), "sign_in.incomplete", key)
        else:
            note(f"failed ({error.reason})", key)
            refused_sign_ins.record(get_db(), "sign_in.failed", key)
        raise
    except (
        JackError
    ):  # nothing was got wrong that could be guessed, such as a new password that is too common
        state.limits.give_all_back(budgets)
        raise
    state.limits.give_all_back(budgets)
    note("ok", key)


@contextmanager
def counted_own(staff_id: str) -> Iterator[None]:
    """Count a try at the password or the code of who is signed in already, and take it back unless it was refused.

    Raises RateLimited over the budget.
    """
    state, key = app_state(), f"password:{staff_id}"
    state.limits.spend_or_refuse(state.config.login_failures, key, "Too many tries. Wait a while.")
    try:
        yield
    except Unauthorized:
        raise
    except JackError:
        state.limits.give_back(state.config.login_failures, key)
        raise
    state.limits.give_back(state.config.login_failures, key)


def note(how: str, email: str) -> None:
    """Log a try to sign in."""
    log.info("sign-in %s: account=%s address=%s", how, _account(email), _address())


def _audit_throttled(email: str) -> None:
    """Write one row a minute for an address, and sixty for all: whoever is throttled must not fill the disk."""
    limits = app_state().limits
    address = address_key(request.remote_addr)
    for most, key in THROTTLED_ROWS:
        if limits.spend(most, key.format(address)).exceeded:
            return
    refused_sign_ins.record(get_db(), "sign_in.throttled", email)


def _account(email: str) -> str:
    """A keyed hash of the e-mail, 16 hexadecimal digits."""
    key = app_state().secret.encode()
    return hmac.new(key, b"sign-in\0" + email_key(email).encode(), hashlib.sha256).hexdigest()[:16]


def _address() -> str:
    """The caller's address; what is none, such as what a proxy has let through, is not written."""
    try:
        return str(ipaddress.ip_address(request.remote_addr or ""))
    except ValueError:
        return "unknown"
