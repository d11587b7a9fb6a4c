//! Tests of `crate/src/weights/lora`: every format against a plain formula, on a tiny checkpoint.
//!
//! Formulas: section 6.7 of the semantics this follows.

use std::rc::Rc;

use burnish::weights::Weights;
use burnish::weights::lora::{Lora, LoraPatch, LoraStrength};

use crate::support::{
    CHANNELS, Checkpoint, TEXT, assert_close, noise, test_device, tiny_checkpoint,
};

const C: usize = CHANNELS;
/// A linear layer, `[32, 32]`, and its name in kohya's dialect.
const QUERY: &str = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
const QUERY_NAME: &str = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
/// A convolution, `[32, 32, 3, 3]`.
const CONV: &str = "model.diffusion_model.input_blocks.1.0.in_layers.2.weight";
const CONV_NAME: &str = "lora_unet_down_blocks_0_resnets_0_conv1";

fn lora(tensors: &[(&str, &[usize])]) -> Checkpoint {
    let mut file = Checkpoint::default();
    for (path, shape) in tensors {
        file.add(path, shape);
    }
    file
}

pub fn strength(file: &Checkpoint, model: f32, clip: f32) -> LoraStrength {
    let lora = Lora::open("style", Box::new(file.source())).unwrap();
    LoraStrength { lora, model, clip }
}

/// The tensor `path` of the tiny checkpoint under `loras`, and as it is.
fn under(loras: &[LoraStrength], path: &str) -> [Vec<f32>; 2] {
    let file = tiny_checkpoint(4).open();
    let patch = LoraPatch::new(loras, &file).unwrap();
    let weights = Weights::new(file, test_device());
    [weights.clone().patched(Rc::new(patch)).read(path).unwrap(), weights.read(path).unwrap()]
}

/// What `file` at strength 0.5 adds to `path`, doubled.
fn change(file: &Checkpoint, path: &str) -> Vec<f32> {
    let [changed, plain] = under(&[strength(file, 0.5, 0.5)], path);
    changed.iter().zip(plain).map(|(changed, plain)| 2.0 * (changed - plain)).collect()
}

fn values(file: &Checkpoint, path: &str) -> Vec<f32> {
    file.open().read_f32(path).unwrap()
}

/// `a b` of matrices with `inner` columns and rows.
pub fn product(a: &[f32], b: &[f32], inner: usize) -> Vec<f32> {
    let columns = b.len() / inner;
    let rows = a.len() / inner;
    let cell = |row: usize, column: usize| -> f32 {
        (0..inner).map(|k| a[row * inner + k] * b[k * columns + column]).sum()
    };
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .map(|(row, column)| cell(row, column))
        .collect()
}

fn refused(file: &Checkpoint) -> String {
    let checkpoint = tiny_checkpoint(4).open();
    LoraPatch::new(&[strength(file, 1.0, 1.0)], &checkpoint).unwrap_err().to_string()
}

pub fn named(module: &str, parts: &[(&str, &[usize])]) -> Checkpoint {
    let mut file = Checkpoint::default();
    for (part, shape) in parts {
        file.add(&format!("{module}.{part}"), shape);
    }
    file
}

#[test]
fn a_linear_layer_gains_up_times_down_scaled_by_alpha_over_the_rank() {
    let mut file = named(QUERY_NAME, &[("lora_up.weight", &[C, 4]), ("lora_down.weight", &[4, C])]);
    file.add_values(&format!("{QUERY_NAME}.alpha"), &[], vec![2.0]);
    let [up, down] =
        ["lora_up", "lora_down"].map(|part| values(&file, &format!("{QUERY_NAME}.{part}.weight")));
    let expected: Vec<f32> = product(&up, &down, 4).iter().map(|v| v * 2.0 / 4.0).collect();
    assert_close(&change(&file, QUERY), &expected, 2e-6);
}

