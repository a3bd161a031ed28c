# The commands of this project. `make demo` and `make test` set up all they need.
UV := tools/uv
BIN := .venv/bin
READY := .venv/.ready
BENCH := bench/.venv/bin/python
# Bytecode is kept in any case: without it every worker compiles all tests each time.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n auto --dist worksteal

.PHONY: help demo test test-long check format dashboards alerts checkers containers systems bench coverage reliability mutation audit sbom lock clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/	/' | expand -t 12

$(READY): requirements/dev.txt requirements/build.txt requirements/uv.txt pyproject.toml
	$(UV) venv -q --clear --no-python-downloads --python '>=3.11' .venv
	$(UV) pip sync -q --compile-bytecode --python .venv --require-hashes --build-constraints requirements/build.txt requirements/dev.txt
	$(UV) pip install -q --python .venv --no-deps --build-constraints requirements/build.txt -e .
	@touch $@

demo: $(READY)  ## the whole service against a simulated desk; stop with Ctrl-C
	@$(BIN)/servicedesk-kpi demo $(DEMO)

test: $(READY)  ## every test, in parallel, with samples of usual size
	$(PYTEST) $(TESTS)

test-long: $(READY)  ## every test with larger samples; for CI and before a release
	TEST_SIZES=long $(PYTEST) $(TESTS)

check: $(READY)  ## lint, format, types and the order of the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_layers.py

format: $(READY)  ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

dashboards: $(READY)  ## write the Grafana boards anew from their definition
	$(BIN)/python -m dashboards

bench/.venv/.ready: bench/requirements.txt requirements/uv.txt
	$(UV) venv -q --clear --no-python-downloads --python '>=3.11' bench/.venv
	$(UV) pip sync -q --compile-bytecode --python bench/.venv --require-hashes bench/requirements.txt
	@touch $@

bench: $(READY) bench/.venv/.ready  ## measure against peers and on large stores
	PYTHONPATH=. $(BENCH) bench/business_time.py
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/measuring.py
	$(BIN)/python bench/explain.py
	$(BIN)/python bench/report.py
	$(BIN)/python bench/alerts_simulation.py
	$(BIN)/python bench/forecast.py
	$(BIN)/python bench/pages.py
	$(BIN)/python bench/crowd.py

alerts: $(READY)  ## write the alert rules of config/servicedesk.yaml anew
	$(BIN)/python -c 'from pathlib import Path; from collector.monitoring.alerts.prometheus import rule_text; from collector.config.loading.load import load_settings; Path("config/prometheus/servicedesk.rules.yml").write_text(rule_text(load_settings(Path("config/servicedesk.yaml"))))'

screenshots: $(READY)  ## make the pictures of the pages in docs/pages anew, from the demo
	$(BIN)/python -m tests.web.screenshots

checkers/.venv/.ready: checkers/requirements.txt requirements/uv.txt
	$(UV) venv -q --clear --no-python-downloads --python '>=3.11' checkers/.venv
	$(UV) pip sync -q --python checkers/.venv --require-hashes checkers/requirements.txt
	@touch $@

# veraPDF, by way of Maven as this machine has it configured; the digest decides what is accepted.
VERAPDF := org.verapdf.apps:greenfield-apps:1.28.2
checkers/verapdf.jar: checkers/verapdf.sha256
	@if ! command -v mvn >/dev/null; then \
		echo "veraPDF is left out: Maven is not installed (apt-get install maven default-jre-headless)"; exit 0; fi; \
	rm -rf checkers/verapdf checkers/verapdf.unreachable && \
	if ! mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
		-Dartifact=$(VERAPDF) -DoutputDirectory=checkers/verapdf; then \
		echo "veraPDF is left out: Maven cannot fetch it here"; touch checkers/verapdf.unreachable; exit 0; fi; \
	mv checkers/verapdf/*.jar checkers/verapdf/verapdf.jar && \
	(cd checkers/verapdf && sha256sum --quiet --check ../verapdf.sha256) && \
	mv checkers/verapdf/verapdf.jar $@ && touch $@ && rmdir checkers/verapdf

checkers: $(READY) checkers/.venv/.ready checkers/verapdf.jar  ## set up what reads documents and archives by their rules, and asks the API

# What stands in for the base image: a small Debian. Its packages are checked by apt.
.tools/debian.tar:
	@if [ "$$(id -u)" != 0 ] || ! command -v mmdebstrap podman >/dev/null; then \
		echo "containers are left out: they need root, and apt-get install $(CONTAINERS)"; exit 0; fi; \
	mmdebstrap --quiet --variant=minbase --format=tar \
		--include=ca-certificates,python3,python3-pip,python-is-python3,wget \
		--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--customize-hook='rm -f "$$1"/usr/lib/python3*/EXTERNALLY-MANAGED' \
		bookworm $@.part && mv $@.part $@
