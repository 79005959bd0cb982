"""The levels of access to routes, and the caller of a request."""

from __future__ import annotations

from dataclasses import dataclass

# Who may call a route. Signed-in staff is the default of every route.
PUBLIC = "public"
VISITOR = "visitor"
STAFF = "staff"
MANAGER = "manager"
ADMIN = "admin"
RANK = {STAFF: 1, MANAGER: 2, ADMIN: 3}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request: a member of staff (`role` is theirs) or a web visitor (`role` is `visitor`).

    `by_page`: the request is the staff page's, in a session that the page began.
    `lacks_totp`: they must have a second factor and have none, so they may do nothing but set it up.
    """

    id: str
    role: str
    session_id: str
    by_page: bool = False
    lacks_totp: bool = False

    @property
    def key(self) -> str:
        """The key their requests are counted by."""
        return f"caller:{self.id}"

    def may(self, access: str) -> bool:
        """Whether this caller may use a route of that access."""
        return (
            access == PUBLIC or self.role == access or RANK.get(self.role, 0) >= RANK.get(access, 9)
        )
