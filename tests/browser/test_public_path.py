"""Jack below a path of the hotel's own site, behind the proxies as `deploy/` has them: staff, guest and widget in a browser."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.browser.server import ADMIN, PATIENCE
from tests.browser.site import box as site_box
from tests.browser.site import launcher, serving
from tests.browser.staff import answer, message, said, unique
from tests.ports import free_port
from tests.system.conftest import (
    ROOT,
    Gunicorn,
    accepts,
    ended,
    make_certificate,
    needed,
    until,
)

pytestmark = pytest.mark.system

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SOCKET = "/run/jack/jack.sock"
HOTEL = "The hotel's own pages"


def deployed(name: str, **replaced: str) -> str:
    """A file of `deploy/` with something else in it."""
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    for old, new in replaced.items():
        assert old in text, f"deploy/{name} no longer says {old!r}"
        text = text.replace(old, new)
    return text


def nginx(folder: Path, port: int, socket: str, *, strip: bool) -> list[str]:
    """nginx with the hotel's own site and `deploy/nginx-path.conf` in it; with `strip` it takes the path away."""
    snippet = deployed("nginx-path.conf", **{SOCKET: socket})
    if strip:
        snippet = snippet.replace(f"{socket};", f"{socket}:/;")
    (folder / "jack.conf").write_text(snippet, encoding="utf-8")
    scratch = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user root; daemon off; worker_processes 1; pid {folder}/nginx.pid;"
        "events { worker_connections 512; }"
        f"http {{ {scratch} server {{ listen 127.0.0.1:{port} ssl;"
        f"ssl_certificate {folder}/fullchain.pem; ssl_certificate_key {folder}/privkey.pem;"
        f"include {folder}/jack.conf;"
        f'location / {{ default_type text/plain; return 200 "{HOTEL}"; }} }} }}',
        encoding="utf-8",
    )
    binary = needed("nginx", "sudo apt install nginx-light")
    return [binary, "-p", str(folder), "-e", "stderr", "-c", "nginx.conf"]


