"""Meta's Cloud API for WhatsApp: sending, trying the credentials, templates, fetching files. What comes in: `jack.channels.meta.inbound`."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from jack.channels import file_limits, phone_numbers, text_split
from jack.channels import media as fetching
from jack.channels import payload as reading
from jack.channels.http_client import BAD_RESPONSE, Outcome, Response, call, reach
from jack.channels.meta import errors as meta_errors
from jack.channels.meta import templates as meta_templates
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Accepted, Permanent, Result, Unknown
from jack.channels.types import Account, Fetched, Tested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.settings import AccountSettings
    from jack.channels.steps import Steps
    from jack.channels.types import File, Media, MessageTemplate, OutboundMessage

REPEATABLE = False
BASE_URL = "https://graph.facebook.com"
VERSION = "v25.0"
REQUIRED = ("phoneNumberId", "accessToken", "appSecret", "verifyToken")
MAX_TEXT = 4096
MAX_CAPTION = 1024
# The test numbers that Meta lends list Mexican and Argentine numbers without their mobile digit only.
NOT_ON_TEST_LIST = 131030

# Meta's hosts that get the token; the URLs of its content network are signed.
TRUSTED = ("graph.facebook.com", "lookaside.fbsbx.com")
HOSTS = ("*.fbcdn.net", "*.whatsapp.net")
MEDIA_ID = re.compile("[A-Za-z0-9_-]{1,128}")


def account(settings: AccountSettings, public_url: str) -> Account | None:
    """The account of a phone number id; None while something is missing."""
    if not all(settings.get(name) for name in REQUIRED):
        return None
    return Account("whatsapp", f"whatsapp:{settings['phoneNumberId']}", settings, public_url)


def challenge(account: Account, query: Mapping[str, str]) -> str:
    """The text that answers the request by which Meta verifies the webhook. Raises InvalidSignature."""
    expected, given = str(account.settings["verifyToken"]), query.get("hub.verify_token", "")
    same = hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
    if not expected or not same or query.get("hub.mode") != "subscribe":
        raise InvalidSignature
    return query.get("hub.challenge", "")


# ------------------------------------------------------------------------------------------------ out


def send(account: Account, message: OutboundMessage) -> Result:
    """Send one message. To a number that is not on a test number's list, it is tried again with the short form."""
    body = _message(message)
    if isinstance(body, Permanent):
        return body
    quoted = message.points_at if message.part == 0 else None
    context = {"context": {"message_id": quoted}} if quoted else {}
    return _send_to(account, message.to, {**body, **context})


def react(account: Account, to: str, provider_id: str, emoji: str | None) -> Result:
    """Put an emoji on the message with this id, or (None) take it back. A repeat changes nothing for the guest."""
    reaction = {"message_id": provider_id, "emoji": emoji or ""}
    return _send_to(account, to, {"type": "reaction", "reaction": reaction})


def _send_to(account: Account, address: str, body: Mapping[str, object]) -> Result:
    to = address.removeprefix(phone_numbers.PREFIX).removeprefix("+")
    response = _post(account, {**_recipient(account, to), **body})
    short = phone_numbers.short_form(to)
    if short != to and meta_errors.code_of(response) == NOT_ON_TEST_LIST:
        response = _post(account, {**_recipient(account, short), **body})
    return _result(response)


def _post(account: Account, payload: Mapping[str, object]) -> Outcome:
    url = _url(account, str(account.settings["phoneNumberId"]), "messages")
    whole = {"messaging_product": "whatsapp", "recipient_type": "individual", **payload}
    return call("POST", url, headers=_auth_header(account), payload=whole)


def _recipient(account: Account, to: str) -> dict[str, str]:
    """A number goes into `to`; a user id into `recipient`, or the field `userIdField` names: sources disagree."""
    field = str(account.settings.get("userIdField") or "recipient")
    return {field: to} if phone_numbers.is_user_id(to) else {"to": to}


def _message(message: OutboundMessage) -> dict[str, object] | Permanent:
    """The content of a message in Meta's form, and our id of it, which every status echoes."""
    tag = {"biz_opaque_callback_data": reading.our_tag(message)}
    if message.template is not None:
        made = meta_templates.message(message.template, message.files)
        return (
            made if isinstance(made, Permanent) else {"type": "template", "template": made, **tag}
        )
    if not message.files:
        text = {"body": message.text, "preview_url": False}
        return {"type": "text", "text": text, **tag}
    if len(message.files) > 1 or not takes_caption(message.files[0], message.text):
        return Permanent("WhatsApp accepts one file at a time, with a short caption.")
    kind = _kind(message.files[0])
    return {"type": kind, kind: _media(kind, message.files[0], message.text), **tag}


