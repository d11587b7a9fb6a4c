"""Tiny networks of Stable Diffusion 2.x and XL, computed by transformers and diffusers.

    python tests/golden/families/make.py

Writes NAME.safetensors (inputs and outputs) and NAME.json (paths and shapes of the checkpoint in the
single-file layout) beside itself. The weights are in neither: they follow from a hash of their path,
`fill` below, which tests/crate/support/hashed.rs repeats. Needs numpy, torch, safetensors,
transformers 5, diffusers 0.42.
"""

import json
import re
from pathlib import Path

import numpy as np
import torch
from diffusers import ControlNetModel, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

HERE = Path(__file__).parent
WIDTH, VOCABULARY, EOS = 128, 49408, 49407
UNET = "model.diffusion_model."


def fill(key, shape):
    """SplitMix64 seeded with FNV-1a of the path, as uniform numbers, rounded to half precision."""
    base = 0xCBF29CE484222325
    for byte in key.encode():
        base = (base ^ byte) * 0x100000001B3 % 2**64
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(base) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    u = ((z >> np.uint64(40)).astype(np.float64) / 2**23 - 1).astype(np.float32)
    offset = np.float32(1 if len(shape) == 1 and key.endswith(".weight") else 0)
    scale = np.float32(0.1 if len(shape) == 1 else np.sqrt(3 / np.prod(shape[1:])))
    values = (scale * u + offset).astype(np.float16).astype(np.float32)
    return torch.from_numpy(values.reshape(shape))


def unet_key(key, per_level):
    """The path in a single file of a path of diffusers."""
    inner = {
        "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
        "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
    }
    plain = {
        "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
        "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
        "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
    }
    for name, path in plain.items():
        if key.startswith(name + "."):
            return key.replace(name, path, 1)
    stride = per_level + 1

    def resnet(path):
        name, rest = path.split(".", 1)
        return f"{inner[name]}.{rest}"

    if match := re.match(r"(down|up)_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.*)", key):
        side, level, kind, index, rest = match.groups()
        number = int(level) * stride + int(index) + (side == "down")
        block = f"{'input' if side == 'down' else 'output'}_blocks.{number}"
        return f"{block}.0.{resnet(rest)}" if kind == "resnets" else f"{block}.1.{rest}"
    if match := re.match(r"down_blocks\.(\d+)\.downsamplers\.0\.conv\.(.*)", key):
        return f"input_blocks.{(int(match[1]) + 1) * stride}.0.op.{match[2]}"
    if match := re.match(r"up_blocks\.(\d+)\.upsamplers\.0\.conv\.(.*)", key):
        return f"output_blocks.{int(match[1]) * stride + per_level}.2.conv.{match[2]}"
    if match := re.match(r"mid_block\.(resnets|attentions)\.(\d)\.(.*)", key):
        kind, index, rest = match.groups()
        return f"middle_block.1.{rest}" if kind == "attentions" else (
            f"middle_block.{2 * int(index)}.{resnet(rest)}")
    raise KeyError(key)


def control_net_key(key, per_level):
    """The same for a ControlNet."""
    plain = {
        "controlnet_cond_embedding.conv_in": "input_hint_block.0",
        "controlnet_cond_embedding.conv_out": "input_hint_block.14",
        "controlnet_mid_block": "middle_block_out.0",
    }
    for name, path in plain.items():
        if key.startswith(name + "."):
            return key.replace(name, path, 1)
    if match := re.match(r"controlnet_cond_embedding\.blocks\.(\d)\.(.*)", key):
        return f"input_hint_block.{2 * (int(match[1]) + 1)}.{match[2]}"
    if match := re.match(r"controlnet_down_blocks\.(\d+)\.(.*)", key):
        return f"zero_convs.{match[1]}.0.{match[2]}"
    return unet_key(key, per_level)


