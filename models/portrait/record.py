"""Records what diffusers and transformers compute with the stored weights, as test values.

Writes `tests/golden/embedded/embedded.safetensors` and `embedded.json`; all in single precision.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import torch
from safetensors.torch import save_file

import portraits
from autoencoder import to_tensor
from dataset import HELD_OUT_SEED
from export import CHECKPOINT, MOTION, load_single_file
from motion import make_motion
from networks import make_tokenizer, tokenize
from train_motion import load_motion

FOLDER = Path(__file__).parents[2] / "tests" / "golden" / "embedded"
PROMPTS = (
    "a portrait of a woman with long blue hair, green eyes, smiling, round glasses, striped red shirt, dotted yellow background",
    "a man, short black hair",
)
TIMESTEPS = (999, 500, 20)
FRAMES = 6


@torch.no_grad()
def record() -> None:
    text, unet, vae = load_single_file()
    generator = torch.Generator().manual_seed(1)
    ids = tokenize(make_tokenizer(), list(PROMPTS))
    context = text(ids).last_hidden_state
    latent = torch.randn(2, 4, 16, 16, generator=generator)
    odd = torch.randn(1, 4, 12, 20, generator=generator)
    picture = to_tensor(portraits.portrait(HELD_OUT_SEED - 1).image[None])
    crop = picture[:, :, 24:88, 16:112]
    z = torch.randn(1, 4, 16, 16, generator=generator) / vae.config.scaling_factor

    tensors = {"text.ids": ids.int(), "text.last_hidden_state": context, "unet.latent": latent}
    for t in TIMESTEPS:
        tensors[f"unet.eps_t{t}"] = unet(latent, t, context).sample
    tensors["unet.odd_latent"] = odd
    tensors["unet.odd_eps_t500"] = unet(odd, 500, context[:1]).sample
    tensors["vae.image"] = picture
    tensors["vae.mean"] = vae.encode(picture).latent_dist.mean
    tensors["vae.crop"] = crop
    tensors["vae.crop_mean"] = vae.encode(crop).latent_dist.mean
    tensors["vae.z"] = z
    tensors["vae.decoded"] = vae.decode(z).sample

    motion = make_motion(unet)
    load_motion(motion, MOTION)
    motion.eval().frames = FRAMES
    clip = torch.randn(2 * FRAMES, 4, 16, 16, generator=generator)
    tensors["motion.latent"] = clip
    tensors["motion.eps_t500"] = unet(clip, 500, context.repeat_interleave(FRAMES, 0)).sample

    FOLDER.mkdir(parents=True, exist_ok=True)
    tensors = {key: value.contiguous(memory_format=torch.contiguous_format) for key, value in tensors.items()}
    save_file(tensors, FOLDER / "embedded.safetensors")
    describe = {
        "text.ids": "token ids of the prompts, [2, 77]",
        "text.last_hidden_state": "text encoder output after its last layer norm, [2, 77, width]",
        "unet.latent": "input of every eps_t*, in model space, [2, 4, 16, 16]; context is text.last_hidden_state",
        "unet.eps_t*": "predicted noise at timestep *",
        "unet.odd_latent": "a latent 20 wide and 12 high, [1, 4, 12, 20]; context is row 0",
        "motion.latent": "two clips of 6 frames, [12, 4, 16, 16]; context is row 0 for the first, row 1 for the second",
        "motion.eps_t500": "predicted noise at timestep 500 with motion.safetensors inserted",
        "vae.image": "a drawn portrait in -1..1, [1, 3, 128, 128]",
        "vae.mean": "unscaled mean of the encoding",
        "vae.crop": "rows 24..88, columns 16..112 of vae.image",
        "vae.z": "an unscaled latent, [1, 4, 16, 16]",
        "vae.decoded": "its decoding, not clamped, [1, 3, 128, 128]",
    }
    described = {
        "checkpoint_sha256": sha256(CHECKPOINT.read_bytes()).hexdigest(),
        "prompts": PROMPTS,
        "tensors": describe,
    }
    (FOLDER / "embedded.json").write_text(json.dumps(described, indent=2) + "\n")


if __name__ == "__main__":
    record()
