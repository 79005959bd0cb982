"""The clients: how each is generated from the description, compiled and set to work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from interop import tools
from interop.commands import run
from interop.settings import DOCUMENT, VENV

Environment = Mapping[str, str]
PYTHON = VENV / "bin/python"


@dataclass(frozen=True)
class Client:
    """A generator and a language. Each step is done in the client's own folder; `generate` returns what was printed."""

    name: str
    tool: str  # by which its warnings are decided on
    installs: tuple[Callable[[], None], ...]
    generate: Callable[[Path], str]
    compile: Callable[[Path], object]
    work: Callable[[Path, Environment], str]


def by_generator(language: str, *options: str) -> Callable[[Path], str]:
    """With openapi-generator, and options of this language's."""

    def generate(folder: Path) -> str:
        words = ("generate", "-g", language, "-i", DOCUMENT, "-o", "client", *options)
        return run("java", "-jar", tools.JAR, *words, cwd=folder)

    return generate


def by_python(folder: Path) -> str:
    """With openapi-python-client."""
    words = ("generate", "--path", DOCUMENT, "--output-path", "client", "--overwrite")
    return run("openapi-python-client", *words, cwd=folder)


def by_hey_api(folder: Path) -> str:
    """With @hey-api/openapi-ts."""
    return run("openapi-ts", "-i", DOCUMENT, "-o", "client", "--no-log-file", cwd=folder)


def by_ogen(folder: Path) -> str:
    """With ogen, at the version of go.mod."""
    words = ("--target", "api", "--package", "api", "--clean", DOCUMENT)
    return run("go", "run", "github.com/ogen-go/ogen/cmd/ogen", *words, cwd=folder)


def byte_code(folder: Path) -> str:
    """Every file of the client is Python."""
    return run(PYTHON, "-m", "compileall", "-q", "client", cwd=folder)


def tsc(folder: Path) -> str:
    """Strict, without emitting anything where there is an error."""
    return run("tsc", "-p", "tsconfig.json", cwd=folder)


def maven(folder: Path) -> str:
    """The client and the script as one project."""
    place = folder / "client/src/main/java/script"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "Script.java", place)
    goals = ("compile", "dependency:build-classpath", "-Dmdep.outputFile=classpath.txt")
    return run("mvn", "-q", "-B", "-DskipTests", *goals, cwd=folder / "client")


def go_build(folder: Path) -> str:
    """The client and the script as one module."""
    return run("go", "build", "-o", "script", ".", cwd=folder)


def with_python(folder: Path, env: Environment) -> str:
    """The script, finding the client."""
    return run(PYTHON, "script.py", cwd=folder, env={**env, "PYTHONPATH": str(folder / "client")})


def with_node(folder: Path, env: Environment) -> str:
    """The compiled script."""
    return run("node", "dist/script.js", cwd=folder, env=env)


def with_java(folder: Path, env: Environment) -> str:
    """The compiled script with the libraries of the project."""
    libraries = (folder / "client/classpath.txt").read_text(encoding="utf-8").strip()
    classes = os.pathsep.join(("client/target/classes", libraries))
    return run("java", "-cp", classes, "script.Script", cwd=folder, env=env)


def with_go(folder: Path, env: Environment) -> str:
    """The compiled script."""
    return run(folder / "script", cwd=folder, env=env)


GENERATOR = "openapi-generator"
# Parameters have names instead of places: a new one moves no other. Java's lists are not sent unless they are set: an empty one would clear what is there.
NAMED = "--additional-properties=useSingleRequestParameter=true"
CLIENTS = (
    Client(
        "openapi-python-client",
        "openapi-python-client",
        (tools.python,),
        by_python,
        byte_code,
        with_python,
    ),
    Client(
        "openapi-generator-python",
        GENERATOR,
        (tools.python, tools.generator),
        by_generator("python"),
        byte_code,
        with_python,
    ),
    Client(
        "typescript-axios",
        GENERATOR,
        (tools.node, tools.generator),
        by_generator("typescript-axios", NAMED),
        tsc,
        with_node,
    ),
    Client("hey-api", "hey-api", (tools.node,), by_hey_api, tsc, with_node),
    Client(
        "java",
        GENERATOR,
        (tools.generator,),
        by_generator("java", f"{NAMED},containerDefaultToNull=true"),
        maven,
        with_java,
    ),
    Client("ogen", "ogen", (tools.golang,), by_ogen, go_build, with_go),
)