#[test]
fn every_dialect_names_the_same_layer() {
    let block = "down_blocks.0.attentions.0.transformer_blocks.0.attn1";
    let own = "input_blocks_1_1_transformer_blocks_0_attn1_to_q";
    let dialects = [
        (QUERY_NAME.to_owned(), [".lora_up.weight", ".lora_down.weight"]),
        (format!("lora_unet_{own}"), [".lora_up.weight", ".lora_down.weight"]),
        (QUERY_NAME.replace("lora_unet", "lycoris"), [".lora_up.weight", ".lora_down.weight"]),
        (format!("unet.{block}.processor.to_q"), ["_lora.up.weight", "_lora.down.weight"]),
        (format!("unet.{block}.to_q"), [".lora.up.weight", ".lora.down.weight"]),
        (format!("unet.{block}.to_q"), [".lora_B.weight", ".lora_A.weight"]),
        (
            format!("{block}.to_q"),
            [".lora_linear_layer.up.weight", ".lora_linear_layer.down.weight"],
        ),
        (
            format!("diffusion_model.{}", &QUERY["model.diffusion_model.".len()..QUERY.len() - 7]),
            [".lora_B.default.weight", ".lora_A.default.weight"],
        ),
    ];
    let [up, down] = [noise(1, C * 2), noise(2, 2 * C)];
    for (module, [b, a]) in dialects {
        let mut file = Checkpoint::default();
        file.add_values(&format!("{module}{b}"), &[C, 2], up.clone());
        file.add_values(&format!("{module}{a}"), &[2, C], down.clone());
        assert_close(&change(&file, QUERY), &product(&up, &down, 2), 1e-5);
    }
}

#[test]
fn the_output_projection_of_old_processors_has_no_number() {
    let path = QUERY.replace("to_q", "to_out.0");
    let module = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out_lora";
    let mut file = Checkpoint::default();
    let [up, down] = [noise(1, C), noise(2, C)];
    file.add_values(&format!("{module}.up.weight"), &[C, 1], up.clone());
    file.add_values(&format!("{module}.down.weight"), &[1, C], down.clone());
    assert_close(&change(&file, &path), &product(&up, &down, 1), 2e-6);
}

#[test]
fn a_convolution_gains_the_same_with_its_kernel_laid_flat() {
    let parts: &[(&str, &[usize])] =
        &[("lora_up.weight", &[C, 2, 1, 1]), ("lora_down.weight", &[2, C, 3, 3])];
    let file = named(CONV_NAME, parts);
    let [up, down] =
        ["lora_up", "lora_down"].map(|part| values(&file, &format!("{CONV_NAME}.{part}.weight")));
    assert_close(&change(&file, CONV), &product(&up, &down, 2), 2e-6);
}

#[test]
fn a_kernel_in_the_middle_stands_between_up_and_down() {
    let parts: &[(&str, &[usize])] = &[
        ("lora_up.weight", &[C, 2, 1, 1]),
        ("lora_down.weight", &[2, C, 1, 1]),
        ("lora_mid.weight", &[2, 2, 3, 3]),
    ];
    let file = named(CONV_NAME, parts);
    let [up, down, mid] = ["lora_up", "lora_down", "lora_mid"]
        .map(|part| values(&file, &format!("{CONV_NAME}.{part}.weight")));
    let mut expected = Vec::new();
    for (out, input, tap) in places() {
        let sum = pairs(2)
            .map(|(p, s)| up[out * 2 + p] * mid[(p * 2 + s) * 9 + tap] * down[s * C + input]);
        expected.push(sum.sum());
    }
    assert_close(&change(&file, CONV), &expected, 2e-6);
}

/// Output, input and tap of every value of the convolution.
fn places() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..C * C * 9).map(|index| (index / (C * 9), index / 9 % C, index % 9))
}

fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n * n).map(move |index| (index / n, index % n))
}

