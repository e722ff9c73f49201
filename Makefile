# Two commands do everything: `make demo` and `make test`. Each sets up what it needs, once.
BIN := .venv/bin
PYTHON ?= python3
WORKERS ?= 2
export PYTHON

.PHONY: help demo test test-all test-matrix check fmt bench docs clean

help:  ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 - /p' Makefile

demo: .venv/.ready node_modules/.ready  ## the whole loop on the built-in virtual device and sample production
	@$(BIN)/validator demo $(ARGS)

test: .venv/.ready node_modules/.ready  ## the laws and the tests, slow ones left out
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow" $(ARGS)

test-all: .venv/.ready node_modules/.ready  ## the slow suites too, but for the fault matrix
	@tools/debian-packages.sh
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not matrix" $(ARGS)

test-matrix: .venv/.ready node_modules/.ready  ## every fault of the demo, with both runners, half an hour
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m matrix $(ARGS)

check: .venv/.ready  ## format, lint, types, import directions
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >.lint-imports.log 2>&1 || { cat .lint-imports.log; exit 1; }
	@rm -f .lint-imports.log

fmt: .venv/.ready  ## format and fix
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: .venv/.ready node_modules/.ready  ## write the generated pages and pictures anew
	@$(BIN)/python -m tools.docs --picture

bench: .venv/.ready node_modules/.ready  ## ratios: validator beside what one would run instead
	@$(BIN)/python -m benchmarks

clean:  ## remove what set-up and runs made
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .validator
	find reports -mindepth 1 -not -name README.md -delete

.venv/.ready: requirements.lock pyproject.toml
	@tools/setup-python.sh

node_modules/.ready: package.json package-lock.json
	@tools/setup-runner.sh
