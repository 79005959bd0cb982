"""Mails as they really come, each read as what it is; none of them stops the next."""

from __future__ import annotations

import base64
import io
import time
import zipfile
from email import message_from_bytes
from email.message import EmailMessage

import pytest

from jack.channels.mail import body, inbound
from jack.channels.mail.message_ids import reply_address
from jack.channels.mail.mime import MOST_PARTS
from jack.channels.mail.reply_tokens import reply_token
from jack.channels.types import Address, InboundMessage, Unreadable
from tests.channels.mails import AT, OUTLOOK_ID, OWN, event_of, in_parts, make_mail, only

CONVERSATION = "conv-01900000-0000-7000-8000-000000000001"


# ------------------------------------------------------------------------------------------------ a guest's message


def test_a_mail_is_a_message_of_its_sender() -> None:
    event = only(make_mail("Two towels, please.\n"))
    assert event.people == (Address("ana@guest.example", "Ana@guest.example"),)
    assert (event.name, event.subject, event.text) == ("Ana", "Towels", "Two towels, please.")
    assert (event.type, event.at, event.automatic) == ("text", AT, False)
    assert event.details == {"subject": "Towels"}
    assert (event.in_reply_to, event.token, event.media, event.echo) == ((), None, (), False)


def test_what_it_quotes_is_folded_away_and_kept() -> None:
    quoted = "On Tue, Hotel <front@hotel.example> wrote:\n> Welcome!"
    event = only(make_mail(f"Thank you!\n\n{quoted}\n"))
    assert event.text == "Thank you!"
    assert event.details["quoted"] == quoted


def test_a_mail_with_nothing_but_a_subject_says_its_subject() -> None:
    assert only(make_mail("\n\n", Subject="Towels for 302")).text == "Towels for 302"
    assert only(make_mail("", Subject="")).text == "[An empty mail]"


def test_it_names_what_it_answers_the_nearest_first() -> None:
    event = only(make_mail(References="<a@x> <b@x>\r\n <c@x>", In_Reply_To="<c@x>"))
    assert event.in_reply_to == ("<c@x>", "<b@x>", "<a@x>")


def test_an_id_of_120_characters_stays_whole() -> None:
    event = only(make_mail(Message_ID=OUTLOOK_ID, In_Reply_To=f"\r\n {OUTLOOK_ID}"))
    assert event.in_reply_to == (OUTLOOK_ID,)
    assert event.event_key.startswith(f"{OUTLOOK_ID} ")


def test_a_malformed_id_is_an_id_nevertheless() -> None:
    event = only(
        make_mail(Message_ID="<[abc@x]>", References="garbage <[d@e]> <no space@x> <ok@x>")
    )
    assert event.event_key.startswith("<[abc@x]> ")
    assert event.in_reply_to == ("<ok@x>", "<[d@e]>")


@pytest.mark.parametrize("sign", ["\xf1", "\udcf1", "\x00"])
def test_an_id_that_nothing_can_name_is_none(sign: str) -> None:
    event = only(make_mail(Message_ID=f"<{sign}@x>", References=f"<{sign}@x> <ok@x>"))
    assert (event.event_key[:4], event.in_reply_to) == ("raw:", ("<ok@x>",))


@pytest.mark.parametrize("header", ["To", "Cc", "Delivered-To", "X-Original-To"])
def test_the_token_of_the_reply_address_is_found(header: str) -> None:
    token = reply_token("s" * 32, CONVERSATION)
    address = reply_address(OWN, token)
    assert only(make_mail(**{header: f"Sol <{address}>, b@x.example"})).token == token
    assert only(make_mail(**{header: str(address).upper()})).token == token
    assert only(make_mail(**{header: f"x{address}"})).token is None
    assert only(make_mail(**{header: f"{address}.evil.example"})).token is None


def test_a_key_is_the_same_however_a_mail_comes() -> None:
    plain = make_mail(
        "Grüße\n", Content_Transfer_Encoding="8bit", Content_Type="text/plain; charset=utf-8"
    )
    coded = make_mail("Gr=C3=BC=C3=9Fe\n", Subject="[EXT] Towels", Received="from somewhere",
                   Content_Transfer_Encoding="quoted-printable", Content_Type="text/plain; charset=utf-8")  # fmt: skip
    assert only(plain).event_key == only(coded).event_key


