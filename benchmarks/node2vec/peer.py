"""One peer's run, or the scoring of a run's vectors; called by run.py.

    peer.py gensim|pecanpy|fastnode2vec FOLDER WALKS_PER_NODE DIMENSION THREADS
    peer.py score FOLDER VECTORS

`gensim` trains on the walks that artkg wrote; the other two draw their own. All
use p = q = 1, walks of 80 nodes, a window of 10, 5 negatives, one epoch. The last
line of output is JSON.
"""

import csv
import json
import sys
import time
from pathlib import Path

WALK_LENGTH, WINDOW, NEGATIVES = 80, 10, 5


def edges(folder: Path):
    with (folder / "csv" / "edges.csv").open(newline="", encoding="utf-8") as file:
        return [(row["source"], row["target"]) for row in csv.DictReader(file)]


def labels(folder: Path) -> dict:
    with (folder / "csv" / "nodes.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: (row["kind"], row["label"]) for row in csv.DictReader(file)}


def word2vec(walks, dimension: int, threads: int):
    from gensim.models import Word2Vec

    return Word2Vec(
        walks, vector_size=dimension, window=WINDOW, min_count=0, sg=1, hs=0, negative=NEGATIVES, workers=threads, epochs=1, seed=1
    ).wv


def gensim(folder: Path, walks_per_node: int, dimension: int, threads: int):
    walks = [line.split() for line in (folder / "walks.txt").open()]
    start = time.perf_counter()
    vectors = word2vec(walks, dimension, threads)
    return vectors, {"train_seconds": time.perf_counter() - start}


def pecanpy(folder: Path, walks_per_node: int, dimension: int, threads: int):
    from pecanpy.pecanpy import FirstOrderUnweighted

    path = folder / "edges.tsv"
    path.write_text("".join(f"{a}\t{b}\n" for a, b in edges(folder)))
    # The mode that pecanpy recommends for p = q = 1.
    graph = FirstOrderUnweighted(p=1, q=1, workers=threads)
    graph.read_edg(str(path), weighted=False, directed=False)
    # Numba compiles at the first call, which should not count.
    graph.simulate_walks(1, 2)
    start = time.perf_counter()
    walks = graph.simulate_walks(walks_per_node, WALK_LENGTH)
    middle = time.perf_counter()
    vectors = word2vec(walks, dimension, threads)
    return vectors, {"walk_seconds": middle - start, "train_seconds": time.perf_counter() - middle}


def fastnode2vec(folder: Path, walks_per_node: int, dimension: int, threads: int):
    from fastnode2vec import Graph, Node2Vec

    graph = Graph(edges(folder), directed=False, weighted=False, verbose=False)
    # Numba compiles at the first call, which should not count.
    graph.generate_random_walk(3, 1.0, 1.0, 0)
    model = Node2Vec(graph, dim=dimension, walk_length=WALK_LENGTH, window=WINDOW, p=1.0, q=1.0, workers=threads, negative=NEGATIVES)
    start = time.perf_counter()
    model.train(epochs=walks_per_node, verbose=False)
    return model.wv, {"train_seconds": time.perf_counter() - start}


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
    system, folder = sys.argv[1], Path(sys.argv[2])
    if system == "score":
        print(json.dumps(score(folder, sys.argv[3])))
        return
    vectors, seconds = globals()[system](folder, *map(int, sys.argv[3:6]))
    vectors.save_word2vec_format(str(folder / f"{system}.txt"))
    print(json.dumps({**seconds, "total_seconds": sum(seconds.values())}))


if __name__ == "__main__":
    main()
