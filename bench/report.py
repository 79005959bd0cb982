"""What RESULTS.md is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bar:
    """Something that was promised, and what was found."""

    name: str
    wanted: str
    found: str
    met: bool


@dataclass(frozen=True)
class Section:
    """A heading, its lines of Markdown, and the bars it answers for."""

    title: str
    lines: list[str]
    bars: list[Bar] = field(default_factory=list)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; every column but the first to the right."""
    rule = ["---", *("---:" for _ in heads[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]


def bars_section(sections: Sequence[Section]) -> Section:
    """Every bar, met or missed."""
    bars = [bar for section in sections for bar in section.bars]
    rows = [[bar.name, bar.wanted, bar.found, "met" if bar.met else "**missed**"] for bar in bars]
    met = sum(bar.met for bar in bars)
    title = f"Bars: {met} of {len(bars)} met"
    return Section(title, table(["", "bar", "found", ""], rows))


def render(title: str, introduction: Sequence[str], sections: Sequence[Section]) -> str:
    """The whole document."""
    lines = [f"# {title}", "", *introduction]
    for section in sections:
        lines += ["", f"## {section.title}", "", *section.lines]
    return "\n".join(lines) + "\n"
