"""Jack below a path of its host: nothing that goes out leads elsewhere, and what comes in may have the path or not."""

from __future__ import annotations

import asyncio
import html
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.channels import sms
from jack.channels.twilio import signature as twilio
from jack.channels.types import OutboundMessage
from jack.core import config, public_url
from jack.core.db import Database
from jack.http.public_path import without
from jack.http.request_hooks import BODY_LIMIT
from jack.http.rsgi import RsgiApplication
from jack.messaging import webhook_routes
from jack.pages import static_files
from jack.resources.attachments import signed_links
from jack.resources.auth.cookie import SECURE_NAME, SECURE_NAME_BELOW
from jack.resources.settings import store as settings
from tests.builders import make_conversation
from tests.checks import succeeded
from tests.conftest import PASSWORD, Person
from tests.http.test_rsgi import Headers, Protocol, Scope, in_a_thread

SHOWN = ("/", "/setup", "/invite", "/chat", "/widget", "/nowhere")
BELOW = "/jack"
PUBLIC_URL = f"https://hotel.example{BELOW}"
PAGE = {"X-Jack-Page": "1"}
# An address that begins at the host, in a page, a script or a style.
ABSOLUTE = re.compile(r"""(?:href|src|action)=["']?(/[^"'> ]*)|url\(["']?(/[^)"']*)""")
# What a script must not say, however it is put together: `"/api`, `'/static`, `${...}` aside.
IN_SCRIPTS = re.compile(
    r"""["'`=](/(?:api/|static/|chat\b|widget|favicon|setup|invite|manifest|files/)[^"'`]*)"""
)
SMS = {"enabled": True, "accountSid": "AC1", "authToken": "token", "from": "+15550001111"}


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"JACK_PUBLIC_URL": PUBLIC_URL, "JACK_TRUSTED_PROXIES": "1"}


@pytest.fixture
def proxied(client: FlaskClient) -> FlaskClient:
    """Somebody on the other side of the proxy, which speaks TLS."""
    client.environ_base["HTTP_X_FORWARDED_PROTO"] = "https"
    client.environ_base["HTTP_X_FORWARDED_FOR"] = "192.0.2.7"
    return client


def addresses(text: str) -> list[str]:
    """The addresses in a page that begin at its host."""
    return [html.unescape(one or other) for one, other in ABSOLUTE.findall(text)]


# ------------------------------------------------------------------------------------------------ what comes in


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/jack", "/"),
        ("/jack/", "/"),
        ("/jack/api/v1/guests", "/api/v1/guests"),
        ("/jack?x=1", "/?x=1"),
        ("/jackpot", "/jackpot"),
        ("/api/v1/jack", "/api/v1/jack"),
        ("/jack/jack/", "/jack/"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_the_path_is_taken_away_once_and_whole(path: str, found: str) -> None:
    assert without(path, BELOW) == found


@pytest.mark.parametrize("below", [BELOW, ""])
def test_a_proxy_may_pass_the_path_on_or_take_it_away(client: FlaskClient, below: str) -> None:
    assert client.get(f"{below}/healthz").json == {"status": "ok"}
    assert client.get(f"{below}/api/v1/auth/me").status_code == 401
    assert client.get(f"{below}/chat").status_code == 200
    assert client.get(f"{below}/nowhere").status_code == 404


def test_a_doubled_path_is_none(client: FlaskClient) -> None:
    assert client.get(f"{BELOW}{BELOW}/healthz").status_code == 404


@pytest.mark.parametrize("below", [BELOW, ""])
def test_a_file_may_be_as_large_as_ever(app: Flask, below: str) -> None:
    """granian's side looks up the route before Flask does, to know how much to read."""
    server = RsgiApplication(app, below=BELOW)
    asked = {"PATH_INFO": f"{below}/api/v1/attachments", "REQUEST_METHOD": "POST"}
    assert server._limit(dict(asked)) > 16 * 1024 * 1024
    assert server._limit(asked | {"PATH_INFO": f"{below}/api/v1/guests"}) == BODY_LIMIT


@pytest.mark.parametrize("below", [BELOW, ""])
def test_a_webhook_is_refused_before_its_body_as_ever(app: Flask, below: str) -> None:
    server = RsgiApplication(app, ask_first=(webhook_routes.BELOW,), below=BELOW)
    headers = Headers(("content-length", "10"), ("expect", "100-continue"))
    scope = Scope(path=f"{below}/webhooks/twilio/sms", headers=headers)
    unread = Protocol((0, AssertionError("the body was read")))

    def serve() -> None:
        asyncio.run(server.__rsgi__(scope, unread))  # type: ignore[arg-type]
        app.extensions["jack"].databases.close()

    in_a_thread(serve)
    assert unread.status == 403


@pytest.mark.parametrize(
    "path", ["/chat", "/api", "/static/x", "/files", "/../x", "/./", "/a b", "/%6a", "//x", "/é"]
)
def test_a_path_that_cannot_be_is_refused_by_name(path: str) -> None:
    with pytest.raises(config.BadSetting, match="JACK_PUBLIC_URL"):
        config.read({"JACK_PUBLIC_URL": f"https://hotel.example{path}"})


@pytest.mark.parametrize(
    ("path", "found"), [("", ""), ("/", ""), ("/jack/", "/jack"), ("/a/b.c", "/a/b.c")]
)
def test_a_path_is_kept_without_its_last_slash(path: str, found: str) -> None:
    read = config.read({"JACK_PUBLIC_URL": f"https://hotel.example{path}"})
    assert (read.public_path, read.base_url) == (found, f"https://hotel.example{found}")


def test_jacks_own_paths_are_all_told_from_such_a_path(app: Flask) -> None:
    first = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()} - {""}
    assert first == public_url.OWN_PATHS


