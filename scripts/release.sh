#!/bin/sh
# Tags a release. Usage: scripts/release.sh [--bump] VERSION, such as scripts/release.sh 1.2.0
#
# Refuses unless: the branch is main and nothing is uncommitted; CHANGELOG.md has the version once, with a date,
# and nothing is left under "Unreleased"; jack.__version__ is the version (--bump sets and commits it);
# `make check` and `make test` pass. Nothing is pushed.
set -eu
cd "$(dirname "$0")/.."

VERSION_FILE=jack/core/version.py

fail() { printf '%s\n' "$@" >&2; exit 1; }

bump=
if [ "${1:-}" = --bump ]; then bump=yes; shift; fi
version=${1:-}
printf '%s\n' "$version" | grep -Eqx '[0-9]+\.[0-9]+\.[0-9]+' ||
    fail "Usage: scripts/release.sh [--bump] VERSION, such as 1.2.0"

[ "$(git symbolic-ref --short HEAD 2>/dev/null)" = main ] || fail "Releases are made on the branch main."
[ -z "$(git status --porcelain)" ] || fail "There are changes that are not committed:" "$(git status --short)"
if git rev-parse -q --verify "refs/tags/v$version" >/dev/null; then fail "The tag v$version exists already."; fi

# How many headings of CHANGELOG.md match a pattern.
headings() { grep -Ec "^## $1" CHANGELOG.md || true; }

number=$(printf '%s' "$version" | sed 's/\./\\./g')
[ "$(headings "$number \([0-9]{4}-[0-9]{2}-[0-9]{2}\)\$")" = 1 ] && [ "$(headings "$number([^0-9.]|\$)")" = 1 ] ||
    fail "CHANGELOG.md must have one section of this version, with a date: ## $version ($(date +%F))"
left=$(awk '/^## /{inside = tolower($0) ~ /unreleased/; next} inside && NF' CHANGELOG.md)
[ -z "$left" ] || fail "CHANGELOG.md has entries under Unreleased: move them to $version, or leave them out." "$left"

if [ "$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$VERSION_FILE")" != "$version" ]; then
    [ -n "$bump" ] || fail "$VERSION_FILE names another version. Set it and commit, or call this with --bump."
    printf '"""The version of Jack: of the release, and of the API'"'"'s description."""\n\n__version__ = "%s"\n' "$version" >"$VERSION_FILE"
    git commit -q -m "Version $version" -- "$VERSION_FILE"
fi

make check
make test
[ -z "$(git status --porcelain)" ] || fail "The tests have left changes behind:" "$(git status --short)"

git tag -a "v$version" -m "Jack $version"
printf '%s\n' "Tagged v$version. To publish it: git push origin main v$version"
