"""The same made-up guests for every server, the same on every run."""

from typing import Any

GIVEN = ["Ada", "Ben", "Chloé", "Dara", "Emil", "Fatima", "Göran", "Hana", "Ivo", "Jana", "Kofi"]
FAMILY = ["Adams", "Brandt", "Costa", "Dubois", "Eriksen", "García", "Hansen", "Ito", "Kowalski"]
TAGS = ["vip", "returning", "family", "business", "quiet", "late-arrival", "allergy", "long-stay"]
LANGUAGES = ["en", "de", "es", "fr", "ja"]


def guest(number: int) -> dict[str, Any]:
    """Guest number so-and-so, as the API takes one."""
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number // 7 % len(FAMILY)]
    return {
        "name": f"{given} {family} {number}",
        "email": f"guest.{number}@example.com",
        "phone": f"+1555{number:07d}",
        "tags": sorted({TAGS[number % 8], TAGS[number // 3 % 8]}),
        "notes": "Prefers a quiet room away from the lift." if number % 2 else None,
        "language": LANGUAGES[number % 5],
    }


NEW_TASK = {
    "title": "Extra towels for room 302",
    "description": "Guest requested 2 extra bath towels",
    "department": "housekeeping",
    "priority": "normal",
}
