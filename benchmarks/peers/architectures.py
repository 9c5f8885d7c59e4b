"""The networks in PyTorch: torchvision's, and a vision transformer with Meta's names."""

import torch
import torchvision
from torch import nn
from torch.nn import functional

WIDTH, DEPTH, HEADS, PATCH, SIDE = 384, 12, 6, 14, 16


def build(network: str, **settings) -> nn.Module:
    if network == "dinov2_vits14":
        return DinoV2Small()
    return getattr(torchvision.models, network)(**settings)


class LayerScale(nn.Module):
    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.empty(WIDTH).uniform_(0.1, 0.3))

    def forward(self, branch: torch.Tensor) -> torch.Tensor:
        return branch * self.gamma


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        batch, count, _ = tokens.shape
        parts = self.qkv(tokens).reshape(batch, count, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2])
        return self.proj(attended.transpose(1, 2).reshape(batch, count, WIDTH))


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.fc2(functional.gelu(self.fc1(tokens)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(WIDTH, eps=1e-6) for _ in range(2))
        self.attn, self.mlp = Attention(), Perceptron()
        self.ls1, self.ls2 = LayerScale(), LayerScale()

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        tokens = tokens + self.ls1(self.attn(self.norm1(tokens)))
        return tokens + self.ls2(self.mlp(self.norm2(tokens)))


class DinoV2Small(nn.Module):
    """ViT-S/14 at 224 px with a classifier of class token and mean patch."""

    def __init__(self):
        super().__init__()
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, WIDTH))
        # Of patches alone, as in timm's models with `no_embed_class`: a second table for the
        # class token would learn the same sum twice as fast.
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, SIDE * SIDE, WIDTH))
        self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-6)
        self.head = nn.Linear(2 * WIDTH, 1000)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        patches = self.patch_embed.proj(images).flatten(2).transpose(1, 2) + self.pos_embed
        tokens = torch.cat([self.cls_token.expand(images.shape[0], -1, -1), patches], 1)
        tokens = self.norm(self.blocks(tokens))
        return self.head(torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], 1))