class File:
    """Collects what a checkpoint consists of."""

    def __init__(self):
        self.shapes = {}

    def take(self, key, shape):
        self.shapes[key] = list(shape)
        return fill(key, shape)

    def unet(self, **config):
        model = UNet2DConditionModel(
            sample_size=8, layers_per_block=1, block_out_channels=(64, 128),
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
            attention_head_dim=(1, 2), use_linear_projection=True, **config)
        state = model.state_dict()
        model.load_state_dict(
            {key: self.take(UNET + unet_key(key, 1), value.shape) for key, value in state.items()})
        return model.eval()

    def control_net(self, **config):
        model = ControlNetModel(
            layers_per_block=1, block_out_channels=(64, 128),
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            attention_head_dim=(1, 2), use_linear_projection=True,
            conditioning_embedding_out_channels=(16, 32, 96, 256), **config)
        model.load_state_dict({
            key: self.take("control_model." + control_net_key(key, 1), value.shape)
            for key, value in model.state_dict().items()})
        return model.eval()

    def clip_l(self, prefix):
        model = CLIPTextModel(text_config("quick_gelu"))
        names = {key: key.removeprefix("text_model.") for key in model.state_dict()}
        model.load_state_dict({
            key: self.take(prefix + names[key], value.shape)
            for key, value in model.state_dict().items()})
        return model.eval()

    def open_clip(self, prefix):
        model = CLIPTextModelWithProjection(text_config("gelu"))
        state = {}
        outer = "text_model."
        take = lambda name, *shape: self.take(prefix + name, shape)
        pair = lambda path, name, *shape: state.update({
            f"{outer}{path}.weight": take(f"{name}.weight", *shape),
            f"{outer}{path}.bias": take(f"{name}.bias", shape[0])})
        state[outer + "embeddings.token_embedding.weight"] = take(
            "token_embedding.weight", VOCABULARY, WIDTH)
        state[outer + "embeddings.position_embedding.weight"] = take(
            "positional_embedding", 77, WIDTH)
        for index in range(model.config.num_hidden_layers):
            hf, oc = f"encoder.layers.{index}", f"transformer.resblocks.{index}"
            pair(f"{hf}.layer_norm1", f"{oc}.ln_1", WIDTH)
            weight = take(f"{oc}.attn.in_proj_weight", 3 * WIDTH, WIDTH)
            bias = take(f"{oc}.attn.in_proj_bias", 3 * WIDTH)
            for part, name in enumerate(["q_proj", "k_proj", "v_proj"]):
                rows = slice(part * WIDTH, (part + 1) * WIDTH)
                state[f"{outer}{hf}.self_attn.{name}.weight"] = weight[rows]
                state[f"{outer}{hf}.self_attn.{name}.bias"] = bias[rows]
            pair(f"{hf}.self_attn.out_proj", f"{oc}.attn.out_proj", WIDTH, WIDTH)
            pair(f"{hf}.layer_norm2", f"{oc}.ln_2", WIDTH)
            pair(f"{hf}.mlp.fc1", f"{oc}.mlp.c_fc", 4 * WIDTH, WIDTH)
            pair(f"{hf}.mlp.fc2", f"{oc}.mlp.c_proj", WIDTH, 4 * WIDTH)
        pair("final_layer_norm", "ln_final", WIDTH)
        state["text_projection.weight"] = take("text_projection", WIDTH, WIDTH).T
        model.load_state_dict(state)
        return model.eval()


def text_config(activation):
    return CLIPTextConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=3,
        num_attention_heads=WIDTH // 64, max_position_embeddings=77, hidden_act=activation,
        projection_dim=WIDTH, bos_token_id=49406, eos_token_id=EOS, pad_token_id=0)


def ids(pad):
    text = [49406, 320, 1125, 539, 320, 2368, EOS]
    return torch.tensor([text + [pad] * (77 - len(text))])


def inputs():
    generator = torch.Generator().manual_seed(7)
    return torch.randn(2, 4, 9, 8, generator=generator), torch.tensor([981, 21])


