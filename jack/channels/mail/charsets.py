"""Bytes of a mail as text, in the charset that was meant.

Names of charsets are those of the WHATWG's list (`webencodings`), then Python's own. The declared charset counts as long as
nearly all of the bytes fit it: one that a gateway has spoilt does not make the rest unreadable.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

import webencodings

# Where the codec that is asked for is a part of the one that programs write.
ACTUAL = {"ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "big5hkscs": "big5-mixed"}
# Codecs that are no encodings of text, or too slow on large ones.
NOT_TEXT = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "replacement", "undefined", "unicode-escape"}
)
# Microsoft's Japanese codes are all written under this name, in mail.
JAPANESE_7_BIT = re.compile(r"(?:cs)?iso-?2022-?jp(?:-ms)?|cp5022[01]|x-windows-5022[01]", re.I)
ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BD]|\([BJI])")
UNREADABLE = "\ufffd"  # stands for what could not be read
FEW = 20  # of so many signs beyond ASCII one may be wrong
UTF_8_SIGN = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")  # fmt: skip


def decoded(content: bytes, charset: str | None) -> str:
    """Bytes as text: in the declared charset if nearly all of them fit, else in UTF-8, else in Windows-1252."""
    return _in(content, (charset or "").strip(" \"'")).removeprefix("\ufeff")


def _in(content: bytes, declared: str) -> str:
    if JAPANESE_7_BIT.fullmatch(declared):
        return _japanese(content)
    name = _codec_name(declared) or "utf-8"
    text = _read(content, name)
    if text is not None and _fits(text, content, name):
        return text
    if name != "utf-8":
        text = content.decode("utf-8", "replace")
        if _fits(text, content, "utf-8"):
            return text
    return content.decode("cp1252", "replace")


def _codec_name(charset: str) -> str | None:
    """The codec for a name, or None for a name of nothing that is text."""
    try:
        own = codecs.lookup(charset).name
    except (LookupError, ValueError):
        own = None
    known = webencodings.lookup(charset)
    if own in ("ascii", "utf-16") or known is None or known.name == "replacement":
        name = own  # "ascii" is no promise; the WHATWG reads no UTF-7 and no iso-2022-kr, and mail has both
    else:
        name = known.codec_info.name
    if name is None:
        return None
    if name.replace("_", "-") in NOT_TEXT:
        return None
    return ACTUAL.get(name, name)


def _read(content: bytes, name: str) -> str | None:
    if name == "big5-mixed":
        # Taiwan's Windows writes signs that the standard has not, Hong Kong's others.
        found = [_read(content, codec) or "" for codec in ("cp950", "big5hkscs")]
        return min(found, key=lambda text: text.count(UNREADABLE))
    try:
        return content.decode(name, "replace")
    except (LookupError, UnicodeError):
        return None


def _fits(text: str, content: bytes, name: str) -> bool:
    """Whether nearly all of the signs beyond ASCII could be read."""
    wrong = text.count(UNREADABLE)
    if not wrong:
        return True
    if name == "utf-8":
        wrong -= content.count(UNREADABLE.encode())
        right = len(UTF_8_SIGN.findall(content))
        return wrong <= right
    return wrong <= max(1, sum(sign > "\x7f" for sign in text) // FEW)


def _japanese(content: bytes) -> str:
    """Text in iso-2022-jp with Microsoft's additions (code page 50221): what follows an escape is read as Shift JIS."""
    if not ESCAPE.search(content):
        return _in(content, "utf-8" if _is_utf_8(content) else "shift_jis")
    pieces = ESCAPE.split(content)
    text = [_one_byte(pieces[0], b"(B")]
    for escape, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        text.append(_two_bytes(piece, escape) if escape[:1] == b"$" else _one_byte(piece, escape))
    return "".join(text)


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeError:
        return False
    return True


def _one_byte(piece: bytes, escape: bytes) -> str:
    if escape == b"(I":  # katakana of half the width
        piece = bytes(byte | 0x80 if 0x21 <= byte < 0x60 else byte for byte in piece)
    return piece.decode("cp932", "replace")


def _two_bytes(piece: bytes, escape: bytes) -> str:
    """Rows and cells of JIS X 0208, or of JIS X 0212. Line ends stand between them as they are."""
    text: list[str] = []
    for run in re.findall(rb"[\x21-\x7e]+|[^\x21-\x7e]+", piece):
        if not 0x21 <= run[0] <= 0x7E:
            text.append(run.decode("ascii", "replace"))
            continue
        supplementary = escape.endswith(b"D")
        text += (_pair(run[at : at + 2], supplementary) for at in range(0, len(run), 2))
    return "".join(text)


@lru_cache(maxsize=20_000)
def _pair(pair: bytes, supplementary: bool) -> str:
    """The sign of a row and a cell."""
    if len(pair) < 2:
        return UNREADABLE
    row, cell = pair
    if supplementary:
        return bytes([0x8F, row | 0x80, cell | 0x80]).decode("euc_jp", "replace")[:1]
    high = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    low = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
    return bytes([high, low]).decode("cp932", "replace")[:1]
