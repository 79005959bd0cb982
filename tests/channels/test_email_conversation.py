"""A conversation by e-mail from end to end: a real mailbox, Jack's own tables, a real SMTP server."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Any

import pytest

from jack.channels import email
from jack.channels.types import Account
from jack.core.db import Database
from jack.core.paging import Page
from jack.core.reader import Row
from jack.messaging import inbound, outbox, outgoing
from jack.messaging.outbox import Sent
from jack.messaging.outgoing import SigningContext
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.settings import store as settings
from tests.builders import make_member
from tests.channels.mails import OUTLOOK_ID, account, encoded, make_mail
from tests.peers.imap import Dovecot
from tests.peers.smtp import Smtp

SECRET = "s" * 32


class Front:
    """The front desk with its mailbox: what comes in is stored, what is written leaves."""

    def __init__(self, db: Database, postbox: Dovecot, relay: Smtp) -> None:
        self.db, self.postbox, self.relay = db, postbox, relay
        self.account: Account = account(imap=postbox.settings(), smtp=relay.settings())
        settings.put(db, "channels.email", dict(self.account.settings))
        self.by = make_member(db)["id"]
        self.poll()

    def poll(self) -> None:
        position = accounts.place(self.db, self.account.name)

        def store(events: Any, position: Any) -> None:
            inbound.store_events(self.db, self.account, events, secret=SECRET, place=position)

        assert email.poll(self.account, position, store) is None

    def receive(self, raw: bytes) -> None:
        self.postbox.deliver(raw)
        self.poll()

    def conversations(self) -> list[Row]:
        rows: list[Row] = conversations.search(self.db, page=Page(1, 50)).rows
        return rows

    def messages(self, conversation_id: str) -> list[Row]:
        return messages.search(self.db, conversation_id, page=Page(1, 50)).rows

    def answer(self, conversation_id: str, text: str) -> tuple[str, bytes]:
        """What staff write, as it reaches the guest's server; and its id."""
        row = messages.send(self.db, conversation_id, content=text, by=self.by)
        (claimed,) = outbox.claim(self.db, "worker", "email")
        whole = outgoing.assemble(self.db, claimed, self.account, SigningContext(SECRET))
        assert whole is not None
        result = email.send(self.account, whole)
        assert outbox.record_result(self.db, claimed, "worker", result, Sent(self.account.name))
        assert messages.get(self.db, row["id"])["status"] == "sent"
        return row["id"], self.relay.desk.taken[-1].raw


@pytest.fixture
def front(db: Database, postbox: Dovecot, relay: Smtp) -> Front:
    return Front(db, postbox, relay)


def test_question_answer_and_thanks_are_one_conversation(front: Front) -> None:
    front.receive(make_mail("A cot, please?", Message_ID=OUTLOOK_ID, References="<0@x>"))
    (conversation,) = front.conversations()
    _, raw = front.answer(conversation["id"], "Of course.")
    ours = message_from_bytes(raw)
    assert ours["To"] == "Ana@guest.example"
    assert ours["Subject"] == "Re: Towels"
    assert ours["In-Reply-To"].strip() == OUTLOOK_ID
    assert ours["References"].split() == ["<0@x>", OUTLOOK_ID]
    front.receive(make_mail("Thanks!", Message_ID="<2@guest.example>", To=ours["Reply-To"]))
    front.receive(
        make_mail("And a towel.", Message_ID="<3@guest.example>", In_Reply_To=ours["Message-ID"])
    )
    front.receive(make_mail("Hello?", Message_ID="<4@guest.example>", In_Reply_To=OUTLOOK_ID))
    (conversation,) = front.conversations()
    contents = [row["content"] for row in front.messages(conversation["id"])]
    assert contents == ["A cot, please?", "Of course.", "Thanks!", "And a towel.", "Hello?"]


INJECTED = "Hi\r\nReply-To: e@evil.example\r\n\r\nPay here"


