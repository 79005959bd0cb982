"""Examples for the API's description: what is sent and what is answered, a module a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.openapi.examples import (
    api_keys,
    auth,
    automations,
    common,
    conversations,
    data,
    guests,
    handover,
    knowledge,
    push,
    reports,
    settings,
    staff,
    stays,
    tasks,
    templates,
    webchat,
    webhooks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

RESOURCES = (
    api_keys,
    auth,
    automations,
    conversations,
    data,
    guests,
    handover,
    knowledge,
    push,
    reports,
    settings,
    staff,
    stays,
    tasks,
    templates,
    webchat,
    webhooks,
)
SENT: common.Sent = {name: sent for module in RESOURCES for name, sent in module.SENT.items()}
ANSWERED: common.Answered = {
    name: data for module in (common, *RESOURCES) for name, data in module.ANSWERED.items()
}


def answered(name: str, meta: str | None) -> dict[str, object]:
    """The example of a whole response: one thing whose schema has this name, or with `meta` a list of them."""
    if meta is None:
        return {"success": True, "data": ANSWERED[name]}
    one = ANSWERED.get(name.removesuffix("Item"))
    data = [one] if one else _results(name.removesuffix("Result"))
    return {"success": True, "data": data, "meta": ANSWERED[meta]}


def _results(name: str) -> list[Mapping[str, object]]:
    """Of two elements of a bulk call the second one failed."""
    return [
        {"success": True, "data": ANSWERED[name]},
        {"success": False, "error": common.PROBLEM},
    ]
