//! Tiny networks with every key a real one has of each kind.

use super::Checkpoint;

/// Channels of the tiny networks: one per group of a group normalisation.
pub const CHANNELS: usize = 32;
/// Width of the tiny text.
pub const TEXT: usize = 16;
/// Width of the tiny time embedding.
pub const TIME: usize = 128;

/// A whole checkpoint in the single-file layout; 4 input channels for its UNet, or another number.
pub fn tiny_checkpoint(in_channels: usize) -> Checkpoint {
    let mut file = tiny_unet("model.diffusion_model", in_channels);
    file.join(tiny_vae("first_stage_model"))
        .join(tiny_clip("cond_stage_model.transformer.text_model"));
    file
}

/// Two levels: a residual block with a transformer each, down, up, and the middle.
pub fn tiny_unet(prefix: &str, in_channels: usize) -> Checkpoint {
    let mut file = Checkpoint::default();
    let c = CHANNELS;
    let at = |name: &str| format!("{prefix}.{name}");
    file.layer(&at("time_embed.0"), &[TIME, c]).layer(&at("time_embed.2"), &[TIME, TIME]);
    unet_encoder(&mut file, &at, in_channels);
    unet_resnet(&mut file, &at("output_blocks.0.0"), 2 * c, c);
    unet_resnet(&mut file, &at("output_blocks.1.0"), 2 * c, c);
    file.layer(&at("output_blocks.1.1.conv"), &[c, c, 3, 3]);
    unet_resnet(&mut file, &at("output_blocks.2.0"), 2 * c, c);
    transformer(&mut file, &at("output_blocks.2.1"));
    unet_resnet(&mut file, &at("output_blocks.3.0"), 2 * c, c);
    file.norm(&at("out.0"), c).layer(&at("out.2"), &[4, c, 3, 3]);
    file
}

/// What a UNet shares with its ControlNets: the way down and the middle.
pub fn unet_encoder(file: &mut Checkpoint, at: &dyn Fn(&str) -> String, in_channels: usize) {
    let c = CHANNELS;
    file.layer(&at("input_blocks.0.0"), &[c, in_channels, 3, 3]);
    unet_resnet(file, &at("input_blocks.1.0"), c, c);
    transformer(file, &at("input_blocks.1.1"));
    file.layer(&at("input_blocks.2.0.op"), &[c, c, 3, 3]);
    unet_resnet(file, &at("input_blocks.3.0"), c, c);
    unet_resnet(file, &at("middle_block.0"), c, c);
    transformer(file, &at("middle_block.1"));
    unet_resnet(file, &at("middle_block.2"), c, c);
}

/// A residual block under the UNet's names.
pub fn unet_resnet(file: &mut Checkpoint, path: &str, inputs: usize, out: usize) {
    file.norm(&format!("{path}.in_layers.0"), inputs)
        .layer(&format!("{path}.in_layers.2"), &[out, inputs, 3, 3])
        .layer(&format!("{path}.emb_layers.1"), &[out, TIME])
        .norm(&format!("{path}.out_layers.0"), out)
        .layer(&format!("{path}.out_layers.3"), &[out, out, 3, 3]);
    if inputs != out {
        file.layer(&format!("{path}.skip_connection"), &[out, inputs, 1, 1]);
    }
}

/// A spatial transformer with one block.
pub fn transformer(file: &mut Checkpoint, path: &str) {
    let c = CHANNELS;
    file.norm(&format!("{path}.norm"), c)
        .layer(&format!("{path}.proj_in"), &[c, c, 1, 1])
        .layer(&format!("{path}.proj_out"), &[c, c, 1, 1]);
    let block = format!("{path}.transformer_blocks.0");
    for (attn, width) in [("attn1", c), ("attn2", TEXT)] {
        file.add(&format!("{block}.{attn}.to_q.weight"), &[c, c])
            .add(&format!("{block}.{attn}.to_k.weight"), &[c, width])
            .add(&format!("{block}.{attn}.to_v.weight"), &[c, width])
            .layer(&format!("{block}.{attn}.to_out.0"), &[c, c]);
    }
    for norm in ["norm1", "norm2", "norm3"] {
        file.norm(&format!("{block}.{norm}"), c);
    }
    file.layer(&format!("{block}.ff.net.0.proj"), &[8 * c, c])
        .layer(&format!("{block}.ff.net.2"), &[c, 4 * c]);
}

/// All four levels of 32 channels, one residual block each.
pub fn tiny_vae(prefix: &str) -> Checkpoint {
    let mut file = Checkpoint::default();
    let c = CHANNELS;
    for (half, level, inputs, outputs) in [("encoder", "down", 3, 8), ("decoder", "up", 4, 3)] {
        let at = |name: &str| format!("{prefix}.{half}.{name}");
        file.layer(&at("conv_in"), &[c, inputs, 3, 3]);
        for index in 0..4 {
            vae_resnet(&mut file, &at(&format!("{level}.{index}.block.0")));
            match (half, index) {
                ("encoder", 0..3) => {
                    file.layer(&at(&format!("down.{index}.downsample.conv")), &[c, c, 3, 3]);
                }
                ("decoder", 1..4) => {
                    file.layer(&at(&format!("up.{index}.upsample.conv")), &[c, c, 3, 3]);
                }
                _ => {}
            }
        }
        vae_resnet(&mut file, &at("mid.block_1"));
        vae_resnet(&mut file, &at("mid.block_2"));
        file.norm(&at("mid.attn_1.norm"), c);
        for layer in ["q", "k", "v", "proj_out"] {
            file.layer(&at(&format!("mid.attn_1.{layer}")), &[c, c, 1, 1]);
        }
        file.norm(&at("norm_out"), c).layer(&at("conv_out"), &[outputs, c, 3, 3]);
    }
    file.layer(&format!("{prefix}.quant_conv"), &[8, 8, 1, 1])
        .layer(&format!("{prefix}.post_quant_conv"), &[4, 4, 1, 1]);
    file
}

fn vae_resnet(file: &mut Checkpoint, path: &str) {
    let c = CHANNELS;
    for index in [1, 2] {
        file.norm(&format!("{path}.norm{index}"), c)
            .layer(&format!("{path}.conv{index}"), &[c, c, 3, 3]);
    }
}

/// Two layers, four heads, the real vocabulary's length.
pub fn tiny_clip(prefix: &str) -> Checkpoint {
    let mut file = Checkpoint::default();
    let at = |name: &str| format!("{prefix}.{name}");
    file.add(&at("embeddings.token_embedding.weight"), &[49408, TEXT])
        .add(&at("embeddings.position_embedding.weight"), &[77, TEXT]);
    for layer in 0..2 {
        let at = |name: &str| at(&format!("encoder.layers.{layer}.{name}"));
        file.norm(&at("layer_norm1"), TEXT).norm(&at("layer_norm2"), TEXT);
        for proj in ["q_proj", "k_proj", "v_proj", "out_proj"] {
            file.layer(&at(&format!("self_attn.{proj}")), &[TEXT, TEXT]);
        }
        file.layer(&at("mlp.fc1"), &[4 * TEXT, TEXT]).layer(&at("mlp.fc2"), &[TEXT, 4 * TEXT]);
    }
    file.norm(&at("final_layer_norm"), TEXT);
    file
}
