# Two commands matter to a newcomer: `make demo` and `make test`. Both need Python 3.11 or later with pip, and the network
# once. Every other target is for people who change the code; `make help` lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
endif
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install -qq --require-hashes -r
# Built with the locked hatchling that the requirements have installed before.
INSTALL_SELF := $(PIP) install -qq --no-deps --no-build-isolation --no-index --editable .
EXPORT := $(UV) export --frozen --quiet --no-emit-project --no-annotate --no-header --format requirements-txt --no-default-groups
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
# `make test RUN_TESTS="…"` runs them another way: under coverage, or only some of them.
RUN_TESTS ?= $(BIN)/python -m pytest $(SPREAD)
# By file, whose fixtures crawl once then; in their order, for the last ones are short.
SPREAD = -n $(JOBS) --dist loadfile --no-loadscope-reorder
JOBS ?= auto
LEAST_COVERAGE := 90
WARCIO_JS := 2.4.11

.PHONY: help
help: ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "make %-12s %s\n", $$1, $$2}'

.PHONY: demo
demo: $(VENV)/.run ## Crawl an embedded news site and show what is kept.
	@$(BIN)/palmyra demo

.PHONY: test
test: $(VENV)/.dev .venv-pywb/.done .venv-node/.done ## Run every test.
	$(RUN_TESTS)

.PHONY: lint
lint: $(VENV)/.dev ## Check style with ruff.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/.dev ## Check types with mypy --strict.
	$(BIN)/mypy

.PHONY: contracts
contracts: $(VENV)/.dev ## Check with import-linter which module may import which.
	$(BIN)/lint-imports

.PHONY: docs
docs: $(VENV)/.dev ## Write docs/cli.md, docs/settings.md and the README's sample output from the program.
	$(BIN)/python docs/generate.py

.PHONY: docs-check
docs-check: $(VENV)/.dev ## Check that docs and program say the same.
	$(BIN)/python docs/generate.py --check
	$(BIN)/python -m pytest -q tests/test_docs.py tests/test_packaging.py

.PHONY: coverage
coverage: $(VENV)/.dev ## Run every test and hold branch coverage against its threshold.
	export COVERAGE_FILE="$(CURDIR)/.coverage"; \
	$(BIN)/coverage erase && \
	$(MAKE) test RUN_TESTS="$(BIN)/coverage run -m pytest $(SPREAD)" && \
	$(BIN)/coverage combine --quiet && \
	$(BIN)/coverage report --fail-under=$(LEAST_COVERAGE)

N ?= 200
SEED ?= 0
.PHONY: crash
crash: $(VENV)/.dev ## Kill N crawls (default 200) and print the table; then let every call to the disk fail once.
	$(BIN)/python -m bench.crash $(N) $(SEED)
	PALMYRA_CRASH_EVERY=1 $(BIN)/python -m pytest -q -n $(JOBS) tests/crash/test_faults.py

.PHONY: lock
lock: ## Lock the dependencies anew (needs uv); commit what it writes.
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	$(UV) lock
	$(EXPORT) --group build --output-file requirements/run.txt >/dev/null
	$(EXPORT) --group dev --output-file requirements/dev.txt >/dev/null
	$(COMPILE) requirements/pywb.in --output-file requirements/pywb.txt >/dev/null

.PHONY: clean
clean: ## Remove caches, builds, and the demo's collection.
	rm -rf build dist demo-collection .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find archive crawler tests bench docs -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## Remove the environments as well.
	rm -rf $(VENV) .venv-pywb .venv-node

# The stamps are younger than what they were made from, so that a second run has nothing to do.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "palmyra needs Python 3.11 or later; none was found on the PATH." \
		"Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# The parts in C are built anew when their sources change.
NATIVE := hatch_build.py $(wildcard $(addprefix archive/extraction/native/,*.pyx *.pxd sources.py))

$(VENV)/.run: requirements/run.txt pyproject.toml $(NATIVE) | $(BIN)/python
	@echo "Installing what requirements/run.txt locks ..."
	@$(INSTALL) requirements/run.txt
	@echo "Installing palmyra; where there is a C compiler, it is built in part, which takes half a minute ..."
	@$(INSTALL_SELF)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml $(NATIVE) | $(BIN)/python
	@echo "Installing what requirements/dev.txt locks ..."
	@$(INSTALL) requirements/dev.txt
	@echo "Installing palmyra; where there is a C compiler, it is built in part, which takes half a minute ..."
	@$(INSTALL_SELF)
	@touch $@ $(VENV)/.run

# pywb judges our archives from outside, in an environment of its own: it replaces the module `brotli` by an abandoned one.
# Where it does not install, the reason is kept and its test is skipped (in CI: fails).
.venv-pywb/.done: requirements/pywb.txt | $(BIN)/python
	@echo "Installing pywb, an outside judge, into .venv-pywb ..."
	@rm -rf .venv-pywb && $(BIN)/python -m venv .venv-pywb
	@.venv-pywb/bin/python -m pip --disable-pip-version-check install -qq --require-hashes -r requirements/pywb.txt \
		>.venv-pywb/log 2>&1 || echo "pywb does not install here (see .venv-pywb/log); its test will be skipped" \
		| tee .venv-pywb/unavailable
	@touch $@

# warcio.js reads our archives from outside too, where there is a Node.js; elsewhere its test is skipped.
.venv-node/.done:
	@mkdir -p .venv-node
	@if command -v npm >/dev/null; then echo "Installing warcio.js, an outside reader, into .venv-node ..."; \
		timeout 120 npm install --silent --no-save --no-audit --no-fund --prefix .venv-node warcio@$(WARCIO_JS) >.venv-node/log 2>&1 \
		|| echo "warcio.js does not install here (see .venv-node/log); its test will be skipped"; fi
	@touch $@
