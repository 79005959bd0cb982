"""Mails as they leave: threaded, marked, and whole whatever is in them."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from jack.channels.mail import inbound
from jack.channels.mail.compose import LONGEST_SUBJECT, compose, recipient, subject
from jack.channels.mail.reply_tokens import conversation_of, reply_token
from jack.channels.types import File, InboundMessage, Quoted, Thread
from tests.channels.mails import AT, OUTLOOK_ID, OWN, account, encoded, event_of, outgoing

SECRET = "s" * 32
CONVERSATION = "conv-01900000-0000-7000-8000-000000000001"
HEADERS = ["From", "To", "Date", "Message-ID", "Subject", "In-Reply-To", "References"]
OF_CONTENT = ["MIME-Version", "Content-Type"]
INJECTED = "Hi\r\nReply-To: e@evil.example\r\n\r\nPay here"
INJECTIONS = [
    INJECTED,
    INJECTED.replace("\r", ""),
    INJECTED.replace("\n", ""),
    INJECTED.replace("\r\n", "\u2028"),
    encoded(INJECTED),
    encoded(INJECTED.replace("\r", "")),
    encoded(INJECTED.replace("\n", "")),
    encoded(encoded(INJECTED)),
    "Hi =?utf-8?b?DQpCY2M6IGVAZXZpbC5leGFtcGxlDQoNClBheQ==?= =?utf-8?q?=0A?=",
    "=?=?utf-8?q?=0D=0ABcc:_e@evil.example?=",
    "=\x00?utf-8?q?=0D=0ABcc:_e@evil.example?=",
]


def written(*, settings: dict[str, Any] | None = None, **own: Any) -> EmailMessage:
    """A message as a mail program reads it."""
    raw = compose(account(**(settings or {})), outgoing(**own))
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    made = message_from_bytes(raw, policy=policy.default)
    assert isinstance(made, EmailMessage)
    return made


def text_of(mail: EmailMessage) -> str:
    """The plain part."""
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    """What is in the body of the HTML part."""
    part = mail.get_body(("html",))
    assert isinstance(part, EmailMessage)
    whole = str(part.get_content()).replace("\r\n", "\n")
    return whole.partition("<body>\n")[2].partition("\n</body>")[0]


def plain(words: str) -> str:
    """The same on one line, with nothing in it that could be decoded."""
    return " ".join(words.replace("\x00", "").split()).replace("=?", "= ?")


def test_a_message_is_a_mail_to_the_guest() -> None:
    mail = written(text="¡Enseguida!\n\nSol")
    assert mail["From"] == f"Hotel Sol <{OWN}>"
    assert mail["To"] == "Ana@guest.example"
    assert mail["Message-ID"] == "<jack.msg-1@hotel.example>"
    assert mail["Date"].datetime is not None
    assert text_of(mail) == "¡Enseguida!\r\n\r\nSol\r\n"
    assert {"Auto-Submitted", "X-Auto-Response-Suppress", "In-Reply-To", "Reply-To"}.isdisjoint(
        mail.keys()
    )


def test_it_has_the_same_id_on_every_try() -> None:
    assert written()["Message-ID"] == written(text="Other")["Message-ID"]
    assert written()["Message-ID"] != written(key="msg-2")["Message-ID"]


def test_it_names_what_it_answers_and_all_before() -> None:
    thread = Thread(in_reply_to="<c@x>", references=("<a@x>", "<b@x>", "<c@x>", "<a@x>"))
    mail = written(thread=thread)
    assert mail["In-Reply-To"] == "<c@x>"
    assert mail["References"].split() == ["<a@x>", "<b@x>", "<c@x>"]


def test_an_id_of_120_characters_leaves_whole() -> None:
    raw = compose(
        account(), outgoing(thread=Thread(in_reply_to=OUTLOOK_ID, references=(OUTLOOK_ID,)))
    )
    assert f"\r\nIn-Reply-To: {OUTLOOK_ID}\r\n".encode() in raw
    assert f"\r\nReferences: {OUTLOOK_ID}\r\n".encode() in raw
    assert event_of(
        raw.replace(b"<jack.", b"<theirs.").replace(b"front@", b"ana@")
    ).in_reply_to == (OUTLOOK_ID,)


def test_of_a_long_thread_the_first_and_the_latest_are_named() -> None:
    thread = Thread(in_reply_to="<99@x>", references=tuple(f"<{n}@x>" for n in range(99)))
    named = written(thread=thread)["References"].split()
    assert named == ["<0@x>", *(f"<{n}@x>" for n in range(80, 100))]


def test_what_is_no_id_is_not_named() -> None:
    mail = written(thread=Thread(in_reply_to="x\r\nBcc: a@b", references=("raw:12", "<a b@x>")))
    assert {"Bcc", "In-Reply-To", "References"}.isdisjoint(mail.keys())


@pytest.mark.parametrize("words", INJECTIONS)
def test_a_subject_is_never_more_than_a_subject(words: str) -> None:
    mail = written(thread=Thread(subject=words, in_reply_to="<a@x>"))
    assert mail.keys() == HEADERS + OF_CONTENT
    assert mail["Subject"] == f"Re: {plain(words)}"[:LONGEST_SUBJECT]
    assert text_of(mail) == "At once.\r\n"


@pytest.mark.parametrize("words", INJECTIONS)
def test_an_id_is_never_more_than_an_id(words: str) -> None:
    name = f"<{words.replace(' ', '_')}@x>"
    mail = written(thread=Thread(in_reply_to=name, references=("<a@x>", name)))
    assert set(mail.keys()) <= {*HEADERS, *OF_CONTENT}
    assert mail["References"].split()[0] == "<a@x>"
    assert text_of(mail) == "At once.\r\n"


def test_an_id_that_looks_encoded_leaves_as_it_is() -> None:
    name = f"<{encoded('ñ')}@x>"
    raw = compose(account(), outgoing(thread=Thread(in_reply_to=name, references=(name,))))
    assert f"\r\nIn-Reply-To: {name}\r\nReferences: {name}\r\n".encode() in raw


def test_an_id_no_header_can_carry_is_not_named() -> None:
    mail = written(thread=Thread(in_reply_to="<ñ@x>", references=("<\x00@x>", "<a@x>")))
    assert (mail["In-Reply-To"], mail["References"]) == (None, "<a@x>")


@pytest.mark.parametrize(
    "to",
    [
        f"{encoded(INJECTED)}@guest.example",
        f"ana@{encoded('a')}.example",
        "ana@＝？utf-8？q？a＝0D＝0A？＝.example",
        "ana@guest.example＞.ñ",
        "ana@a，eve＠evil.ñ",
        "a\x00@guest.example",
        "ana@guest.example\nBcc: e@evil.example",
    ],
)
def test_what_is_more_than_an_address_is_none(to: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        recipient(to)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("Towels", "Re: Towels"),
        ("Re: Towels", "Re: Towels"),
        ("RE: AW: Fwd: SV: RV: FW: TR: ENC: Towels", "Re: Towels"),
        ("Re[4]: Re : Towels", "Re: Towels"),
        ("Reservation", "Re: Reservation"),
        ("Towels\r\nBcc: a@b", "Re: Towels Bcc: a@b"),
        ("Re:", "Re: Hotel Sol"),
        (None, "Re: Hotel Sol"),
    ],
)
def test_an_answer_says_re_once(given: str | None, made: str) -> None:
    assert written(thread=Thread(subject=given, in_reply_to="<a@x>"))["Subject"] == made


def test_a_first_mail_has_its_subject_as_it_is_or_the_hotels_name() -> None:
    assert subject(outgoing(thread=Thread(subject="Your stay")), "Sol") == "Your stay"
    assert subject(outgoing(), "Sol") == "Sol"


def test_the_reply_address_names_the_conversation() -> None:
    mail = written(thread=Thread(token=reply_token(SECRET, CONVERSATION)))
    address = mail["Reply-To"].addresses[0].addr_spec
    assert len(address.partition("@")[0]) <= 64
    answer = b"From: ana@guest.example\r\nTo: " + address.upper().encode() + b"\r\n\r\nYes"
    assert conversation_of(SECRET, event_of(answer).token) == CONVERSATION


def test_a_long_address_goes_without_a_token() -> None:
    settings = {"address": f"{'reservations' * 3}@hotel.example"}
    mail = written(settings=settings, thread=Thread(token=reply_token(SECRET, CONVERSATION)))
    assert mail["Reply-To"] is None


@pytest.mark.parametrize(
    ("thread", "says"),
    [(Thread(in_reply_to="<a@x>"), "auto-replied"), (Thread(), "auto-generated")],
)
def test_what_no_person_wrote_says_so(thread: Thread, says: str) -> None:
    mail = written(automatic=True, thread=thread)
    assert mail["Auto-Submitted"] == says
    assert mail["X-Auto-Response-Suppress"] == "All"


def test_two_programs_facing_each_other_end_at_once() -> None:
    """What Jack sends by itself is known as such when another hotel's Jack reads it: it answers nothing automatic."""
    ours = compose(account(), outgoing(automatic=True, to="front@other.example"))
    from tests.channels.mails import AT

    (event,) = inbound.events_of(ours, AT, "front@other.example")
    assert getattr(event, "automatic", None) is True