def write(name, file, tensors):
    tensors = {key: value.detach().float().contiguous() for key, value in tensors.items()}
    save_file(tensors, HERE / f"{name}.safetensors")
    rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(shape)}" for key, shape in file.shapes.items())
    (HERE / f"{name}.json").write_text("{\n" + rows + "\n}\n")
    print(name, {key: (list(value.shape), round(value.std().item(), 4)) for key, value in tensors.items()})


SDXL = {
    "cross_attention_dim": 2 * WIDTH, "transformer_layers_per_block": (1, 2),
    "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": WIDTH + 6 * 256,
}


@torch.no_grad()
def sdxl():
    file = File()
    clip_l = file.clip_l("conditioner.embedders.0.transformer.text_model.")
    clip_g = file.open_clip("conditioner.embedders.1.model.")
    unet = file.unet(**SDXL)
    first = clip_l(ids(EOS), output_hidden_states=True).hidden_states[-2]
    second = clip_g(ids(0), output_hidden_states=True)
    context = torch.cat([first, second.hidden_states[-2]], 2)
    x, timesteps = inputs()
    sizes = torch.tensor([[72.0, 64.0, 0.0, 0.0, 72.0, 64.0]])
    told = {"text_embeds": second.text_embeds.repeat(2, 1), "time_ids": sizes.repeat(2, 1)}
    eps = unet(x, timesteps, context.repeat(2, 1, 1), added_cond_kwargs=told).sample
    write("sdxl", file, {
        "context": context, "pooled": second.text_embeds, "x": x,
        "timesteps": timesteps, "sizes": sizes, "eps": eps})
    control = File()
    net = control.control_net(**SDXL)
    hint = torch.rand(1, 3, 72, 64, generator=torch.Generator().manual_seed(8))
    down, middle = net(
        x, timesteps, context.repeat(2, 1, 1), hint.repeat(2, 1, 1, 1), added_cond_kwargs=told,
        return_dict=False)
    eps = unet(
        x, timesteps, context.repeat(2, 1, 1), added_cond_kwargs=told,
        down_block_additional_residuals=down, mid_block_additional_residual=middle).sample
    write("sdxl-control", control, {"hint": hint, "middle": middle, "eps": eps})


@torch.no_grad()
def refiner():
    file = File()
    clip_g = file.open_clip("conditioner.embedders.0.model.")
    unet = file.unet(
        cross_attention_dim=WIDTH, transformer_layers_per_block=(2, 1),
        addition_embed_type="text_time", addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=WIDTH + 5 * 256)
    text = clip_g(ids(0), output_hidden_states=True)
    context = text.hidden_states[-2]
    x, timesteps = inputs()
    sizes = torch.tensor([[72.0, 64.0, 0.0, 0.0, 2.5]])
    told = {"text_embeds": text.text_embeds.repeat(2, 1), "time_ids": sizes.repeat(2, 1)}
    eps = unet(x, timesteps, context.repeat(2, 1, 1), added_cond_kwargs=told).sample
    write("refiner", file, {
        "context": context, "pooled": text.text_embeds, "x": x,
        "timesteps": timesteps, "sizes": sizes, "eps": eps})


@torch.no_grad()
def sd2():
    file = File()
    clip_h = file.open_clip("cond_stage_model.model.")
    unet = file.unet(cross_attention_dim=WIDTH)
    hidden = clip_h(ids(0), output_hidden_states=True).hidden_states[-2]
    norm = dict(clip_h.named_modules())["text_model.final_layer_norm"]
    context = norm(hidden)
    x, timesteps = inputs()
    eps = unet(x, timesteps, context.repeat(2, 1, 1)).sample
    write("sd2", file, {"context": context, "x": x, "timesteps": timesteps, "eps": eps})


if __name__ == "__main__":
    sdxl()
    refiner()
    sd2()
