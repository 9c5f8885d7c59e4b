# Recipes for the common jobs; `just` lists them.
# `corpus` is a corpus folder as `artkg corpus import` makes it.

corpus := "corpus-data"
run := "runs/kgm"
artkg := "cargo run --release --"

_default:
    @just --list

# Generate a small synthetic corpus and run the whole pipeline on it
demo:
    {{artkg}} demo

# A corpus: without one of your own, a synthetic one
_corpus:
    @test -e '{{corpus}}/corpus.toml' || echo '{{corpus}}: no corpus here, so a synthetic one is painted; "artkg corpus import" makes one of your own'
    @test -e '{{corpus}}/corpus.toml' || {{artkg}} corpus synth --output '{{corpus}}'

# Build the knowledge graph of a corpus and its node embeddings
build-graph: _corpus
    {{artkg}} graph build '{{corpus}}'
    {{artkg}} graph embed '{{corpus}}/graph.akg'

# Train a model, with knowledge graph context unless told otherwise
train *options: _corpus
    {{artkg}} train --corpus '{{corpus}}' --output '{{run}}' {{options}}

# Search for good settings of training
tune *options: _corpus
    {{artkg}} tune --corpus '{{corpus}}' --output studies/latest {{options}}

# Tag images with the trained model
tag images output="tags.csv":
    {{artkg}} tag --model {{run}}/model.safetensors {{images}} --output {{output}}

# Make toy collider events, train a flavour tagger on them and measure it
flavor-demo:
    {{artkg}} flavor synth --output flavor-events
    {{artkg}} flavor train --output runs/flavor --class uds=flavor-events/uds.txt --class cc=flavor-events/cc.txt --class bb=flavor-events/bb.txt
    {{artkg}} flavor synth --seed 1 --output flavor-events/test
    {{artkg}} flavor eval --model runs/flavor/model.safetensors --class uds=flavor-events/test/uds.txt --class cc=flavor-events/test/cc.txt --class bb=flavor-events/test/bb.txt

# Run every test
test:
    cargo test --release --workspace

# Compare speed with other projects on this machine (needs Python)
bench:
    python3 benchmarks/run.py

# What has to pass before a change lands
check:
    .ci/run
