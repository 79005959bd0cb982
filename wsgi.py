"""What a server loads, once in each of its processes: `app` is for gunicorn, `rsgi` for granian."""

from jack import create_app
from jack.core import process_limits
from jack.core.config import BadSetting
from jack.core.process_limits import LimitTooLow
from jack.core.sqlite import DatabaseError
from jack.http.rsgi import RsgiApplication
from jack.messaging import webhook_routes
from jack.operations.terminal import CommandRefused
from jack.worker.loop import start_in

try:
    process_limits.ensure()
    app = create_app()
except (BadSetting, CommandRefused, DatabaseError, LimitTooLow) as error:
    raise SystemExit(f"Jack cannot start. {error}") from None
worker = start_in(app)
rsgi = RsgiApplication(
    app,
    on_shutdown=worker.shutdown if worker else None,
    below=app.extensions["jack"].config.public_path,
    ask_first=(webhook_routes.BELOW,),
)
