"""The taggers of artkg-flavor in PyTorch, by name. Events are padded: tracks `[events, longest, inputs]`,
mask `[events, longest, 1]`, pairs `[events, longest, longest, inputs]`."""

import torch
from torch import nn
from torch.nn import functional

TRACK_INPUTS, PAIR_INPUTS, EVENT_INPUTS, CLASSES = 18, 8, 5, 3
TYPICAL_TRACKS = 32
PAIR_WIDTH, HEADS, BLOCKS = 24, 3, 2


def dense(*sizes):
    layers = [part for a, b in zip(sizes, sizes[1:]) for part in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*layers[:-1])


def pooled(tracks, mask, events):
    """Sum and maximum over an event's tracks, beside the inputs of the event."""
    total = (tracks * mask).sum(1) / TYPICAL_TRACKS
    largest = tracks.masked_fill(mask == 0, float("-inf")).amax(1)
    return torch.cat([total, largest, events], 1)


class DeepSets(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.track_net = nn.Sequential(dense(TRACK_INPUTS, width, width, width), nn.ReLU())
        self.event_net = dense(2 * width + EVENT_INPUTS, width, width, CLASSES)

    def forward(self, tracks, mask, events, _pairs):
        return self.event_net(pooled(self.track_net(tracks), mask, events))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.attention_norm, self.net_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.projection, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.net = dense(width, 2 * width, width)

    def forward(self, tracks, bias):
        events, count, width = tracks.shape
        projected = self.projection(self.attention_norm(tracks))
        query, key, value = projected.view(events, count, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        tracks = tracks + self.output(attended.transpose(1, 2).reshape(events, count, width))
        return tracks + self.net(self.net_norm(tracks))


class Attention(nn.Module):
    """As artkg's: a bias of attention from each pair's inputs."""

    def __init__(self, width):
        super().__init__()
        self.embedding = dense(TRACK_INPUTS, width, width)
        self.pair_net = dense(PAIR_INPUTS, PAIR_WIDTH, PAIR_WIDTH, HEADS)
        self.blocks = nn.ModuleList(Block(width) for _ in range(BLOCKS))
        self.norm = nn.LayerNorm(width)
        self.event_net = dense(2 * width + EVENT_INPUTS, width, CLASSES)

    def forward(self, tracks, mask, events, pairs):
        padding = mask[:, None, None, :, 0] == 0
        bias = self.pair_net(pairs).permute(0, 3, 1, 2).masked_fill(padding, float("-inf"))
        tracks = self.embedding(tracks)
        for block in self.blocks:
            tracks = block(tracks, bias)
        return self.event_net(pooled(self.norm(tracks), mask, events))


class Transformer(nn.Module):
    """PyTorch's own encoder of the same size, without pairs."""

    def __init__(self, width):
        super().__init__()
        self.embedding = dense(TRACK_INPUTS, width, width)
        layer = nn.TransformerEncoderLayer(width, HEADS, 2 * width, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, BLOCKS, nn.LayerNorm(width), enable_nested_tensor=False)
        self.event_net = dense(2 * width + EVENT_INPUTS, width, CLASSES)

    def forward(self, tracks, mask, events, _pairs):
        tracks = self.encoder(self.embedding(tracks), src_key_padding_mask=mask[..., 0] == 0)
        return self.event_net(pooled(tracks, mask, events))


NETWORKS = {"sets": DeepSets, "attention": Attention, "transformer": Transformer}
