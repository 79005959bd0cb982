# make run · make demo · make test · make check · make bench · make interop · make fuzz · make attack · make install-test · make lock · make dist
# Each sets up what it needs first; the second time that takes no time.

PY := .venv/bin/python

.PHONY: help run demo test check bench interop fuzz attack install-test format dist setup setup-dev parts lock

help:
	@echo 'make run     start Jack (make run PORT=8080 for another port)'
	@echo 'make demo    a throwaway hotel to look around in'
	@echo 'make test    every test (ARGS="-k guests" for some)'
	@echo 'make check   format, lint, types, who may import whom; the same for the pages'
	@echo 'make bench   how fast it is, against other stacks'
	@echo 'make interop clients that foreign tools generate, at work, and linters (ARGS="spectral ogen" for some)'
	@echo 'make fuzz    a long run of invented requests'
	@echo 'make attack  a long run of kills, power cuts, slow and hostile callers (JACK_SEED=… draws the same again)'
	@echo 'make install-test  the steps on a server, typed on fresh Debians that are booted here (Linux, as root)'
	@echo 'make format  format the code'
	@echo 'make dist    a wheel in dist/, to install with pipx or uv'
	@echo 'make lock    write requirements*.txt from requirements*.in (ARGS=--upgrade for newer ones)'

run: setup
	@exec $(PY) -m jack run $(ARGS)

demo: setup
	@exec $(PY) -m jack demo $(ARGS)

test: setup-dev parts
	@scripts/test.sh $(ARGS)

check: setup-dev
	@echo 'Format ...'
	@$(PY) -m ruff format --check .
	@echo 'Lint ...'
	@$(PY) -m ruff check .
	@echo 'Types ...'
	@$(PY) -m mypy
	@echo 'Imports ...'
	@PYTHONPATH=. .venv/bin/lint-imports
	@echo 'Pages ...'
	@scripts/pages.sh check

bench: setup-dev
	@scripts/parts.sh wrk
	@exec $(PY) -m bench $(ARGS)

interop: setup-dev
	@exec $(PY) -m interop $(ARGS)

fuzz: setup-dev
	@JACK_FUZZ_CASES=$${JACK_FUZZ_CASES:-5000} HYPOTHESIS_PROFILE=thorough $(PY) -m pytest tests -m 'fuzz or hypothesis' --no-header -q -s $(ARGS)

attack: setup-dev parts
	@exec $(PY) -m tests.reliability attack $(ARGS)

# By hand, not in CI: it boots Debian 12 and 13, and takes the ports 80 and 443.
install-test: setup-dev
	@exec $(PY) -m tests.installing $(ARGS)

format: setup-dev
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .
	@scripts/pages.sh format

# The wheel: pipx install dist/jack_hotel-*.whl
dist: setup-dev
	@$(PY) -m hatchling build -t wheel
	@ls -l dist/*.whl

# What Jack runs on and is built with, with the hashes of every package.
lock:
	@scripts/lock.sh $(ARGS)

# The environment with what Jack runs on, and with what it is built with as well.
setup:
	@scripts/setup.sh runtime

setup-dev:
	@scripts/setup.sh dev

# What the tests need beyond Python.
parts:
	@scripts/parts.sh
