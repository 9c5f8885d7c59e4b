"""Times the operations of vision transformers in turns with PyTorch, on two threads.

    cargo build --release -p artkg-nn --example transformer_speed
    python transformer_speed.py TARGET/release/examples/transformer_speed [NAME ...]

Prints medians in milliseconds: forward, forward and backward, and PyTorch's time over
ours. Images are channels-last in both.
"""

import os
import statistics
import subprocess
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(2)
torch.manual_seed(1)
BATCH, TOKENS, WIDTH, HEADS, DEPTH = 8, 257, 384, 6, 12
NAMES = [
    "linear 384 1152", "linear 384 384", "linear 384 1536", "linear 1536 384",
    "attention 8", "attention 1", "layer-norm", "gelu", "swiglu", "add-scaled",
    "depthwise 56 96", "depthwise 14 384",
    "folded 384 1536", "folded 1536 384", "folded-bf16 384 1536", "attention-bf16 8",
    "blocks 8", "folded-blocks 1", "folded-blocks 8", "folded-blocks 32", "folded-bf16-blocks 8",
]  # fmt: skip


class Block(torch.nn.Module):
    """A block of a vision transformer."""

    def __init__(self):
        super().__init__()
        linear = torch.nn.Linear
        self.norm1, self.norm2 = (torch.nn.LayerNorm(WIDTH, eps=1e-6) for _ in range(2))
        self.qkv, self.projection = linear(WIDTH, 3 * WIDTH), linear(WIDTH, WIDTH)
        self.wide, self.narrow = linear(WIDTH, 4 * WIDTH), linear(4 * WIDTH, WIDTH)
        self.register_buffer("scale", torch.full([WIDTH], 0.1))

    def forward(self, input):
        batch = len(input)
        parts = self.qkv(self.norm1(input)).reshape(batch, TOKENS, 3, HEADS, WIDTH // HEADS)
        branch = F.scaled_dot_product_attention(*parts.permute(2, 0, 3, 1, 4))
        branch = self.projection(branch.transpose(1, 2).reshape(batch, TOKENS, WIDTH))
        middle = input + self.scale * branch
        return middle + self.scale * self.narrow(F.gelu(self.wide(self.norm2(middle))))


def case(name):
    """Arguments and a function of them; whether it is for inference alone."""
    kind, *numbers = name.split()
    numbers = [int(number) for number in numbers]
    normal = torch.randn
    tokens = (BATCH, TOKENS, WIDTH)
    if kind == "linear":
        inputs, outputs = numbers
        arguments = normal(BATCH, TOKENS, inputs), normal(outputs, inputs), normal(outputs)
        return arguments, F.linear, False
    if kind.endswith("blocks"):
        blocks = torch.nn.Sequential(*(Block() for _ in range(DEPTH)))
        argument = normal(numbers[0], TOKENS, WIDTH)
        if "bf16" in kind:
            blocks, argument = blocks.bfloat16(), argument.bfloat16()
        return [argument], blocks, kind != "blocks"
    if kind.startswith("folded"):
        inputs, outputs = numbers
        arguments = normal(BATCH, TOKENS, inputs), normal(outputs, inputs), normal(outputs)
        if "bf16" in kind:
            arguments = [argument.bfloat16() for argument in arguments]
        return arguments, lambda *a: F.gelu(F.linear(*a)), True
    if kind.startswith("attention"):

        def attend(projected):
            parts = projected.reshape(numbers[0], TOKENS, 3, HEADS, WIDTH // HEADS)
            output = F.scaled_dot_product_attention(*parts.permute(2, 0, 3, 1, 4))
            return output.transpose(1, 2).reshape(numbers[0], TOKENS, WIDTH)

        projected = normal(numbers[0], TOKENS, 3 * WIDTH)
        if "bf16" in kind:
            return [projected.bfloat16()], attend, True
        return [projected], attend, False
    if kind == "layer-norm":
        compute = lambda *a: F.layer_norm(a[0], (WIDTH,), a[1], a[2], 1e-6)
        return [normal(tokens), normal(WIDTH), normal(WIDTH)], compute, False
    if kind == "gelu":
        return [normal(BATCH, TOKENS, 4 * WIDTH)], F.gelu, False
    if kind == "swiglu":

        def swiglu(input):
            gate, value = input.chunk(2, -1)
            return F.silu(gate) * value

        return [normal(BATCH, TOKENS, 8 * WIDTH)], swiglu, False
    if kind == "add-scaled":
        return [normal(tokens), normal(tokens), normal(WIDTH)], lambda a, b, s: a + b * s, False
    if kind == "depthwise":
        size, channels = numbers
        image = normal(BATCH, channels, size, size).to(memory_format=torch.channels_last)
        compute = lambda *a: F.conv2d(*a, padding=3, groups=channels)
        return [image, normal(channels, 1, 7, 7), normal(channels)], compute, False
    raise SystemExit(f"no operation is called {name}")


def measure(arguments, compute, inference):
    start = time.perf_counter()
    with torch.no_grad():
        output = compute(*arguments)
    forward = time.perf_counter() - start
    if inference:
        return forward, 0.0
    gradient = torch.ones_like(output)
    if isinstance(compute, torch.nn.Module):
        compute.zero_grad(set_to_none=True)
    leaves = [argument.detach().requires_grad_() for argument in arguments]
    start = time.perf_counter()
    compute(*leaves).backward(gradient)
    return forward, time.perf_counter() - start


def main(program, names):
    environment = {**os.environ, "RAYON_NUM_THREADS": "2"}
    ours = subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )

    def turn(name):
        print(name, file=ours.stdin, flush=True)
        return [float(number) for number in ours.stdout.readline().split()]

    print(f"{'milliseconds':22}{'forward':>26}{'and backward':>28}")
    for name in names or NAMES:
        arguments = case(name)
        times = []
        for round in range(33):
            times.append((*turn(name), *measure(*arguments)))
        columns = list(zip(*times[3:]))
        forward, both, its_forward, its_both = (1e3 * statistics.median(c) for c in columns)
        text = f"{name:22}{forward:9.2f}{its_forward:9.2f}{its_forward / forward:7.2f}×"
        if both:
            text += f"{both:11.2f}{its_both:9.2f}{its_both / both:7.2f}×"
        print(text, flush=True)
    ours.stdin.close()
    ours.wait()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