# ------------------------------------------------------------------------------------------------ what goes out


@pytest.mark.parametrize("below", [BELOW, ""])
@pytest.mark.parametrize("path", SHOWN)
def test_no_page_leads_out_of_the_path(proxied: FlaskClient, path: str, below: str) -> None:
    response = proxied.get(below + path, headers={"Accept-Encoding": "identity"})
    assert response.status_code == (404 if path == "/nowhere" else 200)
    found = addresses(response.text)
    assert len(found) >= 3
    for address in found:
        assert address.startswith(f"{BELOW}/"), address
        assert proxied.get(address).status_code == 200, address


def test_the_page_that_is_installed_stays_in_the_path(proxied: FlaskClient) -> None:
    manifest: dict[str, Any] = proxied.get(f"{BELOW}/manifest.webmanifest").get_json(force=True)
    assert {manifest[name] for name in ("id", "start_url", "scope")} == {f"{BELOW}/"}
    for icon in manifest["icons"]:
        assert proxied.get(icon["src"]).status_code == 200
        assert icon["src"].startswith(BELOW)


def test_no_script_and_no_style_names_a_path_of_the_host() -> None:
    """They find each other relatively, and the rest by where they are themselves."""
    ours = {
        name: file for name, file in static_files.FILES.items() if not name.startswith("vendor/")
    }
    for name, file in ours.items():
        if not name.endswith((".js", ".css")):
            continue
        text = file.body.decode()
        for not_asked_for in ("`/static/…/shared/api.js`", 'script[src*="/widget.js"]'):
            text = text.replace(not_asked_for, "")
        assert IN_SCRIPTS.findall(text) == [], name
        assert addresses(text) == [], name


def test_the_cookie_is_for_the_path_alone(app: Flask, admin: Person, proxied: FlaskClient) -> None:
    answer = sign_in(admin, proxied)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{SECURE_NAME_BELOW}=")
    assert SECURE_NAME not in cookie
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Strict", f"Path={BELOW}"} <= parts
    held = {"Cookie": cookie.partition(";")[0], **PAGE}
    assert proxied.get(f"{BELOW}/api/v1/auth/me", headers=held).status_code == 200


def test_without_a_path_the_cookie_is_the_hosts(environment: dict[str, str], tmp_path: Any) -> None:
    from jack import create_app

    own = environment | {"JACK_INSTANCE": str(tmp_path / "other"), "JACK_PUBLIC_URL": ""}
    app = create_app(own)
    admin, client = Person(app, "admin", "Olga"), app.test_client()
    client.environ_base["HTTP_X_FORWARDED_PROTO"] = "https"
    cookie = sign_in(admin, client).headers["Set-Cookie"]
    assert cookie.startswith(f"{SECURE_NAME}=")
    assert "Path=/;" in cookie


