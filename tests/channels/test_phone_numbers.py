"""Numbers as they are compared, texts in the pieces a phone takes, and words that end a conversation."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jack.channels import opt_out_words, phone_numbers, text_split
from jack.channels.phone_numbers import match_key, short_form
from jack.channels.text_split import encoding, segments, split, utf16_length
from jack.channels.types import Address

TEXTS = st.text(st.characters(codec="utf-8"), max_size=600) | st.text(
    "ab .!?\n🙂é\u0301\u200d👨👩", max_size=600
)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("5215512345678", "+525512345678"),
        ("525512345678", "+525512345678"),
        ("+5215512345678", "+525512345678"),
        ("5491123456789", "+541123456789"),
        ("541123456789", "+541123456789"),
        ("556181234567", "+5561981234567"),
        ("5561981234567", "+5561981234567"),
        ("556132345678", "+556132345678"),  # a landline has no ninth digit
        ("14155238886", "+14155238886"),
        ("573003255454", "+573003255454"),
    ],
)
def test_a_whatsapp_number_has_one_key_however_it_is_written(written: str, key: str) -> None:
    assert match_key(written) == key


@given(
    st.from_regex(r"[0-9]{5,20}", fullmatch=True)
    | st.from_regex(r"(52|54|55)1?9?[0-9]{8,11}", fullmatch=True)
)
def test_the_key_of_a_key_is_itself(number: str) -> None:
    assert match_key(match_key(number)) == match_key(number)


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("5215512345678", "525512345678"),
        ("5491123456789", "541123456789"),
        ("5561981234567", "5561981234567"),
    ],
)
def test_the_short_form_leaves_out_the_mobile_digit(long: str, short: str) -> None:
    assert short_form(long) == short


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("whatsapp:+5215512345678", "+525512345678"),
        ("5215512345678", "+525512345678"),
        ("MX.13491208655302741918", "MX.13491208655302741918"),
        ("whatsapp:CO.4480491918930694", "CO.4480491918930694"),
        ("MX.ENT.118", "MX.ENT.118"),
    ],
)
def test_a_whatsapp_address_is_kept_as_it_was_said(value: str, key: str) -> None:
    assert phone_numbers.whatsapp_address(value) == Address(key, value)


@pytest.mark.parametrize(
    "value", ["", "ana", "mx.118", "MX.", "+1", "٣٤٥٦٧٨", "MX." + "1" * 129, "whatsapp:"]
)
def test_what_is_neither_number_nor_user_id_is_no_whatsapp_address(value: str) -> None:
    assert phone_numbers.whatsapp_address(value) is None


@pytest.mark.parametrize(
    ("value", "key"),
    [("+5215512345678", "+5215512345678"), ("32665", "32665"), ("HotelBank", "hotelbank")],
)
def test_an_sms_sender_may_be_a_short_code_or_a_name(value: str, key: str) -> None:
    assert phone_numbers.sms_address(value) == Address(key, value)


# ------------------------------------------------------------------------------------------------ segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 1600, 11),
        ("€" * 80, 1),
        ("€" * 81, 2),
        (
            "a" * 152 + "€" + "a" * 152,
            3,
        ),  # the € does not straddle, so there is no room for the rest
        ("a" * 153 + "€" + "a" * 151, 2),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("ñé¿¡üà" * 26, 1),
    ],
)
def test_segments_are_counted_as_the_carrier_bills_them(text: str, count: int) -> None:
    assert segments(text) == count


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("¿Mañana a las 8?", "GSM-7"),
        ("^{}[~]|€\\", "GSM-7"),
        ("Habitación", "UCS-2"),
        ("🙂", "UCS-2"),
    ],
)
def test_one_accent_outside_the_alphabet_changes_the_encoding(text: str, kind: str) -> None:
    assert encoding(text) == kind


@given(TEXTS)
def test_segments_lie_between_their_bounds(text: str) -> None:
    size = sum(2 if sign in text_split.GSM_EXTENSION else 1 for sign in text)
    alone, joined = 160, 153
    if encoding(text) == "UCS-2":
        size, alone, joined = utf16_length(text), 70, 67
    count = segments(text)
    assert (count == 1) == (size <= alone)
    assert count * joined >= size or count == 1
    assert (count - 1) * (joined - 1) < max(size, 1)


# ------------------------------------------------------------------------------------------------ long texts


@given(TEXTS, st.integers(10, 80))
def test_parts_fit_and_lose_nothing_but_blanks(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert parts
    assert all(utf16_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert len(parts) == 1 or all(part.strip() for part in parts[:-1])


@given(TEXTS)
def test_a_text_that_fits_is_left_alone(text: str) -> None:
    assert split(text, 2 * len(text) + 1) == [text]


def test_a_text_is_cut_after_a_sentence() -> None:
    text = "The pool opens at eight. Breakfast is from seven to ten. Check-out is at noon."
    assert split(text, 60) == [
        "The pool opens at eight. Breakfast is from seven to ten.",
        "Check-out is at noon.",
    ]


def test_a_text_without_sentences_is_cut_between_words() -> None:
    assert split("uno dos tres cuatro cinco", 15) == ["uno dos tres", "cuatro cinco"]


def test_a_sentence_that_ends_too_early_is_no_place_to_cut() -> None:
    assert split("Yes. one two three four five six", 20) == ["Yes. one two three", "four five six"]


def test_a_paragraph_is_the_best_place_to_cut() -> None:
    assert split("A sentence. Another one.\n\nMore. And more.", 32) == [
        "A sentence. Another one.",
        "More. And more.",
    ]


def test_a_family_and_an_accent_are_not_torn_apart() -> None:
    family = "👨\u200d👩\u200d👧"
    for limit in range(40, 60):
        assert {len(part) % len(family) for part in split(family * 30, limit)} == {0}
    for part in split(unicodedata.normalize("NFD", "é" * 60), 21):
        assert not part.startswith("\u0301")


def test_4096_signs_make_three_parts_for_sms() -> None:
    assert [len(part) for part in split("x" * 4096, 1500)] == [1500, 1500, 1096]


# ------------------------------------------------------------------------------------------------ consent


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        *(
            (word, "stop")
            for word in [
                "STOP",
                "STOPALL",
                "UNSUBSCRIBE",
                "END",
                "QUIT",
                "CANCEL",
                "REVOKE",
                "OPTOUT",
            ]
        ),
        *(
            (word, "stop")
            for word in ["ALTO", "BAJA", "PARAR", "ARRET", "ARRÊT", "arrêt", "SAIR", "STOPP"]
        ),
        ("  Stop. ", "stop"),
        ("¡Baja!", "stop"),
        ("Stop\n", "stop"),
        ("opt out", "stop"),
        *((word, "start") for word in ["START", "YES", "UNSTOP", "ALTA"]),
        *((word, "help") for word in ["HELP", "INFO", "ayuda"]),
    ],
)
def test_a_whole_message_can_be_a_wish(text: str, wish: str) -> None:
    assert opt_out_words.consent(text) == wish


@pytest.mark.parametrize(
    "text",
    [
        "Does the bus stop here?",
        "Please stop",
        "cancelar",
        "baja la maleta por favor",
        "",
        "stop" * 500,
        "yes please",
        "sí",
    ],
)
def test_a_word_within_a_sentence_is_not_a_wish(text: str) -> None:
    assert opt_out_words.consent(text) is None
