"""The test of an account, step by step: whatever the other side does, it ends in time and names the step that was silent."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import pytest

from jack.channels import trial, whatsapp
from jack.channels.registry import CHANNELS
from jack.channels.steps import TEXTS, Report
from jack.channels.types import Account
from tests.channels.mails import account as mail_account
from tests.peers.imap import Dovecot
from tests.peers.meta import MetaPeer
from tests.peers.silent import deaf, silent, trickling
from tests.peers.smtp import Smtp

# What a test is given here, and what it may take on a loaded machine until its process has ended.
SECONDS = 8.0
PATIENCE = 12.0
# Enough for one that works.
LONG = 30.0


def mail(relay: Smtp, postbox: Dovecot, **own: Any) -> Account:
    """The hotel's account for e-mail; `own` are settings of its IMAP server."""
    return mail_account(smtp=relay.settings(), imap=postbox.settings(**own))


def steps_of(account: Account, seconds: float = LONG) -> tuple[bool, dict[str, Report]]:
    """Whether an account works, and the steps of its test by name."""
    steps: list[Report] = []
    tested = trial.run(account, seconds, steps.append)
    assert all(step["ms"] >= 0 and step["message"] for step in steps)
    return tested.works, {step["name"]: step for step in steps}


def names(steps: dict[str, Report], server: str) -> list[str]:
    """The steps at one server, in their order."""
    return [name.partition(".")[2] for name in steps if name.startswith(f"{server}.")]


def test_every_step_of_an_account_that_works_is_told(relay: Smtp, postbox: Dovecot) -> None:
    works, steps = steps_of(mail(relay, postbox))
    assert works
    assert names(steps, "imap") == ["look_up", "connect", "greet", "sign_in", "open_folder"]
    assert names(steps, "smtp") == ["look_up", "connect", "greet", "sign_in"]
    assert all(step["ok"] for step in steps.values())
    assert steps["imap.sign_in"]["message"] == f"127.0.0.1:{postbox.port} accepts the sign-in."


def test_the_step_that_failed_is_the_last_at_its_server(relay: Smtp, postbox: Dovecot) -> None:
    works, steps = steps_of(mail(relay, postbox, password="wrong-password"))
    assert not works
    assert names(steps, "imap")[-1] == "sign_in"
    failed = [step for step in steps.values() if not step["ok"]]
    assert [step["name"] for step in failed] == ["imap.sign_in"]
    assert "does not accept the user name or the password" in failed[0]["message"]
    assert "wrong-password" not in str(steps)
    assert names(steps, "smtp")[-1] == "sign_in"


def mail_at(port: int, security: str) -> Account:
    """An account whose mail servers are both this one."""
    own = {"host": "127.0.0.1", "port": port, "security": security, "password": "p"}
    return mail_account(smtp=own | {"username": "u"}, imap=own)


def sms_at(port: int, security: str) -> Account:
    """An account whose API is there."""
    scheme = {"tls": "https", "none": "http"}[security]
    own = {"accountSid": "AC1", "authToken": "t", "from": "+15550001111"}
    account = CHANNELS["sms"].account(own | {"baseUrl": f"{scheme}://127.0.0.1:{port}"}, "")
    assert account is not None
    return account


Where = Callable[[], AbstractContextManager[int]]
At = Callable[[int, str], Account]
SLOW_TLS, SLOW_HTTP = b"\x16\x03\x03\x3f\xff", b"HTTP/1.1 200 OK\r\nX: "
# A server that is no help, how it is spoken to, and the step that is silent.
SILENT: list[tuple[Where, At, str, str]] = [
    (silent, mail_at, "none", "greet"),
    (silent, mail_at, "tls", "encrypt"),
    (deaf, mail_at, "none", "connect"),
    (lambda: trickling(b"* OK"), mail_at, "none", "greet"),
    (lambda: trickling(SLOW_TLS, b"\x02"), mail_at, "tls", "encrypt"),
    (silent, sms_at, "none", "credentials"),
    (silent, sms_at, "tls", "encrypt"),
    (lambda: trickling(SLOW_HTTP), sms_at, "none", "credentials"),
]


def silent_steps(where: Where, at: At, security: str) -> tuple[int, float, dict[str, Report]]:
    """The port of a server that is no help, how long the test of an account there took, and its failed steps."""
    with where() as port:
        begun = time.monotonic()
        works, steps = steps_of(at(port, security), SECONDS)
        assert not works
        failed = {name: step for name, step in steps.items() if not step["ok"]}
        return port, time.monotonic() - begun, failed


def test_servers_that_are_no_help_are_named_in_time() -> None:
    """All at once: they differ in nothing but where they fall silent."""
    with ThreadPoolExecutor(len(SILENT)) as pool:
        results = [pool.submit(silent_steps, *case[:3]) for case in SILENT]
    for result, (_, at, _, step) in zip(results, SILENT, strict=True):
        port, took, failed = result.result()
        assert took < SECONDS + PATIENCE
        servers = ("imap", "smtp") if at is mail_at else ("api",)
        assert sorted(failed) == [f"{server}.{step}" for server in servers]
        for name in failed:
            assert failed[name]["message"] == TEXTS[step][1].format(f"127.0.0.1:{port}")  # type: ignore[index]


def test_one_silent_server_does_not_keep_the_other_from_being_tested(relay: Smtp) -> None:
    """Neither does it hold up what is told of the other."""
    with trickling(b"* OK hello\r\n", b"* x\r\n") as port:
        own = {"host": "127.0.0.1", "port": port, "security": "none", "password": "p"}
        works, steps = steps_of(mail_account(smtp=relay.settings(), imap=own), SECONDS)
    assert not works
    assert names(steps, "smtp")[-1] == "sign_in"
    assert [name for name, step in steps.items() if not step["ok"]] == ["imap.greet"]


def test_whatsapp_is_tested_step_by_step() -> None:
    with MetaPeer() as meta:
        account = whatsapp.account(meta.settings(), "")
        assert account is not None
        works, steps = steps_of(account)
        assert (works, names(steps, "api")) == (True, ["look_up", "connect", "credentials"])
        meta.token = "another"
        works, steps = steps_of(account)
        assert (works, names(steps, "api")) == (False, ["look_up", "connect", "credentials"])


def test_the_web_chat_needs_no_account() -> None:
    account = CHANNELS["web"].account({}, "")
    assert account is not None
    works, steps = steps_of(account)
    assert (works, list(steps)) == (True, ["web.ready"])


def test_a_test_that_breaks_off_is_said_to(caplog: pytest.LogCaptureFixture) -> None:
    broken = mail_account(smtp={"host": "h"}, imap={"host": "h"})
    works, steps = steps_of(dataclasses.replace(broken, channel="none"))
    assert (works, steps) == (False, {})
    assert "the test of none ended with 1" in caplog.text


def test_the_process_knows_nothing_of_jacks_own(
    monkeypatch: pytest.MonkeyPatch, relay: Smtp, postbox: Dovecot
) -> None:
    monkeypatch.setenv("JACK_SECRET_KEY", "x" * 32)
    seen: dict[str, Any] = {}
    opened = trial.subprocess.Popen

    def watched(command: list[str], **options: Any) -> Any:
        seen.update(options, command=command)
        return opened(command, **options)

    monkeypatch.setattr(trial.subprocess, "Popen", watched)
    password = str(postbox.settings()["password"])
    assert steps_of(mail(relay, postbox))[0]
    assert "JACK_SECRET_KEY" not in seen["env"]
    assert os.environ["PATH"] == seen["env"]["PATH"]
    assert password not in str(seen)
