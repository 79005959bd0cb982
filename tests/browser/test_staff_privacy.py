"""Privacy on the staff page: consents and the export on a guest's page, and who is erased by themselves."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import enter, sql, unique

pytestmark = pytest.mark.system

WORDS = {
    "en-GB": {
        "change": "Change SMS",
        "state": "What they have said",
        "given": "given",
        "source": "Where it is known from",
        "save": "Save",
        "export": "Export all data",
        "file": "Save the file",
        "erases": "Erase guests automatically",
        "months": "Months after the last message or departure",
        "saved": "Saved",
    },
    "es-MX": {
        "change": "Cambiar SMS",
        "state": "Lo que ha dicho",
        "given": "dado",
        "source": "De dónde se sabe",
        "save": "Guardar",
        "export": "Exportar todos sus datos",
        "file": "Guardar el archivo",
        "erases": "Borrar huéspedes automáticamente",
        "months": "Meses después del último mensaje o de la salida",
        "saved": "Guardado",
    },
}


def shot(page: Page, name: str) -> None:
    """Take a picture for whoever wants to look (JACK_SCREENSHOTS: a folder)."""
    if folder := os.environ.get("JACK_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "es-MX")])
def test_consents_the_export_and_who_is_due(
    width: int, locale: str, visit: Visit, ada: Staff, server: Server
) -> None:
    words, name = WORDS[locale], unique("Cleo Paz")
    guest = ada.ask("POST", "/guests", json={"name": name, "phone": None})["id"]
    page = enter(visit, path=f"/#/guests/{guest}", locale=locale)
    page.set_viewport_size({"width": width, "height": 900})
    consents = page.locator(".consents")
    expect(consents.locator("li").first).not_to_be_visible()  # one line, until it is opened
    consents.locator("summary").click()
    consents.get_by_role("button", name=words["change"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["state"]).select_option(words["given"])
    dialog.get_by_label(words["source"]).fill("registration form")
    dialog.get_by_role("button", name=words["save"]).click()
    line = consents.locator("li").filter(has_text="SMS")
    expect(line).to_contain_text(words["given"])
    expect(line).to_contain_text("registration form")
    expect(consents.locator("summary")).to_contain_text(f"SMS {words['given']}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    consents.scroll_into_view_if_needed()
    shot(page, f"consents-{width}")
    page.locator(".more-of-guest summary").click()
    page.get_by_role("button", name=words["export"]).click()
    expect(dialog).to_be_visible()
    shot(page, f"guest-export-{width}")
    with page.expect_download(timeout=60_000) as saved:
        dialog.get_by_role("button", name=words["file"]).click()
    with zipfile.ZipFile(Path(saved.value.path())) as archive:
        assert name in archive.read("guest.json").decode()
    old = "2001-02-03T04:05:06.000Z"
    sql(server, "UPDATE guests SET created_at = :old WHERE id = :id", old=old, id=guest)
    page.goto(f"{server.url}/#/settings/privacy")
    page.get_by_label(words["erases"]).check()
    page.get_by_label(words["months"]).fill("120")
    page.get_by_role("button", name=words["save"]).click()
    expect(page.get_by_text(words["saved"]).first).to_be_visible()
    due = page.locator("ul[aria-labelledby='due']")
    expect(due.get_by_role("link", name=name)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"privacy-{width}")
    assert ada.ask("GET", "/settings/privacy")["value"] == {"eraseGuestsAfterMonths": 120}
