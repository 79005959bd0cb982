"""Twilio's REST API, which carries SMS and, as an alternative to Meta, WhatsApp. What comes in: `twilio_inbound`."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jack.channels import media as fetching
from jack.channels import payload
from jack.channels.http_client import NO_ANSWER, Answer, Reply, call
from jack.channels.results import Accepted, Permanent, Result, Retry, Unknown
from jack.channels.twilio import errors as twilio_errors
from jack.channels.types import Account, Fetched, Tested
from jack.core import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from jack.channels.types import Media, OutboundMessage

BASE_URL = "https://api.twilio.com"
STATUS_PATH = "/webhooks/twilio/status"
MAX_TEXT = 1500  # of 1600
MAX_FILES = 10
TRIAL = "Sent from your Twilio trial account - "
# How much Twilio's clock may be behind ours, and how far back in its list we look.
SKEW_SECONDS = 60.0
MOST_PAGES = 5
LOST = ("failed", "undelivered", "canceled")

# Media are asked for at the API, which sends us on to Twilio's content network.
TRUSTED = ("*.twilio.com",)
HOSTS = ("*.twiliocdn.com",)


def usable(settings: Mapping[str, Any]) -> bool:
    """Whether the settings have what every account needs, and a sender."""
    sender = settings.get("from") or settings.get("messagingServiceSid")
    return bool(settings.get("accountSid") and settings.get("authToken") and sender)


# ------------------------------------------------------------------------------------------------ out


def send(account: Account, message: OutboundMessage, to: str, sender: str) -> Result:
    """Give one message to Twilio; `to` and `sender` as Twilio writes them."""
    form = _form(account, message, to, sender)
    if isinstance(form, Permanent):
        return form
    answer = call("POST", _url(account, "Messages.json"), login=_login(account), form=form)
    return _became(answer)


def _form(
    account: Account, message: OutboundMessage, to: str, sender: str
) -> list[tuple[str, str]] | Permanent:
    if len(message.files) > MAX_FILES:
        return Permanent(f"Twilio takes {MAX_FILES} files at a time.")
    service = str(account.settings.get("messagingServiceSid") or "")
    form = [("To", to), ("MessagingServiceSid", service) if service else ("From", sender)]
    if message.template is not None:
        said = _template(message.template)
        if isinstance(said, Permanent):
            return said
        form += said
    else:
        form += [("Body", message.text)] if message.text else []
        form += [("MediaUrl", file.url) for file in message.files]
    if account.public_url:
        told = urlencode({"m": payload.our_tag(message)})
        form.append(("StatusCallback", f"{account.public_url.rstrip('/')}{STATUS_PATH}?{told}"))
    return form


def _template(template: Mapping[str, Any]) -> list[tuple[str, str]] | Permanent:
    """A template by its content SID; a list of parameters fills {{1}}, {{2}}, …, an object those with names."""
    name, given = str(template["name"]), template.get("parameters") or []
    if not name.startswith("HX"):
        return Permanent(
            "Twilio knows a template by its content SID (HX…), which is its name here."
        )
    named = given if isinstance(given, dict) else {str(n): one for n, one in enumerate(given, 1)}
    filled = json.dumps({name: str(value) for name, value in named.items()})
    return [("ContentSid", name), *([("ContentVariables", filled)] if named else [])]


def _became(answer: Reply) -> Result:
    if not isinstance(answer, Answer):
        return answer
    if not 200 <= answer.status < 300:
        return twilio_errors.result(answer)
    name = payload.word(answer.body.get("sid"))
    if not name:
        return Unknown("Twilio answered without an id; the message may have been sent.")
    if answer.body.get("status") in LOST:  # no status callback tells of an initial status
        return twilio_errors.meaning(
            answer.body.get("error_code"), answer.body.get("error_message")
        )
    return Accepted(name)


# ------------------------------------------------------------------------------------------------ looking for what was sent


def lookup(
    account: Account,
    message: OutboundMessage,
    to: str,
    sender: str,
    since: str,
    known: Collection[str],
) -> Result:
    """Look in Twilio's list for a message whose sending after `since` got no answer: by recipient, time and text.

    The text of a template is not ours to compare, so a template stays unknown.
    """
    earliest = clock.later(since, seconds=-SKEW_SECONDS)
    listed = _listed(account, to, sender, day=earliest[:10])
    if isinstance(listed, Retry):
        return listed
    for one in reversed(listed):  # the oldest first, as ours were sent
        name = payload.word(one.get("sid"))
        if name and name not in known and _is(message, one) and _made(one) >= earliest:
            return _as_listed(name, one)
    return Unknown("Twilio does not list the message; it was probably not sent.")


def _as_listed(name: str, one: Mapping[str, Any]) -> Result:
    if one.get("status") in LOST:
        return twilio_errors.meaning(one.get("error_code"), one.get("error_message"))
    return Accepted(name)


def _is(message: OutboundMessage, one: Mapping[str, Any]) -> bool:
    body = one.get("body")
    if message.template is not None or not isinstance(body, str):
        return False
    if not str(one.get("direction", "")).startswith("outbound"):
        return False
    files = payload.number(one.get("num_media")) or 0
    said = " ".join(body.removeprefix(TRIAL).split())
    return said == " ".join(message.text.split()) and files == len(message.files)


def _made(one: Mapping[str, Any]) -> str:
    """When Twilio got it, as times are stored; empty when it does not say."""
    try:
        return clock.render(parsedate_to_datetime(payload.text(one.get("date_created"))))
    except (ValueError, TypeError, OverflowError):
        return ""


def _listed(account: Account, to: str, sender: str, day: str) -> list[Mapping[str, Any]] | Retry:
    """Messages to somebody since a day, the newest first."""
    asked = {"To": to, "DateSent>": day, "PageSize": "100"}
    if not account.settings.get("messagingServiceSid"):
        asked["From"] = sender
    url = f"{_url(account, 'Messages.json')}?{urlencode(asked)}"
    found: list[Mapping[str, Any]] = []
    for _ in range(MOST_PAGES):
        answer = call("GET", url, login=_login(account))
        if not isinstance(answer, Answer) or answer.status != 200:
            return Retry("Twilio could not be asked what became of the message.")
        found += [
            one for one in payload.items(answer.body.get("messages")) if isinstance(one, dict)
        ]
        following = answer.body.get("next_page_uri")
        if not isinstance(following, str) or not following.startswith("/2010-04-01/"):
            break
        url = _base(account) + following
    return found


# ------------------------------------------------------------------------------------------------ trying, fetching


def test(account: Account) -> Tested:
    """Ask Twilio about the account (the auth token, which also signs webhooks), and for the list with an API key."""
    sid, token = str(account.settings["accountSid"]), str(account.settings["authToken"])
    answer = call("GET", f"{_account_url(account)}.json", login=(sid, token))
    said = _wrong(answer)
    if said:
        return Tested(False, said)
    status = answer.body.get("status", "active") if isinstance(answer, Answer) else "active"
    if status != "active":
        return Tested(False, f"Twilio says that the account is {payload.kind(status)}.")
    if _login(account) != (sid, token):
        said = _wrong(
            call("GET", _url(account, "Messages.json") + "?PageSize=1", login=_login(account))
        )
        if said:
            return Tested(False, f"The auth token works, the API key does not: {said}")
    return Tested(True, "Twilio accepts the credentials; the account is active.")


def _wrong(answer: Reply) -> str:
    if isinstance(answer, Answer) and answer.status == 200:
        return ""
    wrong = twilio_errors.result(answer) if isinstance(answer, Answer) else answer
    return NO_ANSWER if isinstance(wrong, Unknown) else wrong.error


def fetch(account: Account, media: Media, limit: int) -> Fetched | Result:
    """A file of a message, which its provider wants our credentials for."""
    import httpx

    login = httpx.BasicAuth(*_login(account))
    signed = next(login.auth_flow(httpx.Request("GET", _base(account)))).headers["Authorization"]
    more = tuple(map(str, account.settings.get("mediaHosts") or ()))
    shelf = fetching.Shelf(_base(account), {"Authorization": signed}, TRUSTED, HOSTS + more)
    return fetching.download(media.source or "", shelf, limit)


def _login(account: Account) -> tuple[str, str]:
    """The API key where there is one, else the account and its token."""
    held = account.settings
    if held.get("apiKeySid") and held.get("apiKeySecret"):
        return str(held["apiKeySid"]), str(held["apiKeySecret"])
    return str(held["accountSid"]), str(held["authToken"])


def _base(account: Account) -> str:
    return str(account.settings.get("baseUrl") or BASE_URL).rstrip("/")


def _account_url(account: Account) -> str:
    return f"{_base(account)}/2010-04-01/Accounts/{quote(str(account.settings['accountSid']), safe='')}"


def _url(account: Account, resource: str) -> str:
    return f"{_account_url(account)}/{resource}"
