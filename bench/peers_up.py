"""Starting the peers, each with a copy of the same file."""

import shutil
from contextlib import ExitStack
from pathlib import Path

from bench import native, peer_data
from bench.servers import Server, free_port, spawn, stop, wait_until_up
from bench.settings import GUNICORN_CONF, PEERS, WORKERS, say
from bench.venv import peer_program, program

NAMES = ("hello", "FastAPI", "DRF", "naive")
HEALTH = {"hello": "/", native.POCKETBASE: "/api/health"}  # the others: /healthz


def start_all(folder: Path, running: ExitStack) -> list[Server]:
    """Every peer that can run here, answering; they end with `running`."""
    seed = folder / "peers.db"
    guests = peer_data.make(seed)
    lacking = native.missing()
    for name, tool in lacking.items():
        say(f"{name} is left out: {tool} is not installed.")
    built = {name: native.make(name) for name in native.TOOLS if name not in lacking}
    servers = [start(name, folder, seed, built.get(name)) for name in (*NAMES, *built)]
    for server in servers:
        running.callback(stop, server)
    for server in servers:
        wait_until_up(server, HEALTH.get(server.name, "/healthz"))
        server.guests = guests
        server.token = peer_data.token()
        if server.name == native.POCKETBASE:
            server.guests = [f"gst{known[-12:]}" for known in guests]
            server.token = (folder / "pocketbase.token").read_text()
    return servers


def start(name: str, folder: Path, seed: Path, built: list[str] | None) -> Server:
    """One peer, not waited for."""
    database = folder / f"{name}.db"
    shutil.copy(seed, database)
    if built:
        peer_data.keep_tags_in_rows(database)
    port = free_port()
    env = {
        "BENCH_DB": str(database),
        "BENCH_SECRET": peer_data.SECRET,
        "PORT": str(port),
        "WEB_CONCURRENCY": str(WORKERS),
        "JACK_INSTANCE": str(folder),
        "BENCH_DATA": str(folder / "pocketbase"),
        "BENCH_TOKEN": str(folder / "pocketbase.token"),
    }
    line = built or command(name, port)
    return spawn(name, line, folder=folder, env=env, cwd=PEERS, port=port)


def command(name: str, port: int) -> list[str]:
    """How its users would start it; hello exactly as Jack is started."""
    at = f"127.0.0.1:{port}"
    workers = ["--workers", str(WORKERS)]
    quiet = ["--log-level", "warning"]
    plain = ["--bind", at, "--worker-class", "sync", "--no-control-socket", *workers, *quiet]
    return {
        "hello": [
            program("gunicorn"),
            "-c",
            str(GUNICORN_CONF),
            "--chdir",
            str(PEERS),
            "hello_app:app",
        ],
        "naive": [program("gunicorn"), *plain, "naive_app:app"],
        "DRF": [peer_program("gunicorn"), *plain, "drf_app:app"],
        "FastAPI": [
            *(peer_program("uvicorn"), "fastapi_app:app", "--host", "127.0.0.1"),
            *("--port", str(port), "--no-access-log", *workers, *quiet),
        ],
    }[name]
