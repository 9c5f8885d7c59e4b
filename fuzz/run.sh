#!/usr/bin/env bash
# Builds the targets and runs each over its seeds and then for some seconds:
#   run.sh [SECONDS [TARGET...]]
# A panic, five seconds without an answer (a machine may be busy) or 2 GiB of memory end it; the input is in artifacts/.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${1:-3}"
shift || true
binaries="$(./build.sh)"
./seed.sh
mkdir -p artifacts
for source in fuzz_targets/*.rs; do
    target="$(basename "$source" .rs)"
    [ $# = 0 ] || [[ " $* " == *" $target "* ]] || continue
    log="$(mktemp)"
    if ! "$binaries/$target" "corpus/$target" -max_total_time="$seconds" -runs=10000000 -timeout=5 \
        -rss_limit_mb=2048 -max_len=16384 -artifact_prefix="artifacts/$target-" -print_final_stats=1 >"$log" 2>&1; then
        tail -60 "$log"
        echo "$target: FAULT"
        exit 1
    fi
    printf '%-14s %s\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs, $(sed -n 's/^stat::peak_rss_mb: *//p' "$log") MiB, $(grep -o 'cov: [0-9]*' "$log" | tail -1)"
    rm "$log"
done
