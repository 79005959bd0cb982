"""The signing key: of tokens, links and sealed values."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from jack.core.atomic_file import make_folder, sync_folder
from jack.core.config import check_secret

if TYPE_CHECKING:
    from pathlib import Path

    from jack.core.config import Config

KEY_FILE = "secret.key"


def secret_key(config: Config) -> str:
    """The signing key: as configured, or 32 random bytes that the first start writes beside the database, mode 0600."""
    if config.secret is not None:
        return config.secret
    return key_file(config.instance)


def key_file(instance: Path) -> str:
    """The signing key in an instance's folder, made if it is not there yet. Raises BadSetting for a weak one."""
    make_folder(instance)
    _make_key(instance / KEY_FILE)
    key = stored_key(instance) or ""
    check_secret(key, str(instance / KEY_FILE))
    return key


def stored_key(instance: Path) -> str | None:
    """The signing key in an instance's folder, as it stands there; None when there is none."""
    try:
        return (instance / KEY_FILE).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def _make_key(path: Path) -> None:
    """Write a key unless there is one. Of several processes at once one succeeds, and none reads half a key."""
    if path.exists():
        return
    temporary = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_hex(32).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    sync_folder(path.parent)
