"""The errors of Twilio's that this peer knows."""

from __future__ import annotations

from jack.demo.simulators.server import Answer, as_json

MESSAGES = {
    11751: "Media Message - Media exceeds messaging provider size limit",
    12300: "Invalid Content-Type",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    21211: "The 'To' number is not a valid phone number.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number provided is not a valid message-capable Twilio phone number.",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21655: "The ContentSid is invalid.",
    21656: "The ContentVariables parameter is invalid.",
    63021: "Channel invalid content error",
    63028: "Number of parameters provided does not match the expected number of parameters",
    63016: "Failed to send freeform message because you are outside the allowed window.",
}


def usual(status: int) -> int:
    """The code that usually comes with an HTTP status."""
    return {401: 20003, 404: 20404, 429: 20429}.get(status, 20500)


class TwilioError(Exception):
    """An error, by its code."""

    def __init__(self, code: int, status: int = 400, retry_after: str | None = None) -> None:
        super().__init__(code)
        self.code, self.status, self.retry_after = code, status, retry_after

    def answer(self) -> Answer:
        """As the API answers it."""
        told = {
            "code": self.code,
            "message": MESSAGES.get(self.code, "Error"),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        return as_json(self.status, told, headers=headers)
