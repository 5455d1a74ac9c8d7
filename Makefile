# make build   set up, run the whole job on sample_data/ (or on the inputs the settings name), print the headline
# make test    set up, run everything CI runs
# make test-bucket  the part of it that needs a second environment: inputs in a bucket
# make bench   time a build of ten million lines beside one hand-written query
# make docs    data dictionary and answers from the last build of the sample data; dbt's own pages (target/)
# make lint    SQL and Python style
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: setup build test test-bucket lint docs bench clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

build: $(READY)
	$(BIN)/dbt build
	@$(BIN)/python scripts/print_headline.py

test: lint
	$(BIN)/dbt build
	$(BIN)/python -m pytest -n 2 --dist worksteal
	$(MAKE) test-bucket

test-bucket: .venv-bucket/.ready
	.venv-bucket/bin/python -m pytest -p no:logging --show-capture=no tests/bucket

.venv-bucket/.ready: requirements-bucket.lock pyproject.toml
	$(PYTHON) -m venv .venv-bucket
	.venv-bucket/bin/python -m pip install --quiet --require-hashes -r requirements-bucket.lock
	.venv-bucket/bin/python -m pip install --quiet --no-deps --editable .
	@touch $@

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/dbt parse --quiet --warn-error --no-partial-parse
	$(BIN)/sqlfluff lint models macros tests analyses

docs: $(READY)
	$(BIN)/python scripts/write_docs.py
	$(BIN)/dbt docs generate --static --quiet

bench: $(READY)
	$(BIN)/python scripts/bench.py

clean:
	rm -rf target logs $(VENV) .venv-bucket
