"""Writes a network's seeded weights, its inputs and its ONNX file.

    network_files.py NETWORK FOLDER

The weights are PyTorch's initialisation from a fixed seed, with the batch-norm
statistics that the inputs give, so that activations have the size of a trained network's.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from architectures import build
from safetensors.torch import save_file
from torchvision.models.resnet import BasicBlock, Bottleneck

BATCH = 32


def inputs() -> dict:
    """Images `[batch, height, width, 3]` of waves, and a class each."""
    b, h, w, c = np.meshgrid(*map(np.arange, (BATCH, 224, 224, 3)), indexing="ij")
    images = 1.2 * np.sin(0.02 * (b + 1) * h + 0.03 * (c + 1) * w) + 0.8 * np.sin(0.4 * h * (c + 1) - 0.3 * w * (b + 1))
    targets = (np.arange(BATCH) * 37 % 1000).astype(np.uint32)
    return {"images": torch.from_numpy(images.astype(np.float32)), "targets": torch.from_numpy(targets)}


def main() -> None:
    network, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    model = build(network)
    data = inputs()
    images = data["images"].permute(0, 3, 1, 2).contiguous()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0.0, 0.1)
            module.momentum = None  # the plain mean over the batches seen
    for module in model.modules():
        # Branches that start small, as in training (Goyal et al., 2017): without it rounding
        # in a step's gradient grows so much that no two engines agree on the next loss.
        if isinstance(module, (BasicBlock, Bottleneck)):
            last = module.bn3 if isinstance(module, Bottleneck) else module.bn2
            torch.nn.init.uniform_(last.weight, 0.1, 0.3)
    with torch.no_grad():
        model.train()(images[:8])
    model.eval()
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    metadata = {"architecture": network} | ({"variant": "v1.5"} if network.startswith("resnet") else {})
    save_file(weights, folder / "weights.safetensors", metadata=metadata)
    save_file(data, folder / "inputs.safetensors")
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(
        model, (images[:2],), input_names=["images"], output_names=["logits"], dynamic_shapes=({0: batch},), dynamo=True, verbose=False
    )
    # Written last: its presence says that all is there.
    program.save(folder / "network.onnx", external_data=False)


if __name__ == "__main__":
    main()
