"""`POST /attachments`: one file, streamed to the disk, or nothing left of it."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tracemalloc
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from jack.resources.attachments import storage
from tests.checks import named, refused, succeeded
from tests.conftest import Person
from tests.resources.attachments import samples
from tests.resources.attachments.samples import PNG

MIB = 1024 * 1024
EDGE = "parted"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def folder(app: Flask) -> Path:
    return storage.folder_of(app.extensions["jack"].config.database)


def left(folder: Path) -> list[Path]:
    """Every file below the folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def part(content: bytes, *, field: str = "file", name: str | None = "view.png") -> bytes:
    named_so = f'; filename="{name}"'.encode("utf-8", "surrogatepass") if name is not None else b""
    head = b'Content-Disposition: form-data; name="' + field.encode() + b'"' + named_so
    return b"--" + EDGE.encode() + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def send(who: Person, body: bytes, *, type: str = f"multipart/form-data; boundary={EDGE}", **kw: Any) -> Any:  # fmt: skip
    return who.open("/attachments", method="POST", data=body, content_type=type, **kw)


def upload(who: Person, content: bytes, name: str = "view.png", **kwargs: Any) -> Any:
    return send(who, part(content, name=name) + f"--{EDGE}--\r\n".encode(), **kwargs)


def test_a_file_is_kept_under_a_random_name(member: Person, folder: Path) -> None:
    made = succeeded(upload(member, PNG, "my view.png"), 201)
    assert made["id"].startswith("file-")
    assert made["url"] == f"/api/v1/attachments/{made['id']}"
    assert made["createdAt"]
    assert (made["name"], made["mime"], made["size"]) == ("my view.png", "image/png", len(PNG))
    (path,) = left(folder)
    assert storage.FILE.fullmatch(str(path.relative_to(folder)))
    assert path.name.startswith(path.parent.name)
    assert path.read_bytes() == PNG
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & path.parent.stat().st_mode & 0o777 == 0o700
    assert member.get(f"/attachments/{made['id']}").data == PNG


def test_what_browsers_and_curl_send_is_taken(member: Person, folder: Path) -> None:
    data = {"file": (io.BytesIO(PNG), "view.png")}
    answer = member.open(
        "/attachments", method="POST", data=data, content_type="multipart/form-data"
    )
    succeeded(answer, 201)
    line_feeds = (part(PNG) + f"--{EDGE}--".encode()).replace(b"\r\n", b"\n")
    assert send(member, line_feeds).status_code in (201, 400)


def test_a_name_is_for_display_and_never_a_path(member: Person, folder: Path) -> None:
    for name in ("../../../../tmp/owned.png", "/etc/cron.d/owned.png", "..\\..\\owned.png"):
        made = succeeded(upload(member, PNG, name), 201)
        assert made["name"] == "owned.png"
    assert {path.parent.parent for path in left(folder)} == {folder}


def test_a_name_with_markup_or_4000_signs_is_tamed(member: Person) -> None:
    made = succeeded(upload(member, PNG, "<script>alert(1)<script>.png"), 201)
    assert made["name"] == "_script_alert(1)_script_.png"
    for sign in ("x", "😀", "\u202e", "ש"):
        made = succeeded(upload(member, PNG, sign * 4000 + ".png"), 201)
        assert len(made["name"]) <= 120
        saved = member.get(f"/attachments/{made['id']}").headers["Content-Disposition"]
        assert saved.isascii()
        assert len(saved) < 4000


@pytest.mark.parametrize(
    "content", [samples.SVG, samples.PAGE, b"MZ\x90\0" + bytes(60), samples.MACROS]
)
def test_what_only_claims_to_be_a_picture_is_refused(
    content: bytes, member: Person, folder: Path
) -> None:
    error = refused(upload(member, content, "view.png"), 400)
    assert named(error) == {"file"}
    assert left(folder) == []


