"""What mail programs write above the mail they quote: a line a language and client, and the labels of header blocks."""

from __future__ import annotations

import re
from typing import NamedTuple

# language, client, form. {date} is any text with a digit, {who} a name, an address, or both; | separates spellings of a word.
ATTRIBUTIONS = (
    ("ar", "Gmail", "في {date} تمت كتابة ما يلي بواسطة {who}:"),
    ("ar", "Apple Mail", "في {date}، كتب|كتبت {who}:"),
    ("ar", "Gmail on Android", "كتب|كتبت {who} في {date}:"),
    ("bg", "Gmail", "На {date} {who} написа:"),
    ("ca", "Gmail", "Missatge de {who} del dia {date}:"),
    ("ca", "Apple Mail, Thunderbird", "El|A {date}, {who} va|ha escriure|escrit:"),
    ("cs", "Gmail", "{date} odesílatel {who} napsal|napsala|napsal(a):"),
    ("cs", "Thunderbird, Seznam", "Dne {date}, {who} napsal|napsala|napsal(a):"),
    ("cs", "Apple Mail", "{date}, {who} napsal|napsala|napsal(a):"),
    ("da", "Gmail, Apple Mail", "Den {date} skrev {who}:"),
    ("da", "Thunderbird", "{date} skrev {who}:"),
    ("de", "Gmail, Apple Mail, Thunderbird", "Am {date} schrieb {who}:"),
    ("de", "Gmail on Android", "{who} schrieb am {date}:"),
    ("de", "GMX, web.de", "{who} hat am {date} geschrieben:"),
    ("de", "K-9 Mail", "{who} schrieb:"),
    ("de", "Yahoo", "Am {date} hat {who} Folgendes|folgendes geschrieben:"),
    ("el", "Gmail", "Στις {date}, ο|η χρήστης {who} έγραψε:"),
    ("el", "Apple Mail, Thunderbird", "Στις {date}, {who} έγραψε:"),
    ("en", "Gmail, Apple Mail, Thunderbird, Yahoo, Outlook on phones", "On {date}, {who} wrote:"),
    ("en", "K-9 Mail, FairEmail", "{who} wrote:"),
    ("en", "Eudora", "At {date}, {who} wrote:"),
    ("en", "Zoho", "---- On {date} {who} wrote ----"),
    ("es", "Gmail, Apple Mail, Thunderbird", "El {date}, {who} escribió:"),
    ("es", "K-9 Mail", "{who} escribió:"),
    ("es", "Yahoo", "En {date}, {who} escribió:"),
    ("et", "Gmail", "Kuupäev {date} kirjutas {who}:"),
    ("et", "Thunderbird", "{date} kirjutas {who}:"),
    ("eu", "Gmail", "{who} igorleak hau idatzi du ({date}):"),
    ("fa", "Gmail", "در تاریخ {date} {who} نوشت:"),
    ("fi", "Gmail, Yahoo", "{date} {who} kirjoitti:"),
    ("fi", "Apple Mail", "{who} kirjoitti {date}:"),
    ("fr", "Gmail, Apple Mail, Thunderbird, Yahoo", "Le {date}, {who} a écrit|écrit :"),
    ("fr", "K-9 Mail", "{who} a écrit|écrit :"),
    ("gl", "Gmail", "O {date}, {who} escribiu:"),
    ("he", "Gmail", "בתאריך {date} מאת {who}:"),
    ("he", "Apple Mail", "ב-{date}, {who} כתב|כתבה|כתב/ה:"),
    ("hr", "Gmail", "{date} {who} napisao|napisala|napisao/la je:"),
    ("hr", "Apple Mail, Thunderbird", "Dana|Na {date} {who} je napisao|napisala|napisao/la:"),
    ("hu", "Gmail", "{who} ezt írta (időpont: {date}):"),
    ("hu", "Apple Mail", "{who} írta ({date}):"),
    ("hu", "Thunderbird", "{date} keltezéssel, {who} írta:"),
    ("hu", "Yahoo", "{date}, {who} ezt|így írta:"),
    ("id", "Gmail", "Pada tanggal {date} {who} menulis:"),
    ("id", "Apple Mail", "Pada {date}, {who} menulis:"),
    ("is", "Gmail", "{date} skrifaði {who}:"),
    ("it", "Gmail", "Il giorno {date} {who} ha scritto:"),
    ("it", "Apple Mail, Thunderbird, Yahoo, Libero", "Il {date}, {who} ha scritto:"),
    ("it", "K-9 Mail", "{who} ha scritto:"),
    ("ja", "Gmail", "{date} {who}:"),
    ("ja", "Apple Mail", "{date}、{who} のメール:"),
    ("ja", "Thunderbird", "{date} に、{who} さんは書きました:"),
    ("ko", "Gmail", "{date}, {who} 님이 작성:"),
    ("ko", "Apple Mail", "{date}, {who} 작성:"),
    ("lt", "Gmail", "{date} {who} rašė:"),
    ("lv", "Gmail", "{date} — lietotājs {who} rakstīja:"),
    ("ms", "Gmail", "Pada {date}, {who} telah menulis:"),
    ("nl", "Gmail, Thunderbird, Yahoo", "Op {date} schreef {who}:"),
    ("nl", "Apple Mail, Outlook", "Op {date} heeft {who} het volgende geschreven:"),
    ("nl", "Gmail on Android", "{who} schreef op {date}:"),
    ("no", "Gmail, Apple Mail", "{date} skrev {who}:"),
    ("no", "Outlook on phones", "På {date} skrev {who}:"),
    ("pl", "Gmail", "{date} {who} napisał|napisała|napisał(a):"),
    ("pl", "Apple Mail", "Wiadomość napisana przez {who} w dniu {date}:"),
    ("pl", "Thunderbird", "W dniu {date}, {who} pisze|napisał|napisała|napisał(a):"),
    ("pl", "Onet, WP", "Dnia {date} {who} napisał|napisała|napisał(a):"),
    ("pt", "Gmail, Yahoo", "Em {date}, {who} escreveu:"),
    ("pt", "Gmail (Portugal)", "{who} escreveu no dia {date}:"),
    ("pt", "Apple Mail", "No dia {date}, {who} escreveu:"),
    ("pt", "Thunderbird", "A|Às {date}, {who} escreveu:"),
    ("ro", "Gmail, Yahoo", "În|Pe|La {date}, {who} a scris:"),
    ("ru", "Gmail, Yandex", "{date}, {who}:"),
    ("ru", "Gmail on Android", "{date} пользователь {who} написал|написала|написал(а):"),
    ("ru", "Apple Mail, Thunderbird", "{date}, {who} написал|написала|написал(а)|пишет:"),
    ("ru", "mail.ru", "{date} от {who}:"),
    ("sk", "Gmail", "{date} {who} napísal|napísala|napísal(a):"),
    ("sk", "Thunderbird", "Dňa {date} {who} napísal|napísala|napísal(a):"),
    ("sl", "Gmail", "V|Dne {date} je oseba {who} napisala:"),
    ("sl", "Apple Mail", "{date} je {who} napisal|napisala|napisal/-a:"),
    ("sr", "Gmail", "{date} {who} је написао|написала|написао/ла:"),
    ("sv", "Gmail, Yahoo", "Den {date} skrev {who}:"),
    ("sv", "Apple Mail", "{date} skrev {who}:"),
    ("th", "Gmail", "ในวันที่|เมื่อ {date} {who} เขียนว่า:"),
    ("tr", "Gmail", "{who}, {date} tarihinde şunu|şunları yazdı:"),
    ("tr", "Apple Mail", "{who} şunları|şunu yazdı ({date}):"),
    ("tr", "Thunderbird, Yahoo", "{date} tarihinde {who} yazdı:"),
    ("uk", "Gmail", "{date} {who} пише|написав|написала:"),
    ("uk", "Apple Mail", "{date}, {who} написав|написала|написав(ла):"),
    ("vi", "Gmail", "Vào {date} {who} đã viết:"),
    ("zh", "Gmail", "{who} 于|於 {date} 写道|寫道:"),
    ("zh", "Apple Mail, Outlook", "在|于 {date}，{who} 写道|寫道:"),
    ("zh", "Gmail on Android", "{date}，{who} 写道|寫道:"),
)

