"""How long a sound or a video is, by its bytes, without decoding any of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# What tinytag reads; the two forms of telephones that it does not are read here.
TAGGED = ("audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4")
LONGEST = 24 * 3600.0  # seconds: what claims more is damaged
# AMR (RFC 4867): bytes of a frame of 20 ms after its first, by the four bits of the frame's type.
AMR_HEADER = b"#!AMR\n"
AMR_SIZES = (12, 13, 15, 17, 19, 20, 26, 31, 5)
AMR_SECONDS = 0.02
# ADTS (ISO 13818-7): samples in a frame, and samples in a second by the index in the frame's header.
AAC_SAMPLES = 1024
AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)  # fmt: skip


def seconds(path: Path, mime: str) -> float | None:
    """The length of a file of this type in seconds, to a hundredth; None where it has none, or does not tell."""
    if mime.startswith(TAGGED):
        found = _tagged(path)
    elif mime == "audio/amr":
        found = _amr(path.read_bytes())
    elif mime == "audio/aac":
        found = _aac(path.read_bytes())
    else:
        return None
    usable = found is not None and math.isfinite(found) and 0 < found <= LONGEST
    return round(found, 2) if found is not None and usable else None


def _tagged(path: Path) -> float | None:
    from tinytag import TinyTag  # here, because most processes never keep a file

    try:
        with path.open("rb") as file:
            return TinyTag.get(file_obj=file, tags=False).duration
    except (
        Exception
    ):  # anybody has made the file: whatever is wrong with it, it is kept without a length
        return None


def _amr(content: bytes) -> float | None:
    """The length of AMR narrow-band, frame by frame."""
    at, frames = len(AMR_HEADER), 0
    if not content.startswith(AMR_HEADER):
        return None
    while at < len(content):
        kind = content[at] >> 3 & 15
        at += 1 + (AMR_SIZES[kind] if kind < len(AMR_SIZES) else 0)
        frames += 1
    return frames * AMR_SECONDS


def _aac(content: bytes) -> float | None:
    """The length of AAC in ADTS, frame by frame, as far as they follow one another."""
    at, length = 0, 0.0
    while at + 7 <= len(content) and content[at] == 0xFF and content[at + 1] & 0xF6 == 0xF0:
        rate = content[at + 2] >> 2 & 15
        size = (content[at + 3] & 3) << 11 | content[at + 4] << 3 | content[at + 5] >> 5
        if rate >= len(AAC_RATES) or size < 7:
            break
        length += AAC_SAMPLES * (1 + (content[at + 6] & 3)) / AAC_RATES[rate]
        at += size
    return length or None
