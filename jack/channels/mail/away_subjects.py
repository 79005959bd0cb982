"""How the subject of an out-of-office answer begins: Exchange's, Outlook's and other programs' words, one line a language."""

from __future__ import annotations

import re

# Only together with a reference to a mail of ours is a mail with such a subject an automatic one.
PHRASES = {
    "ar": "رد تلقائي|خارج المكتب",
    "bg": "автоматичен отговор|извън офиса",
    "ca": "resposta automàtica|fora de l['’]oficina",
    "cs": "automatická odpověď|mimo kancelář|nepřítomnost",
    "da": "automatisk svar|autosvar|ikke til stede|fraværende|fravær",
    "de": "automatische antwort|automatische rückantwort|automatische antwortmail|abwesenheitsnotiz|abwesenheitsmeldung|abwesenheit|"
    "abwesend|außer haus|nicht im büro|autom\\. antwort|autoantwort|eingangsbestätigung",
    "el": "αυτόματη απάντηση|εκτός γραφείου",
    "en": "auto(?:matic|mated)?[- ]?(?:reply|response|responder)|auto[- ]?(?:reply|response)|out[- ]of[- ](?:the[- ])?office"
    "(?: auto[- ]?reply| reply| notification| message)?|ooo|away from (?:my|the) (?:office|desk|mail)|on (?:vacation|leave|annual leave|holiday)|"
    "vacation (?:reply|response|message|notice)|i am (?:away|out of the office)|i['’]m (?:away|out of the office)",
    "es": "respuesta automática|respuesta automatica|autorrespuesta|fuera de la oficina|fuera de oficina|ausente de la oficina|ausencia",
    "et": "automaatvastus|kontorist väljas",
    "eu": "erantzun automatikoa",
    "fi": "automaattinen vastaus|automaattivastaus|poissa(?:olo)?(?: toimistosta)?|poissaoloilmoitus",
    "fr": "réponse automatique|reponse automatique|absence(?: du bureau)?|absent(?:e)?(?: du bureau)?|message d['’]absence|notification d['’]absence",
    "he": "מענה אוטומטי|תשובה אוטומטית|מחוץ למשרד|הודעה מחוץ למשרד",
    "hr": "automatski odgovor|izvan ureda|odsutan",
    "hu": "automatikus válasz|házon kívül|nem vagyok az irodában",
    "id": "balasan otomatis|di luar kantor",
    "it": "risposta automatica|fuori sede|fuori ufficio|assenza(?: dall['’]ufficio)?",
    "ja": "自動応答|自動返信|自動送信|不在通知|不在のお知らせ|不在",
    "ko": "자동 ?(?:회신|응답)|부재 ?중",
    "lt": "automatinis atsakymas",
    "lv": "automātiska atbilde|automātiskā atbilde",
    "nb": "automatisk svar|autosvar|fraværsmelding|ikke på kontoret|ikke tilstede",
    "nl": "automatisch antwoord|automatische beantwoording|afwezigheidsbericht|afwezigheid|afwezig|niet aanwezig|buiten kantoor",
    "pl": "automatyczna odpowiedź|odpowiedź automatyczna|autoodpowiedź|poza biurem|nieobecność|nieobecny",
    "pt": "resposta automática|resposta automatica|fora do escritório|fora de escritório|ausência(?: temporária)?|ausente",
    "ro": "răspuns automat|raspuns automat|în afara biroului",
    "ru": "автоматический ответ|автоответ|вне офиса|нет на месте|отсутствую",
    "sk": "automatická odpoveď|mimo kancelárie|neprítomnosť",
    "sl": "samodejni odgovor|odsoten",
    "sr": "аутоматски одговор|automatski odgovor",
    "sv": "autosvar|automatiskt svar|automatsvar|frånvaro(?:meddelande)?|ej på plats|inte på kontoret",
    "th": "ตอบกลับอัตโนมัติ|การตอบกลับอัตโนมัติ",
    "tr": "otomatik yanıt|otomatik cevap|ofis dışında|ofis dışı",
    "uk": "автоматична відповідь|автовідповідь|поза офісом",
    "vi": "trả lời tự động|tự động trả lời|vắng mặt",
    "zh": "自动(?:答复|回复|应答)|自動(?:回覆|答覆|回复)|外出|不在办公室|休假|不在辦公室",
}  # fmt: skip

# The whole subject, or what stands before a colon, a dash or a bracket: a guest's question about office hours goes on with words.
AWAY = re.compile(
    rf"\s*[\[(]?(?:{'|'.join(PHRASES.values())})[\])]?\s*[.!]*\s*(?:[:：;]|[-–—(\[](?=\s|\w)|$)",
    re.IGNORECASE,
)
