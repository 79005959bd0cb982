"""How long sounds are, as their bytes tell, whatever is wrong with them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from jack.resources.attachments import durations, mime_types
from tests.resources.attachments.sounds import aac, amr, voice_note

OPUS = "audio/ogg; codecs=opus"


def seconds(folder: Path, content: bytes) -> float | None:
    path = folder / "sound"
    path.write_bytes(content)
    return durations.seconds(path, mime_types.kind_of(path))


def test_opus_is_told_from_other_sounds_in_ogg(tmp_path: Path) -> None:
    path = tmp_path / "sound"
    path.write_bytes(voice_note(3))
    assert mime_types.kind_of(path) == OPUS
    path.write_bytes(voice_note(3).replace(b"OpusHead", b"\x01vorbis\0"))
    assert mime_types.kind_of(path) == "audio/ogg"


@pytest.mark.parametrize(
    ("content", "length"),
    [(voice_note(12.4), 12.4), (voice_note(0.5), 0.5), (amr(3), 3.0), (aac(431), 10.01)],
)
def test_a_sound_tells_its_length(content: bytes, length: float, tmp_path: Path) -> None:
    assert seconds(tmp_path, content) == pytest.approx(length, abs=0.02)


@pytest.mark.parametrize(
    "content",
    [
        b"OggS\0" + bytes(400),
        voice_note(3)[:60],
        b"\0\0\0\x20ftypM4A " + bytes(30),
        b"ID3\x04\0\0" + bytes(30),
        b"#!AMR\n",
        b"#!AMR-WB\n" + bytes(50),
        b"\xff\xf1\x50\x80" + bytes(30),
        b"%PDF-1.7",
    ],
)
def test_what_does_not_tell_has_no_length(content: bytes, tmp_path: Path) -> None:
    assert seconds(tmp_path, content) is None


def test_nothing_in_a_file_stops_it_from_being_kept(tmp_path: Path) -> None:
    random.seed(7)
    for whole in (
        voice_note(3),
        b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(90),
        b"ID3\x04\0\0" + bytes(90),
    ):
        for _ in range(60):
            spoilt = bytearray(whole)
            for _ in range(4):
                spoilt[random.randrange(6, len(spoilt))] = random.randrange(256)
            found = seconds(tmp_path, bytes(spoilt))
            assert found is None or 0 < found <= durations.LONGEST
