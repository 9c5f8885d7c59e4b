#!/usr/bin/env bash
# Builds all targets with the compiler that is there, stable too: libFuzzer only needs LLVM's
# counters of edges and comparisons. `--target` keeps the flags from build scripts.
set -euo pipefail
cd "$(dirname "$0")"
host="$(rustc -vV | sed -n 's/^host: //p')"
export CARGO_TARGET_DIR="${ARTKG_FUZZ_TARGET:-$PWD/target}"
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
cargo build --quiet --release --target "$host" --bins "$@" >&2
echo "$CARGO_TARGET_DIR/$host/release"
