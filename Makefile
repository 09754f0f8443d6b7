# Adloom's commands. `make help` lists them; `make demo` is all that a newcomer needs.
PYTHON ?= python3
PYTEST_ARGS ?=
PYTEST_JOBS ?= 2
VENV := .venv/bin
LOCK := $(VENV)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench bench-ml soak docs lock clean ready ready-dev python

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

demo: ready ## Install what is missing and start everything on this machine, with sample data
	@exec $(VENV)/python -m app.cli demo

test: ready-dev ## Install what tests need and run them all (PYTEST_ARGS="-k budget" for some)
	@exec $(VENV)/python -m pytest -n $(PYTEST_JOBS) $(PYTEST_ARGS)

lint: ready-dev ## Check style, types and import directions
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports

bench: ready-dev ## Measure what the README promises, on this machine
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(VENV)/python "$$script" || exit 1; done

bench-ml: ready-dev ## Measure the decision engine: every bar, beside rivals where they are installed or recorded
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 exec $(VENV)/python -m benchmarks.ml_all

soak: ready-dev ## Kill parts at random for minutes and look for lost or doubled work
	@exec $(VENV)/python -m pytest -m soak tests/soak $(PYTEST_ARGS)

docs: ready-dev ## Write the generated reference pages and the example settings
	@$(VENV)/python -m app.cli settings reference > docs/reference/settings.md
	@$(VENV)/python -m app.cli settings example > .env.example
	@$(VENV)/python -m app.cli documents openapi > docs/openapi.json
	@$(VENV)/python -m app.cli documents feature-map > docs/feature-map.md

lock: ready-dev ## Choose the newest packages that pyproject.toml allows, and lock them by hash
	@$(LOCK) --extra demo pyproject.toml -o deploy/requirements.txt
	@$(LOCK) --extra demo --extra dev pyproject.toml -o deploy/requirements-dev.txt
	@echo 'uv' | $(LOCK) --no-header --no-annotate - -o deploy/requirements-uv.txt

clean: ## Remove what was built and installed; your data in .adloom stays
	@rm -rf .venv app/static frontend/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready: python
	@$(PYTHON) deploy/bootstrap.py

ready-dev: python
	@$(PYTHON) deploy/bootstrap.py --dev

python:
	@command -v $(PYTHON) >/dev/null || { echo "Adloom needs Python 3.11 or newer, and $(PYTHON) was not found. Install it, or name it: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Adloom needs Python 3.11 or newer, and $(PYTHON) is older. Install one, or name it: make demo PYTHON=python3.12" >&2; exit 1; }
