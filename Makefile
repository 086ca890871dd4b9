# One line per target: `make`. Needs Python 3.11 or newer, make, and a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help setup run test test-postgresql check format requirements

help: ## Show these lines
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(VENV)/.installed .env ## Do all set-up (packages, secrets, key ring, database); start nothing
	@$(MANAGE) create_key_ring --if-missing
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) collectstatic --noinput --verbosity 0

run: setup ## Do all set-up and start the product with demo data; Ctrl-C stops it
	@exec $(BIN)/python -m crm.runner

test: $(VENV)/.installed-dev ## Do all set-up and run the tests
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

test-postgresql: $(VENV)/.installed-dev ## The tests once more, on a PostgreSQL started for them
	@$(BIN)/python -m tests.on_postgresql $(PYTEST_ARGS)

check: $(VENV)/.installed-dev ## Format, lint, types, floors, migrations, deployment
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	$(BIN)/python -m tests.deployment

format: $(VENV)/.installed-dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements: $(VENV)/.installed-dev ## Compile the requirements files from pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header pyproject.toml --group dev -c requirements.txt \
		-o requirements-dev.txt

.env: crm/environment.py
	@$(PYTHON) crm/environment.py .env

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Python 3.11 or newer is needed, this is %s. Say which: make PYTHON=python3.12 …" \
		% sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)

# A set-up that was killed half-way left an environment without its installer: begin again.
define whole_environment
@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
endef

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(whole_environment)
	@echo "Installing packages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(whole_environment)
	@echo "Installing packages for development …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $(VENV)/.installed $@
