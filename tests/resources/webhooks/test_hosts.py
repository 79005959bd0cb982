"""Hosts on the hotel's own network, where the settings name them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Person


def test_hosts_that_the_settings_name_may_be_private(
    environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    environment["JACK_WEBHOOK_HOSTS"] = "n8n.lan:5678, 10.0.0.5"
    admin: Person = request.getfixturevalue("admin")
    new: dict[str, Any] = {"events": ["*"]}
    for url, status in (
        ("http://n8n.lan:5678/webhook/1", 201),
        ("http://10.0.0.5/", 201),
        ("http://n8n.lan/", 400),
        ("https://10.0.0.6/", 400),
    ):
        assert admin.post("/webhooks", new | {"url": url}).status_code == status
