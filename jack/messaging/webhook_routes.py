"""Webhooks: WhatsApp by Meta, SMS and WhatsApp by Twilio. No envelope, no sign-in: a signature over raw bytes.

A request is refused as early as it can be: by the budgets of its address, by its size, for want of a signature, all before its
body is read; then by the signature; and only what is signed is understood. An authentic request is answered 200 when all of it is committed; what cannot be stored now is answered 503, and the
provider sends it again. No content of messages is logged.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, request

from jack.channels import whatsapp
from jack.channels.protocol import InvalidSignature, WebhookChannel
from jack.channels.registry import CHANNELS
from jack.channels.twilio import inbound as twilio_inbound
from jack.channels.twilio.signature import verify
from jack.channels.types import WebhookRequest
from jack.core.errors import PayloadTooLarge, RateLimited
from jack.http.before_body import admit, is_admitted
from jack.http.context import app_state, current_request, get_db
from jack.http.json_body import raw_body
from jack.http.rate_limits import address_key, wait
from jack.http.route_options import RouteOptions, max_bytes, needs_header, options_of
from jack.messaging.inbound import store_events
from jack.resources.channel_accounts.connection import connected

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response as AnyResponse

    from jack.channels.types import Account

log = logging.getLogger("jack.webhooks")

UNDER = "/webhooks"
BELOW = f"{UNDER}/"
KIB = 1024
# As Meta documents; Twilio's longest message, percent-encoded, has some 50 KiB.
MAX_BYTES = {"meta": 3 * KIB * KIB, "twilio": 64 * KIB}
# Of a form of Twilio's, which has some 40.
MAX_FIELDS = 200
META_SIGNATURE, TWILIO_SIGNATURE = "X-Hub-Signature-256", "X-Twilio-Signature"
BY_TWILIO = ("sms", "whatsapp")
TEXT = "text/plain; charset=utf-8"
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
MESSAGES = {
    400: "The request could not be understood.",
    403: "The signature is not right.",
    404: "There is no such account here.",
    405: "This method is not allowed here.",
    413: "The body is too large.",
    429: "Too many requests. Send it again later.",
    503: "Not now. Send it again.",
}

blp = Blueprint("provider_webhooks", __name__, url_prefix=UNDER)


@blp.get("/whatsapp")
def challenge() -> Response:
    """Answer Meta's challenge, which proves that the webhook is ours."""
    account = _account("whatsapp", "meta")
    if account is None:
        return plain(404)
    try:
        return Response(whatsapp.challenge(account, request.args.to_dict()), content_type=TEXT)
    except InvalidSignature:
        return plain(403)


@blp.post("/whatsapp")
@max_bytes(MAX_BYTES["meta"])
@needs_header(META_SIGNATURE)
def receive_meta() -> Response:
    """Messages, statuses and echoes from Meta."""
    return _store("whatsapp", "meta", _post()) or Response("OK", content_type=TEXT)


@blp.post("/twilio/sms")
@max_bytes(MAX_BYTES["twilio"])
@needs_header(TWILIO_SIGNATURE)
def receive_sms() -> Response:
    """An SMS from Twilio."""
    return _store("sms", "twilio", _form()) or _twiml()


@blp.post("/twilio/whatsapp")
@max_bytes(MAX_BYTES["twilio"])
@needs_header(TWILIO_SIGNATURE)
def receive_whatsapp() -> Response:
    """A WhatsApp message from Twilio."""
    return _store("whatsapp", "twilio", _form()) or _twiml()


@blp.post("/twilio/status")
@max_bytes(MAX_BYTES["twilio"])
@needs_header(TWILIO_SIGNATURE)
def receive_status() -> Response:
    """A delivery receipt from Twilio, whose form says which channel it is for: read once an account's token has signed it."""
    post = _form()
    accounts = [one for name in BY_TWILIO if (one := _account(name, "twilio")) is not None]
    if not accounts:
        return _refuse(404, "a request of twilio for a status, without an account there")
    if not any(_is_signed(account, post) for account in accounts):
        return _refuse(403, "a request of twilio for a status with a wrong signature")
    return _store(twilio_inbound.channel(post), "twilio", post) or _twiml()


def _is_signed(account: Account, post: WebhookRequest) -> bool:
    """Whether Twilio signed a request for this account."""
    try:
        verify(str(account.settings["authToken"]), account.public_url, post)
    except InvalidSignature:
        return False
    return True


