"""What programs write above a quotation, in the languages guests write in: folded away, whatever stands above kept."""

from __future__ import annotations

import pytest

from jack.channels.mail import quotations
from jack.channels.mail.quotation_forms import ATTRIBUTIONS, HEADER_BLOCKS

OWN = "Thank you, see you then.\nAna"
WHO = "Hotel Sol <front@hotel.example>"
MARKED, BARE = "> Dear guest,\n> your room is ready.", "Dear guest,\nyour room is ready."

# Above marked quotations, as Gmail and Apple Mail write them.
ABOVE = {
    "ar": f"في الثلاثاء، 3 مارس 2026 في 10:05 ص تمت كتابة ما يلي بواسطة {WHO}:",
    "bg": f"На вт, 3.03.2026 г. в 10:05 {WHO} написа:",
    "ca": f"Missatge de {WHO} del dia dt., 3 de març 2026 a les 10:05:",
    "cs": f"út 3. 3. 2026 v 10:05 odesílatel {WHO} napsal:",
    "cs, apple": f"3. 3. 2026 v 10:05, {WHO}:",
    "da": f"Den tirs. 3. mar. 2026 kl. 10.05 skrev {WHO}:",
    "de": f"Am Di., 3. März 2026 um 10:05 Uhr schrieb {WHO}:",
    "de, wrapped": "Am Di., 3. März 2026 um 10:05 Uhr schrieb Hotel Sol <\nfront@hotel.example>:",
    "de, gmx": "Hotel Sol <front@hotel.example> hat am 03.03.2026 10:05 geschrieben:",
    "el": f"Στις Τρί 3 Μαρ 2026 στις 10:05 π.μ., ο χρήστης {WHO} έγραψε:",
    "en": f"On Tue, Mar 3, 2026 at 10:05 AM {WHO} wrote:",
    "en, apple": f"On 3 Mar 2026, at 10:05, {WHO} wrote:",
    "en, no address": "On 3/3/26 10:05, Hotel Sol wrote:",
    "es": f"El mar, 3 mar 2026 a las 10:05, Hotel Sol (<front@hotel.example>) escribió:",  # noqa: F541
    "et": f"Kuupäev T, 3. märts 2026 kell 10:05 kirjutas {WHO}:",
    "fi": f"ti 3. maalisk. 2026 klo 10.05 {WHO} kirjoitti:",
    "fi, apple": f"{WHO} kirjoitti 3.3.2026 kello 10.05:",
    "fr": f"Le mar. 3 mars 2026 à 10:05, {WHO} a écrit :",
    "gl": f"O mar., 3 de mar. de 2026 ás 10:05, {WHO} escribiu:",
    "he": f"\u202bבתאריך יום ג׳, 3 במרץ 2026 ב-10:05 מאת \u202a{WHO}\u202c:\u202c",
    "hr": f"uto, 3. ožu 2026. u 10:05 {WHO} napisao je:",
    "hu": f"{WHO} ezt írta (időpont: 2026. márc. 3., K, 10:05):",
    "id": f"Pada tanggal Sel, 3 Mar 2026 pukul 10.05 {WHO} menulis:",
    "is": f"þri., 3. mar. 2026 kl. 10:05 skrifaði {WHO}:",
    "it": f"Il giorno mar 3 mar 2026 alle ore 10:05 {WHO} ha scritto:",
    "ja": f"2026年3月3日(火) 10:05 {WHO}:",
    "ko": f"2026년 3월 3일 (화) 오전 10:05, {WHO}님이 작성:",
    "lt": f"2026-03-03, an, 10:05 {WHO} rašė:",
    "lv": f"otrd., 2026. g. 3. marts, plkst. 10:05 — lietotājs {WHO} rakstīja:",
    "nl": f"Op di 3 mrt 2026 om 10:05 schreef {WHO}:",
    "nl, apple": f"Op 3 mrt. 2026 om 10:05 heeft {WHO} het volgende geschreven:",
    "no": f"tir. 3. mars 2026 kl. 10:05 skrev {WHO}:",
    "pl": f"wt., 3 mar 2026 o 10:05 {WHO} napisał(a):",
    "pl, apple": f"Wiadomość napisana przez {WHO} w dniu 3 mar 2026, o godz. 10:05:",
    "pt": f"Em ter., 3 de mar. de 2026 às 10:05, {WHO} escreveu:",
    "ro": f"În mar., 3 mar. 2026 la 10:05, {WHO} a scris:",
    "ru": f"вт, 3 мар. 2026 г. в 10:05, {WHO}:",
    "ru, mail.ru": f"Вторник, 3 марта 2026, 10:05 +03:00 от {WHO}:",
    "sk": f"ut 3. 3. 2026 o 10:05 {WHO} napísal(a):",
    "sl": f"V tor., 3. mar. 2026 ob 10:05 je oseba {WHO} napisala:",
    "sr": f"уто, 3. мар 2026. у 10:05 {WHO} је написао/ла:",
    "sv": f"Den tis 3 mars 2026 kl 10:05 skrev {WHO}:",
    "th": f"ในวันที่ อ. 3 มี.ค. 2026 เวลา 10:05 {WHO} เขียนว่า:",
    "tr": f"{WHO}, 3 Mar 2026 Sal, 10:05 tarihinde şunu yazdı:",
    "uk": f"вт, 3 бер. 2026 р. о 10:05 {WHO} пише:",
    "vi": f"Vào Th 3, 3 thg 3, 2026 vào lúc 10:05 {WHO} đã viết:",
    "zh": f"{WHO} 于2026年3月3日周二 10:05写道：",
    "zh-tw": f"{WHO} 於 2026年3月3日 週二 上午10:05寫道：",
}
# Programs that mark no line: Yahoo, and Outlook on phones.
UNMARKED = {
    "de": f"Am Dienstag, 3. März 2026 um 10:05:00 MEZ hat {WHO} Folgendes geschrieben:",
    "en": f"    On Tuesday, March 3, 2026 at 10:05:00 AM GMT+1, {WHO} wrote:  ",
    "es": f"    En martes, 3 de marzo de 2026, 10:05:00 CET, {WHO} escribió:  ",
    "fr": f"    Le mardi 3 mars 2026 à 10:05:00 UTC+1, {WHO} a écrit :  ",
    "it": f"    Il martedì 3 marzo 2026 alle ore 10:05:00 CET, {WHO} ha scritto:  ",
    "nl": f"    Op dinsdag 3 maart 2026 om 10:05:00 CET schreef {WHO}:  ",
    "pt": f"    Em terça-feira, 3 de março de 2026 10:05:00 BRT, {WHO} escreveu:  ",
    "ro": f"    La marți, 3 martie 2026 la 10:05:00 EET, {WHO} a scris:  ",
    "sv": f"    Den tisdag 3 mars 2026 10:05:00 CET skrev {WHO}:  ",
}
BLOCKS = {
    f"{row[0]}, {label}": f"{row[1].split('|')[0]}: {sender}\n{label}: 3. 3. 2026 10:05\n"
    f"{row[3].split('|')[0]}: Ana\n{row[4].split('|')[0]}: Booking\n"
    for row in HEADER_BLOCKS
    for label in row[2].split("|")
    for sender in ("Hotel Sol", WHO)
}
OTHER_BLOCKS = (
    f"Gesendet: Dienstag, 03. März 2026 um 10:05 Uhr\nVon: {WHO}\nAn: ana@guest.example\nBetreff: Zimmer\n",
    f"Date: Tue, 3 Mar 2026 10:05:00 +0100\nSubject: Booking\nFrom: {WHO}\nTo: ana@guest.example\n",
    f"-------- Oprindelig besked --------\nFra: {WHO}\nDato: 3.3.2026 10.05\nTil: Ana\nEmne: Booking\n",
    "________________________________\nVan: Hotel Sol\nVerzonden: dinsdag 3 maart 2026 10:05\nAan: Ana\nOnderwerp: Kamer\n",
    f"**From:** {WHO}\n**Sent:** Tuesday, March 3, 2026 10:05 AM\n**To:** Ana\n**Subject:** Booking\n",
    f"发件人： {WHO}\n发送时间： 2026年3月3日 10:05\n收件人： Ana\n主题： 预订\n",
)
FORMS = [
    *(f"{block}\n{BARE}" for block in OTHER_BLOCKS),
    *(f"{above}\n\n{MARKED}" for above in ABOVE.values()),
    *(f"{above}\n\n{BARE}" for above in UNMARKED.values()),
    *(f"{block}\n{BARE}" for block in BLOCKS.values()),
]


