# Needs Go and make, nothing else: every tool is built from a pinned Go module into bin/, under a name that carries its
# version. Without a C compiler tests run without the race detector.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
IMAGE ?= ghcr.io/peergate/peergate
# The kustomization that render, deploy and undeploy are about.
CONFIG ?= config/default
DEEPER ?= 1
FUZZTIME ?= 20s
CHAOSTIME ?= 10m
CHAOSNODES ?= 200
CHAOSSEED ?= 0
# Flags of the program that bench runs: -quick, -json, -only storms, -nodes 5000. The plot is that of a run without any.
BENCH ?=
DOCKER ?= docker
KUBECTL ?= kubectl

# version_of takes a module and the go.mod that pins it.
version_of = $(shell awk '$$1 == "$(1)" && NF > 1 { print $$2 }' $(2))
CONTROLLER_GEN := bin/controller-gen-$(call version_of,sigs.k8s.io/controller-tools,tools/go.mod)
KUSTOMIZE := bin/kustomize-$(call version_of,sigs.k8s.io/kustomize/kustomize/v5,tools/go.mod)
GOLANGCI_LINT := bin/golangci-lint-$(call version_of,github.com/golangci/golangci-lint/v2,tools/golangci-lint/go.mod)

RACE = $(if $(shell command -v "$$(go env CC)"),-race)

.PHONY: help
help: ## Print this.
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Try it

.PHONY: demo
demo: ## Tell the story on a real control plane with a live BGP router: a node is held until its router confirms it.
	@go -C e2e run ./demo

##@ Write it

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Write the CRDs and the deepcopy methods anew from api/.
	$(CONTROLLER_GEN) object crd paths=./api/... output:crd:dir=config/crd/bases

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format all Go files.
	$(GOLANGCI_LINT) fmt
	cd e2e && ../$(GOLANGCI_LINT) fmt
	cd bench && ../$(GOLANGCI_LINT) fmt

.PHONY: build
build: ## Build bin/manager and bin/kubectl-peergate.
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/ ./cmd/...

##@ Check it

.PHONY: verify
verify: $(CONTROLLER_GEN) ## Fail if generated files or go.mod files are not up to date; change none.
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && \
	$(CONTROLLER_GEN) object crd paths=./api/... output:crd:dir="$$fresh/crd" output:object:dir="$$fresh/object" && \
	diff -ru config/crd/bases "$$fresh/crd" && \
	diff -u api/v1alpha1/zz_generated.deepcopy.go "$$fresh/object/zz_generated.deepcopy.go" || \
	{ echo 'make generate has something to write'; exit 1; }
	go mod tidy -diff
	go -C e2e mod tidy -diff
	go -C bench mod tidy -diff

.PHONY: vet
vet: ## Run go vet.
	go vet ./...
	go -C e2e vet ./...
	go -C bench vet ./...

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run the linters of .golangci.yml.
	$(GOLANGCI_LINT) run
	cd e2e && ../$(GOLANGCI_LINT) run
	cd bench && ../$(GOLANGCI_LINT) run

.PHONY: test
test: deps test-unit test-e2e ## Run all tests, and set up what they need.

.PHONY: test-unit
# The simulated day and the exhaustive search do ten times as much without the race detector, which the other tests have.
test-unit: ## Run the tests of the main module, and those of the benchmarks and the tools.
	go test $(RACE) -timeout 30m -skip '^(TestSoak|TestExplore)$$' ./...
	go test -timeout 30m -run '^(TestSoak|TestExplore)$$' ./internal/...
	go -C bench test ./...
	go -C tools test ./...

.PHONY: test-e2e
test-e2e: controlplane ## Run the tests against a real control plane, real routers and real nodes.
	go -C e2e test -timeout 30m ./...

.PHONY: chaos
chaos: controlplane ## Break everything at random, for CHAOSTIME with CHAOSNODES nodes; CHAOSSEED repeats what was drawn.
	go -C e2e test ./chaos -count 1 -v -run '^TestChaos$$' -timeout 2h \
		-chaos.length $(CHAOSTIME) -chaos.nodes $(CHAOSNODES) -chaos.seed $(CHAOSSEED)

.PHONY: soak
soak: ## Run the controllers through a simulated week, and look whether anything grows.
	go test ./internal/soak -count 1 -v -timeout 2h -soak.hours 168