@pytest.mark.parametrize("other", [
    make_mail("Something else"), make_mail(Date="Thu, 28 May 2026 20:27:00 +0000"), make_mail(Message_ID="<2@guest.example>"),
])  # fmt: skip
def test_two_mails_of_a_careless_program_are_two(other: bytes) -> None:
    assert only(make_mail()).event_key != only(other).event_key


def test_a_mail_without_an_id_is_known_by_its_bytes() -> None:
    first, second = make_mail(Message_ID=""), make_mail("Hello again", Message_ID="")
    assert only(first).event_key == only(first).event_key == inbound.raw_key(first)
    assert only(first).event_key != only(second).event_key


# ------------------------------------------------------------------------------------------------ who it is


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("ana@guest.example", None, "ana@guest.example"),
        ("=?utf-8?q?Jos=C3=A9?= <j@guest.example>", "José", "j@guest.example"),
        ('"=?utf-8?b?Sm9zw6k=?=" <j@guest.example>', "José", "j@guest.example"),
        ("=?nonsense?q?Jos=E9?= <j@guest.example>", "José", "j@guest.example"),
        ("=?utf-8?b?!!!?= <j@guest.example>", "", "j@guest.example"),
        ('"García, \\"Ana\\"" <j@guest.example>', 'García, "Ana"', "j@guest.example"),
        ("Hotel, Ana <j@guest.example>", "Hotel, Ana", "j@guest.example"),
        ("bob@bank.example <j@guest.example>", "bob@bank.example", "j@guest.example"),
        ("José <j@guest.example>", "José", "j@guest.example"),
        (b"Jos\xe9 <j@guest.example>".decode("utf-8", "surrogateescape"), "José", "j@guest.example"),
        ("Ana\x00\x07 <j@guest.example>", "Ana", "j@guest.example"),
    ],
)  # fmt: skip
def test_a_sender_is_read_however_they_are_written(
    value: str, name: str | None, address: str
) -> None:
    event = only(make_mail(From=value))
    assert event.people[0].verbatim == address
    assert event.name == (name or None)


def test_answers_never_go_where_a_stranger_says() -> None:
    event = only(make_mail(From="a@evil.example", Reply_To="ana@guest.example"))
    assert event.people[0].key == "a@evil.example"
    assert event.details["replyTo"] == "ana@guest.example"


@pytest.mark.parametrize("sender", [OWN, "noreply@forms.example", "automated@portal.example"])
def test_who_a_program_speaks_for_is_the_guest(sender: str) -> None:
    event = only(make_mail(From=f"Form <{sender}>", Reply_To="Ana <Ana@guest.portal.example>"))
    assert event.people == (Address("ana@guest.portal.example", "Ana@guest.portal.example"),)
    assert event.name == "Ana"
    assert event.details["sentBy"] == sender


@pytest.mark.parametrize("headers", [
    {"From": "Front <FRONT@hotel.example>"}, {"From": OWN, "Reply-To": OWN},
    {"From": "list@elsewhere.example", "Message-ID": "<jack.msg-1@hotel.example>"},
])  # fmt: skip
def test_our_own_mail_is_ignored(headers: dict[str, str]) -> None:
    assert inbound.events_of(make_mail(**headers), AT, OWN) == []


def test_a_mail_of_nobody_is_put_aside_whole() -> None:
    raw = make_mail(From="")
    assert event_of(raw) == inbound.quarantined(raw, "It names no sender.")
    assert event_of(raw).raw == raw


