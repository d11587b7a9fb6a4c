"""The motion module: AnimateDiff v3's layout, as narrow as the UNet it goes into.

Twenty small transformers look along the frames of a clip, one pixel of the latent at a time, after
each block of the UNet. With the names of the submodules as they are, a state dictionary has the keys
of a v3 file (`down_blocks.0.motion_modules.0.temporal_transformer. ...`).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

HEADS = 8
# Frames the table of positions has room for.
POSITIONS = 32
# Modules in each of the four blocks of either side.
DOWN, UP = 2, 3


class Positions(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        place = torch.arange(POSITIONS)[:, None]
        rate = torch.exp(torch.arange(0, channels, 2) * (-math.log(10000.0) / channels))
        table = torch.zeros(1, POSITIONS, channels)
        table[0, :, 0::2], table[0, :, 1::2] = torch.sin(place * rate), torch.cos(place * rate)
        self.register_buffer("pe", table)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.pe[:, : x.shape[1]]


class TemporalAttention(nn.Module):
    """Self-attention along the frames. `x` is `[pixels, frames, channels]`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.to_q = nn.Linear(channels, channels, bias=False)
        self.to_k = nn.Linear(channels, channels, bias=False)
        self.to_v = nn.Linear(channels, channels, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])
        self.pos_encoder = Positions(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pos_encoder(x)
        q, k, v = (layer(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for layer in (self.to_q, self.to_k, self.to_v))
        return self.to_out[0](F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class Gated(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.proj = nn.Linear(channels, 8 * channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value, gate = self.proj(x).chunk(2, -1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.net = nn.ModuleList([Gated(channels), nn.Identity(), nn.Linear(4 * channels, channels)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net[2](self.net[0](x))


class TemporalBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attention_blocks = nn.ModuleList([TemporalAttention(channels) for _ in range(2)])
        self.norms = nn.ModuleList([nn.LayerNorm(channels) for _ in range(2)])
        self.ff = FeedForward(channels)
        self.ff_norm = nn.LayerNorm(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for attention, norm in zip(self.attention_blocks, self.norms):
            x = x + attention(norm(x))
        return x + self.ff(self.ff_norm(x))


class TemporalTransformer(nn.Module):
    """Adds what the other frames tell. `x` is `[clips * frames, channels, height, width]`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.proj_in = nn.Linear(channels, channels)
        self.transformer_blocks = nn.ModuleList([TemporalBlock(channels)])
        self.proj_out = nn.Linear(channels, channels)
        # An untrained module changes nothing.
        nn.init.zeros_(self.proj_out.weight)
        nn.init.zeros_(self.proj_out.bias)

    def forward(self, x: torch.Tensor, frames: int) -> torch.Tensor:
        _, channels, height, width = x.shape
        tokens = self.proj_in(self.norm(x).unflatten(0, (-1, frames)).permute(0, 3, 4, 1, 2))
        tokens = self.transformer_blocks[0](tokens.reshape(-1, frames, channels))
        tokens = self.proj_out(tokens).view(-1, height, width, frames, channels)
        return x + tokens.permute(0, 3, 4, 1, 2).flatten(0, 1)


class MotionModule(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.temporal_transformer = TemporalTransformer(channels)


class MotionBlock(nn.Module):
    def __init__(self, channels: int, count: int) -> None:
        super().__init__()
        self.motion_modules = nn.ModuleList([MotionModule(channels) for _ in range(count)])


class Motion(nn.Module):
    """All modules of a UNet. `frames` is the length of the clips its batches are made of; 0 leaves the
    frames alone."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.down_blocks = nn.ModuleList([MotionBlock(width, DOWN) for width in widths])
        self.up_blocks = nn.ModuleList([MotionBlock(width, UP) for width in reversed(widths)])
        self.frames = 0

    def insert(self, unet: nn.Module) -> None:
        """Puts each module behind the transformer of its place in `unet`, or behind the residual block
        where there is no transformer."""
        for theirs, ours in ((unet.down_blocks, self.down_blocks), (unet.up_blocks, self.up_blocks)):
            for block, motion in zip(theirs, ours):
                places = getattr(block, "attentions", None) or block.resnets
                for place, module in zip(places, motion.motion_modules, strict=True):
                    place.register_forward_hook(self._hook(module.temporal_transformer))

    def _hook(self, transformer: TemporalTransformer):
        def hook(_, __, output):
            if not self.frames:
                return output
            if isinstance(output, torch.Tensor):
                return transformer(output, self.frames)
            return (transformer(output[0], self.frames), *output[1:])

        return hook


def make_motion(unet: nn.Module) -> Motion:
    """Untrained modules, inserted into `unet`."""
    motion = Motion(tuple(unet.config.block_out_channels))
    motion.insert(unet)
    return motion
