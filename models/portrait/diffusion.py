"""Trains the UNet to predict the noise in the latents of captioned portraits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import DDPMScheduler

import dataset
from networks import LATENT_SCALE, make_text_encoder, make_tokenizer, make_unet, make_vae, tokenize
from autoencoder import lighten, to_tensor
from muon import Muon
from progress import Average, Budget, set_rate

BATCH = 16
CAPTIONS = 4
# Share of empty captions, for classifier-free guidance.
NO_CAPTION = 0.1


def make_schedule() -> DDPMScheduler:
    """Stable Diffusion's noise schedule."""
    return DDPMScheduler(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


@torch.no_grad()
def write_latents(data: Path, out: Path, shards: int) -> None:
    """Writes `latents.npy`: the scaled latent means of every drawn portrait, up to the half percent
    that the encoder's dear blocks add."""
    vae = make_vae()
    vae.load_state_dict(torch.load(out / "vae.pt"))
    lighten(vae)
    latents = []
    for shard in range(shards):
        images = np.load(data / f"images_{shard:02}.npy")
        for start in range(0, len(images), 20):
            latents.append(vae.encode(to_tensor(images[start : start + 20])).latent_dist.mean * LATENT_SCALE)
    stacked = torch.cat(latents).contiguous().numpy()
    print("latents", stacked.shape, "mean", stacked.mean((0, 2, 3)), "std", stacked.std((0, 2, 3)), flush=True)
    np.save(out / "latents.npy", stacked)


def load_conditioning(out: Path):
    """The tokenizer and the text encoder the text stage left."""
    encoder = make_text_encoder().eval()
    encoder.load_state_dict(torch.load(out / "text.pt"))
    return make_tokenizer(), encoder


def train_unet(out: Path, steps: int, minutes: float | None, seed: int) -> None:
    """Writes `unet.pt`; the text encoder stays as the text stage left it."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    latents = torch.from_numpy(np.load(out / "latents.npy"))
    tokenizer, encoder = load_conditioning(out)
    ids = torch.stack(
        [tokenize(tokenizer, [dataset.varied_caption(s, v) for s in range(len(latents))]) for v in range(CAPTIONS)], 1
    )
    empty = tokenize(tokenizer, [""])[0]
    unet, schedule = make_unet(), make_schedule()
    weights = step_weights(schedule.alphas_cumprod)
    # A run that was stopped goes on from its averaged weights.
    if (out / "unet.pt").exists():
        unet.load_state_dict(torch.load(out / "unet.pt"))
    average = Average(unet, 0.998)
    optimizer = Muon(unet, weight_decay=0.01)
    budget = Budget(steps, minutes)
    recent: list[float] = []
    while budget.progress < 1:
        set_rate(optimizer, budget.rate(1.2e-3))
        picks = torch.from_numpy(rng.integers(len(latents), size=BATCH))
        tokens = ids[picks, torch.from_numpy(rng.integers(CAPTIONS, size=BATCH))]
        tokens[torch.rand(BATCH) < NO_CAPTION] = empty
        clean = latents[picks].contiguous(memory_format=torch.channels_last)
        noise = torch.randn_like(clean)
        times = _timesteps(BATCH)
        with torch.no_grad():
            context = encoder(tokens).last_hidden_state
        predicted = unet(schedule.add_noise(clean, noise, times), times, context).sample
        loss = (weights[times] * (predicted - noise).square().mean((1, 2, 3))).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimizer.step()
        average.update(unet)
        budget.step += 1
        recent.append(loss.item())
        if budget.step % 50 == 0:
            print(f"unet step {budget.step} {budget.elapsed:.0f}s loss {np.mean(recent):.4f}", flush=True)
            recent.clear()
        if budget.step % 100 == 0:
            _save(average, out)
    _save(average, out)


def step_weights(kept: torch.Tensor) -> torch.Tensor:
    """What an error counts at every time step, with mean 1.

    Halfway between the error of the noise, which counts most where there is hardly any, and that of the
    velocity, which counts most where hardly anything else is left.
    """
    weights = (1 / kept).sqrt().clamp(max=4)
    return weights / weights.mean()


def _timesteps(count: int) -> torch.Tensor:
    """Mostly the range in which a detailer decides what there is, sometimes any."""
    detailer = torch.randint(100, 840, (count,))
    anywhere = torch.randint(0, 1000, (count,))
    return torch.where(torch.rand(count) < 0.75, detailer, anywhere)


def _save(average: Average, out: Path) -> None:
    partial = out / "unet.partial.pt"
    torch.save(average.network.state_dict(), partial)
    partial.replace(out / "unet.pt")
