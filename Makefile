# make catalog               generate, render, validate and build the catalog image, into target/catalog
# make catalog-push REF=…    push the catalog image to a registry
# make site                  write the web site of the catalog into target/site
# make test                  install the tools that the tests need, run all tests, and list what was skipped and why
# make book                  write the manual as a web site into target/book, with mdbook
# make check                 check formatting, lints, links in the documentation, the manual, and that generated files are up to date
# make dist                  write the files of a release into target/dist; DIST_URL=… adds krew manifests
# make bench                 measure the program; BENCH_AGAINST=… compares it with another one

SHELL := /bin/bash
HOST := $(shell rustc -vV | sed -n 's/^host: //p')
CARGO_HOME ?= $(HOME)/.cargo

# The program in the catalog image is static, so it needs nothing else there, and contains no paths of the build
# machine, so the same sources give the same bytes in any folder.
# A panic aborts them, so they need no unwinding.
RELEASE_FLAGS := -C target-feature=+crt-static -C force-unwind-tables=no --remap-path-prefix=$(CURDIR)=/src --remap-path-prefix=$(CARGO_HOME)=/cargo
PROGRAM := target/$(HOST)/release/catalog

# Each feature of the library builds by itself. `cli` is the default, so all targets are built with it.
FEATURES := apis catalog image registry serve install

.PHONY: catalog
catalog: program
	$(PROGRAM) generate
	$(PROGRAM) build

.PHONY: catalog-push
catalog-push: catalog
	@test -n "$(REF)" || { echo "usage: make catalog-push REF=registry/repository:tag" >&2; exit 2; }
	$(PROGRAM) push "$(REF)"

.PHONY: site
site: program
	$(PROGRAM) site catalog --bundles bundles --out target/site

# mdbook of the PATH, or one that cargo installs into target/tools once; unoptimised, as it compiles faster.
MDBOOK := $(or $(shell command -v mdbook),target/tools/bin/mdbook)
target/tools/bin/mdbook:
	cargo install mdbook --version 0.5.4 --locked --no-default-features --features search --debug --root target/tools

.PHONY: book
book: $(MDBOOK)
	$(MDBOOK) build

.PHONY: program
program:
	RUSTFLAGS='$(RELEASE_FLAGS)' cargo build --locked --release --target $(HOST)

.PHONY: test
test: program
	tests/install-tools.sh
	OLM_CATALOG_PROGRAM=$(CURDIR)/$(PROGRAM) tests/run.sh

.PHONY: check
check: program
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	for feature in "" $(FEATURES); do \
	  cargo clippy --locked --lib --no-default-features --features "$$feature" -- -D warnings || exit 1; \
	done
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps
	$(PROGRAM) generate --check
	$(PROGRAM) build --check
	@if $(MAKE) --no-print-directory $(MDBOOK); then $(MAKE) --no-print-directory book; \
	  else echo "the manual was not built: mdbook is not installed, and cargo cannot install it" >&2; fi

# Cargo builds only the harness here: the measured program is the one that is shipped.
.PHONY: bench
bench: program
	BENCH_PROGRAM=$(CURDIR)/$(PROGRAM) cargo bench --locked --profile dev --bench verbs

# The files of a release for this platform: an archive with the programs, and its SBOM.
DIST := target/dist
DIST_TOOL := cargo run --locked --quiet --example dist --

.PHONY: dist
dist: program
	rm -rf $(DIST)
	$(DIST_TOOL) archive --target $(HOST) --programs target/$(HOST)/release --out $(DIST)
	$(MAKE) dist-index

# The checksums of all files of a release, and the krew manifests, for which DIST_URL is the address of the files, and
# DIST_HOMEPAGE that of the project.
.PHONY: dist-index
dist-index:
	$(DIST_TOOL) index --out $(DIST) $(if $(DIST_URL),--url "$(DIST_URL)" --homepage "$(DIST_HOMEPAGE)")

.PHONY: clean
clean:
	cargo clean
