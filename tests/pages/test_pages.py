"""The pages, asked for without a browser: what is sent, how long it may be kept, and what it may do there."""

from __future__ import annotations

import gzip
import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.core import errors, translations
from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.pages import static_files
from jack.resources.settings import store as settings
from tests.conftest import Person

PAGES = ("/", "/setup", "/invite", "/chat")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "blob:",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


class Read(HTMLParser):
    """What a browser would make of a page: its tags with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> dict[str, str | None]:
        return next(attributes for name, attributes in self.tags if name == tag)

    @property
    def loads(self) -> Iterator[str]:
        """Every address the page loads by itself."""
        for tag, attributes in self.tags:
            address = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
            if address:
                yield address


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_and_lets_nothing_in(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    policy = response.headers["Content-Security-Policy"]
    assert dict(part.split(" ", 1) for part in policy.split("; ")) == POLICY
    assert response.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Request-Id"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_script_or_style_inside_and_loads_only_what_is_here(
    client: FlaskClient, path: str
) -> None:
    page = Read(client.get(path).text)
    for tag, attributes in page.tags:
        assert tag != "style"
        assert tag != "script" or attributes["src"]
        assert not any(name == "style" or name.startswith("on") for name in attributes)
    loaded = set(page.loads)
    assert loaded
    for address in loaded:
        assert address.startswith("/")
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_asked_for_again_and_sent_only_when_changed(
    client: FlaskClient, path: str
) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "Content-Security-Policy" in again.headers


@pytest.mark.parametrize("path", [*PAGES, "/favicon.ico", "/robots.txt"])
def test_head_is_get_without_a_body(client: FlaskClient, path: str) -> None:
    got, headed = client.get(path), client.head(path)
    assert (headed.status_code, headed.data) == (200, b"")
    assert headed.content_length == got.content_length


# ------------------------------------------------------------------------------------------------ files


@pytest.mark.parametrize("name", sorted(static_files.FILES))
def test_a_file_under_its_version_may_be_kept_for_ever(client: FlaskClient, name: str) -> None:
    response = client.get(static_files.url(name))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    if name.startswith("staff/") and name.endswith(".js"):
        return  # joined: tests/pages/test_joined_scripts.py
    whole = (static_files.FOLDER / name).read_bytes()
    if name.endswith(".js") and not name.startswith("vendor/"):  # all but whole lines of comment
        whole = b"".join(line for line in code_of(whole.decode()))
    assert response.data == whole


def code_of(script: str) -> Iterator[bytes]:
    """The lines of a script, without those that are comments and nothing else."""
    inside = False
    for line in script.splitlines(keepends=True):
        words = line.strip()
        begins = words.startswith("/*") and ("*/" not in words or words.endswith("*/"))
        inside = inside or begins
        if not inside and not words.startswith("//"):
            yield line.encode()
        inside = inside and not words.endswith("*/")


def test_a_file_under_another_version_is_the_present_one_and_is_not_kept(
    client: FlaskClient,
) -> None:
    response = client.get("/static/0123456789abcdef/shared/look.css")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"
    tag = {"If-None-Match": response.headers["ETag"]}
    assert client.get("/static/0123456789abcdef/shared/look.css", headers=tag).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        f"/static/{static_files.VERSION}/nothing.js",
        f"/static/{static_files.VERSION}/../routes.py",
        f"/static/{static_files.VERSION}/..%2froutes.py",
        f"/static/{static_files.VERSION}/%2e%2e/%2e%2e/config.py",
        f"/static/{static_files.VERSION}/..%5croutes.py",
        f"/static/{static_files.VERSION}//etc/passwd",
        f"/static/{static_files.VERSION}/%2fetc%2fpasswd",
        f"/static/{static_files.VERSION}/shared/look.css%00.js",
        f"/static/{static_files.VERSION}/",
        f"/static/{static_files.VERSION}",
        "/static/../schema.sql",
        "/static/",
        "/templates/page.html",
        "/texts/en.json",
    ],
)
def test_no_other_file_is_there(client: FlaskClient, path: str) -> None:
    response = client.get(path, follow_redirects=True)
    assert response.status_code == 404
    assert "This page does not exist" in response.text


def test_the_files_asked_for_by_well_known_names(client: FlaskClient) -> None:
    kinds = {
        "/favicon.ico": "image/x-icon",
        "/favicon.svg": "image/svg+xml",
        "/robots.txt": "text/plain; charset=utf-8",
    }
    assert {path: client.get(path).content_type for path in kinds} == kinds
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_the_whole_chat_weighs_no_more_than_30_kb_compressed(client: FlaskClient) -> None:
    page = client.get("/chat")
    loaded = set(Read(page.text).loads)
    weight = sum(len(gzip.compress(client.get(address).data, 6)) for address in loaded)
    assert len(gzip.compress(page.data, 6)) + weight <= 30_000


def scripts_of(start: str) -> set[str]:
    """The script with this name and every script it imports, directly or not."""
    needed, unread = {start}, [start]
    while unread:
        name = unread.pop()
        text = static_files.FILES[name].body.decode()
        for found in re.findall(r'(?:from|import) "(\.[\w./-]+)"', text):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), found))
            if imported not in needed:
                needed.add(imported)
                unread.append(imported)
    return needed


@pytest.mark.parametrize(
    ("path", "starts"),
    [("/chat", ["chat/chat.js"]), ("/", ["staff/app.js", "staff/first.js"])],
)
def test_every_script_a_page_needs_is_named_on_it(
    client: FlaskClient, path: str, starts: list[str]
) -> None:
    named = {address for address in Read(client.get(path).text).loads if address.endswith(".js")}
    needed = {name for start in starts for name in scripts_of(start)}
    assert named == {static_files.url(name) for name in needed}


# ------------------------------------------------------------------------------------------------ what they say


def test_the_chat_shows_the_hotels_name_and_greeting(client: FlaskClient, app_db: Database) -> None:
    settings.put(app_db, "hotel", {"name": "Hotel Miramar"})
    settings.put(app_db, "channels.web", {"enabled": True, "greeting": "Welcome!"})
    page = Read(client.get("/chat").text)
    assert "Hotel Miramar" in page.text
    assert "Welcome!" in page.text
    assert page.of("body")["data-enabled"] == "yes"


def test_the_chat_says_when_it_is_switched_off(client: FlaskClient, app_db: Database) -> None:
    settings.put(app_db, "channels.web", {"enabled": False})
    assert Read(client.get("/chat").text).of("body")["data-enabled"] == "no"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onload='alert(1)",
        "</title></head><body onload=alert(1)>",
        "{{ 7 * 7 }} {% raw %}",
        "Pension „Zum Bären“ & Söhne",
    ],
)
def test_what_the_hotel_says_of_itself_is_text(
    client: FlaskClient, app_db: Database, text: str
) -> None:
    plain = Read(client.get("/chat").text)
    settings.put(app_db, "hotel", {"name": text})
    settings.put(app_db, "channels.web", {"enabled": True, "greeting": text})
    page = Read(client.get("/chat").text)
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert page.of("body")["data-hotel"] == text
    assert page.of("body").keys() == plain.of("body").keys()
    assert page.text.count(text) == 4  # title, head, name and text of the greeting


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("de-DE,de;q=0.9,es;q=0.5", "es"),
        ("de", "en"),
        ("en-US,es;q=0.9", "en"),
        (";;q=,,", "en"),
    ],
)
def test_a_page_speaks_the_readers_language(
    client: FlaskClient, accepted: str, language: str
) -> None:
    response = client.get("/setup", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}" dir="ltr">' in response.text
    assert "Accept-Language" in response.vary


def test_the_chat_speaks_the_hotels_language_to_those_it_has_no_words_for(
    client: FlaskClient, app_db: Database
) -> None:
    settings.put(app_db, "hotel", {"name": "Hotel Miramar", "language": "es"})
    assert 'lang="es"' in client.get("/chat", headers={"Accept-Language": "th"}).text


def flat(texts: object, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every text of a catalogue by its place, with the names it is filled with."""
    if isinstance(texts, dict):
        for key, inner in texts.items():
            yield from flat(inner, f"{path}.{key}")
    else:
        assert isinstance(texts, str)
        assert texts.strip()
        yield path, sorted(re.findall(r"\{\w+\}", texts))


