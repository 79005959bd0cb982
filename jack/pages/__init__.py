"""The pages Jack serves itself: plain HTML and small scripts, from here and from nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.http.public_path import own
from jack.pages import chat_routes, staff_routes, static_files

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.add_template_global(own, "path")
    app.add_template_global(lambda name: own(static_files.url(name)), "static")
    app.register_blueprint(staff_routes.blp)
    app.register_blueprint(chat_routes.blp)
