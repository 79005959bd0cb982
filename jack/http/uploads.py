"""A file in a request: `multipart/form-data` with one file, streamed to the disk as it comes, and a few fields where a route takes them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import request
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from jack.core.atomic_file import AtomicFile
from jack.core.errors import Invalid, UnsupportedMediaType
from jack.http.body_stream import read_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

FIELD = "file"
# Beside the file: boundaries and the headers of the part.
WRAPPING = 64 * 1024
CHUNK = 64 * 1024
BAD = "The body is not valid multipart/form-data."


@dataclass(frozen=True)
class Upload:
    """A received file: the name its sender gave it, its bytes, on the disk under a temporary name, and the fields beside it."""

    name: str
    draft: AtomicFile
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> bytes:
        """The bytes an Idempotency-Key compares uploads by: the digest of the file, and its name."""
        fields = "".join(f" {name}={value}" for name, value in sorted(self.fields.items()))
        return f"{self.draft.digest} {self.name}{fields}".encode("utf-8", "surrogatepass")


@contextmanager
def received(folder: Path, limit: int, fields: Collection[str] = ()) -> Iterator[Upload]:
    """The one file of the request at hand, written into `folder`; gone again if the block fails or does not keep it.

    Raises Invalid for anything but one part called `file` and `fields`, each once at the most, PayloadTooLarge beyond `limit` bytes.
    """
    decoder = MultipartDecoder(_boundary(), max_form_memory_size=2 * WRAPPING)
    with AtomicFile(folder, limit) as draft:
        name, sent, now = None, dict[str, bytes](), FIELD
        for event in _events(decoder):
            if isinstance(event, Field) and event.name in fields:
                now = _new_field(event.name, sent)
            elif isinstance(event, Field | File):
                name, now = _checked(event, name), FIELD
            elif isinstance(event, Data) and now == FIELD:
                draft.write(event.data)
            elif isinstance(event, Data):
                _add_to(sent, now, event.data)
        if name is None:
            raise Invalid.field(FIELD, "required", "Missing data for required field.")
        if not draft.size:
            raise Invalid.field(FIELD, "blank", "The file is empty.")
        draft.fsync()
        yield Upload(name, draft, {name: _text(name, value) for name, value in sent.items()})


def _new_field(name: str, sent: dict[str, bytes]) -> str:
    """The name of a field that begins. Raises Invalid for a second one of that name."""
    if name in sent:
        raise Invalid.field(name, "too_many", "Given more than once.")
    sent[name] = b""
    return name


def _add_to(sent: dict[str, bytes], name: str, data: bytes) -> None:
    sent[name] += data
    if len(sent[name]) > WRAPPING // 2:
        raise Invalid.field(name, "too_long", f"Must be at most {WRAPPING // 2} bytes.")


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Invalid.field(name, "wrong_type", "Must be text in UTF-8.") from None


def _boundary() -> bytes:
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Send the file as multipart/form-data.")
    boundary = request.mimetype_params.get("boundary", "")
    if not 1 <= len(boundary) <= 200 or not boundary.isascii():
        raise Invalid(BAD)
    return boundary.encode()


def _events(decoder: MultipartDecoder) -> Iterator[Event]:
    """The events of the body, part by part, as it is read. Raises Invalid when it is cut short or malformed."""
    stream = request.stream
    try:
        while data := read_from(stream.read, CHUNK):
            decoder.receive_data(data)
            yield from _next(decoder)
        decoder.receive_data(None)
        yield from _next(decoder)
    except ValueError:
        raise Invalid(BAD) from None


def _next(decoder: MultipartDecoder) -> Iterator[Event]:
    while True:
        event = decoder.next_event()
        if isinstance(event, NeedData):
            return
        yield event
        if isinstance(event, Epilogue):
            return


def _checked(part: Field | File, before: str | None) -> str:
    """The filename of the part that begins here. Raises Invalid for any part but one file called `file`."""
    if part.name != FIELD:
        named = str(part.name)[:64].encode("utf-8", "replace").decode()
        raise Invalid.field(named, "unknown_field", "Unknown field.")
    if before is not None:
        raise Invalid.field(FIELD, "too_many", "Send one file at a time.")
    if isinstance(part, Field):
        raise Invalid.field(FIELD, "wrong_type", "Must be a file, with a filename.")
    return part.filename
