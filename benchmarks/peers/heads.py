"""Linear heads under PyTorch and scikit-learn; the counterpart of head_speed.rs.

    heads.py pytorch --data FILE --batch N --rate RATE --outputs FILE   in turns
    heads.py sgd|logistic --data FILE … --threads N     seconds and validation accuracy
    heads.py score --data FOLDER --outputs FILE         validation accuracy of written heads, which
                                                        had one epoch
    heads.py epochs-to --data FILE … --accuracy A       epochs of SGD until that accuracy
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from turns import serve

MOMENTUM = 0.9
MOST_EPOCHS = 200


def load(path: Path) -> tuple[np.ndarray, dict, np.ndarray]:
    data = load_file(path)
    order = data.pop("order", None)
    features = data.pop("features")
    return features, {name.removeprefix("targets."): values.astype(np.int64) for name, values in sorted(data.items())}, order


def mean_accuracy(scores: dict, targets: dict) -> float:
    return float(np.mean([(scores[task].argmax(1) == targets[task]).mean() for task in targets]))


class Trainer:
    """An epoch of SGD with momentum on the mean of the heads' losses."""

    def __init__(self, options):
        import torch

        self.torch = torch
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
        features, targets, order = load(Path(options.data))
        self.features = torch.from_numpy(features)
        self.targets = {task: torch.from_numpy(values) for task, values in targets.items()}
        self.batches = torch.from_numpy(order.astype(np.int64)).split(options.batch)
        self.heads = {task: torch.nn.Linear(features.shape[1], int(values.max()) + 1) for task, values in targets.items()}
        parameters = [parameter for head in self.heads.values() for parameter in head.parameters()]
        for parameter in parameters:
            torch.nn.init.zeros_(parameter)
        self.optimiser = torch.optim.SGD(parameters, lr=options.rate, momentum=MOMENTUM)

    def epoch(self) -> None:
        loss_of = self.torch.nn.functional.cross_entropy
        for rows in self.batches:
            features = self.features[rows]
            losses = [loss_of(head(features), self.targets[task][rows]) for task, head in self.heads.items()]
            self.optimiser.zero_grad(set_to_none=True)
            (sum(losses) / len(losses)).backward()
            self.optimiser.step()

    def tensors(self) -> dict:
        return {f"{task}.{name}": value.numpy() for task, head in self.heads.items() for name, value in head.state_dict().items()}


def scores_of(tensors: dict, features: np.ndarray, targets: dict) -> dict:
    return {task: features @ tensors[f"{task}.weight"].T + tensors[f"{task}.bias"] for task in targets}


def scikit(system: str, options) -> dict:
    import sklearn
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from threadpoolctl import threadpool_limits

    features, targets, _ = load(Path(options.data))
    validation, truth, _ = load(Path(options.data).with_name("validation.safetensors"))
    seconds, scores = 0.0, {}
    with threadpool_limits(options.threads):
        for task, values in targets.items():
            if system == "sgd":
                model = SGDClassifier(loss="log_loss", max_iter=1, tol=None, n_jobs=options.threads, random_state=0)
            else:
                model = LogisticRegression(max_iter=1000)
            start = time.perf_counter()
            model.fit(features, values)
            seconds += time.perf_counter() - start
            scores[task] = model.decision_function(validation)
    return {"version": f"scikit-learn {sklearn.__version__}", "seconds": [seconds], "accuracy": mean_accuracy(scores, truth)}


def epochs_to(options) -> int:
    validation, truth, _ = load(Path(options.data).with_name("validation.safetensors"))
    trainer = Trainer(options)
    for epoch in range(1, MOST_EPOCHS + 1):
        trainer.epoch()
        if mean_accuracy(scores_of(trainer.tensors(), validation, truth), truth) >= options.accuracy:
            return epoch
    raise SystemExit(f"SGD stays below the accuracy {options.accuracy} for {MOST_EPOCHS} epochs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("system", choices=["pytorch", "sgd", "logistic", "score", "epochs-to"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--outputs")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--accuracy", type=float)
    options = parser.parse_args()
    if options.system == "pytorch":
        trainer, first = Trainer(options), {}

        def epoch() -> None:
            trainer.epoch()
            if not first:
                first.update({name: values.copy() for name, values in trainer.tensors().items()})

        serve(f"PyTorch {trainer.torch.__version__}", epoch)
        save_file(first, options.outputs)
    elif options.system == "epochs-to":
        print(epochs_to(options))
    elif options.system == "score":
        validation, truth, _ = load(Path(options.data) / "validation.safetensors")
        print(json.dumps({"accuracy": mean_accuracy(scores_of(load_file(options.outputs), validation, truth), truth)}))
    else:
        print(json.dumps(scikit(options.system, options)))


if __name__ == "__main__":
    main()