# ------------------------------------------------------------------------------------------------ what it says


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "Ñandú".encode(), "Ñandú"),
        ("iso-8859-1", b"\x93\xd1and\xfa\x94", "“Ñandú”"),
        ("us-ascii", "Ñandú".encode(), "Ñandú"),
        ("utf-8", b"\xd1and\xfa", "Ñandú"),
        ("x-unknown", "Ñandú".encode(), "Ñandú"),
        ("x-unknown", b"\xd1and\xfa", "Ñandú"),
        ("iso-2022-jp", b"\x1b$B$3$s\x1b(B", "こん"),
        ("gb2312", "您好镕".encode("gbk"), "您好镕"),
        ("undefined", b"Hola", "Hola"),
        ("hex", b"Hola", "Hola"),
        ("punycode", b"Hola-", "Hola-"),
        ("utf-8\x00", b"Hola", "Hola"),
        ("", b"a\x00b\x07c\x0cd\r\ne", "abc\nd\ne"),
        ("utf-7", b"a+2AA-b", "ab"),
    ],
)
def test_a_text_is_read_in_whatever_charset(charset: str, content: bytes, text: str) -> None:
    kind = f'text/plain; charset="{charset}"' if charset else ""
    event = only(make_mail(content, Content_Type=kind, Content_Transfer_Encoding="8bit"))
    assert event.text == text
    event.text.encode()


def test_plain_text_counts_before_html() -> None:
    raw = in_parts(
        "multipart/alternative",
        "Content-Type: text/plain\n\nPlain",
        "Content-Type: text/html\n\n<p>Rich</p>",
    )
    assert only(raw).text == "Plain"


def test_html_counts_where_the_plain_text_is_empty() -> None:
    raw = in_parts(
        "multipart/alternative",
        "Content-Type: text/plain\n\n \n",
        "Content-Type: text/html\n\n<p>Rich</p>",
    )
    assert only(raw).text == "Rich"


def test_html_is_read_as_text() -> None:
    raw = make_mail(
        "<html><head><title>x</title><style>p{}</style></head><body><!-- no -->"
        "<p>Hola&nbsp;Ana,</p><p>Una   línea<br>otra <b>más</b> "
        '<a href="https://x.example/?a&amp;b">aquí</a></p><ul><li>uno</li><li>dos</li></ul>'
        '<div>El mar, 2 jun 2026, Hotel (<a href="mailto:front@hotel.example">front@hotel.example</a>) escribió:<br></div>'
        "<blockquote><p>Viejo</p><blockquote>Antes</blockquote></blockquote></body></html>",
        Content_Type="text/html; charset=utf-8",
    )
    event = only(raw)
    assert (
        event.text
        == "Hola Ana,\n\nUna línea\notra más aquí (https://x.example/?a&b)\n\n- uno\n- dos"
    )
    assert "> Viejo" in event.details["quoted"]
    assert "> > Antes" in event.details["quoted"]