@pytest.mark.parametrize("language", sorted(translations.TEXTS))
def test_every_language_has_every_text(language: str) -> None:
    assert dict(flat(translations.TEXTS[language])) == dict(flat(translations.TEXTS["en"]))


@pytest.mark.parametrize("code", sorted(errors.CODES))
@pytest.mark.parametrize("language", sorted(translations.TEXTS))
def test_every_code_of_a_detail_has_a_text(language: str, code: str) -> None:
    assert translations.TEXTS[language]["problems"][code].strip()


def test_no_script_goes_by_the_words_of_an_error() -> None:
    for name, file in static_files.FILES.items():
        if name.endswith(".js"):
            assert not re.search(r"\.test\(\w*\.?message\)", file.body.decode()), name


def test_every_text_a_script_asks_for_is_in_the_catalogue() -> None:
    texts = translations.TEXTS["en"]
    known = {*texts["form"], *texts["setup"], *texts["chat"], "badValue"}
    scripts = "".join(
        file.body.decode()
        for name, file in static_files.FILES.items()
        if name.startswith(("account/", "chat/", "shared/"))
    )
    assert set(re.findall(r'\bt\("(\w+)"', scripts)) <= known


def staff_scripts() -> str:
    return "".join(
        file.body.decode() for name, file in static_files.FILES.items() if name.startswith("staff/")
    )


