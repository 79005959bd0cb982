"""What gunicorn loads, once in each of its processes."""

from jack import create_app
from jack.config import BadSetting
from jack.worker import start_in

try:
    app = create_app()
except BadSetting as error:
    raise SystemExit(f"Jack cannot start. {error}") from None
start_in(app)
