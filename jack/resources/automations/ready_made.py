"""The five automations that every hotel finds, switched off, with the templates they send. They are put in once: who deletes one is rid of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import translations
from jack.core.db import transaction
from jack.resources.automations import store
from jack.resources.settings import store as settings
from jack.resources.templates import store as templates

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.automations.rows import Action, Condition, Trigger

MADE = "SELECT EXISTS (SELECT 1 FROM automation_place WHERE ready_made)"
SET_MADE = """
    INSERT INTO automation_place (only, ready_made) VALUES (1, 1)
    ON CONFLICT DO UPDATE SET ready_made = 1"""
# Nobody has set the hotel up yet, so that nobody knows its language.
ANYBODY = "SELECT EXISTS (SELECT 1 FROM staff WHERE active)"
CHANNELS = ["whatsapp", "email", "sms"]

Texts = dict[str, str]

WELCOME: Texts = {
    "en": "Dear {first_name}, welcome to {hotel_name}! If you need anything at all, just answer this message.",
    "es": "Hola, {first_name}: ¡te damos la bienvenida a {hotel_name}! Si necesitas algo, responde a este mensaje.",
}
BEFORE: Texts = {
    "en": "Dear {first_name}, we look forward to seeing you at {hotel_name} on {check_in_date}. "
    "When do you think you will arrive? If you need anything before, just answer this message.",
    "es": "Hola, {first_name}: te esperamos en {hotel_name} el {check_in_date}. "
    "¿A qué hora piensas llegar? Si necesitas algo antes, responde a este mensaje.",
}
SECOND_MORNING: Texts = {
    "en": "Good morning, {first_name}! Is everything as you wish? If not, tell us here: we will see to it at once.",
    "es": "¡Buenos días, {first_name}! ¿Está todo a tu gusto? Si no, escríbenos aquí y lo arreglamos enseguida.",
}
AFTER: Texts = {
    "en": "Dear {first_name}, thank you for staying at {hotel_name}. We hope to see you again. "
    "If there is something we could have done better, please tell us here.",
    "es": "Hola, {first_name}: gracias por alojarte en {hotel_name}. Esperamos verte de nuevo. "
    "Si algo podía haber ido mejor, cuéntanoslo aquí.",
}

# A name by language, the trigger, the conditions, and the texts; without texts the front desk is told.
READY: tuple[tuple[Texts, Trigger, list[Condition], Texts | None], ...] = (
    (
        {"en": "The day before arrival", "es": "El día antes de la llegada"},
        {"type": "stay.arrival", "days": -1, "at": "10:00"},
        [],
        BEFORE,
    ),
    (
        {"en": "Welcome", "es": "Bienvenida"},
        {"type": "stay.checked_in", "minutes": 60},
        [],
        WELCOME,
    ),
    (
        {"en": "Second morning", "es": "Segunda mañana"},
        {"type": "stay.arrival", "days": 2, "at": "10:00"},
        [{"type": "nights", "at_least": 3}],
        SECOND_MORNING,
    ),
    (
        {"en": "The day after departure", "es": "El día después de la salida"},
        {"type": "stay.departure", "days": 1, "at": "11:00"},
        [],
        AFTER,
    ),
    (
        {"en": "Nobody answers for 15 minutes", "es": "Nadie responde durante 15 minutos"},
        {"type": "conversation.waiting", "minutes": 15},
        [],
        None,
    ),
)


def are_made(db: Database) -> bool:
    """Whether they have been put in."""
    return bool(db.value(MADE))


def are_wanted(db: Database) -> bool:
    """Whether the hotel has been set up, and they can be put in."""
    return bool(db.value(ANYBODY))


def make(db: Database) -> None:
    """Put them in, once, with their names in the hotel's language."""
    if are_made(db) or not are_wanted(db):
        return
    with transaction(db):
        if are_made(db):
            return
        language = translations.nearest_language(settings.value(db, "hotel")["language"])
        for name, trigger, conditions, texts in READY:
            called = name.get(language, name["en"])
            action = _telling(db) if texts is None else _sending(db, called, texts)
            store.create(db, name=called, trigger=trigger, conditions=conditions, actions=[action])
        db.run(SET_MADE)


def _sending(db: Database, name: str, texts: Texts) -> Action:
    template = templates.create(db, name=name, texts=texts)
    return {"type": "send_template", "template_id": template["id"], "channels": CHANNELS}


def _telling(db: Database) -> Action:
    """The front desk is told, or whichever department is the first."""
    slugs = [one["slug"] for one in settings.value(db, "departments")["items"]]
    department = "front-desk" if "front-desk" in slugs else slugs[0]
    return {"type": "notify", "department": department}
