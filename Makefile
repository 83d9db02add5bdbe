PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-deep check audit sbom dist bench lock clean

PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements-dev.lock

# What it takes to run, and what it takes to develop: a demo need not wait for the second.
$(BIN)/sla: pyproject.toml requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(READY): $(BIN)/sla
	$(PIP) --editable '.[dev,notify,postgresql]'
	touch $@

demo: $(BIN)/sla
	$(BIN)/sla demo

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal -q

test-deep: $(READY)
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -n auto --dist worksteal -q

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_floors.py
	$(MAKE) --no-print-directory audit

# Tools that look at what is installed live apart, so that they are not part of it.
.venv-audit/.ready:
	$(PYTHON) -m venv .venv-audit
	-.venv-audit/bin/pip install --quiet --disable-pip-version-check 'pip-audit>=2.10' 'cyclonedx-bom>=7.5'
	-.venv-audit/bin/pip install --quiet --disable-pip-version-check 'pip-tools>=7.4'
	touch $@

audit: .venv-audit/.ready
	.venv-audit/bin/python tests/audit.py .venv-audit/bin/pip-audit requirements-dev.lock

sbom: $(READY) .venv-audit/.ready
	.venv-audit/bin/cyclonedx-py environment --pyproject pyproject.toml --of JSON -o sbom.json $(BIN)/python

dist: $(READY)
	$(BIN)/python -m tests.dist dist

# The peers live apart: they are measured, never used.
.venv-bench/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --constraint requirements-dev.lock --editable '.[bench,dev]'
	touch $@

bench: .venv-bench/.ready
	.venv-bench/bin/python -m benchmarks

# Two locks: of everything here, and of what runs in production, by the hashes of its files.
lock: $(READY) .venv-audit/.ready
	$(BIN)/pip freeze --exclude-editable > requirements-dev.lock
	.venv-audit/bin/pip-compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --strip-extras --extra notify --extra postgresql --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .venv-bench .venv-audit sbom.json build dist *.egg-info