# language: from; sent; to; subject; other lines. Outlook's, then those of Apple Mail, Thunderbird and webmail.
HEADER_BLOCKS = (
    ("ar", "من", "تم الإرسال|تاريخ الإرسال|التاريخ|أرسل", "إلى", "الموضوع", "نسخة"),
    ("bg", "От", "Изпратено|Дата", "До", "Относно|Тема", "Копие"),
    ("ca", "De", "Enviat|Enviat el|Data", "Per a|A", "Assumpte|Tema", "A/c|Respon a"),
    ("cs", "Od", "Odesláno|Datum", "Komu|Pro", "Předmět", "Kopie|Odpovědět"),
    ("da", "Fra", "Sendt|Dato", "Til", "Emne", "Cc|Svar til"),
    ("de", "Von", "Gesendet|Gesendet am|Datum", "An", "Betreff", "Cc|Kopie|Antwort an|Wichtigkeit"),
    ("el", "Από", "Στάλθηκε|Ημερομηνία|Εστάλη", "Προς", "Θέμα", "Κοιν."),
    ("en", "From", "Sent|Date|Sent at", "To", "Subject", "Cc|Bcc|Reply-To|Importance|Attachments"),
    ("es", "De", "Enviado|Enviado el|Enviada|Enviado a las|Fecha", "Para|A", "Asunto", "Cc|CC|Responder a|Importancia"),
    ("et", "Saatja|Kellelt", "Saadetud|Kuupäev|Saatmisaeg", "Adressaat|Kellele|Saaja", "Teema", "Koopia"),
    ("fi", "Lähettäjä", "Lähetetty|Päivämäärä|Päiväys", "Vastaanottaja", "Aihe", "Kopio"),
    ("fr", "De", "Envoyé|Envoyé le|Date", "À|A|Pour", "Objet|Sujet", "Cc|Répondre à|Importance"),
    ("he", "מאת", "נשלח|תאריך", "אל|ל", "נושא", "עותק"),
    ("hr", "Od|Šalje", "Poslano|Datum", "Prima|Za|Kome", "Predmet|Naslov", "Kopija"),
    ("hu", "Feladó", "Elküldve|Küldve|Dátum|Küldés dátuma", "Címzett", "Tárgy", "Másolatot kap"),
    ("id", "Dari", "Dikirim|Tanggal", "Kepada|Ke", "Subjek|Perihal", "Cc"),
    ("it", "Da", "Inviato|Inviata|Data", "A|Per", "Oggetto", "Cc|Rispondi a|Risposta|Priorità"),
    ("ja", "差出人|送信者|From", "送信日時|日付|送信日|Sent|Date", "宛先|To", "件名|Subject", "Cc|CC"),
    ("ko", "보낸 사람|보낸사람", "보낸 날짜|날짜|보낸날짜", "받는 사람|받는사람", "제목", "참조"),
    ("lt", "Nuo|Siuntėjas", "Išsiųsta|Data", "Kam|Gavėjas", "Tema", "Kopija"),
    ("lv", "No", "Nosūtīts|Datums|Sūtīts", "Kam|Adresāts", "Tēma|Temats", "Kopija"),
    ("nl", "Van", "Verzonden|Datum|Verzonden op", "Aan", "Onderwerp", "Cc|CC|Antwoord aan"),
    ("no", "Fra", "Sendt|Dato", "Til", "Emne", "Kopi|Svar til"),
    ("pl", "Od", "Wysłano|Wysłane|Data|Wysłany", "Do", "Temat", "DW|UDW|Kopia"),
    ("pt", "De", "Enviado|Enviado em|Enviada|Enviada em|Data", "Para", "Assunto", "Cc|CC|Responder a|Prioridade"),
    ("ro", "De la|De|Expeditor", "Trimis|Dată|Data", "Către|Catre", "Subiect", "Cc"),
    ("ru", "От|От кого", "Отправлено|Дата", "Кому", "Тема", "Копия|Ответить"),
    ("sk", "Od", "Odoslané|Dátum", "Komu|Pre", "Predmet", "Kópia"),
    ("sl", "Od", "Poslano|Datum", "Za|Komu", "Zadeva", "Kp"),
    ("sr", "Од|Od|Šalje", "Послато|Poslato|Датум|Datum", "За|Za|Коме", "Наслов|Тема|Naslov", "Cc"),
    ("sv", "Från", "Skickat|Datum", "Till", "Ämne", "Kopia|Svar till"),
    ("th", "จาก", "ส่ง|วันที่|ส่งเมื่อ", "ถึง", "เรื่อง|ชื่อเรื่อง", "สำเนา"),
    ("tr", "Kimden|Gönderen", "Gönderildi|Tarih|Gönderilme|Gönderme", "Kime|Alıcı", "Konu", "Bilgi"),
    ("uk", "Від|Від кого", "Надіслано|Дата|Відправлено", "Кому", "Тема", "Копія"),
    ("vi", "Từ", "Đã gửi|Ngày|Gửi", "Đến|Tới", "Chủ đề|Tiêu đề", "Cc"),
    ("zh", "发件人|寄件者|寄件人|发自", "发送时间|日期|已发送|寄件日期|傳送時間|时间|寄送日期", "收件人|收件者|发送至", "主题|主旨|主題", "抄送|副本"),
)  # fmt: skip

