"""Trains one of PyKEEN's models on the edges that artkg did not hold out, ranks
those held out, and prints the time and the metrics as JSON.

    python peer.py FOLDER SETTINGS THREADS

FOLDER has `csv/` of `artkg graph export` and `held-out.csv`; SETTINGS are artkg's
options as JSON.
"""

import csv
import json
import sys
import time
from pathlib import Path

import torch
from pykeen.evaluation import RankBasedEvaluator
from pykeen.losses import MarginRankingLoss, NSSALoss
from pykeen.models import DistMult, RotatE, TransE
from pykeen.regularizers import PowerSumRegularizer
from pykeen.training import SLCWATrainingLoop
from pykeen.triples import CoreTriplesFactory


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def triplets(folder: Path) -> tuple[torch.Tensor, torch.Tensor, int, int]:
    """The training and the held-out triplets, the numbers of nodes and relations."""
    nodes = rows(folder / "csv" / "nodes.csv")
    number = {f"{node['kind']}:{node['label']}": int(node["id"]) for node in nodes}
    edges = rows(folder / "csv" / "edges.csv")
    relations = {name: place for place, name in enumerate(dict.fromkeys(edge["relation"] for edge in edges))}
    every = {(int(edge["source"]), relations[edge["relation"]], int(edge["target"])) for edge in edges}
    held_out = [(number[row["head"]], relations[row["relation"]], number[row["tail"]]) for row in rows(folder / "held-out.csv")]
    training = sorted(every - set(held_out))
    assert len(training) + len(held_out) == len(edges)
    return torch.tensor(training), torch.tensor(held_out), len(nodes), len(relations)


def model(options: dict, factory: CoreTriplesFactory):
    margin, temperature = options["margin"], options["adversarial_temperature"]
    dimension = options["dimension"]
    if options["loss"] == "margin":
        loss = MarginRankingLoss(margin=margin)
    else:
        # It takes no temperature of 0, with which all negatives weigh the same.
        loss = NSSALoss(margin=margin, adversarial_temperature=max(temperature, 1e-9))
    shared = {"triples_factory": factory, "loss": loss, "random_seed": options["seed"]}
    if options["model"] == "transe":
        return TransE(embedding_dim=dimension, scoring_fct_norm=1, entity_constrainer=None, **shared)
    if options["model"] == "rotate":
        # Its dimension counts complex numbers.
        return RotatE(embedding_dim=dimension // 2, **shared)
    # Its own defaults keep vectors at length one, where they learn next to nothing here.
    penalty = {"weight": options["regularisation"] / 2, "p": 2.0}
    return DistMult(
        embedding_dim=dimension,
        entity_constrainer=None,
        regularizer=PowerSumRegularizer,
        regularizer_kwargs=penalty,
        **shared,
    )


def main() -> None:
    folder, options, threads = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3])
    torch.set_num_threads(threads)
    training, held_out, nodes, relations = triplets(folder)
    factory = CoreTriplesFactory.create(training, num_entities=nodes, num_relations=relations)
    network = model(options, factory)
    optimizer = torch.optim.Adagrad(network.get_grad_params(), lr=options["learning_rate"])
    # PyKEEN replaces the heads of half of a triplet's negatives, the tails of the others.
    negatives = {"num_negs_per_pos": 2 * options["negatives"]}
    loop = SLCWATrainingLoop(model=network, triples_factory=factory, optimizer=optimizer, negative_sampler_kwargs=negatives)
    # artkg counts a triplet once for each side.
    batch = options["batch"] // 2
    start = time.perf_counter()
    loop.train(factory, num_epochs=options["epochs"], batch_size=batch, use_tqdm=False, num_workers=0, pin_memory=False)
    seconds = time.perf_counter() - start
    evaluator = RankBasedEvaluator(filtered=True)
    found = evaluator.evaluate(network, held_out, batch_size=64, use_tqdm=False, additional_filter_triples=[training])
    metrics = {"mean_reciprocal_rank": "inverse_harmonic_mean_rank", "hits_at_1": "hits_at_1", "hits_at_10": "hits_at_10"}
    result = {ours: found.get_metric(f"both.realistic.{theirs}") for ours, theirs in metrics.items()}
    print(json.dumps({"seconds": seconds} | result))


if __name__ == "__main__":
    main()
