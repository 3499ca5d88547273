# Every command a contributor types. `make help` lists them.
# The first command makes `.venv` and installs what it needs, with the Python that PYTHON=/path
# names or else with one that it finds. PYTEST_ARGS="-k timer -x" goes to pytest,
# URL=sqlite:///x.db to the demo, BENCH_ARGS="--runs 3" to bench-lint.

.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?=
URL ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
# One process for each core, eight at most.
WORKERS ?= --numprocesses=auto --maxprocesses=8

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
FIND_PYTHON := $(if $(PYTHON),echo $(PYTHON),tools/pythons.sh best)

CHECKED := $(wildcard src tools tests examples benchmarks docs) $(wildcard *.py)
TYPED := $(wildcard src tools benchmarks tests/typing examples/*.py)
# An example in a folder is a program of several files, which import each other by name.
PROGRAMS := $(patsubst %/demo.py,%,$(wildcard examples/*/demo.py))
ESSENTIAL := src/durable_async/core/*,src/durable_async/model/*
# What `make coverage` measures, if not everything: what is not measured runs nearly twice as fast.
MEASURED ?=

heading = printf '\n==== %s\n' '$(1)'

.PHONY: help demo test ci format format-check lint lint-score types imports examples coverage bench bench-temporal soak temporal \
	docs changelog clean others pythons

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

# ------------------------------------------------------------------ environments

$(READY): pyproject.toml
	@tools/make_environment.sh $(VENV) dev $(FIND_PYTHON)

.PRECIOUS: .venv-%/.installed
.venv-%/.installed: pyproject.toml
	@tools/make_environment.sh .venv-$* dev tools/pythons.sh find $*

$(VENV)/.docs: pyproject.toml $(READY)
	@tools/make_environment.sh $(VENV) dev,docs $(FIND_PYTHON)
	@touch $@

# ------------------------------------------------------------------ for everyone

demo: $(READY) ## 240 orders, a worker killed half-way, and the proof that nobody paid twice
	@$(BIN)/python examples/order_fulfilment/demo.py $(if $(URL),--url '$(URL)')

test: $(READY) ## all tests, the blocks of README and docs among them
	@$(BIN)/python -m pytest $(WORKERS) $(PYTEST_ARGS)

# ------------------------------------------------------------------ for contributors

format: $(READY) ## rewrite the code in its one format
	@$(BIN)/ruff format $(CHECKED)
	@$(BIN)/ruff check --fix-only --quiet $(CHECKED)

format-check: $(READY)
	@$(BIN)/ruff format --check $(CHECKED)

lint: $(READY) ## ruff's rules, and our own over examples and documentation
	@$(BIN)/ruff check $(CHECKED)
	@$(BIN)/durable-lint check --no-cache examples
	@$(BIN)/python tools/lint_pages.py

lint-score: $(READY) ## what durable-lint finds in its labelled corpus, and what it invents
	@$(BIN)/python tools/lint_score.py

types: $(READY) ## mypy --strict on all that is typed, pyright on the typing tests
	@$(BIN)/mypy $(TYPED)
	@for program in $(PROGRAMS); do \
		echo "$$program"; MYPYPATH=$$program $(BIN)/mypy $$program || exit 1; \
	done
	@$(if $(wildcard tests/typing),$(BIN)/pyright,true)

imports: $(READY) ## the layers: who may import whom
	@$(BIN)/lint-imports --no-cache --no-logo

examples: $(READY) ## run every example in an empty folder
	@$(BIN)/python tools/examples.py

coverage: $(READY) ## all tests, and every branch of core and model taken
	@$(BIN)/coverage erase
	@$(BIN)/coverage run $(if $(MEASURED),--source='$(MEASURED)') -m pytest $(WORKERS) $(PYTEST_ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
	@$(call heading,every branch of core and model)
	@$(BIN)/coverage report --include='$(ESSENTIAL)' --fail-under=100

bench: $(READY) ## the workloads of docs/reference/performance.md, as ratios to raw limits of the same run
	@$(BIN)/python benchmarks/run.py

bench-temporal: $(READY) ## what hosting on Temporal costs, beside the same written for temporalio
	@$(BIN)/python benchmarks/temporal.py $(BENCH_ARGS)

bench-lint: $(READY) ## durable-lint over 1.1 million lines, beside ruff in the same turns
	@$(BIN)/python benchmarks/lint.py $(BENCH_ARGS)

soak: $(READY) ## the long fault tests: hours, not minutes
	@$(BIN)/python -m pytest -m soak --timeout=0 $(PYTEST_ARGS)

temporal: $(READY) ## the tests against a Temporal server, all of them
	@$(BIN)/python -m pytest $(WORKERS) tests/temporal -m 'soak or not soak' $(PYTEST_ARGS)

docs: $(VENV)/.docs ## the documentation as HTML, in docs/_build/html
	@$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet docs docs/_build/html
	@echo "docs/_build/html/index.html"

changelog: $(READY) ## show the changelog that the fragments would make
	@$(BIN)/towncrier build --draft --version unreleased

pythons: ## the Pythons of this machine that the tests run on
	@tools/pythons.sh report

clean: ## remove caches and outputs; environments stay
	@rm -rf build dist htmlcov docs/_build benchmarks/results .coverage .coverage.* \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests examples benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# ------------------------------------------------------------------ what must pass before a merge
# What is marked slow (kills, the demo, the tutorial) or once is run on one Python.

test-%: .venv-%/.installed
	@.venv-$*/bin/python -m pytest $(WORKERS) -m 'not slow and not soak and not once' $(PYTEST_ARGS)

others: $(READY)
	@here=$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	for version in $$(tools/pythons.sh others $$here); do \
		printf '\n==== tests on Python %s\n' "$$version"; \
		$(MAKE) --no-print-directory test-$$version || exit 1; \
	done

# So that hypothesis tries the same examples each time: see tests/conftest.py.
ci: export CI := true
ci: $(READY) ## all of it: format, lint, types, imports, examples, tests on each Python here
	@$(call heading,Pythons)
	@$(MAKE) --no-print-directory pythons
	@$(BIN)/python -c 'import sys; print("the checks run on Python", sys.version.split()[0])'
	@$(call heading,format)
	@$(MAKE) --no-print-directory format-check
	@$(call heading,lint)
	@$(MAKE) --no-print-directory lint
	@$(call heading,types)
	@$(MAKE) --no-print-directory types
	@$(call heading,imports)
	@$(MAKE) --no-print-directory imports
	@$(call heading,examples)
	@$(MAKE) --no-print-directory examples
	@$(call heading,tests and coverage)
	@$(MAKE) --no-print-directory coverage MEASURED=src/durable_async/core,src/durable_async/model
	@$(MAKE) --no-print-directory others
	@$(call heading,everything passed)
