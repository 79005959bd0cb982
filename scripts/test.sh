#!/bin/sh
# The tests, with coverage. All of them: side by side, two processes a core, and then those that measure, alone.
# With arguments for pytest (`scripts/test.sh -k guests`): what these select, one after another.
set -eu
cd "$(dirname "$0")/.."

PYTEST='.venv/bin/python -m pytest --cov'
REPORT='--cov-report=term-missing:skip-covered'

if [ $# -gt 0 ]; then exec $PYTEST $REPORT "$@"; fi

# A test that hangs fails after five minutes, instead of keeping everybody waiting (long runs may take as they need).
if [ -z "${JACK_LONG:-}" ]; then PYTEST="$PYTEST --timeout=300"; fi

MEASURING='tests/reliability tests/system/test_front_door.py tests/browser/test_staff_speed.py'

echo 'Tests, side by side ...'
# A clean clone has no tables of Hypothesis' yet: made once, before there are several processes.
[ -d .hypothesis/unicode_data ] || .venv/bin/python -m tests.profiles
$PYTEST --cov-report= --cov-fail-under=0 -n auto --dist loadfile --no-loadscope-reorder --ignore=tests/reliability --ignore=tests/system/test_front_door.py --ignore=tests/browser/test_staff_speed.py
echo 'Tests that measure, alone ...'
exec $PYTEST $REPORT --cov-append $MEASURING
