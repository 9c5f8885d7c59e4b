"""The paper's MTL and KGM in plain PyTorch: what artkg's accuracy is held against.

Garcia, Renoust and Nakashima, ICMR 2019 (arXiv 1904.04985), sections 4.1 and 4.2, with the backbone
frozen up to a stage, so that it trains on a CPU. It reads an artkg corpus folder (the same split and
labels), node embeddings of `artkg graph embed`, and a ResNet-50 in torchvision's names; all else is
PyTorch, torchvision and Pillow.

    python train.py --corpus corpora/paintings --weights resnet50-v1.safetensors --mode kgm \
        --embeddings corpora/paintings/embeddings.safetensors --seeds 0 1 2 --output results/kgm.json

With `--device cuda` the cached activations and the trained part live on the GPU; products stay in f32.
"""

import argparse
import concurrent.futures
import csv
import hashlib
import json
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
import tomllib
from PIL import Image
from safetensors import safe_open
from torch import nn
from torch.nn import functional
from torchvision import models, transforms

TASKS = ["type", "school", "timeframe", "author"]
UNKNOWN = "unknown"
MASKED = -100


def main():
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    torch.backends.cudnn.allow_tf32 = False  # as on the CPU
    splits, classes = read_corpus(arguments.corpus, arguments.minimum_count)
    vectors = None
    if arguments.mode == "kgm":
        vectors = [part.to(arguments.device) for part in node_vectors(arguments.embeddings, splits["train"])]
    frozen, _ = divide(resnet50(arguments.weights, arguments.variant), arguments.freeze)
    frozen = frozen.to(arguments.device, memory_format=torch.channels_last)
    cached = {
        split: activations(frozen, works, arguments, mirrored=split == "train")
        for split, works in splits.items()
    }
    targets = {split: encode(works, classes).to(arguments.device) for split, works in splits.items()}
    results = [train(seed, classes, cached, targets, vectors, arguments) for seed in arguments.seeds]
    means = [result["test_mean"] for result in results]
    deviation = f" +- {np.std(means, ddof=1):.4f}" if len(means) > 1 else ""
    print(f"test, mean of the tasks over {len(means)} seeds: {np.mean(means):.4f}{deviation}")
    if arguments.output:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(json.dumps(results, indent=1))


