"""What a server loads, once in each of its processes: `app` is for gunicorn, `rsgi` for granian."""

from jack import create_app
from jack.core.config import BadSetting
from jack.http.rsgi import RsgiApplication
from jack.worker.loop import start_in

try:
    app = create_app()
except BadSetting as error:
    raise SystemExit(f"Jack cannot start. {error}") from None
worker = start_in(app)
rsgi = RsgiApplication(
    app,
    on_shutdown=worker.shutdown if worker else None,
    below=app.extensions["jack"].config.public_path,
)
