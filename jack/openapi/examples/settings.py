"""Examples: settings, and the channels they connect."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, LATER, WHEN, Answered, Sent

SENT: Sent = {
    "putSetting": {
        "hotel": {
            "value": {
                "name": "Hotel Miramar",
                "phone": "+34952000000",
                "timeZone": "Europe/Madrid",
                "country": "ES",
                "language": "es",
            }
        },
        "departments": {
            "value": {
                "items": [
                    {"slug": "front-desk", "name": "Front desk"},
                    {"slug": "housekeeping", "name": "Housekeeping"},
                ]
            }
        },
        "variables": {"value": {"items": [{"name": "wifi_password", "value": "seaside-2026"}]}},
        "security": {"value": {"requireTotp": "admins"}},
        "audit": {"value": {"days": 365}},
        "privacy": {"value": {"eraseGuestsAfterMonths": 24}},
        "channels.web": {
            "value": {
                "enabled": True,
                "greeting": "How can we help?",
                "hours": {"monday": [{"from": "09:00", "to": "18:00"}]},
                "colour": "#0d6a5b",
                "sites": ["https://www.hotel.example"],
            }
        },
    },
}

ANSWERED: Answered = {
    "Setting": {
        "key": "hotel",
        "value": {"name": "Hotel Miramar", "timeZone": "Europe/Madrid", "language": "es"},
        "updatedAt": WHEN,
    },
    "Health": {"faults": [{"kind": "channel", "subjectId": "sms", "since": WHEN}]},
    "ChannelAccount": {
        "channel": "whatsapp",
        "enabled": True,
        "configured": True,
        "state": "paused",
        "queueLength": 3,
        "lastInboundAt": WHEN,
        "lastOutboundAt": WHEN,
        "lastError": "The access token is not valid any more.",
        "lastErrorAt": LATER,
        "pausedAt": LATER,
        "pausedUntil": "2026-05-01T17:00:30.000Z",
        "pausedBecause": "The access token is not valid any more.",
        "polledAt": None,
    },
    "WhatsAppTemplate": {
        "name": "checkin_reminder",
        "language": "es_MX",
        "status": "approved",
        "category": "utility",
        "header": {"type": "image", "text": None, "parameters": []},
        "body": "Hola {{1}}, le esperamos mañana.",
        "footer": "Hotel Miramar",
        "buttons": [
            {
                "type": "url",
                "text": "Su reserva",
                "url": "https://www.hotel.example/r/{{1}}",
                "parameter": True,
            }
        ],
        "parameters": [{"name": "1", "example": "Ana"}],
    },
    "ChannelTestBegun": {"id": IDS["test_id"]},
    "ChannelTest": {
        "id": IDS["test_id"],
        "channel": "whatsapp",
        "status": "failed",
        "steps": [
            {
                "name": "api.look_up",
                "ok": True,
                "message": "graph.facebook.com has an address.",
                "ms": 12,
            },
            {
                "name": "api.connect",
                "ok": False,
                "message": "graph.facebook.com:443 does not answer: nobody accepts the connection.",
                "ms": 8600,
            },
        ],
    },
}
