"""A record of a file as what the API's PATCH takes, checked by the same schemas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import orjson
from marshmallow import fields

from jack.core import cells, fulltext
from jack.core.errors import Invalid
from jack.http.arguments import load
from jack.http.fields import Email, Text
from jack.http.link_fields import ExternalId
from jack.resources.guests.schemas import GuestCreate, GuestPatch
from jack.resources.knowledge.schemas import EntryCreate, EntryPatch
from jack.resources.stays.schemas import StayCreate, StayPatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import marshmallow as ma

    from jack.http.schema import Loaded
    from jack.resources.imports.reading import Record

# Names what is there already, where an export of this hotel is read again. It is never given to anything new.
ID = "id"
REQUIRED = "Missing data for required field."
# What spreadsheets and hotels' programs call fields, in English and Spanish, folded and without blanks.
ALSO_CALLED = {
    "name": ("fullname", "guestname", "guest", "nombre", "nombrecompleto", "huesped"),
    "email": ("mail", "emailaddress", "correo", "correoelectronico"),
    "phone": ("telephone", "phonenumber", "mobile", "telefono", "movil", "celular"),
    "tags": ("labels", "etiquetas"),
    "notes": ("comments", "remarks", "notas", "observaciones"),
    "language": ("idioma",),
    "title": ("titulo",),
    "content": ("text", "contenido", "texto"),
    "category": ("categoria",),
    "guestName": ("guest", "name", "fullname", "huesped", "nombre", "nombrecompleto"),
    "guestEmail": ("email", "mail", "emailaddress", "correo", "correoelectronico"),
    "guestPhone": ("phone", "telephone", "phonenumber", "mobile", "telefono", "movil", "celular"),
    "arrival": ("arrivaldate", "checkin", "checkindate", "llegada", "fechadellegada", "entrada"),
    "departure": ("departuredate", "checkout", "checkoutdate", "fechadesalida", "salida"),
    "room": ("roomnumber", "habitacion", "cuarto"),
    "roomType": ("tipodehabitacion", "category"),
    "eta": ("arrivaltime", "horadellegada"),
    "adults": ("adultos",),
    "children": ("kids", "ninos", "menores"),
    "status": ("estado", "estatus"),
    "source": ("channel", "canal", "origen"),
    "confirmation": ("confirmationnumber", "confirmationcode", "localizador", "reserva"),
}


class StayLine(StayPatch):
    """A stay as files have it: its guest by `guestId`, or by name, e-mail, phone and what another program calls them."""

    guest_name = Text(200, line=True, allow_none=True)
    guest_email = Email(allow_none=True)
    guest_phone = Text(40, min=3, line=True, allow_none=True)
    guest_external_id = ExternalId(allow_none=True)


class Kind(NamedTuple):
    """What can be imported: the schema of a change, and which fields a new one must have."""

    patch: ma.Schema
    required: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that a column can be mapped to."""
        return tuple(field.data_key or name for name, field in self.patch.fields.items())


def _kind(create: type[ma.Schema], patch: type[ma.Schema]) -> Kind:
    required = [f.data_key or name for name, f in create().fields.items() if f.required]
    return Kind(patch(), tuple(required))


KINDS = {
    "guests": _kind(GuestCreate, GuestPatch),
    "stays": _kind(StayCreate, StayLine),
    "knowledge": _kind(EntryCreate, EntryPatch),
}

# What in a line of stays may make a new guest.
GUEST_OF_STAY = frozenset(("guestName", "guestEmail", "guestPhone", "guestExternalId"))


def guessed(what: str, columns: Sequence[str]) -> dict[str, str]:
    """The mapping of columns whose names are those of fields, however they are spelt (`E-Mail`, `Teléfono`): the first for each."""
    names = (ID, *KINDS[what].names)
    known = {_plain(name): name for name in names}
    known |= {also: name for name in names for also in ALSO_CALLED.get(name, ())}
    found: dict[str, str] = {}
    for column in columns:
        name = known.get(_plain(column))
        if name is not None and name not in found.values():
            found[column] = name
    return found


def checked(what: str, mapping: Mapping[str, str | None], columns: Sequence[str]) -> dict[str, str]:
    """A mapping of these columns without those that are left out (null). Raises Invalid."""
    known = (ID, *KINDS[what].names)
    for column, field in mapping.items():
        if columns and column not in columns:
            message = f"The file has no such column. It has: {', '.join(filter(None, columns))}."
            raise Invalid.field(f"mapping.{column}"[:100], "no_such", message)
        if field is not None and field not in known:
            message = f"Must be one of: {', '.join(known)}."
            raise Invalid.field(f"mapping.{column}"[:100], "not_a_choice", message)
    found = {column: field for column, field in mapping.items() if field}
    if not set(found.values()) - {ID}:
        message = f"No column is read. Columns: {', '.join(filter(None, columns))}. Fields: {', '.join(known)}."
        raise Invalid.field("mapping", "required", message[:500])
    return found


def loaded(what: str, record: Record, mapping: Mapping[str, str]) -> Loaded:
    """What a record says, by the store's names, and its `id`. Raises Invalid.

    An empty cell says nothing; null in NDJSON says that the field is to be empty. Of several columns for one field the texts
    are joined by a blank, and labels are collected.
    """
    if record.problem:
        raise Invalid.field("line", "invalid", record.problem)
    schema, sent = KINDS[what].patch, dict[str, object]()
    by_key = {field.data_key or name: field for name, field in schema.fields.items()}
    for column, name in mapping.items():
        if column in record.values:
            value = record.values[column]
            if name == "guestName" and isinstance(value, dict):
                continue  # of an export, where `guestId` says who it is
            _add(sent, name, by_key.get(name), value)
    given = sent.pop(ID, None)
    found = load(schema, sent)
    return found | ({ID: given} if isinstance(given, str) else {})


def check_complete(what: str, found: Mapping[str, object]) -> None:
    """Raise Invalid where something new lacks what it must have."""
    fields_by_key = {field.data_key: name for name, field in KINDS[what].patch.fields.items()}
    for key in KINDS[what].required:
        if fields_by_key[key] not in found:
            raise Invalid.field(key, "required", REQUIRED)


def _add(
    sent: dict[str, object], name: str, field: fields.Field[object] | None, value: object
) -> None:
    """Put the value of a column where its field stands."""
    if isinstance(value, str):
        if not value or (name == ID and not value.strip()):
            return
        value = _from_cell(value, field)
    before = sent.get(name)
    if isinstance(before, str) and isinstance(value, str):
        value = f"{before} {value}"
    elif isinstance(before, list) and isinstance(value, list):
        value = [*before, *value]
    sent[name] = value


def _from_cell(text: str, field: fields.Field[object] | None) -> object:
    """What a cell says to a field that takes labels, an object, a flag or a number; to others it is text."""
    if isinstance(field, fields.List) and isinstance(field.inner, fields.String):
        return cells.separated(text)
    if isinstance(field, fields.Boolean) and text.strip().lower() in ("true", "false"):
        return text.strip().lower() == "true"
    if isinstance(field, fields.List | fields.Dict | fields.Nested | fields.Integer):
        try:
            return orjson.loads(text)
        except ValueError:
            return text
    return text


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", fulltext.folded(name))
