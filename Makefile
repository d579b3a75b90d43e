# Everything that these targets need is put into .venv; nothing else on the machine changes.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Named, so that make 3.81 (that of macOS) starts commands through it: by itself it would look them up in the old PATH.
SHELL := /bin/bash
# Modules are compiled when they are first imported, and then kept: of 25,000 the tests import 10,000.
unexport PYTHONDONTWRITEBYTECODE

# IE and EA, or one of them: dvc itself takes seconds to name its stages.
TARGETS := $(shell sed -n 's/^targets: *\[\(.*\)\].*/\1/p' params.yaml | tr , ' ')

.PHONY: install install-dev chromium repro register-stability package app test pytest test-slow lint ui bench docs lock

install: .venv/installed
install-dev: .venv/installed-dev

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv

.venv/installed: .venv/bin/uv pyproject.toml requirements.lock
	$(BIN)/uv pip install --python $(BIN)/python --constraint requirements.lock --editable '.[label,pipeline]'
	touch $@

.venv/installed-dev: .venv/bin/uv pyproject.toml requirements.lock
	$(BIN)/uv pip install --python $(BIN)/python --constraint requirements.lock --editable '.[dev,dask,dft,materials-project,postgres,s3]'
	touch $@ .venv/installed

.venv/installed-app: .venv/bin/uv pyproject.toml requirements.lock
	$(BIN)/uv pip install --python $(BIN)/python --constraint requirements.lock --editable '.[app,names]'
	touch $@

.venv/installed-docs: .venv/bin/uv pyproject.toml requirements.lock
	$(BIN)/uv pip install --python $(BIN)/python --constraint requirements.lock --editable '.[docs]'
	touch $@

# Set up, and run the chain on the embedded data, as `dvc repro` alone does. Training uses all cores;
# what comes before and after it uses one most of the time, and runs for two models at once.
repro: install
	dvc repro split featurize
	$(MAKE) --no-print-directory -j 2 $(TARGETS:%=pretrain@%) register-stability
	dvc repro --glob 'train@*'
	$(MAKE) --no-print-directory -j 2 $(TARGETS:%=register@%)
	dvc repro
	@echo "report: results/screen/report.html"

# DVC lets go of its lock while a command runs. Stages that these have in common are left out: DVC
# locks even what it only checks. Without a terminal there are lines instead of progress bars, which
# would overwrite one another; an interrupted command can still say what it leaves.
beside = set -o pipefail; dvc --wait-for-lock repro --single-item $(1) 2>&1 | (trap '' INT; cat)

pretrain@%:
	$(call beside,search@$* $@)

register@%:
	$(call beside,calibrate@$* evaluate@$* $@)

register-stability:
	$(call beside,stability $@)

# Make the packaged model from the chain's, in a quarter of an hour: see data/packaged/README.md.
# molsets is read, not imported: what it depends on is not needed.
package: install
	$(BIN)/uv pip install --python $(BIN)/python --constraint requirements.lock --editable '.[names]'
	$(BIN)/uv pip install --python $(BIN)/python --no-deps molsets==0.3.1
	dvc repro data/packaged/dvc.yaml

# Set up, and run the checks beside every test that is not slow: these in three processes on two
# cores, since tests wait for servers. Files are given out in their order, or the long ones would
# come last and leave a core idle; a process of theirs that is killed ends all, or pytest would wait
# for it for ever. `PYTEST` is for more options: in random order
# by `make test PYTEST="-p randomly"`, again as it was by `PYTEST="-p randomly --randomly-seed=N"`.
test: install-dev chromium
	$(MAKE) -j 2 lint pytest

pytest: install-dev
	pytest -m 'not slow' -n 3 --dist loadfile --no-loadscope-reorder --max-worker-restart 0 $(PYTEST)

test-slow: install-dev .venv/installed-docs chromium
	pytest -m slow $(PYTEST)

# The browser tests are skipped, and say so, where there is no Chromium; not on a CI machine.
chromium:
ifdef CI
	command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium)
endif

lint: install-dev
	ruff check .
	ruff format --check .
	mypy
	lint-imports

ui: install
	organode ui

app: .venv/installed-app
	organode app

# Each writes its result under benchmarks/results; compare ratios, machines differ.
bench: install-dev repro
	python benchmarks/training.py
	python benchmarks/screening.py data/embedded/library.csv
	python benchmarks/labelling.py
	python benchmarks/curation.py

# The documentation, as a folder that opens without a server; a warning is an error.
docs: .venv/installed-docs
	NO_MKDOCS_2_WARNING=1 mkdocs build --quiet
	@echo "documentation: site/index.html"

# Newest versions that work together, without where they came from.
lock: install-dev
	uv pip compile --quiet --universal --no-header --python-version 3.11 --upgrade \
	  --extra label --extra pipeline --extra dask --extra materials-project --extra dft --extra postgres --extra s3 \
	  --extra app --extra dashboard --extra docs --extra dev pyproject.toml \
	  --output-file requirements.lock
