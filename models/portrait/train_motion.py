"""Trains the motion module on the latents of drawn clips, the UNet around it frozen."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import dataset
from diffusion import contexts_of, encode, make_schedule, noised, pick_contexts, step_weights
from motion import Motion, make_motion
from muon import Muon
from networks import make_unet, make_vae
from progress import Average, Budget, best_device, repeated

BATCH = 1
# Share of frames that start from a picture that lost its details, as a detailer does.
POOR = 0.5
# What errors count that come and go between neighbouring frames, on top of what they count anyway; and
# what they count in the guided prediction, which enlarges what those with and without caption do not share.
FLICKER, GUIDED, CFG = 1.0, 0.05, 7.0
# Share of clips noised as AnimateDiff's own schedule would: linear betas.
LINEAR = 0.25


def linear_schedule() -> torch.Tensor:
    """What is left of the signal's power at every time step under AnimateDiff's betas."""
    return torch.cumprod(1 - torch.linspace(0.00085, 0.012, 1000, dtype=torch.float64), 0).float()


def train_motion(
    latents: torch.Tensor,
    poor: torch.Tensor,
    contexts: torch.Tensor,
    out: Path,
    steps: int,
    minutes: float | None,
    seed: int,
    batch: int = BATCH,
    peak: float = 1.5e-3,
) -> None:
    """Writes `motion.safetensors`. `latents` and `poor` are `[clips, frames, 4, height, width]`, on the
    device to train on like the `contexts` of the clips' captions."""
    device, frames = latents.device, latents.shape[1]
    torch.manual_seed(seed)
    unet = make_unet()
    unet.load_state_dict(torch.load(out / "unet.pt", map_location="cpu"))
    # In the plain layout: torch 2.11 crashes on a processor in the backward pass of frozen weights in the other.
    unet.requires_grad_(False).eval().to(memory_format=torch.contiguous_format)
    motion = make_motion(unet)
    # A run that was stopped goes on from its averaged weights.
    if (out / "motion.safetensors").exists():
        load_motion(motion, out / "motion.safetensors")
    unet.to(device)
    motion.to(device).frames = frames
    own = make_schedule().alphas_cumprod.to(device)
    tables, weights = torch.stack([own, linear_schedule().to(device)]), step_weights(own)
    average, optimizer, budget = Average(motion, 0.997), Muon(motion), Budget(steps, minutes)

    def sample() -> tuple[torch.Tensor, ...]:
        picks = torch.randint(len(latents), (batch,), device=device)
        times = _timesteps(batch, device)
        kept = tables[(torch.rand(batch, device=device) < LINEAR).long(), times]
        clean, worse = _turned(latents[picks], poor[picks])
        each = times.repeat_interleave(frames)
        noisy, wanted = noised(clean, worse, kept.repeat_interleave(frames), each, POOR)
        # Every clip with its caption, and with none.
        context = torch.cat([pick_contexts(contexts, picks, share) for share in (0.0, 1.0)])
        doubled = (part.repeat(2, *[1] * (part.ndim - 1)) for part in (noisy, wanted, each))
        return *doubled, context.repeat_interleave(frames, 0), weights[times]

    inputs = tuple(part.contiguous() for part in sample())
    total = torch.zeros((), device=device)

    def step() -> None:
        noisy, wanted, times, context, weight = inputs
        error = (unet(noisy, times, context).sample - wanted).unflatten(0, (2, batch, frames))
        likeness, guided = error.square().mean((0, 2, 3, 4, 5)), error[1] + CFG * (error[0] - error[1])
        loss = (weight * (likeness + FLICKER * _flicker(error).mean(0) + GUIDED * _flicker(guided))).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(optimizer.parameters, 1.0)
        optimizer.step()
        total.add_(loss.detach())

    optimizer.set_rate(budget.rate(peak))
    step = repeated(step, device)
    total.zero_()
    while budget.progress < 1:
        optimizer.set_rate(budget.rate(peak, floor=0.0))
        for place, part in zip(inputs, sample()):
            place.copy_(part)
        step()
        average.update()
        budget.count(device)
        if budget.step % 50 == 0:
            if device.type == "cpu" or budget.step % 500 == 0:
                print(f"motion step {budget.step} {budget.elapsed:.0f}s loss {total.item() / 50:.4f}", flush=True)
            total.zero_()
            if device.type == "cpu":
                save_motion(average.network, out / "motion.safetensors")
    print(f"motion: {budget.step} steps of {batch}", flush=True)
    save_motion(average.network, out / "motion.safetensors")


def motion_from_files(data: Path, out: Path, count: int, steps: int, minutes: float | None, seed: int) -> None:
    """Trains on the drawn clips in `data` with the networks in `out`."""
    device = best_device()
    vae = make_vae()
    vae.load_state_dict(torch.load(out / "vae.pt", map_location="cpu"))
    drawn, captions = dataset.load(data, "clips", count)
    latents = [encode_clips(vae.to(device), drawn, seed) for seed in (0, 1)]
    train_motion(*latents, contexts_of(out, captions, device), out, steps, minutes, seed)


def encode_clips(vae: torch.nn.Module, drawn, poor: int = 0, batch: int = 1) -> torch.Tensor:
    """Latents `[clips, frames, 4, height, width]`; `poor` as in `encode`, one size per clip."""
    frames = drawn.shape[1]
    flat = drawn.reshape(-1, *drawn.shape[2:])
    return encode(vae, flat, poor, batch * frames).unflatten(0, (-1, frames))


def save_motion(motion: Motion, path: Path) -> None:
    """Writes `motion` in half precision under a v3 file's keys."""
    if not all(bool(p.isfinite().all()) for p in motion.parameters()):
        raise FloatingPointError("the motion module's weights are not finite: its training is not kept")
    weights = {key: value.detach().cpu().half().contiguous() for key, value in motion.state_dict().items()}
    save_file(weights, path, metadata={"format": "pt"})


def load_motion(motion: Motion, path: Path) -> None:
    motion.load_state_dict({key: value.float() for key, value in load_file(path).items()})


def _flicker(error: torch.Tensor) -> torch.Tensor:
    """Mean square of what changes from frame to frame, halved: that of errors without a memory is their own."""
    return (error[..., 1:, :, :, :] - error[..., :-1, :, :, :]).square().mean((-4, -3, -2, -1)) / 2


def _timesteps(count: int, device: torch.device) -> torch.Tensor:
    """Mostly what a detailer passes through at its usual strength, sometimes any."""
    detailer = torch.randint(0, 620, (count,), device=device)
    anywhere = torch.randint(0, 1000, (count,), device=device)
    return torch.where(torch.rand(count, device=device) < 0.8, detailer, anywhere)


def _turned(*parts: torch.Tensor) -> list[torch.Tensor]:
    """Clips flattened to frames, every other one running backwards."""
    backwards = torch.rand(len(parts[0]), device=parts[0].device)[:, None, None, None, None] < 0.5
    return [torch.where(backwards, part.flip(1), part).flatten(0, 1) for part in parts]
