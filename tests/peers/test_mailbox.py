"""The mailbox of the demo gets on with the clients of the standard library."""

from __future__ import annotations

import imaplib
import smtplib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from tests.peers.mailbox import Mailbox

GUEST = "ana@example.com"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as box:
        yield box


def sent(mailbox: Mailbox, text: str = "Sí, hay piscina.\n.\nSaludos") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = mailbox.address, GUEST, "Re: ¿Piscina?"
    mail["Reply-To"] = "front+c.token@hotelsol.example"
    mail["Message-ID"], mail["References"] = "<jack.1@hotelsol.example>", "<first@example.com>"
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", mailbox.smtp.port, timeout=5) as client:
        client.login(mailbox.address, mailbox.password)
        client.send_message(mail)
    mailbox.caller.settled()
    return mail


def test_a_mail_reaches_the_guest_whole(mailbox: Mailbox) -> None:
    sent(mailbox)
    (mail,) = mailbox.guest(GUEST).inbox
    assert mail["Subject"] == "Re: ¿Piscina?"
    assert mail.get_content().splitlines() == ["Sí, hay piscina.", ".", "Saludos"]


def test_smtp_wants_the_password(mailbox: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp.port, timeout=5) as client:
        assert client.mail("x@example.com")[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(mailbox.address, "another")


def test_imap_reads_by_uid(mailbox: Mailbox) -> None:
    ana = mailbox.guest(GUEST, "Ana")
    ana.writes("¿Piscina?", "¿Hay piscina?")
    ana.writes("Otra", "Gracias")
    with imaplib.IMAP4("127.0.0.1", mailbox.imap.port, timeout=5) as client:
        client.login(mailbox.address, mailbox.password)
        assert client.select("INBOX", readonly=True) == ("OK", [b"2"])
        assert client.response("UIDVALIDITY")[1] == [str(mailbox.uidvalidity).encode()]
        assert client.response("UIDNEXT")[1] == [b"3"]
        assert client.uid("SEARCH", "UID 2:*")[1] == [b"2"]
        assert client.uid("SEARCH", "UID 9:*")[1] == [b"2"]
        assert client.uid("SEARCH", "SINCE", "01-Jan-2999")[1] == [b""]
        _, found = client.uid("FETCH", "1", "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[])")
        head, raw = found[0]
        assert f"RFC822.SIZE {len(raw)}".encode() in head
        assert b"INTERNALDATE" in head
        mail = message_from_bytes(raw, policy=policy.default)
        assert mail.get_content().strip() == "¿Hay piscina?"
        assert client.uid("FETCH", "7", "(UID)")[1] == [None]


def test_imap_wants_the_password(mailbox: Mailbox) -> None:
    with imaplib.IMAP4("127.0.0.1", mailbox.imap.port, timeout=5) as client:
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            client.login(mailbox.address, "another")
        with pytest.raises(imaplib.IMAP4.error):
            client.select("INBOX")


def test_an_answer_is_threaded_and_quotes(mailbox: Mailbox) -> None:
    mailbox.answers = lambda guest, mail: guest.replies(mail, "Perfecto")
    sent(mailbox)
    (stored,) = mailbox.snapshot()
    mail = message_from_bytes(stored.raw, policy=policy.default)
    assert mail["In-Reply-To"] == "<jack.1@hotelsol.example>"
    assert mail["References"] == "<first@example.com> <jack.1@hotelsol.example>"
    assert mail["Subject"] == "Re: ¿Piscina?"
    lines = mail.get_content().splitlines()
    assert lines[0] == "Perfecto"
    assert "> Sí, hay piscina." in lines
    assert mail["To"] == "front+c.token@hotelsol.example"
