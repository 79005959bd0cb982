"""The files of a mail: their names, what Outlook packs, what is no file, and what malformed parts hold."""

from __future__ import annotations

import struct

import pytest

from jack.channels.mail import tnef
from jack.channels.mail.file_names import base_name
from tests.channels.mails import in_parts, make_mail, message_of

TEXT = "Content-Type: text/plain; charset=utf-8\n\nSee this."


def names(*parts: str | bytes) -> list[str | None]:
    """The names of the files of a mail with these parts."""
    return [file.name for file in message_of(in_parts("multipart/mixed", TEXT, *parts)).media]


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ('filename="Reisepaß.pdf"', "Reisepaß.pdf"),
        ('filename="Reisepaß.pdf"'.encode("latin-1"), "Reisepaß.pdf"),
        ("filename=Paßkopie.pdf", "Paßkopie.pdf"),
        ("filename*=UTF-8''Reisepa%C3%9F.pdf", "Reisepaß.pdf"),
        ("filename=\"Reisepa_.pdf\"; filename*=utf-8''Reisepa%C3%9F.pdf", "Reisepaß.pdf"),
        ("filename*=utf-8''Reisepa%C3%9F.pdf; filename=\"Reisepa_.pdf\"", "Reisepaß.pdf"),
        ("filename*0*=iso-8859-1''Reise; filename*1*=pa%DF; filename*2=.pdf", "Reisepaß.pdf"),
        ("filename*=iso-8859-8-i''%F9%EC.pdf", "של.pdf"),
        ('filename="=?utf-8?B?UmVpc2VwYcOf?= =?utf-8?Q?_2026=2Epdf?="', "Reisepaß 2026.pdf"),
        ("filename==?utf-8?Q?Reisepa=C3=9F=2Epdf?=", "Reisepaß.pdf"),
        ('filename="=?utf-8?Q?Reisepa=C3?=\n =?utf-8?Q?=9F.pdf?="', "Reisepaß.pdf"),
        ('filename*0="=?utf-8?Q?Reise"; filename*1="pa=C3=9F=2Epdf?="', "Reisepaß.pdf"),
        ("filename*=utf-8''%3D%3Futf-8%3FQ%3FReisepa%3DC3%3D9F.pdf%3F%3D", "Reisepaß.pdf"),
        ('filename="Reisepa%C3%9F.pdf"', "Reisepaß.pdf"),
        ('filename="100%25.pdf"', "100%25.pdf"),
        ('filename="a\u202efdp.exe"', "afdp.exe"),
        (f'filename="{"Bestätigung " * 60}.pdf"', None),
        (f"filename*=utf-8''{'%C3%A4' * 400}.docx", None),
    ],
)
def test_a_name_is_read_in_every_form(claimed: str | bytes, name: str | None) -> None:
    claim = claimed.encode() if isinstance(claimed, str) else claimed
    part = b"Content-Type: application/pdf\nContent-Disposition: attachment; " + claim + b"\n\nx"
    (found,) = names(part)
    assert found
    assert found == (name or found)
    assert len(found) <= 150
    assert found.endswith((".pdf", ".docx", ".exe"))


def test_the_name_of_the_type_counts_where_there_is_no_other() -> None:
    part = (
        'Content-Type: application/pdf; name="Reisepaß.pdf"\nContent-Disposition: attachment\n\nx'
    )
    assert names(part) == ["Reisepaß.pdf"]


def test_a_long_name_keeps_its_ending() -> None:
    assert base_name(f"{'a' * 300}.pdf") == f"{'a' * 146}.pdf"
    assert base_name("a" * 300) == "a" * 150
    assert len(base_name(f"{'a' * 200}.{'b' * 100}")) == 150


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('Content-Disposition: attachment; filename="confirmation 4711.eml"', "confirmation 4711.eml"),
        ('Content-Type: message/rfc822; name="Re: Booking"', "Re: Booking.eml"),
        ("Content-Disposition: attachment", "Other.eml"),
    ],
)  # fmt: skip
def test_a_mail_in_a_mail_keeps_its_name(head: str, name: str) -> None:
    kind = "" if "rfc822" in head else "Content-Type: message/rfc822\n"
    assert names(f"{kind}{head}\n\nFrom: a@b.example\nSubject: Other\n\nx") == [name]


