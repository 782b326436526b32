# Every task of the house. Bare `make` lists them; CONTRIBUTING.md tells the rest.
# PYTHON=/path/to/python3 chooses the interpreter the first time; HOST and PORT choose where `make run` listens.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run demo test test-cluster check fix lock bench messages python installed installed-dev printing test-tools

help:
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: installed printing  ## install if needed, migrate, fill an empty instance, serve
	@$(BIN)/ethics-eval db upgrade
	@$(BIN)/ethics-eval demo --if-empty
	@$(BIN)/ethics-eval serve --host $(HOST) --port $(PORT)

demo: installed  ## fill an empty instance with the demonstration city
	@$(BIN)/ethics-eval db upgrade
	@$(BIN)/ethics-eval demo

test: installed-dev test-tools  ## the whole suite on SQLite and PostgreSQL, with browser journeys (ARGS="-k …")
	$(BIN)/python -m pytest -n $(or $(WORKERS),2) --dist loadgroup $(ARGS)

test-cluster: python  ## the ranking of a province on a Spark cluster of one master and two workers, made here
	@$(PYTHON) .ci/prepare.py cluster
	@$(PYTHON) .ci/prepare.py java
	$(BIN)/python -m pytest -m cluster tests/province $(ARGS)

check: installed-dev  ## formats, lint, types, import contracts, templates, translations, migrations
	@$(BIN)/python .ci/check.py

fix: installed-dev  ## format and mend what can be mended by machine
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

messages: installed-dev  ## bring the message catalogues up to date and compile them
	$(BIN)/python .ci/messages.py

lock: installed-dev  ## renew the locks from setup.cfg and pyproject.toml
	$(BIN)/python .ci/lock.py

bench: installed-dev  ## measure against the plain equivalents, as ratios
	$(BIN)/python -m tests.bench

installed: python
	@$(PYTHON) .ci/prepare.py run

installed-dev: python
	@$(PYTHON) .ci/prepare.py dev

printing: python
	@$(PYTHON) .ci/prepare.py printing

test-tools: installed-dev
	@$(BIN)/python .ci/prepare.py tools

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv" >&2; exit 1; }
