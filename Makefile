# Everything a newcomer types. Each target does its own set-up.
#   make demo    a whole election as separate programs, then its verification
#   make test    everything that must be green
#   make check   the quick part: format, lint, types, units, properties
#   make serve   look at the demo's published record in a browser
#   make vectors make the test vectors anew;  make lock  pin the dependencies anew

.PHONY: demo test check serve lint format vectors lock setup system node clean
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_READY := tests/node/node_modules/.ready

help:
	@sed -n 's/^#   //p' Makefile

setup: $(READY)

# Hashes pin what is installed; the project itself goes in without its dependencies.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

node: $(NODE_READY)
$(NODE_READY): tests/node/package.json tests/node/package-lock.json
	@command -v node >/dev/null || { echo "Node 20 or newer is needed for the second reading of the vectors"; exit 1; }
	cd tests/node && npm ci --silent
	@touch $@

# Chromium for the browser test: installed where we may, named where we may not.
system:
	@bash .ci/system-packages

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

check: lint
	$(BIN)/pytest -q -n 2 --dist loadfile -m "not slow and not node and not browser"

test: $(READY) node system lint
	$(BIN)/pytest -q -n 2 --dist loadfile --cov --cov-report= -m "not slow"
	$(BIN)/python tests/tools/coverage_floor.py
	$(BIN)/pytest -q -m slow
	cd tests/node && npm test --silent

demo: $(READY)
	$(BIN)/python -m examples.demo

serve: $(READY)
	@test -d build/demo/record || { echo "There is no record yet: run 'make demo' first"; exit 1; }
	$(BIN)/evote show build/demo/record

vectors: $(READY)
	@for tool in tests/tools/make_*.py; do echo $$tool; $(BIN)/python -m tests.tools.$$(basename $$tool .py) || exit 1; done

# Needs uv on the PATH; the lock names no index.
lock:
	uv pip compile -q pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements.lock

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
