"""`scripts/test.sh` in CI: a test of browsers, servers or figures that failed is tried once more, and nothing else is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import again

ROOT = Path(__file__).resolve().parents[1]
PASSES = "def test_passes() -> None:\n    pass\n"
# Its name holds a space, as those of parametrised tests may.
SHAKY = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("at", ["the second time"])
def test_shaky(at):
    tried = Path("tried")
    before = tried.exists()
    tried.touch()
    assert before
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of a few tests, with the real script."""
    for name in ("scripts/test.sh", "tests/again.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / ".hypothesis/unicode_data").mkdir(parents=True)
    for name in ("reliability", "system", "browser", "demo", "core"):
        (tmp_path / "tests" / name).mkdir()
    measuring = SHAKY.replace("tried", "measured") + "pytestmark = pytest.mark.alone\n"
    (tmp_path / "tests/reliability/test_kills.py").write_text(measuring)
    for name in ("system/test_front_door", "demo/test_demo", "core/test_time"):
        (tmp_path / f"tests/{name}.py").write_text(PASSES)
    (tmp_path / "tests/browser/test_chat.py").write_text(SHAKY)
    config = (
        '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\nmarkers = ["alone"]\n'
    )
    (tmp_path / "pyproject.toml").write_text(config + '[tool.coverage.run]\nsource = ["scripts"]\n')
    return tmp_path


def test_what_passes_then_is_named(project: Path) -> None:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTEST", "JACK"))}
    env = inherited | {"CI": "true", "PYTEST_XDIST_AUTO_NUM_WORKERS": "1"}
    command = ["sh", "scripts/test.sh"]
    ended = subprocess.run(
        command, check=False, cwd=project, env=env, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    name = "tests/browser/test_chat.py::test_shaky[the second time]"
    assert f"Passed when tried again: {name}" in ended.stdout
    assert "Tests that measure" in ended.stdout
    assert "1 failed, 2 passed" in ended.stdout  # with browsers and servers
    assert (
        "1 failed, 3 deselected" in ended.stdout
    )  # of those that measure, one that is shaky as well
    assert "Passed when tried again: tests/reliability/test_kills.py" in ended.stdout


@pytest.mark.parametrize(
    ("ids", "may"),
    [
        (["tests/browser/test_chat.py::test_a[b c]"], True),
        (["tests/reliability/test_soak.py::test_a", "tests/system/test_nginx.py::test_b"], True),
        (["tests/browser/test_chat.py::test_a", "tests/core/test_time.py::test_b"], False),
        (["tests/browser/test_chat.py"], False),  # it could not even be read
        ([], False),
    ],
)
def test_only_what_depends_on_the_machine_is_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ids: list[str], may: bool
) -> None:
    kept = tmp_path / "v/cache/lastfailed"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps(dict.fromkeys(ids, True)))
    assert again.main(str(tmp_path)) == (0 if may else 1)
    assert capsys.readouterr().out.splitlines() == (ids if may else [])
    assert again.main(str(tmp_path / "nowhere")) == 1
