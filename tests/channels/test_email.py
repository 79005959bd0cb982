"""E-mail as a channel: what becomes of a message at a real SMTP server, and what a test of the account says."""

from __future__ import annotations

import base64
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from jack.channels import email
from jack.channels.mail import server
from jack.channels.mail import smtp as sending
from jack.channels.mail.reply_tokens import conversation_of, reply_token
from jack.channels.results import Accepted, Broken, Permanent, Result, Retry
from jack.channels.steps import unreported
from jack.channels.types import File, Thread
from tests.channels.mails import OWN, account, outgoing
from tests.peers import smtp as peer
from tests.peers.imap import Dovecot, dovecot
from tests.peers.smtp import Smtp, smtp
from tests.ports import free_port

SETTINGS: dict[str, Any] = {
    "address": OWN,
    "smtp": {"host": "mx.example", "username": "u", "password": "p"},
    "imap": {"host": "mx.example", "username": "u", "password": "p"},
}


def sent(relay: Smtp, *, message: dict[str, Any] | None = None, **own: Any) -> Result:
    """What became of a message."""
    return email.send(account(smtp=relay.settings(**own)), outgoing(**(message or {})))


# ------------------------------------------------------------------------------------------------ the account


def test_an_account_is_named_by_its_address() -> None:
    made = email.account(SETTINGS, "https://jack.example")
    assert made is not None
    assert (made.channel, made.name) == ("email", f"email:{OWN}")
    assert made.public_url == "https://jack.example"


@pytest.mark.parametrize(
    "missing",
    [
        {"address": None},
        {"smtp": None},
        {"imap": {}},
        {"imap": {"host": "mx.example"}},
        {"smtp": {"host": "mx.example", "username": "u"}},
        {"auth": "xoauth2"},
    ],
)
def test_there_is_no_account_while_something_is_missing(missing: dict[str, Any]) -> None:
    assert email.account(SETTINGS | missing, "") is None


@pytest.mark.parametrize(
    "enough",
    [
        {"smtp": {"host": "127.0.0.1", "security": "none"}},
        {"auth": "xoauth2", "accessToken": "t", "imap": {"host": "mx.example"}},
    ],
)
def test_a_relay_may_ask_for_nothing_and_a_token_stands_for_passwords(
    enough: dict[str, Any],
) -> None:
    assert email.account(SETTINGS | enough, "") is not None


def test_a_mail_carries_any_text_whole() -> None:
    assert not hasattr(email, "split")
    assert email.REPEATABLE


# ------------------------------------------------------------------------------------------------ sending


def test_a_message_is_taken_by_the_server(relay: Smtp, tmp_path: Path) -> None:
    (tmp_path / "menu").write_bytes(b"%PDF")
    file = File("menu.pdf", "application/pdf", 4, str(tmp_path / "menu"), "")
    result = sent(relay, message={"text": "¡Sí!\n.\nSol", "files": (file,)})
    assert result == Accepted("<jack.msg-1@hotel.example>")
    (taken,) = relay.desk.taken
    assert (taken.sender, taken.recipients) == (OWN, ["Ana@guest.example"])
    assert taken.mail["Message-ID"] == "<jack.msg-1@hotel.example>"
    text, menu = taken.mail.get_payload()
    assert text.get_content_type() == "multipart/alternative"
    assert taken.text == "¡Sí!\n.\nSol\n"
    assert menu.get_payload(decode=True) == b"%PDF"


REFUSALS: list[tuple[str, str, type[Result]]] = [
    ("MAIL", "451 4.3.0 later", Retry),
    ("MAIL", "550 5.7.1 not your address", Broken),
    ("MAIL", "553 5.1.8 bad sender", Broken),
    ("MAIL", "552 5.3.4 too large", Permanent),
    ("RCPT", "421 4.7.0 slow down", Retry),
    ("RCPT", "450 4.2.0 greylisted", Retry),
    ("RCPT", "451 4.7.1 later", Retry),
    ("RCPT", "452 4.2.2 over quota", Retry),
    ("RCPT", "550 5.1.1 unknown", Permanent),
    ("RCPT", "554 5.7.1 relay access denied", Broken),
    ("RCPT", "530 5.7.0 must issue STARTTLS first", Broken),
    ("RCPT", "550 5.7.1 this guest wants no mail from you", Permanent),
    ("RCPT", "552 5.2.2 mailbox full", Permanent),
    ("DATA", "451 4.3.0 later", Retry),
    ("DATA", "452 4.3.1 disk full", Retry),
    ("DATA", "552 5.3.4 too large", Permanent),
    ("DATA", "554 5.7.1 looks like spam", Permanent),
    ("DATA", "550 5.7.26 unauthenticated sender domain", Broken),
    ("DATA", "535 5.7.8 bad credentials", Broken),
]


@pytest.mark.parametrize(("step", "answer", "kind"), REFUSALS)
def test_a_refusal_is_what_its_code_means(
    relay: Smtp, step: str, answer: str, kind: type[Result]
) -> None:
    relay.desk.answers[step] = answer
    result = sent(relay)
    assert isinstance(result, kind)
    assert answer in getattr(result, "error", "")
    assert relay.desk.taken == []


