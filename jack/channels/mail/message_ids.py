"""Message-IDs and reply addresses of the mails Jack sends, and how they are recognised."""

from __future__ import annotations

import re

from jack.channels.mail.headers import ADDRESS
from jack.channels.mail.reply_tokens import LENGTH

LONGEST_LOCAL = 64  # characters before the @, RFC 5321
LONGEST_REASON = 300
LONGEST_KEY = 120  # characters between `jack.` and the @, more than any sending's key has

# A header of a mail that is in a text, perhaps quoted, folded or escaped for HTML.
HEADER = r"^[>| \t]*(?:x-)?(?:original-)?message-id:\s*(?:<|&lt;)?"


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a sending, the same on every attempt."""
    return f"<jack.{key}@{domain}>"


def is_ours(id: str, domain: str) -> bool:
    """Whether a Message-ID is one of a mail that Jack sent for this domain."""
    return id.startswith("<jack.") and id.lower().endswith(f"@{domain.lower()}>")


def ids_in_text(text: str, domain: str) -> list[str]:
    """Our Message-IDs in a text: first the ones a header of a mail in it gives it as its own, then all others."""
    ours = rf"jack\.[\w.+-]{{1,{LONGEST_KEY}}}@{re.escape(domain)}(?![\w.-])"
    found = re.findall(rf"{HEADER}({ours})", text, re.IGNORECASE | re.MULTILINE)
    found += re.findall(rf"(?<![\w.@-]){ours}", text, re.IGNORECASE)
    return [id for id in dict.fromkeys(f"<{it}>" for it in found) if is_ours(id, domain)]


def reply_address(address: str, token: str) -> str | None:
    """`front+c.TOKEN@hotel.example`; None when that would be longer than an address may be."""
    local, _, domain = address.rpartition("@")
    tagged = f"{local}+c.{token}"
    return f"{tagged}@{domain}" if token and len(tagged) <= LONGEST_LOCAL else None


def token_in(value: str, address: str) -> str | None:
    """The token in a header with recipients; not verified here (see `reply_tokens.conversation_of`)."""
    local, _, domain = address.rpartition("@")
    pattern = rf"(?<![^\s<,:;\"]){re.escape(local)}\+c\.([a-z2-7]{{{LENGTH}}})@{re.escape(domain)}(?![\w.-])"
    found = re.search(pattern, value, re.IGNORECASE)
    return found[1].lower() if found else None


def without_addresses(text: str) -> str:
    """A mail server's text with addresses replaced, cut to 300 characters."""
    return ADDRESS.sub("(address)", text)[:LONGEST_REASON]
