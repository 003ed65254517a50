# Two commands for everybody: `make demo` and `make test`. The rest is for people who work on Claimline.
PYTHON ?= python3.11
VENV := .venv
LINT := .venv-lint
PY := $(VENV)/bin/python
SHARED ?= ../shared/data
export CLAIMLINE_HOME ?= $(CURDIR)/.claimline

.DEFAULT_GOAL := help
.PHONY: help install demo dev test test-slow check format lock bench-pipeline bench-ledger scorecard compare-chainladder as-of replay-tuva part-b part-b-opportunity land-real-files safe-harbor-export clean

help:  ## say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(VENV)/.installed: requirements.lock
	@echo "Setting up $(VENV) (about 1.2 GB; two minutes on a cold cache)"
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(LINT)/.installed: requirements-lint.lock
	$(PYTHON) -m venv $(LINT)
	$(LINT)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-lint.lock
	@touch $@

install: $(VENV)/.installed  ## set up the environment from the lock file

demo: install  ## a simulated market through the whole loop: plan, quiet refresh, shift, rebuild, report (PROFILE=…)
	$(PY) -m dagster_project.demo $(PROFILE)

dev: install  ## open Dagster's UI on http://127.0.0.1:3000 over the data home
	$(PY) -m dagster_project.dev

test: install  ## the test suite (under 10 minutes on 2 cores)
	$(PY) -m pytest -n 2 --dist loadfile -m "not slow"

test-slow: install  ## the tests that run whole loops many times: kills, replays, bad deliveries
	$(PY) -m pytest -n 2 --dist loadfile -m slow

check: $(LINT)/.installed install  ## lint, types, SQL style, import direction, definitions
	$(LINT)/bin/ruff check .
	$(LINT)/bin/ruff format --check .
	$(LINT)/bin/mypy --python-executable $(PY)
	$(LINT)/bin/lint-imports
	cd dbt && ../$(LINT)/bin/sqlfluff lint models tests --disable-progress-bar
	DAGSTER_HOME= $(VENV)/bin/dg check defs

format: $(LINT)/.installed  ## rewrite Python sources in the house style
	$(LINT)/bin/ruff check --fix .
	$(LINT)/bin/ruff format .

as-of: install  ## the marts of an earlier day again, compared with what was published then (REFRESH=id)
	$(PY) -m dagster_project.as_of $(REFRESH)

replay-tuva: install  ## 36 real monthly Tuva files as 36 rolling refreshes (SHARED=folder of the data)
	CLAIMLINE_HOME=$(CURDIR)/.claimline/tuva_replay $(PY) -m dagster_project.replay_tuva --data $(SHARED)

part-b: install  ## Medicare Part B of ME NH VT WV: an 8-territory plan on the true ZCTA graph (SHARED=folder)
	CLAIMLINE_HOME=$(CURDIR)/.claimline/medicare_part_b $(PY) -m dagster_project.plan_part_b --data $(SHARED)

part-b-opportunity: install  ## Medicare Part B opportunity per ZCTA and county for the three profiles, to the cent (PROFILE=one)
	CLAIMLINE_HOME=$(CURDIR)/.claimline/part_b_opportunity $(PY) -m dagster_project.part_b_opportunity --data $(SHARED) $(if $(PROFILE),--profile $(PROFILE))

safe-harbor-export: install  ## services by product, three-digit ZIP and year as HIPAA's Safe Harbor wants them (safe_harbor.csv)
	$(PY) -m dagster_project.safe_harbor_export

land-real-files: install  ## every real claims and registry file, line by line: what landed, what was set aside, why (SHARED=folder)
	$(PY) -m dagster_project.land_real_files --data $(SHARED)

bench-pipeline: install  ## 5 million lines: start-up, work over floor, peak memory (one JSON object on the last line)
	$(PY) -m benchmarks.pipeline

scorecard: install  ## planted against recovered on ten simulated markets with every trap (JSON on the last line)
	$(PY) -m benchmarks.scorecard $(if $(SEEDS),--seeds $(SEEDS))

compare-chainladder: install  ## our link ratios on one triangle against the package chainladder, in an environment of its own
	$(PYTHON) -m venv .venv-chainladder
	.venv-chainladder/bin/python -m pip install --quiet --disable-pip-version-check chainladder==0.10.1
	$(PY) -m benchmarks.scorecard_completeness --chainladder .venv-chainladder/bin/python

bench-ledger: install  ## 20 million lines: full build over floor, and what a monthly refresh costs (LINES=2000000 for less)
	$(PY) -m benchmarks.ledger $(if $(LINES),--lines $(LINES))

lock:  ## compile both lock files (hashes, no addresses); needs uv
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra test --extra build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group lint -o requirements-lint.lock

clean:  ## remove the data home and the environments
	rm -rf .claimline $(VENV) $(LINT) .venv-chainladder dbt/target
