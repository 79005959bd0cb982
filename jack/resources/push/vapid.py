"""The keys by which push services know this Jack (VAPID, RFC 8292): made when they are first asked for, the private one sealed.

Where the signing key is another one than before, the private key is lost: both are made anew, and every device has to subscribe again.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import sealing
from jack.core.db import transaction
from jack.core.query import Query
from jack.resources.push.encryption import base64url, point_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from jack.core.db import Database

TOKEN_HOURS = 12  # RFC 8292: 24 at the most
PURPOSE = "push"

GET = Query["KeysRow"]("SELECT public_key, private_key FROM push_keys")

PUT = """
    INSERT INTO push_keys (only, public_key, private_key, created_at) VALUES (1, :public_key, :private_key, :now)
    ON CONFLICT DO UPDATE SET public_key = :public_key, private_key = :private_key, created_at = :now"""

# Those made for the key before: no push service takes anything for them any more.
FORGET_SUBSCRIPTIONS = "DELETE FROM push_subscriptions"


class KeysRow(TypedDict):
    """The keys as they are stored: the public one in base64url, the private one sealed."""

    public_key: str
    private_key: bytes


class Keys(NamedTuple):
    """The public key in base64url, as browsers take it, and the private one in PEM."""

    public: str
    private: str


def keys(db: Database) -> Keys:
    """The keys, made if there are none that can be opened."""
    known = _known(db)
    if known is not None:
        return known
    with transaction(db):
        return _known(db) or _made(db)


def _known(db: Database) -> Keys | None:
    row, secret = db.one(GET), sealing.signing_key(db.path)
    if row is None or secret is None:
        return None
    private = sealing.opened(row["private_key"], PURPOSE, secret)
    return None if private is None else Keys(row["public_key"], private)


def _made(db: Database) -> Keys:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    secret = sealing.signing_key(db.path, make=True)
    if secret is None:
        raise RuntimeError("there is no signing key")
    public = base64url(point_bytes(private.public_key()))
    sealed = sealing.sealed(pem, PURPOSE, secret)
    if db.one(GET) is not None:
        db.run(FORGET_SUBSCRIPTIONS)
    db.run(PUT, {"public_key": public, "private_key": sealed, "now": db.now()})
    return Keys(public, pem)


def authorization(keys: Keys, audience: str, seconds: float, contact: str | None) -> str:
    """The Authorization header of a push to the service with this origin, at a time in seconds since 1970.

    `contact`: where its operator finds ours, a URL with https; Apple's service takes no push without one.
    """
    import jwt

    claims: dict[str, object] = {"aud": audience, "exp": int(seconds) + TOKEN_HOURS * 3600}
    if contact is not None:
        claims["sub"] = contact
    token = jwt.encode(claims, _private(keys.private), algorithm="ES256")
    return f"vapid t={token},k={keys.public}"


@functools.lru_cache(maxsize=8)
def _private(pem: str) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    found = load_pem_private_key(pem.encode(), None)
    if not isinstance(found, EllipticCurvePrivateKey):
        raise TypeError("the stored key is of another kind")
    return found
