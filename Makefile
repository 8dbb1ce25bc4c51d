# The commands of this repository. `make` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-quick soak clients openapi-lint bless notice openapi postgres clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and start the service with an embedded database in ./data and simulated Auth0 tenants
	@scripts/run

test: ## Run every test, on a temporary database unless DATABASE_URL is set
	@scripts/test

check: ## Check format, lints, documentation and dependencies, then run every test
	@scripts/check

bench: ## Measure the service against baselines (about half an hour; docs/performance.md)
	@scripts/bench

bench-quick: ## The same with smaller organisations and fleets, in under five minutes
	@BENCH_QUICK=1 scripts/bench

soak: ## Kill, pause and disconnect replicas at random for SOAK_SECONDS (600); SOAK_SEED repeats a run
	@scripts/soak

clients: ## Run the whole flow with generated clients, lint the OpenAPI document, fuzz the service (docs/clients.md)
	@clients/run

openapi-lint: ## Lint the OpenAPI document (needs Node and npm)
	@clients/run lint

bless: ## Regenerate the checked-in files (docs, openapi)
	@scripts/bless

notice: ## Regenerate NOTICE: the dependencies and their licences
	@scripts/notice

openapi: ## Write the OpenAPI document to openapi/, in versions 3.1 and 3.0
	@UPDATE=1 cargo test --quiet --package api the_document_in_the_repository

postgres: ## Find the PostgreSQL server programs, or install them with apt
	@scripts/install-postgres

clean: ## Remove build output; ./data stays
	@cargo clean
