"""Subscriptions: the browsers in which somebody wants to be told, each by the address its push service has given it.

An endpoint belongs to one person: who signs in on a device after another takes it over. It ends with the session it was made in,
when that is signed out; of a session that ran out, a week later, unless somebody has signed in on the device by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

from jack.core import audit, checked_http
from jack.core.db import transaction
from jack.core.errors import Invalid, NotFound
from jack.core.paging import Listed, Page
from jack.core.patterns import FORBIDDEN
from jack.core.query import Query
from jack.resources.push import encryption, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database

MOST = 10  # of one person; then the oldest goes
MAX_USER_AGENT = 300
NOT_ALLOWED = "Must be the https address of a push service on the public internet; JACK_PUSH_HOSTS names others."


class StoredSubscription(TypedDict):
    """A subscription as it is stored, without its keys."""

    id: str
    staff_id: str
    session_id: str
    endpoint: str
    language: str | None
    user_agent: str | None
    last_success_at: str | None
    last_failure_at: str | None
    failure: str | None
    created_at: str


class SubscriptionRow(StoredSubscription):
    """A subscription as it is answered; `current`: it was made in the session that asks."""

    service: str
    current: bool


class Keys(TypedDict):
    """The keys of a browser, in base64url."""

    p256dh: str
    auth: str


COLUMNS = """id, staff_id, session_id, endpoint, language, user_agent, last_success_at, last_failure_at, failure, created_at"""

GET = Query[StoredSubscription](
    f"SELECT {COLUMNS} FROM push_subscriptions WHERE id = :id AND staff_id = :staff_id"
)

PAGE = Query[StoredSubscription](f"""
    SELECT {COLUMNS} FROM push_subscriptions WHERE staff_id = :staff_id
    ORDER BY seq DESC LIMIT :limit OFFSET :offset""")

COUNT = "SELECT count(*) FROM push_subscriptions WHERE staff_id = :staff_id"

FORGET_OTHERS = (
    "DELETE FROM push_subscriptions WHERE endpoint = :endpoint AND staff_id <> :staff_id"
)

IS_KNOWN = "SELECT 1 FROM push_subscriptions WHERE endpoint = :endpoint"

PUT = Query[StoredSubscription](f"""
    INSERT INTO push_subscriptions (id, staff_id, session_id, endpoint, p256dh, auth, language, user_agent, created_at)
    VALUES (:id, :staff_id, :session_id, :endpoint, :p256dh, :auth, :language, :user_agent, :now)
    ON CONFLICT (endpoint) DO UPDATE
    SET session_id = :session_id, p256dh = :p256dh, auth = :auth, language = :language, user_agent = :user_agent
    RETURNING {COLUMNS}""")

FORGET_OLDEST = """
    DELETE FROM push_subscriptions
    WHERE staff_id = :staff_id
      AND seq NOT IN (SELECT seq FROM push_subscriptions WHERE staff_id = :staff_id ORDER BY seq DESC LIMIT :most)"""

DELETE = "DELETE FROM push_subscriptions WHERE id = :id AND staff_id = :staff_id"


def create(
    db: Database,
    *,
    staff_id: str,
    session_id: str,
    endpoint: str,
    keys: Keys,
    language: str | None = None,
    user_agent: str | None = None,
    hosts: Sequence[str] = (),
) -> SubscriptionRow:
    """Subscribe a browser, or note that it is subscribed in another session now. `hosts`: those of JACK_PUSH_HOSTS.

    Raises Invalid for an endpoint that is not asked, and for keys that are none.
    """
    _check(endpoint, keys, hosts)
    wanted = {
        "id": db.new_id("push"),
        "staff_id": staff_id,
        "session_id": session_id,
        "endpoint": endpoint,
        **keys,
        "language": language,
        "user_agent": FORBIDDEN.sub("", user_agent or "").strip()[:MAX_USER_AGENT] or None,
        "now": db.now(),
    }
    with transaction(db):
        place.begin(db)
        db.run(FORGET_OTHERS, wanted)
        is_new = db.value(IS_KNOWN, wanted) is None
        row = db.row(PUT, wanted)
        db.run(FORGET_OLDEST, {"staff_id": staff_id, "most": MOST})
        if is_new:
            audit.record(db, "push.turned_on", "staff", staff_id, by=staff_id)
    return _answered(row, session_id)


def get(db: Database, staff_id: str, subscription_id: str, session_id: str) -> SubscriptionRow:
    """A subscription of this person's, or NotFound."""
    row = db.one(GET, {"id": subscription_id, "staff_id": staff_id})
    if row is None:
        raise NotFound("Subscription not found")
    return _answered(row, session_id)


def search(db: Database, staff_id: str, session_id: str, *, page: Page) -> Listed[SubscriptionRow]:
    """A page of a person's subscriptions, newest first."""
    whose = {"staff_id": staff_id}
    rows = db.all(PAGE, {**whose, "limit": page.limit, "offset": page.offset})
    return Listed([_answered(row, session_id) for row in rows], db.value(COUNT, whose), page)


def delete(db: Database, staff_id: str, subscription_id: str) -> None:
    """End a subscription, and what was still to be pushed to it. Raises NotFound."""
    with transaction(db):
        if not db.run(DELETE, {"id": subscription_id, "staff_id": staff_id}):
            raise NotFound("Subscription not found")
        audit.record(db, "push.turned_off", "staff", staff_id, by=staff_id)


def _check(endpoint: str, keys: Keys, hosts: Sequence[str]) -> None:
    try:
        checked_http.target(endpoint, hosts)
    except checked_http.Refused:
        raise Invalid.field("endpoint", "not_a_url", NOT_ALLOWED) from None
    try:
        encryption.check_keys(**keys)
    except encryption.BadKey as error:
        raise Invalid.field(
            f"keys.{error}", "invalid", "Not a key of a push subscription."
        ) from None


def _answered(row: StoredSubscription, session_id: str) -> SubscriptionRow:
    service = urlsplit(row["endpoint"]).hostname or ""
    return {**row, "service": service, "current": row["session_id"] == session_id}
