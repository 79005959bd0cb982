"""Examples: templates."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, STAMPS, Answered, Sent

TEMPLATE_CREATE = {
    "name": "Wi-Fi",
    "shortcut": "wifi",
    "texts": {
        "en": "Dear {first_name}, the Wi-Fi password is {wifi_password}.",
        "es": "Hola, {first_name}: la clave del wifi es {wifi_password}.",
    },
}

SENT: Sent = {
    "createTemplate": {"template": TEMPLATE_CREATE},
    "changeTemplate": {
        "texts": {"texts": {"en": "Dear {first_name}, see you on {check_in_date}."}}
    },
    "previewTemplate": {
        "for a guest": {"guestId": IDS["guest_id"]},
        "for a conversation, in Spanish": {
            "conversationId": IDS["conversation_id"],
            "language": "es",
        },
    },
}

ANSWERED: Answered = {
    "MessageTemplate": {
        "id": IDS["template_id"],
        **TEMPLATE_CREATE,
        "channels": ["whatsapp", "sms", "email", "web"],
        "whatsappTemplate": {"name": "wifi", "parameters": ["{first_name}", "{wifi_password}"]},
        **STAMPS,
    },
    "FilledTemplate": {
        "content": "Dear John, the Wi-Fi password is {wifi_password}.",
        "language": "en",
        "missing": ["wifi_password"],
    },
}