@pytest.mark.parametrize(
    "name",
    [
        'Sol "y" Mar, S.A.',
        f"Sol{' y Mar' * 20}, <S.A.> (centro)",
        "Hôtel Été",
        "",
        *INJECTIONS,
    ],
)
def test_a_name_is_never_more_than_a_name(name: str) -> None:
    mail = written(settings={"name": name}, thread=Thread(token="a" * 39))
    for header in ("From", "Reply-To"):
        (person,) = mail[header].addresses
        assert person.addr_spec.replace(f"+c.{'a' * 39}", "") == OWN
        assert person.display_name == plain(name)
    assert mail.keys() == [*HEADERS[:4], "Reply-To", "Subject", *OF_CONTENT]
    assert text_of(mail) == "At once.\r\n"


@pytest.mark.parametrize(
    "text", ["x" * 5000, "a\x00b\ud800", ".\n..\nFrom a", "ñ" * 2000, "\n\na", ""]
)
def test_any_text_arrives_as_it_was_written(text: str) -> None:
    kept = text.replace("\x00", "").replace("\ud800", "").rstrip("\r\n")
    assert text_of(written(text=text)).replace("\r\n", "\n").rstrip("\n") == kept


@pytest.mark.parametrize(
    ("mime", "sent"),
    [
        ("application/pdf", "application/pdf"),
        ("image/png", "image/png"),
        ("text/plain", "text/plain"),
        ("message/rfc822", "application/octet-stream"),
        ("multipart/mixed", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        ("a/b\r\nBcc: x", "application/octet-stream"),
    ],
)
def test_files_are_attached(tmp_path: Path, mime: str, sent: str) -> None:
    path = tmp_path / "stored"
    path.write_bytes(b"\x00\x01\r\nx" * 1000)
    file = File(name="Menú del día.pdf", mime=mime, size=6000, path=str(path), url="")
    (part,) = written(files=(file,)).iter_attachments()
    assert part.get_filename() == "Menú del día.pdf"
    assert part.get_content_type() == sent
    assert part.get_payload(decode=True) == path.read_bytes()


@pytest.mark.parametrize("name", INJECTIONS)
def test_the_name_of_a_file_is_never_more_than_a_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "stored"
    path.write_bytes(b"x")
    file = File(name=f"{name}.pdf", mime="application/pdf", size=1, path=str(path), url="")
    (part,) = written(files=(file,)).iter_attachments()
    assert part.get_filename() == f"{plain(name)}.pdf"
    assert {*part.keys()} == {*OF_CONTENT, "Content-Transfer-Encoding", "Content-Disposition"}
    assert part.get_payload(decode=True) == b"x"


def test_the_text_is_in_a_plain_part_and_in_a_simple_html_part() -> None:
    mail = written(text="Dear Ana,\n\n  <b>5 & 6</b> at https://sol.example/a?b=1&c=2.\n> yes")
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(mail).startswith("Dear Ana,\r\n\r\n  <b>5 & 6</b> at https://sol")
    link = "https://sol.example/a?b=1&amp;c=2"
    assert html_of(mail) == (
        '<div dir="auto">Dear Ana,<br>\n<br>\n\xa0 &lt;b&gt;5 &amp; 6&lt;/b&gt; at '
        f'<a href="{link}">{link}</a>.<br>\n&gt; yes</div>'
    )


def test_below_stand_the_signature_and_what_is_answered() -> None:
    quoted = Quoted("On 2026-05-28 22:26, Ana <3 wrote:", "A cot, please?\n\n> Hello\nAna")
    mail = written(text="Of course.", signature="Hotel Sol\n+34 555 0100", quoted=quoted)
    assert text_of(mail).replace("\r\n", "\n") == (
        "Of course.\n\n-- \nHotel Sol\n+34 555 0100\n\n"
        "On 2026-05-28 22:26, Ana <3 wrote:\n> A cot, please?\n>\n>> Hello\n> Ana\n"
    )
    html = html_of(mail)
    assert "-- <br>\nHotel Sol<br>\n+34 555 0100</div>" in html
    assert '<div dir="auto">On 2026-05-28 22:26, Ana &lt;3 wrote:</div>' in html
    assert "A cot, please?<br>\n<br>\n&gt; Hello<br>\nAna</blockquote>" in html


def test_an_answer_read_by_a_program_of_the_same_kind_is_its_text_alone() -> None:
    quoted = Quoted("On 2026-05-28 22:26, Ana wrote:", "A cot, please?")
    raw = compose(account(), outgoing(text="Of course.", quoted=quoted, to="a@other.example"))
    (event,) = inbound.events_of(raw, AT, "a@other.example")
    assert isinstance(event, InboundMessage)
    assert event.text == "Of course."


@pytest.mark.parametrize("own", [{}, {"automatic": True}, {"thread": Thread(in_reply_to="<a@x>")}])
def test_a_mail_to_a_guest_is_no_mailing_list(own: dict[str, Any]) -> None:
    names = {name.lower() for name in written(**own).keys()}  # noqa: SIM118 (headers, repeated ones too)
    assert not {name for name in names if name.startswith("list-")} | (names & {"precedence"})
