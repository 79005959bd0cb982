"""What a file is, by its bytes, and what it is called."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from jack.resources.attachments import filenames, mime_types
from tests.resources.attachments import samples
from tests.resources.attachments.samples import stored, zipped
from tests.resources.attachments.sounds import HEIC, voice_note

OFFICE = "application/vnd.openxmlformats-officedocument"
KNOWN = {
    "image/jpeg": samples.JPEG,
    "image/png": samples.PNG,
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 " + bytes(30),
    "image/gif": b"GIF89a" + bytes(30),
    "application/pdf": samples.PDF,
    f"{OFFICE}.wordprocessingml.document": samples.DOCX,
    f"{OFFICE}.spreadsheetml.sheet": zipped("[Content_Types].xml", "xl/workbook.xml"),
    f"{OFFICE}.presentationml.presentation": zipped("[Content_Types].xml", "ppt/presentation.xml"),
    "application/vnd.oasis.opendocument.text": stored("application/vnd.oasis.opendocument.text"),
    "application/vnd.oasis.opendocument.spreadsheet": stored(
        "application/vnd.oasis.opendocument.spreadsheet"
    ),
    "text/plain": "Frühstück ab 7\nCafé <3".encode(),
    "text/vcard": b"BEGIN:VCARD\r\nVERSION:3.0\r\n",
    "text/calendar": b"BEGIN:VCALENDAR\r\n",
    "audio/mpeg": b"ID3\x04\0\0" + bytes(30),
    "audio/ogg": b"OggS\0\2" + bytes(30),
    "audio/ogg; codecs=opus": voice_note(1),
    "image/heic": HEIC,
    "audio/mp4": b"\0\0\0\x20ftypM4A " + bytes(30),
    "audio/aac": b"\xff\xf1\x50\x80" + bytes(30),
    "audio/amr": b"#!AMR\n" + bytes(30),
    "video/mp4": b"\0\0\0\x20ftypisom" + bytes(30),
    "video/3gpp": b"\0\0\0\x18ftyp3gp5" + bytes(30),
    "video/quicktime": b"\0\0\0\x14ftypqt  " + bytes(30),
}
UNKNOWN = {
    "nothing": b"",
    "a drawing": samples.SVG,
    "a drawing after a declaration": b"<?xml version='1.0'?>\n<!-- x -->" + samples.SVG,
    "a drawing after blanks": b"\xef\xbb\xbf \n\t" + samples.SVG,
    "a page": samples.PAGE,
    "a page in capitals": samples.PAGE.upper(),
    "a page after some words": b"Hello!\n" + samples.PAGE,
    "a program": b"MZ\x90\0" + bytes(60),
    "another program": b"\x7fELF\2\1" + bytes(60),
    "a zip": zipped("a.txt"),
    "a document with macros": samples.MACROS,
    "a zip without its end": samples.DOCX[:-30],
    "a zip that lies about its list": samples.DOCX[:-6] + b"\xff\xff\xff\x7f\0\0",
    "an OpenDocument template": stored("application/vnd.oasis.opendocument.text-template"),
    "a RIFF that is no picture": b"RIFF\x24\0\0\0WAVEfmt " + bytes(30),
    "a text with NUL": b"Hello\0world",
    "a text with an escape": b"Hello\x1e[31m",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize("mime", KNOWN)
def test_a_kind_is_known_by_its_bytes_whatever_it_is_called(mime: str, path: Path) -> None:
    path.write_bytes(KNOWN[mime])
    assert mime_types.kind_of(path, "invoice.exe") == mime


def test_every_kind_that_may_be_sent_has_a_sample() -> None:
    assert set(KNOWN) | {"text/csv"} == set(mime_types.ENDINGS)


def test_a_table_is_a_text_that_is_called_one(path: Path) -> None:
    path.write_bytes(b"name,room\nAna,12\n")
    assert mime_types.kind_of(path, "Guests.CSV") == "text/csv"
    path.write_bytes(samples.PNG)
    assert mime_types.kind_of(path, "Guests.CSV") == "image/png"


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_could_do_harm_or_is_nothing_is_no_kind(what: str, path: Path) -> None:
    path.write_bytes(UNKNOWN[what])
    assert mime_types.kind_of(path, "picture.png") == mime_types.UNKNOWN


def test_a_picture_that_is_also_a_page_is_a_picture(path: Path) -> None:
    path.write_bytes(b"GIF89a/*" + samples.PAGE + b"*/=1;")
    assert mime_types.kind_of(path) == "image/gif"


def test_a_zip_bomb_is_never_unpacked(path: Path) -> None:
    path.write_bytes(samples.BOMB)
    with zipfile.ZipFile(path) as bomb:
        assert sum(entry.file_size for entry in bomb.infolist()) == 64 * 1024 * 1024
    tracemalloc.start()
    mime_types.kind_of(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1024 * 1024


def test_a_zip_with_a_million_entries_is_not_read(path: Path) -> None:
    """Only its end is: the list itself would be 50 MB."""
    entry = b"PK\1\2" + bytes(42)
    end = b"PK\5\6" + bytes(4) + b"\xff\xff\xff\xff" + (46 * 40_000).to_bytes(4, "little")
    path.write_bytes(b"PK\3\4" + entry * 40_000 + end + (4).to_bytes(4, "little") + b"\0\0")
    assert mime_types.kind_of(path) == mime_types.UNKNOWN


# ------------------------------------------------------------------------------------------------ names

PNG, UNKNOWN_MIME = "image/png", mime_types.UNKNOWN


@pytest.mark.parametrize(
    ("claimed", "mime", "name"),
    [
        ("view.png", PNG, "view.png"),
        ("VIEW.PNG", PNG, "VIEW.PNG"),
        (None, PNG, "file.png"),
        ("", UNKNOWN_MIME, "file"),
        ("../../etc/passwd", PNG, "passwd.png"),
        ("..\\..\\boot.ini", PNG, "boot.ini.png"),
        ("/", PNG, "file.png"),
        ("..", UNKNOWN_MIME, "file"),
        ("C:\\Users\\Ana\\view.png", PNG, "view.png"),
        ("invoice.pdf.exe", "application/pdf", "invoice.pdf.exe.pdf"),
        ("page.html", PNG, "page.html.png"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("<img src=x onerror=alert(1)>.png", PNG, "_img src=x onerror=alert(1)_.png"),
        ('a"b.png', PNG, "a_b.png"),
        ("a\r\nSet-Cookie: x=1.png", PNG, "a Set-Cookie_ x=1.png"),
        ("a\0b.png", PNG, "ab.png"),
        ("inv\u202egnp.exe", UNKNOWN_MIME, "invgnp.exe"),
        ("\ud800view.png", PNG, "view.png"),
        ("👨\u200d👩\u200d👧 beach.png", PNG, "👨\u200d👩\u200d👧 beach.png"),
        ("שלום.png", PNG, "שלום.png"),
        ("  two   blanks .png", PNG, "two blanks.png"),
        ("plan.dwg", UNKNOWN_MIME, "plan.dwg"),
        ("Cafe\u0301.png", PNG, "Café.png"),
    ],
)
def test_a_name_is_one_plain_line_that_says_what_the_file_is(
    claimed: str | None, mime: str, name: str
) -> None:
    assert filenames.cleaned(claimed, mime) == name


@pytest.mark.parametrize("sign", ["x", "é", "😀", "\u202e", "/", ".", "\0", "\ud800"])
def test_a_name_of_4000_characters_is_cut(sign: str) -> None:
    name = filenames.cleaned(sign * 4000 + ".png", PNG)
    assert 5 <= len(name) <= filenames.MAX_LENGTH
    assert name.endswith(".png")
    assert name.encode()
