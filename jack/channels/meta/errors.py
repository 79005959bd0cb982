"""Meta's error codes: the result of sending that each stands for, and its text for the staff.

The same codes come at once, in the response to a message, and later, in a status. The code decides: sources disagree on the
HTTP status that goes with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from jack.channels import payload
from jack.channels.error_text import scrubbed
from jack.channels.http_client import Outcome, Response
from jack.channels.results import Broken, Permanent, Retry, Unknown

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
NO_MESSAGE = "WhatsApp could not deliver it."

MESSAGES = {
    0: "WhatsApp does not accept the access token.",
    3: "The access token lacks a permission.",
    4: "The app has asked WhatsApp too often; it will be tried again.",
    10: "The access token lacks a permission.",
    100: "WhatsApp does not understand a part of the message.",
    190: "The access token has expired or was withdrawn.",
    368: "WhatsApp has blocked the account for a while, for breaking its rules.",
    80007: "The account has sent too much in a short time; it will be tried again.",
    130429: "The account sends too fast; it will be tried again.",
    130472: "WhatsApp sends this guest no advertising, as part of an experiment.",
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


def code_of(response: Outcome) -> int | None:
    """The code in a refusal; None when there is none."""
    if not isinstance(response, Response) or response.status < 400:
        return None
    return _code(response.body.get("error"))


def result(response: Response) -> Retry | Permanent | Broken | Unknown:
    """The result that a response other than 2xx stands for."""
    error = response.body.get("error")
    code = code_of(response)
    if code is None:
        return _without_code(response)
    if code == 100 and _code(error, "error_subcode") == NO_SUCH_OBJECT:
        return Broken("The token knows no such phone number id, or may not use it (WhatsApp 100).")
    means = meaning(error, _otherwise(response.status))
    if isinstance(means, Retry) and means.after is None:
        return replace(means, after=response.retry_after)
    return means


def _otherwise(status: int) -> Otherwise:
    """What a code that is not listed here means."""
    if status == 429:
        return "retry"
    return "unknown" if status >= 500 else "permanent"


def meaning(
    error: object, otherwise: Otherwise = "permanent"
) -> Retry | Permanent | Broken | Unknown:
    """The result of sending that an error in a response or in a status stands for."""
    code, text = _code(error), message(error)
    if code == TOO_MUCH_ADVERTISING:
        return Retry(text, DAY)
    if code in RETRY or (otherwise == "retry" and code not in BROKEN | PERMANENT):
        return Retry(text, factor=4.0 if code == TOO_FAST_FOR_ONE else None)
    if code in BROKEN:
        return Broken(text)
    if code not in PERMANENT and otherwise == "unknown":
        return Unknown(f"{text} It may have been sent.")
    return Permanent(text, "window_closed" if code == WINDOW_CLOSED else None)


def message(error: object) -> str:
    """The text of an error for the staff: ours where there is one, else Meta's without what must not be shown."""
    code = _code(error)
    provided = scrubbed(payload.within(error, "title") or payload.within(error, "message"))
    if code is None:
        return provided or NO_MESSAGE
    return f"{MESSAGES.get(code) or provided or NO_MESSAGE} (WhatsApp {code})"


def _without_code(response: Response) -> Retry | Permanent | Broken | Unknown:
    status = response.status
    if status == 429:
        return Retry("WhatsApp asks to wait.", response.retry_after)
    if status >= 500:
        return Unknown(f"WhatsApp failed (HTTP {status}); the message may have been sent.")
    if status in (401, 403, 404, 405) or status < 400:
        return Broken(f"WhatsApp does not answer correctly at this address (HTTP {status}).")
    return Permanent(f"WhatsApp refused the message (HTTP {status}).")


def _code(error: object, name: str = "code") -> int | None:
    found = payload.number(payload.within(error, name), 10**9)
    return None if found is None else int(found)
