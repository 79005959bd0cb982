"""Returned mail in all its forms, and what only looks like it."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from jack.channels.mail import inbound
from tests.channels.mails import AT, OWN, event_of, in_parts, make_mail, only


def report(*recipients: str, about: str, copied: str = "message/rfc822") -> bytes:
    """A delivery report about a message of ours."""
    status = "Reporting-MTA: dns; mx.example\n\n" + "\n\n".join(recipients)
    raw = in_parts(
        "multipart/report; report-type=delivery-status",
        "Content-Type: text/plain\n\nIt could not be delivered.",
        f"Content-Type: message/delivery-status\n\n{status}\n",
        f"Content-Type: {copied}\n\nFrom: {OWN}\nMessage-ID: {about}\nSubject: Welcome\n\nHi\n",
    )
    return raw.replace(b"Ana <Ana@guest.example>", b"MAILER-DAEMON@mx.example")


FAILED = "Final-Recipient: rfc822; ana@guest.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <ana@guest.example> unknown"
OURS = "<jack.msg-1@hotel.example>"


@pytest.mark.parametrize("copied", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_marks_the_message_it_is_about(copied: str) -> None:
    event = event_of(report(FAILED, about=OURS, copied=copied))
    assert (event.provider_id, event.status, event.at) == (OURS, "failed", AT)
    assert event.error == "The mailbox does not exist."
    assert dict(event.report) == {
        "code": "5.1.1",
        "cause": "no_such_mailbox",
        "diagnosis": "550 5.1.1 <(address)> unknown",
    }


def test_a_report_without_a_copy_names_what_it_answers() -> None:
    raw = report(FAILED, about="").replace(b"Subject: Towels", f"In-Reply-To: {OURS}".encode(), 1)
    assert event_of(raw).provider_id == OURS


def test_a_delay_is_no_failure() -> None:
    event = event_of(report(FAILED.replace("failed", "delayed"), about=OURS))
    assert (event.provider_id, event.status) == (OURS, "delayed")


@pytest.mark.parametrize("about", ["<other@hotel.example>", "<jack.msg-1@elsewhere.example>"])
def test_a_report_about_anything_else_is_a_robots_message(about: str) -> None:
    event = only(report(FAILED, about=about))
    assert event.automatic
    assert event.text.startswith("It could not be delivered.")


@pytest.mark.parametrize(("fields", "status"), [
    ("Action: expired\nStatus: 4.4.7", "failed"), ("Status: 5.2.2", "failed"), ("Status: 4.2.2", "delayed"), ("Status: 4.4.7", "failed"),
    ("Status: 5.1.1\nAction: Failed (no such user)\nFinal-Recipient: rfc822; ana@guest.example", "failed"), ("Action: delivered\nStatus: 2.0.0", "delivered"),
    ("Action: delayed\nStatus: 4.4.7", "delayed"),
])  # fmt: skip
def test_a_report_says_what_has_become_of_it(fields: str, status: str) -> None:
    assert event_of(report(fields, about=OURS)).status == status


def test_a_mail_that_went_on_is_no_failure() -> None:
    assert only(report("Action: relayed\nStatus: 2.0.0", about=OURS)).automatic


RETURNED = f"I could not deliver it.\n\n{{}}\n\n--- a copy of the message\n\nFrom: {OWN}\nMessage-ID: {OURS}\nReferences: <jack.msg-0@hotel.example>\n\nHi"


@pytest.mark.parametrize("sender", ["MAILER-DAEMON", "<>", "Mailer-Daemon@mx.example", "postmaster@mx.example", "Mail Delivery System <x@mx.example>"])  # fmt: skip
def test_a_report_in_words_is_known_whoever_the_server_says_it_is(sender: str) -> None:
    event = event_of(make_mail(RETURNED.format("550 5.2.2 full"), From=sender))
    assert (event.provider_id, event.status) == (OURS, "failed")
    assert event.error == "The mailbox is full."


@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_a_report_is_read_in_any_encoding(encoding: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "MAILER-DAEMON@mx.example", "failure notice"
    mail.set_content(RETURNED.format("user unknown"), cte=encoding)
    assert event_of(mail.as_bytes()).error == "The mailbox does not exist."


@pytest.mark.parametrize(("words", "error"), [
    ("550 5.1.1 x", "The mailbox does not exist."), ("550 No such user", "The mailbox does not exist."), ("452 4.2.2 quota", "The mailbox is full."),
    ("550 5.2.1 disabled", "The mailbox is switched off."), ("Host guest.example not found", "The domain of the address does not exist, or takes no mail."),
    ("552 5.3.4 too large", "The mail is too large for the mailbox."), ("550 5.7.26 DMARC", "Their mail server could not verify that the mail is ours (SPF, DKIM, DMARC)."),
    ("554 looks like spam", "Their mail server took the mail for spam."), ("554 5.4.6 loop", "The mail went in circles between mail servers."),
    ("connection refused", "Their mail server could not be reached."), ("550 5.7.1 go away", "Their mail server refuses the mail."), ("550 hm", "The mail was returned."),
])  # fmt: skip
def test_why_is_said_in_plain_words(words: str, error: str) -> None:
    raw = make_mail(RETURNED.format(words), From="MAILER-DAEMON@mx.example")
    assert event_of(raw).error == error


@pytest.mark.parametrize("headers", [
    {}, {"Subject": "Fwd: Undelivered mail returned to sender"}, {"Auto-Submitted": "auto-replied", "Subject": "Away until Monday"},
    {"Return-Path": "<>", "Subject": "Automatic reply: Towels", "In-Reply-To": OURS},
    {"From": "postmaster@mx.example", "Subject": "Successful mail delivery report"},
])  # fmt: skip
def test_what_a_person_or_their_out_of_office_sends_is_no_failure(headers: dict[str, str]) -> None:
    """Also with our whole mail below it."""
    assert only(make_mail(RETURNED.format("You had written:"), **headers)).text


def test_a_report_that_a_person_passes_on_is_theirs() -> None:
    inner = report(FAILED, about=OURS).decode().replace("frontier", "inner")
    raw = in_parts("multipart/mixed", "Content-Type: text/plain\n\nLook!", f"Content-Type: message/rfc822\n\n{inner}")  # fmt: skip
    assert only(raw).text == "Look!"
    body = report(FAILED, about=OURS).partition(b"\r\n\r\n")[2]
    wrapped = make_mail(body, Content_Type='multipart/mixed; boundary="frontier"')
    assert not only(wrapped).automatic


@pytest.mark.parametrize("kind", ["feedback-report", "disposition-notification"])
def test_a_report_of_what_somebody_did_with_it_is_no_failure(kind: str) -> None:
    raw = in_parts(
        f"multipart/report; report-type={kind}",
        "Content-Type: text/plain\n\nIt failed to please.",
        f"Content-Type: message/{kind}\n\nFeedback-Type: abuse\n",
        f"Content-Type: text/rfc822-headers\n\nMessage-ID: {OURS}\n",
    )
    assert only(raw.replace(b"Ana@guest", b"postmaster@guest")).automatic


@pytest.mark.parametrize("line", [
    "> > > > > > > > > > > > >\n", "  from: x\n", "from: x\n", "> " * 5_000 + "\n", "jack." * 2_000 + "\n", "message-id: <jack.\n", "unknown user mailbox host\n",
    "host name site domain " * 200 + "\n",
])  # fmt: skip
def test_a_report_made_to_be_slow_is_read_at_once(line: str) -> None:
    began = time.process_time()
    raw = make_mail(
        RETURNED.format(("From: x\n" + line * (300_000 // len(line)))[:300_000]), From="<>"
    )
    inbound.events_of(raw, AT, OWN)
    assert time.process_time() - began < 5
