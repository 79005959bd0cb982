"""How many foreign bounces Jack recognises, and how many people's mails it takes for one.

    git clone https://github.com/sisimai/set-of-emails          # BSD 2-Clause; parts of it are in tests/data/returned-mail
    python -m tests.returned_mail set-of-emails/maildir/bsd [FOLDER OF PEOPLE'S MAILS ...]

Each bounce gets a Message-ID of ours in place of the one it carries. People's mails get one as well: they answer it, and quote it.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from jack.channels.mail.inbound import events_of
from jack.channels.types import DeliveryReceipt

OWN = "front@hotel.example"
OURS = b"<jack.msg-01aaaaaa-0000-7000-8000-000000000001@hotel.example>"
AT = "2026-05-28T20:26:40.000Z"
# Complaints and out-of-office answers, which are no bounces.
OTHERS = ("arf-", "rfc3834-")

END_OF_HEADERS = re.compile(rb"\r?\n\r?\n|\r\r")
OWN_ID = re.compile(
    rb"^([>| \t]*(?:x-)?(?:original-)?message-id:[ \t]*(?:\r?\n[ \t]+)?)<[^>\r\n]+>",
    re.IGNORECASE | re.MULTILINE,
)
HEADERS = re.compile(
    rb"^(?=[> \t]*(?:received|from|to|subject|date):[ \t]\S.*\r?\n(?:[> \t]+.*\r?\n)*[> \t]*[a-z0-9-]+:[ \t])",
    re.IGNORECASE | re.MULTILINE,
)
THREADING = re.compile(
    rb"^((?:in-reply-to|references):[ \t]*(?:\r?\n[ \t]+)?)<[^>\r\n]+>",
    re.IGNORECASE | re.MULTILINE,
)


def planted(raw: bytes) -> bytes | None:
    """A bounce as if it were of a mail of ours; None where it names no mail and returns none of its headers."""
    end = END_OF_HEADERS.search(raw)
    if end is None:
        return None
    head, body = raw[: end.end()], raw[end.end() :]
    changed, found = OWN_ID.subn(lambda match: match[1] + OURS, body)
    if found:
        return head + changed
    if returned := HEADERS.search(body):
        at = returned.start()
        indent = re.match(rb"[> \t]*", body[at:])
        line = (indent[0] if indent else b"") + b"Message-ID: " + OURS
        return head + body[:at] + line + (b"\r\n" if b"\r\n" in raw else b"\n") + body[at:]
    changed, found = THREADING.subn(lambda match: match[1] + OURS, head)
    return changed + body if found else None


def answering(raw: bytes) -> bytes:
    """A person's mail as if it answered a mail of ours, with its headers below."""
    below = (
        b"\n\nFrom: front@hotel.example\nMessage-ID: "
        + OURS
        + b"\nSubject: Re: Booking\n\nAnswer\n"
    )
    return b"In-Reply-To: " + OURS + b"\n" + raw + below  # fmt: skip


def status(raw: bytes) -> str | None:
    """What is told of our message; None when nothing is."""
    found = [it for it in events_of(raw, AT, OWN) if isinstance(it, DeliveryReceipt)]
    return found[0].status if found and found[0].provider_id == OURS.decode() else None


def main(bounces: Path, *people: Path) -> None:
    """Print the figures, and the names of what is not as it should be."""
    told: Counter[str] = Counter()
    for path in sorted(bounces.glob("*.eml")):
        raw = None if path.name.startswith(OTHERS) else planted(path.read_bytes())
        if raw is not None:
            found = status(raw) or "not recognised"
            told[found] += 1
            if found == "not recognised":
                print(f"not recognised: {path.name}")
    all_of_them = told.total()
    print(f"{all_of_them - told['not recognised']} of {all_of_them} bounces: {dict(told)}")
    others = [*bounces.glob("arf-*.eml"), *bounces.glob("rfc3834-*.eml")]
    others += [path for folder in people for path in sorted(folder.rglob("*.eml"))]
    mistaken = [path for path in others if status(answering(path.read_bytes())) is not None]
    print(f"{len(mistaken)} of {len(others)} others taken for one", *mistaken, sep="\n  ")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
