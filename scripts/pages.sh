#!/bin/sh
# Format, lint and types of the scripts and styles of the pages. Usage: scripts/pages.sh [check|format]
#
# The tools are npm packages of package-lock.json, for development only: browsers get the files as
# they stand. They are installed when the lock file has changed, of which node_modules keeps a copy.
# Without Node one line says what is left out; with CI=true that is a failure.
set -eu
cd "$(dirname "$0")/.."

WANT=${1:-check}

say() { printf '%s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }

# Node 20 is the oldest these are tried with.
fits() { has node && has npm && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; }

leave_out() {
    if [ "${CI:-}" = true ]; then
        say 'Missing: Node.js 20 or newer with npm. CI=true: no check may be left out.' >&2
        exit 1
    fi
    say "Missing: Node.js 20 or newer with npm. Left out: $WANT of the pages' scripts and styles."
    exit 0
}

install() {
    say 'Installing the packages of package-lock.json into node_modules ...'
    npm ci --silent --no-audit --no-fund
    cp package-lock.json node_modules/.installed-lock.json
}

fits || leave_out
cmp -s package-lock.json node_modules/.installed-lock.json || install

if [ "$WANT" = format ]; then
    exec node_modules/.bin/prettier --write --log-level warn .
fi
node_modules/.bin/prettier --check --log-level warn .
node_modules/.bin/eslint .
exec node_modules/.bin/tsc -p jsconfig.json
