"""The three networks of the embedded model: Stable Diffusion 1.5's topology, narrow."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

VOCABULARY = Path(__file__).parent.parent / "clip" / "bpe_simple_vocab_16e6.txt.gz"
LATENT_SCALE = 0.18215
TOKENS = 77
CONTEXT = 64


def make_vae() -> AutoencoderKL:
    vae = AutoencoderKL(
        # Two channels per normalisation group at least: with one, the mean colour is normalised away.
        block_out_channels=(64, 64, 64, 128),
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        layers_per_block=2,
        latent_channels=4,
        norm_num_groups=32,
        sample_size=128,
        scaling_factor=LATENT_SCALE,
    )
    _start_as_identity(vae)
    return vae.to(memory_format=torch.channels_last)


def make_unet() -> UNet2DConditionModel:
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        block_out_channels=(64, 64, 64, 64),
        layers_per_block=2,
        cross_attention_dim=CONTEXT,
        # In SD 1.5's configuration this number is the count of heads.
        attention_head_dim=8,
        down_block_types=["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
        up_block_types=["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    )
    _start_as_identity(unet)
    torch.nn.init.zeros_(unet.conv_out.weight)
    return unet.to(memory_format=torch.channels_last)


def make_text_encoder() -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=49408,
            hidden_size=CONTEXT,
            intermediate_size=4 * CONTEXT,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=TOKENS,
            hidden_act="quick_gelu",
            bos_token_id=49406,
            eos_token_id=49407,
            pad_token_id=49407,
        )
    )


def _start_as_identity(network: torch.nn.Module) -> None:
    """Zeroes the last layer of every residual branch, so training starts from plain convolutions."""
    for name, module in network.named_modules():
        if name.endswith((".conv2", ".proj_out")) or (name.endswith("to_out.0") and "transformer" not in name):
            torch.nn.init.zeros_(module.weight)
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)


def make_tokenizer() -> CLIPTokenizer:
    """CLIP's tokenizer from the vocabulary file the page ships."""
    lines = gzip.open(VOCABULARY).read().decode("utf-8").split("\n")
    merges = lines[1 : 49152 - 256 - 2 + 1]
    byte_tokens = list(_byte_stand_ins())
    tokens = byte_tokens + [token + "</w>" for token in byte_tokens]
    tokens += ["".join(merge.split()) for merge in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    with tempfile.TemporaryDirectory() as folder:
        vocab_file, merges_file = Path(folder) / "vocab.json", Path(folder) / "merges.txt"
        vocab_file.write_text(json.dumps({token: index for index, token in enumerate(tokens)}), encoding="utf-8")
        merges_file.write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
        return CLIPTokenizer.from_pretrained(folder, model_max_length=TOKENS)


def _byte_stand_ins() -> list[str]:
    """One printable character per byte, in CLIP's order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + n) for n in range(len(others))]


def tokenize(tokenizer: CLIPTokenizer, prompts: list[str]) -> torch.Tensor:
    """Token ids `[prompts, 77]`, begin and end marked, padded with the end token."""
    return tokenizer(prompts, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt").input_ids
