"""A small GPT-style transformer that learns to write, character by character.

The text is the help on Python's own language topics, which every Python has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pydoc_data.topics import topics
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, scaled_dot_product_attention

from zgtui.experiments.experiment import Data, Experiment, accuracy, hold_out

HELD_OUT = 2048
"""Characters held out for the accuracy."""


@dataclass(frozen=True)
class Size:
    """One size of the model, with what suits it; ``context`` is in characters."""

    width: int
    layers: int
    heads: int
    context: int
    batch_size: int
    lr: float
    steps: int
    speed: float


SIZES = {
    "small": Size(32, 1, 2, context=32, batch_size=8, lr=0.003, steps=120, speed=20),
    "medium": Size(64, 2, 4, context=32, batch_size=16, lr=0.003, steps=120, speed=20),
    "large": Size(768, 12, 12, context=256, batch_size=64, lr=0.0003, steps=2000, speed=0),
}


class Block(nn.Module):
    """Causal self-attention, then two layers on each position, each added to what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.projection = nn.Linear(width, width)
        self.layers = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """``x`` and the result are (samples, positions, width)."""
        samples, positions, width = x.shape
        split = self.queries_keys_values(self.attention_norm(x)).view(
            samples, positions, 3, self.heads, width // self.heads
        )
        queries, keys, values = split.permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(queries, keys, values, is_causal=True)
        x = x + self.projection(mixed.transpose(1, 2).reshape(x.shape))
        return cast("Tensor", x + self.layers(x))


class Transformer(nn.Module):
    """Maps characters (samples, positions) to scores of the next (samples, positions, alphabet)."""

    def __init__(self, alphabet: int, size: Size) -> None:
        super().__init__()
        self.characters = nn.Embedding(alphabet, size.width)
        self.positions = nn.Embedding(size.context, size.width)
        self.blocks = nn.Sequential(
            *(Block(size.width, size.heads) for _ in range(size.layers)),
            nn.LayerNorm(size.width),
            nn.Linear(size.width, alphabet),
        )
        self.apply(_draw_weights)

    def forward(self, characters: Tensor) -> Tensor:
        """The scores at each position know the characters up to it."""
        positions = torch.arange(characters.shape[1], device=characters.device)
        embedded = self.characters(characters) + self.positions(positions)
        return cast("Tensor", self.blocks(embedded))


def _draw_weights(module: nn.Module) -> None:
    """As GPT-2 begins: weights from a normal distribution of width 0.02, biases 0."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


def _text() -> str:
    return "\n".join(topics.values())


def _model(size: Size) -> nn.Module:
    return Transformer(len(set(_text())), size)


def _data(size: Size) -> Data:
    """The text cut into windows side by side, so that an epoch reads it once."""
    text = _text()
    index = {character: number for number, character in enumerate(sorted(set(text)))}
    codes = torch.tensor([index[character] for character in text])
    windows = (len(codes) - 1) // size.context
    inputs = codes[: windows * size.context].view(windows, size.context)
    targets = codes[1 : windows * size.context + 1].view(windows, size.context)
    return hold_out(inputs, targets, HELD_OUT // size.context)


def _loss(scores: Tensor, targets: Tensor) -> Tensor:
    """Of scores (batch, positions, alphabet) and next characters (batch, positions): a scalar."""
    return cross_entropy(scores.flatten(0, 1), targets.flatten())


def chars(size: str) -> Experiment:
    """AdamW on minibatches; the accuracy is the share of next characters predicted correctly."""
    chosen = SIZES[size]
    return Experiment(
        model=partial(_model, chosen),
        data=partial(_data, chosen),
        criterion=_loss,
        lr=chosen.lr,
        steps=chosen.steps,
        speed=chosen.speed,
        batch_size=chosen.batch_size,
        optimizer="AdamW",
        accuracy=accuracy,
    )
