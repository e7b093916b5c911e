# make catalog               generate, render, validate and build the catalog image into target/catalog
# make catalog-push REF=…    push it to a registry
# make site                  write the web site of the catalog into target/site
# make test                  install what the tests need and run them all
# make check                 formatting, lints, the documentation's links, and that what is generated is up to date
# make bench                 measure the program; BENCH_AGAINST=… names another one to measure beside it

SHELL := /bin/bash
HOST := $(shell rustc -vV | sed -n 's/^host: //p')
CARGO_HOME ?= $(HOME)/.cargo

# The program goes into the catalog image: static, so that it needs nothing else there, and without the paths of the
# machine that built it, so that the same sources give the same bytes in any folder.
# A panic ends them, so nothing unwinds.
RELEASE_FLAGS := -C target-feature=+crt-static -C force-unwind-tables=no --remap-path-prefix=$(CURDIR)=/src --remap-path-prefix=$(CARGO_HOME)=/cargo
PROGRAM := target/$(HOST)/release/catalog

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

.PHONY: program
program:
	RUSTFLAGS='$(RELEASE_FLAGS)' cargo build --locked --release --target $(HOST)

.PHONY: test
test: program
	tests/install-tools.sh
	OLM_CATALOG_PROGRAM=$(CURDIR)/$(PROGRAM) cargo test --locked --no-fail-fast

.PHONY: check
check: program
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps
	$(PROGRAM) generate --check
	$(PROGRAM) build --check

# Only the harness is built by cargo here: what is measured is the program as it is shipped.
.PHONY: bench
bench: program
	BENCH_PROGRAM=$(CURDIR)/$(PROGRAM) cargo bench --locked --profile dev --bench verbs

.PHONY: clean
clean:
	cargo clean
