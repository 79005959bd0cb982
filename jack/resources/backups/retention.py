"""Which backups are kept: the last of each of the latest days, weeks and months that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from datetime import datetime

    from jack.resources.settings.values import BackupsSetting

# Of those that were asked for, this many, for as many days as the nightly ones.
ASKED = 10


def superseded(
    nightly: Sequence[tuple[str, datetime]],
    asked: Sequence[tuple[str, datetime]],
    keep: BackupsSetting,
    now: datetime,
) -> set[str]:
    """The ids of those to be deleted. All moments are of the hotel's clock; the newest of all is never among them."""
    kept = _last_of_each(nightly, keep["keepDays"], lambda moment: moment.date())
    kept |= _last_of_each(nightly, keep["keepWeeks"], lambda moment: moment.isocalendar()[:2])
    kept |= _last_of_each(nightly, keep["keepMonths"], lambda moment: (moment.year, moment.month))
    recent = sorted(asked, key=lambda one: one[1])[-ASKED:]
    kept |= {id for id, moment in recent if (now - moment).days < keep["keepDays"]}
    everything = [*nightly, *asked]
    kept |= {id for id, _ in sorted(everything, key=lambda one: one[1])[-1:]}
    return {id for id, _ in everything} - kept


def _last_of_each(
    found: Sequence[tuple[str, datetime]], many: int, period: Callable[[datetime], Hashable]
) -> set[str]:
    """The ids of the last one of each of the latest `many` periods."""
    last = {period(moment): id for id, moment in sorted(found, key=lambda one: one[1])}
    return set(list(last.values())[-many:]) if many else set()