@pytest.mark.parametrize("rubbish", [
    "<!--", "<a ", "<a href='", "</", "<![CDATA[", "<?", "&", "&#", "&#1", "<div>", "<blockquote>", "<script>", "<a x=",
])  # fmt: skip
def test_rubbish_html_takes_no_time(rubbish: str) -> None:
    began = time.process_time()
    only(make_mail(rubbish * (1_000_000 // len(rubbish)), Content_Type="text/html"))
    assert time.process_time() - began < 10


@pytest.mark.parametrize("begins", ["<", "</", "<a ", "<!", "<a href=", "<a href='"])
def test_a_tag_without_an_end_takes_no_time(begins: str) -> None:
    began = time.process_time()
    only(make_mail(begins + "a" * 1_000_000, Content_Type="text/html"))
    assert time.process_time() - began < 2


def test_an_endless_character_number_is_no_character() -> None:
    assert only(make_mail(f"a&#{'1' * 5000};b", Content_Type="text/html")).text == "ab"


def test_a_long_text_is_cut_and_kept_whole_as_a_file() -> None:
    event = only(make_mail("word " * 30_000))
    assert len(event.text) <= body.LONGEST_TEXT
    assert event.media[0].name == "message.txt"
    assert event.media[0].content == ("word " * 30_000).encode()


# ------------------------------------------------------------------------------------------------ its files


def built(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    for name, value in ({"From": "ana@guest.example", "To": OWN, "Message-ID": "<1@g>"} | headers).items():  # fmt: skip
        mail[name] = value
    mail.set_content("See these.")
    return mail


def test_files_and_inline_images_come_with_the_message() -> None:
    mail = built()
    mail.add_alternative('<p>See <img src="cid:1"></p>', subtype="html")
    mail.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<1>")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Reserva ñ.pdf")
    event = only(mail.as_bytes())
    assert event.text == "See these."
    assert [(one.name, one.mime, one.content) for one in event.media] == [
        (None, "image/png", b"\x89PNG"),
        ("Reserva ñ.pdf", "application/pdf", b"%PDF"),
    ]


@pytest.mark.parametrize(("mime", "type"), [("image/jpeg", "image"), ("application/pdf", "file")])
def test_a_mail_that_is_only_a_file_is_one(mime: str, type: str) -> None:
    raw = in_parts("multipart/mixed", f"Content-Type: {mime}; name=a\n\nx")
    event = only(raw)
    assert (event.type, event.text) == (type, "")


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\Windows\\\\a.exe"', "a.exe"),
        ('filename="..."', "unnamed"),
        ("filename*=nonsense''%E9.pdf", "é.pdf"),
        ("filename*0*=utf-8''a; filename*1*=%C3%B1.pdf", "añ.pdf"),
        ('filename="=?utf-8?q?=C3=B1.pdf?="', "ñ.pdf"),
        ("filename*x=1", None),
        ("", None),
    ],
)
def test_a_file_name_is_only_a_name(claimed: str, name: str | None) -> None:
    part = f"Content-Type: application/pdf\nContent-Disposition: attachment; {claimed}\n\nx"
    (file,) = only(in_parts("multipart/mixed", part)).media
    assert file.name == name


def test_a_mail_in_a_mail_is_a_file_and_says_nothing_itself() -> None:
    mail, inner = built(), built(Subject="Old/er")
    inner.add_attachment(b"x", maintype="application", subtype="pdf", filename="inner.pdf")
    mail.add_attachment(inner)
    (file,) = only(mail.as_bytes()).media
    assert (file.name, file.mime) == ("er.eml", "message/rfc822")
    assert message_from_bytes(file.content or b"")["Subject"] == "Old/er"


def test_too_many_and_too_large_files_are_named_and_left_out() -> None:
    large = base64.b64encode(bytes(body.LARGEST_FILE + 1)).decode()
    coded = "Content-Type: application/pdf; name={}.pdf\nContent-Transfer-Encoding: base64\n\n{}"
    parts = [coded.format("large", large), *(coded.format(n, "eA==") for n in range(25))]
    event = only(in_parts("multipart/mixed", *parts))
    assert [one.name for one in event.media] == [f"{n}.pdf" for n in range(20)]
    assert event.details["omitted"] == ["large.pdf", *(f"{n}.pdf" for n in range(20, 25))]


def test_a_zip_of_death_is_a_file_that_nobody_opens() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as death:
        for n in range(10):
            death.writestr(f"{n}", bytes(20_000_000))
    mail = built()
    mail.add_attachment(packed.getvalue(), maintype="application", subtype="zip", filename="a.zip")
    (file,) = only(mail.as_bytes()).media
    assert (file.name, file.content) == ("a.zip", packed.getvalue())


# ------------------------------------------------------------------------------------------------ robots


@pytest.mark.parametrize(
    ("header", "value", "automatic"),
    [
        ("Auto-Submitted", "auto-replied", True),
        ("Auto-Submitted", "auto-generated; x=y", True),
        ("Auto-Submitted", "no", False),
        ("Auto-Submitted", "No (a person)", False),
        ("Return-Path", "<>", True),
        ("Return-Path", "<ana@guest.example>", False),
        ("Precedence", "bulk", True),
        ("Precedence", "junk", True),
        ("Precedence", "List", True),
        ("Precedence", "first-class", False),
        ("List-Id", "<x.example>", True),
        ("List-Unsubscribe", "<mailto:x@y>", True),
        ("X-Autoreply", "yes", True),
        ("X-Auto-Response-Suppress", "OOF", False),  # also on people's mail: it counts on replies
        ("X-Autorespond", "vacation", True),
        ("X-Autogenerated", "Reply", True),
        ("X-Autogenerated", "Forward", False),
        ("X-Apple-Action", "VACATION/1", True),
        ("X-MS-Exchange-Generated-Message-Source", "Mailbox Rules Agent", True),
        ("X-POST-MessageClass", "9; Autoresponder", True),
        (
            "List-Id",
            "Front <front.hotel.example>",
            False,
        ),  # the hotel's own list passes on what guests write to it
        ("Subject", "Automatic reply: Towels", False),  # without a reference to a mail of ours
        ("From", "MAILER-DAEMON@guest.example", True),
        ("From", "postmaster@guest.example", True),
        ("From", "no-reply@guest.example", True),
        ("From", "noreply+1@guest.example", True),
        ("From", "noreplyana@guest.example", False),
        ("From", "notification.rivera@guest.example", False),
        ("From", "bounces.tom@guest.example", False),
        ("From", "bounces@guest.example", True),
        ("From", "bounces+1234-ana=x.example@guest.example", True),
        ("From", "notifications-123@guest.example", True),
        ("Content-Type", "multipart/report; boundary=x", True),
        ("X-Mailer", "Outlook", False),
    ],
)
def test_mail_of_programs_is_known(header: str, value: str, automatic: bool) -> None:
    assert only(make_mail(**{header: value})).automatic is automatic


# ------------------------------------------------------------------------------------------------ what nobody writes


def quarantined(raw: bytes) -> tuple[InboundMessage, Unreadable]:
    """A mail that cannot be read: a message all the same, and the whole of it put aside."""
    message, aside = inbound.events_of(raw, AT, OWN)
    assert isinstance(message, InboundMessage)
    assert isinstance(aside, Unreadable)
    assert aside.raw == raw
    assert message.people[0].key == "ana@guest.example"
    assert message.type == "unsupported"
    assert message.event_key != aside.event_key
    return message, aside


def test_a_thousand_parts_in_each_other_are_put_aside() -> None:
    content = "".join(
        f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(1_000)
    )
    raw = make_mail().partition(b"\r\n\r\n")[0] + b"\r\n" + content.encode() + b"\r\nHi"
    _, aside = quarantined(raw)
    assert aside.reason == f"It has more than {MOST_PARTS} parts."


def test_as_many_parts_as_are_allowed_are_read() -> None:
    parts = ["Content-Type: text/plain\n\nHello"] * (MOST_PARTS - 1)
    assert only(in_parts("multipart/mixed", *parts)).text.count("Hello") == MOST_PARTS - 1
    quarantined(in_parts("multipart/mixed", *parts, *parts))


def test_a_million_empty_parts_take_no_time() -> None:
    began = time.process_time()
    quarantined(make_mail("--x\n\n" * 1_000_000, Content_Type="multipart/mixed; boundary=x"))
    assert time.process_time() - began < 10


def test_a_mail_of_nothing_but_lines_is_put_aside() -> None:
    _, aside = quarantined(make_mail(b"\n" * 2_500_000))
    assert aside.reason == "It has more than a million lines."


@pytest.mark.parametrize("name", [
    "Subject", "X-Anything", "To", "References", "In-Reply-To", "Content-Type", "Received", "Reply-To", "Date", "Auto-Submitted",
])  # fmt: skip
@pytest.mark.parametrize("sign", ["x", "<", "(", ";", ' "', "=?utf-8?q?a?= ", "<a@b> ", "é", "a@"])
def test_a_header_of_a_megabyte_is_survived(name: str, sign: str) -> None:
    began = time.process_time()
    event = only(make_mail(**{name: sign * (1_000_000 // len(sign))}))
    assert time.process_time() - began < 10
    assert event.people[0].key == "ana@guest.example"
    assert len(event.subject or "") <= 500


def test_a_megabyte_of_parameters_of_many_parts_takes_no_time() -> None:
    began = time.process_time()
    only(make_mail(Content_Type="multipart/mixed; boundary=x" + ';a="' * 250_000))
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"\x00" * 1000, b"no header at all", b"\xff\xfe" * 500]
)
def test_what_is_no_mail_is_put_aside(raw: bytes) -> None:
    event = event_of(raw)
    assert isinstance(event, Unreadable)
    assert event.raw == raw
