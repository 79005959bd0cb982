"""The pages Jack serves itself: plain HTML and small scripts, from here and from nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.pages import chat_routes as chat
from jack.pages import staff_routes as routes
from jack.pages import static_files as files

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.add_template_global(files.url, "static")
    app.register_blueprint(routes.blp)
    app.register_blueprint(chat.blp)
