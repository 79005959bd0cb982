"""`/templates`."""

from __future__ import annotations

from jack.core.paging import Listed, Walked
from jack.http.access import MANAGER
from jack.http.blueprint import Blueprint
from jack.http.context import caller, demand_scope, get_db
from jack.http.schema import Deleted, DeletedRow, Loaded
from jack.http.scopes import ANY_KEY
from jack.resources.templates import filling, store
from jack.resources.templates.filling import Filled
from jack.resources.templates.schemas import (
    FilledTemplate,
    MessageTemplate,
    TemplateCreate,
    TemplateFilters,
    TemplatePatch,
    TemplatePreview,
)
from jack.resources.templates.store import TemplateRow

blp = Blueprint(
    "templates",
    __name__,
    under="/templates",
    description="Texts that are sent again and again, with places for what differs",
    scope="templates",
)


@blp.get("")
@blp.arguments(TemplateFilters, location="query")
@blp.response(200, MessageTemplate(many=True), walked=True)
def list_templates(filters: Loaded) -> Listed[TemplateRow] | Walked[TemplateRow]:
    """List templates

    By name.
    """
    return store.search(get_db(), **filters)


@blp.post("")
@blp.access(MANAGER)
@blp.arguments(TemplateCreate)
@blp.response(201, MessageTemplate, location="/templates/{id}")
def create_template(new: Loaded) -> TemplateRow:
    """Create a template

    400 `unknown_variable` for a text with a place that does not exist, or a brace that belongs to none.
    """
    return store.create(get_db(), by=caller().id, **new)


@blp.get("/<template_id>")
@blp.response(200, MessageTemplate)
def get_template(template_id: str) -> TemplateRow:
    """Get a template"""
    return store.get(get_db(), template_id)


@blp.patch("/<template_id>")
@blp.access(MANAGER)
@blp.arguments(TemplatePatch)
@blp.response(200, MessageTemplate, current=store.get)
def change_template(changes: Loaded, template_id: str) -> TemplateRow:
    """Change a template

    What is left out stays as it is; `texts` and `channels` are replaced as a whole.
    """
    return store.change(get_db(), template_id, by=caller().id, **changes)


@blp.delete("/<template_id>")
@blp.access(MANAGER)
@blp.response(200, Deleted, current=store.get, of=MessageTemplate)
def delete_template(template_id: str) -> DeletedRow:
    """Delete a template"""
    store.delete(get_db(), template_id, by=caller().id)
    return {"id": template_id, "deleted": True}


@blp.post("/<template_id>/preview")
@blp.needs_scope(ANY_KEY)
@blp.arguments(TemplatePreview)
@blp.response(200, FilledTemplate)
def preview_template(wanted: Loaded, template_id: str) -> Filled:
    """Fill a template in for a guest, and send nothing

    What has no value is `missing`, and stands in `content` as it is in the template. An API key needs `templates:read` and, because the
    text tells of the guest, `guests:read`; for a stay `stays:read`.
    """
    for scope in (
        "templates:read",
        "guests:read",
        *(["stays:read"] if "stay_id" in wanted else []),
    ):
        demand_scope(scope)
    db, me, language = get_db(), caller().id, wanted.pop("language", None)
    template = store.get(db, template_id)
    [(kind, id)] = wanted.items()
    return filling.fill(db, template, filling.subject(db, kind, id, by=me), language)
