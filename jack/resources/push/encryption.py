"""What is pushed, encrypted for one browser: `aes128gcm` of RFC 8188 with the keys of RFC 8291.

By the primitives of `cryptography`, which Jack has anyway: `pywebpush` sends by itself, to addresses nobody has checked, and brings
two HTTP clients with it. Tests read the result with `http-ece`, and with the example of the RFC.
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

POINT_BYTES = 65  # of a public key: 4, and both coordinates
SECRET_BYTES = 16
# Of one record, with the header of 86 bytes, the mark of the last record and the tag of 16: no push service takes more than 4096.
RECORD_BYTES = 4096
MOST_BYTES = RECORD_BYTES - 86 - 1 - 16
LAST = b"\2"


class BadKey(Exception):
    """A key that is none."""


def encrypted(
    plain: bytes,
    p256dh: str,
    auth: str,
    *,
    private: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push of up to `MOST_BYTES`, for the browser with these keys (base64url). Raises BadKey.

    `private` and `salt` are made anew for every push; only a test of known values gives them.
    """
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    receiver, secret = point(p256dh), decoded(auth, SECRET_BYTES)
    private = private or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(16)
    own = point_bytes(private.public_key())
    shared = private.exchange(ec.ECDH(), receiver)
    material = _derived(shared, secret, b"WebPush: info\0" + decoded(p256dh, POINT_BYTES) + own, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(own)]) + own
    return head + AESGCM(key).encrypt(nonce, plain + LAST, None)


def check_keys(p256dh: str, auth: str) -> None:
    """Raise BadKey, with the name of the key, unless a push could be encrypted with these (base64url)."""
    point(p256dh)
    decoded(auth, SECRET_BYTES, "auth")


def point(p256dh: str) -> ec.EllipticCurvePublicKey:
    """A public key of the curve P-256 from its base64url. Raises BadKey."""
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), decoded(p256dh, POINT_BYTES)
        )
    except ValueError:
        raise BadKey("p256dh") from None


def point_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as 65 bytes."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def decoded(text: str, length: int, name: str = "p256dh") -> bytes:
    """The bytes of a base64url text, with or without its padding. Raises BadKey with the name, unless they are so many."""
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise BadKey(name) from None
    if len(found) != length:
        raise BadKey(name)
    return found


def base64url(value: bytes) -> str:
    """Bytes in base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """A key of HKDF (RFC 5869) with SHA-256."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length, salt, info).derive(material)