# Between rules of dashes, above the quoted mail.
ORIGINAL_MESSAGE = (
    "Original Message|Original message|Forwarded message|Forwarded Message|Original Appointment|Reply message|"
    "Mensaje original|Mensaje reenviado|Mensagem original|Mensagem encaminhada|Message d'origine|Message d’origine|Message original|"
    "Message transféré|Courriel original|Ursprüngliche Nachricht|Originalnachricht|Original-Nachricht|Weitergeleitete Nachricht|"
    "Messaggio originale|Messaggio inoltrato|Oorspronkelijk bericht|Doorgestuurd bericht|"
    "Ursprungligt meddelande|Oprindelig besked|Orijinal mesaj|Mesajul original|Πρωτότυπο μήνυμα|Ursprungsnachricht|Исходное письмо|Originalmeddelande|Vidarebefordrat meddelande|Oprindelig meddelelse|Original meddelelse|"
    "Opprinnelig melding|Alkuperäinen viesti|Wiadomość oryginalna|Oryginalna wiadomość|Treść oryginalnej wiadomości|"
    "Původní zpráva|Původní e-mail|Pôvodná správa|Eredeti üzenet|Mesaj original|Исходное сообщение|Оригинальное сообщение|"
    "Пересылаемое сообщение|Вихідне повідомлення|Оригінальне повідомлення|Orijinal İleti|Özgün İleti|Αρχικό μήνυμα|"
    "Оригинално съобщение|Izvorna poruka|Originalna poruka|Izvirno sporočilo|Missatge original|Pesan asli|Thư gốc|"
    "元のメッセージ|オリジナル メッセージ|原始邮件|原始郵件|原始信息|邮件原件|转发邮件|원본 메시지|원본 이메일|הודעה מקורית|الرسالة الأصلية"
)  # fmt: skip

