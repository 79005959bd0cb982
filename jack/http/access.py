"""The levels of access to routes, and the caller of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from jack.core.errors import Forbidden
from jack.http.scopes import ANY_KEY, NOT_FOR_KEYS

if TYPE_CHECKING:
    from limits import RateLimitItem

# Who may call a route. Signed-in staff is the default of every route.
PUBLIC = "public"
VISITOR = "visitor"
STAFF = "staff"
MANAGER = "manager"
ADMIN = "admin"
RANK = {STAFF: 1, MANAGER: 2, ADMIN: 3}
# What stands for a role in what is said of an API key.
INTEGRATION = "integration"


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What an API key may do: all that its scopes allow, and its own budgets of requests and of bulk requests."""

    scopes: frozenset[str]
    rate_limit: RateLimitItem
    rate_limit_bulk: RateLimitItem


class Caller(NamedTuple):
    """Who sends a request: a member of staff (`role` is theirs), an API key (`integration`) or a web visitor (`visitor`).

    `by_page`: the request is the staff page's, in a session that the page began.
    `lacks_totp`: they must have a second factor and have none, so they may do nothing but set it up.
    `rights`: those of an API key, None for everybody else; `session_id` is empty then.
    """

    id: str
    role: str
    session_id: str
    by_page: bool = False
    lacks_totp: bool = False
    rights: KeyRights | None = None

    @property
    def key(self) -> str:
        """The key their requests are counted by."""
        return f"caller:{self.id}"

    def may(self, access: str) -> bool:
        """Whether this caller may use a route of that access. A key has no role: it may by its scopes only."""
        return (
            access == PUBLIC or self.role == access or RANK.get(self.role, 0) >= RANK.get(access, 9)
        )


def check_scope(rights: KeyRights, scope: str) -> None:
    """Raise Forbidden unless an API key may use a route that takes this scope."""
    if scope == NOT_FOR_KEYS:
        raise Forbidden(
            "An API key may not do this: it takes somebody who is signed in.", reason="not_for_keys"
        )
    if scope != ANY_KEY and scope not in rights.scopes:
        raise Forbidden(f"This API key lacks the scope {scope}.", reason="scope_missing")
