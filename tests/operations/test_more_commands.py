"""Commands for whoever owns the machine: settings, a letter, the manual page, completion, the doctor for programs."""

from __future__ import annotations

import datetime
import json
import os
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jack.core.config import read
from jack.operations.doctor import outside
from jack.resources.settings import store
from jack.resources.staff import store as staff
from tests.commands import database, finished, settings, typed
from tests.peers.smtp import smtp

COMMANDS = ("backup", "restore", "settings get", "settings put", "send-test-mail", "man", "doctor")


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith("JACK_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "instance"
    monkeypatch.setenv("JACK_INSTANCE", str(folder))
    with database(folder):
        pass
    return folder


def test_a_setting_is_put_checked_and_got(instance: Path) -> None:
    assert typed("settings", "put", "security", '{"requireTotp": "admins"}').exit_code == 0
    assert json.loads(typed("settings", "get", "security").output) == {"requireTotp": "admins"}
    bad = typed("settings", "put", "security", '{"requireTotp": "perhaps"}')
    assert bad.exit_code == 2
    assert bad.output.startswith("requireTotp: ")
    assert json.loads(typed("settings", "get", "security").output) == {"requireTotp": "admins"}
    with database(instance) as db:
        audit = db.column("SELECT subject_id FROM audit WHERE action = 'setting.updated'")
        assert audit == ["security"]


@pytest.mark.parametrize("value", ["no json", "[1]", '"text"'])
def test_what_is_no_object_is_refused(instance: Path, value: str) -> None:
    assert typed("settings", "put", "own", value).exit_code == 2


def test_a_secret_comes_by_standard_input_and_is_never_shown(instance: Path) -> None:
    server = {"host": "mail.example", "password": "hush-hush"}
    value = {"enabled": False, "address": "a@hotel.example", "smtp": server, "imap": server}
    put = typed("settings", "put", "channels.email", stdin=json.dumps(value))
    assert put.exit_code == 0, put.output
    assert "hush" not in typed("settings", "get", "channels.email").output
    with database(instance) as db:
        assert "hush" not in db.value("SELECT value FROM settings WHERE key = 'channels.email'")
        assert store.value(db, "channels.email")["smtp"]["password"] == "hush-hush"  # type: ignore[index]


def test_the_keys_are_listed(instance: Path) -> None:
    typed("settings", "put", "own.thing", "{}")
    listed = typed("settings", "get").output.split()
    assert {"hotel", "backups", "channels.sms", "own.thing"} <= set(listed)
    assert typed("settings", "get", "unknown").exit_code == 1


def test_a_letter_leaves_and_says_so(instance: Path) -> None:
    with smtp() as relay, database(instance) as db:
        staff.create(db, name="Ada", email="ada@hotel.example", role="admin")
        assert "not configured" in typed("send-test-mail", "ada@hotel.example").output
        servers = {"smtp": relay.settings(), "imap": {"host": "127.0.0.1", "password": "unasked"}}
        value = {"enabled": True, "address": "front@hotel.example"}
        store.put(db, "channels.email", value | servers)
        result = typed("send-test-mail", "ada@hotel.example")
        assert "ok     smtp" in result.output, result.output
        (mail,) = relay.desk.taken
        assert mail.recipients == ["ada@hotel.example"]
    assert "No member" in typed("send-test-mail", "nobody@hotel.example").output


def test_the_manual_page_has_every_command(instance: Path) -> None:
    page = typed("man").output
    assert page.startswith(".TH JACK 1")
    for name in COMMANDS:
        assert f"\n.B {name}\n" in page or f".B {name}" in page, name
    assert "\\-\\-identity" in page


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(instance: Path, shell: str) -> None:
    assert "_JACK_COMPLETE" in typed("completion", shell).output


def test_completion_completes(instance: Path) -> None:
    asked = {"_JACK_COMPLETE": "bash_complete", "COMP_WORDS": "jack se", "COMP_CWORD": "1"}
    result = finished(env=settings(**asked))
    assert {"plain,setup-link", "plain,settings", "plain,send-test-mail"} <= set(
        result.stdout.split()
    )


def test_the_doctor_speaks_json(instance: Path) -> None:
    result = typed("doctor", "--json")
    found = json.loads(result.output)
    assert (found["ok"], result.exit_code) == (False, 1)
    assert {one["state"] for one in found["findings"]} >= {"ok", "wrong"}


def test_the_doctor_knows_old_backups_and_paused_channels(instance: Path) -> None:
    with database(instance) as db:
        assert [one.state for one in outside.backups(db)] == ["ok"]
        db.run("UPDATE instance SET created_at = '2026-01-01T00:00:00.000Z'")
        (finding,) = outside.backups(db)
        assert finding.state == "WRONG"
        paused = "INSERT INTO channel_accounts (name, paused_at, paused_until, paused_because) VALUES ('sms:1', :now, :now, 'refused')"
        db.run(paused, {"now": db.now()})
        (finding,) = outside.channels(db)
        assert "sms:1 is paused (refused)" in finding.message
        store.put(db, "backups", {"enabled": False})
        assert [one.state for one in outside.backups(db)] == ["note"]


# ------------------------------------------------------------------------------------------------ certificates


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Any]:
    """Starts a server with a certificate of so many days; gives its port and the certificate's file."""
    stops = []

    def serve(days: int) -> tuple[int, Path]:
        made, key = certificate(tmp_path, days)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made, key)
        listener = __import__("socket").create_server(("127.0.0.1", 0))
        stops.append(listener)

        def answer() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                    with plain, context.wrap_socket(plain, server_side=True) as secured:
                        secured.recv(1)
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        return listener.getsockname()[1], made

    yield serve
    for one in stops:
        one.close()


def certificate(folder: Path, days: int) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
    return paths


@pytest.mark.parametrize(("days", "state"), [(3, "WRONG"), (60, "ok")])
def test_the_doctor_knows_how_long_a_certificate_is_good(
    tls: Any, monkeypatch: pytest.MonkeyPatch, days: int, state: str
) -> None:
    port, made = tls(days)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    config = read({"JACK_PUBLIC_URL": f"https://localhost:{port}"})
    (finding,) = outside.certificate(config)
    assert (finding.state, f"{days} days" in finding.message) == (state, True)


def test_the_doctor_knows_a_certificate_that_browsers_refuse(tls: Any) -> None:
    port, _ = tls(60)
    (finding,) = outside.certificate(read({"JACK_PUBLIC_URL": f"https://localhost:{port}"}))
    assert finding.state == "WRONG"
    assert "browsers refuse" in finding.message


def test_where_nobody_answers_it_says_nothing_of_certificates() -> None:
    assert list(outside.certificate(read({"JACK_PUBLIC_URL": "https://localhost:9"}))) == []
    assert list(outside.certificate(read({}))) == []
