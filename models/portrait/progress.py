"""What every training stage shares: the device, the step budget, the learning rate, the averaged weights."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable

import torch

# Steps between two looks at the clock on a GPU, which would run away from a host that never waits for it.
GPU_STRIDE = 8


def best_device() -> torch.device:
    """The first CUDA card, or the processor."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    # Convolutions and products in tf32: as exact as this training can tell.
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark, torch.backends.cudnn.benchmark_limit = True, 5
    return torch.device("cuda")


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

    def count(self, device: torch.device) -> None:
        """Notes that a step is done, now and then waiting for `device` to be through with it."""
        self.step += 1
        if device.type == "cuda" and self.step % GPU_STRIDE == 0:
            torch.cuda.synchronize()


class Average:
    """Exponential moving average of a network's weights, short at first."""

    def __init__(self, network: torch.nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._decay, self._count = decay, 0
        self._mine, self._theirs = list(self.network.parameters()), list(network.parameters())

    @torch.no_grad()
    def update(self) -> None:
        self._count += 1
        decay = min(self._decay, (1 + self._count) / (10 + self._count))
        torch._foreach_lerp_(self._mine, self._theirs, 1 - decay)


def repeated(step: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """`step`, on a CUDA card recorded once and then replayed, which spares thousands of launches.

    A recorded step reads and writes the same tensors each time, asks for no random numbers and never
    waits. The three steps before the recording count. Where recording fails, `step` itself.
    """
    if device.type != "cuda":
        return step
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    torch.cuda.synchronize()
    try:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
        graph.replay()
        torch.cuda.synchronize()
    except Exception as error:  # noqa: BLE001
        print(f"no CUDA graph, single launches instead: {error}", flush=True)
        torch.cuda.synchronize()
        # The generator would still take itself to be recorded.
        fresh = torch.Generator("cuda").manual_seed(torch.initial_seed() % 2**32)
        torch.cuda.default_generators[torch.cuda.current_device()].graphsafe_set_state(fresh.graphsafe_get_state())
        return step
    return graph.replay


def train(
    name: str,
    sample: Callable[[], tuple[torch.Tensor, ...]],
    loss: Callable[..., torch.Tensor],
    optimizer,
    average: Average,
    budget: Budget,
    peak: float,
    save: Callable[[], None],
) -> None:
    """Lowers `loss(*sample())` until `budget` is spent, at rates up to `peak`, and saves.

    `sample` gives tensors of the same shapes each time; on a processor `save` is called on the way, too.
    """
    inputs = tuple(part.contiguous() for part in sample())
    device = inputs[0].device
    total = torch.zeros((), device=device)

    def step() -> None:
        value = loss(*inputs)
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(optimizer.parameters, 1.0)
        optimizer.step()
        total.add_(value.detach())

    optimizer.set_rate(budget.rate(peak))
    step = repeated(step, device)
    total.zero_()
    report = 50 if device.type == "cpu" else 500
    while budget.progress < 1:
        optimizer.set_rate(budget.rate(peak, floor=0.0))
        for place, part in zip(inputs, sample()):
            place.copy_(part)
        step()
        average.update()
        budget.count(device)
        if budget.step % report == 0:
            print(f"{name} step {budget.step} {budget.elapsed:.0f}s loss {total.item() / report:.4f}", flush=True)
            total.zero_()
            if device.type == "cpu":
                save()
    print(f"{name}: {budget.step} steps of {len(inputs[0])}", flush=True)
    save()
