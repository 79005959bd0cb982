"""Twilio's error codes: the result of sending that each stands for, and its text for the staff.

They come at once, in the response to a message, and later, in a status callback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels import payload
from jack.channels.error_text import scrubbed
from jack.channels.results import Broken, Permanent, Retry, Unknown

if TYPE_CHECKING:
    from jack.channels.http_client import Response

TOO_MANY_REQUESTS = 20429
# All but 20429 come in statuses only; another attempt may succeed.
RETRY = frozenset({TOO_MANY_REQUESTS, 30001, 30003, 30008, 63018})
# The account is at fault.
BROKEN = frozenset({20003, 20404, 21606, 21212, 30002, 30034, 63020})
OPTED_OUT = 21610
WINDOW_CLOSED = 63016

MESSAGES = {
    11751: "A file is too large for this channel.",
    12300: "A file is of a kind that this channel does not take.",
    20003: "Twilio does not accept the credentials.",
    20404: "There is no such account at Twilio.",
    20429: "The account sends too fast; it will be tried again.",
    21211: "The guest's number is not a phone number.",
    21212: "The hotel's sender is not a phone number.",
    21408: "The account may not write to this country.",
    21606: "The hotel's sender may not write to this guest, or is not the account's own.",
    21610: "The guest has asked for no more messages (STOP).",
    21612: "Twilio cannot send from the hotel's number to the guest's.",
    21614: "The guest's number cannot get text messages.",
    21617: "The message is longer than 1,600 characters.",
    21655: "There is no such template at Twilio.",
    21656: "The template's texts could not be filled in.",
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
    63005: "WhatsApp does not take this content.",
    63019: "Twilio could not fetch a file of the message.",
    63021: "WhatsApp does not take this kind of message or file.",
    63028: "The template has another number of parameters.",
}


def result(response: Response) -> Retry | Permanent | Broken | Unknown:
    """The result that a response other than 2xx stands for. After an error of Twilio's own the message may have been sent."""
    code, status = _code(response.body.get("code")), response.status
    text = message(code, response.body.get("message"))
    if status == 429 or code == TOO_MANY_REQUESTS:
        return Retry(text, response.retry_after)
    if status >= 500:
        return Unknown(f"Twilio failed (HTTP {status}); the message may have been sent.")
    if code is None and (status < 400 or status in (401, 403, 404, 405)):
        return Broken(f"{text} (HTTP {status})")
    if code not in MESSAGES and status in (401, 403):
        return Broken(text)
    return meaning(code, response.body.get("message"))


def meaning(code: object, provided: object = None) -> Retry | Permanent | Broken:
    """The result of sending that an error in a response or in a status stands for."""
    number = _code(code)
    text = message(number, provided)
    if number in RETRY:
        return Retry(text)
    if number in BROKEN:
        return Broken(text)
    if number == OPTED_OUT:
        return Permanent(text, "opted_out")
    return Permanent(text, "window_closed" if number == WINDOW_CLOSED else None)


def message(code: int | None, provided: object = None) -> str:
    """The text of an error for the staff: ours where there is one, else Twilio's without what must not be shown."""
    fallback = scrubbed(provided) or "Twilio could not deliver it."
    return fallback if code is None else f"{MESSAGES.get(code) or fallback} (Twilio {code})"


def _code(value: object) -> int | None:
    number = payload.number(value, 10**9)
    return int(number) if number else None
