"""A network under PyTorch, ONNX Runtime or OpenVINO; the counterpart of network_speed.rs."""

import argparse
import os
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from turns import serve

THREADS = int(os.environ["OMP_NUM_THREADS"])
COMPARED_STEPS = 3


def pytorch(options, images: np.ndarray, targets: np.ndarray):
    """Channels last, batch norm and all as the network was written."""
    import torch
    from architectures import build
    from safetensors.torch import load_file as load_tensors

    torch.set_num_threads(THREADS)
    # Random zeros would make the losses incomparable.
    settings = {"dropout": 0.0} if options.backbone.startswith("vgg") else {}
    model = build(options.backbone, **settings)
    model.load_state_dict(load_tensors(options.weights), strict=False)
    precision = {"f32": torch.float32, "bf16": torch.bfloat16}[options.precision]
    model = model.to(precision).to(memory_format=torch.channels_last)
    images = torch.from_numpy(images).to(precision).permute(0, 3, 1, 2)
    images = images.contiguous(memory_format=torch.channels_last)
    if options.mode == "inference":
        model.eval()

        def step() -> np.ndarray:
            with torch.inference_mode():
                return model(images).float().numpy()

    else:
        targets = torch.from_numpy(targets.astype(np.int64))
        model.train()
        optimiser = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

        def step() -> np.ndarray:
            optimiser.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(model(images), targets)
            loss.backward()
            optimiser.step()
            return loss.detach().reshape(1).numpy()

    return f"PyTorch {torch.__version__}", step


def onnxruntime(options, images: np.ndarray, _targets: np.ndarray):
    import onnxruntime as runtime

    settings = runtime.SessionOptions()
    settings.intra_op_num_threads = THREADS
    settings.add_free_dimension_override_by_name("batch", options.batch)
    file = Path(options.weights).with_name("network.onnx")
    session = runtime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
    images = images.transpose(0, 3, 1, 2).copy()
    return f"ONNX Runtime {runtime.__version__}", lambda: session.run(None, {"images": images})[0]


def openvino(options, images: np.ndarray, _targets: np.ndarray):
    import openvino as vino

    core = vino.Core()
    model = core.read_model(Path(options.weights).with_name("network.onnx"))
    images = images.transpose(0, 3, 1, 2).copy()
    model.reshape(list(images.shape))
    settings = {"INFERENCE_PRECISION_HINT": options.precision, "INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    version = vino.__version__.split("-")[0]
    return f"OpenVINO {version}", lambda: request.infer({0: images}, share_inputs=True)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    engines = {"pytorch": pytorch, "onnxruntime": onnxruntime, "openvino": openvino}
    parser.add_argument("--engine", choices=engines, required=True)
    parser.add_argument("--mode", choices=["inference", "training"], required=True)
    parser.add_argument("--precision", choices=["f32", "bf16"], required=True)
    parser.add_argument("--batch", type=int, required=True)
    for name in ("backbone", "weights", "inputs", "outputs"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    inputs = load_file(options.inputs)
    images, targets = (inputs[name][: options.batch].copy() for name in ("images", "targets"))
    del inputs
    version, step = engines[options.engine](options, images, targets)
    wanted = COMPARED_STEPS if options.mode == "training" else 1
    results = []

    def one_pass() -> None:
        result = step()
        if len(results) < wanted:
            results.append(np.array(result, dtype=np.float32))

    serve(version, one_pass)
    save_file({"result": np.concatenate(results)}, options.outputs)


if __name__ == "__main__":
    main()
