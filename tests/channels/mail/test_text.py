"""What a mail says, in whatever charset and form it says it."""

from __future__ import annotations

import time

import pytest
from webencodings.labels import LABELS

from jack.channels.mail import flowed
from jack.channels.mail.charsets import decoded
from jack.channels.mail.html_text import text_of
from tests.channels.mails import alternatives, make_mail, message_of


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "Größe für zwei: 5 ".encode() + b"\xe2\x82 L", "Größe für zwei: 5 \ufffd L"),
        ("us-ascii", "Größe ü".encode() + b"\xfc", "Größe ü\ufffd"),
        ("utf-8", b"Caf\xe9", "Café"),
        ("shift_jis", "髙橋様、ありがとう".encode("cp932") + b"\x81", "髙橋様、ありがとう\ufffd"),
        ("iso-2022-jp", b"\x1b$B$3$s\x1b(B \x1b$B-!-j\x1b(B", "こん ①㈱"),
        ("iso-2022-jp", b"\x1b$B\x7c\x62\x1b(B", "髙"),
        ("iso-2022-jp", b"\x1b(I1\x1b(B", "\uff71"),
        ("iso-2022-jp", b"\x1b$B$3\xff$s\x1b(B ok", "こ\ufffdん ok"),
        ("ISO-2022-JP", "こんにちは".encode(), "こんにちは"),
        ("cp50221", b"\x1b$B-!\x1b(B", "①"),
        ("iso-8859-8-i", b"\xf9\xec\xe5\xed", "שלום"),
        ("iso-8859-8-e", b"\xf9\xec\xe5\xed", "שלום"),
        ("ks_c_5601-1987", "안녕 뷁".encode("cp949"), "안녕 뷁"),
        ("x-gbk", "您好镕".encode("gb18030"), "您好镕"),
        ("big5", "碁".encode("cp950"), "碁"),
        ("big5", "裏".encode("big5hkscs"), "裏"),
        ("windows-874", "กขค".encode("cp874"), "กขค"),
        ("x-mac-roman", "é".encode("mac-roman"), "é"),
        ("koi8-ru", "Привет".encode("koi8-u"), "Привет"),
        ("iso-2022-kr", "안녕".encode("iso2022_kr"), "안녕"),
        ("utf-16", "Hola".encode("utf-16"), "Hola"),
        ("utf-8", "\ufeffHola".encode(), "Hola"),
    ],
)
def test_a_text_is_read_as_it_was_meant(charset: str, content: bytes, text: str) -> None:
    assert decoded(content, charset) == text


def test_every_name_of_the_standard_is_known() -> None:
    names = [name for name, codec in LABELS.items() if codec != "replacement"]
    assert len(names) > 200
    assert [name for name in names if "abc" not in decoded(b"abc ", name) and "utf-16" not in LABELS[name]] == []  # fmt: skip


@pytest.mark.parametrize("content", [b"\x1b$B" * 100_000, b"\xff" * 300_000, b"\x1b$B" + b"$3" * 150_000])  # fmt: skip
@pytest.mark.parametrize("charset", ["iso-2022-jp", "utf-8", "big5"])
def test_rubbish_bytes_take_no_time(charset: str, content: bytes) -> None:
    began = time.process_time()
    decoded(content, charset)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("We arrive \nlate.\nAna", "We arrive late.\nAna"),
        ("> We arrive \n> late. \nYes \n\nAna", "> We arrive late. \nYes \n\nAna"),
        (">> a \n> b", ">> a \n> b"),
        (" From us \nto you\n-- \nAna", "From us to you\n-- \nAna"),
        ("Hello \n-- \nAna", "Hello \n-- \nAna"),
    ],
)
def test_flowed_lines_are_joined(text: str, joined: str) -> None:
    assert flowed.joined(text) == joined


def test_a_line_that_flows_for_ever_takes_no_time() -> None:
    began = time.process_time()
    flowed.joined("a \n" * 500_000)
    assert time.process_time() - began < 10


def test_flowed_lines_of_a_script_without_blanks_are_joined_without() -> None:
    mail = make_mail("こん \nにちは\n".encode(), Content_Transfer_Encoding="8bit",
                     Content_Type="text/plain; charset=utf-8; format=Flowed; DelSp=Yes")  # fmt: skip
    assert message_of(mail).text == "こんにちは"


