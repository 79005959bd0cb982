"""Returned mail, in any form: which of our messages could not be delivered or is late, and why.

A report is believed where two things meet: it comes from a mail server, and it carries the Message-ID of a mail of ours, which
only its recipient and the mail servers on its way know. Reports of RFC 3464 say in fields what has become of the mail; those of
qmail, Exim, Exchange and many others say it in words.
"""

from __future__ import annotations

import re
from email.message import Message
from itertools import chain
from typing import TYPE_CHECKING, Literal

from jack.channels.mail import bounce_reasons
from jack.channels.mail.bounce_words import DELAYED, DELIVERED, FINAL, RETURNED
from jack.channels.mail.charsets import decoded
from jack.channels.mail.headers import clean, display_text, first, ids, raw
from jack.channels.mail.message_ids import ids_in_text, is_ours
from jack.channels.mail.mime import headers_of
from jack.channels.types import DeliveryReceipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.channels.mail.bounce_reasons import Reason
    from jack.channels.mail.headers import Mail

Status = Literal["failed", "delayed", "delivered"]

ACTIONS: dict[str, Status] = {
    "failed": "failed",
    "failure": "failed",
    "expired": "failed",
    "undeliverable": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
}
CLASSES: dict[str, Status] = {"2": "delivered", "4": "delayed", "5": "failed"}  # RFC 3463
NO_STATUS = frozenset({"relayed", "expanded"})  # it went on, to where nobody reports

REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
HEADERS = frozenset({"text/rfc822-headers", "message/global-headers", "message/rfc822-headers"})
MAILS = frozenset({"message/rfc822", "message/global"})
# Reports of what somebody did with a mail that has arrived: opened it, called it spam.
ARRIVED = frozenset({"message/feedback-report", "message/disposition-notification"})

SERVER = re.compile(
    r"mailer[-_. ]?daemon|poo?st[-_. ]?master|mail[-_. ]?daemon|mail delivery|mail administrator|delivery (?:sub)?system",
    re.IGNORECASE,
)
NOBODY = re.compile(
    r"\s*(?:<\s*>)?\s*"
)  # who a report is from that must not be answered (RFC 5321)
PROGRAM = re.compile(r"\b(?:no|do-?not|dont)[-_.]?reply\b|sysadmin@", re.IGNORECASE)
# Where the returned mail begins: two headers below each other.
COPY = re.compile(
    r"^[>| \t]*(?:return-path|received|from|to|subject|date|message-id|mime-version|x-[a-z-]+):[ \t].*\n(?:[>| \t]++\S.*\n)*"
    r"[>| \t]*[a-z][a-z0-9-]+:[ \t]",
    re.IGNORECASE | re.MULTILINE,
)
RECIPIENT = re.compile(r"^(?:final|original)-recipient:", re.IGNORECASE | re.MULTILINE)
LONGEST_TEXT = 200_000  # characters of a part
MOST_BEFORE_COPY = 20_000
SHORTEST_REPORT = 80


def receipts(mail: Mail, domain: str, at: str) -> list[DeliveryReceipt]:
    """The receipts in a returned mail; none when it is none, or about a mail that Jack did not send."""
    parts = list(_parts(mail))
    if not _from_a_server(mail, parts) or any(part.get_content_type() in ARRIVED for part in parts):
        return []
    texts = [text for part in parts for text in _texts(part)]
    about, is_copy = _about(mail, parts, texts, domain)
    if about is None:
        return []
    text = "\n".join(_before_copy(text) for text in texts)
    if blocks := list(_recipients(parts, texts)):
        found = [_of_recipient(block, about, at, first(mail, "subject"), text) for block in blocks]
        return list(dict.fromkeys(receipt for receipt in found if receipt))
    attached = any(part.get_content_type() in MAILS for part in parts)
    status = _status_in_words(mail, text, is_copy=is_copy, attached=attached)
    if status is None:
        return []
    reason = bounce_reasons.reason("", bounce_reasons.diagnosis_in(text))
    return [_receipt(about, status, at, reason)]


# ------------------------------------------------------------------------------------------------ who reports


