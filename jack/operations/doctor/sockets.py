"""Checks of where Jack listens: somebody answers there, and the proxy may connect to a unix socket."""

from __future__ import annotations

import grp
import os
import socket
import stat
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from jack.core.config import Config
from jack.operations.doctor.findings import Finding, note, right, wrong
from jack.operations.doctor.programs import Process, processes, user_name
from jack.operations.installation import how_to_start

TIMEOUT = 3.0  # seconds
LOCAL = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (compared, not bound)
PROXIES = frozenset({"nginx", "caddy", "apache2", "httpd", "haproxy", "lighttpd", "traefik"})
UNIX = "unix:"


def serving(config: Config, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Whether Jack answers at its address."""
    address = environment.get("JACK_BIND") or f"{config.host}:{config.port}"
    try:
        is_jack = _is_jack(config, address)
    except (
        PermissionError
    ):  # of one hotel of several, it is the proxy's alone (deploy/jack@.socket)
        yield note(
            f"you may not connect to {address}, so whether Jack answers there is not known. To try it: "
            f"sudo curl --unix-socket {address.removeprefix(UNIX)} http://localhost/healthz"
        )
        return
    except OSError as error:
        start = f"start Jack ({how_to_start()})"
        yield wrong(f"nobody answers at {address}{_why(address, error)}: {start}")
        return
    if is_jack:
        yield right(f"Jack answers at {address}")
    else:
        yield wrong(
            f"another program answers at {address}: stop it, or give Jack another port (PORT=8001)"
        )


def _why(address: str, error: OSError) -> str:
    """What keeps one from a unix socket; of a port it is always the same."""
    if isinstance(error, TimeoutError):
        return f" within {TIMEOUT:.0f} seconds"
    path = Path(address.removeprefix(UNIX))
    if not address.startswith(UNIX):
        return ""
    if not path.exists():
        return " (there is no such socket)"
    if not path.is_socket():
        return " (that is no socket; delete it)"
    return " (whoever made that socket has ended)"


def _is_jack(config: Config, address: str) -> bool:
    """Whether the program that answers is Jack. Raises OSError when none does."""
    call = HTTPConnection("localhost")
    with _connected(address) as call.sock:
        try:
            host = (config.trusted_hosts or ("localhost",))[0].lstrip(".")
            call.request("GET", "/healthz", headers={"Host": host})
            return call.getresponse().read(100) == b'{"status":"ok"}'
        except HTTPException:
            return False


def _connected(address: str) -> socket.socket:
    """A connection to an address in gunicorn's form (`host:port`, `unix:path`). Raises OSError."""
    if not address.startswith(UNIX):
        host, _, port = address.rpartition(":")
        return socket.create_connection((LOCAL.get(host, host.strip("[]")), int(port)), TIMEOUT)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(TIMEOUT)
        connection.connect(address.removeprefix(UNIX))
    except OSError:
        connection.close()
        raise
    return connection


# ------------------------------------------------------------------------------------------------ who may connect


def for_the_proxy(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the proxy that runs on this machine may connect to Jack's unix socket; without one, whether any other user may."""
    bind = environment.get("JACK_BIND") or ""
    path = Path(bind.removeprefix(UNIX))
    try:
        if not bind.startswith(UNIX) or not path.is_socket():
            return
        info = path.stat()
    except PermissionError:
        return
    running = [one for one in processes() if one.name in PROXIES]
    # The first process of a proxy is root's; the others are those that connect.
    proxies = [one for one in running if one.user != 0] or running
    let_in = [one for one in proxies if may_connect(one, path)]
    whose = f"{user_name(info.st_uid)} and the group {_group(info.st_gid)}"
    if let_in:
        yield right(f"{let_in[0].name} may connect to {path}")
    elif proxies:
        yield wrong(_refused(proxies[0], path, info))
    elif info.st_mode & 0o022:
        yield right(f"{path} is for {whose}")
    else:
        yield note(
            f"a proxy may connect to {path} only as {user_name(info.st_uid)} (mode {info.st_mode & 0o777:04o})"
        )


def may_connect(who: Process, path: Path) -> bool:
    """Whether a process may go through all folders to a socket, and write to it."""
    folders = path.absolute().parents
    return _may(who, path, stat.S_IWOTH) and all(_may(who, one, stat.S_IXOTH) for one in folders)


def _may(who: Process, path: Path, bit: int) -> bool:
    """Whether the mode lets a process; `bit` is that of others."""
    info = path.stat()
    if who.user in (0, info.st_uid):
        return who.user == 0 or bool(info.st_mode & bit << 6)
    return bool(info.st_mode & (bit << 3 if info.st_gid in who.groups else bit))


def _refused(proxy: Process, path: Path, info: os.stat_result) -> str:
    user, group = user_name(proxy.user), _group(info.st_gid)
    restart = f"sudo systemctl restart {proxy.name}"
    said = f"{proxy.name}, which runs as {user}, may not connect to {path} (of {user_name(info.st_uid)} and the group {group}, mode {info.st_mode & 0o777:04o})"
    if _is_member(user, group) and info.st_gid not in proxy.groups:
        return f"{said}: it was started before {user} was in that group; {restart}"
    if not info.st_mode & stat.S_IWGRP:
        return f"{said}: sudo chmod 660 {path}"
    if info.st_gid == 0:  # nobody else belongs into that group
        return f"{said}: run Jack as a user with a group of its own, as deploy/jack.service does, and put {user} into that"
    return f"{said}: sudo usermod --append --groups {group} {user}, then {restart}"


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return f"group {number}"


def _is_member(user: str, group: str) -> bool:
    try:
        return user in grp.getgrnam(group).gr_mem
    except KeyError:
        return False