#[test]
fn loha_multiplies_two_products_element_by_element() {
    let parts: &[(&str, &[usize])] = &[
        ("hada_w1_a", &[C, 2]),
        ("hada_w1_b", &[2, C]),
        ("hada_w2_a", &[C, 2]),
        ("hada_w2_b", &[2, C]),
    ];
    let mut file = named(QUERY_NAME, parts);
    file.add_values(&format!("{QUERY_NAME}.alpha"), &[], vec![1.0]);
    let part = |name: &str| values(&file, &format!("{QUERY_NAME}.{name}"));
    let first = product(&part("hada_w1_a"), &part("hada_w1_b"), 2);
    let second = product(&part("hada_w2_a"), &part("hada_w2_b"), 2);
    let expected: Vec<f32> = first.iter().zip(second).map(|(a, b)| a * b / 2.0).collect();
    assert_close(&change(&file, QUERY), &expected, 2e-6);
}

#[test]
fn loha_with_kernels_expands_each_factor() {
    let parts: &[(&str, &[usize])] = &[
        ("hada_t1", &[2, 2, 3, 3]),
        ("hada_w1_a", &[2, C]),
        ("hada_w1_b", &[2, C]),
        ("hada_t2", &[2, 2, 3, 3]),
        ("hada_w2_a", &[2, C]),
        ("hada_w2_b", &[2, C]),
    ];
    let file = named(CONV_NAME, parts);
    let part = |name: &str| values(&file, &format!("{CONV_NAME}.{name}"));
    let factor = |t: &str, a: &str, b: &str| -> Vec<f32> {
        let (t, a, b) = (part(t), part(a), part(b));
        places()
            .map(|(out, input, tap)| {
                pairs(2)
                    .map(|(i, j)| t[(i * 2 + j) * 9 + tap] * a[i * C + out] * b[j * C + input])
                    .sum()
            })
            .collect()
    };
    let first = factor("hada_t1", "hada_w1_a", "hada_w1_b");
    let second = factor("hada_t2", "hada_w2_a", "hada_w2_b");
    let expected: Vec<f32> = first.iter().zip(second).map(|(a, b)| a * b).collect();
    assert_close(&change(&file, CONV), &expected, 2e-6);
}

#[test]
fn lokr_is_a_kronecker_product_and_alpha_counts_where_a_factor_is_a_product() {
    let whole: &[(&str, &[usize])] = &[("lokr_w1", &[4, 8]), ("lokr_w2", &[8, 4])];
    let factored: &[(&str, &[usize])] =
        &[("lokr_w1", &[4, 8]), ("lokr_w2_a", &[8, 2]), ("lokr_w2_b", &[2, 4])];
    for (parts, scale) in [(whole, 1.0), (factored, 3.0 / 2.0)] {
        let mut file = named(QUERY_NAME, parts);
        file.add_values(&format!("{QUERY_NAME}.alpha"), &[], vec![3.0]);
        let part = |name: &str| values(&file, &format!("{QUERY_NAME}.{name}"));
        let first = part("lokr_w1");
        let second = match scale {
            1.0 => part("lokr_w2"),
            _ => product(&part("lokr_w2_a"), &part("lokr_w2_b"), 2),
        };
        let expected: Vec<f32> = pairs(C)
            .map(|(row, column)| {
                scale * first[row / 8 * 8 + column / 4] * second[row % 8 * 4 + column % 4]
            })
            .collect();
        assert_close(&change(&file, QUERY), &expected, 2e-6);
    }
}

#[test]
fn lokr_takes_a_kernel_along() {
    let parts: &[(&str, &[usize])] = &[
        ("lokr_w1", &[4, 4]),
        ("lokr_t2", &[2, 2, 3, 3]),
        ("lokr_w2_a", &[2, 8]),
        ("lokr_w2_b", &[2, 8]),
    ];
    let file = named(CONV_NAME, parts);
    let part = |name: &str| values(&file, &format!("{CONV_NAME}.{name}"));
    let (w1, t, a, b) = (part("lokr_w1"), part("lokr_t2"), part("lokr_w2_a"), part("lokr_w2_b"));
    let expected: Vec<f32> = places()
        .map(|(out, input, tap)| {
            let second: f32 = pairs(2)
                .map(|(i, j)| t[(i * 2 + j) * 9 + tap] * a[i * 8 + out % 8] * b[j * 8 + input % 8])
                .sum();
            w1[out / 8 * 4 + input / 8] * second
        })
        .collect();
    assert_close(&change(&file, CONV), &expected, 2e-6);
}

