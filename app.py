"""The application for `flask …`: commands, and trying things out on one's own machine."""

from jack import create_app
from jack.core.config import BadSetting
from jack.core.sqlite import DatabaseError
from jack.operations.terminal import CommandRefused

try:
    app = create_app()
except (BadSetting, CommandRefused, DatabaseError) as error:
    raise SystemExit(f"Jack cannot start. {error}") from None
