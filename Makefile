# Two commands do everything on a machine with Python 3.11 or newer:
#   make demo    three real nodes find what they share
#   make test    every test
# The others: check, docs, bench, quality, proto, lock, format; for a release: dist, freeze.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# The stamps carry the hash of what was installed, so a changed lock installs again.
HASH_OF = $(shell cat $(1) pyproject.toml | cksum | cut -d' ' -f1)
RUN     := $(VENV)/.run-$(call HASH_OF,requirements.lock)
DEV     := $(VENV)/.dev-$(call HASH_OF,requirements-dev.lock)

.DEFAULT_GOAL := help
.PHONY: help demo test check docs bench quality proto lock format dist freeze clean

help:
	@sed -n '1,5p' Makefile | sed 's/^# //'

$(RUN): requirements.lock
	@echo "Setting up $(VENV) (once; about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Casethread needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip check --disable-pip-version-check >/dev/null || $(BIN)/python -m pip check
	@touch $@

$(DEV): requirements-dev.lock $(RUN)
	@echo "Adding the tools for tests and checks"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements-dev.lock
	@$(BIN)/python -c 'import pytest, hypothesis, mypy, voprf'
	@touch $@

demo: $(RUN)
	@$(BIN)/casethread demo $(ARGS)

test: $(DEV)
	@sh tests/console/chromium.sh
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint proto
	$(BIN)/python proto/released.py
	$(BIN)/python proto/generate.py --check
	$(BIN)/python docs/generate.py --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@! grep -nE 'https?://' requirements.lock requirements-dev.lock

docs: $(DEV)
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(DEV)
	$(BIN)/python -m benchmarks $(ARGS)

# How well persons are matched, beside others, in environments of their own (see benchmarks/README.md).
quality: $(DEV)
	$(BIN)/python -m benchmarks.quality $(ARGS)

proto: $(DEV)
	$(BIN)/python proto/generate.py

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs uv; the locks name no host.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --extra lock pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --extra lock --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

# The wheel and the source distribution, with the locked tools; the same bytes wherever it is run.
dist: $(DEV)
	rm -rf dist
	$(BIN)/python -m build --no-isolation --sdist --wheel --outdir dist .

# What later versions must go on to understand, as this one writes it; once for each release.
freeze: $(DEV)
	$(BIN)/python -m tests.release.freeze $(ARGS)

clean:
	rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis test-artifacts
