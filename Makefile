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

bench: $(READY)
	$(BIN)/python -m benchmarks

lock: $(READY)
	$(BIN)/pip freeze --exclude-editable > requirements-dev.lock

clean:
	rm -rf $(VENV) build dist *.egg-info
