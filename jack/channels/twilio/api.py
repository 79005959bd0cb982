"""Twilio's REST API for SMS and, as an alternative to Meta, WhatsApp. What comes in: `jack.channels.twilio.inbound`."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from jack.channels import media as fetching
from jack.channels import payload
from jack.channels.http_client import BAD_RESPONSE, Outcome, Response, call, reach
from jack.channels.results import Accepted, Permanent, Result, Retry, Unknown
from jack.channels.twilio import errors as twilio_errors
from jack.channels.types import Account, Fetched, Tested
from jack.core import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from jack.channels.settings import AccountSettings
    from jack.channels.steps import Steps
    from jack.channels.types import Media, OutboundMessage

BASE_URL = "https://api.twilio.com"
STATUS_PATH = "/webhooks/twilio/status"
MAX_TEXT = 1500  # of 1600
MAX_FILES = 10
TRIAL = "Sent from your Twilio trial account - "
# How much Twilio's clock may be behind ours, and how many pages of its list are read.
SKEW_SECONDS = 60.0
MOST_PAGES = 5
FAILED_STATUSES = ("failed", "undelivered", "canceled")

# Files are fetched from the API, which redirects to Twilio's content network.
TRUSTED = ("*.twilio.com",)
HOSTS = ("*.twiliocdn.com",)


def is_complete(settings: AccountSettings) -> bool:
    """Whether the settings have account, token and sender."""
    sender = settings.get("from") or settings.get("messagingServiceSid")
    return bool(settings.get("accountSid") and settings.get("authToken") and sender)


# ------------------------------------------------------------------------------------------------ out


def send(account: Account, message: OutboundMessage, to: str, sender: str) -> Result:
    """Send one message; `to` and `sender` as Twilio writes them."""
    form = _form(account, message, to, sender)
    if isinstance(form, Permanent):
        return form
    response = call("POST", _url(account, "Messages.json"), login=_login(account), form=form)
    return _result(response)


def _form(
    account: Account, message: OutboundMessage, to: str, sender: str
) -> list[tuple[str, str]] | Permanent:
    if len(message.files) > MAX_FILES:
        return Permanent(f"Twilio takes {MAX_FILES} files at a time.")
    service = str(account.settings.get("messagingServiceSid") or "")
    form = [("To", to), ("MessagingServiceSid", service) if service else ("From", sender)]
    if message.template is not None:
        template = _template(message.template)
        if isinstance(template, Permanent):
            return template
        form += template
    else:
        form += [("Body", message.text)] if message.text else []
        form += [("MediaUrl", file.url) for file in message.files]
    if account.public_url:
        query = urlencode({"m": payload.our_tag(message)})
        form.append(("StatusCallback", f"{account.public_url.rstrip('/')}{STATUS_PATH}?{query}"))
    return form


def _template(template: Mapping[str, object]) -> list[tuple[str, str]] | Permanent:
    """A template by its content SID; a list of parameters fills {{1}}, {{2}}, …, an object those with names."""
    name, given = str(template["name"]), template.get("parameters") or []
    if not name.startswith("HX"):
        return Permanent("For Twilio the name of a template is its content SID (HX…).")
    named = given if isinstance(given, dict) else _numbered(given)
    filled = json.dumps({name: str(value) for name, value in named.items()})
    return [("ContentSid", name), *([("ContentVariables", filled)] if named else [])]


def _numbered(values: object) -> dict[str, object]:
    return {str(number): value for number, value in enumerate(payload.items(values), 1)}


def _result(response: Outcome) -> Result:
    if not isinstance(response, Response):
        return response
    if not 200 <= response.status < 300:
        return twilio_errors.result(response)
    sid = payload.identifier(response.body.get("sid"))
    if not sid:
        return Unknown("Twilio returned no id; the message may have been sent.")
    if (
        response.body.get("status") in FAILED_STATUSES
    ):  # no status callback follows for a first status
        return twilio_errors.meaning(
            response.body.get("error_code"), response.body.get("error_message")
        )
    return Accepted(sid)


# ------------------------------------------------------------------------------------------------ looking up what was sent


def lookup(
    account: Account,
    message: OutboundMessage,
    to: str,
    sender: str,
    since: str,
    known: Collection[str],
) -> Result:
    """Look in Twilio's list for a message whose sending after `since` got no response: by recipient, time and text.

    The text of a template is not known here, so a template stays unknown.
    """
    earliest = clock.later(since, seconds=-SKEW_SECONDS)
    listed = _list_messages(account, to, sender, day=earliest[:10])
    if isinstance(listed, Retry):
        return listed
    for one in reversed(listed):  # the oldest first, as ours were sent
        sid = payload.identifier(one.get("sid"))
        if sid and sid not in known and _matches(message, one) and _created_at(one) >= earliest:
            return _listed_result(sid, one)
    return Unknown("Twilio does not list the message; it was probably not sent.")


def _listed_result(sid: str, one: Mapping[str, object]) -> Result:
    if one.get("status") in FAILED_STATUSES:
        return twilio_errors.meaning(one.get("error_code"), one.get("error_message"))
    return Accepted(sid)


def _matches(message: OutboundMessage, one: Mapping[str, object]) -> bool:
    body = one.get("body")
    if message.template is not None or not isinstance(body, str):
        return False
    if not str(one.get("direction", "")).startswith("outbound"):
        return False
    files = payload.number(one.get("num_media")) or 0
    text = " ".join(body.removeprefix(TRIAL).split())
    return text == " ".join(message.text.split()) and files == len(message.files)


def _created_at(one: Mapping[str, object]) -> str:
    """When Twilio created it, as times are stored; empty when there is no such date."""
    try:
        return clock.render(parsedate_to_datetime(payload.text(one.get("date_created"))))
    except (ValueError, TypeError, OverflowError):
        return ""


def _list_messages(
    account: Account, to: str, sender: str, day: str
) -> list[Mapping[str, object]] | Retry:
    """Messages to a recipient since a day (`2026-05-28`), the newest first."""
    query = {"To": to, "DateSent>": day, "PageSize": "100"}
    if not account.settings.get("messagingServiceSid"):
        query["From"] = sender
    url = f"{_url(account, 'Messages.json')}?{urlencode(query)}"
    found: list[Mapping[str, object]] = []
    for _ in range(MOST_PAGES):
        response = call("GET", url, login=_login(account))
        if not isinstance(response, Response) or response.status != 200:
            return Retry("Twilio could not be asked whether the message was sent.")
        found += payload.objects(response.body.get("messages"))
        next_page = response.body.get("next_page_uri")
        if not isinstance(next_page, str) or not next_page.startswith("/2010-04-01/"):
            break
        url = _base(account) + next_page
    return found


# ------------------------------------------------------------------------------------------------ trying, fetching


def test(account: Account, steps: Steps) -> Tested:
    """Ask Twilio about the account (the auth token, which also signs webhooks), and for the list with an API key."""
    wrong = reach(_base(account), steps)
    if wrong:
        return Tested(False, wrong)
    where = urlsplit(_base(account)).netloc
    steps.begin("credentials", where)
    wrong = _token_failure(account)
    if not wrong and _login(account) != _token_login(account):
        steps.begin("api_key", where)
        wrong = _key_failure(account)
    if wrong:
        steps.fail(wrong)
        return Tested(False, wrong)
    steps.finish()
    return Tested(True, "Twilio accepts the credentials; the account is active.")


def _token_failure(account: Account) -> str:
    """What is wrong with the account by its auth token; empty when nothing is."""
    response = call("GET", f"{_account_url(account)}.json", login=_token_login(account))
    status = response.body.get("status", "active") if isinstance(response, Response) else "active"
    inactive = "" if status == "active" else f"The account at Twilio is {payload.kind(status)}."
    return _failure(response) or inactive


def _key_failure(account: Account) -> str:
    """What is wrong with the API key, where the auth token works; empty when nothing is."""
    url = _url(account, "Messages.json") + "?PageSize=1"
    failure = _failure(call("GET", url, login=_login(account)))
    return failure and f"The auth token works, the API key does not: {failure}"


def _failure(response: Outcome) -> str:
    """What is wrong with the account, for the staff; empty when nothing is."""
    if isinstance(response, Response) and response.status == 200:
        return ""
    result = twilio_errors.result(response) if isinstance(response, Response) else response
    return BAD_RESPONSE if isinstance(result, Unknown) else result.error


def fetch(account: Account, media: Media, limit: int) -> Fetched | Result:
    """A file of a message, fetched with our credentials."""
    import httpx

    login = httpx.BasicAuth(*_login(account))
    authorization = next(login.auth_flow(httpx.Request("GET", _base(account)))).headers[
        "Authorization"
    ]
    more = tuple(map(str, account.settings.get("mediaHosts") or ()))
    headers = {"Authorization": authorization}
    hosts = fetching.MediaHosts(_base(account), headers, TRUSTED, HOSTS + more)
    return fetching.download(media.source or "", hosts, limit)


def _login(account: Account) -> tuple[str, str]:
    """The API key where there is one, else the account and its token."""
    settings = account.settings
    if settings.get("apiKeySid") and settings.get("apiKeySecret"):
        return str(settings["apiKeySid"]), str(settings["apiKeySecret"])
    return _token_login(account)


def _token_login(account: Account) -> tuple[str, str]:
    """The account and its token."""
    return account.settings["accountSid"], account.settings["authToken"]


def _base(account: Account) -> str:
    return str(account.settings.get("baseUrl") or BASE_URL).rstrip("/")


def _account_url(account: Account) -> str:
    return f"{_base(account)}/2010-04-01/Accounts/{quote(str(account.settings['accountSid']), safe='')}"


def _url(account: Account, resource: str) -> str:
    return f"{_account_url(account)}/{resource}"
