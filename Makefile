# Deep SARSA on OpenBLAS. A bare `make` lists the verbs.

SWIFT ?= swift
CONFIGURATION ?= release
RUN := .build/$(CONFIGURATION)/deep-sarsa

# What `make train` runs; replace it with `make train ARGUMENTS="CartPole-v1 --seed 7"`.
ARGUMENTS ?= MountainCar-v0 --seed 1

# What a benchmark is given, such as OPTIONS=--quick, or OPTIONS="--only notebook --rounds 3" for the
# peers.
OPTIONS ?=
PEERS := .venv-peers/$(shell sha256sum Benchmarks/Peers/requirements.txt | cut -c1-12)
INTEROP := .venv-interop/$(shell cat Tests/Interop/requirements.txt Tests/Interop/requirements-alone.txt | sha256sum | cut -c1-12)
RLIABLE := .venv-rliable/$(shell sha256sum Tests/Interop/requirements-rliable.txt | cut -c1-12)
SEARCH := .venv-search/$(shell sha256sum Benchmarks/Search/requirements.txt | cut -c1-12)
PICTURES := .venv-pictures/$(shell sha256sum Tests/Pictures/requirements.txt | cut -c1-12)
BROWSER := .venv-browser/$(shell sha256sum Tests/Pictures/requirements-browser.txt | cut -c1-12)
PYTORCH := .venv-pytorch/$(shell sha256sum Tests/Interop/requirements-pytorch.txt | cut -c1-12)
# No test imports with @testable: built without, tests in release are the same build as the program's.
TEST_RELEASE := $(SWIFT) test -c release --disable-testable-imports
# How much worlds and games are held against the originals.
INTEROP_WORLDS = --seeds 1000 --steps 1000
INTEROP_GAMES = --seeds 42 --steps 2600
# How often runs are killed.
SURVIVE = $(OPTIONS)

.DEFAULT_GOAL := help
.PHONY: help setup build train test same-bytes lint format docs check check-builds check-building check-beside clean builds \
  proofs proofs-short changes mutants mutants-short sweep kernels sanitize sanitize-address sanitize-thread sanitize-kernels \
  interop rliable pytorch pictures browser fuzz fuzz-short fuzz-release fuzz-debug coverage scales faults signature consumer terminal \
  search survive-search study results \
  benchmark benchmark-programs benchmark-counts valgrind \
  benchmark-peers benchmark-fast benchmark-performance benchmark-bridge benchmark-environments benchmark-checkpoints benchmark-experiments figures cluster

# Durations are those of two cores that do nothing else, after `make build benchmark-programs`.
help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-23s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo 'OPTIONS="…" of measuring verbs: --quick is short, --help lists all, --accept writes tracked files.'

setup: ## install OpenBLAS and LAPACKE if a C program cannot link them
	@.ci/setup

build: setup ## build the release configuration
	$(SWIFT) build -c $(CONFIGURATION) --product deep-sarsa

# With what `make pictures` installs, a page shows at the end what was learned.
train: build ## train MountainCar (other settings: make train ARGUMENTS="…")
	$(RUN) train $(ARGUMENTS) $(if $(wildcard .venv-pictures/bin/python),--report)

test: setup ## run the tests in debug and in release, and compare the bytes of both
	$(SWIFT) test
	$(TEST_RELEASE)
	@.ci/same-bytes

proofs: setup ## learn drawn targets until they are within 1e-3 of the exact values
	DEEP_SARSA_PROOFS=1 $(TEST_RELEASE) --filter "ExactValuesTests|GridOptimumTests"

# Drawn targets have looser bounds in `make test`, which is their short version.
proofs-short: setup ## the same with parallel environments, and the whole optimum of MountainCar
	DEEP_SARSA_PROOFS=1 $(TEST_RELEASE) --filter "ParallelExactValuesTests|GridOptimumTests"

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
	@.ci/same-bytes

signature: build ## train with every flag, and compare digests of what is written (1 min)
	python3 Tests/Signature/run.py --core Haswell $(OPTIONS)

terminal: build ## hold the screens of train, watch and doctor in three widths against accepted ones (30 s)
	python3 Tests/Terminal/run.py $(OPTIONS)

consumer: setup ## build and run a package that depends on this one by its version
	Tests/Consumer/check.sh

mutants: setup ## break the code in every way of Tests/Mutants, and see tests fail
	python3 Tests/Mutants/run.py

changes: setup ## add an agent, a layer, a world, a preset, a setting and an export; see what each costs
	python3 Tests/Changes/run.py

mutants-short: setup ## the same with three, in as many modules, in the code that `make changes` has built
	python3 Tests/Mutants/run.py --changed --only pcg64-increment,time-limit-one-late,discount-squared

kernels: setup ## run on every core type of OpenBLAS and every tier (2 min; docs/kernels.md)
	$(SWIFT) build -c release --build-tests
	python3 Tests/Kernels/run.py $(OPTIONS)

sanitize: sanitize-kernels sanitize-address sanitize-thread ## run all tests under the sanitizers

# Some tests ask for more memory than there is, and must be told so; others limit it too much for a sanitizer.
sanitize-address: setup
	ASAN_OPTIONS=allocator_may_return_null=1 \
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Sanitize/leaks.txt:print_suppressions=0 \
	  $(SWIFT) test --scratch-path .build-asan --sanitize=address --skip LimitTests

# Sanitizers need more memory than the tests of limits leave, and this one maps a file of its own.
sanitize-thread: setup
	TSAN_OPTIONS=allocator_may_return_null=1 \
	  $(SWIFT) test --scratch-path .build-tsan --sanitize=thread --skip LimitTests --skip OtherVerbTests/fileSizeLimit

sanitize-kernels:
	Tests/Sanitize/kernels.sh

interop: build fuzz-debug $(INTEROP) ## hold environments, bridge and files against the packages that pip installs
	.venv-interop/bin/python -W ignore Tests/Interop/environments.py $(INTEROP_WORLDS)
	.venv-interop/bin/python -W ignore Tests/Interop/minatar_bsuite.py $(INTEROP_GAMES)
	.venv-interop/bin/python -W ignore Tests/Interop/bridge.py
	.venv-interop/bin/python Tests/Interop/npz.py
	.venv-interop/bin/python Tests/Interop/exports.py
	.venv-interop/bin/python Tests/Interop/safetensors_fuzz.py --program .build-fuzz/debug/fuzz
	.venv-interop/bin/python Tests/Interop/yaml_strings.py

# Gymnasium, numpy and others in an environment of their own, known by the hash of its lists. What is
# installed alone asks for much more than its worlds need.
$(INTEROP):
	.ci/venv .venv-interop "120 MB of Python packages, 350 MB on disk" \
	  Tests/Interop/requirements.txt Tests/Interop/requirements-alone.txt
	touch $@

# The test that reads the committed cases reads these instead.
rliable: build $(RLIABLE) ## hold the statistics against rliable on 200 drawn score matrices (6 min; fetches 120 MB)
	.venv-rliable/bin/python -W ignore Tests/Interop/compare.py
	.venv-rliable/bin/python -W ignore Tests/Fixtures/generate/rliable_scores.py \
	  --cases 200 --seed 1 --every 25 --output .build/rliable.json
	DEEP_SARSA_RLIABLE=$(CURDIR)/.build/rliable.json $(TEST_RELEASE) --filter RliableTests

$(RLIABLE):
	.ci/venv .venv-rliable "120 MB of Python packages, 500 MB on disk" Tests/Interop/requirements-rliable.txt
	touch $@

scales: setup ## measure the returns of random actions in the built-in environments (2 min)
	DEEP_SARSA_SCALES=10000 $(TEST_RELEASE) --filter ScoreScaleTests

coverage: setup ## measure how often 95 % intervals contain the true value (2 min; docs/statistics.md)
	DEEP_SARSA_COVERAGE=1 $(TEST_RELEASE) --filter CoverageTests

pytorch: build $(PYTORCH) ## hold trained networks against PyTorch (1 min; fetches 3 GB)
	.venv-pytorch/bin/python Tests/Interop/pytorch.py

$(PYTORCH):
	.ci/venv .venv-pytorch "3 GB of Python packages, 6 GB on disk; some minutes" \
	  Tests/Interop/requirements-pytorch.txt
	touch $@

fuzz: fuzz-release ## fuzz every reader of files and messages, an hour each (7 h)
	python3 Tests/Fuzz/run.py $(OPTIONS)

fuzz-short: fuzz-debug ## fuzz each for some seconds, from the kept inputs (1 min)
	python3 Tests/Fuzz/run.py --seconds 10 --jobs 2 --seed 1 --program .build-fuzz/debug/fuzz

# In debug it takes a third of the time to build, and reads a third as many inputs. The linker would drop the
# sanitizer's tables of the code together with what nothing refers to.
fuzz-release fuzz-debug: fuzz-%: setup
	DEEP_SARSA_FUZZ=1 $(SWIFT) build -c $* --product fuzz --scratch-path .build-fuzz \
	  --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address \
	  -Xswiftc -use-ld=lld --disable-dead-strip

# Packages of Debian for films and surfaces, and one of Python for charts, which the program finds where it lies.
pictures: build ## install what draws films and charts, and see that these are what they should be (2 min; fetches 230 MB)
	@missing=; command -v ffmpeg >/dev/null || missing="$$missing ffmpeg"; \
	command -v rsvg-convert >/dev/null || missing="$$missing librsvg2-bin"; \
	command -v gnuplot >/dev/null || missing="$$missing gnuplot-nox"; \
	fc-list 2>/dev/null | grep -q DejaVuSans || missing="$$missing fontconfig fonts-dejavu-core"; \
	python3 -c "import ensurepip" 2>/dev/null || missing="$$missing python3-venv"; \
	[ -z "$$missing" ] || .ci/install pictures $$missing
	@$(MAKE) --no-print-directory $(PICTURES)
	python3 Tests/Pictures/films.py
	python3 Tests/Pictures/plots.py

$(PICTURES):
	.ci/venv .venv-pictures "33 MB of Python packages, 110 MB on disk" Tests/Pictures/requirements.txt
	touch $@

# Debian has no driver of Firefox, which only takes a screenshot.
browser: build $(PICTURES) $(BROWSER) ## see in Chromium and Firefox that reports show what they should (2 min; fetches 300 MB)
	@missing=; command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v chromedriver >/dev/null || missing="$$missing chromium-driver"; \
	command -v firefox-esr >/dev/null || missing="$$missing firefox-esr"; \
	fc-list 2>/dev/null | grep -q DejaVuSans || missing="$$missing fontconfig fonts-dejavu-core"; \
	[ -z "$$missing" ] || .ci/install browser $$missing
	.venv-browser/bin/python Tests/Pictures/browser.py $(OPTIONS)

$(BROWSER):
	.ci/venv .venv-browser "12 MB of Python packages, 70 MB on disk" Tests/Pictures/requirements-browser.txt
	touch $@

survive: survive-processes survive-disks ## kill runs, fail calls, cut power, fill disks; compare every byte (20 min)
	DEEP_SARSA_EVERY_CALL=1 $(TEST_RELEASE) --filter "FailingCallTests|PowerFailureTests|CheckpointFileTests"

survive-processes: build
	python3 Tests/Survive/run.py $(SURVIVE)

survive-search: $(SEARCH) ## kill searches for settings, go on, compare what they found (4 min; fetches 60 MB)
	.venv-search/bin/python Tests/Survive/search.py $(OPTIONS)

survive-disks: build ## fill real disks and cut their power; as root, or it is left out (2 min)
	python3 Tests/Survive/disks.py

cluster: build ## share an experiment by Slurm, mpirun and GNU parallel; compare every byte (4 min; fetches 20 MB)
	@missing=$$(python3 Tests/Cluster/run.py --missing); [ -z "$$missing" ] || .ci/install cluster $$missing
	python3 Tests/Cluster/run.py $(OPTIONS)

faults: setup ## start, break and stop 10,000 processes of environments, and look for what is left
	DEEP_SARSA_FAULTS=10000 $(TEST_RELEASE) --filter FaultTests

# Everything that measures without SwiftPM's plugin. No other package is fetched, and valgrind cannot
# read the compiler's debug information.
benchmark-programs: setup ## build the programs of Benchmarks (1 min)
	$(SWIFT) build -c release --package-path Benchmarks --scratch-path .build-counts \
	  -debug-info-format none

# One suite alone: make benchmark OPTIONS='--filter "Training.*"'.
benchmark: setup ## time products, kernels, networks, memory, environments, training (5 min; fetches 5 MB)
	DEEP_SARSA_SUITES=1 $(SWIFT) package --package-path Benchmarks --scratch-path .build-counts \
	  -debug-info-format none benchmark --grouping metric --time-units nanoseconds $(OPTIONS)

benchmark-counts: benchmark-programs valgrind ## hold allocations and instructions against counts.json (1 min)
	python3 Benchmarks/counts.py $(OPTIONS)

# Nothing but the counts needs it.
valgrind:
	@command -v valgrind >/dev/null || .ci/install benchmark-counts valgrind

benchmark-performance: build benchmark-programs ## measure a step and its limit, growth, seeds, memory (15 min)
	python3 Benchmarks/performance.py $(OPTIONS)

benchmark-fast: build benchmark-programs ## time `train --preset fast` with 20 seeds (2 min)
	python3 Benchmarks/fast.py $(OPTIONS)

benchmark-bridge: benchmark-programs $(INTEROP) ## time the bridge beside a loop in Python (3 min; fetches 120 MB)
	.venv-interop/bin/python Benchmarks/bridge.py $(OPTIONS)

benchmark-checkpoints: build benchmark-programs ## time checkpoints of runs with a large memory (8 min)
	python3 Benchmarks/checkpoints.py $(OPTIONS)

benchmark-experiments: build benchmark-programs ## time the results of a thousand runs (1 min)
	python3 Benchmarks/experiments.py $(OPTIONS)

benchmark-environments: benchmark-programs ## time the steps of the environments that are built in (10 s)
	python3 Benchmarks/environments.py $(OPTIONS)

benchmark-peers: build benchmark-programs $(PEERS) ## time JAX, NumPy, PyTorch and others (40 min; fetches 3 GB)
	.venv-peers/bin/python Benchmarks/peers.py $(OPTIONS)

# PyTorch is several GB: packages are installed once for a list of requirements, known by its hash.
$(PEERS):
	.ci/venv .venv-peers "3 GB of Python packages, 6 GB on disk; some minutes" \
	  Benchmarks/Peers/requirements.txt
	touch $@

search: build $(SEARCH) ## search an environment's settings with Optuna, resumable (40 min; fetches 60 MB)
	.venv-search/bin/python Benchmarks/search.py $(OPTIONS)

$(SEARCH):
	.ci/venv .venv-search "60 MB of Python packages, 280 MB on disk" Benchmarks/Search/requirements.txt
	touch $@

# Where the runs of studies are, with which a stopped `make study` or `make results` goes on.
RUNS ?= Benchmarks/results

study: build $(PICTURES) ## compare twelve methods in six environments, with 20 seeds each; resumable (15 min)
	$(RUN) experiment Benchmarks/Studies/methods.yaml -o $(RUNS)/methods $(OPTIONS)
	$(RUN) experiment aggregate $(RUNS)/methods > /dev/null
	python3 Benchmarks/study.py Benchmarks/Studies/methods.md docs/study.md methods=$(RUNS)/methods
	@# The page is written once all runs are over.
	@if [ docs/study.md -nt $(RUNS)/methods/results.json ]; then \
	  $(RUN) plot $(RUNS)/methods --what intervals --scale 1 -o docs/pictures/study-intervals.png && \
	  $(RUN) plot $(RUNS)/methods --what probability -o docs/pictures/study-probability.svg; fi