def test_a_claimed_type_is_not_believed(member: Person) -> None:
    body = part(samples.PDF).replace(b"\r\n\r\n", b"\r\nContent-Type: image/png\r\n\r\n", 1)
    made = succeeded(send(member, body + f"--{EDGE}--".encode()), 201)
    assert (made["mime"], made["name"]) == ("application/pdf", "view.png.pdf")


def test_a_zip_bomb_is_a_small_file_like_any_other(member: Person) -> None:
    made = succeeded(upload(member, samples.BOMB, "plan.docx"), 201)
    assert made["size"] == len(samples.BOMB)


def test_an_empty_file_is_refused(member: Person, folder: Path) -> None:
    assert named(refused(upload(member, b""), 400)) == {"file"}
    assert left(folder) == []


# ------------------------------------------------------------------------------------------------ how large


def test_16_mib_are_taken_and_not_a_byte_more(member: Person, folder: Path) -> None:
    largest = PNG + bytes(16 * MIB - len(PNG))
    made = succeeded(upload(member, largest), 201)
    assert made["size"] == 16 * MIB
    assert "16 MiB" in refused(upload(member, largest + b"\0"), 413)["message"]
    refused(upload(member, PNG + bytes(17 * MIB)), 413)
    assert [path.stat().st_size for path in left(folder)] == [16 * MIB]


@pytest.mark.parametrize("size", [16 * MIB + 1, 17 * MIB])
def test_a_chunked_file_that_is_too_large_is_refused(
    size: int, member: Person, folder: Path
) -> None:
    chunked = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    headers = {"Transfer-Encoding": "chunked"}
    answer = upload(member, bytes(size), headers=headers, environ_overrides=chunked)
    refused(answer, 413)
    assert left(folder) == []
    answer = upload(member, PNG * 1000, headers=headers, environ_overrides=chunked)
    assert succeeded(answer, 201)["size"] == len(PNG) * 1000


def test_a_file_is_never_held_whole(member: Person, folder: Path) -> None:
    """16 MiB that are only made as they are read."""
    head, end = part(PNG)[:-2], f"\r\n--{EDGE}--\r\n".encode()
    rest = [head, *[bytes(MIB)] * 15, end]

    class Stream(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, held: Any) -> int:
            piece = rest.pop(0) if rest else b""
            if len(piece) > len(held):
                rest.insert(0, piece[len(held) :])
            held[: len(piece)] = piece[: len(held)]
            return min(len(piece), len(held))

    length = sum(len(piece) for piece in rest)
    overrides = {"wsgi.input": Stream(), "CONTENT_LENGTH": str(length)}
    tracemalloc.start()
    answer = send(member, b"replaced", environ_overrides=overrides)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert succeeded(answer, 201)["size"] == 15 * MIB + len(PNG)
    assert most < 4 * MIB


def test_every_other_route_keeps_its_limit(member: Person) -> None:
    body = b'{"name": "' + b"x" * 256 * 1024 + b'"}'
    refused(member.open("/guests", method="POST", data=body, content_type="application/json"), 413)


# ------------------------------------------------------------------------------------------------ what is not one file

END = f"--{EDGE}--\r\n".encode()
BAD = {
    "nothing": b"",
    "only an end": END,
    "no end": part(PNG),
    "half a part": part(PNG)[:90],
    "another field": part(PNG, field="photo") + END,
    "a field with no name": part(PNG).replace(b'name="file"; ', b"") + END,
    "a field that is no file": part(PNG, name=None) + END,
    "two files": part(PNG) * 2 + END,
    "a file and a field": part(PNG) + part(b"1", field="x", name=None) + END,
    "a thousand parts": b"".join(part(b"1", field=f"x{n}", name=None) for n in range(1000)) + END,
    "a thousand files": part(PNG) * 1000 + END,
    "no disposition": f"--{EDGE}\r\n\r\n".encode() + PNG + b"\r\n" + END,
    "a header that is not UTF-8": part(PNG).replace(b"view", b"\xff\xfe") + END,
    "JSON": b'{"file": "x"}',
    "noise": os.urandom(1000),
}


