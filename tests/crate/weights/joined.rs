//! Pipelines in the layout of diffusers, made of checkpoints of single files by the names of section
//! 6.4 of the semantics, the other way round.

use std::collections::BTreeMap;

use burnish::weights::{MemorySource, Recognised, Safetensors, diffusers, join};
use serde_json::{Map, json};

use crate::support::tiny_checkpoint;

/// A tensor on its way from one file to another.
type Tensor = (Vec<usize>, Vec<f32>);
type Tensors = BTreeMap<String, Tensor>;

fn written(name: &str, tensors: &Tensors) -> Safetensors {
    let (mut header, mut data) = (Map::new(), Vec::new());
    for (path, (shape, values)) in tensors {
        let start = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] });
        header.insert(path.clone(), entry);
    }
    let header = serde_json::to_vec(&header).unwrap();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    Safetensors::open(Box::new(MemorySource::new(name, file))).unwrap()
}

/// What is below a prefix of a single file.
fn below(file: &Safetensors, prefix: &str) -> Tensors {
    let inside = file.tensors().iter().filter_map(|(path, info)| {
        let path_inside = path.strip_prefix(prefix)?.to_owned();
        Some((path_inside, (info.shape.clone(), file.read_f32(path).unwrap())))
    });
    inside.collect()
}

fn unet(file: &Safetensors) -> Safetensors {
    let level = diffusers::level(file, "model.diffusion_model").unwrap();
    let renamed = |(path, tensor): (String, Tensor)| {
        let (layer, leaf) = path.rsplit_once('.').unwrap();
        let layer = diffusers::from_single_file(layer, level);
        (format!("{}.{leaf}", layer.unwrap_or_else(|| panic!("{path}"))), tensor)
    };
    let tensors = below(file, "model.diffusion_model.").into_iter().map(renamed).collect();
    written("diffusion_pytorch_model.safetensors", &tensors)
}

/// Two levels, as the tiny VAE has.
fn vae(file: &Safetensors) -> Safetensors {
    let names = [
        (".mid.block_1.", ".mid_block.resnets.0."),
        (".mid.block_2.", ".mid_block.resnets.1."),
        (".mid.attn_1.norm.", ".mid_block.attentions.0.group_norm."),
        (".mid.attn_1.q.", ".mid_block.attentions.0.to_q."),
        (".mid.attn_1.k.", ".mid_block.attentions.0.to_k."),
        (".mid.attn_1.v.", ".mid_block.attentions.0.to_v."),
        (".mid.attn_1.proj_out.", ".mid_block.attentions.0.to_out.0."),
        (".downsample.", ".downsamplers.0."),
        (".upsample.", ".upsamplers.0."),
        (".nin_shortcut.", ".conv_shortcut."),
        (".norm_out.", ".conv_norm_out."),
        (".block.", ".resnets."),
        ("encoder.down.", "encoder.down_blocks."),
    ];
    let ours = below(file, "first_stage_model.");
    let level = |path: &str| -> Option<usize> {
        path.strip_prefix("decoder.up.")?.split('.').next()?.parse().ok()
    };
    let last = ours.keys().filter_map(|path| level(path)).max().unwrap();
    let renamed = |(path, tensor): (String, Tensor)| {
        let at = level(&path);
        let path = names.iter().fold(path, |path, (ours, theirs)| path.replace(ours, theirs));
        let path = match at {
            Some(at) => path.replace(
                &format!("decoder.up.{at}."),
                &format!("decoder.up_blocks.{}.", last - at),
            ),
            None => path,
        };
        (path, tensor)
    };
    written("vae.safetensors", &ours.into_iter().map(renamed).collect())
}

#[track_caller]
fn assert_same(joined: &Safetensors, single: &Safetensors) {
    for (path, info) in single.tensors().iter().filter(|(path, _)| !path.ends_with("position_ids"))
    {
        let found = joined.info(path).unwrap();
        assert_eq!(found.shape, info.shape, "{path}");
        assert_eq!(joined.read_f32(path).unwrap(), single.read_f32(path).unwrap(), "{path}");
    }
    assert_eq!(joined.tensors().len(), single.tensors().len());
}

#[test]
fn a_pipeline_of_1x_is_its_single_file() {
    let single = tiny_checkpoint(4).open();
    let text = below(&single, "cond_stage_model.transformer.");
    let files = vec![written("text.safetensors", &text), vae(&single), unet(&single)];
    assert_same(&join("portrait", files).unwrap(), &single);
}

#[test]
fn files_that_are_no_pipeline_are_refused() {
    let single = tiny_checkpoint(4).open();
    let refused = |files: Vec<Safetensors>| join("folder", files).unwrap_err().to_string();
    let message = refused(vec![vae(&single), vae(&single)]);
    assert!(message.contains("none of its files is a UNet"), "{message}");
    let message = refused(vec![vae(&single), unet(&single), vae(&single)]);
    assert!(message.contains("\"vae.safetensors\" is not its only VAE"), "{message}");
    let lora = crate::diffusion::lora::tiny_lora().open_own();
    let message = refused(vec![unet(&single), lora]);
    assert!(message.contains("is no part of it"), "{message}");
    let lacking = join("folder", vec![unet(&single), vae(&single)]).unwrap();
    let message = Recognised::of(&lacking).checkpoint_family().unwrap_err().to_string();
    assert!(message.contains("it holds no CLIP text encoder"), "{message}");
}
