"""How many examples a property test tries: `ci` for every run, `thorough` where time does not matter.

`HYPOTHESIS_PROFILE=thorough` or `JACK_LONG=1` chooses the second; `make fuzz` does so. Neither is derandomised: every
run tries other examples, and what failed once is tried again first, from `.hypothesis/`. An example that has found a
fault stays with its test as `@example`, which every profile tries.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

USUAL = 100  # examples for which the numbers in the tests are meant, as in Hypothesis
FEWEST = 10

# How long a case takes says more of the machine than of the code.
settings.register_profile(
    "ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=30
)
settings.register_profile("thorough", settings.get_profile("ci"), max_examples=500)


def load() -> None:
    """Choose the profile by the environment."""
    usual = "thorough" if os.environ.get("JACK_LONG") else "ci"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))


def examples(number: int) -> int:
    """For a test that needs more or fewer than others: as many as `number` is of `USUAL`, in the profile that is loaded."""
    return max(FEWEST, round(number * settings.default.max_examples / USUAL))


def warm_up() -> None:
    """Have Hypothesis make its tables of Unicode and of the constants in `jack`: here once, in each process of a run not.

    Under coverage, and in four processes at once, they take ten times as long.
    """
    import jack.demo  # noqa: F401 (with it, nearly every module is loaded)

    @settings(max_examples=FEWEST, database=None)
    @given(st.text() | st.text(st.characters(exclude_categories=())))
    def draw(_: str) -> None:
        pass

    draw()


if __name__ == "__main__":
    load()
    warm_up()