@pytest.mark.parametrize(
    "words", [INJECTED, INJECTED.replace("\r", ""), INJECTED.replace("\n", "")]
)
@pytest.mark.parametrize(
    "header", ["Subject", "From", "Reply_To", "Message_ID", "In_Reply_To", "References"]
)
def test_nothing_a_guest_sends_becomes_more_than_it_was_in_our_answer(
    front: Front, header: str, words: str
) -> None:
    """Encoded twice it is only words to whoever reads it once: they must not be decoded on their way out."""
    twice = encoded(encoded(words))
    value = {"Subject": twice, "From": f"{twice} <ana@guest.example>", "Reply_To": f"{twice} <e@x>"}
    front.receive(make_mail(**{header: value.get(header, f"<{encoded(words)}@guest.example>")}))
    (conversation,) = front.conversations()
    _, raw = front.answer(conversation["id"], "At once.")
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail.keys() == [
        "From",
        "To",
        "Date",
        "Message-ID",
        "Reply-To",
        "Subject",
        "In-Reply-To",
        "References",
        "MIME-Version",
        "Content-Type",
    ]
    assert mail["To"].addresses[0].addr_spec.casefold() == "ana@guest.example"
    assert mail["Reply-To"].addresses[0].domain == "hotel.example"
    text = mail.get_body(("plain",)).get_content()
    assert text.startswith("At once.\r\n\r\nOn 20")
    assert text.count(" wrote:\r\n> ") == 1


def test_a_stranger_with_the_reply_address_does_not_come_into_the_conversation(
    front: Front,
) -> None:
    front.receive(make_mail("A cot, please?"))
    (conversation,) = front.conversations()
    _, raw = front.answer(conversation["id"], "Of course.")
    address = message_from_bytes(raw)["Reply-To"]
    front.receive(make_mail("Room number?", From="e@evil.example", To=address, Message_ID="<9@x>"))
    assert len(front.conversations()) == 2
    assert [row["content"] for row in front.messages(conversation["id"])] == [
        "A cot, please?",
        "Of course.",
    ]


def test_a_forged_reply_address_names_no_conversation(front: Front) -> None:
    front.receive(make_mail("A cot, please?"))
    forged = f"front+c.{'a' * 39}@hotel.example"
    front.receive(make_mail("Hello", To=forged, Message_ID="<2@guest.example>"))
    assert len(front.conversations()) == 1


def test_a_report_marks_the_message_as_failed(front: Front) -> None:
    front.receive(make_mail("A cot, please?"))
    (conversation,) = front.conversations()
    message_id, raw = front.answer(conversation["id"], "Of course.")
    ours = message_from_bytes(raw)["Message-ID"]
    front.receive(
        make_mail(
            "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nAction: failed\nStatus: 5.1.1\n\n"
            f"--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: {ours}\n\n--x--\n",
            From="MAILER-DAEMON@mx.example",
            Message_ID="<bounce@mx.example>",
            Content_Type="multipart/report; report-type=delivery-status; boundary=x",
        )
    )
    assert messages.get(front.db, message_id)["status"] == "failed"
    assert len(front.conversations()) == 1


def test_a_mail_is_one_message_however_often_it_is_handed_over(front: Front) -> None:
    for _ in range(3):
        front.receive(make_mail("Once."))
    (conversation,) = front.conversations()
    assert [row["content"] for row in front.messages(conversation["id"])] == ["Once."]


def test_what_cannot_be_read_is_kept_and_told_of(front: Front) -> None:
    raw = make_mail("--x\n\n" * 200, Content_Type="multipart/mixed; boundary=x", Message_ID="")
    front.receive(raw)
    (conversation,) = front.conversations()
    (row,) = front.messages(conversation["id"])
    assert (row["type"], row["content"]) == ("unsupported", "[This mail could not be read. It has been put aside.]")  # fmt: skip
    kept = front.db.row("SELECT file, reason FROM quarantine")
    assert (front.db.path.parent / "quarantine" / kept["file"]).read_bytes() == raw