def caddy(folder: Path, port: int, socket: str) -> list[str]:
    """Caddy with `deploy/Caddyfile`, with this test's certificate."""
    (folder / "hotel").mkdir()
    (folder / "hotel" / "index.html").write_text(HOTEL, encoding="utf-8")
    text = deployed(
        "Caddyfile",
        **{
            SOCKET: socket,
            "hotel.example {": f"https://127.0.0.1:{port} {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem",
            "jack.example.com {": "http://127.0.0.1:0 {",
            "/var/www/hotel": f"{folder}/hotel",
            "{\n\tservers {": "{\n\tadmin off\n\tauto_https off\n\tdefault_sni jack.example.com\n\tservers {",
        },
    )
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    binary = needed("caddy", "sudo apt install caddy")
    return [binary, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@contextmanager
def below_a_path(folder: Path, front: str) -> Iterator[str]:
    """Jack behind a proxy, at `https://127.0.0.1:…/jack`."""
    make_certificate(folder)
    port = free_port()
    base = f"https://127.0.0.1:{port}/jack"
    jack = Gunicorn(folder, {"JACK_PUBLIC_URL": base})
    if front == "caddy":
        command = caddy(folder, port, jack.socket)
    else:
        command = nginx(folder, port, jack.socket, strip=front == "nginx, stripping")
    jack.start()
    log = folder / "proxy.log"
    # Where Caddy keeps its own.
    kept_there = {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with log.open("wb") as said_there:
        proxy = subprocess.Popen(
            command, stdout=said_there, stderr=said_there, cwd=folder, env=os.environ | kept_there
        )
    try:
        until(lambda: accepts(("127.0.0.1", port)), proxy, log)
        yield base
    finally:
        ended(proxy)
        jack.stop()


@pytest.fixture(scope="module", params=["nginx", "nginx, stripping", "caddy"])
def base(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where Jack is, behind each proxy; in a folder whose path is short enough for a socket."""
    with (
        TemporaryDirectory(prefix="jack-", dir="/tmp") as folder,
        below_a_path(Path(folder), request.param) as found,
    ):
        yield found


@pytest.fixture
def opened(browser: Browser, base: str) -> Iterator[Callable[..., Page]]:
    """Opens windows, in none of which anything of Jack's host is asked for that is not below the path."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []
    host = base.removesuffix("/jack")

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: wrong.append(f"pageerror: {error}"))
        page.on(
            "response",
            lambda r: r.status == 404 and r.url.startswith(host) and wrong.append(f"404: {r.url}"),
        )
        page.on(
            "request",
            lambda r: (
                r.url.startswith(host)
                and not r.url.startswith(f"{base}/")
                and wrong.append(f"outside: {r.url}")
            ),
        )

    def open_window(url: str) -> Page:
        context = browser.new_context(
            ignore_https_errors=True, locale="en-GB", viewport={"width": 1280, "height": 800}
        )
        contexts.append(context)
        context.on("page", watch)
        page = context.new_page()
        page.goto(url)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert wrong == []


def signed_in(opened: Callable[..., Page], base: str) -> Page:
    """The administrator, by the form."""
    page = opened(f"{base}/")
    page.get_by_label("E-mail").fill(ADMIN_THERE["email"])
    page.get_by_label("Password").fill(ADMIN_THERE["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".rail")).to_be_visible()
    return page


ADMIN_THERE = {"email": "ada@example.com", "password": ADMIN["password"]}


def test_the_hotels_own_pages_and_the_path_itself_are_right(base: str) -> None:
    host = base.removesuffix("/jack")
    with httpx.Client(verify=False, timeout=PATIENCE) as client:  # noqa: S501 (a certificate of the test's)
        assert client.get(host).text == HOTEL
        moved = client.get(base)
        assert moved.status_code in (301, 302)
        assert moved.headers["Location"].endswith("/jack/")
        assert client.get(f"{base}/healthz").json() == {"status": "ok"}
        refused = client.get(f"{base}/api/v1/auth/me")
        assert refused.json()["error"]["code"] == "UNAUTHORIZED"
        bulk = client.post(f"{base}/api/v1/auth/login", content=b"x" * 300_000)
        assert bulk.status_code == 413
        assert bulk.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


def test_staff_and_a_guest_talk(opened: Callable[..., Page], base: str) -> None:
    guest = opened(f"{base}/chat")
    guest.get_by_role("button", name="Skip").click()
    question, reply = unique("Is there parking?"), unique("Behind the hotel.")
    guest.get_by_label("Your message").fill(question)
    guest.get_by_role("button", name="Send").click()
    expect(guest.locator("li", has_text=question)).to_be_visible()
    page = signed_in(opened, base)
    (cookie,) = [one for one in page.context.cookies(f"{base}/") if one["httpOnly"]]
    assert (cookie["name"], cookie["path"]) == ("__Secure-jack", "/jack")
    assert page.context.cookies(base.removesuffix("/jack")) == []
    page.goto(f"{base}/#/inbox")
    page.get_by_role("searchbox").fill(question)
    page.locator(".rows .row").first.get_by_role("link").click()
    expect(page.locator(".message", has_text=question)).to_be_visible()
    photo = FilePayload(name="map.png", mimeType="image/png", buffer=PNG)
    page.get_by_label("Attach a file").set_input_files(photo)
    expect(page.locator(".reply .files li")).to_contain_text("map.png")
    answer(page, reply)
    expect(message(page, reply).get_by_role("img")).to_be_visible()
    expect(guest.locator("li.theirs", has_text=reply)).to_be_visible()
    with guest.expect_download() as download:
        guest.get_by_role("button", name=re.compile("map")).click()
    assert download.value.path().read_bytes() == PNG
    page.reload()  # the cookie is sent again, and the place in the page kept
    expect(said(page, reply)).to_be_visible()


def test_the_widget_of_another_site_finds_the_chat(opened: Callable[..., Page], base: str) -> None:
    with (
        serving(base) as site,
        httpx.Client(verify=False, base_url=f"{base}/api/v1", timeout=PATIENCE) as client,  # noqa: S501
    ):
        token = client.post("/auth/login", json=ADMIN_THERE).json()["data"]["token"]
        value = {"enabled": True, "sites": [site.url]}
        header = {"Authorization": f"Bearer {token}"}
        put = client.put("/settings/channels.web", json={"value": value}, headers=header)
        assert put.is_success, put.text
        page = opened(site.url)
        launcher(page).click()
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Skip").click()
        expect(site_box(page)).to_be_focused()
        content = unique("From the hotel's site")
        site_box(page).fill(content)
        frame.get_by_role("button", name="Send").click()
        expect(frame.locator("li", has_text=content).locator(".state")).to_have_text("Delivered")


def test_the_other_pages_lead_on_within_the_path(opened: Callable[..., Page], base: str) -> None:
    page = opened(f"{base}/")
    page.get_by_role("link", name=re.compile("chat", re.IGNORECASE)).click()
    expect(page).to_have_url(f"{base}/chat")
    page.goto(f"{base}/api/v1/docs")
    expect(page.get_by_role("heading", name=re.compile("Jack"))).to_be_visible()
    expect(page.locator(".servers select")).to_contain_text("/jack")
    page.close()  # what is drawn there is not to keep the next page waiting
    page = signed_in(opened, base)
    page.evaluate("location.hash = '#/me'")
    page.get_by_label("Language").select_option("es")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    (language,) = [one for one in page.context.cookies(f"{base}/") if one["name"] == "language"]
    assert language["path"] == "/jack"
