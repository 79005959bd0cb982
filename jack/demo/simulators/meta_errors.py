"""The errors of Meta's Graph API that this peer knows, as an answer and as part of a status."""

from __future__ import annotations

from typing import Any

from jack.demo.simulators.server import Answer, as_json

TITLES = {
    2: "Service temporarily unavailable",
    100: "Invalid parameter",
    190: "Access token has expired",
    2500: "Unknown path components",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131030: "Recipient phone number not in allowed list",
    131042: "Business eligibility payment issue",
    131047: "Re-engagement message",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132000: "Template param count does not match",
    132001: "Template does not exist in the translation",
    132005: "Translated text too long",
}


def usual(status: int) -> int:
    """The code that usually comes with an HTTP status."""
    return {401: 190, 429: 130429, 500: 131000, 503: 2}.get(status, 100 if status < 500 else 131000)


class GraphError(Exception):
    """An error, by its code; `status` is that of the HTTP answer."""

    def __init__(self, code: int, status: int = 400, retry_after: str | None = None) -> None:
        super().__init__(code)
        self.code, self.status, self.retry_after = code, status, retry_after
        self.title = TITLES.get(code, "Error")

    def answer(self) -> Answer:
        """As the API answers it."""
        error = {
            "message": f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.title},
            "fbtrace_id": "APeerTrace",
        }
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        return as_json(self.status, {"error": error}, headers=headers)

    def as_status(self) -> dict[str, Any]:
        """As a `failed` status tells it."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.title},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }
