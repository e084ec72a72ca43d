# Deep SARSA on OpenBLAS. A bare `make` lists the verbs.

SWIFT ?= swift
CONFIGURATION ?= release
RUN := .build/$(CONFIGURATION)/deep-sarsa
PACKAGES := libopenblas-dev liblapacke-dev pkg-config

# What `make train` runs; replace it with `make train ARGUMENTS="CartPole-v1 --seed 7"`.
ARGUMENTS ?= MountainCar-v0 --seed 1

# What a benchmark is given, such as OPTIONS=--quick, or OPTIONS="--only notebook --rounds 3" for the
# peers.
OPTIONS ?=
PEERS := .venv-peers/$(shell sha256sum Benchmarks/Peers/requirements.txt | cut -c1-12)
INTEROP := .venv-interop/$(shell cat Tests/Interop/requirements.txt Tests/Interop/requirements-alone.txt | sha256sum | cut -c1-12)
PYTORCH := .venv-pytorch/$(shell sha256sum Tests/Interop/requirements-pytorch.txt | cut -c1-12)
# No test imports with @testable: built without, tests in release are the same build as the program's.
TEST_RELEASE := $(SWIFT) test -c release --disable-testable-imports
# How much worlds and games are held against the originals.
INTEROP_WORLDS = --seeds 1000 --steps 1000
INTEROP_GAMES = --seeds 42 --steps 2600

.DEFAULT_GOAL := help
.PHONY: help setup build train test same-bytes lint format docs check clean builds \
  proofs mutants mutants-short sweep kernels sanitize sanitize-address sanitize-thread sanitize-kernels \
  interop pytorch faults signature consumer seeds defects benchmark benchmark-programs benchmark-counts valgrind \
  benchmark-peers benchmark-fast benchmark-performance benchmark-bridge benchmark-environments figures

# Durations are those of two cores that do nothing else, after `make build benchmark-programs`.
help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-23s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo 'OPTIONS="…" of measuring verbs: --quick is short, --help lists all, --accept writes tracked files.'

setup: ## install OpenBLAS and LAPACKE if a C program cannot link them
	@if $(probe); then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo "setup: OpenBLAS and LAPACKE (C headers and libraries) and pkg-config are missing." >&2; \
	  echo "setup: install what Debian calls $(PACKAGES)." >&2; exit 1; fi; \
	if [ "$$(id -u)" -ne 0 ]; then sudo=sudo; fi; \
	echo "setup: installing $(PACKAGES)" >&2; \
	$$sudo apt-get update -qq >&2 && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y $(PACKAGES) >&2 && \
	$(probe) || { echo "setup: a C program still cannot link OpenBLAS and LAPACKE" >&2; exit 1; }

build: setup ## build the release configuration
	$(SWIFT) build -c $(CONFIGURATION) --product deep-sarsa

train: build ## train MountainCar (other settings: make train ARGUMENTS="…")
	$(RUN) train $(ARGUMENTS)

test: setup ## run the tests in debug and in release, and compare the bytes of both
	$(SWIFT) test
	$(TEST_RELEASE)
	@$(same_bytes)

proofs: setup ## learn drawn targets until they are within 1e-3 of the exact values
	DEEP_SARSA_PROOFS=1 $(TEST_RELEASE) --filter ExactValuesTests

# The references beside a zero need long double; x86-64 has one that is longer.
sweep: ## hold every activation against double precision over all floats
	mkdir -p .build
	clang -std=gnu11 -O2 -pthread -I Sources/CVectorKernels/include Tests/Sweep/sweep.c \
	  Sources/CVectorKernels/CSARSAVectorKernels.c -lm -o .build/sweep
	.build/sweep

lint: ## check format and documentation comments
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks

format: ## format every Swift file in place
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

same-bytes: setup ## train in debug and in release, and compare what was written
	$(SWIFT) build --product deep-sarsa
	$(SWIFT) build -c release --product deep-sarsa
	@$(same_bytes)

signature: build ## train with every flag, and compare digests of what is written (1 min)
	python3 Tests/Signature/run.py --core Haswell $(OPTIONS)

consumer: setup ## build and run a package that depends on this one by its version
	Tests/Consumer/check.sh

mutants: setup ## break the code in every way of Tests/Mutants, and see tests fail
	python3 Tests/Mutants/run.py

mutants-short: setup ## the same with three, in as many modules
	python3 Tests/Mutants/run.py --only pcg64-increment,time-limit-one-late,discount-squared

kernels: setup ## run on every core type of OpenBLAS and every tier (2 min; docs/kernels.md)
	$(SWIFT) build -c release --build-tests
	python3 Tests/Kernels/run.py $(OPTIONS)

sanitize: sanitize-kernels sanitize-address sanitize-thread ## run all tests under the sanitizers

# Some tests ask for more memory than there is, and must be told so.
sanitize-address: setup
	ASAN_OPTIONS=allocator_may_return_null=1 \
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Sanitize/leaks.txt:print_suppressions=0 \
	  $(SWIFT) test --scratch-path .build-asan --sanitize=address

# The skipped test limits the size of files, and this sanitizer's runtime maps one of its own.
sanitize-thread: setup
	TSAN_OPTIONS=allocator_may_return_null=1 \
	  $(SWIFT) test --scratch-path .build-tsan --sanitize=thread --skip OtherVerbTests/fileSizeLimit

# A driver that calls every kernel on every tier with blocks of their exact size: as the kernels are
# built for use, then with checks. Unsigned sums may wrap and floats may be divided by zero: both are
# defined, and used.
sanitize-kernels:
	mkdir -p .build-ubsan
	for checks in "" "-g -fsanitize=undefined,float-cast-overflow,local-bounds,address \
	    -fno-sanitize-recover=all -fuse-ld=lld -Wno-pass-failed"; do \
	  clang -O2 $$checks -Wall -Wextra -Werror -I Sources/CVectorKernels/include \
	    Tests/Sanitize/kernels.c Sources/CVectorKernels/CSARSAVectorKernels.c -lm \
	    -o .build-ubsan/kernels && .build-ubsan/kernels || exit 1; done

interop: build $(INTEROP) ## hold environments, bridge and arrays against the real Gymnasium, MinAtar, numpy
	.venv-interop/bin/python -W ignore Tests/Interop/environments.py $(INTEROP_WORLDS)
	.venv-interop/bin/python -W ignore Tests/Interop/minatar_bsuite.py $(INTEROP_GAMES)
	.venv-interop/bin/python -W ignore Tests/Interop/bridge.py
	.venv-interop/bin/python Tests/Interop/npz.py
	.venv-interop/bin/python Tests/Interop/yaml_strings.py

# Gymnasium, numpy and others in an environment of their own, known by the hash of its lists. What is
# installed alone asks for much more than its worlds need.
$(INTEROP):
	@echo "fetching 50 MB of Python packages to .venv-interop, 150 MB on disk" >&2
	rm -rf .venv-interop
	python3 -m venv .venv-interop || { echo "interop: python3 with venv and pip is needed" >&2; exit 1; }
	.venv-interop/bin/pip install --requirement Tests/Interop/requirements.txt
	.venv-interop/bin/pip install --no-deps --requirement Tests/Interop/requirements-alone.txt
	touch $@

pytorch: build $(PYTORCH) ## hold trained networks against PyTorch (1 min; fetches 3 GB)
	.venv-pytorch/bin/python Tests/Interop/pytorch.py

$(PYTORCH):
	@echo "fetching 3 GB of Python packages to .venv-pytorch, 6 GB on disk; some minutes" >&2
	rm -rf .venv-pytorch
	python3 -m venv .venv-pytorch || { echo "pytorch: python3 with venv and pip is needed" >&2; exit 1; }
	.venv-pytorch/bin/pip install --requirement Tests/Interop/requirements-pytorch.txt
	touch $@

faults: setup ## start, break and stop 10,000 processes of environments, and look for what is left
	DEEP_SARSA_FAULTS=10000 $(TEST_RELEASE) --filter FaultTests

# Everything that measures without SwiftPM's plugin. No other package is fetched, and valgrind cannot
# read the compiler's debug information.
benchmark-programs: setup ## build the programs of Benchmarks (1 min)
	$(SWIFT) build -c release --package-path Benchmarks --scratch-path .build-counts \
	  -debug-info-format none

# One suite alone: make benchmark OPTIONS='--filter "Training.*"'.
benchmark: setup ## time products, kernels, networks, memory, environments, training (5 min; fetches 5 MB)
	DEEP_SARSA_SUITES=1 $(SWIFT) package --package-path Benchmarks --scratch-path .build-benchmark \
	  benchmark --grouping metric --time-units nanoseconds $(OPTIONS)

benchmark-counts: benchmark-programs valgrind ## hold allocations and instructions against counts.json (1 min)
	python3 Benchmarks/counts.py $(OPTIONS)

# Nothing but the counts needs it.
valgrind:
	@if command -v valgrind >/dev/null; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo "valgrind is missing" >&2; exit 1; fi; \
	if [ "$$(id -u)" -ne 0 ]; then sudo=sudo; fi; \
	echo "installing valgrind" >&2; \
	$$sudo apt-get update -qq >&2 && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y valgrind >&2

benchmark-performance: build benchmark-programs ## measure a step and its limit, growth, seeds, memory (15 min)
	python3 Benchmarks/performance.py $(OPTIONS)

benchmark-fast: build benchmark-programs ## time `train --preset fast` with 20 seeds (2 min)
	python3 Benchmarks/fast.py $(OPTIONS)

benchmark-bridge: benchmark-programs $(INTEROP) ## time the bridge beside a loop in Python (3 min; fetches 50 MB)
	.venv-interop/bin/python Benchmarks/bridge.py $(OPTIONS)

benchmark-environments: benchmark-programs ## time the steps of the environments that are built in (10 s)
	python3 Benchmarks/environments.py $(OPTIONS)

benchmark-peers: build benchmark-programs $(PEERS) ## time JAX, NumPy, PyTorch and others (40 min; fetches 3 GB)
	.venv-peers/bin/python Benchmarks/peers.py $(OPTIONS)

# PyTorch is several GB: packages are installed once for a list of requirements, known by its hash.
$(PEERS):
	@echo "fetching 3 GB of Python packages to .venv-peers, 6 GB on disk; some minutes" >&2
	rm -rf .venv-peers
	python3 -m venv .venv-peers || { echo "peers: python3 with venv and pip is needed" >&2; exit 1; }
	.venv-peers/bin/pip install --requirement Benchmarks/Peers/requirements.txt
	touch $@

seeds: build ## train every setting of docs/results.md with 20 seeds, on two kinds of kernels (20 min)
	python3 Benchmarks/seeds.py $(OPTIONS)

defects: build ## measure what the notebook's defects cost, with 20 seeds each (10 min)
	python3 Benchmarks/defects.py $(OPTIONS)

# OPTIONS=--accept writes docs/benchmarks and docs/kernels.md, whose figures README and docs quote.
figures: benchmark-environments benchmark-bridge benchmark-fast seeds defects benchmark-performance
figures: benchmark-peers kernels consumer
figures: ## remake every figure of README and docs (100 min; fetches 3 GB)

docs: setup ## build the reference documentation, and say how to read it (a broken link is an error)
	for target in DeepSARSA SARSAEnvironments SARSANetworks SARSALinearAlgebra \
	  SARSARandomSources SARSAFiles SARSAExperiments SARSAGymnasium; do \
	  DEEP_SARSA_DOCS=1 $(SWIFT) package --scratch-path .build-docs generate-documentation \
	    --target $$target --warnings-as-errors || exit 1; done
	@echo 'docs: to read it, run'
	@echo '  python3 -m http.server 8000 --directory .build-docs/plugins/Swift-DocC/outputs/DeepSARSA.doccarchive'
	@echo '  and open http://localhost:8000/documentation/deepsarsa/'

check: export DEEP_SARSA_STRICT = 1
check: INTEROP_WORLDS = --seeds 8 --steps 1000
check: INTEROP_GAMES = --seeds 6 --steps 600
check: lint builds test signature proofs benchmark-counts interop sanitize-kernels docs consumer mutants-short ## what CI runs, warnings as errors

# What no other part of `check` runs must at least be built.
builds: setup ## build every package, compile every script, list suites, try every verb with make -n
	SWIFT="$(SWIFT)" .ci/builds

clean: ## remove everything that was built
	rm -rf .build .build-*

# The same short run by both builds. Folders differ in the time in their names, and configs in the
# build's; the rest must not differ in a byte.
define same_bytes
	folder=$$(mktemp -d) && for build in debug release; do \
	  .build/$$build/deep-sarsa train MountainCar-v0 --preset notebook --total-timesteps 3000 \
	    --evaluation-every 1000 --evaluation-episodes 2 --quiet --output $$folder/$$build \
	    >/dev/null || exit 1; done; \
	for file in model.safetensors best.safetensors episodes.csv evaluations.csv; do \
	  cmp $$folder/debug/*/$$file $$folder/release/*/$$file || exit 1; done; \
	rm -r $$folder; echo "debug and release wrote the same bytes"
endef

# Three lines of C against both libraries, compiled and linked for real.
define PROGRAM
#include <cblas.h>\n#include <lapacke.h>\nint main(void) { lapack_int p; double a = 2; return cblas_ddot(1, &a, 1, &a, 1) != 4 || LAPACKE_dgetrf(LAPACK_ROW_MAJOR, 1, 1, &a, 1, &p); }\n
endef
probe = directory=$$(mktemp -d) && { \
	printf '$(PROGRAM)' > $$directory/probe.c; \
	clang $$directory/probe.c -o $$directory/probe $$(pkg-config --cflags --libs openblas lapacke 2>/dev/null) \
	  >/dev/null 2>&1 && $$directory/probe; status=$$?; rm -r $$directory; [ $$status -eq 0 ]; }