def train(seed, classes, cached, targets, vectors, arguments):
    """One run; the epoch that is best on the validation split is measured on the test split."""
    torch.manual_seed(seed)
    _, trained = divide(resnet50(arguments.weights, arguments.variant), arguments.freeze)
    model = Model(trained, [len(names) for names in classes.values()], vectors)
    model = model.to(arguments.device, memory_format=torch.channels_last)
    started = time.time()
    best = {"epoch": 0, "accuracy": -1.0, "state": None}
    optimiser = torch.optim.SGD(
        [
            {"params": model.trained.parameters(), "lr": arguments.learning_rate},
            {"params": model.new_parameters(), "lr": arguments.learning_rate * arguments.heads_factor},
        ],
        momentum=0.9,
    )
    batches = -(-len(targets["train"]) // arguments.batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, arguments.epochs * batches)
    for epoch in range(arguments.epochs):
        loss = train_epoch(model, optimiser, schedule, cached["train"], targets["train"], vectors, arguments)
        validation = accuracies(model, cached["val"], targets["val"])
        mean = sum(validation.values()) / len(validation)
        print(f"seed {seed}, epoch {epoch + 1}: loss {loss:.4f}, validation {mean:.4f}", flush=True)
        if mean > best["accuracy"]:
            state = {name: value.clone() for name, value in model.state_dict().items()}
            best = {"epoch": epoch + 1, "accuracy": mean, "validation": validation, "state": state}
    seconds = time.time() - started
    model.load_state_dict(best["state"])
    test = accuracies(model, cached["test"], targets["test"])
    result = {
        "mode": arguments.mode,
        "freeze": arguments.freeze,
        "seed": seed,
        "epochs": arguments.epochs,
        "best_epoch": best["epoch"],
        "validation": best["validation"],
        "test": test,
        "test_mean": sum(test.values()) / len(test),
        "training_seconds": seconds,
        "torch": torch.__version__,
        "device": arguments.device,
    }
    print(json.dumps(result), flush=True)
    return result


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--variant", choices=["v1", "v1.5"], default="v1")
    parser.add_argument("--mode", choices=["mtl", "kgm"], default="mtl")
    parser.add_argument("--embeddings", type=Path)
    parser.add_argument("--freeze", choices=["layer3", "pooled"], default="layer3")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=5e-3)
    parser.add_argument("--heads-factor", type=float, default=4.0)
    parser.add_argument("--context-weight", type=float, default=0.1)
    parser.add_argument("--minimum-count", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--cache", type=Path, default=Path("cache-reference"))
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    if arguments.mode == "kgm" and not arguments.embeddings:
        parser.error("kgm needs --embeddings")
    return arguments


def read_corpus(folder, minimum_count):
    """The works with an image of each split, and the classes of each task from the training works."""
    description = tomllib.loads((folder / "corpus.toml").read_text(encoding="utf-8"))
    images = folder / description["image_root"]
    with open(folder / "artworks.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file)]
    splits = {"train": [], "val": [], "test": []}
    counts = {task: Counter() for task in TASKS}
    for row in rows:
        row["values"] = {task: row[task].split("|")[0] for task in TASKS}
        if row["split"] == "train":
            for task in TASKS:
                if row["values"][task]:
                    counts[task][row["values"][task]] += 1
        if row["split"] in splits and row["image"]:
            row["path"] = images / row["image"]
            splits[row["split"]].append(row)
    classes = {
        task: [UNKNOWN] + sorted(value for value, count in counts[task].items() if count >= minimum_count)
        for task in TASKS
    }
    return splits, classes


def encode(works, classes):
    """`[works, tasks]`: a class, 0 for a rare value, MASKED for a missing one."""
    encoded = torch.full((len(works), len(TASKS)), MASKED)
    for column, task in enumerate(TASKS):
        number = {name: index for index, name in enumerate(classes[task])}
        for row, work in enumerate(works):
            if work["values"][task]:
                encoded[row, column] = number.get(work["values"][task], 0)
    return encoded


def resnet50(path, variant):
    network = models.resnet50()
    if variant == "v1":
        for layer in (network.layer2, network.layer3, network.layer4):
            layer[0].conv1.stride, layer[0].conv2.stride = (2, 2), (1, 1)
    with safe_open(path, "pt") as file:
        state = {name: file.get_tensor(name).float() for name in file.keys()}
    missing, _ = network.load_state_dict(state, strict=False)
    missing = [name for name in missing if "num_batches_tracked" not in name]
    assert not missing, f"{path} lacks {missing}"
    return network


def divide(network, freeze):
    """The frozen part and the trained one, which ends in pooled features."""
    stages = [
        network.conv1, network.bn1, network.relu, network.maxpool,
        network.layer1, network.layer2, network.layer3,
    ]  # fmt: skip
    last = [network.layer4, network.avgpool, nn.Flatten()]
    if freeze == "pooled":
        return nn.Sequential(*stages, *last).eval(), nn.Identity()
    return nn.Sequential(*stages).eval(), nn.Sequential(*last)


def activations(frozen, works, arguments, mirrored):
    """`[views, works, ...]` in half precision: the plain view and, for training, the mirrored one."""
    arguments.cache.mkdir(parents=True, exist_ok=True)
    views = []
    for flip in [False, True] if mirrored else [False]:
        made_of = [str(arguments.weights), arguments.variant, str(flip), *(str(work["path"]) for work in works)]
        key = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]
        path = arguments.cache / f"{arguments.freeze}-{key}.npy"
        if not path.exists():
            extract(frozen, works, flip, path, arguments)
        views.append(torch.from_numpy(np.load(path, mmap_mode="c")).to(arguments.device))
    return views


def extract(frozen, works, flip, path, arguments):
    view = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )

    def load(work):
        return view(Image.open(work["path"]).convert("RGB"))

    outputs = []
    with torch.inference_mode(), concurrent.futures.ThreadPoolExecutor(arguments.threads) as threads:
        for start in range(0, len(works), 16):
            batch = torch.stack(list(threads.map(load, works[start : start + 16])))
            batch = batch.to(arguments.device, memory_format=torch.channels_last)
            batch = batch.flip(3) if flip else batch
            outputs.append(frozen(batch).half().cpu().numpy())
    temporary = path.with_suffix(".partial.npy")
    np.save(temporary, np.concatenate(outputs))
    temporary.rename(path)


