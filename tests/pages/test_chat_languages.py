"""The languages of what guests read: each has every text, is chosen as browsers ask for it, and is loaded when it is needed."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from jack.channels.mail import inbound
from jack.channels.mail.compose import compose
from jack.channels.types import InboundMessage, Quoted
from jack.core import translations
from jack.core.db import Database
from jack.resources.settings import store as settings
from tests.channels.mails import AT, account, outgoing
from tests.pages.test_pages import Read, flat

LANGUAGES = sorted(translations.GUESTS)
EXPECTED = [
    "ar",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "fi",
    "fr",
    "he",
    "it",
    "ja",
    "ko",
    "nl",
    "no",
    "pl",
    "pt",
    "ru",
    "sv",
    "tr",
    "uk",
    "zh-hans",
    "zh-hant",
]


def test_the_languages_that_guests_are_promised_are_there() -> None:
    assert LANGUAGES == EXPECTED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_its_placeholders(language: str) -> None:
    texts, english = translations.GUESTS[language], translations.GUESTS["en"]
    assert dict(flat(texts)) == dict(flat(english))
    assert texts["direction"] == ("rtl" if language in ("ar", "he") else "ltr")


@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"en"}))
def test_nothing_was_left_in_english(language: str) -> None:
    texts, english = translations.GUESTS[language]["chat"], translations.GUESTS["en"]["chat"]
    same = {name for name, text in texts.items() if text == english[name]}
    assert same <= {"send", "log"}  # the Danish word, and the French one


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("de-AT,en;q=0.5", "de"),
        ("pt-BR", "pt"),
        ("nb-NO,nn;q=0.9", "no"),
        ("iw", "he"),
        ("zh-CN", "zh-hans"),
        ("zh", "zh-hans"),
        ("zh-TW,zh;q=0.9", "zh-hant"),
        ("zh-Hant-HK", "zh-hant"),
        ("xx,uk;q=0.8", "uk"),
        ("xx", "es"),
    ],
)
def test_the_browser_says_which(
    client: FlaskClient, app_db: Database, asked: str, spoken: str
) -> None:
    settings.put(app_db, "hotel", {"name": "Sol", "timeZone": "UTC", "language": "es"})
    for path in ("/chat", "/widget"):
        page = Read(client.get(path, headers={"Accept-Language": asked}).text)
        assert page.of("html")["lang"] == spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_one_language_and_offers_all_by_their_own_names(
    client: FlaskClient, language: str
) -> None:
    page = Read(client.get(f"/widget?language={language}").text)
    texts = translations.GUESTS[language]
    assert page.of("html") | {} == {"lang": language, "dir": texts["direction"]}
    assert (page.of("body")["data-languages"] or "").split() == LANGUAGES
    told = json.loads(unescape(page.of("body")["data-widget"] or ""))
    assert told.items() <= texts["widget"].items()
    assert told.keys() == {"open", "close", "one", "many"}
    assert texts["chat"]["skip"] in page.text
    for other in {"en", "de"} - {language}:
        assert translations.GUESTS[other]["chat"]["greeting"] not in page.text


def test_the_staffs_page_stays_in_the_languages_it_has(client: FlaskClient) -> None:
    assert Read(client.get("/", headers={"Accept-Language": "fr"}).text).of("html")["lang"] == "en"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_above_a_quotation_is_known_as_such(language: str) -> None:
    wrote = translations.GUESTS[language]["mail"]["wrote"]
    heading = wrote.format(name="Ana Sol", when="2026-05-28 22:26")
    quoted = Quoted(heading, "A cot, please?")
    raw = compose(account(), outgoing(text="Of course.", quoted=quoted, to="a@other.example"))
    (event,) = inbound.events_of(raw, AT, "a@other.example")
    assert isinstance(event, InboundMessage)
    assert event.text == "Of course."


def test_the_script_has_one_text_of_each_language(client: FlaskClient) -> None:
    script = client.get("/widget.js").text
    for language in set(LANGUAGES) - {"en"}:
        texts = translations.GUESTS[language]["widget"]
        assert texts["open"] in script
        assert texts["refused"] not in script
    assert not re.search(r"^\s*(//|/\*)", script, re.MULTILINE)
