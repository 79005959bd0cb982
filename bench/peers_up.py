"""Starting the peers, each with a copy of the same file."""

import shutil
from contextlib import ExitStack
from pathlib import Path

from bench import peer_data
from bench.servers import Server, free_port, spawn, stop, wait_until_up
from bench.settings import GUNICORN_CONF, PEERS, WORKERS
from bench.venv import peer_program, program

NAMES = ("hello", "FastAPI", "DRF", "naive")


def start_all(folder: Path, running: ExitStack) -> list[Server]:
    """Every peer, answering; they end with `running`."""
    seed = folder / "peers.db"
    guests = peer_data.make(seed)
    servers = [start(name, folder, seed) for name in NAMES]
    for server in servers:
        running.callback(stop, server)
    for server in servers:
        server.guests = guests
        server.token = peer_data.token()
        wait_until_up(server, "/" if server.name == "hello" else "/healthz")
    return servers


def start(name: str, folder: Path, seed: Path) -> Server:
    """One peer, not waited for."""
    database = folder / f"{name}.db"
    shutil.copy(seed, database)
    port = free_port()
    env = {
        "BENCH_DB": str(database),
        "BENCH_SECRET": peer_data.SECRET,
        "PORT": str(port),
        "WEB_CONCURRENCY": str(WORKERS),
        "JACK_INSTANCE": str(folder),
    }
    return spawn(name, command(name, port), folder=folder, env=env, cwd=PEERS, port=port)


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
