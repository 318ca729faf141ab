# What a fresh machine needs: `make run` and `make test`.

.PHONY: help run test lint test-switch test-debug test-release test-asan test-tsan test-allocations test-faults \
	test-faults-short soak soak-short test-services fuzz-http fuzz-tls docs bench bench-peers bench-peers-io

# On another processor the switch is tested there alone.
ifeq ($(shell uname -m),x86_64)
emulation = gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
endif

traits = --traits default,TLS,HTTP

formatted = Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Benchmarks \
	$(wildcard Benchmarks/peers/*/Package.swift Benchmarks/peers/*/Sources \
	Benchmarks/peers/*/*/Package.swift Benchmarks/peers/*/*/Sources)

help:
	@echo "make run          the robots: in a window, or 1000 steps without one where there is no display"
	@echo "make test         everything that CI checks; installs what it needs"
	@echo "make lint         the format of every source file"
	@echo "make test-switch  the switch, driven from C, on this processor and on AArch64 under emulation"
	@echo "make test-asan    the libraries under AddressSanitizer and LeakSanitizer; make test-tsan: under ThreadSanitizer"
	@echo "make soak         random programs over many threads, for an hour; SECONDS=, SEED= and THREADS= change that"
	@echo "make test-allocations  that giving way and messages ask for no memory"
	@echo "make test-faults  that the tests notice faults which are planted in a copy; make test-faults-short: some of them"
	@echo "make test-services  tasklets among Hummingbird, AsyncHTTPClient, AsyncAlgorithms and ServiceLifecycle, under load"
	@echo "make fuzz-http    the product HTTP gets bytes that a fuzzer thinks of, for a minute; SECONDS= changes that"
	@echo "make fuzz-tls     the same for the product TLS"
	@echo "make docs         the documentation, one site, into .build/documentation/site"
	@echo "make bench        the benchmarks"
	@echo "make bench-peers  the same jobs on other libraries and languages, side by side; installs them"
	@echo "make bench-peers-io  servers of tasklets and of others, side by side: echo, echo over TLS, HTTP; installs them"

run:
	Scripts/install libsdl2-dev
	swift build -c release --product robots
	if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		.build/release/robots; \
	else \
		.build/release/robots --headless --steps 1000; \
	fi

test:
	Scripts/install libsdl2-dev xvfb xdotool imagemagick ffmpeg librsvg2-bin libxml2-utils \
		weston twm zsh fish jq strace file util-linux gcc binutils libc6-dev gdb git \
		python3 python3-pandas python3-requests \
		libcurl4-openssl-dev libssl-dev openssl curl nginx-light wrk $(emulation)
	$(MAKE) lint
	$(MAKE) test-switch
	$(MAKE) test-debug
	$(MAKE) test-release
	$(MAKE) test-allocations
	$(MAKE) soak-short

lint:
	swift format lint --strict --recursive --parallel $(formatted)

test-switch:
	Tests/StackSwitch/run

# With all traits; the release build has none.
test-debug:
	swift test --disable-xctest $(traits)

# What PackageTests build is the same again.
test-release:
	swift test --disable-xctest -c release --skip PackageTests

# The suite under the sanitizers, debug. Tests/leaks.txt says what LeakSanitizer takes for lost although it is not.
address = ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=1 \
	LSAN_OPTIONS="suppressions='$(CURDIR)/Tests/leaks.txt':print_suppressions=0"
test-asan:
	swift build --build-tests $(traits) --sanitize=address --scratch-path .build-address
	SANITIZER=address $(address) swift test $(traits) --skip-build --disable-xctest --sanitize=address \
		--scratch-path .build-address --filter 'TaskletsTests|ChannelsTests|SyncTests|HubTests|TLSTests|HTTPTests|GreenletsTests|GoldenTraceTests|ActorsTests|RobotWorldTests'

test-tsan:
	swift build --build-tests $(traits) --sanitize=thread --scratch-path .build-thread
	SANITIZER=thread swift test $(traits) --skip-build --disable-xctest --sanitize=thread \
		--scratch-path .build-thread --filter 'TaskletsTests|ChannelsTests|SyncTests|HubTests|TLSTests|HTTPTests|GreenletsTests|GoldenTraceTests|ActorsTests|RobotWorldTests'
	swift build -c release --product Soak --sanitize=thread --scratch-path .build-thread-release
	SANITIZER=thread .build-thread-release/release/Soak --seconds 20 $(if $(SEED),--seed $(SEED))

# A failure prints the seed of the round: `make soak SEED=...` begins with that one.
soak:
	swift build -c release --product Soak
	.build/release/Soak --seconds $(or $(SECONDS),3600) --threads $(or $(THREADS),8) $(if $(SEED),--seed $(SEED))

soak-short:
	$(MAKE) soak SECONDS=60

# Giving way and passing a message ask for no memory. In a release build: a debug build allocates elsewhere.
test-allocations:
	swift run --package-path Benchmarks/peers/tasklets --configuration release TaskletJobs allocations

# Plants faults in a copy of the sources, and shows that the tests notice each.
test-faults:
	Scripts/install git python3 pkg-config libsdl2-dev
	Tests/Faults/run

# One for each part: the order of a meeting, records, threads, claims, hand-overs, the hub.
test-faults-short:
	Scripts/install git python3 pkg-config libsdl2-dev
	Tests/Faults/run wrong-preference block-trap-reused message-wakes-no-thread inbox-last-first channel-keeps-its-claim \
		woken-at-two-places hand-over-not-given-back closing-wakes-nobody

# Not in CI: the libraries take minutes to build.
test-services:
	Tests/AsyncServices/run

# What is found is written to Tests/HTTPTests/Fuzz; new inputs stay in .build.
fuzz-http:
	swift build --package-path Tests/HTTPTests/Fuzz -c release -Xswiftc -sanitize=fuzzer -Xcc -fsanitize=fuzzer-no-link
	mkdir -p Tests/HTTPTests/Fuzz/.build/inputs
	cd Tests/HTTPTests/Fuzz && .build/release/FuzzHTTP -max_total_time=$(or $(SECONDS),60) -timeout=10 -max_len=4096 \
		.build/inputs ../Corpus

# Bytes that libFuzzer thinks of, for a minute; SECONDS= changes that.
fuzz-tls:
	Scripts/install libssl-dev openssl
	Tests/Fuzzers/TLSFuzzer/run $(or $(SECONDS),60)

docs:
	Scripts/install libssl-dev
	Scripts/docs

bench:
	swift package --package-path Benchmarks benchmark --no-progress

bench-peers:
	Scripts/install python3
	Benchmarks/peers/compare.py

bench-peers-io:
	Scripts/install python3
	Benchmarks/peers/compare-io.py
	Benchmarks/peers/compare-tls.py
	Benchmarks/peers/compare-http.py
