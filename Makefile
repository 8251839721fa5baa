# Linedesk's commands. `make demo` and `make test` set everything up by themselves.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps

.PHONY: setup demo test torture check fix bench clean browser screenshots
.DEFAULT_GOAL := help

help:
	@echo "make demo    see it work: simulated PBX and CRM, popup in the browser"
	@echo "make test    set everything up and run all tests"
	@echo "make torture a two-way sync under long random traces and 50 kills; takes an hour"
	@echo "make check   lint, types, architecture, docs"
	@echo "make fix     format and mend what can be mended by itself"
	@echo "make bench   measure, beside a floor in the same run"
	@echo "make setup   only the set-up: .venv/bin/linedesk and the browser bundle"

setup: $(STAMPS)/python $(STAMPS)/bundle

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Linedesk needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python: pyproject.toml constraints.txt $(STAMPS)/venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev -e '.[fast]'
	@touch $@

$(STAMPS)/node: $(STAMPS)/python
	@scripts/node-setup.sh $(VENV)
	@touch $@

$(STAMPS)/npm: web/package.json web/package-lock.json $(STAMPS)/node
	@scripts/with-node.sh npm --prefix web ci --silent --no-audit --no-fund
	@touch $@

$(STAMPS)/bundle: $(STAMPS)/npm $(shell find web/src -type f 2>/dev/null)
	@scripts/with-node.sh npm --prefix web run --silent build
	@touch $@

# Chromium for the browser tests: the system's, else installed where that is allowed.
browser:
	@scripts/browser-setup.sh

demo: setup
	$(BIN)/linedesk demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	scripts/with-node.sh npm --prefix web run --silent check
	$(BIN)/pytest -q tests/docs

test: setup browser
	scripts/with-node.sh npm --prefix web test --silent
	$(BIN)/pytest -n auto --dist loadgroup

# The two-way sync: thousands of long random traces with a process that dies anywhere, and 50 kills of the
# real one. `LINEDESK_TORTURE_SEED` takes the kills of a seed again.
torture: setup
	LINEDESK_TORTURE=1 $(BIN)/pytest -q --timeout 7200 -n 2 tests/sync/test_two_way_machine.py \
	  tests/sync/test_two_way_torture.py

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	scripts/with-node.sh npm --prefix web run --silent fix

bench: setup
	$(BIN)/python -m bench

screenshots: setup browser
	$(BIN)/pytest -q tests/e2e/test_screenshots.py
	@mkdir -p docs/images
	cd artifacts/screenshots && cp crm-ringing.png desk-ringing-light-360.png desk-three-calls-dark-360.png \
	  desk-empty-light-360.png ../../docs/images/

clean:
	rm -rf $(VENV) web/node_modules src/linedesk/server/static