def test_what_the_server_says_is_told_without_anybodys_address(relay: Smtp) -> None:
    relay.desk.answers["RCPT"] = "550 5.1.1 <Ana@guest.example> is unknown"
    assert sent(relay) == Permanent("The mail server refuses: 550 5.1.1 <(address)> is unknown")


def test_a_connection_lost_after_the_mail_was_taken_is_tried_again_as_the_same_mail(
    relay: Smtp,
) -> None:
    relay.desk.drop = "DATA"
    assert isinstance(sent(relay), Retry)
    relay.desk.drop = ""
    assert isinstance(sent(relay), Accepted)
    first, second = relay.desk.taken
    assert first.mail["Message-ID"] == second.mail["Message-ID"]


def test_a_server_that_is_not_there_is_tried_again(relay: Smtp) -> None:
    assert isinstance(sent(relay, port=free_port()), Retry)
    assert isinstance(sent(relay, host="nowhere.invalid"), Retry)


def test_a_server_that_says_nothing_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {"host": "127.0.0.1", "port": silent.getsockname()[1], "security": "none"}
        result = email.send(account(smtp=settings), outgoing())
    assert result == Retry(f"127.0.0.1:{settings['port']} does not answer.")
    assert server.TIMEOUT_SECONDS >= 10


def test_a_wrong_password_breaks_the_account(relay: Smtp) -> None:
    result = sent(relay, password="wrong-password")
    assert isinstance(result, Broken)
    assert "wrong-password" not in result.error
    assert relay.desk.taken == []


@pytest.mark.parametrize("to", ["", "ana", "@guest.example", "a b@x.example", "a@x>\r\nDATA", "a@" + "ñ" * 80])  # fmt: skip
def test_what_is_no_address_is_sent_nowhere(relay: Smtp, to: str) -> None:
    assert isinstance(sent(relay, message={"to": to}), Permanent)


def test_addresses_in_other_scripts_are_sent_to(relay: Smtp) -> None:
    assert isinstance(sent(relay, message={"to": "ana@müller.example"}), Accepted)
    assert isinstance(sent(relay, message={"to": "用户@guest.example"}), Accepted)
    recipients = [taken.recipients for taken in relay.desk.taken]
    assert recipients == [["ana@xn--mller-kva.example"], ["用户@guest.example"]]


def test_a_file_that_is_gone_is_the_end_of_it(relay: Smtp) -> None:
    gone = File("a", "a/b", 1, "/nowhere/at/all", "")
    assert isinstance(sent(relay, message={"files": (gone,)}), Permanent)
    assert relay.desk.taken == []


def test_automatic_mail_has_no_return_path(relay: Smtp) -> None:
    assert isinstance(sent(relay, message={"automatic": True}), Accepted)
    (taken,) = relay.desk.taken
    assert taken.sender == "<>"
    assert taken.mail["Auto-Submitted"] == "auto-generated"


def test_automatic_mail_has_ours_where_the_server_wants_one(relay: Smtp) -> None:
    relay.desk.answers["MAIL <>"] = "550 5.7.1 who are you"
    assert isinstance(sent(relay, message={"automatic": True}), Accepted)
    assert [taken.sender for taken in relay.desk.taken] == [OWN]


