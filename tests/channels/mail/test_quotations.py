"""What is folded away of a mail, and what never is."""

from __future__ import annotations

import pytest

from jack.channels.mail import quotations

OUTLOOK_EN = (
    "From: Hotel Sol <front@hotel.example>\nSent: Tuesday, June 2, 2026 10:00 AM\n"
    "To: Ana <ana@guest.example>\nSubject: Your stay\n\nWelcome!"
)
OUTLOOK_ES = (
    "De: Hotel Sol <front@hotel.example>\nEnviado el: martes, 2 de junio de 2026 10:00\n"
    "Para: Ana <ana@guest.example>\nAsunto: Su estancia\n\n¡Bienvenida!"
)
RULE = "________________________________"

FOLDED = {
    "gmail, en": "On Tue, Jun 2, 2026 at 10:00 AM Hotel <front@hotel.example> wrote:\n\n> Welcome!\n> Sol",
    "gmail, es": "El mar, 2 jun 2026 a las 10:00, Hotel (<front@hotel.example>) escribió:\n\n> ¡Hola!",
    "gmail, pt": "Em ter., 2 de jun. de 2026 às 10:00, Hotel <front@hotel.example> escreveu:\n\n> Olá!",
    "gmail, fr": "Le mar. 2 juin 2026 à 10:00, Hotel <front@hotel.example> a écrit :\n\n> Bonjour",
    "gmail, de": "Am Di., 2. Juni 2026 um 10:00 Uhr schrieb Hotel <\nfront@hotel.example>:\n\n> Hallo",
    "gmail, it": "Il giorno mar 2 giu 2026 alle ore 10:00 Hotel <front@hotel.example> ha\nscritto:\n\n> Ciao",
    "gmail, nl": "Op di 2 jun 2026 om 10:00 schreef Hotel <front@hotel.example>:\n\n> Hallo",
    "gmail, en, wrapped": "On Tue, Jun 2, 2026 at 10:00 AM The Front Desk of the Hotel Sol\n<\nfront@hotel.example> wrote:\n\n> Welcome!",
    "thunderbird, no address": "On 02/06/2026 10:00, Hotel Sol wrote:\n> Welcome!",
    "outlook, en": OUTLOOK_EN,
    "outlook, en, rule": f"{RULE}\n{OUTLOOK_EN}",
    "outlook, es": OUTLOOK_ES,
    "outlook, es, rule": f"{RULE}\n{OUTLOOK_ES}",
    "outlook, en, stars": OUTLOOK_EN.replace("From:", "*From:*").replace("Sent:", "*Sent:*"),
    "outlook, old": "-----Original Message-----\nFrom: Hotel\n\nWelcome!",
    "outlook, old, es": "-----Mensaje original-----\nDe: Hotel\n\n¡Hola!",
    "ios": "Sent from my iPhone\n\nOn 2 Jun 2026, at 10:00, Hotel Sol <front@hotel.example> wrote:\n\n> Welcome!",
    "signature": "-- \nAna García\n+52 55 1234 5678",
    "only marks": "> Welcome!\n> Sol",
    "forwarded": "---------- Forwarded message ---------\nFrom: Booking <no-reply@booking.example>\n\nConfirmed",
}


@pytest.mark.parametrize("quoted", FOLDED.values(), ids=FOLDED)
def test_what_is_quoted_is_folded_away_and_kept(quoted: str) -> None:
    found = quotations.split(f"Two more towels, please.\nRoom 302.\n\n{quoted}\n")
    shown = "Two more towels, please.\nRoom 302."
    if quoted.startswith(
        "Sent from"
    ):  # the phone's own words are the writer's, as far as anybody knows
        shown, quoted = f"{shown}\n\nSent from my iPhone", quoted.partition("\n\n")[2]
    assert found == (shown, quoted)


SHOWN = {
    "prose that begins with From:": "From: the airport, we will take a taxi.\nIs that far?\n\nAna",
    "prose with a label": "Two things:\nTo: be honest, I forgot the rest\nDate: flexible\nThank you",
    "prose on Monday": "On Monday my husband wrote to you.\nHe has had no answer.",
    "prose with an address": "On Monday he wrote to front@hotel.example and got no answer.\nAna",
    "prose with a colon": "Hello,\n\nOn Monday my husband wrote:\nTwo beds, please.\nHe has had no answer.",
    "a mention": "El gerente escribió: no hay problema. ¿Es así?",
    "only a quotation": "On Tue, Hotel <front@hotel.example> wrote:\n> Welcome!",
    "answers inside": "On Tue, Hotel <front@hotel.example> wrote:\n> When do you come?\nAt nine.\n> By car?\nYes.",
    "answers inside, after a greeting": "Hello,\n\nOn Tue, Hotel <front@hotel.example> wrote:\n> When do you come?\nAt nine.",
    "answer below": "> When do you come?\n\nAt nine.",
    "a dash": "Breakfast --\nat nine?\n--\nAna",
    "nothing": "",
}


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
def test_what_somebody_wrote_is_never_folded_away(text: str) -> None:
    assert quotations.split(text) == (text, "")


def test_a_signature_below_the_quotation_is_no_answer() -> None:
    quoted = "On Tue, Hotel <front@hotel.example> wrote:\n> Welcome!\n\n-- \nAna"
    assert quotations.split(f"Yes.\n\n{quoted}") == ("Yes.", quoted)


def test_a_long_text_of_beginnings_takes_no_time() -> None:
    text = "On a day\n" * 100_000
    assert quotations.split(text).quoted == ""
