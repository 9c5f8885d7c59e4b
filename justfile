# Recipes for the common jobs; `just` lists them.
# `corpus` is a corpus folder as `artkg corpus import` makes it.

corpus := "corpus-data"
run := "runs/kgm"

_default:
    @just --list

# Generate a small synthetic corpus and run the whole pipeline on it
demo:
    cargo run --release -- demo

# Build the knowledge graph of a corpus and its node embeddings
build-graph:
    cargo run --release -- graph build {{corpus}}
    cargo run --release -- graph embed {{corpus}}/graph.akg

# Train a model with knowledge graph context
train *options:
    cargo run --release -- train --corpus {{corpus}} --output {{run}} {{options}}

# Search for good settings of training
tune *options:
    cargo run --release -- tune --corpus {{corpus}} --output studies/latest {{options}}

# Tag images with the trained model
tag images output="tags.csv":
    cargo run --release -- tag --model {{run}}/model.safetensors {{images}} --output {{output}}

# Make toy collider events, train a flavour tagger on them and measure it
flavor-demo:
    cargo run --release -- flavor synth --output flavor-events
    cargo run --release -- flavor train --output runs/flavor --class uds=flavor-events/uds.txt --class cc=flavor-events/cc.txt --class bb=flavor-events/bb.txt
    cargo run --release -- flavor synth --seed 1 --output flavor-events/test
    cargo run --release -- flavor eval --model runs/flavor/model.safetensors --class uds=flavor-events/test/uds.txt --class cc=flavor-events/test/cc.txt --class bb=flavor-events/test/bb.txt

# Run every test
test:
    cargo test --release --workspace

# Compare speed with other projects on this machine (needs Python)
bench:
    python3 benchmarks/run.py

# What has to pass before a change lands
check:
    .ci/run
