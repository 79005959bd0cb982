"""What gunicorn loads, once in each of its processes."""

from jack import create_app
from jack.core.config import BadSetting
from jack.worker.loop import start_in

try:
    app = create_app()
except BadSetting as error:
    raise SystemExit(f"Jack cannot start. {error}") from None
start_in(app)
