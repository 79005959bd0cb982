"""The page says in its own languages why an automation has not done something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jack.core import translations
from jack.resources import automations
from jack.resources.automations import plans

SOURCES = Path(automations.__file__ or "").parent
# Said as the provider has said it.
UNTRANSLATED = {"template_refused"}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_reason_is_told_in_every_language(language: str) -> None:
    found = [re.findall(r'Skip\(\s*"([a-z_]+)"', file.read_text()) for file in SOURCES.glob("*.py")]
    reasons = {reason for some in found for reason in some} | set(plans.TELLING)
    assert len(reasons) > 20
    told = translations.TEXTS[language]["staff"]["automations"]["because"]
    assert reasons - UNTRANSLATED <= set(told)
