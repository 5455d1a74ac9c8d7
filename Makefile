# make build   set up, run the whole job on sample_data/ (or on the inputs the settings name), print the headline
# make report  one HTML page from the marts that the last passed build published
# make test    set up, run everything CI runs
# make test-bucket  the part of it that needs a second environment: inputs in a bucket
# make test-spark   the part of it on Spark, over lake tables; skipped where there is no Java
# make test-proxy   the part about the AI proxy, with the official SDKs of the providers
# make campaign-proxy  the same with ten times the kills, for a night
# make fuzz    billing months, answers and crashes made at random, for hours: FUZZ='--months 10000 --seed 2'
# make proxy-demo   fake provider, proxy, traffic, compaction and dbt build in one go
# make bench-proxy  what the proxy adds in time and memory, beside direct calls and a bare relay
# make bench   time a build of ten million lines beside one hand-written query
# make bench-nights  nights that change one month, with 1, 12 and 36 months of history
# make docs    data dictionary and answers from the last build of the sample data; dbt's own pages (target/)
# make lint    SQL and Python style
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PROXY  := $(VENV)/.ready-proxy

.PHONY: setup build report test test-bucket test-spark test-proxy campaign-proxy fuzz proxy-demo lint docs bench bench-nights bench-proxy clean

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

report: $(READY)
	@$(BIN)/python scripts/make_report.py

test: lint
	$(BIN)/dbt build
	$(BIN)/python -m pytest -n 2 --dist worksteal
	$(MAKE) --jobs=2 --output-sync=target test-bucket test-proxy test-spark

test-bucket: .venv-bucket/.ready
	.venv-bucket/bin/python -m pytest -p no:logging --show-capture=no tests/bucket

.venv-bucket/.ready: requirements-bucket.lock pyproject.toml
	$(PYTHON) -m venv .venv-bucket
	.venv-bucket/bin/python -m pip install --quiet --require-hashes -r requirements-bucket.lock
	.venv-bucket/bin/python -m pip install --quiet --no-deps --editable .
	@touch $@

test-spark: .venv-spark/.ready
	.venv-spark/bin/python -m pytest -ra tests/spark

.venv-spark/.ready: requirements-spark.lock pyproject.toml
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --require-hashes -r requirements-spark.lock
	.venv-spark/bin/python -m pip install --quiet --no-deps --editable .
	@touch $@

test-proxy: $(PROXY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -p no:logging --show-capture=no -ra tests/proxy

campaign-proxy: $(PROXY)
	PROXY_CAMPAIGN=10 $(BIN)/python -m pytest -n 2 --dist worksteal -p no:logging --show-capture=no -ra tests/proxy

fuzz: $(PROXY)
	$(BIN)/python tests/fuzz/campaign.py $(FUZZ)

proxy-demo: $(PROXY)
	$(BIN)/python scripts/proxy_demo.py

# The same versions as in requirements.lock, and what the proxy and its tests need beside them.
$(PROXY): requirements-proxy.lock $(READY)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-proxy.lock
	@touch $@

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/dbt parse --quiet --warn-error --no-partial-parse
	$(BIN)/sqlfluff lint --processes 2 models macros tests analyses

docs: $(READY)
	$(BIN)/python scripts/write_docs.py
	$(BIN)/dbt docs generate --static --quiet

bench: $(READY)
	$(BIN)/python scripts/bench.py

bench-nights: $(READY)
	$(BIN)/python scripts/bench_nights.py

bench-proxy: $(PROXY)
	$(BIN)/python scripts/bench_proxy.py

clean:
	rm -rf target logs $(VENV) .venv-bucket .venv-spark
