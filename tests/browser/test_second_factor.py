"""The second factor on the staff's page: set up by its QR code, asked for at sign-in, required, reset; devices ended."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import zxingcpp
from playwright.sync_api import Locator, Page, expect

from tests.browser.guest import Visit
from tests.browser.server import ADMIN, Server, Staff
from tests.browser.staff import enter, show, sign_in, sql

pytestmark = pytest.mark.system

LEA = {"email": "lea@hotel.example", "password": "a quiet corner room"}
# What a camera would see: the picture, drawn four times as large, as width and grey values (bytes in Base64: a list of a
# million numbers takes a browser a long time to hand over).
PIXELS = """picture => {
    const [width, height] = [4 * picture.width, 4 * picture.height];
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const drawing = canvas.getContext("2d");
    drawing.drawImage(picture, 0, 0, width, height);
    const rgba = drawing.getImageData(0, 0, width, height).data;
    let grey = "";
    for (let place = 0; place < rgba.length; place += 4) grey += String.fromCharCode(rgba[place]);
    return [width, btoa(grey)];
}"""


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server by itself: what is required of everybody is required of nobody else's tests."""
    first = {"JACK_ADMIN_EMAIL": ADMIN["email"], "JACK_ADMIN_PASSWORD": ADMIN["password"]}
    running = Server(tmp_path / "instance", first)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def lea(server: Server, ada: Staff) -> Staff:
    """A member of staff without a second factor, and with no session but one."""
    sql(
        server,
        "DELETE FROM totp WHERE staff_id IN (SELECT id FROM staff WHERE email = :email)",
        email=LEA["email"],
    )
    known = {member["email"] for member in ada.ask("GET", "/staff", params={"limit": 100})}
    if LEA["email"] not in known:
        token = ada.invite("Lea Roth", LEA["email"])
        ada.ask("POST", "/auth/accept-invite", json={"token": token, "password": LEA["password"]})
    made = Staff(server, **LEA)
    made.ask("POST", "/auth/logout-everywhere")
    made.sign_in()
    return made


def scanned(picture: Locator) -> str:
    """What the QR code says, read as an app reads it."""
    expect(picture).to_be_visible()
    width, encoded = picture.evaluate(PIXELS)
    grey = base64.b64decode(encoded)
    image = memoryview(grey).cast("B", shape=[len(grey) // width, width])
    (found,) = zxingcpp.read_barcodes(image)
    return str(found.text)


class App:
    """An authenticator app; it shows a code once, and the next one afterwards."""

    def __init__(self, uri: str) -> None:
        self._totp = pyotp.parse_uri(uri)
        self._shown = 0

    def code(self) -> str:
        """A code that has not been shown yet; ahead of the clock by as much as is tolerated."""
        step = max(int(time.time()) // 30, self._shown + 1)
        assert step <= int(time.time()) // 30 + 1, "three codes within a minute"
        self._shown = step
        return str(self._totp.generate_otp(step))  # type: ignore[attr-defined]


def set_up(page: Page) -> tuple[App, list[str]]:
    """Scan, confirm; the app and the recovery codes, which are still shown."""
    app = App(scanned(page.locator(".qr-code img")))
    page.get_by_label("Code from your app").fill(app.code())
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    return app, page.locator(".recovery-codes code").all_inner_texts()


def part(page: Page, title: str) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=title))


def start_set_up(page: Page) -> None:
    part(page, "Second factor").get_by_role("button", name="Set up").click()


def test_it_is_set_up_by_its_qr_code_and_asked_for_at_sign_in(visit: Visit, lea: Staff) -> None:
    page = enter(visit, LEA, "/#/me")
    devices = part(page, "Where you are signed in").locator("li")
    expect(devices).to_have_count(2)
    start_set_up(page)
    uri = urlsplit(scanned(page.locator(".qr-code img")))
    typed = page.locator(".secret").inner_text().replace(" ", "")
    assert (uri.scheme, parse_qs(uri.query)["secret"]) == ("otpauth", [typed])
    page.get_by_label("Code from your app").fill("12")
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("dialog .problem")).to_have_text(
        "This code is not right, or has been used."
    )
    app, codes = set_up(page)
    page.get_by_role("button", name="I have kept them").click()
    expect(part(page, "Second factor").get_by_text("On since")).to_be_visible()
    expect(devices).to_have_count(1)  # the others have ended

    other = visit("/")
    sign_in(other, **LEA)
    field = other.get_by_label("Code from your app")
    expect(field).to_be_focused()
    field.fill("000 000")
    other.get_by_role("button", name="Sign in").click()
    expect(other.locator("#totp-problem")).to_contain_text("not right")
    expect(field).to_be_focused()
    field.fill(app.code())
    field.press("Enter")
    expect(other.locator(".rail")).to_be_visible()

    third = visit("/")
    sign_in(third, **LEA)
    third.get_by_role("button", name="Use a recovery code instead").click()
    expect(third.get_by_label("Recovery code")).to_be_focused()
    third.get_by_label("Recovery code").fill(codes[0].upper())
    third.get_by_role("button", name="Sign in").click()
    expect(third.locator(".rail")).to_be_visible()
    show(third, "#/me")
    expect(third.get_by_text("Recovery codes left: 9")).to_be_visible()


