# The commands of this repository. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check bench soak bless notice openapi postgres clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and start the service on its own database in ./data, with simulated Auth0 tenants
	@scripts/run

test: ## Run every test, on a throw-away database unless DATABASE_URL names one
	@scripts/test

check: ## Format, lints, documentation, dependencies, then every test: what a change must pass
	@scripts/check

bench: ## Measure how fast a tenant is judged, against naive clients in the same run
	@cargo bench --quiet --package tests --bench judge

soak: ## Kill, pause and cut off replicas at random for SOAK_SECONDS (600); SOAK_SEED repeats a run
	@scripts/soak

bless: ## Rewrite the generated files that are checked in (docs, openapi)
	@scripts/bless

notice: ## Write NOTICE: the crates in the program and their licences
	@scripts/notice

openapi: ## Write the OpenAPI document to openapi/openapi.json
	@cargo run --quiet --package server --bin safe-auth0 -- openapi > openapi/openapi.json.new
	@mv openapi/openapi.json.new openapi/openapi.json

postgres: ## Find PostgreSQL's server programs, or install them with apt
	@scripts/install-postgres

clean: ## Remove what was built; ./data stays
	@cargo clean
