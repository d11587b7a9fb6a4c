"""What every training stage shares: the step budget, the learning rate, the averaged weights."""

from __future__ import annotations

import copy
import math
import time

import torch


class Budget:
    """Counts steps up to `steps`, or up to `minutes` where that comes first."""

    def __init__(self, steps: int, minutes: float | None = None) -> None:
        self.step, self._steps, self._minutes = 0, steps, minutes
        self._began = time.time()

    @property
    def elapsed(self) -> float:
        return time.time() - self._began

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        done = self.step / self._steps
        if self._minutes is not None:
            done = max(done, self.elapsed / (60 * self._minutes))
        return min(done, 1.0)

    def rate(self, peak: float, floor: float = 0.03, warmup: int = 60) -> float:
        """Warm-up over the first steps, then half a cosine down to `floor * peak`."""
        cosine = floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * self.progress))
        return peak * min(1.0, (self.step + 1) / warmup) * cosine


class Average:
    """Exponential moving average of a network's weights, short at first."""

    def __init__(self, network: torch.nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._decay, self._count = decay, 0

    @torch.no_grad()
    def update(self, network: torch.nn.Module) -> None:
        self._count += 1
        decay = min(self._decay, (1 + self._count) / (10 + self._count))
        for mine, theirs in zip(self.network.parameters(), network.parameters()):
            mine.lerp_(theirs, 1 - decay)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
