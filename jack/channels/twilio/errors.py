"""Twilio's error codes: what they mean for a message, and in plain words for the staff.

They come at once, in answer to a message, and later, in a status callback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jack.channels import payload
from jack.channels.error_text import scrubbed
from jack.channels.results import Broken, Permanent, Retry, Unknown

if TYPE_CHECKING:
    from jack.channels.http_client import Answer

TOO_MANY_REQUESTS = 20429
# Only ever told later: another attempt may succeed.
RETRY = frozenset({TOO_MANY_REQUESTS, 30001, 30003, 30008, 63018})
BROKEN = frozenset({20003, 20404, 21606, 21212, 30002, 30034, 63020})
OPTED_OUT = 21610
WINDOW_CLOSED = 63016

WORDS = {
    20003: "Twilio does not accept the credentials.",
    20404: "Twilio knows no such account.",
    20429: "The account sends too fast; it will be tried again.",
    21211: "The guest's number is not a phone number.",
    21212: "The hotel's sender is not a phone number.",
    21408: "The account may not write to this country.",
    21606: "The hotel's sender may not write to this guest, or is not the account's own.",
    21610: "The guest has asked for no more messages (STOP).",
    21612: "Twilio has no way from the hotel's number to the guest's.",
    21614: "The guest's number cannot get text messages.",
    21617: "The message is longer than 1,600 characters.",
    30001: "Too many messages were waiting.",
    30002: "Twilio has suspended the account.",
    30003: "The guest's telephone could not be reached.",
    30004: "The guest's telephone does not take messages from this sender.",
    30005: "The guest's number does not exist.",
    30006: "The guest's number is a landline, or cannot be reached by SMS.",
    30007: "The carrier has filtered the message out.",
    30008: "The message was lost for a reason Twilio does not know.",
    30034: "The hotel's number is not registered for sending to this country.",
    30450: "The carrier has blocked the message.",
    63003: "The guest cannot be reached by WhatsApp.",
    63014: "The guest has blocked the hotel.",
    63016: "The guest last wrote more than 24 hours ago: only a template can be sent.",
    63018: "WhatsApp takes no more messages from the hotel for the moment.",
    63020: "WhatsApp has not accepted Twilio's invitation for this account.",
    63021: "WhatsApp does not know this kind of message.",
}


def result(answer: Answer) -> Retry | Permanent | Broken | Unknown:
    """What an answer other than 2xx means. After a failure of Twilio's own the message may have been sent."""
    code, status = _code(answer.body.get("code")), answer.status
    says = words(code, answer.body.get("message"))
    if status == 429 or code == TOO_MANY_REQUESTS:
        return Retry(says, answer.retry_after)
    if status >= 500:
        return Unknown(f"Twilio failed (HTTP {status}); the message may have been sent.")
    if code is None and (status < 400 or status in (401, 403, 404, 405)):
        return Broken(f"{says} (HTTP {status})")
    if code not in WORDS and status in (401, 403):
        return Broken(says)
    return meaning(code, answer.body.get("message"))


def meaning(code: Any, said: Any = None) -> Retry | Permanent | Broken:
    """What an error, of an answer or of a status, says about sending this message, or any other."""
    number = _code(code)
    says = words(number, said)
    if number in RETRY:
        return Retry(says)
    if number in BROKEN:
        return Broken(says)
    if number == OPTED_OUT:
        return Permanent(says, "opted_out")
    return Permanent(says, "window_closed" if number == WINDOW_CLOSED else None)


def words(code: int | None, said: Any = None) -> str:
    """An error for the staff: our words where we have some, else Twilio's without anything that must not be shown."""
    theirs = scrubbed(said) or "Twilio could not deliver it."
    return theirs if code is None else f"{WORDS.get(code) or theirs} (Twilio {code})"


def _code(value: Any) -> int | None:
    number = payload.number(value, 10**9)
    return int(number) if number else None
