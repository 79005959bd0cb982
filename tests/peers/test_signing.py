"""The peers' own signing code, against values computed elsewhere."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from tests.peers import signing

TOKEN = "12345678901234567890123456789012"
SECRET = "0123456789abcdef0123456789abcdef"
FORM = (
    "Body=Hola%2C+%C2%BFa+qu%C3%A9+hora+es+el+check-in%3F&From=whatsapp%3A%2B5215512345678"
    "&MessageSid=SM00000000000000000000000000000001&NumMedia=0&To=whatsapp%3A%2B14155238886&Empty="
)
STATUS = (
    "MessageSid=SM00000000000000000000000000000002&MessageStatus=delivered&To=%2B525512345678"
    "&From=%2B525598765432&AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01"
    "&SmsSid=SM00000000000000000000000000000002&SmsStatus=delivered"
)
CALL = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"


@pytest.mark.parametrize(
    ("token", "url", "form", "signature"),
    [
        (TOKEN, "https://jack.example.com/webhooks/twilio/whatsapp", FORM, "bQmig6T3tjwSPmXdLqP/cx9f6LE="),
        (TOKEN, "https://jack.example.com/webhooks/twilio/status?m=msg_01", STATUS, "809RzGbeHJPjNZ1JllRPzhJynss="),
        ("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ],
)  # fmt: skip
def test_twilio_signs_url_and_form(token: str, url: str, form: str, signature: str) -> None:
    assert signing.twilio(token, url, parse_qsl(form, keep_blank_values=True)) == signature


def test_twilio_signs_the_url_of_json() -> None:
    body = '{"a":1,"msg":"Hola ñ"}'.encode()
    url, signature = signing.twilio_json(
        TOKEN, "https://jack.example.com/webhooks/twilio/events", body
    )
    assert url.endswith(
        "?bodySHA256=3d6fe7b6d232c5b1d6b2d71c77c799e2b988efabd14e0e447e7a80224946f428"
    )
    assert signature == "OpoOAIPpnpkRnidMe0aO0kWCSW8="


def test_meta_signs_raw_bytes() -> None:
    plain = (
        b'{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":'
        b'[{"value":{"messaging_product":"whatsapp"},"field":"messages"}]}]}'
    )
    assert len(plain) == 147
    assert signing.meta(SECRET, plain) == (
        "sha256=de21a2177b29cddea94fd9cc8fc6aaf3ac8de9a51840fce81816379578c9215c"
    )
    escaped = rb'{"body":"Habitaci\u00f3n \ud83d\ude42"}'
    assert signing.meta(SECRET, escaped) == (
        "sha256=d90ce2ce359cda9dadd431c03153d4b655a9ab30cce070a614c5cf7b15ed24d7"
    )
    again = signing.meta(SECRET, '{"body":"Habitación 🙂"}'.encode())
    assert again.startswith("sha256=a9e68a74")
    assert again.endswith("63f5d")