COLON = "[:：]"
ADDRESS = re.compile(r"<\s*(?:mailto:)?[^<>\s@]+@[^<>\s]+\s*>|\[mailto:[^\]\s]+\]|&lt;[^\s&]+@[^\s&]+&gt;|\"[^\"]+\" ?[^\s@]+@[^\s@]+")  # fmt: skip


class Form(NamedTuple):
    """An attribution's form. `opens`: it begins with words of its own; `worded`: it has any; `dated`: it has a date."""

    pattern: re.Pattern[str]
    opens: bool
    worded: bool
    dated: bool


def _form(template: str) -> Form:
    pieces = re.split(r"(\{date\}|\{who\})", template.replace(" :", ":").rstrip(":"))
    groups = {"{date}": "(?P<date>.{2,90}?)", "{who}": "(?P<who>.{1,250}?)"}
    source = "".join(groups.get(piece) or _words(piece) for piece in pieces)
    end = "" if template.endswith("-") else rf"\s*{COLON}"
    words = re.sub(r"\{\w+\}", "", template)
    opens = not template.startswith("{")
    worded = re.search(r"\w", words) is not None
    pattern = re.compile(source + end, re.IGNORECASE)
    return Form(pattern, opens, worded, "{date}" in template)


def _words(text: str) -> str:
    """A pattern for the words between: spellings with |, punctuation that may be missing."""
    found = []
    for word in re.findall(r"[,،、，—]|[^\s,،、，—]+", text):
        if word in ",،、，—":
            found.append(r"\s*[,،、，—]?\s*")
        else:
            spellings = "|".join(map(re.escape, sorted(word.split("|"), key=len, reverse=True)))
            spaced = all(sign < "\u0590" for sign in word)  # in scripts with blanks between words
            edges = (r"(?<!\w)", r"(?!\w)") if spaced else ("", "")
            found.append(rf"\s*{edges[0]}(?:{spellings}){edges[1]}\s*")
    return "".join(found)


FORMS = tuple(_form(template) for _, _, template in ATTRIBUTIONS)


def _labels(row: tuple[str, ...]) -> dict[str, str]:
    kinds = ("from", "sent", "to", "subject", "other")
    return {
        label.casefold(): kind
        for kind, labels in zip(kinds, row[1:], strict=True)
        for label in labels.split("|")
    }


LABELS = tuple(_labels(row) for row in HEADER_BLOCKS)
LABEL = re.compile(
    rf"[>*\s|\u200e\u200f\u202a-\u202e]*([^\W\d_][^:：\d@]{{0,24}}?)\s?\*?\s?{COLON}\*?\s*(.*)"
)