def sign_in(person: Person, client: FlaskClient) -> Any:
    """The answer to a sign-in of the page's."""
    from jack.resources.auth import passwords

    person.db.run(
        "UPDATE staff SET password_hash = :hash WHERE id = :id",
        {"hash": passwords.hashed(PASSWORD), "id": person.id},
    )
    known = {"email": person.email, "password": PASSWORD}
    answer = client.post("/api/v1/auth/login", json=known, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer


def test_what_the_api_names_can_be_asked_for(admin: Person, client: FlaskClient) -> None:
    answer = admin.post("/guests", {"name": "Ana"})
    where = answer.headers["Location"]
    assert where == f"{BELOW}/api/v1/guests/{succeeded(answer, 201)['id']}"
    token = {"Authorization": f"Bearer {admin.token}"}
    assert client.get(where, headers=token).status_code == 200
    made = make_conversation(admin.db)
    file = {"file": (io.BytesIO(b"%PDF-1.4"), "a.pdf")}
    sent = admin.open("/attachments", method="POST", data=file)
    attachment = succeeded(sent, 201)
    assert attachment["url"] == f"{BELOW}/api/v1/attachments/{attachment['id']}"
    assert sent.headers["Location"] == attachment["url"]
    body = {"content": "Here", "attachmentIds": [attachment["id"]]}
    message = succeeded(admin.post(f"/conversations/{made['id']}/messages", body), 201)
    assert [one["url"] for one in message["attachments"]] == [attachment["url"]]
    assert client.get(attachment["url"], headers=token, buffered=True).data == b"%PDF-1.4"
    invited = {"name": "Eva", "email": "eva@hotel.example", "role": "staff"}
    invite = succeeded(admin.post("/staff", invited), 201)["invite"]
    assert invite["url"].startswith(f"{PUBLIC_URL}/invite#")


def test_what_a_visitor_is_named_can_be_asked_for(client: FlaskClient) -> None:
    begun = succeeded(client.post(f"{BELOW}/api/v1/webchat/sessions", json={}), 201)
    visitor = {"Authorization": f"Bearer {begun['token']}"}
    said = {"content": "Hello", "clientMessageId": "1"}
    answer = client.post(f"{BELOW}/api/v1/webchat/messages", json=said, headers=visitor)
    assert answer.headers["Location"].startswith(f"{BELOW}/api/v1/webchat/")


def test_the_description_says_where_its_paths_begin(client: FlaskClient) -> None:
    description: dict[str, Any] = client.get(f"{BELOW}/api/v1/openapi.json").get_json()
    assert description["servers"] == [{"url": BELOW}]
    page = client.get(f"{BELOW}/api/v1/docs").text
    found = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert not any(address.startswith("/") for address in found)  # below what shows them
    assert all(
        client.get(f"{BELOW}/api/v1/{one}", buffered=True).status_code == 200 for one in found
    )


@pytest.mark.parametrize("below", [BELOW, ""])
def test_twilio_signs_the_public_address_whatever_the_proxy_does(
    client: FlaskClient, app_db: Database, below: str
) -> None:
    settings.put(app_db, "channels.sms", SMS)
    form = {"From": "+525512345678", "To": SMS["from"], "Body": "Hola", "MessageSid": "SM1"}
    form |= {"AccountSid": "AC1"}
    text = f"{PUBLIC_URL}/webhooks/twilio/sms?a=%2F" + "".join(
        n + v for n, v in sorted(form.items())
    )
    headers = {"X-Twilio-Signature": twilio.signature("token", text)}
    raw = f"{below}/webhooks/twilio/sms?a=%2F"
    for name in ("RAW_URI", "REQUEST_URI"):
        answer = client.post(raw, data=form, headers=headers, environ_base={name: raw})
        assert answer.status_code == 200, answer.text
    assert app_db.value("SELECT count(*) FROM messages") == 1


def test_links_for_providers_have_the_path(app_db: Database, client: FlaskClient) -> None:
    account = sms.account(SMS, PUBLIC_URL)
    assert account is not None
    message = OutboundMessage("msg-1", "key", None, "conv-1", "+525512345678", "Hola")
    from jack.channels.twilio import api

    form = dict(api._form(account, message, "+525512345678", SMS["from"]))  # type: ignore[arg-type]
    assert form["StatusCallback"].startswith(f"{PUBLIC_URL}/webhooks/twilio/status?")
    assert signed_links.signed("secret", "file-1", 1).startswith("/files/")  # after the public URL