# The experiments of docs/results.md, in the order in which they are trained. LunarLander needs Gymnasium, and coin a
# program with a mistake.
STUDIES := tuned cartpole taxi retuned notebook coin general streaming ablation lunarlander minatar
COIN := .build-coin/.build/release/deep-sarsa

results: export DEEP_SARSA_PYTHON ?= $(CURDIR)/.venv-interop/bin/python
results: build $(COIN) $(INTEROP) ## train what docs/results.md has, and write it; resumable (6 h; fetches 120 MB)
	@set -e; for study in $(STUDIES); do \
	  program=$(RUN); [ $$study != coin ] || program=$(COIN); \
	  $$program experiment Benchmarks/Studies/$$study.yaml -o $(RUNS)/$$study $(OPTIONS); \
	  $(RUN) experiment aggregate $(RUNS)/$$study > /dev/null; \
	done
	python3 Benchmarks/study.py Benchmarks/Studies/results.md docs/results.md \
	  $(foreach study,$(STUDIES),$(study)=$(RUNS)/$(study))

# The program with a mistake of the notebook that is no setting: a copy of the sources, patched.
$(COIN): Benchmarks/Defects/coin_per_batch.patch $(shell find Package.swift Sources -type f)
	rm -rf .build-coin
	mkdir .build-coin
	git ls-files -z Package.swift Sources Tests | xargs -0 cp --parents --no-dereference -t .build-coin
	[ ! -e Package.resolved ] || cp Package.resolved .build-coin
	git apply --directory=.build-coin $<
	$(SWIFT) build -c release --product deep-sarsa --package-path .build-coin
	touch $@

# OPTIONS=--accept writes docs/benchmarks and docs/kernels.md, whose figures README and docs quote.
figures: benchmark-environments benchmark-bridge benchmark-fast results study benchmark-performance
figures: benchmark-checkpoints benchmark-experiments benchmark-peers coverage kernels consumer
figures: ## remake the figures of README and docs that name no other command (6 h; fetches 3 GB)

docs: setup ## build the reference documentation, and say how to read it (a broken link is an error)
	SWIFT="$(SWIFT)" .ci/docs

check: export DEEP_SARSA_STRICT = 1
check: lint setup ## what CI runs, warnings as errors
	@$(LANE) -j2 build check-builds
	@$(LANE) -o build -j2 check-building check-beside

# Most parts keep one core busy, so there are two lanes: what builds in .build, where SwiftPM lets one process work at
# a time, and what does not, whose lines begin with a bar. Neither builds the program again (-o).
LANE := DEEP_SARSA_STRICT=1 MAKEFLAGS= make --no-print-directory -o setup SWIFT="$(SWIFT)"
check-building:
	@$(LANE) -o build test signature proofs-short changes mutants-short docs

check-beside:
	@bash -o pipefail -c '$(LANE) -o build SURVIVE="--kills 10 --early 2" INTEROP_WORLDS="--seeds 8 --steps 1000" \
	  INTEROP_GAMES="--seeds 4 --steps 600" interop fuzz-short pictures browser terminal survive-processes \
	  benchmark-counts sanitize-kernels consumer 2>&1 | sed -u "s/^/| /"'

check-builds:
	@bash -o pipefail -c '$(LANE) builds 2>&1 | sed -u "s/^/| /"'

# What no other part of `check` runs must at least be built.
builds: setup ## build every package, compile every script, list suites, try every verb with make -n
	SWIFT="$(SWIFT)" .ci/builds

clean: ## remove everything that was built
	rm -rf .build .build-*
