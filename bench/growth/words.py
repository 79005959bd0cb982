"""Made-up names and sentences, the same on every run, some common and some rare as in life."""

from itertools import product
from random import Random

GIVEN_STARTS = "an be cho da el fio gre hel is jo"
GIVEN_ENDS = "na ra lia mir tto vin sa der la mo"
FAMILY_STARTS = "berg cal dor ess fran gru hol ing jar kel lund mar"
FAMILY_MIDDLES = "a e i o u au ei"
FAMILY_ENDS = "bach dal field gate hurst kamp lin mann quist ren son ton"
FREQUENT = (
    "towels pillow breakfast late checkout parking airport shuttle key minibar noise window heating "
    "shower booking invoice luggage taxi dinner vegetarian crib wifi password pool sauna spa"
)
SYLLABLES = "ba ce di fo gu ha ji ko lu me no pi ra se tu va wo xi yu zo"


def joined(*parts: str) -> list[str]:
    """Every word that takes one piece of each part."""
    return ["".join(pieces) for pieces in product(*(part.split() for part in parts))]


given = joined(GIVEN_STARTS, GIVEN_ENDS)
family = joined(FAMILY_STARTS, FAMILY_MIDDLES, FAMILY_ENDS)
vocabulary = FREQUENT.split() + joined(SYLLABLES, SYLLABLES, "da fe gi no pu")

# In about one message of 15, of 30, of 500; in about one name of 50.
FREQUENT_WORD, COMMON_WORD, RARE_WORD = vocabulary[0], vocabulary[30], vocabulary[1200]
COMMON_NAME = given[3]


def by_rank(words: list[str]) -> list[float]:
    """The first is the most frequent, as in every language (Zipf)."""
    return [1 / (rank + 30) for rank in range(len(words))]


def names(dice: Random, count: int) -> list[str]:
    """So many names of guests."""
    first = dice.choices(given, by_rank(given), k=count)
    last = dice.choices(family, k=count)
    return [f"{a.title()} {b.title()}" for a, b in zip(first, last, strict=True)]


def sentences(dice: Random, count: int) -> list[str]:
    """So many sentences of four to fourteen words."""
    weights = by_rank(vocabulary)
    pool = dice.choices(vocabulary, weights, k=count * 9)
    lengths = [4 + number % 11 for number in range(count)]
    found, start = [], 0
    for length in lengths:
        found.append(" ".join(pool[start : start + length]).capitalize() + ".")
        start += length
    return found
