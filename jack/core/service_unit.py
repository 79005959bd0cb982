"""The settings that systemd gives Jack where it is installed as a service: read again by commands typed on that machine.

Without them a command typed there would work on another folder, and make a second database in it. Where a machine has several
hotels (deploy/jack@.service), JACK_HOTEL, which `--hotel` sets, says which one is meant.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from dotenv import dotenv_values

# Where the owner of a machine puts units, the first wins (systemd.unit(5)).
FOLDERS = (Path("/etc/systemd/system"), Path("/run/systemd/system"), Path("/usr/local/lib/systemd/system"))  # fmt: skip
# Read where no unit names it, such as under another supervisor.
SETTINGS = Path("/etc/jack/jack.env")
# The specifier of a template that is an instance's name.
INSTANCE = re.compile(r"(?<!%)%[iI]")
OWN = re.compile(r"JACK_\w+|PORT|WEB_CONCURRENCY")


class Installed(NamedTuple):
    """An installation of this checkout as a service: where that is said, its settings, and the user it runs as."""

    name: str
    settings: dict[str, str]
    user: str | None
    # Files with settings that whoever asks may not read.
    unreadable: tuple[str, ...]
    # Whether a file with settings is there.
    is_set_up: bool = True


def installed(root: Path) -> Installed | None:
    """The service that runs the Jack in this folder; None where there is none. With JACK_HOTEL, that hotel's."""
    hotel = os.environ.get("JACK_HOTEL", "")
    units = dict(reversed([(path.name, path) for path in _units()]))
    # Without a hotel's name, a template is the last to be asked.
    for path in sorted(units.values(), key=_is_template):
        if hotel and not _is_template(path):
            continue
        if "jack" in path.name and not os.access(path, os.R_OK):
            return Installed(str(path), {}, None, (str(path),))
        lines = list(_service_lines(path, hotel))
        if any(key == "ExecStart" and f"{root}/" in value for key, value in lines):
            return _of_unit(_instance(path, hotel), lines)
    if (
        not hotel
        and SETTINGS.exists()
        and not any(_names(path, SETTINGS) for path in units.values())
    ):
        return _of_unit(SETTINGS, [("EnvironmentFile", str(SETTINGS))])
    return None


def settings(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What the service of the Jack in this folder adds to an environment; nothing where that names the instance's folder.

    Raises ValueError, saying what to do, where there is such a service and its folder cannot be told.
    """
    hotel = environment.get("JACK_HOTEL", "")
    service = None if environment.get("JACK_INSTANCE") else installed(root)
    if hotel and not (service and service.is_set_up):
        raise ValueError(
            f"JACK_HOTEL={hotel!r}: there is no such hotel here; deploy/add-hotel makes one"
        )
    # Where this is a process of the service itself, systemd has given it all of them.
    if service is None or (
        "INVOCATION_ID" in environment and service.settings.items() <= environment.items()
    ):
        return {}
    folder = service.settings.get("JACK_INSTANCE", "")
    if service.unreadable:
        raise ValueError(_unreadable(service))
    if _is_template(Path(service.name)):
        raise ValueError("this machine has several hotels; say which one is meant: --hotel NAME")
    if "%" in folder:
        raise ValueError(
            f"JACK_INSTANCE={folder!r}: what {service.name} means by it is known to systemd only; "
            "say it yourself, such as JACK_INSTANCE=/var/lib/jack"
        )
    return service.settings


def _unreadable(service: Installed) -> str:
    files, user = " and ".join(service.unreadable), service.user or "root"
    folder = service.settings.get("JACK_INSTANCE", "the folder")
    return (
        f"Jack is installed here as {service.name}, with settings in {files}, which you may not read. "
        f"Let {user} read it (chgrp {user} {files}; chmod 640 {files}), and type this as that user (sudo -u {user} …); "
        f"or say which folder is meant: JACK_INSTANCE={folder}"
    )


def _of_unit(path: Path, lines: list[tuple[str, str]]) -> Installed:
    """What the lines of a unit say. A file's settings count before those in the unit, the later before the earlier."""
    given: dict[str, str] = {}
    files: list[str] = []
    user = None
    for key, value in lines:
        if key == "Environment":
            given = given | dict(_assignments(value)) if value else {}
        elif key == "EnvironmentFile":
            files = [*files, value.removeprefix("-")] if value else []
        elif key == "User":
            user = value or None
    unreadable = []
    for name in files:
        try:
            given |= _file(Path(name))
        except PermissionError:
            unreadable.append(name)
    own = {name: text for name, text in given.items() if OWN.fullmatch(name)}
    return Installed(
        str(path), own, user, tuple(unreadable), any(Path(one).exists() for one in files)
    )


def _units() -> Iterator[Path]:
    for folder in FOLDERS:
        if folder.is_dir():
            yield from sorted(path for path in folder.glob("*.service") if path.is_file())


def _is_template(path: Path) -> bool:
    return path.name.endswith("@.service")


def _instance(path: Path, hotel: str) -> Path:
    """The unit of one hotel, of which there is no file: `jack@sunrise.service`."""
    return path.with_name(path.name.replace("@.", f"@{hotel}.")) if hotel else path


def _service_lines(path: Path, hotel: str = "") -> Iterator[tuple[str, str]]:
    """The assignments in the section [Service] of a unit and of its drop-ins, in order; of a template, for that hotel."""
    drop_ins = {
        part.name: part
        for name in (path.name, _instance(path, hotel).name)
        for folder in reversed(FOLDERS)
        for part in folder.glob(f"{name}.d/*.conf")
    }
    for part in (path, *(drop_ins[name] for name in sorted(drop_ins))):
        section = ""
        for line in _text(part).replace("\\\n", " ").splitlines():
            text = line.strip()
            if text.startswith("["):
                section = text
            elif section == "[Service]" and "=" in text and text[0] not in "#;":
                key, _, value = text.partition("=")
                yield key.strip(), INSTANCE.sub(hotel or "%i", value.strip())


def _names(path: Path, file: Path) -> bool:
    return any(
        key == "EnvironmentFile" and value.removeprefix("-") == str(file)
        for key, value in _service_lines(path)
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _assignments(value: str) -> Iterator[tuple[str, str]]:
    """`A=1 "B=two words"`; the only specifier that is replaced is %%."""
    try:
        words = shlex.split(value)
    except ValueError:
        words = value.split()
    for word in words:
        name, equals, text = word.partition("=")
        if equals:
            yield name, text.replace("%%", "%")


def _file(path: Path) -> dict[str, str]:
    """The settings in a file for EnvironmentFile=. Raises PermissionError."""
    try:
        with path.open(encoding="utf-8") as file:
            values = dotenv_values(stream=file, interpolate=False)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {name: value or "" for name, value in values.items()}