def test_a_mail_in_base64_is_a_mail() -> None:
    part = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogT2xkCgp4Cg==\n"
    (file,) = message_of(in_parts("multipart/mixed", TEXT, part)).media
    assert file.content == b"Subject: Old\n\nx\n"


@pytest.mark.parametrize("head", [
    "Content-Type: application/pkcs7-signature; name=smime.p7s", "Content-Type: application/pgp-signature; name=signature.asc",
    "Content-Type: application/octet-stream; name=smime.p7s", 'Content-Type: text/plain; name="signature.asc"',
    "Content-Type: application/x-pkcs7-signature", "Content-Type: application/pgp-encrypted",
])  # fmt: skip
def test_a_signature_is_no_file(head: str) -> None:
    mail = in_parts("multipart/signed", TEXT, f"{head}\nContent-Disposition: attachment\n\nx")
    event = message_of(mail)
    assert (event.text, event.media) == ("See this.", ())


@pytest.mark.parametrize("head", [
    'Content-Type: text/plain; charset=utf-8; name="message.txt"\nContent-Disposition: inline', 'Content-Type: text/html; name="body.html"',
    'Content-Type: text/plain\nContent-Disposition: inline; filename="mail.txt"',
])  # fmt: skip
def test_a_body_with_a_name_is_a_body(head: str) -> None:
    event = message_of(in_parts("multipart/mixed", f"{head}\n\nIs a room free?"))
    assert (event.text, event.media) == ("Is a room free?", ())


def test_a_text_with_a_name_beside_the_body_is_a_file() -> None:
    assert names('Content-Type: text/plain; name="list.txt"\n\nOne') == ["list.txt"]


# ------------------------------------------------------------------------------------------------ malformed boundaries

PARTS = (
    "--bb\nContent-Type: text/plain\n\nIs a room free?\n"
    "--bb\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--bb--\n"
)


@pytest.mark.parametrize("kind", [
    "multipart/mixed", 'multipart/mixed; boundary="other"', 'multipart/mixed; boundary=""', "multipart/mixed; boundary=bbb",
    'multipart/mixed; boundary="bb',
])  # fmt: skip
def test_parts_whose_boundary_is_not_announced_are_found(kind: str) -> None:
    event = message_of(make_mail(PARTS, Content_Type=kind))
    assert event.text == "Is a room free?"
    assert [(file.name, file.content) for file in event.media] == [("a.pdf", b"%PDF")]


def test_parts_behind_an_early_end_are_found() -> None:
    early = "--bb\nContent-Type: text/plain\n\nHello\n--bb--\n" + PARTS
    event = message_of(make_mail(early, Content_Type="multipart/mixed; boundary=bb"))
    assert event.text == "Hello\n\nIs a room free?"
    assert [file.name for file in event.media] == ["a.pdf"]


@pytest.mark.parametrize("text", ["Is a room free?", "Is a room free?\n--bb--", "--bb\n\nIs a room free?"])  # fmt: skip
def test_a_text_without_parts_is_the_text(text: str) -> None:
    event = message_of(make_mail(text, Content_Type="multipart/mixed; boundary=bb"))
    assert "Is a room free?" in event.text


def test_html_that_is_said_to_have_parts_is_read_as_html() -> None:
    mail = make_mail("<html><p>Is a room free?</p></html>", Content_Type="multipart/alternative")
    assert message_of(mail).text == "Is a room free?"


# ------------------------------------------------------------------------------------------------ winmail.dat


def attribute(level: int, kind: int, data: bytes) -> bytes:
    return (
        struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
    )


def properties(*given: tuple[int, int, bytes]) -> bytes:
    """Properties of the types that have a length: (id, type, value)."""
    coded = [
        struct.pack("<HHII", type, id, 1, len(value)) + value + b"\0" * (-len(value) % 4)
        for id, type, value in given
    ]
    return struct.pack("<I", len(given)) + b"".join(coded)


