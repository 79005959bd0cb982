"""A real mailbox, read mail by mail: each once, whatever happens to the server, to Jack or to the UIDs."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from jack.channels import email
from jack.channels.mail import imap as mailbox
from jack.channels.mail import inbound, polling
from jack.channels.mail.imap import Mailbox, MailboxError
from jack.channels.results import Broken, Retry
from jack.channels.types import DeliveryReceipt, Event, InboundMessage, Unreadable
from jack.core.errors import Unavailable
from tests.channels.mails import account, make_mail
from tests.peers.imap import Dovecot

DAY = 86_400


class MailStore:
    """Stores mails in memory: events and position together, or neither; a key once."""

    def __init__(self, postbox: Dovecot, **own: Any) -> None:
        self.account = account(imap=postbox.settings(**own))
        self.position: dict[str, Any] = {}
        self.events: dict[str, Event] = {}
        self.receipts: list[DeliveryReceipt] = []
        self.repeated = 0
        self.before: Callable[[Sequence[Event]], None] = lambda events: None

    def store(self, events: Sequence[Event], position: Mapping[str, Any]) -> None:
        self.before(events)
        for event in events:
            if isinstance(event, DeliveryReceipt):
                self.receipts.append(event)
            else:
                self.repeated += event.event_key in self.events
                self.events.setdefault(event.event_key, event)
        self.position = dict(position)

    def poll(self) -> Retry | Broken | None:
        return email.poll(self.account, self.position, self.store)

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events.values() if isinstance(event, InboundMessage)]

    @property
    def quarantined(self) -> list[Unreadable]:
        return [event for event in self.events.values() if isinstance(event, Unreadable)]


def numbered(*numbers: int) -> list[bytes]:
    """Mails whose texts are their numbers."""
    return [make_mail(f"Mail {n}", Message_ID=f"<{n}@guest.example>") for n in numbers]


def texts(*numbers: int) -> list[str]:
    return [f"Mail {n}" for n in numbers]


@pytest.fixture
def mail_store(postbox: Dovecot) -> MailStore:
    """A store that has seen the mailbox as it is now."""
    mail_store = MailStore(postbox)
    assert mail_store.poll() is None
    assert mail_store.events == {}
    return mail_store


def test_a_new_account_begins_with_what_comes_from_now_on(own_postbox: Dovecot) -> None:
    own_postbox.deliver(numbered(1)[0])
    mail_store = MailStore(own_postbox)
    assert mail_store.poll() is None
    assert mail_store.position["uid"] == 1
    assert mail_store.position["uidvalidity"] == own_postbox.validity()
    own_postbox.deliver(numbered(2)[0])
    assert mail_store.poll() is None
    assert mail_store.texts == texts(2)


def test_mails_come_once_in_their_order(mail_store: MailStore, postbox: Dovecot) -> None:
    for raw in numbered(1, 2, 3):
        postbox.deliver(raw)
    for _ in range(3):
        assert mail_store.poll() is None
    assert mail_store.texts == texts(1, 2, 3)
    assert mail_store.repeated == 0


def test_a_mail_is_from_when_it_came(mail_store: MailStore, postbox: Dovecot) -> None:
    postbox.deliver(make_mail(), came=1_780_000_000)
    mail_store.poll()
    (event,) = mail_store.events.values()
    assert isinstance(event, InboundMessage)
    assert event.at == "2026-05-28T20:26:40.000Z"


def test_reading_leaves_mails_unread(mail_store: MailStore, postbox: Dovecot) -> None:
    postbox.deliver(make_mail())
    mail_store.poll()
    with postbox.talk() as imap:
        imap.select("INBOX", readonly=True)
        assert imap.uid("SEARCH", "UID", str(mail_store.position["uid"]), "UNSEEN")[1] != [b""]


def test_what_staff_have_read_or_deleted_elsewhere_makes_no_difference(
    mail_store: MailStore, postbox: Dovecot
) -> None:
    first = mail_store.position["uid"] + 1
    for raw in numbered(1, 2, 3):
        postbox.deliver(raw)
    with postbox.talk() as imap:
        imap.select("INBOX")
        imap.uid("STORE", str(first), "+FLAGS", "(\\Seen)")
        imap.uid("STORE", str(first + 1), "+FLAGS", "(\\Deleted)")
        imap.expunge()
    assert mail_store.poll() is None
    assert mail_store.texts == texts(1, 3)


def test_a_mail_deleted_between_the_search_and_its_turn_is_passed_over(
    mail_store: MailStore, postbox: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for raw in numbered(1, 2):
        postbox.deliver(raw)
    fetched = Mailbox.mail

    def deleted(box: Mailbox, uid: int) -> bytes | None:
        with postbox.talk() as imap:
            imap.select("INBOX")
            imap.uid("STORE", f"{uid}:*", "+FLAGS", "(\\Deleted)")
            imap.expunge()
        monkeypatch.setattr(Mailbox, "mail", fetched)
        return fetched(box, uid)

    monkeypatch.setattr(Mailbox, "mail", deleted)
    uid = mail_store.position["uid"]
    assert mail_store.poll() is None
    assert mail_store.texts == []
    assert mail_store.position["uid"] == uid + 2


def test_at_most_a_batch_is_taken_at_once(
    mail_store: MailStore, postbox: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "BATCH", 2)
    for raw in numbered(1, 2, 3):
        postbox.deliver(raw)
    mail_store.poll()
    assert mail_store.texts == texts(1, 2)
    mail_store.poll()
    assert mail_store.texts == texts(1, 2, 3)


@pytest.mark.parametrize("folder", ["Reservas & más", 'A "b" c', "前台"])
def test_another_folder_may_be_read(postbox: Dovecot, folder: str) -> None:
    named = mailbox._folder_name(folder)
    with postbox.talk() as imap:
        imap.create(named)
    mail_store = MailStore(postbox, folder=folder)
    assert mail_store.poll() is None
    postbox.deliver(make_mail(), folder=named)
    assert mail_store.poll() is None
    assert mail_store.texts == ["Hello"]


# ------------------------------------------------------------------------------------------------ outages, kills


def test_three_days_without_the_server_lose_nothing(own_postbox: Dovecot) -> None:
    mail_store = MailStore(own_postbox)
    mail_store.poll()
    own_postbox.deliver(numbered(1)[0])
    mail_store.poll()
    began = time.time() - 3 * DAY
    for n, raw in enumerate(numbered(2, 3, 4)):
        own_postbox.deliver(raw, came=began + n * DAY)
    own_postbox.stop()
    position = mail_store.position
    for _ in range(3):
        result = mail_store.poll()
        assert result == Retry(
            f"127.0.0.1:{own_postbox.port} refuses the connection. Are host and port right?"
        )
    assert mail_store.position == position
    own_postbox.start()
    assert mail_store.poll() is None
    assert mail_store.texts == texts(1, 2, 3, 4)
    assert mail_store.repeated == 0


@pytest.mark.parametrize("wrong", [KeyboardInterrupt(), Unavailable("The disk is full."), OSError(28, "disk full")])  # fmt: skip
def test_a_process_that_dies_between_fetch_and_commit_gets_the_same_mail_again(
    mail_store: MailStore, postbox: Dovecot, wrong: BaseException
) -> None:
    for raw in numbered(1, 2, 3):
        postbox.deliver(raw)
    dies = iter([False, True, False, True, False])

    def dying(events: Sequence[Event]) -> None:
        if events and next(dies, False):
            raise wrong

    mail_store.before = dying
    for _ in range(2):
        with pytest.raises(type(wrong)):
            mail_store.poll()
    assert mail_store.poll() is None
    assert mail_store.texts == texts(1, 2, 3)
    assert (mail_store.repeated, mail_store.quarantined) == (0, [])


def test_a_place_that_was_lost_with_its_commit_makes_no_message_twice(
    mail_store: MailStore, postbox: Dovecot
) -> None:
    position = mail_store.position
    for raw in numbered(1, 2):
        postbox.deliver(raw)
    mail_store.poll()
    mail_store.position = position
    mail_store.poll()
    assert mail_store.texts == texts(1, 2)
    assert mail_store.repeated == 2


def test_a_mail_that_cannot_be_stored_is_put_aside_and_the_next_one_comes(
    mail_store: MailStore, postbox: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    for raw in numbered(1, 2, 3):
        postbox.deliver(raw)

    def choking(events: Sequence[Event]) -> None:
        if any(isinstance(event, InboundMessage) and "2" in event.text for event in events):
            raise ValueError("ana@guest.example")

    mail_store.before = choking
    assert mail_store.poll() is None
    assert mail_store.texts == texts(1, 3)
    (quarantined,) = mail_store.quarantined
    assert quarantined.raw == numbered(2)[0]
    assert quarantined.reason == "It could not be kept (ValueError)."
    assert "guest.example" not in caplog.text


# ------------------------------------------------------------------------------------------------ numbered anew


def test_a_mailbox_numbered_anew_is_read_again_and_nothing_comes_twice(
    own_postbox: Dovecot,
) -> None:
    mail_store = MailStore(own_postbox)
    mail_store.poll()
    now = time.time()
    own_postbox.deliver(numbered(0)[0], came=now - 9 * DAY)
    for raw in [*numbered(1), make_mail("No id", Message_ID="")]:
        own_postbox.deliver(raw, came=now)
    mail_store.poll()
    own_postbox.number_anew()
    own_postbox.deliver(numbered(2)[0], came=now - 1.5 * DAY)
    assert mail_store.poll() is None
    assert mail_store.texts == ["Mail 0", "Mail 1", "No id", "Mail 2"]
    assert mail_store.repeated == 2
    assert mail_store.position["uidvalidity"] == own_postbox.validity()
    assert "since" not in mail_store.position
    own_postbox.deliver(numbered(3)[0])
    repeated = mail_store.repeated
    assert mail_store.poll() is None
    assert mail_store.texts[-1] == "Mail 3"
    assert mail_store.repeated == repeated


def test_reading_again_goes_on_where_it_was_interrupted(
    own_postbox: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_store = MailStore(own_postbox)
    mail_store.poll()
    for raw in numbered(1, 2, 3, 4, 5):
        own_postbox.deliver(raw)
    mail_store.poll()
    own_postbox.number_anew()
    own_postbox.deliver(numbered(6)[0])
    monkeypatch.setattr(polling, "BATCH", 2)
    for _ in range(3):
        assert mail_store.poll() is None
    assert mail_store.texts == texts(1, 2, 3, 4, 5, 6)
    assert mail_store.repeated == 5
    assert "since" not in mail_store.position


def test_an_empty_mailbox_numbered_anew_is_begun_again(own_postbox: Dovecot) -> None:
    mail_store = MailStore(own_postbox)
    mail_store.poll()
    mail_store.position |= {"uidvalidity": 1, "uid": 500}
    assert mail_store.poll() is None
    assert mail_store.position["uidvalidity"] == own_postbox.validity()
    own_postbox.deliver(make_mail())
    mail_store.poll()
    assert mail_store.texts == ["Hello"]


def test_a_date_in_the_future_does_not_hide_the_mails_of_today(
    own_postbox: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_store = MailStore(own_postbox)
    mail_store.poll()
    own_postbox.deliver(numbered(1)[0])
    with monkeypatch.context() as wrong:
        wrong.setattr(mailbox, "_internal_date", lambda text: datetime(2099, 1, 1, tzinfo=UTC))
        mail_store.poll()
    own_postbox.number_anew()
    own_postbox.deliver(numbered(2)[0])
    mail_store.poll()
    assert mail_store.texts == texts(1, 2)


# ------------------------------------------------------------------------------------------------ poison


def test_a_mail_of_30_mb_is_told_of_and_not_fetched(
    mail_store: MailStore, postbox: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched, whole = [], Mailbox.mail
    monkeypatch.setattr(Mailbox, "mail", lambda box, uid: (fetched.append(uid), whole(box, uid))[1])
    position = mail_store.position["uid"]
    postbox.deliver(make_mail(b"x" * 76 + b"\r\n", Subject="Photos")[:-2] + (b"x" * 76 + b"\r\n") * 403_000)  # fmt: skip
    postbox.deliver(numbered(2)[0])
    assert mail_store.poll() is None
    large, _ = mail_store.events.values()
    assert isinstance(large, InboundMessage)
    assert (large.type, large.subject) == ("unsupported", "Photos")
    assert large.people[0].key == "ana@guest.example"
    assert large.text == "[A mail of 30 MB, which is too large to fetch. It is in the mailbox.]"
    assert mail_store.texts[1] == "Mail 2"
    assert fetched == [position + 2]


def test_what_cannot_be_read_is_put_aside_and_the_rest_goes_on(
    mail_store: MailStore, postbox: Dovecot
) -> None:
    nested = "".join(
        f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(1_000)
    )
    poison = make_mail(Message_ID="<p@x>").partition(b"\r\n\r\n")[0] + b"\r\n" + nested.encode()
    postbox.deliver(numbered(1)[0])
    for raw in (poison, make_mail(From="", Message_ID="")):
        postbox.deliver(raw)
    postbox.deliver(make_mail(Subject="x" * 1_000_000, Message_ID="<[abc@x]>"))
    postbox.deliver(numbered(2)[0])
    assert mail_store.poll() is None
    assert mail_store.texts == ["Mail 1", "[This mail could not be read. It has been put aside.]", "Hello", "Mail 2"]  # fmt: skip
    assert [quarantined.raw for quarantined in mail_store.quarantined] == [
        poison,
        make_mail(From="", Message_ID=""),
    ]


def test_a_bug_in_reading_stops_no_mail(
    mail_store: MailStore, postbox: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(mail: Any) -> None:
        raise RecursionError

    postbox.deliver(make_mail())
    monkeypatch.setattr(inbound, "contents", broken)
    assert mail_store.poll() is None
    (quarantined,) = mail_store.quarantined
    assert quarantined.reason == "It could not be read (RecursionError)."
    assert quarantined.raw == make_mail()


def test_a_mail_the_server_never_hands_over_is_left_behind_and_said_so(
    mail_store: MailStore, postbox: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for raw in numbered(1, 2, 3):
        postbox.deliver(raw)
    bad, fetched = mail_store.position["uid"] + 2, Mailbox.mail

    def failing(box: Mailbox, uid: int) -> bytes | None:
        if uid == bad:
            raise MailboxError(Retry("It could not read the mailbox."))
        return fetched(box, uid)

    monkeypatch.setattr(Mailbox, "mail", failing)
    for _ in range(polling.MOST_FAILURES):
        assert mail_store.texts in ([], texts(1))
        assert mail_store.quarantined == []
        assert mail_store.poll() == Retry("It could not read the mailbox.")
    assert mail_store.poll() is None
    assert mail_store.texts == texts(1, 3)
    (quarantined,) = mail_store.quarantined
    assert (quarantined.reason, quarantined.raw) == (
        f"The mail server does not hand over mail {bad}.",
        b"",
    )
    assert {"failing", "failures"}.isdisjoint(mail_store.position)


def test_a_report_of_a_message_of_ours_is_a_receipt(
    mail_store: MailStore, postbox: Dovecot
) -> None:
    postbox.deliver(
        make_mail(
            "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
            "Action: failed\nStatus: 5.1.1\n\n"
            "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <jack.msg-9@hotel.example>\n\n--x--\n",
            From="MAILER-DAEMON@mx.example",
            Content_Type="multipart/report; report-type=delivery-status; boundary=x",
        )
    )
    mail_store.poll()
    (receipt,) = mail_store.receipts
    assert (receipt.provider_id, receipt.status) == ("<jack.msg-9@hotel.example>", "failed")
    assert mail_store.events == {}


# ------------------------------------------------------------------------------------------------ the account


@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ({"password": "wrong-password"}, Broken),
        ({"folder": "Nowhere"}, Broken),
        ({"security": "starttls"}, Broken),
        ({"host": "nowhere.invalid"}, Retry),
        ({"security": "tls"}, Retry),
    ],
)
def test_an_account_that_does_not_work_says_so(
    postbox: Dovecot, own: dict[str, Any], kind: type[Retry | Broken]
) -> None:
    mail_store = MailStore(postbox, **own)
    result = mail_store.poll()
    assert isinstance(result, kind)
    assert "wrong-password" not in result.error
    assert mail_store.position == {}


class TokenServer:
    """As much of an IMAP server as signing in with a token takes: what a client says is right, or refused with details."""

    def __init__(self, right: str) -> None:
        self.received = ""
        self._right = right
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        with self._listening, self._listening.accept()[0] as client, client.makefile("rwb") as line:

            def say(text: str) -> None:
                line.write(text.encode() + b"\r\n")
                line.flush()

            say("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] hello")
            for asked in line:
                tag, verb = asked.decode().split()[:2]
                if verb == "AUTHENTICATE":
                    say("+ ")
                    self.received = line.readline().decode().strip()
                    if self.received != self._right:
                        say("+ eyJzdGF0dXMiOiI0MDEifQ==")
                        assert line.readline() == b"\r\n"
                        say(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials")
                        continue
                elif verb == "CAPABILITY":
                    say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2")
                elif verb == "EXAMINE":
                    say("* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5] x")
                elif verb == "UID":
                    say("* SEARCH 4")
                say(f"{tag} OK done")


@pytest.mark.parametrize(("token", "kind"), [("ya29.TOKEN", type(None)), ("stale", Broken)])
def test_a_token_stands_for_the_password(token: str, kind: type) -> None:
    server = TokenServer("dXNlcj1mcm9udEBob3RlbHNvbC5teAFhdXRoPUJlYXJlciB5YTI5LlRPS0VOAQE=")
    settings = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "username": "front@hotelsol.mx",
    }
    places: list[Mapping[str, Any]] = []
    result = email.poll(
        account(imap=settings, auth="xoauth2", accessToken=token),
        {},
        lambda events, position: places.append(position),
    )
    server.thread.join(10)
    assert isinstance(result, kind)
    assert token not in getattr(result, "error", "")
    assert [position["uid"] for position in places] == ([4] if result is None else [])


def test_nothing_of_a_mail_is_logged(
    own_postbox: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail_store = MailStore(own_postbox)
    mail_store.poll()
    own_postbox.deliver(make_mail("Private words"))
    own_postbox.deliver(make_mail("Private words", From=""))
    mail_store.poll()
    own_postbox.number_anew()
    mail_store.poll()
    assert len(mail_store.events) == 2
    assert "numbered anew" in caplog.text
    for private in ("Private", "guest.example", "Towels"):
        assert private not in caplog.text
