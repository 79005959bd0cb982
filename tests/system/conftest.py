"""The real gunicorn with the deployed configuration, and the real nginx in front, on loopback."""

from __future__ import annotations

import datetime
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
HOST = "jack.example.com"
ADMIN = {"email": "ada@example.com", "password": "correct horse battery"}
PATIENCE = 60.0


def needed(program: str, command: str) -> str:
    """The path of a program that is not Python's; the test skips without it, and CI fails."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/opt/homebrew/bin")
    if found is None:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say(f"{program} is missing; this installs it: {command}")
    return found


def until(ready: Callable[[], bool], program: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for a program to be ready; say what it said if it does not get there."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if program.poll() is not None or time.monotonic() > deadline:
            ended(program)
            pytest.fail(f"{program.args} did not start:\n{log.read_text()}")
        time.sleep(0.02)


def accepts(address: tuple[str, int] | str) -> bool:
    """Whether somebody listens there."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0


@dataclass
class Gunicorn:
    """Jack behind `deploy/gunicorn.conf.py`, on a unix socket, with an instance of its own."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> str:
        return str(self.folder / "jack.sock")

    @property
    def log(self) -> Path:
        return self.folder / "gunicorn.log"

    def environment(self) -> dict[str, str]:
        """The process's own without any JACK_ setting of the machine, and the test's."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("JACK_", "PORT"))}
        return inherited | {
            "JACK_INSTANCE": str(self.folder / "instance"),
            "JACK_BIND": f"unix:{self.socket}",
            "JACK_ADMIN_EMAIL": ADMIN["email"],
            "JACK_ADMIN_PASSWORD": ADMIN["password"],
            "JACK_TRUSTED_PROXIES": "1",
            # No window ends while a test looks.
            "JACK_RATE_LIMIT": "1000/day",
            "JACK_RATE_LIMIT_BULK": "100/day",
            "JACK_RATE_LIMIT_WEBHOOKS_REFUSED": "1000/day",
            **self.settings,
        }

    def start(self) -> None:
        env = self.environment()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", *self.options],
                cwd=ROOT, env=env, stdout=log, stderr=log,
            )  # fmt: skip
        until(self.answers, self.process, self.log)

    def answers(self) -> bool:
        """Whether a worker answers: the first process listens before there is one."""
        if not accepts(self.socket):
            return False
        try:
            with self.client() as client:
                return client.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def client(self) -> httpx.Client:
        """A client straight on the socket, past nginx."""
        transport = httpx.HTTPTransport(uds=self.socket)
        return httpx.Client(transport=transport, base_url=f"http://{HOST}", timeout=PATIENCE)

    def stop(self) -> None:
        if self.process is not None:
            ended(self.process)


def ended(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to end, insist if it does not, and give its exit code."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


@dataclass
class Nginx:
    """nginx with `deploy/nginx.conf`, of which only ports, paths and names of files are replaced."""

    folder: Path
    upstream: str
    http: int = field(default_factory=free_port)
    https: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def binary(self) -> str:
        return needed("nginx", "sudo apt install nginx-light")

    @property
    def log(self) -> Path:
        return self.folder / "nginx.log"

    def site(self) -> str:
        """The deployed file, for this test's ports and folder."""
        text = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if "listen [::]" not in line]
        replaced = {
            "listen 80": f"listen 127.0.0.1:{self.http}",
            "listen 443": f"listen 127.0.0.1:{self.https}",
            "/run/jack/jack.sock": self.upstream,
            f"/etc/letsencrypt/live/{HOST}": str(self.folder),
            "/var/log/nginx": str(self.folder),
            "/var/www/html": str(self.folder),
            "/var/lib/jack": str(Path(self.upstream).parent / "instance"),
        }
        text = "\n".join(lines)
        for old, new in replaced.items():
            assert old in text, f"deploy/nginx.conf no longer says {old!r}"
            text = text.replace(old, new)
        return text

    def write(self) -> None:
        """The files nginx starts with."""
        make_certificate(self.folder)
        (self.folder / "site.conf").write_text(self.site(), encoding="utf-8")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        scratch = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 1; pid {self.folder}/nginx.pid;"
            f"events {{ worker_connections 512; }}"
            f"http {{ {scratch} include {self.folder}/site.conf; }}",
            encoding="utf-8",
        )

    def command(self) -> list[str]:
        return [self.binary, "-p", str(self.folder), "-e", "stderr", "-c", "nginx.conf"]

    def start(self) -> None:
        self.write()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        until(lambda: accepts(("127.0.0.1", self.https)), self.process, self.log)

    def stop(self) -> None:
        if self.process is not None:
            ended(self.process)

    def context(self) -> ssl.SSLContext:
        """What a browser knows: this certificate and nothing else."""
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    def client(self, source: str = "127.0.0.1") -> httpx.Client:
        """A client of the hotel's own name, calling from an address of this machine."""
        transport = httpx.HTTPTransport(verify=self.context(), local_address=source)

        def by_name(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = HOST

        return httpx.Client(
            transport=transport,
            base_url=f"https://127.0.0.1:{self.https}",
            headers={"Host": HOST},
            timeout=PATIENCE,
            event_hooks={"request": [by_name]},
        )

    def connection(self, name: str = HOST) -> ssl.SSLSocket:
        """A bare TLS connection, to send what no client would."""
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=PATIENCE)
        return self.context().wrap_socket(plain, server_hostname=name)


def make_certificate(folder: Path) -> None:
    """A certificate for the example host, where certbot would have put one."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Callable[[], Path]]:
    """Makes folders with a path short enough for a unix socket."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="jack-", dir="/tmp")))
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_gunicorn(short_folder: Callable[[], Path]) -> Iterator[Callable[..., Gunicorn]]:
    """Starts a gunicorn for one test, with settings of its own."""
    running: list[Gunicorn] = []

    def start(**settings: str) -> Gunicorn:
        running.append(Gunicorn(short_folder(), settings))
        running[-1].start()
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="session")
def gunicorn(short_folder: Callable[[], Path]) -> Iterator[Gunicorn]:
    """The gunicorn most of these tests share."""
    server = Gunicorn(short_folder())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def nginx(gunicorn: Gunicorn, short_folder: Callable[[], Path]) -> Iterator[Nginx]:
    """nginx in front of it."""
    server = Nginx(short_folder(), gunicorn.socket)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def lonely_nginx(short_folder: Callable[[], Path]) -> Iterator[Nginx]:
    """nginx with nobody behind it."""
    server = Nginx(short_folder(), "/tmp/jack-is-not-here.sock")
    server.start()
    yield server
    server.stop()