def node_vectors(path, works):
    """The training works' node vectors with mean zero and unit deviation over all values, and which exist."""
    with safe_open(path, "np") as file:
        kinds = json.loads(file.metadata()["kinds"])
        vectors, kind_numbers = file.get_tensor("vectors"), file.get_tensor("kinds")
        ends, names = file.get_tensor("name_ends"), file.get_tensor("names").tobytes()
    starts = np.concatenate([[0], ends[:-1]]).astype(int)
    rows = {
        names[start:end].decode(): row
        for row, (start, end) in enumerate(zip(starts, ends.astype(int)))
        if kinds[kind_numbers[row]] == "artwork"
    }
    known = torch.tensor([work["id"] in rows for work in works])
    chosen = np.stack([vectors[rows[work["id"]]] for work in works if work["id"] in rows]).astype(np.float64)
    chosen = (chosen - chosen.mean()) / chosen.std()
    targets = torch.zeros(len(works), vectors.shape[1])
    targets[known] = torch.from_numpy(chosen).float()
    return targets, known


class Model(nn.Module):
    """The trained part of the network, a linear classifier a task, and for KGM a linear projection."""

    def __init__(self, trained, classes, vectors):
        super().__init__()
        self.trained = trained
        self.heads = nn.ModuleList(nn.Linear(2048, count) for count in classes)
        self.projection = nn.Linear(2048, vectors[0].shape[1]) if vectors is not None else None

    def new_parameters(self):
        yield from self.heads.parameters()
        if self.projection is not None:
            yield from self.projection.parameters()

    def forward(self, activation):
        features = self.trained(activation)
        projected = self.projection(features) if self.projection is not None else None
        return [head(features) for head in self.heads], projected


def train_epoch(model, optimiser, schedule, views, targets, vectors, arguments):
    model.train()
    total, count = 0.0, len(targets)
    for rows in torch.randperm(count).split(arguments.batch_size):
        flips = torch.rand(len(rows)) < 0.5
        batch = torch.stack([views[int(flip)][row] for row, flip in zip(rows, flips)]).float()
        if batch.dim() == 4:
            batch = batch.contiguous(memory_format=torch.channels_last)
        logits, projected = model(batch)
        losses = [
            functional.cross_entropy(scores, targets[rows, task], ignore_index=MASKED)
            for task, scores in enumerate(logits)
            if (targets[rows, task] != MASKED).any()
        ]
        loss = sum(losses) / len(TASKS)
        if projected is not None:
            nodes, known = vectors[0][rows], vectors[1][rows]
            context = functional.smooth_l1_loss(projected[known], nodes[known])
            loss = (1 - arguments.context_weight) * loss + arguments.context_weight * context
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        total += loss.item() * len(rows)
    return total / count


def accuracies(model, views, targets):
    model.eval()
    right, known = torch.zeros(2, len(TASKS), device=targets.device)
    with torch.inference_mode():
        for rows in torch.arange(len(targets)).split(64):
            logits, _ = model(views[0][rows].float())
            for task, scores in enumerate(logits):
                truth = targets[rows, task]
                right[task] += ((scores.argmax(1) == truth) & (truth != MASKED)).sum()
                known[task] += (truth != MASKED).sum()
    return {task: (right[column] / known[column]).item() for column, task in enumerate(TASKS)}


if __name__ == "__main__":
    main()
