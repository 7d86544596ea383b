# make run: the dashboard; make test: the whole suite; make check: what to run before a commit.
# The same as plain pip lines, for Windows, stands in the README.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach v,3.12 3.13 3.11,$(shell python$(v) -c 'import sys; print(sys.executable)' 2>/dev/null)) $(shell python3 -c 'import sys; print(sys.executable if (3, 11) <= sys.version_info[:2] <= (3, 13) else "")' 2>/dev/null))
KERAS_TESTS := tests/models tests/training
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: run run-lan install install-dev test check format browser clean

# One pool of memory for many short-lived threads (glibc): see ui/webrtc/memory.py.
run run-lan: export MALLOC_ARENA_MAX ?= 2

run: $(VENV)/.run
	$(BIN)/python -m streamlit run app.py

# By https with a certificate of one's own: other machines of the network get their camera, too.
run-lan: $(VENV)/.run
	$(BIN)/python -m fer_core live --lan

install: $(VENV)/.run
install-dev: $(VENV)/.dev

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Mien needs Python 3.11, 3.12 or 3.13, and found none of them: install one, or name it: make PYTHON=/path/to/python3.12 run"; exit 2; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.run: $(BIN)/python requirements.txt
	@echo "Installing what the dashboard needs into $(VENV) (a few minutes, once) ..."
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements.txt requirements-dev.txt
	@echo "Installing what tests need into $(VENV) (a few minutes, once) ..."
	$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.run

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests $(KERAS_TESTS:%=--ignore=%) --ignore=tests/browser --ignore=tests/pages --ignore=tests/ui -m "not dataset and not slow" -x

# Keras's tests have a process of their own, as Keras has in the product.
test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests $(KERAS_TESTS:%=--ignore=%)
	$(BIN)/python -m pytest $(KERAS_TESTS)

browser: $(VENV)/.dev
	$(BIN)/python -m pytest tests/browser

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
