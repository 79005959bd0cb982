"""The shapes of imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from marshmallow import fields

from jack.http.field_errors import FieldError
from jack.http.fields import Choice, QueryFlag, when
from jack.http.schema import ResponseSchema, Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

WHATS = ("guests", "stays", "knowledge")
ON_MATCH = ("skip", "fill", "overwrite")
STATUSES = ("queued", "running", "done", "failed", "cancelled")
MOST = 200  # columns
BYTES = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}


class JsonMapping(fields.Field["dict[str, str | None]"]):
    """A JSON object of column → field, as the text of a part of a form."""

    def __init__(self) -> None:
        super().__init__(
            metadata={
                "type": "object",
                "additionalProperties": {"type": ["string", "null"]},
                "description": "JSON: column → field, null for a column that is left out. Without it, columns that are "
                "called like fields are read. Several columns may have the same field.",
            }
        )

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> dict[str, str | None]:
        try:
            found = orjson.loads(value if isinstance(value, str) else b"")
        except ValueError:
            found = None
        if not isinstance(found, dict) or not all(
            one is None or isinstance(one, str) for one in found.values()
        ):
            raise FieldError("wrong_type", 'Must be a JSON object such as {"E-mail": "email"}.')
        if len(found) > MOST:
            raise FieldError("too_many", f"Must have at most {MOST} columns.")
        return found


class PreviewUpload(Schema):
    """A file to be looked at: CSV or NDJSON, up to 50 MiB."""

    file = fields.Raw(required=True, metadata=BYTES)


class ImportUpload(PreviewUpload):
    """A file to be brought in, CSV or NDJSON of up to 50 MiB and 50,000 lines, and how."""

    mapping = JsonMapping()
    on_match = Choice(
        *ON_MATCH,
        load_default="skip",
        metadata={
            "description": "What becomes of what is there already: nothing, only empty fields are filled, or what the file says "
            "is written over it"
        },
    )
    dry_run = QueryFlag(
        load_default=False, metadata={"description": "Only find out what would become of each line"}
    )


class LineError(ResponseSchema):
    """A line that failed: which, counted from 1, and what is wrong with which field of it."""

    line = fields.Integer()
    field = fields.String()
    message = fields.String()


class ImportJob(ResponseSchema):
    """An import. `errors` are the first hundred lines that failed; `error` is why all of it has `failed`.

    What has been done of `total` is `created`, `updated`, `unchanged` and `failed` together.
    """

    id = fields.String()
    what = Choice(*WHATS)
    status = Choice(*STATUSES)
    dry_run = fields.Boolean()
    on_match = Choice(*ON_MATCH)
    mapping = fields.Dict(keys=fields.String(), values=fields.String())
    total = fields.Integer()
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    failed = fields.Integer()
    errors = fields.List(fields.Nested(LineError))
    error = fields.String(allow_none=True)
    created_at = when()
    finished_at = when(allow_none=True)


class ImportPreview(ResponseSchema):
    """How a file is read: its columns, the fields there are, which columns are read as which field unless told otherwise, ten rows."""

    format = Choice("csv", "ndjson")
    encoding = fields.String()
    delimiter = fields.String(allow_none=True)
    columns = fields.List(fields.String())
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    mapping = fields.Dict(keys=fields.String(), values=fields.String())
    rows = fields.List(fields.List(fields.String()))
