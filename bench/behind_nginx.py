"""Jack behind nginx, on either server: what the customer deploys, with connections that stay open to nginx and, where the server can, to Jack."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench import jack_up
from bench.calls import CALLS, call_of
from bench.report import Section, table
from bench.servers import Server, free_port, spawn, stop, wait_until_up
from bench.settings import ROUNDS, SECONDS, WORKERS, say_over
from bench.speed import JACKS
from bench.wrk import Figure, load

# As deploy/nginx.conf, without TLS and without the rules for large bodies.
CONFIGURATION = """
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx.error.log crit;
daemon off;
events {{ worker_connections 512; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream jack {{
        server 127.0.0.1:{upstream} fail_timeout=0;
        keepalive 32;
        keepalive_requests 1000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://jack;
            proxy_http_version 1.1;
            proxy_next_upstream off;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


def measure(folder: Path) -> list[Section]:
    """Each server alone and behind nginx, in turn."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if program is None:
        return [Section("Behind nginx", ["Not measured: nginx is not installed."])]
    with ExitStack() as running:
        alone = [jack_up.start_filled(folder, running, name) for name in JACKS]
        behind = [running.enter_context(in_front(program, jack)) for jack in alone]
        return [section(all_rounds([*alone, *behind]))]


@contextmanager
def in_front(program: str, jack: Server) -> Iterator[Server]:
    """An nginx before it, answering; what it writes is in a folder of its own, which it can reach."""
    with tempfile.TemporaryDirectory(prefix="jack-nginx-") as made:
        folder, port = Path(made), free_port()
        configuration = folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(workers=WORKERS, folder=folder, port=port, upstream=jack.port)
        )
        command = [program, "-p", made, "-c", str(configuration)]
        nginx = spawn("nginx", command, folder=folder, env={}, cwd=folder, port=port)
        try:
            wait_until_up(nginx, "/healthz")
            yield replace(nginx, name=f"nginx, {jack.name}", token=jack.token, guests=jack.guests)
        finally:
            stop(nginx)


def all_rounds(servers: list[Server]) -> dict[str, list[list[Figure]]]:
    """By server, the figures of each call."""
    found: dict[str, list[list[Figure]]] = {one.name: [[] for _ in CALLS] for one in servers}
    for turn in range(ROUNDS):
        for at, name in enumerate(CALLS):
            for server in servers:
                say_over(f"round {turn + 1} of {ROUNDS}: {name}, {server.name} ...")
                found[server.name][at].append(load(server, call_of(server, name), seconds=SECONDS))
    say_over("")
    return found


def section(found: dict[str, list[list[Figure]]]) -> Section:
    """The table."""
    rows = []
    for name, calls in found.items():
        rates = [f"{median(one.rate for one in figures):,.0f}" for figures in calls]
        tails = [f"{median(one.p99 for one in figures):.1f} ms" for figures in calls]
        rows.append([name, *rates, *tails])
    lines = table(["", *CALLS, *(f"p99 {name}" for name in CALLS)], rows)
    return Section(
        "Behind nginx",
        [
            *lines,
            "",
            f"nginx with {WORKERS} processes on the same machine, as deploy/nginx.conf without TLS. gunicorn's processes close each connection after its answer.",
        ],
    )
