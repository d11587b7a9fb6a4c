"""Trains the autoencoder: first both halves on crops, then the decoder alone on whole pictures."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from networks import LATENT_SCALE, make_unet, make_vae, tokenize
from muon import Muon
from progress import Average, Budget, best_device

CROP = 64
CROPS_PER_STEP = 8
WHOLE_PER_STEP = 2
# Of a latent's unit deviation: what the decoder is to bear.
DECODER_NOISE = 0.08


def to_tensor(images: np.ndarray | torch.Tensor, device: torch.device | str | None = None) -> torch.Tensor:
    """RGB bytes `[n, h, w, 3]` to `[n, 3, h, w]` in -1..1."""
    if isinstance(images, np.ndarray):
        images = torch.from_numpy(np.ascontiguousarray(images))
    x = images.to(device).permute(0, 3, 1, 2).float()
    return (x / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def picture_loss(made: torch.Tensor, wanted: torch.Tensor, weight: torch.Tensor | float = 1.0) -> torch.Tensor:
    """L1 on colours, on their gradients (sharpness) and on 8x8 means (overall colour); `weight` is the
    pixels'."""
    difference = (made - wanted) * weight
    across = (difference[..., 1:] - difference[..., :-1]).abs().mean()
    down = (difference[..., 1:, :] - difference[..., :-1, :]).abs().mean()
    return difference.abs().mean() + 0.5 * (across + down) + 0.5 * F.avg_pool2d(difference, 8).abs().mean()


