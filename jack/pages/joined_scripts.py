"""The staff page's scripts as one file: what a first visit needs comes in one answer instead of seventy.

A phone may wait half a second for each answer, whatever its size. The scripts stay the modules they are written as; in the
joined file each is a function, called once and in the order in which a browser would run them:

    const $staff_router = (() => { const { change } = $staff_store; … return { linkTo, go }; })();

Scripts that are loaded later take what they need of these from the joined file, so that nothing is there twice; what they
need besides is asked for together with them, not one after the other.

Read are statements at the beginning of a line, as the formatter writes them. Scripts that import each other in a circle, or
export what could change (`export let`), are refused: a function returns once.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

IMPORT = re.compile(r'^import (?:([^"]+?)\s+from )?"(\.[^"]+)";', re.MULTILINE)
PASSED_ON = re.compile(r'^export \{([^}]*)\} from "(\.[^"]+)";', re.MULTILINE)
LISTED = re.compile(r"^export \{([^}]*)\};", re.MULTILINE)
DECLARED = re.compile(r"^export ((?:async )?function\*?|const|class) ([\w$]+)", re.MULTILINE)
LATER = re.compile(r'((?:await|=>)\s+)import\(\s*"(\.[^"]+)"\s*\)')
LEFT_OVER = re.compile(r"^(?:export\b|import\b(?!\()).*", re.MULTILINE)


def joined(
    scripts: Mapping[str, str], start: str, apart: tuple[str, ...] = (), soon: tuple[str, ...] = ()
) -> Mapping[str, str]:
    """These scripts by name, in which `start` holds all that it imports. Raises ValueError for what cannot be joined.

    What begins with one of `apart` stays a script of its own; `soon` are inside, though `start` loads them later. What is inside
    and stands in the folder of `start` is not served any more; what stands elsewhere other pages may load.
    """
    return _Page(scripts, start, apart, soon).joined()


def needed(scripts: Mapping[str, str], start: str) -> Iterator[str]:
    """The names of a script and of all it imports, each after those it imports itself. Raises ValueError for a circle."""
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> Iterator[str]:
        if name in way:
            raise ValueError(f"These scripts import each other: {', '.join(way)}")
        for other in _imported(name, scripts[name]):
            if other not in done:
                yield from visit(other, (*way, name))
        done.add(name)
        yield name

    return visit(start, ())


class _Page:
    """What one page is made of."""

    def __init__(
        self, scripts: Mapping[str, str], start: str, apart: tuple[str, ...], soon: tuple[str, ...]
    ) -> None:
        self.scripts, self.start = scripts, start
        *first, last = needed(scripts, start)
        later = (name for one in soon for name in needed(scripts, one))
        known = dict.fromkeys((*first, *later, last))
        self.apart = [name for name in known if name.startswith(apart)]
        self.order = [name for name in known if name not in self.apart]
        self.inside = frozenset(self.order)
        depth = start.count("/")
        for name in self.order:
            if name.count("/") != depth and "import.meta" in scripts[name]:
                raise ValueError(f"{name} asks where it is, and would be told where {start} is")

    def joined(self) -> Mapping[str, str]:
        folder = posixpath.dirname(self.start) + "/"
        others = {
            name: self.loaded_later(name) if name.startswith(folder) else text
            for name, text in self.scripts.items()
            if name not in self.inside or not name.startswith(folder)
        }
        return {**others, self.start: self.whole()}

    def whole(self) -> str:
        """The joined script: a function each, and at the end what scripts loaded later may import."""
        parts = [
            f'import * as {_variable(name)} from "{_relative(name, self.start)}";\n'
            for name in self.apart
        ]
        for name in self.order:
            body = _as_function(name, self.at_once(name, self.start))
            parts.append(f"const {_variable(name)} = (() => {{\n{body}}})();\n")
        return "".join((*parts, f"export {{ {', '.join(map(_variable, self.order))} }};\n"))

    def loaded_later(self, name: str) -> str:
        """A script that is not inside: what it imports of those inside it takes from their file."""
        text = self.at_once(name, name)
        if any(_resolved(name, found[2]) in self.inside for found in PASSED_ON.finditer(text)):
            raise ValueError(f"{name} passes on what is part of {self.start}")

        def taken(found: re.Match[str]) -> str:
            source = _resolved(name, found[2])
            if source not in self.inside:
                return found[0]
            variable, address = _variable(source), _relative(self.start, name)
            return f'import {{ {variable} }} from "{address}"; {_taken(found[1], variable)}'

        return IMPORT.sub(taken, text)

    def at_once(self, name: str, place: str) -> str:
        """A script, to stand at this place, in which what is loaded later is asked for together with all it imports."""

        def asked(found: re.Match[str]) -> str:
            wanted = _resolved(name, found[2])
            if wanted in self.inside:
                from_joined = f'import("{_relative(self.start, place)}")'
                return f"{found[1]}{from_joined}.then((whole) => whole.{_variable(wanted)})"
            known = self.inside.union(self.apart)
            own = [n for n in reversed([*needed(self.scripts, wanted)]) if n not in known]
            first, *more = (f'import("{_relative(one, place)}")' for one in own)
            if not more:
                return found[1] + first
            return f"{found[1]}Promise.all([{', '.join((first, *more))}]).then(([one]) => one)"

        return LATER.sub(asked, self.scripts[name])


def _as_function(name: str, text: str) -> str:
    """The body of a function that does what the script does, and returns what it exports."""
    exported = {found[2]: found[2] for found in DECLARED.finditer(text)}

    def listed(found: re.Match[str], prefix: str = "") -> str:
        exported.update({to: prefix + own for own, to in _pairs(found[1])})
        return ""

    text = PASSED_ON.sub(lambda found: listed(found, f"{_source(name, found)}."), text)
    text = DECLARED.sub(r"\1 \2", LISTED.sub(listed, text))
    text = IMPORT.sub(lambda found: _taken(found[1], _source(name, found)), text)
    if left := LEFT_OVER.search(text):
        raise ValueError(f"{name} cannot be joined with others: {left[0]}")
    pairs = (to if to == own else f"{to}: {own}" for to, own in exported.items())
    return f"{text}return {{ {', '.join(pairs)} }};\n"


def _taken(names: str | None, source: str) -> str:
    """The statement for an import, of what stands between `import` and `from`."""
    if names is None:
        return ""
    if names.startswith("* as "):
        return f"const {names.removeprefix('* as ')} = {source};"
    alone, _, listed = names.partition("{")
    pairs = [("default", found)] if (found := alone.strip(", \n")) else []
    pairs += _pairs(listed.rstrip("} \n"))
    return f"const {{ {', '.join(o if o == to else f'{o}: {to}' for o, to in pairs)} }} = {source};"


def _pairs(names: str) -> list[tuple[str, str]]:
    """What a list of `a, b as c` names, and as what."""
    found = (one.strip().partition(" as ") for one in names.split(",") if one.strip())
    return [(own, to or own) for own, _, to in found]


def _imported(name: str, text: str) -> Iterator[str]:
    found = [*IMPORT.finditer(text), *PASSED_ON.finditer(text)]
    return (_resolved(name, one[2]) for one in sorted(found, key=re.Match.start))


def _source(name: str, found: re.Match[str]) -> str:
    return _variable(_resolved(name, found[2]))


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))


def _resolved(name: str, relative: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), relative))


def _relative(name: str, seen_from: str) -> str:
    found = posixpath.relpath(name, posixpath.dirname(seen_from))
    return found if found.startswith(".") else f"./{found}"
