"""Meta's error codes: what they mean for a message, and in plain words for the staff.

The same codes come at once, in answer to a message, and later, in a status. The code decides: sources disagree on the HTTP
status that goes with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from jack.channels import payload
from jack.channels.error_text import scrubbed
from jack.channels.http_client import Answer, Reply
from jack.channels.results import Broken, Permanent, Retry, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRY = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057})
BROKEN = frozenset({0, 3, 10, 190, *range(200, 300), 368, 131005, 131031, 131042, 131045, 131048})
PERMANENT = frozenset(
    {100, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131037, 131047, 131050, 131051}
    | {131053, 131062, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016}
)
TOO_FAST_FOR_ONE = 131056
TOO_MUCH_ADVERTISING = 131049
WINDOW_CLOSED = 131047
# With code 100: the phone number id does not exist, or the token may not see it.
NO_SUCH_OBJECT = 33
DAY = 24 * 3600.0
Otherwise = Literal["permanent", "unknown", "retry"]
NO_WORDS = "WhatsApp could not deliver it."

WORDS = {
    0: "WhatsApp does not accept the access token.",
    3: "The access token lacks a permission.",
    4: "The app has asked WhatsApp too often; it will be tried again.",
    10: "The access token lacks a permission.",
    100: "WhatsApp does not understand a part of the message.",
    190: "The access token has expired or was withdrawn.",
    368: "WhatsApp has blocked the account for a while, for breaking its rules.",
    80007: "The account has sent too much in a short time; it will be tried again.",
    130429: "The account sends too fast; it will be tried again.",
    130472: "WhatsApp keeps this guest from getting advertising, as an experiment of theirs.",
    130497: "The account may not write to this country.",
    131005: "The access token lacks a permission.",
    131021: "The hotel's own number cannot write to itself.",
    131026: "The guest cannot be reached by WhatsApp.",
    131030: "The number is not on the list of those a test account may write to.",
    131031: "WhatsApp has locked the account.",
    131037: "The number needs an approved display name first.",
    131042: "There is a problem with the account's payment.",
    131045: "The number is not registered with WhatsApp.",
    131047: "The guest last wrote more than 24 hours ago: only a template can be sent.",
    131048: "Guests have reported messages as spam: WhatsApp has stopped the account.",
    131049: "WhatsApp limits advertising to this guest; it will be tried again in a day.",
    131050: "The guest does not want advertising from the hotel.",
    131051: "WhatsApp does not know this kind of message.",
    131053: "WhatsApp could not take the file.",
    131056: "Too many messages to this guest in a short time; it will be tried again.",
    131062: "This guest can only be written to at a phone number, which is not known.",
    132000: "The template has another number of parameters.",
    132001: "There is no such template in this language.",
    132005: "The template is too long with these parameters.",
    132007: "A parameter breaks WhatsApp's rules for templates.",
    132008: "The template's parameters have another format.",
    132012: "The template's parameters have another format.",
    132015: "WhatsApp has paused the template because of its quality.",
    132016: "WhatsApp has switched the template off because of its quality.",
}


def code_of(answer: Reply) -> int | None:
    """The code in a refusal; None when there is none."""
    if not isinstance(answer, Answer) or answer.status < 400:
        return None
    return _code(answer.body.get("error"))


def result(answer: Answer) -> Retry | Permanent | Broken | Unknown:
    """What an answer other than 2xx means."""
    error = answer.body.get("error")
    code = code_of(answer)
    if code is None:
        return _without_code(answer)
    if code == 100 and _code(error, "error_subcode") == NO_SUCH_OBJECT:
        return Broken("The token knows no such phone number id, or may not use it (WhatsApp 100).")
    means = meaning(error, _otherwise(answer.status))
    if isinstance(means, Retry) and means.after is None:
        return replace(means, after=answer.retry_after)
    return means


def _otherwise(status: int) -> Otherwise:
    """What a code means that nobody has told us of."""
    if status == 429:
        return "retry"
    return "unknown" if status >= 500 else "permanent"


def meaning(
    error: Mapping[str, Any] | Any, otherwise: Otherwise = "permanent"
) -> Retry | Permanent | Broken | Unknown:
    """What an error, of an answer or of a status, says about sending this message, or any other."""
    code, says = _code(error), words(error)
    if code == TOO_MUCH_ADVERTISING:
        return Retry(says, DAY)
    if code in RETRY or (otherwise == "retry" and code not in BROKEN | PERMANENT):
        return Retry(says, factor=4.0 if code == TOO_FAST_FOR_ONE else None)
    if code in BROKEN:
        return Broken(says)
    if code not in PERMANENT and otherwise == "unknown":
        return Unknown(f"{says} It may have been sent.")
    return Permanent(says, "window_closed" if code == WINDOW_CLOSED else None)


def words(error: Mapping[str, Any] | Any) -> str:
    """An error for the staff: our words where we have some, else Meta's without anything that must not be shown."""
    code = _code(error)
    theirs = scrubbed(payload.within(error, "title") or payload.within(error, "message"))
    if code is None:
        return theirs or NO_WORDS
    return f"{WORDS.get(code) or theirs or NO_WORDS} (WhatsApp {code})"


def _without_code(answer: Answer) -> Retry | Permanent | Broken | Unknown:
    status = answer.status
    if status == 429:
        return Retry("WhatsApp asks to wait.", answer.retry_after)
    if status >= 500:
        return Unknown(f"WhatsApp failed (HTTP {status}); the message may have been sent.")
    if status in (401, 403, 404, 405) or status < 400:
        return Broken(f"WhatsApp does not answer as it should at this address (HTTP {status}).")
    return Permanent(f"WhatsApp refused the message (HTTP {status}).")


def _code(error: Any, name: str = "code") -> int | None:
    found = payload.number(payload.within(error, name), 10**9)
    return None if found is None else int(found)
