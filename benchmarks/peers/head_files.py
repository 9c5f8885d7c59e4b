"""Writes features like those of a ResNet's last layer, with targets of four tasks.

    head_files.py FOLDER ROWS VALIDATION WIDTH CLASSES_AS_JSON

Every class of every task shifts the features; authors decide on the other tasks mostly, as
in collections. `order` holds the rows in the batches' order, the same for every system.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file


def main() -> None:
    folder, (rows, validation, width) = Path(sys.argv[1]), map(int, sys.argv[2:5])
    classes = json.loads(sys.argv[5])
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    total = rows + validation
    shares = 1 / np.arange(1, classes["author"] + 1) ** 0.7
    author = generator.choice(classes["author"], total, p=shares / shares.sum())
    features = generator.normal(size=(total, width)).astype(np.float32)
    targets = {}
    for task, count in classes.items():
        usual = generator.integers(count, size=classes["author"])[author]
        chosen = np.where(generator.random(total) < 0.6, usual, generator.integers(count, size=total))
        targets[task] = author if task == "author" else chosen
        centres = generator.normal(size=(count, width)).astype(np.float32)
        features += 0.09 * centres[targets[task]]
    # As after a ReLU and average pooling: not negative, most of them small.
    features = np.maximum(features, 0) * 0.5
    for name, part in (("train", slice(0, rows)), ("validation", slice(rows, total))):
        data = {"features": features[part], **{f"targets.{task}": values[part].astype(np.uint32) for task, values in targets.items()}}
        if name == "train":
            # Every class occurs: the heads' sizes come from the largest target.
            for task, count in classes.items():
                data[f"targets.{task}"][:count] = np.arange(count)
            data["order"] = generator.permutation(rows).astype(np.uint32)
        save_file({key: np.ascontiguousarray(value) for key, value in data.items()}, folder / f"{name}.safetensors")


if __name__ == "__main__":
    main()
