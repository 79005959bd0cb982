"""JPEGs of pictures that browsers do not show, in the process that `data_process` starts: decoders of what strangers send may fall."""

from __future__ import annotations

import io
import resource
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from jack.resources.attachments import previews

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jack.core.db import Database

SECONDS = 30  # a picture may take; then the kernel ends the process
MEMORY = 1024 * 1024 * 1024  # bytes
MOST_PIXELS = 64_000_000
SIDE = 2048  # pixels of the longer side of a JPEG: it stays far below what any channel takes
QUALITY = 85


def convert_due(db: Database, pause: Callable[[], None]) -> None:
    """Convert the pictures that are due, within limits of time and memory."""
    with suppress(OSError, ValueError):  # a system may have less for us already
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    previews.convert_due(db, pause, _timed)


def _timed(path: Path) -> bytes | None:
    signal.alarm(SECONDS)
    try:
        return to_jpeg(path)
    finally:
        signal.alarm(0)


def to_jpeg(path: Path) -> bytes | None:
    """A JPEG of a HEIC picture, turned upright and without what the camera notes (place, time); None where it cannot be read.

    Also where the decoder is not installed: requirements.in names the systems that have it.
    """
    try:
        import pi_heif

        picture = pi_heif.open_heif(str(path))
        if picture.size[0] * picture.size[1] > MOST_PIXELS:
            return None
        shown = picture.to_pillow()
        shown.thumbnail((SIDE, SIDE))
        made = io.BytesIO()
        colours = shown.info.get("icc_profile")
        shown.convert("RGB").save(made, "JPEG", quality=QUALITY, exif=b"", icc_profile=colours)
        return made.getvalue()
    except Exception:  # anybody has made the file: it is kept as it is
        return None