def test_a_mail_of_many_files_leaves_whole(relay: Smtp, tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(bytes(range(256)) * 40_000)
    photo = File("photo.jpg", "image/jpeg", 10_240_000, str(tmp_path / "photo"), "")
    assert isinstance(sent(relay, message={"files": (photo, photo)}), Accepted)
    _, first, _ = relay.desk.taken[0].mail.get_payload()
    assert first.get_payload(decode=True) == (tmp_path / "photo").read_bytes()


# ------------------------------------------------------------------------------------------------ encryption, signing in


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_leaves_encrypted(security: str, encryption: ssl.SSLContext, trusted: None) -> None:
    with smtp(security, encryption) as relay:
        assert isinstance(sent(relay), Accepted)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_nobody_trusts_breaks_the_account(
    security: str, encryption: ssl.SSLContext
) -> None:
    with smtp(security, encryption) as relay:
        result = sent(relay)
        assert isinstance(result, Broken)
        assert "certificate" in result.error
        assert relay.desk.taken == []
        assert relay.desk.signed_in == []


def test_no_password_is_said_without_the_encryption_asked_for(relay: Smtp) -> None:
    result = sent(relay, security="starttls")
    assert isinstance(result, Broken)
    assert "no encryption" in result.error
    assert isinstance(sent(relay, security="tls"), Retry)
    assert relay.desk.signed_in == []


@pytest.mark.parametrize(("token", "kind"), [(peer.TOKEN, Accepted), ("stale", Broken)])
def test_a_token_stands_for_the_password(relay: Smtp, token: str, kind: type[Result]) -> None:
    settings = account(smtp=relay.settings(), auth="xoauth2", accessToken=token)
    result = email.send(settings, outgoing())
    assert isinstance(result, kind)
    assert token not in getattr(result, "error", "")
    assert relay.desk.signed_in == (["XOAUTH2"] if kind is Accepted else [])


def test_xoauth2_is_said_as_google_says() -> None:
    settings = account(auth="xoauth2", accessToken="ya29.TOKEN", smtp={"username": "front@hotelsol.mx"}).settings  # fmt: skip
    said = server.server_of(settings, "smtp").xoauth2
    right = "dXNlcj1mcm9udEBob3RlbHNvbC5teAFhdXRoPUJlYXJlciB5YTI5LlRPS0VOAQE="
    assert base64.b64encode(said.encode()).decode() == right


# ------------------------------------------------------------------------------------------------ testing an account


def tried(relay: Smtp, postbox: Dovecot, **own: Any) -> tuple[bool, str, str]:
    """Whether it works, and what is said of sending and of reading."""
    settings = {"smtp": relay.settings(), "imap": postbox.settings()} | own
    found = email.test(account(**settings), unreported)
    out, _, read = found.message.removeprefix("Sending: ").partition(" Reading: ")
    return found.works, out, read


def test_an_account_that_works_says_so_and_sends_nothing(relay: Smtp, postbox: Dovecot) -> None:
    assert tried(relay, postbox) == (True, "signed in.", "signed in.")
    assert relay.desk.taken == []


def test_what_is_wrong_is_said_in_plain_words(relay: Smtp, postbox: Dovecot) -> None:
    port, password = free_port(), {"password": "wrong-password"}
    refused = f"127.0.0.1:{port} refuses the connection. Are host and port right?"
    nobody = "There is no server named nowhere.invalid, or the name service does not answer."
    wrong = "{} does not accept the user name or the password."
    no_tls = "{} does not speak TLS as asked. Is the port right for tls?"
    out, read = f"127.0.0.1:{relay.port}", f"127.0.0.1:{postbox.port}"
    for own, said_out, said_in in [
        ({"port": port}, refused, refused),
        ({"host": "nowhere.invalid"}, nobody, nobody),
        (password, wrong.format(out), wrong.format(read)),
        ({"security": "tls"}, no_tls.format(out), no_tls.format(read)),
    ]:
        assert tried(relay, postbox, smtp=relay.settings(**own)) == (False, said_out, "signed in.")
        assert tried(relay, postbox, imap=postbox.settings(**own)) == (False, "signed in.", said_in)


def test_a_folder_that_is_not_there_is_named(relay: Smtp, postbox: Dovecot) -> None:
    works, _, said = tried(relay, postbox, imap=postbox.settings(folder='Nö "such" folder'))
    assert not works
    assert said == 'There is no folder Nö "such" folder in the mailbox.'


def test_mail_is_read_encrypted(relay: Smtp, certificate: tuple[Path, Path], trusted: None) -> None:
    with dovecot(certificate) as postbox:
        for own in ({"security": "tls", "port": postbox.tls_port}, {"security": "starttls"}):
            assert tried(relay, postbox, imap=postbox.settings(**own))[0]


def test_a_mailbox_with_a_certificate_nobody_trusts_is_not_read(
    relay: Smtp, certificate: tuple[Path, Path], postbox: Dovecot
) -> None:
    with dovecot(certificate) as encrypted:
        own = encrypted.settings(security="tls", port=encrypted.tls_port)
        works, _, said = tried(relay, postbox, imap=own)
        assert not works
        assert "certificate" in said
    _, _, said = tried(relay, postbox, imap=postbox.settings(security="starttls"))
    assert said == f"127.0.0.1:{postbox.port} offers no encryption (STARTTLS)."


# ------------------------------------------------------------------------------------------------ reply tokens


def test_a_reply_token_names_its_conversation_to_whoever_has_the_secret() -> None:
    conversation = "conv-01900000-0000-7000-8000-000000000001"
    token = reply_token("s" * 32, conversation)
    assert conversation_of("s" * 32, token) == conversation
    assert conversation_of("s" * 32, token.upper()) == conversation
    assert conversation_of("t" * 32, token) is None
    assert conversation_of("s" * 32, ("b" if token[0] == "a" else "a") + token[1:]) is None
    assert reply_token("s" * 32, "conv-of-old") == ""
    assert reply_token("s" * 32, conversation[:-1] + "2") != token


@pytest.mark.parametrize("token", ["", "x", "1" * 39, "ñ" * 39, "a" * 39, "a" * 1000])
def test_what_is_no_token_names_nothing(token: str) -> None:
    assert conversation_of("s" * 32, token) is None


def test_messages_with_a_thread_are_threaded_by_the_server_as_well(relay: Smtp) -> None:
    thread = Thread(subject="Re: Towels", in_reply_to="<1@guest.example>")
    assert isinstance(sent(relay, message={"thread": thread}), Accepted)
    assert relay.desk.taken[0].mail["Subject"] == "Re: Towels"
