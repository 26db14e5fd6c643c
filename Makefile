# Everything you run on inkdigits. Needs make and Python 3.11 or newer, nothing else.

PORT ?= 5000
ARGS ?=

BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check \
	-c constraints.txt --editable

.DEFAULT_GOAL := help
.PHONY: help serve install test check page notebook clean
.DELETE_ON_ERROR:

help:
	@echo 'make serve    start the page and the API on http://localhost:$(PORT) (PORT=8080 for another)'
	@echo 'make test     install what the tests need and run them all (ARGS="-k name" for some)'
	@echo 'make check    lint, formatting, types and the import rules'
	@echo 'make page     check the types of the page, and fetch axe for its tests (needs npm)'
	@echo 'make notebook run the notebook anew (INKDIGITS_RUN=folder to show a finished training)'
	@echo 'make install  everything for development, in .venv'
	@echo 'make clean    remove .venv and what tools left behind'
	@echo 'PYTHON=...    the interpreter to use, if not the first suitable one that is found'

serve: .venv/installed
	@$(BIN)/python -m inkdigits serve --port $(PORT)

install: .venv/installed-dev

test: .venv/installed-dev
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --quiet tests/test_architecture.py

page: node_modules/installed
	node_modules/.bin/tsc --project tsconfig.json

notebook: .venv/installed-dev
	@$(BIN)/python notebooks/execute.py

clean:
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

node_modules/installed: package.json
	npm install --no-audit --no-fund --no-package-lock --loglevel=error
	@touch $@

.venv/installed: pyproject.toml constraints.txt | .venv/created
	@echo 'Installing inkdigits into .venv ...'
	@$(PIP_INSTALL) .
	@touch $@

.venv/installed-dev: pyproject.toml constraints.txt | .venv/created
	@echo 'Installing inkdigits and what development needs into .venv (a few minutes) ...'
	@$(PIP_INSTALL) '.[dev]'
	@touch .venv/installed $@

.venv/created:
	@set -e; new=; usable=; \
	if [ -n '$(PYTHON)' ]; then set -- '$(PYTHON)'; \
	else set -- python3 python3.13 python3.12 python3.11; fi; \
	for python in "$$@"; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		new=$${new:-$$python}; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
		usable=$$python; break; \
	done; \
	if [ -z "$$new" ]; then \
		echo "inkdigits needs Python 3.11 or newer, and found none as $$*:" \
			"install one, or name one with PYTHON=/path/to/python." >&2; exit 1; \
	elif [ -z "$$usable" ]; then \
		version=$$("$$new" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "$$new has no venv module: install it (on Debian and Ubuntu:" \
			"apt install python$$version-venv) and run make again." >&2; exit 1; \
	fi; \
	rm -rf .venv; "$$usable" -m venv .venv; touch $@
