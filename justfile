# Recipes for the common jobs; `just` lists them.
# `corpus` is a corpus folder as `artkg corpus import` makes it.

corpus := "corpus-data"
run := "runs/kgm"

_default:
    @just --list

# Generate a small synthetic corpus and run the whole path on it
demo:
    cargo run --release -- demo

# Build the knowledge graph of a corpus and its node embeddings
build-graph:
    cargo run --release -- graph build {{corpus}}
    cargo run --release -- graph embed {{corpus}}/graph.akg

# Train a model with knowledge graph context
train *options:
    cargo run --release -- train --corpus {{corpus}} --output {{run}} {{options}}

# Tag images with the trained model
tag images output="tags.csv":
    cargo run --release -- tag --model {{run}}/model.safetensors {{images}} --output {{output}}

# Run every test
test:
    cargo test --release --workspace

# Compare speed with other projects on this machine (needs Python)
bench:
    python3 benchmarks/run.py

# What has to pass before a change lands
check:
    .ci/run
