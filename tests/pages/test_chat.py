"""The chat and the widget, asked for without a browser: who may show them, what they tell, what they weigh."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from flask.testing import FlaskClient

from jack.core import translations
from jack.core.db import Database
from jack.pages import colours, static_files
from jack.resources.settings import store as settings

SITES = ["https://www.hotel.example", "http://localhost:8001"]
SECRET = "0123456789abcdef-never-shown"
PATHS = ("/chat", "/widget", "/widget.js")


def configure(db: Database, **web: object) -> None:
    settings.put(db, "channels.web", {"enabled": True, **web})


def framed_by(client: FlaskClient, path: str) -> str:
    policy = client.get(path).headers["Content-Security-Policy"]
    return str(dict(part.split(" ", 1) for part in policy.split("; "))["frame-ancestors"])


# ------------------------------------------------------------------------------------------------ who may show it


def test_only_the_sites_of_the_setting_may_show_the_widget(
    client: FlaskClient, app_db: Database
) -> None:
    assert framed_by(client, "/widget") == "'self'"
    configure(app_db, sites=SITES)
    assert framed_by(client, "/widget") == f"'self' {SITES[0]} {SITES[1]}"


@pytest.mark.parametrize(
    "path", ["/", "/setup", "/chat", "/nothing-here", "/static/0/shared/look.css"]
)
def test_nobody_may_show_any_other_page(client: FlaskClient, app_db: Database, path: str) -> None:
    configure(app_db, sites=SITES)
    assert client.get(path).headers.getlist("X-Frame-Options") == ["DENY"]
    if path != "/static/0/shared/look.css":
        assert framed_by(client, path) == "'none'"


def test_the_api_may_not_be_shown_either(client: FlaskClient) -> None:
    assert client.get("/api/v1/guests").headers.getlist("X-Frame-Options") == ["DENY"]
    assert client.get("/api/v1/docs").headers.getlist("X-Frame-Options") == ["DENY"]


@pytest.mark.parametrize("path", ["/widget", "/widget.js"])
def test_what_is_made_for_other_sites_can_be_loaded_there(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "X-Frame-Options" not in headers
    assert headers.getlist("Cross-Origin-Resource-Policy") == ["cross-origin"]
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_widget_lets_in_no_more_than_other_pages_do(client: FlaskClient) -> None:
    pages = [client.get(path).headers["Content-Security-Policy"] for path in ("/widget", "/chat")]
    assert pages[0].replace("'self'", "") != pages[0]
    assert pages[0].split("; ")[:-1] == pages[1].split("; ")[:-1]


# ------------------------------------------------------------------------------------------------ the script


def wants(client: FlaskClient, **kwargs: object) -> dict[str, object]:
    """What the script is told of the hotel."""
    last = client.get("/widget.js", **kwargs).text.rstrip().rpartition("\n})(), ")[2]  # type: ignore[arg-type]
    found: dict[str, object] = json.loads(last.removesuffix(");"))
    return found


def test_the_script_knows_what_the_hotel_wants(client: FlaskClient, app_db: Database) -> None:
    configure(app_db, title='A "title" \\ </script>', colour="#b4552d", identitySecret=SECRET)
    told = wants(client)
    assert told.keys() == {
        "enabled",
        "title",
        "colour",
        "language",
        "aliases",
        "rtl",
        "open",
        "texts",
        "style",
    }
    assert (told["enabled"], told["title"]) == (True, 'A "title" \\ </script>')
    assert told["colour"] == "#b4552d"
    assert told["open"] == {
        name: texts["widget"]["open"] for name, texts in translations.GUESTS.items()
    }
    assert told["texts"] == translations.GUESTS["en"]["widget"]
    assert told["rtl"] == ["ar", "he"]


def test_the_script_is_kept_for_a_while_and_sent_again_only_when_changed(
    client: FlaskClient, app_db: Database
) -> None:
    first = client.get("/widget.js")
    assert first.content_type == "text/javascript; charset=utf-8"
    assert first.headers["Cache-Control"].startswith("public, max-age=300,")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/widget.js", headers=tag).status_code == 304
    configure(app_db, colour="#b4552d")
    assert client.get("/widget.js", headers=tag).status_code == 200


def test_the_script_needs_nothing_else(client: FlaskClient) -> None:
    assert not re.search(
        r"\bimport\b|\beval\b|innerHTML|document\.write", client.get("/widget.js").text
    )


# ------------------------------------------------------------------------------------------------ what it tells


@pytest.mark.parametrize("path", PATHS)
def test_no_secret_is_shown(client: FlaskClient, app_db: Database, path: str) -> None:
    configure(app_db, identitySecret=SECRET, sites=SITES)
    settings.put(app_db, "hotel", {"name": "Sol", "email": "owner@hotel.example"})
    text = client.get(path).text
    assert SECRET not in text
    assert "identity" not in text
    assert "owner@hotel.example" not in text


def test_hours_and_texts_are_those_of_the_setting(client: FlaskClient, app_db: Database) -> None:
    hours = {"monday": [{"from": "09:00", "to": "18:00"}]}
    settings.put(app_db, "hotel", {"name": "Sol", "timeZone": "Asia/Tokyo"})
    configure(app_db, hours=hours, awayMessage="Back soon", title="Reception")
    for path in ("/chat", "/widget"):
        text = client.get(path).text
        assert "<title>Reception</title>" in text
        assert 'data-zone="Asia/Tokyo"' in text
        assert 'data-away="Back soon"' in text
        assert json.loads(text.split("data-hours='")[1].split("'")[0]) == hours


@pytest.mark.parametrize(
    ("asked", "language"), [("es", "es"), ("es-MX", "es"), ("xx", "en"), ("", "en")]
)
def test_a_site_may_choose_the_language(client: FlaskClient, asked: str, language: str) -> None:
    assert f'lang="{language}"' in client.get(f"/widget?language={asked}").text


@pytest.mark.parametrize("colour", ["red", "%23fff", "%23b4552d;", "b4552d", "%23b4552d%0a", ""])
def test_what_is_no_colour_is_none(client: FlaskClient, colour: str) -> None:
    assert 'href="/chat/' not in client.get(f"/widget?colour={colour}").text


# ------------------------------------------------------------------------------------------------ colours

COLOURS = ["#000000", "#ffffff", "#ffd400", "#0b1f4b", "#777777", "#b4552d", "#00ff00", "#0d6a5b"]


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_can_be_read(client: FlaskClient, app_db: Database, colour: str) -> None:
    configure(app_db, colour=colour)
    (path,) = re.findall(r'href="(/chat/[^"]+\.css)"', client.get("/widget").text)
    response = client.get(path)
    assert response.headers["Cache-Control"] == static_files.FOR_EVER
    light, dark = response.text.split("@media (prefers-color-scheme: dark)")
    drawn = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in (light, dark)]
    for own, ground, ink in zip(drawn, ("#f3f5f2", "#1b2220"), ("#1b2421", "#e5ebe8"), strict=True):
        assert colours.contrast(own["brand"], own["on-brand"]) >= 4.5
        assert colours.contrast(own["accent"], ground) >= 4.5
        assert colours.contrast(own["accent-strong"], ground) >= 4.5
        assert colours.contrast(own["mine"], ink) >= 7
    assert drawn[0]["head"] == colour
    assert colours.contrast(colour, drawn[0]["on-head"]) >= 4.5


def test_contrast_is_as_wcag_says() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_grey_has_an_ink() -> None:
    greys = [f"#{part:02x}{part:02x}{part:02x}" for part in range(256)]
    assert min(colours.contrast(grey, colours.ink(grey)) for grey in greys) >= 4.5


@pytest.mark.parametrize("name", ["red", "fff", "0d6a5b0", "0d6a5g", "..%2f"])
def test_a_sheet_for_no_colour_is_not_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/chat/{static_files.VERSION}/{name}.css").status_code == 404


# ------------------------------------------------------------------------------------------------ how it is sent


@pytest.mark.parametrize(
    "path", [*PATHS, static_files.url("chat/chat.css"), static_files.url("chat/chat.js")]
)
def test_it_is_compressed_for_those_who_can_unpack_it(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)
    for response in (plain, packed):
        assert "Accept-Encoding" in response.vary
    assert plain.headers["ETag"] != packed.headers["ETag"]
    headers = {"If-None-Match": packed.headers["ETag"], "Accept-Encoding": "gzip"}
    assert client.get(path, headers=headers).status_code == 304


def test_gzip_that_is_refused_is_not_sent(client: FlaskClient) -> None:
    for header in ("gzip;q=0", "identity", "br"):
        answer = client.get("/widget.js", headers={"Accept-Encoding": header})
        assert "Content-Encoding" not in answer.headers
