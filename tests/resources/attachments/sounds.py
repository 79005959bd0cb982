"""Sounds and pictures as telephones make them, small."""

from __future__ import annotations

import struct
from pathlib import Path

HEIC = (Path(__file__).parents[2] / "data" / "media" / "door.heic").read_bytes()


def _page(flags: int, granule: int, number: int, packet: bytes) -> bytes:
    """A page of Ogg with one packet (RFC 3533), without its checksum, which no reader of lengths looks at."""
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 7, number, 0, 1)
    return header + bytes([len(packet)]) + packet


def voice_note(seconds: float) -> bytes:
    """Opus in Ogg (RFC 7845), as WhatsApp records it."""
    head = struct.pack("<8sBBHIHB", b"OpusHead", 1, 1, 312, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I4sI", 4, b"Jack", 0)
    end = round(seconds * 48_000) + 312
    return _page(2, 0, 0, head) + _page(0, 0, 1, tags) + _page(4, end, 2, bytes(40))


def amr(seconds: float) -> bytes:
    """AMR at 12.2 kbit/s."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * round(seconds * 50)


def aac(frames: int) -> bytes:
    """AAC in ADTS: stereo at 44.1 kHz, 1,024 samples a frame."""
    size = 7 + 20
    header = bytes(
        [0xFF, 0xF1, 0x50, 0x80 | size >> 11, size >> 3 & 255, (size & 7) << 5 | 31, 0xFC]
    )
    return (header + bytes(20)) * frames
