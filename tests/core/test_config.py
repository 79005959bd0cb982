"""Settings: each is read, checked, and refused by its name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from jack.core import config
from jack.core.config import BadSetting, read
from jack.core.places import ROOT
from jack.core.signing_key import secret_key

BAD = [
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "http"),
    ("PORT", "-1"),
    ("PORT", "٨٠"),
    ("JACK_PUBLIC_URL", "jack.example.com"),
    ("JACK_PUBLIC_URL", "ftp://jack.example.com"),
    ("JACK_PUBLIC_URL", "https://"),
    ("JACK_RATE_LIMIT", "100/minut"),
    ("JACK_RATE_LIMIT", "many"),
    ("JACK_RATE_LIMIT", "0/minute"),
    ("JACK_RATE_LIMIT", "100/2 day"),
    ("JACK_RATE_LIMIT_PAGE", "600"),
    ("JACK_RATE_LIMIT_WEBHOOKS", "many"),
    ("JACK_RATE_LIMIT_WEBHOOKS_REFUSED", "60"),
    ("JACK_RATE_LIMIT_BULK", "10/month"),
    ("JACK_RATE_LIMIT_CHAT", "-5/minute"),
    ("JACK_RATE_LIMIT_CHAT_SESSIONS", "20"),
    ("JACK_LOGIN_FAILURES", "ten"),
    ("JACK_LOGIN_FAILURES_ADDRESS", "30/fortnight"),
    ("JACK_LOGIN_LETTERS", "a few"),
    ("JACK_TOKEN_HOURS", "0"),
    ("JACK_TOKEN_HOURS", "721"),
    ("JACK_TOKEN_HOURS", "1.5"),
    ("JACK_TRUSTED_PROXIES", "10"),
    ("JACK_TRUSTED_PROXIES", "yes"),
    ("JACK_CORS_ORIGINS", "*"),
    ("JACK_CORS_ORIGINS", "www.example.com"),
    ("JACK_CORS_ORIGINS", "https://a.example/path"),
    ("JACK_CORS_ORIGINS", "https://a.example, b.example"),
    ("JACK_WRITE_DEADLINE", "0"),
    ("JACK_WRITE_DEADLINE", "61"),
    ("JACK_WORKER", "maybe"),
    ("JACK_SECRET_KEY", "short"),
    ("JACK_SECRET_KEY", "a" * 64),
    ("JACK_SECRET_KEY", "changeme"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_setting_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name}"):
        read({name: value})


@pytest.mark.parametrize(("name", "value"), [pair for pair in BAD if "SECRET" not in pair[0]])
def test_the_refusal_shows_what_was_written(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        read({name: value})
    assert str(refusal.value).startswith(f"{name}={value!r}: ")


def test_a_secret_is_not_shown_when_it_is_refused() -> None:
    with pytest.raises(BadSetting) as refusal:
        read({"JACK_SECRET_KEY": "my-poor-secret"})
    assert "my-poor-secret" not in str(refusal.value)


def test_nothing_needs_to_be_set() -> None:
    found = read({})
    assert found.instance == ROOT / "instance"
    assert (found.host, found.port) == ("127.0.0.1", 8000)
    assert str(found.rate_limit) == "100 per 1 minute"
    assert str(found.rate_limit_page) == "600 per 1 minute"
    assert str(found.rate_limit_bulk) == "10 per 1 minute"
    assert (found.token_hours, found.trusted_proxies, found.write_deadline) == (24, 0, 5)
    assert (found.trusted_hosts, found.cors_origins, found.worker) == ((), (), True)
    assert found.secret is None


def test_an_empty_setting_is_as_good_as_none() -> None:
    names = [name for name, _ in BAD]
    assert read(dict.fromkeys(names, "")) == read({})


def test_everything_can_be_set(tmp_path: Path) -> None:
    found = read(
        {
            "JACK_INSTANCE": str(tmp_path),
            "PORT": " 8080 ",
            "JACK_HOST": "0.0.0.0",  # noqa: S104 (nothing is bound)
            "JACK_PUBLIC_URL": "https://jack.example.com/",
            "JACK_RATE_LIMIT": "5/second",
            "JACK_TRUSTED_HOSTS": "jack.example.com, .example.org",
            "JACK_CORS_ORIGINS": "https://a.example,http://localhost:3000",
            "JACK_WORKER": "0",
        }
    )
    assert found.database == tmp_path / "jack.db"
    assert found.worker_lock == tmp_path / "worker.lock"
    assert (found.port, found.worker) == (8080, False)
    assert found.trusted_hosts == ("jack.example.com", ".example.org")
    assert found.cors_origins == ("https://a.example", "http://localhost:3000")
    assert (found.rate_limit.amount, found.rate_limit.get_expiry()) == (5, 1)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("1", True), ("YES", True), ("on", True), ("true", True), ("0", False), ("No", False)],
)
def test_yes_and_no_can_be_written_in_several_ways(word: str, meant: bool) -> None:
    assert read({"JACK_WORKER": word}).worker is meant


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"JACK_HOST": "0.0.0.0"}, "http://127.0.0.1:8000"),  # noqa: S104 (nothing is bound)
        ({"JACK_HOST": "::"}, "http://127.0.0.1:8000"),
        ({"JACK_HOST": "10.0.0.5"}, "http://10.0.0.5:8000"),
        ({"JACK_PUBLIC_URL": "https://jack.example.com/"}, "https://jack.example.com"),
    ],
)
def test_where_links_point_to(settings: dict[str, str], url: str) -> None:
    assert read(settings).base_url == url


@pytest.mark.parametrize("name", ["JACK_ADMIN_EMAIL", "JACK_ADMIN_PASSWORD"])
def test_an_administrator_needs_both_email_and_password(name: str) -> None:
    with pytest.raises(BadSetting, match="set both or neither"):
        read({name: "something"})


def test_a_relative_folder_is_beside_the_program() -> None:
    assert read({"JACK_INSTANCE": "elsewhere"}).instance == ROOT / "elsewhere"
    assert read({"JACK_INSTANCE": "~"}).instance == Path.home()


def test_without_an_environment_it_is_the_processs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "dotenv_values", lambda path: {"PORT": "9000", "JACK_HOST": None})
    monkeypatch.delenv("PORT", raising=False)
    assert read().port == 9000
    monkeypatch.setenv("PORT", "9001")
    assert read().port == 9001


# ------------------------------------------------------------------------------------------------ the signing key


def test_the_first_start_makes_a_key_for_its_owner_only(tmp_path: Path) -> None:
    settings = read({"JACK_INSTANCE": str(tmp_path / "new")})
    key = secret_key(settings)
    assert len(bytes.fromhex(key)) == 32
    path = tmp_path / "new" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["secret.key"]


def test_the_next_start_finds_the_same_key(tmp_path: Path) -> None:
    settings = read({"JACK_INSTANCE": str(tmp_path)})
    assert secret_key(settings) == secret_key(settings)


def test_of_two_first_starts_at_once_one_makes_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other had seen that there was none, and finds one when it is about to put its own there."""
    settings = read({"JACK_INSTANCE": str(tmp_path)})
    path, link = tmp_path / "secret.key", os.link
    theirs = "0123456789abcdef" * 4

    def too_late(source: Path, target: Path) -> None:
        path.write_text(theirs)
        link(source, target)

    monkeypatch.setattr(os, "link", too_late)
    assert secret_key(settings) == theirs
    assert [one.name for one in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("text", ["", "short", "a" * 64])
def test_a_key_file_that_is_spoiled_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(text)
    with pytest.raises(BadSetting, match=r"secret\.key: too weak"):
        secret_key(read({"JACK_INSTANCE": str(tmp_path)}))


def test_a_configured_key_is_taken_and_no_file_is_made(tmp_path: Path) -> None:
    key = "0123456789abcdef" * 2
    settings = read({"JACK_INSTANCE": str(tmp_path), "JACK_SECRET_KEY": key})
    assert secret_key(settings) == key
    assert list(tmp_path.iterdir()) == []
