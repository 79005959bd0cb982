#!/bin/sh
# Writes requirements*.txt, every package with its hashes, from the requirements*.in beside
# them. Usage: scripts/lock.sh [options of `uv pip compile`, such as --upgrade]
#
# What is written already keeps its version, unless a line of an .in asks for another.
set -eu
cd "$(dirname "$0")/.."

UV=.venv/bin/uv
[ -x "$UV" ] || scripts/setup.sh dev

# For every system and every Python from 3.11: what differs between them has a marker.
# Options of the machine (a mirror's address, an age) stay out of what is written.
lock() {
    to=$1
    shift
    "$UV" pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command 'make lock' --output-file "$to.txt" "$@" "$to.in"
}

lock requirements "$@"
# With the versions that Jack runs on: what is tested is what is installed.
lock requirements-dev --constraint requirements.txt "$@"
lock requirements-fast "$@"
lock bench/requirements "$@"
lock interop/requirements "$@"
