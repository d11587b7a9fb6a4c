"""Writes the three networks as one half-precision file in Stable Diffusion 1.5's key layout."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import torch
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from safetensors.torch import load_file, save_file

from networks import make_text_encoder, make_tokenizer, make_unet, make_vae, tokenize

HERE = Path(__file__).parent
CHECKPOINT = HERE / "portrait.safetensors"
MOTION = HERE / "motion.safetensors"
MANIFEST = HERE.parent / "embedded.json"

UNET_PREFIX = "model.diffusion_model."
VAE_PREFIX = "first_stage_model."
TEXT_PREFIX = "cond_stage_model.transformer."

# Within a residual block and at the ends of the UNet.
UNET_RENAMES = (
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
)
UNET_ENDS = (
    ("time_embedding.linear_1.", "time_embed.0."),
    ("time_embedding.linear_2.", "time_embed.2."),
    ("conv_in.", "input_blocks.0.0."),
    ("conv_norm_out.", "out.0."),
    ("conv_out.", "out.2."),
)
# The levels of the decoder's side that attend, counted from the middle.
UP_LEVELS_WITH_ATTENTION = (1, 2, 3)


def ldm_unet_key(key: str) -> str:
    """Name of a diffusers UNet weight in the single-file layout, without the prefix."""
    for theirs, ours in UNET_ENDS:
        if key.startswith(theirs):
            return ours + key[len(theirs) :]
    if match := re.match(r"mid_block\.(resnets|attentions)\.(\d)\.(.+)", key):
        kind, place, rest = match.groups()
        slot = 1 if kind == "attentions" else 2 * int(place)
        return f"middle_block.{slot}.{_inside(kind, rest)}"
    match = re.match(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.+)", key)
    assert match, key
    side, level, kind, place, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
    if kind == "downsamplers":
        return f"input_blocks.{3 * level + 3}.0.op.{rest.removeprefix('conv.')}"
    if kind == "upsamplers":
        slot = 2 if level in UP_LEVELS_WITH_ATTENTION else 1
        return f"output_blocks.{3 * level + 2}.{slot}.{rest}"
    block = f"input_blocks.{1 + 3 * level + place}" if side == "down" else f"output_blocks.{3 * level + place}"
    return f"{block}.{int(kind == 'attentions')}.{_inside(kind, rest)}"


def _inside(kind: str, rest: str) -> str:
    if kind == "resnets":
        for theirs, ours in UNET_RENAMES:
            if rest.startswith(theirs + "."):
                return ours + rest[len(theirs) :]
    return rest


def ldm_vae_key(key: str) -> str:
    """Name of a diffusers VAE weight in the single-file layout, without the prefix."""
    key = re.sub(r"encoder\.down_blocks\.(\d)\.resnets\.(\d)", r"encoder.down.\1.block.\2", key)
    key = re.sub(r"down_blocks\.(\d)\.downsamplers\.0\.", r"down.\1.downsample.", key)
    key = re.sub(r"up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"up.{3 - int(m[1])}.block.{m[2]}", key)
    key = re.sub(r"up_blocks\.(\d)\.upsamplers\.0\.", lambda m: f"up.{3 - int(m[1])}.upsample.", key)
    key = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", key)
    if "mid_block.attentions.0." in key:
        key = key.replace("mid_block.attentions.0.", "mid.attn_1.").replace("group_norm", "norm")
        key = key.replace("to_q", "q").replace("to_k", "k").replace("to_v", "v").replace("to_out.0", "proj_out")
    return key.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")


def single_file(unet: dict, vae: dict, text: dict) -> dict[str, torch.Tensor]:
    """All weights under their single-file names, in half precision."""
    weights = {UNET_PREFIX + ldm_unet_key(k): v for k, v in unet.items()}
    for key, value in vae.items():
        name = ldm_vae_key(key)
        # The layout keeps attention's linear layers as 1x1 convolutions.
        linear = ".attn_1." in name and value.ndim == 2
        weights[VAE_PREFIX + name] = value[:, :, None, None] if linear else value
    for key, value in text.items():
        key = key if key.startswith("text_model.") else f"text_model.{key}"
        if not key.endswith("position_ids"):
            weights[TEXT_PREFIX + key] = value
    return {key: value.half().contiguous() for key, value in sorted(weights.items())}


def load_single_file(path: Path = CHECKPOINT):
    """The text encoder, UNet and VAE in `path`, by the readers of diffusers and transformers."""
    weights = {key: value.float() for key, value in load_file(path).items()}
    text, unet, vae = make_text_encoder(), make_unet(), make_vae()
    unet.load_state_dict(convert_ldm_unet_checkpoint(dict(weights), dict(unet.config, layers_per_block=2)))
    vae.load_state_dict(convert_ldm_vae_checkpoint(dict(weights), dict(vae.config)))
    named = {k.removeprefix(TEXT_PREFIX): v for k, v in weights.items() if k.startswith(TEXT_PREFIX)}
    if not any(k.startswith("text_model.") for k in text.state_dict()):
        named = {k.removeprefix("text_model."): v for k, v in named.items()}
    text.load_state_dict({k: v for k, v in named.items()}, strict=not any("position_ids" in k for k in text.state_dict()))
    return text.eval(), unet.eval(), vae.eval()


def unpack(out: Path) -> None:
    """Writes the stored model's weights into `out`, for training to go on from."""
    for name, network in zip(("text", "unet", "vae"), load_single_file()):
        torch.save(network.state_dict(), out / f"{name}.pt")
    if MOTION.exists():
        shutil.copyfile(MOTION, out / "motion.safetensors")
    # The decoder is in vae.pt.
    (out / "decoder.pt").unlink(missing_ok=True)


