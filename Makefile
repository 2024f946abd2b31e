.PHONY: help build test check fuzz bench bench-gotrace bench-html generate kill

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./looptrace
	go build -o looptrace ./cmd/looptrace

test: ## run the tests
	go test ./...

check: ## run everything that has to hold before a change goes in
	.ci/run

fuzz: ## fuzz every fuzz target for 30 s
	@grep -rHoE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' . | sed 's|/[^/]*:func | |' | sort -u | while read -r dir target; do \
		go test "$$dir" -run '^$$' -fuzz "^$$target\$$" -fuzztime $${FUZZTIME:-30s} -fuzzminimizetime 10x || exit 1; \
	done

kill: ## kill a busy program at 50 random moments and compare what it did with what was recorded
	LOOPTRACE_KILLS=50 go test ./cmd/looptrace -run TestKill -v -count=1

bench: ## measure the recorder, the trace file and the analyzer; prints Markdown
	go build -o looptrace ./cmd/looptrace
	python3 bench/overhead.py --looptrace ./looptrace
	python3 bench/startup.py --looptrace ./looptrace
	python3 bench/view.py --looptrace ./looptrace
	go test ./bench -run TestTraceFigures -count=1 -v -events 10000000 -table

bench-gotrace: ## measure looptrace beside go tool trace on a real Go trace of 100 MiB; prints Markdown
	bench/gotrace.sh

bench-html: ## measure the HTML report with 1 M spans in a browser; prints Markdown
	go test -C e2e -count=1 -run TestMillionSpans -v -spans 1000000 -table ./... | grep '^|'

generate: ## write what is generated
	go generate ./...
