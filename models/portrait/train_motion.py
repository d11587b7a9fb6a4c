"""Trains the motion module on the latents of drawn clips, the UNet around it frozen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

import dataset
from diffusion import contexts_of, encode, lost_details, make_schedule, noised, pick_contexts, step_weights
from motion import Motion, make_motion
from muon import Muon
from networks import make_unet, make_vae
from progress import Average, Budget, best_device, train

BATCH = 1
# Share of clips that start from pictures that lost their details, as a detailer does.
POOR = 0.5
# Share of clips whose frames all have the same noise; in the others each has its own.
CONSTANT = 0.4
# Steps after which newly drawn clips take part.
GROWTH = 100
# What errors count that come and go between neighbouring frames, on top of what they count anyway; and
# what they count in the guided prediction, which enlarges what those with and without caption do not share.
FLICKER, GUIDED, CFG = 1.0, 0.05, 7.0
# Share of clips noised as AnimateDiff's own schedule would: linear betas.
LINEAR = 0.1


def linear_schedule() -> torch.Tensor:
    """What is left of the signal's power at every time step under AnimateDiff's betas."""
    return torch.cumprod(1 - torch.linspace(0.00085, 0.012, 1000, dtype=torch.float64), 0).float()


class Clips:
    """The clips drawn in a folder, as latents `[clips, frames, 4, height, width]`, clean and `poor`, and with the
    `contexts` of their captions; `grow` takes in what has been drawn since."""

    def __init__(
        self, data: Path, out: Path, vae: torch.nn.Module, device: torch.device, batch: int, count: int
    ) -> None:
        self._data, self._out, self._vae, self._batch, self._count = data, out, vae.to(device), batch, count
        self._device, self._seen, self._captions = device, set[Path](), []
        self.latents = self.poor = torch.empty(0, device=device)
        self.grow()

    def grow(self) -> None:
        fresh = [path for path in dataset.shards(self._data, "clips", self._count) if path not in self._seen]
        if not fresh:
            return
        drawn = np.concatenate([np.load(path) for path in fresh])
        for path in fresh:
            self._captions += dataset.captions_of(path)
        self._seen.update(fresh)
        images = torch.from_numpy(drawn).to(self._device)
        # Every part of the clips is degraded in other sizes.
        clean, poor = (encode_clips(self._vae, images, seed, self._batch) for seed in (0, len(self._seen)))
        self.latents, self.poor = torch.cat([self.latents, clean]), torch.cat([self.poor, poor])
        self.contexts = contexts_of(self._out, self._captions, self._device)


def train_motion(
    clips: Clips, out: Path, steps: int, minutes: float | None, seed: int, batch: int = BATCH, peak: float = 1.5e-3
) -> None:
    """Writes `motion.safetensors`."""
    device, frames = clips.latents.device, clips.latents.shape[1]
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
        if budget.step % GROWTH == 0:
            clips.grow()
        picks = torch.randint(len(clips.latents), (batch,), device=device)
        times = _timesteps(batch, device)
        kept = tables[(torch.rand(batch, device=device) < LINEAR).long(), times]
        clean, worse = _turned(clips.latents[picks], clips.poor[picks])
        noise, same = torch.randn_like(clean), torch.rand(batch, device=device)[:, None, None, None, None] < CONSTANT
        noise = torch.where(same, noise[:, :1], noise)
        each = (part.repeat_interleave(frames) for part in (kept, lost_details(times, POOR)))
        noisy, wanted = noised(*(part.flatten(0, 1) for part in (clean, worse, noise)), *each)
        # Every clip with its caption, and with none.
        context = torch.cat([pick_contexts(clips.contexts, picks, share) for share in (0.0, 1.0)])
        doubled = (part.repeat(2, *[1] * (part.ndim - 1)) for part in (noisy, wanted, times.repeat_interleave(frames)))
        return *doubled, context.repeat_interleave(frames, 0), weights[times]

    def loss(noisy, wanted, times, context, weight) -> torch.Tensor:
        error = (unet(noisy, times, context).sample - wanted).unflatten(0, (2, batch, frames))
        likeness, guided = error.square().mean((0, 2, 3, 4, 5)), error[1] + CFG * (error[0] - error[1])
        return (weight * (likeness + FLICKER * _flicker(error).mean(0) + GUIDED * _flicker(guided))).mean()

    def save() -> None:
        save_motion(average.network, out / "motion.safetensors")

    train("motion", sample, loss, optimizer, average, budget, peak, save)
    print(f"motion: {len(clips.latents)} clips", flush=True)


def motion_from_files(data: Path, out: Path, count: int, steps: int, minutes: float | None, seed: int) -> None:
    """Trains on the drawn clips in `data` with the networks in `out`."""
    vae = make_vae()
    vae.load_state_dict(torch.load(out / "vae.pt", map_location="cpu"))
    train_motion(Clips(data, out, vae, best_device(), 1, count), out, steps, minutes, seed)


def encode_clips(vae: torch.nn.Module, drawn: torch.Tensor, poor: int = 0, batch: int = 1) -> torch.Tensor:
    """Latents `[clips, frames, 4, height, width]` of RGB bytes `[clips, frames, height, width, 3]`; `poor` as in
    `encode`, one size per clip."""
    frames = drawn.shape[1]
    return encode(vae, drawn.flatten(0, 1), poor, batch * frames).unflatten(0, (-1, frames))


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
    """Clips of which every other one runs backwards."""
    backwards = torch.rand(len(parts[0]), device=parts[0].device)[:, None, None, None, None] < 0.5
    return [torch.where(backwards, part.flip(1), part) for part in parts]
