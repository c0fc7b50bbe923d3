# Everything a person or a machine does with this project. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
PIP_OPTIONS ?=
PIP_INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check $(PIP_OPTIONS)
LANGUAGES := server/web/languages

# Every server that a test starts would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo serve test browser look hostile trust mutants check lint messages schema lock sbom audit clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: .venv/installed ## install Intercoder into .venv

.venv/installed: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP_INSTALL) --require-hashes -r requirements.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	touch $@

demo: .venv/installed ## serve the synthetic sample study on 127.0.0.1:8000
	$(BIN)/intercoder demo

serve: .venv/installed ## serve your own data from the folder `data`
	$(BIN)/intercoder serve

test: .venv/installed-dev ## run every test, on SQLite and on PostgreSQL
	$(BIN)/pytest -n $(WORKERS)

browser: .venv/installed-dev ## run the journeys in a real Chromium only
	$(BIN)/pytest -m browser

lint: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --num-workers $(WORKERS)
	$(BIN)/lint-imports

look: .venv/installed-dev ## walk every page with axe-core in every look, not in one each as the tests do
	INTERCODER_EVERY_LOOK=1 $(BIN)/pytest tests/browser/test_axe.py

hostile: .venv/installed-dev ## give the readers hundreds of hostile files, each in a process with bounds
	INTERCODER_EVERY_FILE=1 $(BIN)/pytest tests/corpora/test_hostile.py

trust: .venv/installed-dev ## show all 27 figures of trust in full, with a table; takes hours
	$(BIN)/python -m tests.trust.figures

mutants: .venv/installed-dev ## make ten deliberate faults, each in a copy of the program, and name the test that catches it
	$(BIN)/python -m tests.trust.mutants

check: lint test ## what has to pass before a change is kept: lint, types, imports, every test

messages: .venv/installed ## collect the words people read into every server/web/languages/*.po
	$(BIN)/pybabel -q extract -F $(LANGUAGES)/extraction.toml --no-location --sort-output \
	  --project Intercoder -o $(LANGUAGES)/intercoder.pot .
	for po in $(LANGUAGES)/*.po; do $(BIN)/pybabel -q update -i $(LANGUAGES)/intercoder.pot -o $$po \
	  -l $$(basename $$po .po) --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap; done

schema: .venv/installed-dev ## write migrations/newest.sql anew, after a migration was added
	$(BIN)/python -m supply.schema

lock: ## write both lock files anew from pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --extra build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --extra build --extra dev -c requirements.lock \
	  pyproject.toml -o requirements-dev.lock

sbom: .venv/installed-dev ## write what the server is made of, with licences, as CycloneDX: intercoder.cdx.json
	$(BIN)/python -m supply.bill intercoder.cdx.json

audit: .venv/installed-dev ## ask whether vulnerabilities of the locked libraries are known (error 75: nobody answered)
	@$(BIN)/python -m supply.audit

clean: ## remove what was installed and cached here (never your data)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
