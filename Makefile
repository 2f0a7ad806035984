# Two commands are enough: `make run` and `make test`. Both prepare what they need and may be repeated at any time.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check fix bench lock

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(BIN)/.dev  ## environment with everything for developing, in .venv/

run: $(BIN)/.run  ## the product with demo data; prints address and logins, Ctrl-C stops all of it
	@$(BIN)/python manage.py up

demo: $(BIN)/.run  ## the demo channel into an empty database, without starting the web server
	@$(BIN)/python manage.py migrate --verbosity 0 && $(BIN)/python manage.py demo

test: $(BIN)/.dev  ## every test: first pure and database, then several processes, then the browser
	@$(BIN)/python manage.py translations --compile
	@failed=0; \
	$(BIN)/pytest -q -n 2 -m "not concurrency and not browser" || failed=1; \
	$(BIN)/pytest -q -m concurrency || failed=1; \
	$(BIN)/pytest -q -m browser || failed=1; \
	exit $$failed

check: $(BIN)/.dev  ## format, lint, types, import contract, migrations, templates, translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/lint-imports
	$(BIN)/python manage.py translations --check
	$(BIN)/python manage.py makemigrations --check --dry-run
	HTTPS=1 $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(BIN)/mypy .

fix: $(BIN)/.dev  ## what can be repaired by a tool: format, imports, new texts in the translation
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python manage.py translations

bench: $(BIN)/.dev  ## the measurements of benchmarks/, each of which says what it demands
	@for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

lock:  ## both lock files out of requirements.in and requirements-dev.in
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

# ---- environments: installed again only when the lock file changed -----------------------------------------------
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "On Debian: apt-get install python3-venv"; exit 1; }

$(BIN)/.run: requirements.txt | $(BIN)/python
	$(INSTALL) requirements.txt
	@touch $@

$(BIN)/.dev: requirements-dev.txt | $(BIN)/python
	$(INSTALL) requirements-dev.txt
	@touch $@ $(BIN)/.run