CONTAINERS := podman runc netavark aardvark-dns iptables iproute2 mmdebstrap docker-compose

containers: $(READY) .tools/debian.tar  ## set up what the test of the containers starts from; Debian, root only

systems/.venv/.ready: systems/requirements.txt requirements/uv.txt
	$(UV) venv -q --clear --no-python-downloads --python '>=3.11' systems/.venv
	$(UV) pip sync -q --compile-bytecode --python systems/.venv --require-hashes systems/requirements.txt
	@touch $@

systems: $(READY) systems/.venv/.ready  ## set up the ticket systems that tests run

mutation/.venv/.ready: mutation/requirements.txt requirements/dev.txt requirements/build.txt requirements/uv.txt
	$(UV) venv -q --clear --no-python-downloads --python '>=3.11' mutation/.venv
	$(UV) pip sync -q --compile-bytecode --python mutation/.venv --require-hashes --build-constraints requirements/build.txt requirements/dev.txt mutation/requirements.txt
	@touch $@

mutation: mutation/.venv/.ready  ## whether the tests notice changed code; see docs/mutation.md
	rm -rf mutants
	mutation/.venv/bin/mutmut run $(MUTANTS)
	mutation/.venv/bin/python mutation/report.py

# The environment of `make mutation` has coverage.py. Pure packages as in tests/test_layers.py.
PURE := collector/model/*,collector/business_time/*,collector/measuring/verdicts/*,collector/measuring/kinds/*,collector/measuring/judge.py,collector/measuring/figures/*
COVERAGE := mutation/.venv/bin/python -m coverage
coverage: export COVERAGE_RCFILE := tools/coverage.ini
# The program is not installed there: the processes of tests that leave out the working directory
# would not find it.
coverage: export PYTHONPATH := $(CURDIR)
coverage: mutation/.venv/.ready  ## branch coverage of the pure packages (100 %) and of the whole (95 %); TESTS="…" runs a part
	@rm -rf .coverage && mkdir .coverage; tests=0; \
	PYTHONDONTWRITEBYTECODE= $(COVERAGE) run -m pytest -q -n auto --dist worksteal $(TESTS) >&2 || tests=$$?; \
	$(COVERAGE) combine -q && \
	$(COVERAGE) report --skip-covered --skip-empty --show-missing >&2 && \
	mutation/.venv/bin/python tools/coverage_figures.py --pure '$(PURE)' $(if $(TESTS),--part) && \
	exit $$tests

reliability: $(READY)  ## try all of docs/reliability.md and write it anew; ROWS="1 5" tries those
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.reliability.report $(if $(ROWS),--rows $(ROWS))

audit/.venv/.ready: audit/requirements.txt requirements/uv.txt
	$(UV) venv -q --clear --no-python-downloads --python '>=3.11' audit/.venv
	$(UV) pip sync -q --python audit/.venv --require-hashes audit/requirements.txt
	@touch $@

audit: audit/.venv/.ready  ## known weaknesses in what the service depends on; asks PyPI
	audit/.venv/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/grafana.txt -r requirements/mysql.txt

# What an installation holds: no tools of development.
audit/installed/.ready: requirements/grafana.txt requirements/mysql.txt requirements/build.txt requirements/uv.txt
	$(UV) venv -q --clear --no-python-downloads --python '>=3.11' audit/installed
	$(UV) pip sync -q --python audit/installed --require-hashes --build-constraints requirements/build.txt requirements/mysql.txt requirements/grafana.txt
	@touch $@

sbom: audit/.venv/.ready audit/installed/.ready  ## write sbom.json, the bill of materials (CycloneDX)
	audit/.venv/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --gather-license-texts -o sbom.json audit/installed
	@echo sbom.json

lock: $(READY)  ## write the hashed requirements anew
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements/runtime.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --extra grafana -c requirements/runtime.txt -o requirements/grafana.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --extra mysql -c requirements/runtime.txt -o requirements/mysql.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --extra grafana --extra mysql --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 bench/requirements.in -o bench/requirements.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 checkers/requirements.in -o checkers/requirements.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 systems/requirements.in -o systems/requirements.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 mutation/requirements.in -c requirements/dev.txt -o mutation/requirements.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 audit/requirements.in -o audit/requirements.txt

clean:  ## remove what was set up
	rm -rf .venv .tools bench/.venv checkers/.venv checkers/verapdf checkers/verapdf.jar systems/.venv mutation/.venv audit/.venv audit/installed sbom.json mutants .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
