PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-deep check bench lock clean

$(READY): pyproject.toml requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements-dev.lock --editable '.[dev,notify]'
	touch $@

demo: $(READY)
	$(BIN)/sla demo

test: $(READY)
	$(BIN)/python -m pytest -n auto -q

test-deep: $(READY)
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -n auto -q

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_floors.py

# The peers live apart: they are measured, never used.
.venv-bench/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --constraint requirements-dev.lock --editable '.[bench,dev]'
	touch $@

bench: .venv-bench/.ready
	.venv-bench/bin/python -m benchmarks

lock: $(READY)
	$(BIN)/pip freeze --exclude-editable > requirements-dev.lock

clean:
	rm -rf $(VENV) .venv-bench build dist *.egg-info