def save_part(network: torch.nn.Module, part: str, path: Path) -> None:
    """Writes one network, "unet" or "vae", in the form it has in the checkpoint."""
    weights = {"unet": {}, "vae": {}, "text": {}} | {part: network.state_dict()}
    save_file({k: v.cpu() for k, v in single_file(**weights).items()}, path, metadata={"format": "pt"})


def join(out: Path) -> None:
    """Puts the parts in `out` (`unet.safetensors`, `vae.safetensors`) into the stored checkpoint, and a
    motion module beside it."""
    parts = [path for part in ("unet", "vae") if (path := out / f"{part}.safetensors").exists()]
    weights = load_file(CHECKPOINT)
    for path in parts:
        fresh = load_file(path)
        assert all(weights[key].shape == value.shape for key, value in fresh.items()), path.stem
        weights |= fresh
    if parts:
        _store(weights, make_text_encoder().config.num_attention_heads)
    _store_motion(out)


def _store(weights: dict[str, torch.Tensor], heads: int) -> None:
    # What the shapes do not tell, for whoever opens the file without its manifest.
    save_file(weights, CHECKPOINT, metadata={"format": "pt", "clip_heads": str(heads)})
    _update_manifest(CHECKPOINT)


def _store_motion(out: Path) -> None:
    if (out / MOTION.name).exists():
        shutil.copyfile(out / MOTION.name, MOTION)
        _update_manifest(MOTION, "motion")


@torch.no_grad()
def export(out: Path) -> None:
    """Writes the checkpoint from the weights in `out`, checks it and updates the manifest."""
    text, unet, vae = make_text_encoder().eval(), make_unet().eval(), make_vae().eval()
    text.load_state_dict(torch.load(out / "text.pt", map_location="cpu"))
    unet.load_state_dict(torch.load(out / "unet.pt", map_location="cpu"))
    vae.load_state_dict(torch.load(out / "vae.pt", map_location="cpu"))
    decoder = out / "decoder.pt"
    if decoder.exists():
        _, unexpected = vae.load_state_dict(torch.load(decoder, map_location="cpu"), strict=False)
        assert not unexpected
    weights = single_file(unet.state_dict(), vae.state_dict(), text.state_dict())
    _store(weights, text.config.num_attention_heads)
    _check((text, unet, vae), load_single_file())
    _store_motion(out)


def _check(trained, stored) -> None:
    """Fails unless the stored networks answer like the trained ones, up to half precision."""
    ids = tokenize(make_tokenizer(), ["a portrait of a woman with long blue hair, smiling"])
    generator = torch.Generator().manual_seed(0)
    latent = torch.randn(1, 4, 16, 16, generator=generator)
    image = torch.rand(1, 3, 64, 64, generator=generator) * 2 - 1
    answers = []
    for text, unet, vae in (trained, stored):
        context = text(ids).last_hidden_state
        answers.append(
            {
                "text": context,
                "unet": unet(latent, 500, context).sample,
                "encode": vae.encode(image).latent_dist.mean * vae.config.scaling_factor,
                "decode": vae.decode(latent / vae.config.scaling_factor).sample,
            }
        )
    for name, exact in answers[0].items():
        error = (answers[1][name] - exact).abs().max().item() / exact.abs().max().item()
        print(f"export check {name}: largest relative difference {error:.1e}")
        assert error < 0.02, name


def _update_manifest(path: Path, entry: str | None = None) -> None:
    """Notes the size and the hash of `path` in the manifest, in one of its entries or at the top."""
    manifest, content = json.loads(MANIFEST.read_text()), path.read_bytes()
    place = manifest[entry] if entry else manifest
    place |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"wrote {path.name}, {len(content) / 1e6:.1f} MB")
