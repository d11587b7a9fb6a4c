"""The optimizer of every stage: Muon for matrices and convolutions, AdamW for the rest.

Muon replaces the momentum of a weight matrix by the nearest (semi-)orthogonal matrix (K. Jordan,
2024), here scaled to the step size of AdamW as in arXiv:2502.16982, so both share a learning rate.
Matrices of one shape are worked on together, and all state lives on the parameters' device, the
learning rate too: a step can be recorded as a CUDA graph.
"""

from __future__ import annotations

import torch


@torch.no_grad()
def orthogonalize(matrices: torch.Tensor, iterations: int = 5) -> torch.Tensor:
    """Newton-Schulz steps towards the orthogonal factors of `matrices` `[n, rows, columns]`.

    They run on the small Gram matrices: every iterate is a polynomial of them times `matrices`.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    gram = x @ x.mT
    identity = torch.eye(gram.shape[1], device=gram.device, dtype=gram.dtype)
    factor = identity.expand_as(gram)
    for _ in range(iterations):
        step = a * identity + b * gram + c * gram @ gram
        factor = step @ factor
        gram = step @ gram @ step
    x = factor @ x
    return x.mT if tall else x


class Muon:
    """Muon on the parameters of two and more dimensions of `network`, AdamW on all others.

    Embedding tables count as others. Parameters that get no gradient in the first step stay as they are.
    """

    def __init__(self, network: torch.nn.Module, *, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        self._tables = {id(m.weight) for m in network.modules() if isinstance(m, torch.nn.Embedding)}
        self.parameters = [p for p in network.parameters() if p.requires_grad]
        self._momentum, self._decay = momentum, weight_decay
        self._rate = torch.zeros((), device=self.parameters[0].device)
        self._matrices: list[tuple[list[torch.nn.Parameter], torch.Tensor]] | None = None

    def set_rate(self, rate: float) -> None:
        self._rate.fill_(rate)

    def zero_grad(self) -> None:
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        if self._matrices is None:
            self._start()
        if self._decay:
            torch._foreach_mul_(self._live, 1 - self._rate * self._decay)
        for parameters, momentum in self._matrices:
            gradient = torch.stack([_flat(p.grad) for p in parameters])
            momentum.lerp_(gradient, 1 - self._momentum)
            steps = orthogonalize(gradient.lerp(momentum, self._momentum))
            steps = steps * (-0.2 * max(momentum.shape[1:]) ** 0.5 * self._rate)
            for p, step in zip(parameters, steps):
                p.add_(step.view(p.shape))
        if self._others:
            self._adam()

    def _start(self) -> None:
        """Sorts the parameters, by shape."""
        self._live = [p for p in self.parameters if p.grad is not None]
        shapes: dict[tuple[int, ...], list[torch.nn.Parameter]] = {}
        self._others = []
        for p in self._live:
            if p.ndim >= 2 and id(p) not in self._tables:
                shapes.setdefault(tuple(_flat(p).shape), []).append(p)
            else:
                self._others.append(p)
        self._matrices = [(same, torch.stack([torch.zeros_like(_flat(p)) for p in same])) for same in shapes.values()]
        if self._others:
            flat = torch.cat([p.reshape(-1) for p in self._others])
            self._first, self._second = torch.zeros_like(flat), torch.zeros_like(flat)
            self._count = torch.zeros_like(self._rate)

    def _adam(self) -> None:
        gradient = torch.cat([p.grad.reshape(-1) for p in self._others])
        self._count += 1
        first = self._first.lerp_(gradient, 0.1) / (1 - 0.9**self._count)
        second = self._second.lerp_(gradient.square(), 0.02) / (1 - 0.98**self._count)
        steps = first / (second.sqrt() + 1e-8) * -self._rate
        for p, step in zip(self._others, steps.split([p.numel() for p in self._others])):
            p.add_(step.view(p.shape))


def _flat(x: torch.Tensor) -> torch.Tensor:
    """`x` as a matrix: a row per output."""
    return x.detach().reshape(x.shape[0], -1)