def _parts(part: Mail) -> Iterator[Mail]:
    """The parts of a mail, itself included; not those of the mails attached to it."""
    yield part
    inside = part.get_payload()
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        for child in inside if isinstance(inside, list) else []:
            if isinstance(child, Message):
                yield from _parts(child)


def _from_a_server(mail: Mail, parts: list[Mail]) -> bool:
    """Whether a mail server may have written it. Somebody who forwards a report is a person."""
    return (
        _named_server(mail)
        or first(mail, "return-path").replace(" ", "") == "<>"
        or first(mail, "auto-submitted").strip().lower().startswith("auto-")
        or bool(PROGRAM.search(first(mail, "from")))
        or (mail.get_content_type() == "multipart/report" and any(_is_report(it) for it in parts))
    )


def _named_server(mail: Mail) -> bool:
    """Whether it is from a mail server by its name, or from nobody."""
    senders = [*raw(mail, "from"), *raw(mail, "sender")]
    return (
        bool(raw(mail, "x-failed-recipients"))
        or any(SERVER.search(display_text(sender)) for sender in senders)
        or (bool(senders) and all(NOBODY.fullmatch(sender) for sender in senders))
    )


def _is_report(part: Mail) -> bool:
    return part.get_content_type() in REPORTS


# ------------------------------------------------------------------------------------------------ about which message


def _about(mail: Mail, parts: list[Mail], texts: list[str], domain: str) -> tuple[str | None, bool]:
    """Our Message-ID a report is about, and whether it is in a copy of our mail (else only in the report's threading)."""
    in_copies = (id for part in parts for id in _copied_ids(part) if is_ours(id, domain))
    in_texts = (id for text in texts for id in ids_in_text(text, domain))
    anywhere = (id for part in mail.walk() if part is not mail for id in _loose_ids(part, domain))
    if id := next(chain(in_copies, in_texts, anywhere), None):
        return id, True
    threading = (id for name in ("in-reply-to", "references") for value in raw(mail, name) for id in reversed(ids(value)))  # fmt: skip
    return next((id for id in threading if is_ours(id, domain)), None), False


def _copied_ids(part: Mail) -> Iterator[str]:
    """The ids of the mail a part carries: whole, as headers, or named in the fields of a report."""
    kind, inside = part.get_content_type(), part.get_payload()
    if kind in MAILS and isinstance(inside, list):
        carried = [child for child in inside if isinstance(child, Message)]
    elif kind in MAILS or kind in HEADERS:
        carried = [headers_of(_bytes(part))]
    else:
        carried = [part, *(_blocks(part) if _is_report(part) else [])]
    for one in carried:
        own = raw(one, "message-id") if kind in MAILS or kind in HEADERS else []
        for value in [*own, *raw(one, "original-message-id"), *raw(one, "x-original-message-id")]:
            yield from ids(value)


def _loose_ids(part: Mail, domain: str) -> Iterator[str]:
    """Our ids in a part that its server has put together wrongly: headers without a body, a body without headers."""
    yield from (id for value in raw(part, "message-id") for id in ids(value) if is_ours(id, domain))
    for text in (part.preamble, part.get_payload(), part.epilogue):
        if isinstance(text, str):
            yield from ids_in_text(text[:LONGEST_TEXT], domain)


# ------------------------------------------------------------------------------------------------ what has become of it


def _recipients(parts: list[Mail], texts: list[str]) -> list[Mail]:
    """The blocks of the reports that say what became of a recipient's copy; of a broken report those in its text."""
    blocks = [block for part in parts if _is_report(part) for block in _blocks(part)]
    if not blocks:
        blocks = [
            headers_of(block.strip().encode("utf-8", "replace"))
            for text in texts
            for block in re.split(r"\n[ \t]*\n", text)
            if RECIPIENT.search(block)
        ]
    return [block for block in blocks if _field(block, "action") or _field(block, "status")]


def _blocks(part: Mail) -> list[Mail]:
    """The groups of fields in a delivery report, whichever way it is encoded."""
    inside = part.get_payload()
    plain = part.get_content_type() == "message/delivery-status"
    encoding = first(part, "content-transfer-encoding").strip().lower()
    if plain and isinstance(inside, list) and encoding not in ("base64", "quoted-printable"):
        return [block for block in inside if isinstance(block, Message)]
    return [headers_of(block) for block in re.split(rb"\r?\n[ \t]*\r?\n", _bytes(part))]


