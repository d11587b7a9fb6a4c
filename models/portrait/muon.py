"""The optimizer of every stage: Muon for matrices and convolutions, AdamW for the rest.

Muon replaces the momentum of a weight matrix by the nearest (semi-)orthogonal matrix (K. Jordan,
2024), here scaled to the step size of AdamW as in arXiv:2502.16982, so both share a learning rate.
"""

from __future__ import annotations

import torch


@torch.no_grad()
def orthogonalize(matrix: torch.Tensor, iterations: int = 5) -> torch.Tensor:
    """Newton-Schulz steps towards the orthogonal factor of `matrix`.

    They run on the small Gram matrix: every iterate is a polynomial of it times `matrix`.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    gram = x @ x.T
    identity = torch.eye(len(gram))
    factor = identity
    for _ in range(iterations):
        step = a * identity + b * gram + c * gram @ gram
        factor = step @ factor
        gram = step @ gram @ step
    x = factor @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Muon on the parameters of two and more dimensions of `network`, AdamW on all others.

    Embedding tables count as others.
    """

    def __init__(self, network: torch.nn.Module, *, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        tables = {id(m.weight) for m in network.modules() if isinstance(m, torch.nn.Embedding)}
        parameters = [p for p in network.parameters() if p.requires_grad]
        matrices = [p for p in parameters if p.ndim >= 2 and id(p) not in tables]
        others = [p for p in parameters if p.ndim < 2 or id(p) in tables]
        groups = [{"params": matrices, "matrices": True}, {"params": others, "matrices": False}]
        super().__init__([g for g in groups if g["params"]], {"lr": 1e-3, "momentum": momentum, "decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                if group["decay"]:
                    p.mul_(1 - group["lr"] * group["decay"])
                if group["matrices"]:
                    self._muon(p, group)
                else:
                    self._adam(p, group)

    def _muon(self, p: torch.Tensor, group: dict) -> None:
        state = self.state[p]
        if not state:
            state["momentum"] = torch.zeros_like(p)
        momentum = state["momentum"].lerp_(p.grad, 1 - group["momentum"])
        ahead = p.grad.lerp(momentum, group["momentum"])
        flat = ahead.reshape(p.shape[0], -1)
        step = orthogonalize(flat) * (0.2 * max(flat.shape) ** 0.5)
        p.add_(step.view(ahead.shape), alpha=-group["lr"])

    def _adam(self, p: torch.Tensor, group: dict) -> None:
        state = self.state[p]
        if not state:
            state.update(count=0, first=torch.zeros_like(p), second=torch.zeros_like(p))
        state["count"] += 1
        first = state["first"].lerp_(p.grad, 0.1)
        second = state["second"].lerp_(p.grad.square(), 0.02)
        first = first / (1 - 0.9 ** state["count"])
        second = second / (1 - 0.98 ** state["count"])
        p.addcdiv_(first, second.sqrt().add_(1e-8), value=-group["lr"])
