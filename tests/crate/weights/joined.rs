//! Pipelines in the layout of diffusers, made of checkpoints of single files by the names of section
//! 6.4 of the semantics, the other way round.

use std::collections::BTreeMap;

use burnish::Result;
use burnish::weights::{
    ByteSource, Family, MemorySource, Recognised, Safetensors, diffusers, join,
};
use serde_json::{Map, json};

use crate::support::{HeaderOnly, tiny_checkpoint};

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

/// The level up that a tensor of a VAE belongs to.
fn vae_level(path: &str) -> Option<usize> {
    path.strip_prefix("decoder.up.")?.split('.').next()?.parse().ok()
}

/// What diffusers call a tensor of a VAE; its levels up are counted from the end.
fn vae_name(path: &str, last: usize) -> String {
    const NAMES: [(&str, &str); 13] = [
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
    let renamed =
        NAMES.iter().fold(path.to_owned(), |path, (ours, theirs)| path.replace(ours, theirs));
    match vae_level(path) {
        Some(at) => renamed
            .replace(&format!("decoder.up.{at}."), &format!("decoder.up_blocks.{}.", last - at)),
        None => renamed,
    }
}

fn vae(file: &Safetensors) -> Safetensors {
    let ours = below(file, "first_stage_model.");
    let last = ours.keys().filter_map(|path| vae_level(path)).max().unwrap();
    let renamed = |(path, tensor): (String, Tensor)| (vae_name(&path, last), tensor);
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

/// A file at its true size; its numbers follow from their place in it, and are not kept anywhere.
struct Patterned {
    header: MemorySource,
    len: u64,
    seed: u8,
}

impl Patterned {
    fn open(name: &str, seed: u8, tensors: &[Listed]) -> Safetensors {
        let (header, len) = HeaderOnly::new(name, tensors).into_parts();
        Safetensors::open(Box::new(Self { header, len, seed })).unwrap()
    }
}

impl ByteSource for Patterned {
    fn name(&self) -> &str {
        self.header.name()
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let begin = self.header.len();
        if offset < begin {
            return self.header.read(offset, len);
        }
        let byte = |at: u64| ((at * 0x9E37_79B9) >> 16) as u8 ^ self.seed;
        Ok((offset - begin..offset - begin + len as u64).map(byte).collect())
    }
}

/// A tensor of a list: path, format, shape.
type Listed = (String, String, Vec<usize>);

/// What transformers make of a text encoder of OpenCLIP.
fn of_transformers((path, dtype, shape): &Listed) -> Vec<Listed> {
    const NAMES: [(&str, &str); 9] = [
        ("transformer.resblocks.", "text_model.encoder.layers."),
        ("ln_final", "text_model.final_layer_norm"),
        ("positional_embedding", "text_model.embeddings.position_embedding.weight"),
        (".ln_1.", ".layer_norm1."),
        (".ln_2.", ".layer_norm2."),
        (".mlp.c_fc.", ".mlp.fc1."),
        (".mlp.c_proj.", ".mlp.fc2."),
        (".attn.out_proj.", ".self_attn.out_proj."),
        ("text_projection", "text_projection.weight"),
    ];
    let renamed =
        NAMES.iter().fold(path.clone(), |path, (ours, theirs)| path.replace(ours, theirs));
    let renamed = match renamed.strip_prefix("token_embedding") {
        Some(rest) => format!("text_model.embeddings.token_embedding{rest}"),
        None => renamed,
    };
    match renamed.split_once(".attn.in_proj_") {
        Some((block, leaf)) => ["q", "k", "v"]
            .map(|third| {
                let mut shape = shape.clone();
                shape[0] /= 3;
                (format!("{block}.self_attn.{third}_proj.{leaf}"), dtype.clone(), shape)
            })
            .to_vec(),
        // A square, so that its shape stays.
        None => vec![(renamed, dtype.clone(), shape.clone())],
    }
}

#[test]
fn a_pipeline_of_xl_is_its_single_file() {
    let list = HeaderOnly::listed(include_bytes!("../../golden/layouts/sdxl.json.gz"));
    let below = |prefix: &str| -> Vec<Listed> {
        let inside = list.iter().filter_map(|(path, dtype, shape)| {
            Some((path.strip_prefix(prefix)?.to_owned(), dtype.clone(), shape.clone()))
        });
        inside.filter(|(path, ..)| path != "logit_scale").collect()
    };
    let single = HeaderOnly::new("single", &list);
    let single = Safetensors::open(Box::new(single)).unwrap();
    let level = diffusers::level(&single, "model.diffusion_model").unwrap();
    let of_unet = |(path, dtype, shape): Listed| {
        let (layer, leaf) = path.rsplit_once('.').unwrap();
        (format!("{}.{leaf}", diffusers::from_single_file(layer, level).unwrap()), dtype, shape)
    };
    let vae = below("first_stage_model.");
    let levels = vae.iter().filter_map(|(path, ..)| vae_level(path)).max().unwrap();
    let of_vae = |(path, dtype, shape): Listed| (vae_name(&path, levels), dtype, shape);
    let of_unet = below("model.diffusion_model.").into_iter().map(of_unet).collect::<Vec<_>>();
    let of_vae = vae.into_iter().map(of_vae).collect::<Vec<_>>();
    let large =
        below("conditioner.embedders.1.model.").into_iter().flat_map(|it| of_transformers(&it));
    let large = large.collect::<Vec<_>>();
    let small = below("conditioner.embedders.0.transformer.");
    let large = || Patterned::open("text_encoder_2", 3, &large);
    let files = vec![
        Patterned::open("text_encoder", 1, &small),
        Patterned::open("unet", 2, &of_unet),
        large(),
        Patterned::open("vae", 4, &of_vae),
    ];
    let joined = join("xl", files).unwrap();
    assert_eq!(Recognised::of(&joined).checkpoint_family().unwrap(), Family::Sdxl);
    for (path, info) in single.tensors().iter().filter(|(path, _)| !path.ends_with("logit_scale")) {
        let found = joined.info(path).unwrap();
        assert_eq!((found.dtype, &found.shape), (info.dtype, &info.shape), "{path}");
    }

    let large = large();
    let block = "conditioner.embedders.1.model.transformer.resblocks.7.attn.in_proj_weight";
    for (third, name) in ["q", "k", "v"].into_iter().enumerate() {
        let theirs = format!("text_model.encoder.layers.7.self_attn.{name}_proj.weight");
        let rows = third * 1280 + 5..third * 1280 + 9;
        let expected = large.read_rows(&theirs, 5..9).unwrap();
        assert_eq!(joined.read_rows(block, rows).unwrap(), expected, "{theirs}");
    }
    // Across the seam of two tensors.
    let ours = joined.read_rows(block, 1279..1281).unwrap();
    assert_eq!(ours[..2560], joined.read_rows(block, 1279..1280).unwrap());
    assert_eq!(ours[2560..], joined.read_rows(block, 1280..1281).unwrap());
    let ours = joined.read_rows("conditioner.embedders.1.model.text_projection", 3..4).unwrap();
    for column in [0, 1, 700, 1279] {
        let row = large.read_rows("text_projection.weight", column..column + 1).unwrap();
        assert_eq!(ours[2 * column..][..2], row[6..8], "column {column}");
    }
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