@pytest.mark.parametrize(
    "plain",
    ["\u200b \ufeff", "&nbsp;", "\u00a0\u034f\u200c", "[image: logo.png]", "[cid:1@x]",
     "This message is in HTML. Please use a mail client that shows it.",
     "Your e-mail program cannot show this message. View it online: https://x.example/1",
     "Para ver este mensaje, abra su navegador", "https://x.example/view/123"],
)  # fmt: skip
def test_a_plain_part_that_says_nothing_hides_no_html(plain: str) -> None:
    rich = "<p>Is a double room free on 5 May for two adults and one child, with breakfast and parking?</p>"
    assert message_of(alternatives(plain, rich)).text.startswith("Is a double room free")


@pytest.mark.parametrize(("plain", "rich"), [
    ("Yes.", "<p>Yes.</p><p>Ana Ruiz<br>Calle Mayor 1</p>"), ("Can I see the site in a browser?", "<p>Can I see the site in a browser?</p>"),
])  # fmt: skip
def test_a_short_plain_part_is_what_was_written(plain: str, rich: str) -> None:
    assert message_of(alternatives(plain, rich)).text == plain


HTML = {
    '<p><a title="a > b" href="https://h.example/x">link</a> and</p>': "link (https://h.example/x) and",
    "<img alt='a>b' src=x>text": "text",
    "<a href=\"x>text</a> <b title='>'>b</b>": "text b",
    "a < b and b > c": "a < b and b > c",
    "<ol><li>Cot<li>Parking</ol>": "1. Cot\n2. Parking",
    "<ol start=4><li><p>Cot</p></li><li value=7>Parking</li></ol>": "4. Cot\n7. Parking",
    "<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>": "- a\n  1. b\n- c",
    "<div style='display:none;max-height:0'>No</div><p>Yes</p>": "Yes",
    "<span style='visibility: hidden'>No</span>Yes": "Yes",
    "<div hidden>No<div>No</div></div>Yes": "Yes",
    "<div style='DISPLAY:NONE !important'>No<br><img src=x></div>Yes": "Yes",
    "<style>.pre{display:none}@media screen{.m{display:none}}</style><p class=pre>No</p><p class=m>Yes</p>": "Yes",
    "<div><span style='display:none'>No</div>Yes": "Yes",
    "<p style='display:none'>No<p>Yes": "Yes",
    "<table><tr style='display:none'><td>No<tr><td>Yes</table>": "Yes",
    "<div style='display:none'>Only this": "Only this",
    "<p style='font-size:0'>Yes</p>": "Yes",
    "<head><title>No</title><p>Yes": "Yes",
    "<table><tr><th>Room<th>Nights</tr><tr><td><p>Double</p></td><td>3</td></tr></table>": "Room | Nights\nDouble | 3",
    "<table><tr><td>Arrival:</td><td>5 May</td></tr></table>": "Arrival: 5 May",
    "<table><tr><td><p>One</p><p>Two</p></td><td>Three</td></tr></table>": "One\n\nTwo\n\nThree",
    "Thanks <img alt='🙏' src=x><img alt='Logo' src=y>": "Thanks 🙏",
    f"<img src='data:image/png;base64,{'A' * 4_000_000}'>after": "after",
}  # fmt: skip


@pytest.mark.parametrize(("source", "text"), HTML.items(), ids=range(len(HTML)))
def test_html_is_read_as_a_browser_shows_it(source: str, text: str) -> None:
    assert text_of(source) == text


@pytest.mark.parametrize("piece", [
    "<div>", "<b><div>", "<ol><li>", "<table><tr><td>a<td>", "<p style='display:none'>", "<style>@media{", "<style>a{",
    "<a b=\"'<a c='\"", "<a '", "<td>", "<table>", '<a b="<a b=" b="',
])  # fmt: skip
def test_nested_and_malformed_html_takes_no_time(piece: str) -> None:
    began = time.process_time()
    text_of(piece * (200_000 // len(piece)))
    assert time.process_time() - began < 5
