"""Guests from a file and everything into a file, as a manager does it on the page."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Staff
from tests.browser.staff import MARIA, enter, unique

pytestmark = pytest.mark.system

WORDS: dict[str, dict[str, str]] = {
    "en-GB": {
        "import": "Import",
        "file": "File",
        "column": "What the column Who is",
        "try": "Try it, write nothing",
        "tried": "Nothing has been written.",
        "go": "Import now",
        "done": "The import is done.",
        "new": "New",
        "save": "Save all lines that failed",
    },
    "es-MX": {
        "import": "Importar",
        "file": "Archivo",
        "column": "Qué es la columna Who",
        "try": "Probar sin escribir nada",
        "tried": "No se ha escrito nada.",
        "go": "Importar ahora",
        "done": "La importación ha terminado.",
        "new": "Nuevos",
        "save": "Guardar todas las líneas con error",
    },
}


def _counted(page: Page, name: str) -> Any:
    return page.locator(".counts div").filter(has=page.locator("dt", has_text=name)).locator("dd")


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "es-MX")])
def test_guests_are_tried_and_then_brought_in(
    width: int, locale: str, visit: Visit, ada: Staff, tmp_path: Path
) -> None:
    words, name = WORDS[locale], unique("Zoë Müller")
    email = f"{name.split()[-1]}@guest.example"
    lines = f"Who;E-Mail;Room\r\n{name};{email};302\r\nNobody;nonsense;303\r\n"
    page = enter(visit, path="/#/guests", locale=locale)
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_role("button", name=words["import"], exact=True).click()
    page.get_by_label(words["file"], exact=True).set_input_files(
        {"name": "guests.csv", "mimeType": "text/csv", "buffer": lines.encode("windows-1252")}
    )
    expect(page.locator(".scrolled tbody tr")).to_have_count(2)
    expect(page.locator(".scrolled tbody tr").first).to_contain_text(name)
    page.get_by_label(words["column"]).select_option("name")
    page.get_by_role("button", name=words["try"]).click()
    expect(page.locator(".import-result")).to_contain_text(words["tried"])
    assert ada.ask("GET", f"/guests?search={email}") == []
    page.get_by_role("button", name=words["go"]).click()
    expect(page.locator(".import-result")).to_contain_text(words["done"])
    expect(_counted(page, words["new"])).to_have_text("1")
    assert [guest["name"] for guest in ada.ask("GET", f"/guests?search={email}")] == [name]
    with page.expect_download() as saved:
        page.get_by_role("button", name=words["save"]).click()
    text = saved.value.path().read_text(encoding="utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1][2:] == ["Nobody", "nonsense", "303"]
    for at in (390, 1280):
        page.set_viewport_size({"width": at, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_file_that_cannot_be_read_says_why(visit: Visit) -> None:
    page = enter(visit, path="/#/guests/import")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "guests.json", "mimeType": "application/json", "buffer": b"[]"}
    )
    expect(page.get_by_role("alert")).to_contain_text("A JSON list is not taken")


def test_everything_of_a_kind_is_saved_in_a_file(visit: Visit, ada: Staff) -> None:
    name = unique("Exported")
    ada.ask("POST", "/guests", json={"name": name})
    page = enter(visit, path="/#/guests")
    page.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Write the file").click()
    expect(dialog).to_contain_text("The file is ready.")
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Save the file").click()
    assert saved.value.suggested_filename.startswith("guests-20")
    content = saved.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,name,email")  # a mark that Excel needs
    assert name in content.decode()


def test_who_may_not_is_not_offered_it(visit: Visit, maria: Staff) -> None:
    page = enter(visit, MARIA, path="/#/guests")
    expect(page.get_by_role("button", name="New guest")).to_be_visible()
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Export", exact=True)).to_have_count(0)