@pytest.mark.parametrize("what", BAD)
def test_anything_but_one_file_is_refused(what: str, member: Person, folder: Path) -> None:
    refused(send(member, BAD[what]), 400)
    assert left(folder) == []


@pytest.mark.parametrize(
    "headers", [b"X-Long: " + b"x" * 300_000 + b"\r\n", b"X: y\r\n" * 100_000], ids=["long", "many"]
)
def test_endless_headers_are_refused(headers: bytes, member: Person, folder: Path) -> None:
    body = part(PNG).replace(b"Content-Disposition", headers + b"Content-Disposition", 1) + END
    refused(send(member, body), 413)
    assert left(folder) == []


@pytest.mark.parametrize(
    ("type", "status"),
    [
        ("application/json", 415),
        ("image/png", 415),
        ("multipart/mixed; boundary=parted", 415),
        ("", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        ("multipart/form-data; boundary=another", 400),
        ("multipart/form-data; boundary=" + "x" * 5000, 400),
        ("multipart/form-data; boundary=.*", 400),
    ],
)
def test_what_it_is_sent_as_is_checked(
    type: str, status: int, member: Person, folder: Path
) -> None:
    refused(send(member, part(PNG) + END, type=type), status)
    assert left(folder) == []


def test_bytes_that_look_like_edges_stay_in_the_file(member: Person) -> None:
    content = PNG + b"\r\n--part\r\n--parted-not\r\n\r\r\n\n--parte" * 5000
    made = succeeded(upload(member, content), 201)
    assert member.get(f"/attachments/{made['id']}").data == content


# ------------------------------------------------------------------------------------------------ once, or not at all


def test_an_upload_is_done_once_for_its_key(member: Person, folder: Path) -> None:
    key = {"Idempotency-Key": "one"}
    first, second = (upload(member, PNG, headers=key) for _ in range(2))
    assert succeeded(first, 201) == succeeded(second, 201)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(left(folder)) == 1
    refused(upload(member, PNG + b"\0", headers=key), 409, reason="idempotency_key_reused")
    refused(upload(member, PNG, "other.png", headers=key), 409)
    assert len(left(folder)) == 1


def test_who_may_not_sends_nothing_to_the_disk(app: Flask, folder: Path) -> None:
    answer = app.test_client().post("/api/v1/attachments", data=part(PNG) + END)
    refused(answer, 401)
    assert not folder.exists()


@pytest.mark.parametrize("what", ["replace", "fsync"])
@pytest.mark.parametrize(("error", "reason"), [(errno.ENOSPC, "disk_full"), (errno.EIO, None)])
def test_a_disk_that_takes_no_more_is_503_and_nothing_is_left(
    what: str,
    error: int,
    reason: str | None,
    member: Person,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(f"jack.core.atomic_file.os.{what}", full)
    answer = refused(upload(member, PNG), 503)
    assert answer.get("reason") == reason
    monkeypatch.undo()
    assert left(folder) == []
    assert member.db.value("SELECT count(*) FROM attachments") == 0
    succeeded(upload(member, PNG), 201)


def test_room_is_left_for_the_database(
    member: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 63 * MIB))
    refused(upload(member, PNG), 503, reason="disk_full")
    assert left(folder) == []


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one"}])
def test_a_row_that_cannot_be_written_leaves_no_file(
    headers: dict[str, str], member: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member.db.run(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON attachments BEGIN SELECT raise(FAIL, 'full'); END"
    )
    answer = upload(member, PNG, headers=headers)
    assert answer.status_code == 500
    assert left(folder) == []
    member.db.run("DROP TRIGGER full")
    succeeded(upload(member, PNG, headers=headers), 201)