def _of_recipient(
    block: Mail, about: str, at: str, subject: str, text: str
) -> DeliveryReceipt | None:
    """The receipt of a recipient's block; None where it says that the mail went on."""
    action = _field(block, "action").partition(" ")[0].partition(";")[0].strip().lower()
    code, diagnosis = _field(block, "status"), _field(block, "diagnostic-code")
    words = diagnosis.partition(";")[2].strip() or diagnosis
    if action in NO_STATUS:
        return None
    status = ACTIONS.get(action) or CLASSES.get(code[:1])
    if status is None or (action not in ACTIONS and status == "delayed"):
        status = _of_code(code, f"{subject}\n{text}")
    return _receipt(about, status, at, bounce_reasons.reason(code, words or bounce_reasons.diagnosis_in(text)))  # fmt: skip


def _of_code(code: str, words: str) -> Status:
    """The status where a report has no Action: 4.x.x is a delay unless the server has given up (4.4.7)."""
    if code.startswith("4") and not code.startswith("4.4.7") and not FINAL.search(words):
        return "delayed"
    return "failed"


def _status_in_words(mail: Mail, text: str, *, is_copy: bool, attached: bool) -> Status | None:
    """What a report says in words; None where it is another automatic mail, such as an out-of-office.

    Who is not named as a mail server must carry our mail and say that it comes back: in the subject, or beside the whole of it.
    """
    subject = display_text(first(mail, "subject"))
    if DELIVERED.search(subject):
        return None
    if DELAYED.search(subject) or (
        DELAYED.search(text) and not FINAL.search(text) and not RETURNED.search(subject)
    ):
        return "delayed" if _named_server(mail) or DELAYED.search(subject) else None
    if _named_server(mail):
        return "failed" if is_copy or RETURNED.search(subject) else None
    said = RETURNED.search(subject) or (attached and RETURNED.search(text))
    return "failed" if is_copy and said else None


def _receipt(about: str, status: Status, at: str, reason: Reason) -> DeliveryReceipt:
    if status == "delivered":
        return DeliveryReceipt(about, status, at)
    error = reason.why_late() if status == "delayed" else reason.why_returned()
    return DeliveryReceipt(about, status, at, error=error, report=tuple(reason.details().items()))


# ------------------------------------------------------------------------------------------------ reading


def _field(block: Mail, name: str) -> str:
    return display_text(first(block, name)).strip()


def _bytes(part: Mail) -> bytes:
    """The decoded content of a part, or of the text that the parser took for a mail in it."""
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return content
    inside = part.get_payload()
    children = [child for child in inside if isinstance(child, Message)] if isinstance(inside, list) else []  # fmt: skip
    return _decoded_children(part, children)


def _decoded_children(part: Mail, children: list[Mail]) -> bytes:
    content = b"\n\n".join(child.as_bytes().strip(b"\r\n") for child in children)
    whole = Message()
    whole["Content-Transfer-Encoding"] = first(part, "content-transfer-encoding") or "8bit"
    whole.set_payload(content.decode("ascii", "surrogateescape"))
    found = whole.get_payload(decode=True)
    return found if isinstance(found, bytes) else content


def _texts(part: Mail) -> Iterator[str]:
    """The texts of a part: its own, and what stands outside of its parts where it is divided wrongly."""
    inside = part.get_payload()
    if part.get_content_maintype() == "text":
        yield clean(decoded(_bytes(part)[:LONGEST_TEXT], part.get_content_charset()))
    elif part.get_content_maintype() == "multipart":
        loose = (part.preamble, inside if isinstance(inside, str) else None, part.epilogue)
        yield from (clean(text[:LONGEST_TEXT]) for text in loose if text)


def _before_copy(text: str) -> str:
    """What a report says before the copy of our mail in it; all of one that names our mail by its headers at once."""
    found = COPY.search(text)
    end = found.start() if found and found.start() > SHORTEST_REPORT else MOST_BEFORE_COPY
    return text[:end]
