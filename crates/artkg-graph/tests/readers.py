"""Opens an export with the reader of another project and compares all of it.

    readers.py CHECK PATH EXPECTED

EXPECTED is JSON with `nodes` ([kind, name]) and `edges` ([source, target,
relation, count]), or with `vectors`. Exits with 3 where the reader is missing.
"""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path


def need(module):
    try:
        return __import__(module)
    except ImportError as error:
        print(error)
        sys.exit(3)


def same(found, expected, what):
    assert found == expected, f"{what}:\n{found}\nexpected:\n{expected}"


def compare(nodes, edges, expected):
    same(nodes, [tuple(node) for node in expected["nodes"]], "nodes")
    same(sorted(edges), sorted(tuple(edge) for edge in expected["edges"]), "edges")


def graphml(path, expected):
    graph = need("networkx").read_graphml(path, force_multigraph=True)
    nodes = [(graph.nodes[f"n{i}"]["kind"], graph.nodes[f"n{i}"]["name"]) for i in range(len(graph))]
    edges = [(int(a[1:]), int(b[1:]), data["relation"], data["count"]) for a, b, data in graph.edges(data=True)]
    compare(nodes, edges, expected)


def gexf(path, expected):
    graph = need("networkx").read_gexf(path)
    nodes = [(graph.nodes[str(i)]["kind"], graph.nodes[str(i)]["label"]) for i in range(len(graph))]
    edges = [(int(a), int(b), data["relation"], int(data["weight"])) for a, b, data in graph.edges(data=True)]
    compare(nodes, edges, expected)


def dot(path, expected):
    if not shutil.which("dot"):
        print("no `dot` of Graphviz")
        sys.exit(3)
    # The JSON output without layout tells what Graphviz has understood.
    output = subprocess.run(["dot", "-Tdot_json", path], check=True, stdout=subprocess.PIPE)
    graph = json.loads(output.stdout)
    places = {node["_gvid"]: int(node["name"][1:]) for node in graph["objects"]}
    # Graphviz keeps a label's escapes; a label's backslash is written twice.
    text = lambda label: label.replace("\\\\", "\\")
    found = sorted((places[node["_gvid"]], node["kind"], text(node["label"])) for node in graph["objects"])
    edges = [(places[e["tail"]], places[e["head"]], e["label"], int(e["count"])) for e in graph["edges"]]
    compare([(kind, name) for _, kind, name in found], edges, expected)
    subprocess.run(["dot", "-Tsvg", path], check=True, stdout=subprocess.DEVNULL)


def tables(path, expected):
    with (Path(path) / "nodes.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    same([int(row["id"]) for row in rows], list(range(len(rows))), "ids")
    nodes = [(row["kind"], row["label"]) for row in rows]
    with (Path(path) / "edges.csv").open(newline="", encoding="utf-8") as file:
        edges = [(int(r["source"]), int(r["target"]), r["relation"], int(r["count"])) for r in csv.DictReader(file)]
    compare(nodes, edges, expected)


def ntriples(path, expected):
    rdflib = need("rdflib")
    graph = rdflib.Graph().parse(path, format="nt")
    label = {str(s): str(o) for s, _, o in graph.triples((None, rdflib.RDFS.label, None))}
    kind = {str(s): str(o).rsplit("/", 1)[1] for s, _, o in graph.triples((None, rdflib.RDF.type, None))}
    same(sorted((kind[iri], label[iri]) for iri in label), sorted(map(tuple, expected["nodes"])), "nodes")
    named = lambda iri: (kind[str(iri)], label[str(iri)])
    edges = [(named(s), named(o), str(p).rsplit("/", 1)[1]) for s, p, o in graph if "relation/" in p]
    nodes = [tuple(node) for node in expected["nodes"]]
    same(sorted(edges), sorted((nodes[a], nodes[b], relation) for a, b, relation, _ in expected["edges"]), "edges")


def word2vec(path, expected):
    need("gensim")
    from gensim.models import KeyedVectors

    vectors = KeyedVectors.load_word2vec_format(path)
    same(vectors.index_to_key, [word for word, _ in expected["vectors"]], "words")
    for word, values in expected["vectors"]:
        assert max(abs(a - b) for a, b in zip(vectors[word].tolist(), values)) < 1e-6, word


CHECKS = {"graphml": graphml, "gexf": gexf, "dot": dot, "csv": tables, "ntriples": ntriples, "word2vec": word2vec}
check, export, expectation = sys.argv[1:4]
CHECKS[check](export, json.loads(Path(expectation).read_text(encoding="utf-8")))