def test_every_text_the_staffs_page_asks_for_is_in_the_catalogue() -> None:
    catalogue = translations.TEXTS["en"]
    given = {**catalogue["staff"], "problems": catalogue["problems"]}
    known = {path.removeprefix(".") for path, _ in flat(given)}
    parts = {path.partition(".")[0] for path in known if "." in path}
    scripts = staff_scripts()
    asked = set(re.findall(r'\bt\("([\w.]+)"', scripts))
    assert asked <= known
    assert set(re.findall(r"\bt\(`(\w+)\.\$", scripts)) <= parts


def test_every_text_of_the_staffs_page_is_used() -> None:
    scripts = staff_scripts()
    alone = {
        path[1:] for path, _ in flat(translations.TEXTS["en"]["staff"]) if path.count(".") == 1
    }
    assert {key for key in alone if f'"{key}"' not in scripts} == set()


def test_the_whole_staff_page_weighs_no_more_than_120_kb_compressed(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    read = Read(gzip.decompress(page.data).decode())
    loaded = {address for address in read.loads if "icon-" not in address}
    sizes = {a: len(client.get(a, headers={"Accept-Encoding": "gzip"}).data) for a in loaded}
    assert sum(sizes.values()) + len(page.data) <= 120_000


def test_the_staffs_page_can_be_installed(client: FlaskClient, app_db: Database) -> None:
    settings.put(app_db, "hotel", {"name": "Hotel Miramar"})
    answer = client.get("/manifest.webmanifest")
    assert answer.content_type == "application/manifest+json"
    assert answer.json["name"] == "Jack · Hotel Miramar"
    assert (answer.json["start_url"], answer.json["display"]) == ("/", "standalone")
    assert {icon["sizes"] for icon in answer.json["icons"]} == {"192x192", "512x512"}
    for icon in answer.json["icons"]:
        found = client.get(icon["src"])
        assert (found.status_code, found.content_type) == (200, "image/png")


def test_the_staffs_page_speaks_the_language_somebody_has_chosen(client: FlaskClient) -> None:
    client.set_cookie("language", "es")
    assert '<html lang="es"' in client.get("/", headers={"Accept-Language": "en"}).text
    client.set_cookie("language", "../../etc")
    assert '<html lang="en"' in client.get("/", headers={"Accept-Language": "en"}).text


def test_the_staffs_page_says_when_nobody_is_set_up(client: FlaskClient, admin: Person) -> None:
    assert Read(client.get("/").text).of("body")["data-staffed"] == "yes"
    admin.db.run("UPDATE staff SET active = 0")
    assert Read(client.get("/").text).of("body")["data-staffed"] == "no"


# ------------------------------------------------------------------------------------------------ errors


def test_an_unknown_path_is_a_page_that_says_so(client: FlaskClient) -> None:
    response = client.get("/nothing-here")
    assert response.status_code == 404
    assert response.content_type == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in response.headers
    assert Read(response.text).of("a")["href"] == "/"


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.post("/chat")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "That did not work" in response.text


def test_a_crash_is_a_page_without_its_cause(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: object) -> None:
        raise RuntimeError("the guest's secret")

    monkeypatch.setattr(settings, "value", crash)
    response = client.get("/chat")
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "secret" not in response.text


def test_a_busy_server_says_when_to_come_back(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: object) -> None:
        raise Unavailable("The database is busy.", retry_after=7)

    monkeypatch.setattr(settings, "value", busy)
    response = client.get("/chat", headers={"Accept-Language": "es"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "7")
    assert "Algo ha fallado" in response.text


def test_an_error_of_the_api_stays_json(client: FlaskClient) -> None:
    assert client.get("/api/v1/nothing").json["error"]["code"] == "NOT_FOUND"