def test_recovery_codes_are_copied_saved_and_printed(visit: Visit, lea: Staff) -> None:
    page = enter(visit, LEA, "/#/me")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    start_set_up(page)
    _, codes = set_up(page)
    page.keyboard.press("Escape")  # they are shown this once
    expect(page.locator(".recovery-codes")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").split() == codes
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    text = saved.value.path().read_text()
    assert text.split("\n\n")[1].split() == codes
    assert LEA["email"] in text
    page.emulate_media(media="print")
    seen = "element => getComputedStyle(element).visibility"
    assert page.locator(".recovery-codes code").first.evaluate(seen) == "visible"
    assert page.get_by_role("button", name="Print").count() == 0
    page.evaluate("window.print = () => { window.printed = true }")
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") is True


def test_it_is_turned_off_with_password_and_code(visit: Visit, lea: Staff) -> None:
    page = enter(visit, LEA, "/#/me")
    start_set_up(page)
    _, codes = set_up(page)
    page.get_by_role("button", name="I have kept them").click()
    part(page, "Second factor").get_by_role("button", name="Turn off").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Current password").fill("not the password")
    dialog.get_by_label("Code from your app").fill(codes[0])
    dialog.get_by_role("button", name="Turn off").click()
    expect(dialog.locator(".problem")).to_have_text("The current password is not right.")
    dialog.get_by_label("Current password").fill(LEA["password"])
    dialog.get_by_role("button", name="Turn off").click()
    expect(dialog).to_have_count(0)
    expect(part(page, "Second factor").get_by_role("button", name="Set up")).to_be_visible()


def test_a_device_is_named_in_words_and_ended(visit: Visit, lea: Staff) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    other = enter(visit, LEA, "/#/tasks", user_agent=firefox)
    page = enter(visit, LEA, "/#/me")
    devices = part(page, "Where you are signed in").locator("li")
    expect(devices.first).to_contain_text("Chrome on Linux")
    expect(devices.first).to_contain_text("this device")
    row = devices.filter(has_text="Firefox on Windows")
    expect(row).to_contain_text("127.0.0.1")
    row.get_by_role("button", name="End: Firefox on Windows").click()
    page.get_by_role("dialog").get_by_role("button", name="End", exact=True).click()
    expect(row).to_have_count(0)
    other.reload()
    expect(other.get_by_role("button", name="Sign in")).to_be_visible()


def test_who_must_have_one_sets_it_up_before_anything_else(
    visit: Visit, own_server: Server
) -> None:
    ada = Staff(own_server, **ADMIN)
    token = ada.invite("Lea Roth", LEA["email"])
    ada.ask("POST", "/auth/accept-invite", json={"token": token, "password": LEA["password"]})
    open_already = enter(visit, LEA, base=own_server.url)
    page = enter(visit, ADMIN, "/#/settings/security", base=own_server.url)
    page.get_by_label("Who must have a second factor").select_option("everyone")
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog", name="Set up a second factor")
    expect(dialog).to_be_visible()  # the one who requires it is asked as well
    set_up(page)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_label("Who must have a second factor")).to_have_value("everyone")

    expect(open_already.get_by_role("dialog", name="Set up a second factor")).to_be_visible()
    fresh = visit("/", base=own_server.url)
    sign_in(fresh, **LEA)
    expect(fresh.get_by_text("Your hotel requires a second factor")).to_be_visible()
    set_up(fresh)
    fresh.get_by_role("button", name="I have kept them").click()
    expect(fresh.get_by_text("No one is waiting.")).to_be_visible()

    show(page, "#/staff")
    page.get_by_role("link", name=re.compile("Lea Roth")).click()
    page.get_by_role("button", name="Reset the second factor").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset the second factor").click()
    expect(page.get_by_text("not set up")).to_be_visible()
    expect(fresh.get_by_role("dialog", name="Sign in again")).to_be_visible()


def test_a_link_for_a_new_password_asks_for_a_code(
    visit: Visit, server: Server, ada: Staff, lea: Staff
) -> None:
    made = lea.ask("POST", "/auth/totp")
    app = App(made["otpauthUri"])
    lea.ask("POST", "/auth/totp/confirm", json={"totp": app.code()})
    staff = ada.ask("GET", "/staff", params={"limit": 100})
    (lea_id,) = [member["id"] for member in staff if member["email"] == LEA["email"]]
    token = ada.ask("POST", f"/staff/{lea_id}/invite")["token"]
    page = visit(f"/invite#{token}")
    page.get_by_label("Password", exact=True).fill(LEA["password"])
    page.get_by_label("The same password again").fill(LEA["password"])
    expect(page.get_by_label("Code of your second factor")).to_be_hidden()
    page.locator("[type=submit]").click()
    field = page.get_by_label("Code of your second factor")
    expect(field).to_be_focused()
    expect(page.locator("#totp-problem")).to_contain_text("has a second factor")
    field.fill(app.code())
    page.locator("[type=submit]").click()
    expect(page.get_by_role("heading", name="Your password is saved")).to_be_focused()


AGENTS: list[tuple[str | None, str | None, str | None]] = [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge", "Windows"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "Safari", "macOS"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"),
    ("Mozilla/5.0 (Linux; Android 15; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet", "Android"),
    ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome", "ChromeOS"),
    ("python-httpx/0.28.1", "python-httpx", None),
    ("", None, None),
    (None, None, None),
]  # fmt: skip


def test_browsers_are_told_apart(visit: Visit) -> None:
    page = visit("/")
    script = page.evaluate("document.querySelector('script[src$=\"/app.js\"]').src")
    load = "async ([module, agent]) => (await import(module)).deviceOf(agent)"
    module = script.replace("app.js", "me/device-name.js")
    for agent, browser, system in AGENTS:
        found = page.evaluate(load, [module, agent])
        assert found == {"browser": browser, "system": system}, agent