def packed(*attributes: bytes) -> bytes:
    return struct.pack("<IH", tnef.SIGNATURE, 1) + b"".join(attributes)


def packed_file(name: str, content: bytes) -> bytes:
    long_name = f"{name}\0".encode("utf-16-le")
    return (
        attribute(2, tnef.NEW_FILE, bytes(14))
        + attribute(2, tnef.FILE_TITLE, b"SHORT~1.PDF\0")
        + attribute(2, tnef.FILE_DATA, content)
        + attribute(
            2,
            tnef.FILE_PROPERTIES,
            properties(
                (tnef.LONG_NAME, tnef.UNICODE, long_name),
                (tnef.MIME, tnef.UNICODE, "application/pdf\0".encode("utf-16-le")),
            ),
        )  # fmt: skip
    )


def winmail(content: bytes, kind: str = "application/ms-tnef") -> bytes:
    head = f"Content-Type: {kind}; name=winmail.dat\nContent-Transfer-Encoding: 8bit\n\n"
    return head.encode() + content


def in_base64(content: bytes) -> bytes:
    from base64 import encodebytes

    return b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n" + encodebytes(content)  # fmt: skip


def test_what_outlook_packs_is_unpacked() -> None:
    content = packed(packed_file("Reisepaß.pdf", b"%PDF-1"), packed_file("Foto.pdf", b"%PDF-2"))
    event = message_of(in_parts("multipart/mixed", TEXT, in_base64(content)))
    assert event.text == "See this."
    assert [(file.name, file.mime, file.content) for file in event.media] == [
        ("Reisepaß.pdf", "application/pdf", b"%PDF-1"),
        ("Foto.pdf", "application/pdf", b"%PDF-2"),
    ]


def test_a_packed_text_is_the_text_where_there_is_no_other() -> None:
    content = packed(attribute(1, tnef.BODY, b"Is a room free?\0"))
    assert message_of(in_parts("multipart/mixed", in_base64(content))).text == "Is a room free?"
    assert message_of(in_parts("multipart/mixed", TEXT, in_base64(content))).text == "See this."
    html = packed(attribute(1, tnef.MESSAGE_PROPERTIES, properties((tnef.HTML, tnef.BINARY, b"<p>Is it?</p>"))))  # fmt: skip
    assert message_of(in_parts("multipart/mixed", in_base64(html))).text == "Is it?"


def test_a_mail_packed_inside_gives_its_files() -> None:
    inner = packed(packed_file("inner.pdf", b"%PDF"), attribute(1, tnef.BODY, b"Old text\0"))
    data = bytes(16) + inner
    content = packed(attribute(2, tnef.NEW_FILE, bytes(14)), attribute(2, tnef.FILE_PROPERTIES, properties((tnef.DATA, tnef.OBJECT, data), (tnef.SHOWN_NAME, tnef.BYTES_8_BIT, b"Old\0"))))  # fmt: skip
    event = message_of(in_parts("multipart/mixed", TEXT, in_base64(content)))
    assert {file.name: file.content for file in event.media} == {"inner.pdf": b"%PDF", "Old.txt": b"Old text"}  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"no tnef", packed(), packed(attribute(1, 1, b"x"))])
def test_what_cannot_be_unpacked_stays_a_file(content: bytes) -> None:
    event = message_of(in_parts("multipart/mixed", in_base64(content)))
    assert [file.name for file in event.media] == ["winmail.dat"]


def test_malformed_packs_are_read_as_far_as_they_go() -> None:
    whole = packed(packed_file("a.pdf", b"%PDF" * 100), packed_file("b.pdf", b"x"))
    for end in range(len(whole)):
        tnef.opened(whole[:end])
    for at in range(6, len(whole)):
        tnef.opened(whole[:at] + b"\xff" + whole[at + 1 :])
    endless = struct.pack("<I", 0xFFFFFFFF) + struct.pack("<HHI", 0x1E, 1, 0xFFFFFFFF) * 1000
    assert tnef.opened(packed(attribute(1, tnef.MESSAGE_PROPERTIES, endless))) is not None