def contrast_loss(made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """L1 on the root mean square of the gradients in patches of 8 pixels.

    L1 on colours alone asks for the median: where the decoder is unsure of an outline or a stroke, it
    would rather leave it faint. This asks for the strokes' strength whatever their place.
    """
    return (_contrast(made) - _contrast(wanted)).abs().mean()


def _contrast(x: torch.Tensor) -> torch.Tensor:
    across, down = x[..., :-1, 1:] - x[..., :-1, :-1], x[..., 1:, :-1] - x[..., :-1, :-1]
    # The small term bounds the root's slope where a patch is flat.
    return (F.avg_pool2d(across**2 + down**2, 8, stride=4) + 1e-3).sqrt()


class Inert(torch.nn.Module):
    """Stands for a residual block whose branch is still zero, at no cost."""

    def forward(self, x: torch.Tensor, temb: torch.Tensor | None = None) -> torch.Tensor:
        return x


def dear_blocks(vae: torch.nn.Module, *, decoder_only: bool = False) -> list[tuple[torch.nn.ModuleList, int]]:
    """The residual blocks of the two finest levels that training goes without.

    Where the decoder is trained alone, its blocks at half the picture's size are worth their price.
    """
    encoder, decoder = vae.encoder.down_blocks, vae.decoder.up_blocks
    places = [(encoder[level].resnets, n) for level in (0, 1) for n in (0, 1)]
    if not decoder_only:
        places += [(decoder[2].resnets, n) for n in (1, 2)]
    return places + [(decoder[3].resnets, n) for n in (0, 1, 2)]


def lighten(vae: torch.nn.Module, *, decoder_only: bool = False) -> torch.nn.Module:
    """Makes `vae` cheaper to train without changing what it computes.

    The dear residual blocks start as the identity and leave the network, so the state dictionary
    without them is that of the whole network with their branches at zero. Upsampling works on the
    coarse grid.
    """
    for blocks, place in dear_blocks(vae, decoder_only=decoder_only):
        blocks[place] = Inert()
    use_coarse_upsampling(vae)
    return vae


def use_coarse_upsampling(vae: torch.nn.Module) -> None:
    for block in vae.decoder.up_blocks:
        for upsampler in block.upsamplers or ():
            upsampler.forward = functools.partial(coarse_upsample, upsampler)


def coarse_upsample(upsampler: torch.nn.Module, x: torch.Tensor, *_) -> torch.Tensor:
    """Nearest x2 and a 3x3 convolution, as four 2x2 convolutions of the coarse grid: 2.25 times less work."""
    weight, bias = upsampler.conv.weight, upsampler.conv.bias

    def fold(w: torch.Tensor, dim: int) -> list[torch.Tensor]:
        first, middle, last = w.unbind(dim)
        return [torch.stack([first, middle + last], dim), torch.stack([first + middle, last], dim)]

    kernels = torch.cat([k for rows in fold(weight, 2) for k in fold(rows, 3)])
    height, width, channels = x.shape[2], x.shape[3], weight.shape[0]
    made = F.conv2d(F.pad(x, (1, 1, 1, 1)), kernels, bias.repeat(4))
    parts = made.split(channels, 1)
    rows = [
        torch.stack([parts[2 * r + c][:, :, r : r + height, c : c + width] for c in (0, 1)], -1).flatten(3)
        for r in (0, 1)
    ]
    return torch.stack(rows, 3).flatten(2, 3).contiguous(memory_format=torch.channels_last)


def train_autoencoder(images: np.ndarray, out: Path, steps: int, minutes: float | None, seed: int) -> None:
    """Writes `vae.pt`: the averaged weights of both halves."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    device = best_device()
    vae = lighten(make_vae()).to(device)
    # A run that was stopped goes on from its averaged weights.
    partial = out / "vae.partial.pt"
    if partial.exists():
        vae.load_state_dict(torch.load(partial, map_location=device))
    average = Average(vae, 0.993)
    optimizer = Muon(vae)
    budget = Budget(steps, minutes)
    recent: list[float] = []
    while budget.progress < 1:
        optimizer.set_rate(budget.rate(2.5e-3, floor=0.2))
        wanted = to_tensor(_batch(images, rng, whole=budget.step % 4 == 3), device)
        posterior = vae.encode(wanted).latent_dist
        made = vae.decode(posterior.sample()).sample
        loss = picture_loss(made, wanted)
        # A weak pull to a unit normal keeps the latents bounded and smooth.
        divergence = 0.5 * (posterior.mean**2 + posterior.var - 1 - posterior.logvar).mean()
        optimizer.zero_grad()
        (loss + 3e-4 * divergence).backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        average.update()
        budget.step += 1
        recent.append(loss.item())
        if budget.step % 20 == 0:
            print(
                f"vae step {budget.step} {budget.elapsed:.0f}s loss {np.mean(recent):.4f} "
                f"kl {divergence.item():.2f} std {posterior.mean.std().item():.2f}",
                flush=True,
            )
            recent.clear()
        if budget.step % 100 == 0:
            torch.save(average.network.state_dict(), partial)
    finish_encoder(average.network.state_dict(), images[:256], out)


def finish_encoder(state: dict[str, torch.Tensor], images: np.ndarray, out: Path) -> None:
    """Writes `vae.pt` from the trained weights `state`: whole network, unit latents."""
    vae = make_vae()
    missing, unexpected = vae.load_state_dict(state, strict=False)
    assert not unexpected and all(".resnets." in key for key in missing)
    wake_dear_blocks(vae)
    normalize_latents(vae, images)
    torch.save(vae.state_dict(), out / "vae.pt")


def _batch(images: np.ndarray, rng: np.random.Generator, *, whole: bool) -> np.ndarray:
    if whole:
        return images[rng.integers(len(images), size=WHOLE_PER_STEP)]
    # Crops start on the latent grid, which the drawn patterns share.
    picks = rng.integers(len(images), size=CROPS_PER_STEP)
    corners = rng.integers((images.shape[1] - CROP) // 8 + 1, size=(CROPS_PER_STEP, 2)) * 8
    return np.stack([images[n, y : y + CROP, x : x + CROP] for n, (y, x) in zip(picks, corners)])


@torch.no_grad()
def normalize_latents(vae: torch.nn.Module, images: np.ndarray) -> None:
    """Folds a shift and a scale per channel into the two 1x1 convolutions around the latent, so that
    latents times the scaling factor have mean 0 and deviation 1 over `images`."""
    device = vae.quant_conv.weight.device
    parts = [to_tensor(images[k : k + 32], device) for k in range(0, len(images), 32)]
    means = torch.cat([vae.encode(part).latent_dist.mean for part in parts])
    shift = means.mean((0, 2, 3))
    scale = 1 / (vae.config.scaling_factor * means.std((0, 2, 3)))
    before, after = vae.quant_conv, vae.post_quant_conv
    before.bias[:4] = (before.bias[:4] - shift) * scale
    before.weight[:4] *= scale[:, None, None, None]
    # The second half of the channels is the logarithm of the variance.
    before.bias[4:] += 2 * scale.log()
    after.bias += after.weight[:, :, 0, 0] @ shift
    after.weight /= scale[None, :, None, None]


@torch.no_grad()
def wake_dear_blocks(vae: torch.nn.Module, std: float = 5e-4) -> None:
    """Gives the blocks that sat out the training a small say instead of none: half a percent of what
    passes them, enough for a wrong block to show in a comparison of numbers and not in a picture."""
    for blocks, place in dear_blocks(vae):
        torch.nn.init.normal_(blocks[place].conv2.weight, std=std)


def train_decoder(
    images: np.ndarray | torch.Tensor,
    captions: list[str],
    out: Path,
    steps: int,
    minutes: float | None,
    seed: int,
    batch: int = WHOLE_PER_STEP,
    peak: float = 1.2e-3,
) -> None:
    """Writes `decoder.pt`: post_quant_conv and decoder, trained on with the encoder frozen.

    The first half of a batch are latents as the encoder gives them, with a little noise, the second half
    as the UNet, where there is one, makes them out in noisier latents. `captions` are those of `images`.
    On a processor the dearest blocks sit out.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    device = best_device()
    vae = make_vae()
    vae.load_state_dict(torch.load(out / "vae.pt", map_location="cpu"))
    # A run that was stopped goes on from its averaged weights.
    if (out / "decoder.pt").exists():
        vae.load_state_dict(torch.load(out / "decoder.pt", map_location="cpu"), strict=False)
    if device.type == "cpu":
        lighten(vae, decoder_only=True)
    vae.to(device)
    redraw = Redraw(out, captions, device) if (out / "unet.pt").exists() else None
    half = torch.nn.ModuleDict({"decoder": vae.decoder, "post_quant_conv": vae.post_quant_conv})
    average = Average(half, 0.997)
    optimizer = Muon(half)
    budget = Budget(steps, minutes)
    recent: list[tuple[float, float]] = []
    own = batch // 2
    while budget.progress < 1:
        optimizer.set_rate(budget.rate(peak, floor=0.0))
        picks = rng.integers(len(images), size=batch)
        wanted = to_tensor(images[picks], device)
        with torch.no_grad():
            latents = vae.encode(wanted).latent_dist.mean * LATENT_SCALE
            amount = DECODER_NOISE * torch.rand(own, 1, 1, 1, device=device)
            latents[:own] += amount * torch.randn_like(latents[:own])
            if redraw:
                latents[own:] = redraw(latents[own:], picks[own:])
        made = half["decoder"](half["post_quant_conv"](latents / LATENT_SCALE))
        likeness, contrast = picture_loss(made, wanted), contrast_loss(made, wanted)
        optimizer.zero_grad()
        (likeness + contrast).backward()
        torch.nn.utils.clip_grad_norm_(half.parameters(), 1.0)
        optimizer.step()
        average.update()
        budget.count(device)
        if budget.step % 10 == 0:
            recent.append((likeness.item(), contrast.item()))
        if budget.step % 100 == 0:
            losses = "loss {:.4f} contrast {:.4f}".format(*np.mean(recent, 0))
            print(f"decoder step {budget.step} {budget.elapsed:.0f}s {losses}", flush=True)
            recent.clear()
            torch.save(average.network.state_dict(), out / "decoder.pt")
    torch.save(average.network.state_dict(), out / "decoder.pt")


class Redraw:
    """Latents as one step of the UNet in `out` makes them out in noisier ones."""

    TIMES = (10, 350)

    def __init__(self, out: Path, captions: list[str], device: torch.device) -> None:
        from diffusion import load_conditioning, make_schedule

        tokenizer, text = load_conditioning(out)
        self._ids, self._text = tokenize(tokenizer, captions).to(device), text.to(device)
        unet = make_unet().eval()
        unet.load_state_dict(torch.load(out / "unet.pt", map_location="cpu"))
        self._unet = unet.to(device)
        self._kept = make_schedule().alphas_cumprod.to(device)

    def __call__(self, clean: torch.Tensor, picks: np.ndarray) -> torch.Tensor:
        """`picks` are the places of the captions."""
        times = torch.randint(*self.TIMES, (len(clean),), device=clean.device)
        kept = self._kept[times][:, None, None, None]
        noisy = kept.sqrt() * clean + (1 - kept).sqrt() * torch.randn_like(clean)
        context = self._text(self._ids[picks]).last_hidden_state
        return (noisy - (1 - kept).sqrt() * self._unet(noisy, times, context).sample) / kept.sqrt()
