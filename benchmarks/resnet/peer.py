"""Times PyTorch (channels last) on one case; the counterpart of resnet_speed.rs.

Reads the weights and the inputs that `run.py` prepared, prints one JSON line.
OMP_NUM_THREADS sets the number of threads.
"""

import argparse
import json
import resource
import time

import torch
import torchvision
from safetensors.torch import load_file, save_file


def model_with(weights: str) -> torch.nn.Module:
    """A ResNet-50 with its strides where the v1 weights want them."""
    model = torchvision.models.resnet50()
    for layer in (model.layer2, model.layer3, model.layer4):
        layer[0].conv1.stride = (2, 2)
        layer[0].conv2.stride = (1, 1)
    tensors = {name: tensor.float() for name, tensor in load_file(weights).items()}
    model.load_state_dict(tensors, strict=False)
    return model.to(memory_format=torch.channels_last)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=["inference", "training"])
    for name in ("weights", "inputs", "outputs"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("batch", "repeats"):
        parser.add_argument(f"--{name}", type=int, required=True)
    arguments = parser.parse_args()

    inputs = load_file(arguments.inputs)
    images = inputs["images"][: arguments.batch].permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    targets = inputs["targets"][: arguments.batch].long()
    model = model_with(arguments.weights)
    if arguments.case == "inference":
        model.fc = torch.nn.Identity()
        model.eval()

        def step() -> torch.Tensor:
            with torch.inference_mode():
                return model(images)

    else:
        model.train()
        optimiser = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

        def step() -> torch.Tensor:
            optimiser.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(model(images), targets)
            loss.backward()
            optimiser.step()
            return loss.detach().reshape(1)

    outputs = [step()]  # the first pass warms up and is not timed
    seconds = []
    for _ in range(arguments.repeats):
        start = time.perf_counter()
        outputs.append(step())
        seconds.append(time.perf_counter() - start)
    result = outputs[0] if arguments.case == "inference" else torch.cat(outputs)
    save_file({"result": result.float().clone().contiguous()}, arguments.outputs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"version": f"PyTorch {torch.__version__}", "seconds": seconds, "peak_mib": peak}))


if __name__ == "__main__":
    main()