/// `V' = V m / |.|`, result `W + s (V' - W)`; lengths of rows of W, or else of columns of V.
#[test]
fn dora_brings_rows_or_columns_to_its_lengths() {
    for shape in [[C, 1], [1, C]] {
        let parts: &[(&str, &[usize])] =
            &[("lora_up.weight", &[C, 2]), ("lora_down.weight", &[2, C])];
        let mut file = named(QUERY_NAME, parts);
        let lengths: Vec<f32> = noise(3, C).iter().map(|v| v + 2.0).collect();
        file.add_values(&format!("{QUERY_NAME}.dora_scale"), &shape, lengths.clone());
        let part = |name: &str| values(&file, &format!("{QUERY_NAME}.{name}.weight"));
        let delta = product(&part("lora_up"), &part("lora_down"), 2);
        let [changed, plain] = under(&[strength(&file, 0.7, 1.0)], QUERY);
        let v: Vec<f32> = plain.iter().zip(delta).map(|(w, d)| w + d).collect();
        let expected: Vec<f32> = pairs(C)
            .map(|(row, column)| {
                let length =
                    |of: &dyn Fn(usize) -> f32| (0..C).map(|k| of(k) * of(k)).sum::<f32>().sqrt();
                let factor = match shape {
                    [C, 1] => lengths[row] / length(&|k| plain[row * C + k]),
                    _ => lengths[column] / length(&|k| v[k * C + column]),
                };
                let w = plain[row * C + column];
                w + 0.7 * (v[row * C + column] * factor - w)
            })
            .collect();
        assert_close(&changed, &expected, 1e-5);
    }
}

#[test]
fn whole_changes_of_weights_biases_and_norms_are_added() {
    let norm = "lora_unet_down_blocks_0_resnets_0_norm1";
    let mut file = named(CONV_NAME, &[("diff", &[C, C, 3, 3]), ("diff_b", &[C])]);
    file.join(named(norm, &[("w_norm", &[C]), ("b_norm", &[C])]));
    let at = |layer: &str| format!("model.diffusion_model.input_blocks.1.0.in_layers.{layer}");
    for (path, name) in [
        (at("2.weight"), format!("{CONV_NAME}.diff")),
        (at("2.bias"), format!("{CONV_NAME}.diff_b")),
        (at("0.weight"), format!("{norm}.w_norm")),
        (at("0.bias"), format!("{norm}.b_norm")),
    ] {
        assert_close(&change(&file, &path), &values(&file, &name), 2e-6);
    }
}

#[test]
fn the_text_encoder_has_a_strength_of_its_own() {
    let inner = "encoder_layers_1_self_attn_q_proj";
    let path = "cond_stage_model.transformer.text_model.encoder.layers.1.self_attn.q_proj.weight";
    for prefix in ["lora_te_text_model_", "lora_te1_text_model_"] {
        let mut file = named(
            &format!("{prefix}{inner}"),
            &[("lora_up.weight", &[TEXT, 1]), ("lora_down.weight", &[1, TEXT])],
        );
        file.join(named(QUERY_NAME, &[("diff", &[C, C])]));
        let [changed, plain] = under(&[strength(&file, 1.0, 0.0)], path);
        assert_eq!(changed, plain);
        let [changed, plain] = under(&[strength(&file, 0.0, 1.0)], path);
        assert_ne!(changed, plain);
        let [changed, plain] = under(&[strength(&file, 0.0, 1.0)], QUERY);
        assert_eq!(changed, plain);
    }
}

