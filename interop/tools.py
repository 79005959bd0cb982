"""The tools, installed once into `.interop/`: each pinned, by a lock file with hashes or (the generator) by its version."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from interop.commands import run
from interop.settings import BUILD, GENERATOR, HERE, VENV, InteropError, say

JAR = BUILD / f"openapi-generator-cli-{GENERATOR}.jar"
VACUUM = BUILD / "vacuum"


def needed(*programs: str) -> None:
    """Raise InteropError for a program that is not on this machine."""
    for program in programs:
        if shutil.which(program) is None:
            raise InteropError(f"Missing: {program}")


def once(name: str, files: list[Path], install: Callable[[], object]) -> None:
    """Install, unless what was installed last came of the same files."""
    BUILD.mkdir(exist_ok=True)
    (BUILD / ".gitignore").write_text("*\n")
    wanted = "".join(path.read_text(encoding="utf-8") for path in files)
    mark = BUILD / f"{name}.installed"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    say(f"Installing {name} ...")
    install()
    mark.write_text(wanted, encoding="utf-8")


def node() -> None:
    """The npm packages of package-lock.json."""
    needed("node", "npm")
    lock = [HERE / "package.json", HERE / "package-lock.json"]

    def install() -> None:
        for path in lock:
            shutil.copy(path, BUILD)
        run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", cwd=BUILD)

    once("node_modules", lock, install)


def python() -> None:
    """An environment with openapi-python-client, and what generated clients import."""
    requirements = HERE / "requirements.txt"

    def install() -> None:
        run(sys.executable, "-m", "venv", "--clear", VENV, cwd=BUILD)
        pip = (VENV / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "-q")
        run(*pip, "--require-hashes", "-r", requirements, cwd=BUILD)

    once("venv", [requirements], install)


def generator() -> None:
    """openapi-generator, a Java program."""
    needed("java", "mvn")

    def install() -> None:
        name = f"org.openapitools:openapi-generator-cli:{GENERATOR}"
        plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
        options = ("-Dmdep.useBaseVersion=true", f"-DoutputDirectory={BUILD}")
        run("mvn", "-q", "-B", plugin, f"-Dartifact={name}", *options, cwd=BUILD)

    once(JAR.stem, [HERE / "settings.py"], install)


def vacuum() -> None:
    """The linter vacuum, built from its Go module."""
    needed("go")
    module = HERE / "vacuum"

    def install() -> None:
        run("go", "build", "-o", VACUUM, "github.com/daveshanley/vacuum", cwd=module)

    once("vacuum.module", [module / "go.mod", module / "go.sum"], install)


def golang() -> None:
    """Go fetches what go.mod names by itself."""
    needed("go")
