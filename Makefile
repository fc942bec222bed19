.DEFAULT_GOAL := help

# Passed through to the server: make run ARGS="--port 9000"
ARGS ?=
# The soak: its length, its clients, and the middle of the seconds between two ends of the server.
# SEED repeats what happens by chance in it.
MINUTES ?= 10
CLIENTS ?= 2000
KILL_EVERY ?= 20
# How often `make crash` kills the server, and how long `make fuzz` mutates each parser.
RUNS ?= 200
SECONDS ?= 60
# Where `make cluster` serves.
PORT ?= 8080
# The seeds that `make simulate` runs: a number of them, or a range like 500..<600.
SEEDS ?= 10000
# The shell counts in a variable of this name.
unexport SECONDS

# The real programs that tests and benchmarks start.
export PETNEXUS := $(CURDIR)/.build/release/petnexus
export LOADTEST := $(CURDIR)/.build/release/loadtest

SWIFT_SOURCES := $(wildcard Sources Tests Benchmarks Package.swift)

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: bootstrap ## Build every program, optimised
	swift build -c release

.PHONY: run
run: bootstrap ## Install what is missing, build, and serve on http://127.0.0.1:8080 (ARGS="--port 9000")
	swift build -c release --product petnexus
	$(PETNEXUS) serve $(ARGS)

.PHONY: cluster
cluster: ## Serve with three nodes, one Redis and HAProxy, on http://127.0.0.1:8080 (PORT=)
	@Deploy/bootstrap cluster
	swift build -c release --product petnexus
	@PORT=$(PORT) Deploy/cluster $(ARGS)

.PHONY: test
test: ## Install what is missing, run every check and test, and count them
	@Tests/run

.PHONY: crash
crash: programs ## Kill the server RUNS=200 times under load; nothing that had a receipt may be lost
	Tests/venv
	CRASH_RUNS=$(RUNS) .build/venv/bin/pytest -o cache_dir=.build/pytest Tests/Crash

.PHONY: soak
soak: programs ## Soak for MINUTES=10 with CLIENTS=2000 while the server is killed each KILL_EVERY=20 s
	MINUTES=$(MINUTES) CLIENTS=$(CLIENTS) KILL_EVERY=$(KILL_EVERY) SEED=$(SEED) Tests/Soak/run

.PHONY: cluster-soak
cluster-soak: programs ## Fault three nodes and their Redis at random for MINUTES=10; SEED repeats it
	Deploy/bootstrap tests
	Tests/venv
	MINUTES=$(MINUTES) SEED=$(SEED) .build/venv/bin/python Tests/Cluster/soak

.PHONY: simulate
simulate: bootstrap ## Run simulated clusters under SEEDS=10000 seeds, each with faults of its own
	swift build -c release --product simulate
	.build/release/simulate --seeds '$(SEEDS)' $(ARGS)

.PHONY: mutants
mutants: bootstrap ## Put known bugs into the engine and the Redis bridge, one at a time; the simulation must find each
	Tests/Simulation/mutants

.PHONY: bench
bench: programs ## Measure beside the floor, against targets; takes half an hour
	swift build -c release --product floor
	swift build -c release --product micro
	Benchmarks/run

.PHONY: bench-peers
bench-peers: programs ## Measure beside RabbitMQ, Nchan, NATS and mosquitto, where installed
	Benchmarks/peers

.PHONY: hostile
hostile: programs ## Measure what attackers of each class do to the latency of others
	Benchmarks/hostile

.PHONY: micro
micro: bootstrap ## Time the server's parts, and count what they allocate (ARGS="--trace publish.route")
	swift build -c release --product micro
	.build/release/micro $(ARGS)

.PHONY: fuzz
fuzz: bootstrap ## Feed each parser mutated input for SECONDS=60
	swift build -c release --product fuzz
	.build/release/fuzz --seconds $(SECONDS)

.PHONY: conformance
conformance: bootstrap ## Run Autobahn's WebSocket cases, and hold REST to its OpenAPI document
	Tests/Conformance/run
	Tests/Conformance/rest

.PHONY: format
format: ## Format every Swift file in place
	swift format -i -r $(SWIFT_SOURCES)

.PHONY: lint
lint: ## Check the format, and what the formatter can't mend
	swift format lint --strict -r $(SWIFT_SOURCES)

.PHONY: clean
clean: ## Remove what was built; the data stays
	rm -rf .build

.PHONY: bootstrap
bootstrap:
	@Deploy/bootstrap

.PHONY: programs
programs: bootstrap
	swift build -c release --product petnexus
	swift build -c release --product loadtest
