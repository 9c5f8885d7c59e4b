"""gensim's word2vec on walks, and the scoring of vectors by link prediction.

    node2vec.py gensim|fastnode2vec FOLDER --walks-per-node N --threads N …
    node2vec.py score FOLDER --vectors FILE

`gensim` trains on the walks that artkg wrote, which it reads before the clock starts;
fastnode2vec draws its own while gensim trains. p = q = 1 and one epoch everywhere, the
learning rate gensim's. Numba compiles before the clock starts. Prints JSON.
"""

import argparse
import csv
import json
import time
from pathlib import Path


def edges(folder: Path):
    with (folder / "csv" / "edges.csv").open(newline="", encoding="utf-8") as file:
        return [(row["source"], row["target"]) for row in csv.DictReader(file)]


def labels(folder: Path) -> dict:
    with (folder / "csv" / "nodes.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: (row["kind"], row["label"]) for row in csv.DictReader(file)}


def gensim(options):
    from gensim.models import Word2Vec

    walks = [line.split() for line in (options.folder / "walks.txt").open()]
    settings = {"vector_size": options.dimension, "window": options.window, "negative": options.negatives, "workers": options.threads}
    start = time.perf_counter()
    vectors = Word2Vec(walks, min_count=0, sg=1, hs=0, epochs=1, seed=1, **settings).wv
    return vectors, time.perf_counter() - start


def fastnode2vec(options):
    from fastnode2vec import Graph, Node2Vec

    graph = Graph(edges(options.folder), directed=False, weighted=False, verbose=False)
    graph.generate_random_walk(3, 1.0, 1.0, 0)
    settings = {"dim": options.dimension, "window": options.window, "negative": options.negatives, "workers": options.threads}
    model = Node2Vec(graph, walk_length=options.walk_length, p=1.0, q=1.0, seed=1, **settings)
    start = time.perf_counter()
    model.train(epochs=options.walks_per_node, verbose=False)
    return model.wv, time.perf_counter() - start


def read_vectors(folder: Path, name: str) -> dict:
    """Vectors by (kind, name), for artkg's file and for the peers' alike."""
    import numpy as np

    nodes = labels(folder)
    vectors = {}
    with (folder / name).open(encoding="utf-8") as file:
        next(file)
        # artkg writes the nodes in the graph's order under their names.
        ordered = iter(nodes.values())
        for line in file:
            word, *values = line.rstrip("\n").split(" ")
            key = next(ordered) if name == "artkg.txt" else nodes[word]
            vectors[key] = np.array(values, dtype=np.float32)
    return vectors


def score(folder: Path, name: str) -> dict:
    """How well vectors tell hidden attributes of artworks from wrong ones."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    vectors, generator = read_vectors(folder, name), np.random.default_rng(0)
    by_kind = {}
    for kind, label in vectors:
        by_kind.setdefault(kind, []).append(label)

    def pairs(positives):
        found = []
        for artwork, kind, label in positives:
            wrong = by_kind[kind][generator.integers(len(by_kind[kind]))]
            if wrong != label and (kind, label) in vectors:
                found.append((artwork, kind, label, 1))
                found.append((artwork, kind, wrong, 0))
        a = np.stack([vectors["artwork", artwork] for artwork, *_ in found])
        b = np.stack([vectors[kind, label] for _, kind, label, _ in found])
        return a, b, np.array([truth for *_, truth in found]), np.array([kind for _, kind, *_ in found])

    hidden = json.loads((folder / "hidden.json").read_text(encoding="utf-8"))
    a, b, truth, kinds = pairs(hidden)
    cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    nodes = labels(folder)
    known = [(nodes[s][1], *nodes[t]) for s, t in edges(folder) if nodes[s][0] == "artwork" and nodes[t][0] != "keyword"]
    chosen = [known[place] for place in generator.choice(len(known), min(20000, len(known)), replace=False)]
    known_a, known_b, known_truth, _ = pairs(chosen)
    model = LogisticRegression(max_iter=1000).fit(known_a * known_b, known_truth)
    return {
        "cosine": round(float(roc_auc_score(truth, cosine)), 4),
        "hadamard": round(float(roc_auc_score(truth, model.decision_function(a * b))), 4),
        **{kind: round(float(roc_auc_score(truth[kinds == kind], cosine[kinds == kind])), 4) for kind in sorted(set(kinds))},
        "pairs": len(truth),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("system", choices=["gensim", "fastnode2vec", "score"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vectors")
    for name in ("walks-per-node", "dimension", "walk-length", "window", "negatives", "threads"):
        parser.add_argument(f"--{name}", type=int)
    options = parser.parse_args()
    if options.system == "score":
        print(json.dumps(score(options.folder, options.vectors)))
        return
    import gensim as library

    train = {"gensim": gensim, "fastnode2vec": fastnode2vec}[options.system]
    vectors, seconds = train(options)
    vectors.save_word2vec_format(str(options.folder / f"{options.system}.txt"))
    print(json.dumps({"version": f"gensim {library.__version__}", "seconds": seconds}))


if __name__ == "__main__":
    main()
