"""The peers of run.py: PyTorch training taggers, numpy reading track files.

    peer.py train NETWORK WIDTH BATCH EPOCHS THREADS FILE...   seconds of each epoch
    peer.py read REPEATS FILE...                               seconds of each reading
"""

import gzip
import json
import sys
import time

import numpy as np


def read(path: str) -> np.ndarray:
    """`[lines, 7]`: an axis line has four NaN before its three numbers."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") as file:
        text = file.read().replace(b"Axis =", b"nan nan nan nan")
    return np.fromstring(text, sep=" ").reshape(-1, 7)


def read_repeatedly(repeats: int, paths: list[str]) -> dict:
    seconds, events = [], 0
    for _ in range(repeats):
        start = time.perf_counter()
        tables = [read(path) for path in paths]
        seconds.append(time.perf_counter() - start)
        events = int(sum(np.isnan(table[:, 0]).sum() for table in tables))
    return {"seconds": seconds, "events": events}


def train(network: str, width: int, batch: int, epochs: int, threads: int, paths: list[str]) -> dict:
    """The same sizes of events, the same network, padded to the longest event
    of a batch; the inputs' values do not matter for the time, and making those
    of pairs is not timed."""
    import torch
    from networks import EVENT_INPUTS, NETWORKS, PAIR_INPUTS, TRACK_INPUTS
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    lengths, labels = [], []
    for label, path in enumerate(paths):
        axes = np.append(np.flatnonzero(np.isnan((table := read(path))[:, 0])), len(table))
        lengths.append(np.diff(axes) - 1)
        labels.append(np.full(len(axes) - 1, label))
    lengths, labels = np.concatenate(lengths), torch.from_numpy(np.concatenate(labels))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    tracks = torch.randn(int(starts[-1]), TRACK_INPUTS)
    events = torch.randn(len(lengths), EVENT_INPUTS)
    longest = int(lengths.max())
    pairs = torch.randn(batch, longest, longest, PAIR_INPUTS)

    model = NETWORKS[network](width)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        order = np.random.permutation(len(lengths))
        for first in range(0, len(order), batch):
            chosen = order[first : first + batch]
            parts = [tracks[starts[event] : starts[event + 1]] for event in chosen]
            padded = nn.utils.rnn.pad_sequence(parts, batch_first=True)
            counts = torch.from_numpy(lengths[chosen])
            mask = (torch.arange(padded.shape[1])[None, :] < counts[:, None]).float()[..., None]
            size = padded.shape[1]
            logits = model(padded, mask, events[chosen], pairs[: len(chosen), :size, :size])
            loss = nn.functional.cross_entropy(logits, labels[chosen])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds, "events": len(lengths)}


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "read":
        result = read_repeatedly(int(rest[0]), rest[1:])
    else:
        result = train(rest[0], *map(int, rest[1:5]), rest[5:])
    print(json.dumps(result))