def takes_caption(file: File, text: str) -> bool:
    """Whether a file can be sent with this text as its caption."""
    return not text or (_kind(file) != "audio" and text_split.utf16_length(text) <= MAX_CAPTION)


def _kind(file: File) -> str:
    """The type of message for a file."""
    return file_limits.whatsapp_kind(file.mime)


def _media(kind: str, file: File, caption: str) -> dict[str, str]:
    named = {"filename": file.name} if kind == "document" else {}
    return {"link": file.url, **({"caption": caption} if caption else {}), **named}


def _result(response: Outcome) -> Result:
    if not isinstance(response, Response):
        return response
    if not 200 <= response.status < 300:
        return meta_errors.result(response)
    sent = reading.items(response.body.get("messages"))
    provider_id = reading.identifier(reading.within(sent[0], "id")) if sent else ""
    if not provider_id:
        return Unknown("WhatsApp returned no id; the message may have been sent.")
    return Accepted(provider_id)


# ------------------------------------------------------------------------------------------------ trying, fetching


def test(account: Account, steps: Steps) -> Tested:
    """Ask Meta about the phone number: that needs the right id, a valid token and the permission."""
    wrong = reach(_base(account), steps)
    if wrong:
        return Tested(False, wrong)
    steps.begin("credentials", urlsplit(_base(account)).netloc)
    found = _number_found(account)
    if found.works:
        steps.finish(found.message)
    else:
        steps.fail(found.message)
    return found


def _number_found(account: Account) -> Tested:
    url = _url(account, str(account.settings["phoneNumberId"]))
    response = call(
        "GET", f"{url}?fields=display_phone_number,verified_name", headers=_auth_header(account)
    )
    if not isinstance(response, Response) or response.status != 200:
        failure = meta_errors.result(response) if isinstance(response, Response) else response
        return Tested(False, BAD_RESPONSE if isinstance(failure, Unknown) else failure.error)
    number = reading.line(response.body.get("display_phone_number")) or "without a number"
    name = reading.line(response.body.get("verified_name")) or "no verified name yet"
    return Tested(True, f"WhatsApp accepts the token for {number} ({name}).")


def templates(account: Account) -> list[MessageTemplate] | Result:
    """The message templates that Meta has for the account; or what is wrong."""
    settings = account.settings
    return meta_templates.read(
        lambda path: call("GET", f"{_url(account)}/{path}", headers=_auth_header(account)),
        quote(str(settings["phoneNumberId"]), safe=""),
        str(settings.get("businessAccountId") or ""),
    )


def fetch(account: Account, media: Media, limit: int) -> Fetched | Result:
    """A file of a message: by its id, for which Meta gives a URL valid for minutes, or by a URL that came with it."""
    source = media.source or ""
    if not MEDIA_ID.fullmatch(source):
        return fetching.download(source, _media_hosts(account), limit)
    response = call("GET", _url(account, source), headers=_auth_header(account))
    if not isinstance(response, Response) or response.status != 200:
        failure = meta_errors.result(response) if isinstance(response, Response) else response
        return fetching.RETRY if isinstance(failure, Unknown) else failure
    if (reading.number(response.body.get("file_size")) or 0) > limit:
        return fetching.TOO_LARGE
    return fetching.download(reading.text(response.body.get("url")), _media_hosts(account), limit)


def _media_hosts(account: Account) -> fetching.MediaHosts:
    more = tuple(map(str, account.settings.get("mediaHosts") or ()))
    return fetching.MediaHosts(_base(account), _auth_header(account), TRUSTED, HOSTS + more)


def _base(account: Account) -> str:
    return str(account.settings.get("baseUrl") or BASE_URL).rstrip("/")


def _url(account: Account, *path: str) -> str:
    version = str(account.settings.get("apiVersion") or VERSION)
    return "/".join([_base(account), *(quote(part, safe="") for part in (version, *path))])


def _auth_header(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.settings['accessToken']}"}
