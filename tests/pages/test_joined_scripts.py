"""Scripts joined to one do what they did as many: each runs once, and in the same order."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from jack.pages import static_files
from jack.pages.joined_scripts import joined, needed

MODULES = {
    "vendor/loud.js": "export const loud = (text) => text.toUpperCase();\nexport default 7;\n",
    "shared/log.js": "export const $ = [];\nexport function note(text) {\n  $.push(text);\n}\n",
    "page/first.js": 'export const began = "first";\n',
    "page/parts.js": (
        'import seven from "../vendor/loud.js";\n'
        'import { $, note as write } from "../shared/log.js";\n'
        'export { loud as shout } from "../vendor/loud.js";\n'
        'write("parts");\n'
        "const inner = () => seven;\n"
        "export { inner as number, $ };\n"
        "export class Part {}\n"
        "export async function later() {\n  return 1;\n}\n"
    ),
    "page/app.js": (
        'import { note } from "../shared/log.js";\n'
        'import "./parts.js";\n'
        'import { began } from "./first.js";\n'
        'import {\n  number,\n  shout,\n} from "./parts.js";\n'
        "note(`app ${shout(began)} ${number()}`);\n"
        'export const rare = async () => (await import("./rare/rare.js")).rare;\n'
        'export const soon = async () => (await import("./soon/soon.js")).soon;\n'
    ),
    "page/soon/soon.js": (
        'import { note } from "../../shared/log.js";\nnote("soon");\nexport const soon = 2;\n'
    ),
    "page/rare/rare.js": (
        'import { note, $ } from "../../shared/log.js";\n'
        'import { number } from "../parts.js";\n'
        'import { help } from "./help.js";\n'
        'note("rare");\n'
        'export const again = async () => (await import("../soon/soon.js")).soon;\n'
        "export const rare = () => [help(), number(), $];\n"
    ),
    "page/rare/help.js": 'export const help = () => "help";\n',
}
CALLED = """
const page = await import("./page/app.js");
const app = page.$page_app ?? page;
const rare = await app.rare();
const soon = await app.soon();
const again = await (await import("./page/rare/rare.js")).again();
console.log(JSON.stringify([...rare(), soon, again]));
"""


def served(scripts: Mapping[str, str] = MODULES) -> Mapping[str, str]:
    return joined(scripts, "page/app.js", ("vendor/", "page/first.js"), ("page/soon/soon.js",))


def run(scripts: Mapping[str, str], folder: Path) -> object:
    """What a real engine makes of them."""
    node = shutil.which("node")
    if not node:
        pytest.skip("node is missing")
    for name, text in {**scripts, "called.js": CALLED}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    done = subprocess.run([node, "called.js"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_joined_scripts_do_what_they_did_and_each_runs_once(tmp_path: Path) -> None:
    [helped, number, said, soon, again] = run(MODULES, tmp_path / "many")  # type: ignore[misc]
    assert (helped, number, soon, again) == ("help", 7, 2, 2)
    assert said == ["parts", "app FIRST 7", "rare", "soon"]
    now = run(served(), tmp_path / "one")
    # What is needed soon runs before the page itself begins.
    assert now == [helped, number, ["parts", "soon", "app FIRST 7", "rare"], soon, again]


def test_a_joined_script_is_not_served_a_second_time_and_others_pages_keep_theirs() -> None:
    assert sorted(served()) == [
        "page/app.js",
        "page/first.js",
        "page/rare/help.js",
        "page/rare/rare.js",
        "shared/log.js",
        "vendor/loud.js",
    ]
    assert served()["shared/log.js"] == MODULES["shared/log.js"]


def test_what_a_script_loaded_later_needs_is_asked_for_with_it() -> None:
    asked = 'Promise.all([import("./rare/rare.js"), import("./rare/help.js")])'
    assert asked in served()["page/app.js"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "page/parts.js",
            'import { rare } from "./app.js";\nexport const number = rare, shout = 1;\n',
        ),
        ("page/parts.js", "export let number = 1;\n"),
        ("page/parts.js", "export default 1;\n"),
        ("page/parts.js", 'export * from "./first.js";\n'),
        ("page/rare/rare.js", 'export { number } from "../parts.js";\n'),
        ("page/soon/soon.js", "export const soon = import.meta.url;\n"),
    ],
)
def test_what_would_not_be_the_same_joined_is_refused(name: str, text: str) -> None:
    with pytest.raises(
        ValueError, match="import each other|cannot be joined|passes on|where it is"
    ):
        served({**MODULES, name: text})


def test_the_staff_page_is_one_script_and_few_others() -> None:
    names = static_files.imported(static_files.STAFF_PAGE)
    assert sorted(names) == [
        "staff/app.js",
        "staff/first.js",
        "vendor/hooks.js",
        "vendor/htm.js",
        "vendor/preact.js",
    ]


def test_no_script_of_the_staff_page_loads_a_second_copy_of_what_is_joined() -> None:
    scripts = {
        name: file.body.decode()
        for name, file in static_files.FILES.items()
        if name.endswith(".js")
    }
    for name in scripts:
        if name.startswith("staff/"):
            assert {n for n in needed(scripts, name) if n.startswith("shared/")} == set(), name
