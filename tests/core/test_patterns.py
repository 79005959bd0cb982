"""E-mail addresses as they are compared."""

from __future__ import annotations

import pytest

from jack.core.patterns import email_forms, email_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Info@XN--MLLER-KVA.de", "info@müller.de"),
        ("info@MÜLLER.de", "info@mu\u0308ller.de"),
        ("ana@例え.jp", "ana@xn--r8jz45g.jp"),
        ("Ana@Hotel.Example", "ana@hotel.example"),
    ],
)
def test_the_same_domain_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    "address", ["a@xn--", "a@xn--\u00fc", "a@-x.test", "a@x_y.test", "nobody", ""]
)
def test_what_is_no_international_domain_stays_as_it_is(address: str) -> None:
    assert email_key(address) == address.casefold()


def test_different_domains_stay_different() -> None:
    assert email_key("a@straße.de") != email_key("a@strasse.de")


@pytest.mark.parametrize(
    ("address", "forms"),
    [
        ("Ana@Guest.example", ("ana@guest.example",)),
        ("ana@MÜLLER.de", ("ana@müller.de", "ana@xn--mller-kva.de")),
        ("ana@XN--MLLER-KVA.de", ("ana@müller.de", "ana@xn--mller-kva.de")),
        ("å@guest.example", ("å@guest.example",)),
        ("ü", ("ü",)),
    ],
)
def test_the_forms_in_which_an_address_may_stand(address: str, forms: tuple[str, ...]) -> None:
    assert email_forms(address) == forms
