"""Password reset mail: who gets it, what is in it, and what happens when it cannot be sent."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jack.channels.mail import inbound
from jack.core.databases import Databases
from jack.core.db import Database
from jack.core.errors import Unauthorized
from jack.messaging.outgoing import SigningContext
from jack.resources.auth import password_reset, passwords, sessions
from jack.resources.channel_accounts import store as accounts
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.worker import password_reset_mail
from jack.worker.loop import Worker
from tests.builders import make_member
from tests.conftest import PASSWORD, Clock
from tests.peers.smtp import Smtp, Taken, smtp
from tests.sweeps.hotel import quick_hasher

URL = "https://jack.example"
OWN = "front@hotel.example"
JANE = "jane@hotel.example"
ACCOUNT = f"email:{OWN}"


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", quick_hasher())


@pytest.fixture
def relay() -> Iterator[Smtp]:
    with smtp() as server:
        yield server


@pytest.fixture
def jane(db: Database, relay: Smtp) -> str:
    """A member of staff of a hotel whose e-mail is connected; returns her id."""
    connect(db, relay)
    settings.put(db, "hotel", {"name": "Hotel {Sol}", "timeZone": "UTC", "language": "en"})
    return str(make_member(db, name="Jane {Doe}", email=JANE)["id"])


def connect(db: Database, relay: Smtp, **own: Any) -> None:
    imap = {"host": "127.0.0.1", "password": "never asked"}
    servers = {"smtp": relay.settings(), "imap": imap}
    settings.put(db, "channels.email", {"enabled": True, "address": OWN, **servers, **own})


def token_in(taken: Taken) -> str:
    (token,) = re.findall(rf"^{URL}/invite#(\S+)$", taken.text, re.MULTILINE)
    return str(token)


def asked(db: Database) -> list[Any]:
    return db.all("SELECT email_key, attempts FROM password_resets")


def test_a_member_gets_a_mail_whose_link_sets_a_password_and_ends_all_sessions(
    db: Database, jane: str, relay: Smtp
) -> None:
    session, _ = sessions.begin_session(db, jane, hours=24)
    password_reset.request(db, JANE)
    password_reset_mail.send_due(db, URL)
    (taken,) = relay.desk.taken
    mail = taken.mail
    assert taken.recipients == [JANE]
    assert (mail["From"], mail["To"]) == (OWN, JANE)
    assert mail["Subject"] == "A new password for Jack at Hotel {Sol}"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Reply-To" not in mail
    assert mail.get_content_type() == "multipart/alternative"
    assert taken.text.startswith("Hello Jane {Doe},")
    assert asked(db) == []
    assert sessions.accept_invite(db, token_in(taken), PASSWORD).staff_id == jane
    assert sessions.check_credentials(db, JANE, PASSWORD).staff_id == jane
    ended = sessions.session(db, session)
    assert ended is not None
    assert ended["revoked_at"]


def test_the_link_works_once_and_for_two_hours(
    db: Database, jane: str, relay: Smtp, clock: Clock
) -> None:
    for _ in range(2):
        password_reset.request(db, JANE)
        password_reset_mail.send_due(db, URL)
    first, second = (token_in(taken) for taken in relay.desk.taken)
    with pytest.raises(Unauthorized):
        sessions.accept_invite(db, first, PASSWORD)
    clock.move(2 * 3600)
    with pytest.raises(Unauthorized, match="expired"):
        sessions.accept_invite(db, second, PASSWORD)


def test_an_older_invitation_stops_working_and_the_password_goes_on(
    db: Database, jane: str, relay: Smtp
) -> None:
    sessions.set_password(db, jane, PASSWORD)
    older, _ = sessions.invite(db, jane)
    password_reset.request(db, JANE)
    password_reset_mail.send_due(db, URL)
    assert sessions.check_credentials(db, JANE, PASSWORD).staff_id == jane
    with pytest.raises(Unauthorized):
        sessions.accept_invite(db, older, "another good password")


@pytest.mark.parametrize(
    ("language", "says"), [("es", "Hola, Jane"), ("es-MX", "Hola, Jane"), ("de", "Hello Jane")]
)
def test_it_is_in_the_hotels_language(
    language: str, says: str, db: Database, jane: str, relay: Smtp
) -> None:
    settings.put(db, "hotel", {"name": "Hotel Sol", "timeZone": "UTC", "language": language})
    password_reset.request(db, JANE)
    password_reset_mail.send_due(db, URL)
    assert relay.desk.taken[0].text.startswith(says)


def test_nobody_else_gets_one_and_nothing_stays(db: Database, jane: str, relay: Smtp) -> None:
    staff.change(db, jane, active=False)
    for address in (JANE, "nobody@hotel.example", "no address at all"):
        password_reset.request(db, address)
    password_reset_mail.send_due(db, URL)
    assert relay.desk.taken == []
    assert asked(db) == []
    assert db.value("SELECT count(*) FROM invites") == 0


def test_one_that_comes_back_into_the_hotels_mailbox_is_shown_to_nobody(
    db: Database, jane: str, relay: Smtp
) -> None:
    password_reset.request(db, JANE)
    password_reset_mail.send_due(db, URL)
    raw = relay.desk.taken[0].raw
    renamed = re.sub(rb"(?m)^Message-ID: .*$", b"Message-ID: <other@relay.example>\r", raw)
    for content in (raw, renamed):
        assert inbound.events_of(content, db.now(), OWN) == []


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_one_that_cannot_leave_is_tried_again_with_longer_and_longer_pauses(
    step: str, db: Database, jane: str, relay: Smtp, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    relay.desk.answers = {"MAIL <>": "451 later", step: "451 later"}
    password_reset.request(db, JANE)
    for attempts, pause in enumerate((60, 120, 240), 1):
        password_reset_mail.send_due(db, URL)
        assert asked(db) == [{"email_key": JANE, "attempts": attempts}]
        clock.move(pause - 1)
        assert password_reset.due(db) == []
        clock.move(1)
    assert accounts.get(db, ACCOUNT)["last_error"] == "The mail server says: 451 later"
    assert "did not leave: The mail server says: 451 later" in caplog.text
    relay.desk.answers = {}
    password_reset_mail.send_due(db, URL)
    (taken,) = relay.desk.taken
    assert sessions.accept_invite(db, token_in(taken), PASSWORD).staff_id == jane
    assert asked(db) == []


def test_it_is_given_up_after_an_hour(db: Database, jane: str, relay: Smtp, clock: Clock) -> None:
    connect(db, relay, smtp=relay.settings(password="wrong"))
    password_reset.request(db, JANE)
    password_reset_mail.send_due(db, URL)
    clock.move(3600)
    assert password_reset.due(db) == [JANE]
    connect(db, relay)
    password_reset_mail.send_due(db, URL)
    assert asked(db) == []
    assert relay.desk.taken == []


def test_an_address_the_server_refuses_is_not_tried_again(
    db: Database, jane: str, relay: Smtp
) -> None:
    relay.desk.answers["RCPT"] = "550 5.1.1 no such user"
    password_reset.request(db, JANE)
    password_reset_mail.send_due(db, URL)
    assert asked(db) == []


def test_two_whose_line_is_cut_have_names_of_their_own(
    db: Database, jane: str, relay: Smtp, clock: Clock
) -> None:
    """The second has another link: a mail program that took it for the first would go on showing the dead one."""
    relay.desk.drop = "DATA"
    password_reset.request(db, JANE)
    for _ in range(2):
        password_reset_mail.send_due(db, URL)
        clock.move(60)
    assert len({taken.mail["Message-ID"] for taken in relay.desk.taken}) == 2


def test_it_waits_while_e_mail_is_switched_off_and_no_invitation_is_lost(
    db: Database, jane: str, relay: Smtp, clock: Clock
) -> None:
    older, _ = sessions.invite(db, jane)
    connect(db, relay, enabled=False)
    password_reset.request(db, JANE)
    password_reset_mail.send_due(db, URL)
    assert (password_reset.due(db), relay.desk.taken) == ([], [])
    assert sessions.accept_invite(db, older, PASSWORD).staff_id == jane
    connect(db, relay)
    clock.move(60)
    password_reset_mail.send_due(db, URL)
    assert len(relay.desk.taken) == 1


def test_asked_again_it_is_tried_at_once(db: Database, jane: str, relay: Smtp) -> None:
    relay.desk.answers["MAIL"] = relay.desk.answers["MAIL <>"] = "451 later"
    password_reset.request(db, JANE)
    password_reset_mail.send_due(db, URL)
    assert password_reset.due(db) == []
    password_reset.request(db, JANE)
    assert password_reset.due(db) == [JANE]


def test_no_link_is_in_the_log_or_the_database(
    db: Database, jane: str, relay: Smtp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    relay.desk.drop = "DATA"
    password_reset.request(db, JANE)
    password_reset_mail.send_due(db, URL)
    token = token_in(relay.desk.taken[0])
    ours = [record for record in caplog.records if record.name.startswith("jack")]
    assert ours
    for record in ours:
        assert token not in record.getMessage()
        assert JANE not in record.getMessage()
    assert (
        token.encode() not in db.path.read_bytes() + db.path.with_name("jack.db-wal").read_bytes()
    )


def test_the_worker_does_it(
    db: Database, jane: str, relay: Smtp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing = SigningContext("secret", URL)
    jobs = Worker(Databases(db.path, time=db.time), tmp_path / "lock", signing=signing)._jobs
    monkeypatch.setattr(jobs.mailbox, "is_due", lambda db: False)
    password_reset.request(db, JANE)
    jobs.begin_due(db)
    assert jobs._link_mail._thread is not None
    jobs._link_mail._thread.join(20.0)
    assert token_in(relay.desk.taken[0])
