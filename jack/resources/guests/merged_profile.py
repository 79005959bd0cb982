"""What the profile of a guest takes over from one that is merged into it, and gives back when that is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from jack.core import fulltext, pairs
from jack.resources.guests import consents

if TYPE_CHECKING:
    from jack.core.pairs import PairChanges, Pairs
    from jack.resources.guests.consents import Consents
    from jack.resources.guests.rows import GuestChanges, GuestRow

MAX_NOTES = 10_000  # characters
MAX_TAGS = 50

# What the profile that stays takes over where it has nothing. Tags and notes are joined as well.
Field = Literal["email", "phone", "notes", "language"]
FIELDS: tuple[Field, ...] = ("email", "phone", "notes", "language")


def gained(kept: GuestRow, other: GuestRow) -> GuestChanges:
    """What changes in the profile that stays: fields it lacks, all tags, and both notes if they fit."""
    found: GuestChanges = {}
    for name in FIELDS:
        if other[name] and not kept[name]:
            found[name] = other[name]
    if other["blocked"] and not kept["blocked"]:  # one of the two is, so the person is
        found["blocked"] = True
    noted = consents.joined(kept["noted"], other["noted"])
    if noted != kept["noted"]:
        found["noted"] = noted
    known = {fulltext.folded(tag) for tag in kept["tags"]}
    added = [tag for tag in other["tags"] if fulltext.folded(tag) not in known]
    if added:
        found["tags"] = (kept["tags"] + added)[:MAX_TAGS]
    both = f"{kept['notes']}\n\n{other['notes']}"
    if (
        kept["notes"]
        and other["notes"]
        and kept["notes"] != other["notes"]
        and len(both) <= MAX_NOTES
    ):
        found["notes"] = both
    return found | gained_pairs(kept, other)


def gained_pairs(kept: GuestRow, other: GuestRow) -> GuestChanges:
    """What of metadata and external ids the profile lacks. It is called by another id of the other's only if it has none."""
    found: GuestChanges = {}
    room = pairs.MAX_METADATA - len(kept["metadata"])
    added = [key for key in other["metadata"] if key not in kept["metadata"]][:room]
    if added:
        found["metadata"] = {key: other["metadata"][key] for key in added}
    room = pairs.MAX_SOURCES - len(kept["external_ids"])
    sources = [source for source in other["external_ids"] if source not in kept["ids"]][:room]
    if sources:
        found["external_ids"] = {source: other["ids"][source] for source in sources}
    if "" in other["ids"] and not kept["ids"]:
        found["external_id"] = other["external_id"]
    return found


def fields_of(guest: GuestRow, names: GuestChanges) -> GuestChanges:
    """These fields of a guest."""
    fields: GuestChanges = {}
    for name in FIELDS:
        if name in names:
            fields[name] = guest[name]
    if "tags" in names:
        fields["tags"] = guest["tags"]
    if "blocked" in names:
        fields["blocked"] = guest["blocked"]
    if "noted" in names:
        fields["noted"] = guest["noted"]
    return fields


def _still(gained: PairChanges | None, now: Pairs) -> list[str]:
    """The keys of what was gained that are still as they were then."""
    return [key for key, value in (gained or {}).items() if now.get(key) == value]


def reverted(kept: GuestRow, before: GuestChanges, gained: GuestChanges) -> GuestChanges:
    """What the profile that stayed had before the merge; what staff have changed since stays as it is.

    Its external ids are those whose names still lead to it (`external_ids.losing`).
    """
    found: GuestChanges = {}
    for name in FIELDS:
        if name in gained and kept[name] == gained[name]:
            found[name] = before[name]
    if "tags" in gained:
        added = {fulltext.folded(tag) for tag in gained["tags"] if tag not in before["tags"]}
        found["tags"] = [tag for tag in kept["tags"] if fulltext.folded(tag) not in added]
    if gained.get("blocked"):
        found["blocked"] = before["blocked"]
    if "noted" in gained and kept["noted"] == gained["noted"]:
        found["noted"] = before["noted"]
    if metadata := _still(gained.get("metadata"), kept["metadata"]):
        found["metadata"] = dict.fromkeys(metadata)
    return found


def noted_of_restored(other: GuestRow, kept: GuestRow, then: Consents) -> Consents:
    """What was noted of the other guest, with what the one who stayed has withdrawn since the merge: it was said of both."""
    since: Consents = {
        channel: note
        for channel, note in kept["noted"].items()
        if note["state"] == "withdrawn" and note != then.get(channel)
    }
    return consents.joined(other.get("noted", {}), since)
