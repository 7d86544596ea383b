# make run: the dashboard, for this machine alone; make run-lan: for the local network, too.
# make test: the whole suite; make check: what to run before a commit; make lock: newer packages.
# The same as plain pip lines, for Windows, stands in the README.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach v,3.12 3.13 3.11,$(shell python$(v) -c 'import sys; print(sys.executable)' 2>/dev/null)) $(shell python3 -c 'import sys; print(sys.executable if (3, 11) <= sys.version_info[:2] <= (3, 13) else "")' 2>/dev/null))
PIP := -m pip --disable-pip-version-check install --quiet

# Neighbours stay in one process until another one has nothing left: what a file needs is made once.
SHARED := --numprocesses auto --dist worksteal
# Keras's tests have processes of their own, as Keras has in the product.
KERAS_TESTS := tests/models tests/training
CORE_TESTS := tests $(KERAS_TESTS:%=--ignore=%) --ignore=tests/browser --ignore=tests/pages --ignore=tests/ui -m "not dataset and not slow" $(SHARED)

.PHONY: run run-lan install install-dev test check format browser newest lock build clean

# For this machine alone, as .streamlit/config.toml says; STREAMLIT_SERVER_ADDRESS=0.0.0.0 for more.
run: $(VENV)/.run
	$(BIN)/python -m fer_core live --home

# By https with a certificate of one's own: other machines of the network get their camera, too.
run-lan: $(VENV)/.run
	$(BIN)/python -m fer_core live --lan

install: $(VENV)/.run
install-dev: $(VENV)/.dev

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Mien needs Python 3.11, 3.12 or 3.13, and found none of them: install one, or name it: make PYTHON=/path/to/python3.12 run"; exit 2; }
	"$(PYTHON)" -m venv $(VENV)

# The locks name every package by version and digest, so that this installs what was tested.
$(VENV)/.run: $(BIN)/python requirements.lock
	@echo "Installing what the dashboard needs into $(VENV) (a few minutes, once) ..."
	$(BIN)/python $(PIP) --require-hashes -r requirements.lock
	@$(BIN)/python -m fer_core.faces
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements-dev.lock
	@echo "Installing what tests need into $(VENV) (a few minutes, once) ..."
	$(BIN)/python $(PIP) --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m fer_core.faces
	@touch $@ $(VENV)/.run

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(CORE_TESTS) -x

test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests $(KERAS_TESTS:%=--ignore=%) --ignore=tests/browser $(SHARED)
	$(BIN)/python -m pytest tests/browser
	$(BIN)/python -m pytest $(KERAS_TESTS) $(SHARED)

browser: $(VENV)/.dev
	$(BIN)/python -m pytest tests/browser

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The core tests on the newest versions that the ranges of requirements.txt allow.
newest:
	"$(PYTHON)" -m venv --clear .venv-newest
	.venv-newest/bin/python $(PIP) --upgrade -r requirements-dev.txt
	.venv-newest/bin/python -m pytest $(CORE_TESTS)

# Renews both locks; `make lock UPGRADE=` takes in what has changed in requirements*.txt, no more.
UPGRADE ?= --upgrade
LOCK := $(BIN)/uv pip compile --quiet $(UPGRADE) --universal --fork-strategy fewest --python-version 3.11 --no-python-downloads --generate-hashes --no-annotate --custom-compile-command "make lock"
lock: $(BIN)/python
	@$(BIN)/python -c "import uv" 2>/dev/null || $(BIN)/python $(PIP) "$$(grep ^uv requirements-dev.txt)"
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements-dev.txt --constraints requirements.lock --output-file requirements-dev.lock

build: $(VENV)/.dev
	$(BIN)/hatchling build --target wheel --directory dist

clean:
	rm -rf $(VENV) .venv-newest dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
