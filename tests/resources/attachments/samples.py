"""Small files of every kind, whole or made to mislead."""

from __future__ import annotations

import io
import zipfile

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(64)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PAGE = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def zipped(*names: str, content: bytes = b"<x/>") -> bytes:
    """A zip with entries of these names."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return held.getvalue()


def stored(mimetype: str) -> bytes:
    """An OpenDocument: its media type is the first entry, as it is."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("mimetype", mimetype)
        archive.writestr("content.xml", "<x/>")
    return held.getvalue()


DOCX = zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml")
MACROS = zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")
# 64 MB of nothing in 64 KB, called what an office document is called.
BOMB = zipped("[Content_Types].xml", "word/document.xml", content=bytes(32 * 1024 * 1024))
