# Each target does its own set-up; a second run of it finds everything done.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
# Tests run in this many processes at once.
JOBS ?= 2
PYTEST := $(BIN)/pytest -n $(JOBS) --dist loadgroup

# Containers often set it. Tests start hundreds of processes; each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: play test bench netcode trials hostile fuzz lint types unit web coverage clean
.PHONY: setup setup-test setup-bench setup-netcode setup-fuzz

## make play: a match of Arena against bots, in the browser, open to your network.
play: setup
	@$(BIN)/rumpus serve --host 0.0.0.0 --port $(PORT) --start now --max-players 8 --bots 7

## make test: everything: style, types, unit, socket and browser tests, coverage.
test: setup-test lint types web coverage

## make bench: every workload, everybody we compare with, all curves; writes docs/performance.md. Half an hour, and
## nothing else should run meanwhile.
bench: setup-bench
	@mkdir -p dist
	$(BIN)/rumpus bench --peers --curves --json dist/bench.json --write docs/performance.md

## make netcode: how well prediction, interpolation and lag compensation work over four kinds of links, with real clients;
## writes docs/netcode.md. Eight minutes, and nothing else should run meanwhile.
netcode: setup-netcode
	@mkdir -p dist
	$(BIN)/python benchmarks/netcode/run.py --json dist/netcode.json --write docs/netcode.md

## make trials: what players see when the server stands still, dies, is started anew, cannot write or has a faulty game;
## writes a table into docs/operate.md. Eight minutes, and nothing else should run meanwhile.
trials: setup-test
	$(BIN)/python benchmarks/trials/run.py --write docs/operate.md

## make hostile: what one address can do to everybody else, attack by attack and all at once, and what each thing costs;
## writes tables into docs/operate.md. Fifteen minutes, and nothing else should run meanwhile.
hostile: setup
	$(BIN)/python benchmarks/strangers/prices.py --write docs/operate.md
	$(BIN)/python benchmarks/strangers/hostile.py --each --write docs/operate.md
	$(BIN)/python benchmarks/strangers/hostile.py --write docs/operate.md

## make fuzz SECONDS=600: looks for inputs that break something, in all that reads what strangers send; tests/fuzz has it.
SECONDS ?= 600
fuzz: setup-fuzz
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(TARGETS)

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive src
	$(BIN)/python scripts/audit.py

types:
	$(BIN)/mypy
	npx --no-install tsc -p tsconfig.json --noEmit

web:
	cd tests/web && node --test

coverage:
	$(PYTEST) --cov --cov-report=term

## make unit: the tests that need neither sockets nor a browser nor patience, for the minute between two edits.
## Properties play an eighth of their examples.
unit: setup-test
	$(PYTEST) -m "not socket and not browser and not slow" --hypothesis-profile quick

setup:
	@PYTHON=$(PYTHON) sh scripts/setup.sh play

setup-test:
	@PYTHON=$(PYTHON) sh scripts/setup.sh test

setup-bench:
	@PYTHON=$(PYTHON) sh scripts/setup.sh bench

setup-fuzz:
	@PYTHON=$(PYTHON) sh scripts/setup.sh fuzz

setup-netcode:
	@PYTHON=$(PYTHON) sh scripts/setup.sh netcode

clean:
	rm -rf .venv node_modules .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
