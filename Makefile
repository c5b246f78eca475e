# Starboard's commands. Every one brings what it needs; see docs/development.md.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run dev test bench setup lint unit fuzz-api site e2e clean

# asterisk, simulator or none; auto takes a private real Asterisk where this machine can have one
PBX ?= auto
# where the pages are served; the next free port is taken when this one is not
PORT ?= 3000
WASM := wasm32-unknown-unknown

help: ## this list
	@echo "make run     build, and look at it with a PBX of its own   (PBX=asterisk|simulator|none PORT=3000)"
	@echo "make dev     the same; rebuilds, restarts and reloads on every change"
	@echo "make test    lints, tests, and the browser against the simulator and a real Asterisk"
	@echo "make bench   the measurements"
	@echo "parts of make test: setup lint unit fuzz-api site e2e"

run:
	@scripts/run $(PBX) $(PORT)

dev:
	@scripts/run --watch $(PBX) $(PORT)

test: setup lint unit fuzz-api site e2e

setup:
	@scripts/setup test

lint:
	cargo fmt --all --check
	cargo xtask tidy
	scripts/dependencies
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --package frontend --target $(WASM) -- -D warnings

unit:
	RUST_BACKTRACE=0 RUST_TEST_THREADS=4 cargo test --locked

fuzz-api:
	cargo build --locked --package server --quiet
	scripts/fuzz-api

site:
	cargo xtask site --release
	scripts/trunk-site

e2e:
	cargo test --locked --no-run --quiet
	scripts/e2e

bench:
	@scripts/setup test
	scripts/bench

clean:
	cargo clean
	rm -rf end2end/node_modules end2end/output end2end/test-results
