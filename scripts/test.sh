#!/bin/sh
# The tests, with coverage. All of them: side by side, two processes a core, and then those that measure, alone.
# With arguments for pytest (`scripts/test.sh -k guests`): what these select, one after another.
# With CI=true, tests that depend on how busy the machine is (browsers, servers, measurements) and failed are tried once more,
# alone, where nothing else has failed; which passed then is said.
set -eu
cd "$(dirname "$0")/.."

PYTEST='.venv/bin/python -m pytest --cov'
REPORT='--cov-report=term-missing:skip-covered'

if [ $# -gt 0 ]; then exec $PYTEST $REPORT "$@"; fi

# A test that hangs fails after five minutes, instead of keeping everybody waiting (long runs may take as they need).
if [ -z "${JACK_LONG:-}" ]; then PYTEST="$PYTEST --timeout=300"; fi

QUIET='--cov-report= --cov-fail-under=0'
MEASURING='tests/reliability tests/system/test_front_door.py tests/browser/test_staff_speed.py'
CACHE=$(mktemp -d)
trap 'rm -rf "$CACHE"' EXIT

# Exit status 1 is that of pytest where tests have failed; of anything else nothing is tried again.
try_again() {
    [ "$1" = 1 ] && [ "${CI:-}" = true ] || exit "$1"
    .venv/bin/python -m tests.again "$CACHE" >"$CACHE/again" || exit "$1"
    echo 'Tests that failed, once more, alone ...'
    # Their ids may hold spaces: pytest reads them from the file, a line each.
    $PYTEST $2 --cov-append "@$CACHE/again" || exit $?
    sed 's/^/Passed when tried again: /' "$CACHE/again"
}

echo 'Tests, side by side ...'
# A clean clone has no tables of Hypothesis' yet: made once, before there are several processes.
[ -d .hypothesis/unicode_data ] || .venv/bin/python -m tests.profiles
$PYTEST $QUIET -o "cache_dir=$CACHE" -n auto --dist loadfile --no-loadscope-reorder --ignore=tests/reliability --ignore=tests/system/test_front_door.py --ignore=tests/browser/test_staff_speed.py || try_again $? "$QUIET"
rm -rf "$CACHE/v"
echo 'Tests that measure, alone ...'
$PYTEST $REPORT -o "cache_dir=$CACHE" --cov-append $MEASURING || try_again $? "$REPORT"
