"""Backups on the page: made, counted, downloaded with the password again, planned; in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import ADMIN, Staff
from tests.browser.staff import enter

pytestmark = pytest.mark.system

PATH = "/#/settings/backups"
PATIENCE = 60_000  # milliseconds
WORDS = {
    "en-GB": {
        "now": "Back up now",
        "download": "Download",
        "password": "Password",
        "counted": "Guests:",
        "hour": "Hour of the night (0 to 23)",
        "save": "Save",
        "saved": "Saved",
    },
    "es-MX": {
        "now": "Hacer copia ahora",
        "download": "Descargar",
        "password": "Contraseña",
        "counted": "Huéspedes:",
        "hour": "Hora de la noche (0 a 23)",
        "save": "Guardar",
        "saved": "Guardado",
    },
}


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("width", [1280, 390])
def test_one_is_made_and_downloaded(
    width: int, locale: str, visit: Visit, ada: Staff, tmp_path: Path
) -> None:
    words = WORDS[locale]
    page = enter(visit, path=PATH, locale=locale)
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_role("button", name=words["now"]).click()
    line = page.locator(".backups li").filter(has_text=words["counted"]).first
    expect(line).to_be_visible(timeout=PATIENCE)
    line.get_by_role("button", name=words["download"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["password"]).fill(ADMIN["password"])
    with page.expect_download(timeout=PATIENCE) as saved:
        dialog.get_by_role("button", name=words["download"]).click()
    content = Path(saved.value.path()).read_bytes()
    assert saved.value.suggested_filename.startswith("jack-")
    assert content.startswith(b"SQLite format 3\0") or content[257:262] == b"ustar"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_wrong_password_downloads_nothing(visit: Visit, ada: Staff) -> None:
    page = _with_one(visit, ada)
    page.locator(".backups li").get_by_role("button", name="Download").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill("not this one, surely")
    dialog.get_by_role("button", name="Download").click()
    expect(dialog.get_by_role("alert")).to_be_visible()


def test_the_hour_is_set(visit: Visit, ada: Staff) -> None:
    page = enter(visit, path=PATH)
    page.get_by_label("Hour of the night (0 to 23)").fill("3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    assert ada.ask("GET", "/settings/backups")["value"]["hour"] == 3


def _with_one(visit: Visit, ada: Staff) -> Page:
    """The page, with a backup that is made."""
    ada.ask("POST", "/backups")
    page = enter(visit, path=PATH)
    done = page.locator(".backups li").get_by_role("button", name="Download").first
    expect(done).to_be_visible(timeout=PATIENCE)
    return page