#[test]
fn several_are_applied_one_after_the_other() {
    let file = named(QUERY_NAME, &[("diff", &[C, C])]);
    let [twice, plain] = under(&[strength(&file, 0.5, 0.0), strength(&file, -1.5, 0.0)], QUERY);
    let diff = values(&file, &format!("{QUERY_NAME}.diff"));
    let expected: Vec<f32> = plain.iter().zip(diff).map(|(plain, diff)| plain - diff).collect();
    assert_close(&twice, &expected, 2e-6);
}

#[test]
fn what_belongs_to_no_layer_is_named() {
    let mut file = named(QUERY_NAME, &[("diff", &[C, C])]);
    file.join(lora(&[("lora_unet_elsewhere.diff", &[2]), ("first_stage.note", &[1])]));
    let checkpoint = tiny_checkpoint(4).open();
    let patch = LoraPatch::new(&[strength(&file, 1.0, 1.0)], &checkpoint).unwrap();
    assert_eq!(patch.touched(), 1);
    let names = ["first_stage.note", "lora_unet_elsewhere.diff"].map(str::to_owned).to_vec();
    assert_eq!(patch.unmatched(), [("style".to_owned(), names)]);
}

#[test]
fn a_lora_of_another_family_is_refused_with_both_shapes() {
    let parts: &[(&str, &[usize])] =
        &[("lora_up.weight", &[640, 4]), ("lora_down.weight", &[4, 2048])];
    assert_eq!(
        refused(&named(QUERY_NAME, parts)),
        format!(
            "the LoRA \"style\" is for another family of models: its tensor \
             \"{QUERY_NAME}.lora_down.weight\" has shape [4, 2048], this checkpoint needs [4, 32]"
        )
    );
}

#[test]
fn every_part_of_every_format_is_compared_with_its_layer() {
    let wrong: &[&[(&str, &[usize])]] = &[
        &[("lora_up.weight", &[C, 3]), ("lora_down.weight", &[4, C])],
        &[("lora_up.weight", &[C, 2]), ("lora_down.weight", &[2, C]), ("dora_scale", &[7, 1])],
        &[("diff", &[C])],
        &[
            ("hada_w1_a", &[C, 2]),
            ("hada_w1_b", &[2, C]),
            ("hada_w2_a", &[C, 2]),
            ("hada_w2_b", &[3, C]),
        ],
        &[("lokr_w1", &[4, 8]), ("lokr_w2", &[8, 8])],
        &[("lokr_w1", &[4, 8]), ("lokr_w2_a", &[8, 3]), ("lokr_w2_b", &[2, 4])],
        &[
            ("lora_up.weight", &[C, 2]),
            ("lora_down.weight", &[2, C]),
            ("lora_mid.weight", &[2, 2, 3, 3]),
        ],
        &[("lokr_w1", &[0, 8]), ("lokr_w2", &[8, 4])],
    ];
    for parts in wrong {
        let message = refused(&named(QUERY_NAME, parts));
        assert!(message.contains("this checkpoint needs"), "{parts:?}: {message}");
    }
}

#[test]
fn what_is_half_there_or_no_lora_at_all_is_refused() {
    let half = named(QUERY_NAME, &[("lora_up.weight", &[C, 4])]);
    assert_eq!(
        refused(&half),
        format!(
            "the LoRA \"style\" cannot be used: what it holds for {QUERY_NAME:?} is incomplete"
        )
    );
    let elsewhere = lora(&[("lora_unet_elsewhere.diff", &[2])]);
    assert_eq!(
        refused(&elsewhere),
        "the LoRA \"style\" cannot be used: it changes no layer that \"tiny.safetensors\" has"
    );
    let none = lora(&[("conv.weight", &[2])]);
    assert_eq!(
        Lora::open("style", Box::new(none.source())).unwrap_err().to_string(),
        "the LoRA \"style\" cannot be used: no tensor in it is named as in a LoRA, LoHa or LoKr"
    );
}
