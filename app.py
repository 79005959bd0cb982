"""The application for `flask …`: commands, and trying things out on one's own machine."""

from jack import create_app
from jack.core.config import BadSetting

try:
    app = create_app()
except BadSetting as error:
    raise SystemExit(f"Jack cannot start. {error}") from None
