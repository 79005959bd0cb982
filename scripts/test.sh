#!/bin/sh
# The tests. All of them: those in this process, with coverage, and those with browsers and servers, each side by side, two
# processes a core; then those that measure, alone. With arguments for pytest (`scripts/test.sh -k guests`): what these select,
# one after another.
# With CI=true, tests that depend on how busy the machine is (browsers, servers, measurements) and failed are tried once more,
# alone, where nothing else has failed; which passed then is said.
set -eu
cd "$(dirname "$0")/.."

PYTEST='.venv/bin/python -m pytest'

if [ $# -gt 0 ]; then exec $PYTEST "$@"; fi

# A test that hangs fails after five minutes, instead of keeping everybody waiting (long runs may take as they need).
if [ -z "${JACK_LONG:-}" ]; then PYTEST="$PYTEST --timeout=300"; fi

SIDE_BY_SIDE='-n auto --dist loadfile --no-loadscope-reorder'
PROGRAMS='tests/browser tests/system tests/demo tests/reliability'
CACHE=$(mktemp -d)
trap 'rm -rf "$CACHE"' EXIT
PYTEST="$PYTEST -o cache_dir=$CACHE"

# Exit status 1 is that of pytest where tests have failed; of anything else nothing is tried again.
try_again() {
    [ "$1" = 1 ] && [ "${CI:-}" = true ] || exit "$1"
    .venv/bin/python -m tests.again "$CACHE" >"$CACHE/again" || exit "$1"
    echo 'Tests that failed, once more, alone ...'
    # Their ids may hold spaces: pytest reads them from the file, a line each.
    $PYTEST "@$CACHE/again" || exit $?
    sed 's/^/Passed when tried again: /' "$CACHE/again"
    rm -rf "$CACHE/v"
}

# A clean clone has no tables of Hypothesis' yet: made once, before there are several processes.
[ -d .hypothesis/unicode_data ] || .venv/bin/python -m tests.profiles

echo 'Tests in this process, side by side ...'
$PYTEST $SIDE_BY_SIDE --cov --cov-report=term-missing:skip-covered $(printf -- '--ignore=%s ' $PROGRAMS)
echo 'Tests with browsers and servers, side by side ...'
$PYTEST $SIDE_BY_SIDE -m 'not alone' $PROGRAMS || try_again $?
echo 'Tests that measure, alone ...'
$PYTEST -m alone $PROGRAMS || try_again $?
