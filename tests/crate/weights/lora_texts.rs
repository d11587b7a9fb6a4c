//! LoRAs for the text encoders of Stable Diffusion 2.x and XL. Names: section 6.7 of the semantics
//! this follows.

use std::rc::Rc;

use burnish::weights::Weights;
use burnish::weights::lora::LoraPatch;

use super::lora::{named, product, strength};
use crate::support::{Checkpoint, assert_close, hashed_checkpoint, noise, test_device};

/// A LoRA of rank 2 for one layer of a text encoder, and what it adds to `path` of a checkpoint.
fn text_change(checkpoint: &str, module: &str, [out, inputs]: [usize; 2], path: &str) -> Vec<f32> {
    let checkpoint = hashed_checkpoint(checkpoint).open();
    let mut file = Checkpoint::default();
    file.add_values(&format!("{module}.lora_up.weight"), &[out, 2], noise(1, 2 * out));
    file.add_values(&format!("{module}.lora_down.weight"), &[2, inputs], noise(2, 2 * inputs));
    let patch = LoraPatch::new(&[strength(&file, 9.0, 1.0)], &checkpoint).unwrap();
    let weights = Weights::new(checkpoint, test_device());
    let plain = weights.read(path).unwrap();
    let changed = weights.patched(Rc::new(patch)).read(path).unwrap();
    changed.iter().zip(plain).map(|(changed, plain)| changed - plain).collect()
}

/// Queries, keys and values of OpenCLIP are one matrix, of which each layer is a third.
#[test]
fn text_encoders_of_every_family_are_changed() {
    const WIDTH: usize = 128;
    let sd2 = include_str!("../../golden/families/sd2.json");
    let sdxl = include_str!("../../golden/families/sdxl.json");
    let refiner = include_str!("../../golden/families/refiner.json");
    let (h, g) = ("cond_stage_model.model", "conditioner.embedders.1.model");
    let (l, only) =
        ("conditioner.embedders.0.transformer.text_model", "conditioner.embedders.0.model");
    let block = "encoder_layers_1";
    let rows = [
        (sdxl, "lora_te1", "self_attn_q_proj", format!("{l}.encoder.layers.1.self_attn.q_proj"), 0),
        (sdxl, "lora_te2", "self_attn_q_proj", format!("{g}.transformer.resblocks.1.attn.in"), 0),
        (sdxl, "lora_te2", "self_attn_k_proj", format!("{g}.transformer.resblocks.1.attn.in"), 1),
        (sd2, "lora_te", "self_attn_v_proj", format!("{h}.transformer.resblocks.1.attn.in"), 2),
        (sd2, "lora_te", "self_attn_out_proj", format!("{h}.transformer.resblocks.1.attn.out"), 0),
        (refiner, "lora_te2", "mlp_fc1", format!("{only}.transformer.resblocks.1.mlp.c_fc"), 0),
    ];
    for (checkpoint, prefix, layer, path, third) in rows {
        let out = if layer == "mlp_fc1" { 4 * WIDTH } else { WIDTH };
        let path = match path.strip_suffix(".in") {
            Some(attn) => format!("{attn}.in_proj_weight"),
            None => format!("{}.weight", path.replace("attn.out", "attn.out_proj")),
        };
        let module = format!("{prefix}_text_model_{block}_{layer}");
        let found = text_change(checkpoint, &module, [out, WIDTH], &path);
        let own = product(&noise(1, 2 * out), &noise(2, 2 * WIDTH), 2);
        let mut expected = vec![0.0; found.len()];
        expected[third * own.len()..][..own.len()].copy_from_slice(&own);
        assert_close(&found, &expected, 1e-5);
    }
}

#[test]
fn a_layer_of_a_stacked_matrix_has_a_third_of_its_rows() {
    let checkpoint = hashed_checkpoint(include_str!("../../golden/families/sd2.json")).open();
    let module = "text_encoder.text_model.encoder.layers.0.self_attn.k_proj";
    let file = named(module, &[("lora_up.weight", &[384, 2]), ("lora_down.weight", &[2, 128])]);
    let message = LoraPatch::new(&[strength(&file, 1.0, 1.0)], &checkpoint).unwrap_err();
    assert!(message.to_string().contains("[128, 2]"), "{message}");
}