.PHONY: explore
explore: ## Look at every order of events that is DEEPER steps longer than those of the tests.
	go test ./internal/explore -count 1 -v -timeout 10h -deeper $(DEEPER)

.PHONY: fuzz
fuzz: ## Fuzz every parser, FUZZTIME each, two at a time.
	@tools/fuzz.sh $(FUZZTIME)

.PHONY: mutants
mutants: ## Break the code that decides in every small way, and fail if its tests do not notice: minutes.
	go -C tools run ./mutants -C .. -equivalent mutants/equivalent.txt internal/verdict internal/taint -- \
		-rapid.checks=100 -rapid.shrinktime=0 -rapid.nofailfile

.PHONY: bench
bench: controlplane ## Measure the release binary on a real API server, against the floor, and plot how it grows: half an hour.
	mkdir -p docs/images
	go -C e2e run ./bench $(or $(BENCH),-rounds 3 -plot ../docs/images/growth.svg)

.PHONY: bench-drivers
bench-drivers: ## Run the benchmarks, and hold the drivers against encoding/json, encoding/xml and gotextfsm.
	go test -run '^$$' -bench . -benchmem ./...
	go -C bench run .

.PHONY: controlplane
controlplane: ## Build etcd, Kubernetes and cert-manager for the tests and the demo: minutes at first, then a second.
	go -C e2e run ./controlplane/cmd/build-controlplane

.PHONY: deps
deps: ## Install the Debian packages that the tests with real routers need; skipped where that is not possible.
	@if ! command -v apt-get >/dev/null; then \
		echo 'deps: no apt-get here; tests with real routers need' $$(cat e2e/lab/packages.txt); \
	elif [ "$$(id -u)" != 0 ]; then \
		echo 'deps: not root; tests with real routers run as root and need' $$(cat e2e/lab/packages.txt); \
	elif ! dpkg-query --show $$(cat e2e/lab/packages.txt) >/dev/null 2>&1; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive \
			apt-get install -qy --no-install-recommends $$(cat e2e/lab/packages.txt); \
	fi
	@if command -v mmdebstrap >/dev/null && [ "$$(id -u)" = 0 ]; then $(MAKE) --no-print-directory bin/debian-13; fi

##@ Install it

.PHONY: docker-build
docker-build: ## Build the image IMAGE:VERSION.
	$(DOCKER) build --build-arg VERSION=$(VERSION) --tag $(IMAGE):$(VERSION) .

.PHONY: render
render: $(KUSTOMIZE) ## Print the manifests of CONFIG.
	@$(KUSTOMIZE) build $(CONFIG)

.PHONY: deploy
deploy: $(KUSTOMIZE) ## Install CONFIG in the cluster of the current kubectl context, and wait until it is ready.
	$(KUSTOMIZE) build $(CONFIG) | $(KUBECTL) apply -f -
	$(KUBECTL) -n peergate-system rollout status deployment/peergate-manager --timeout 5m

.PHONY: undeploy
undeploy: $(KUSTOMIZE) ## Remove CONFIG from the cluster, and leave no taint behind.
	$(KUBECTL) delete mutatingwebhookconfiguration peergate --ignore-not-found
	$(KUBECTL) delete peeringpolicies --all
	@echo 'waiting for the manager to take its taint and its condition off the nodes'
	@until nodes=$$($(KUBECTL) get nodes -o jsonpath='{.items[*].spec.taints[*].key} {.items[*].status.conditions[*].type}') && \
		! echo "$$nodes" | grep -qwE 'bgp-unpeered|BGPPeered'; do sleep 1; done
	$(KUSTOMIZE) build $(CONFIG) | $(KUBECTL) delete --ignore-not-found -f -

.PHONY: clean
clean: ## Remove bin/, with the control plane that takes minutes to build.
	rm -rf bin

# Newer routers than the machine has: the packages of another release, unpacked.
bin/debian-13: e2e/lab/debian-13.txt
	mkdir -p $(@D)
	rm -rf $@ $@.new
	mmdebstrap --quiet --variant=extract --include="$$(paste -sd, $<)" trixie $@.new
	mv $@.new $@
	touch $@

$(CONTROLLER_GEN):
	go -C tools build -trimpath -o ../$@ sigs.k8s.io/controller-tools/cmd/controller-gen

$(KUSTOMIZE):
	go -C tools build -trimpath -o ../$@ sigs.k8s.io/kustomize/kustomize/v5

$(GOLANGCI_LINT):
	go -C tools/golangci-lint build -trimpath -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
