"""Out-of-office answers by their subject, and what looks like one."""

from __future__ import annotations

import pytest

from tests.channels.mails import encoded, make_mail, only

ANSWER = {"In_Reply_To": "<jack.msg-1@hotel.example>"}


@pytest.mark.parametrize("subject", [
    "Automatic reply: Towels", "Out of Office: Re: Towels", "Out of office", "Automatische Antwort: Towels", "Abwesenheitsnotiz: Towels",
    "Respuesta automática: Towels", "Réponse automatique : Towels", "Risposta automatica: Towels", "Resposta automática: Towels",
    "Automatisch antwoord: Towels", "Autosvar: Towels", "Automatisk svar: Towels", "Automaattinen vastaus: Towels",
    "Automatyczna odpowiedź: Towels", "Automatická odpověď: Towels", "Automatická odpoveď: Towels", "Automatikus válasz: Towels",
    "Răspuns automat: Towels", "Αυτόματη απάντηση: Towels", "Автоматический ответ: Towels", "Автоматична відповідь: Towels",
    "Автоматичен отговор: Towels", "Otomatik yanıt: Towels", "自動応答: Towels", "自动答复: Towels", "자동 회신: Towels", "מענה אוטומטי: Towels",
    "رد تلقائي: Towels", "Trả lời tự động: Towels",
])  # fmt: skip
def test_an_answer_to_us_that_says_so_in_its_subject_is_automatic(subject: str) -> None:
    assert only(make_mail(Subject=encoded(subject), **ANSWER)).automatic
    assert not only(make_mail(Subject=encoded(subject))).automatic
    assert not only(make_mail(Subject=encoded(f"Re: {subject}"), **ANSWER)).automatic


@pytest.mark.parametrize("subject", [
    "Out of office hours check-in?", "Absence of towels", "Away on Monday", "Re: Out of office hours check-in?", "Holiday towels", "Ausente de toallas",
])  # fmt: skip
def test_a_guest_who_answers_us_is_a_person(subject: str) -> None:
    assert not only(make_mail(Subject=encoded(subject), **ANSWER)).automatic


def test_what_exchange_sets_counts_on_a_reply() -> None:
    assert only(make_mail(X_Auto_Response_Suppress="All", **ANSWER)).automatic


@pytest.mark.parametrize("headers", [
    {"Auto-Submitted": "auto-generated"}, {"X-Auto-Response-Suppress": "All", "In-Reply-To": "<jack.msg-1@hotel.example>"},
])  # fmt: skip
def test_what_a_guest_typed_into_a_form_waits_for_an_answer(headers: dict[str, str]) -> None:
    raw = make_mail(From="wordpress@hotel.example", Reply_To="ana@guest.example", **headers)
    assert not only(raw).automatic