def _store(name: str, provider: str, post: WebhookRequest) -> Response | None:
    """Read a request and store its events; the refusal if it is refused."""
    account = _account(name, provider)
    if account is None:
        return _refuse(404, f"a request of {provider} for {name}, which has no account there")
    channel = cast("WebhookChannel", CHANNELS[name])
    try:
        events = channel.read(account, post)
    except InvalidSignature:
        return _refuse(403, f"a request of {provider} for {name} with a wrong signature")
    for other in channel.other_accounts(account, post):
        log.warning("a request of %s for an account that is not ours: %s", provider, other)
    store_events(get_db(), account, events, secret=app_state().secret)
    return None


def _account(name: str, provider: str) -> Account | None:
    """The channel's account, if it has one with this provider.

    One that is switched off receives all the same, so that nothing is lost.
    """
    account = connected(get_db(), name, app_state().config.base_url).account
    if account is None:
        return None
    own = "twilio" if name == "sms" else account.settings.get("provider") or "meta"
    return account if own == provider else None


def _post() -> WebhookRequest:
    """The request as it arrived. Raises PayloadTooLarge."""
    request.max_content_length = _options().max_bytes
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path)
    path, _, query = raw.partition("?")
    return WebhookRequest(
        request.method, path, query, dict(request.headers), raw_body(), get_db().now()
    )


def _form() -> WebhookRequest:
    """The same of Twilio, whose form is not split where it has too many fields."""
    post = _post()
    if post.body.count(b"&") >= MAX_FIELDS:
        raise PayloadTooLarge(MESSAGES[413])
    return post


def _options() -> RouteOptions:
    """How the route of the request at hand is declared."""
    return options_of(current_app.view_functions[str(request.endpoint)])


def _twiml() -> Response:
    """The empty answer for Twilio, which would send any text in it to the guest."""
    return Response(EMPTY_TWIML, content_type="text/xml; charset=utf-8")


# ------------------------------------------------------------------------------------------------ before the body


def init_app(app: Flask) -> None:
    """Register the routes, and what comes before and after each of them."""
    app.register_blueprint(blp)
    app.before_request(_admit)
    app.after_request(_count_refusal)


def _is_webhook() -> bool:
    return current_request().path.startswith(BELOW)


def _admit() -> Response | None:
    """Refuse a request that need not be read. Raises RateLimited and PayloadTooLarge."""
    if not _is_webhook():
        return None
    sent = current_request()
    if is_admitted(sent):
        return None
    _check_budgets()
    if sent.routing_exception is not None:
        return None  # raised by Flask
    options = _options()
    if sent.method == "POST":
        if options.max_bytes is not None and (sent.content_length or 0) > options.max_bytes:
            raise PayloadTooLarge(MESSAGES[413])
        if options.needs_header is not None and options.needs_header not in sent.headers:
            return _refuse(403, "a request without a signature")
    return admit(sent)


def _check_budgets() -> None:
    """Spend from the budget of the address, which no provider reaches; and see how many of its requests were refused.

    Only refused requests count against the tight limit, so that signed ones are never refused for their number.
    """
    limits, config = app_state().limits, app_state().config
    address = address_key(current_request().remote_addr)
    every = limits.spend(config.rate_limit_webhooks, f"webhooks:{address}")
    refused = limits.left(config.rate_limit_webhooks_refused, f"webhooks-refused:{address}")
    if every.exceeded or not refused.remaining:
        over = every if every.exceeded else refused
        raise RateLimited(MESSAGES[429], retry_after=wait(over))


def _count_refusal(response: Response) -> Response:
    """Count a refusal against its address; but not one for the number of them."""
    if _is_webhook() and 400 <= response.status_code < 500 and response.status_code != 429:
        address = address_key(current_request().remote_addr)
        item = app_state().config.rate_limit_webhooks_refused
        app_state().limits.spend(item, f"webhooks-refused:{address}")
    return response


# ------------------------------------------------------------------------------------------------ refusals


def _refuse(status: int, why: str) -> Response:
    """A refusal; `why` is for the log."""
    log.warning("refused: %s", why)
    return plain(status)


def plain(status: int) -> Response:
    """A refusal as plain text."""
    return Response(MESSAGES.get(status, "It cannot be answered."), status, content_type=TEXT)


def error_answer(
    status: int, retry_after: int | None = None, *, was: AnyResponse | None = None
) -> Response:
    """The answer to a provider for a status of 400 and more; `was` is the framework's own, whose `Allow` counts."""
    response = plain(status)
    if was is not None and "Allow" in was.headers:
        response.headers["Allow"] = was.headers["Allow"]
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