def folded(quoted: str) -> bool:
    own, rest = quotations.split(f"{OWN}\n\n{quoted}\n")
    return (own, rest.strip()) == (OWN, quoted.strip())


def test_the_table_knows_twenty_languages_and_more() -> None:
    assert len({language for language, *_ in ATTRIBUTIONS}) >= 35
    assert len({language for language, *_ in HEADER_BLOCKS}) >= 35


def test_nearly_all_forms_are_folded() -> None:
    missed = [form for form in FORMS if not folded(form)]
    assert len(missed) <= 0.02 * len(FORMS), missed


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_an_attribution_is_folded(above: str) -> None:
    assert folded(f"{above}\n\n{MARKED}")


@pytest.mark.parametrize("above", UNMARKED.values(), ids=UNMARKED)
def test_a_quotation_without_marks_is_folded(above: str) -> None:
    assert folded(f"{above}\n\n{BARE}")


PROSE = {
    "en": "On Friday I wrote to booking@portal.example:\nno answer so far.",
    "en, date": "On 3 March 2026 at 10:05 I wrote to <booking@portal.example>:\nno answer so far.",
    "en, husband": "On 3 March 2026 my husband wrote:\nTwo beds, please.",
    "de": "Am Freitag schrieb ich an booking@portal.example:\nkeine Antwort.",
    "de, date": "Am 3. März 2026 um 10:05 schrieb ich an <booking@portal.example>:\nkeine Antwort.",
    "nl": "Op 3 maart 2026 om 10:05 schreef ik aan <booking@portal.example>:\ngeen antwoord.",
    "sv": "Den 3 mars 2026 kl 10:05 skrev jag till <booking@portal.example>:\ninget svar.",
    "es": "El 3 de marzo de 2026 escribí a booking@portal.example:\nsin respuesta.",
    "fr": "Le 3 mars 2026 j'ai écrit à booking@portal.example :\npas de réponse.",
    "it": "Il 3 marzo 2026 ho scritto a booking@portal.example:\nnessuna risposta.",
    "ru": "3 марта 2026 в 10:05 я написал <booking@portal.example>:\nответа нет.",
    "a stay": "My dates:\n\nFrom: 3 May 2026\nTo: 5 May 2026\nSubject: double room\nDate: flexible",
    "a stay, de": "Unsere Daten:\n\nVon: 3. Mai 2026 14:00\nAn: 5. Mai 2026\nBetreff: Doppelzimmer\nDatum: 2026",
    "a flight": "Flight:\n\nFrom: Madrid\nTo: Lisbon\nDate: tomorrow\nAna",
    "lines": "Hello\n--------------------\nMy questions:\n1. Is breakfast included?",
    "more lines": "Hello\n\n====================\nMy questions\n\n____________\nAna",
    "marks": "Two things > one.\nThat is all.",
    "a time": "We arrive 3 May 2026 10:00, Ana <ana@guest.example>:\nplease keep the key.",
}


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_prose_is_never_folded(text: str) -> None:
    assert quotations.split(f"Hello,\n\n{text}\n\nCan you help?").quoted == ""
    assert "Can you help?" in quotations.split(f"Hello,\n\n{text}\n\nCan you help?").own


def test_an_answer_below_a_whole_quotation_is_what_was_written() -> None:
    quoted = f"{ABOVE['en']}\n{MARKED}"
    assert quotations.split(f"{quoted}\n\nAt nine.") == ("At nine.", quoted)


def test_many_lines_that_look_like_attributions_take_no_time() -> None:
    for line in ("1 a@b:\n", "On 1 <a@b.c> wrote:\n\n> x\n", "> a:\n", "<\n\n", "From: a\n"):
        text = line * (100_000 // len(line))
        own, quoted = quotations.split(text)
        assert own or quoted
