#!/bin/sh
# Makes .venv and puts the pinned packages into it, each checked against its hash (scripts/lock.sh
# wrote them). Usage: scripts/setup.sh [runtime|dev]
#
# Quick when nothing changed: the requirements that were installed are kept in the
# environment and compared. PYTHON=/path/to/python chooses the interpreter: an environment of
# another version is made anew.
set -eu
cd "$(dirname "$0")/.."

WANT=${1:-runtime}
VENV=.venv
MINIMUM='3.11'

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$@" >&2; exit 1; }

# Is this interpreter there, and new enough?
fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

version() { "$1" -c 'import sys; print(sys.version)' 2>/dev/null; }

# Is the environment there, and of the Python that was asked for, if one was?
is_current() {
    fits "$VENV/bin/python" &&
        { [ -z "${PYTHON:-}" ] || [ "$(version "$PYTHON")" = "$(version "$VENV/bin/python")" ]; }
}

# The package manager's words for a missing package: apt name, dnf name, brew name.
how_to_install() {
    if command -v apt-get >/dev/null 2>&1; then say "    sudo apt install $1"
    elif command -v dnf >/dev/null 2>&1; then say "    sudo dnf install $2"
    elif command -v brew >/dev/null 2>&1; then say "    brew install $3"
    elif [ "$(uname)" = Darwin ]; then say "    download it from https://www.python.org/downloads/"
    else say "    install the package $1"
    fi
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if fits "$candidate"; then say "$candidate"; return; fi
    done
    if [ -n "${PYTHON:-}" ]; then
        fail "PYTHON=$PYTHON is not a Python $MINIMUM or newer."
    fi
    found=$(python3 --version 2>/dev/null || say 'none')
    fail "Jack needs Python $MINIMUM or newer (found: $found). Install it with:" \
        "$(how_to_install 'python3 python3-venv' python3.12 python@3.13)" \
        "then type the same command again."
}

make_environment() {
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        fail "$python has no venv module. Install it with:" \
            "$(how_to_install "python3-venv    (or $package)" python3 python@3.13)" \
            "then type the same command again."
    fi
    say "Making $VENV with $("$python" --version) ..."
    "$python" -m venv --clear "$VENV"
}

# What should be in the environment, as one text.
wanted() {
    cat requirements.txt requirements-fast.txt
    if [ "$WANT" = dev ]; then cat requirements-dev.txt; fi
}

# pip, which is silent about packages that only another version of Python needs: a line for whoever develops Jack.
# Where a newer pip says it elsewhere, the line is back, and nothing else is lost.
pip() {
    "$VENV/bin/python" -c '
import logging, runpy, sys
said = logging.getLogger("pip._internal.resolution.resolvelib.factory")
said.addFilter(lambda one: not (str(one.msg).startswith("Ignoring ") and "markers" in str(one.msg)))
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__", alter_sys=True)' "$@"
}

install() {
    file=requirements.txt
    if [ "$WANT" = dev ]; then file=requirements-dev.txt; fi
    say "Installing the packages of $file into $VENV (a minute, the first time) ..."
    pip install --disable-pip-version-check --require-hashes -r "$file"
    quicken
    wanted >"$VENV/installed-$WANT"
    # The development packages contain the others.
    if [ "$WANT" = dev ]; then (WANT=runtime; wanted) >"$VENV/installed-runtime"; fi
    say "Ready: $VENV"
}

quicken() {
    say "Building what makes it quicker (requirements-fast.txt) ..."
    "$VENV/bin/python" -m pip install --disable-pip-version-check --require-hashes \
        -r requirements-fast.txt >"$VENV/build.log" 2>&1 ||
        say "That takes a C compiler and Python's headers, and is not needed: Jack serves without it ($VENV/build.log says more)."
}

is_current || make_environment
wanted | cmp -s - "$VENV/installed-$WANT" || install
