//! Files whose headers are sound and whose tensors are not what they should be: loaded as what they
//! say they are, and used once.
//!
//! An input is a line of numbers: a layout, then threes of a tensor, a change ([`CHANGES`]) and a
//! number for it.

use std::cell::OnceCell;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};
use burnish::diffusion::{
    Branches, Lora, LoraStrength, ModelManifest, MotionFile, Pipe, Predictor, load_control_net,
    load_taesd,
};
use burnish::models::clip::embedding_tokens;
use burnish::monitor::Silent;
use burnish::weights::recognise::Use;
use burnish::weights::{
    ByteSource, FileSource, MemorySource, Precision, Recognised, Safetensors, join,
};
use burnish::{Error, Result};
use pollster::block_on;
use serde_json::{Map, Value, json};

/// A tensor of a header: path, format, shape.
type Listed = (String, &'static str, Vec<usize>);

/// Inputs to begin with: every layout as it is, and some changed.
pub fn seeds() -> Vec<Vec<u8>> {
    let plain = (0..LAYOUTS.len()).map(|layout| layout.to_string());
    let changed = ["0 3 0 0", "0 40 1 60", "1 7 5 2 9 8 96", "2 0 3 0", "3 5 2 4", "6 1 4 0 2 7 1"];
    plain.chain(changed.map(str::to_owned)).map(String::into_bytes).collect()
}

/// Makes the file the input describes, and loads and uses it.
pub fn feed(input: &[u8]) -> std::result::Result<String, String> {
    let text = std::str::from_utf8(input).map_err(|error| error.to_string())?;
    let numbers = text.split_whitespace().map(str::parse::<usize>).collect::<Vec<_>>();
    let numbers = numbers.into_iter().collect::<std::result::Result<Vec<_>, _>>();
    let numbers = numbers.map_err(|error| error.to_string())?;
    let (layout, changes) = numbers.split_first().ok_or("nothing")?;
    let files =
        (LAYOUTS[layout % LAYOUTS.len()])().into_iter().enumerate().map(|(at, mut file)| {
            for three in changes.as_chunks::<3>().0.iter().take(MOST_CHANGES) {
                // Of several files each is changed by some.
                if (three[0] + at) % 2 == 0 || at == 0 {
                    change(&mut file, *three);
                }
            }
            Zeros::open(&format!("file {at}"), &file)
        });
    let files = files.collect::<Result<Vec<_>>>().map_err(|error| error.to_string())?;
    let file = join("joined", files).map_err(|error| error.to_string())?;
    use_once(file).map_err(|error| error.to_string())
}

/// The most changes that count.
const MOST_CHANGES: usize = 8;
/// The longest side of a tensor that is made.
const LONGEST: usize = 1024;
/// The most numbers of a tensor that is made.
const MOST_NUMBERS: usize = 1 << 26;

/// What can be done to a tensor, among all, with a number.
const CHANGES: &[fn(&mut Vec<Listed>, usize, usize)] = &[
    |all, at, _| drop(all.remove(at)),
    |all, at, number| set_axis(&mut all[at].2, 0, number),
    |all, at, number| set_axis(&mut all[at].2, 1, number),
    |all, at, _| _ = all[at].2.pop(),
    |all, at, _| all[at].2.push(1),
    |all, at, number| all[at].1 = DTYPES[number % DTYPES.len()],
    |all, at, number| {
        let digit = char::from(b'0' + (number % 10) as u8);
        let renumbered = |c: char| if c.is_ascii_digit() { digit } else { c };
        all[at].0 = all[at].0.chars().map(renumbered).collect();
    },
    |all, at, number| {
        let path = all[number % all.len()].0.clone();
        all[at].0 = path;
    },
    // Every side of this length in all tensors: sizes that agree and are odd all the same.
    |all, at, number| {
        let Some(side) = all[at].2.first().copied() else { return };
        for axis in all.iter_mut().flat_map(|(.., shape)| shape).filter(|axis| **axis == side) {
            *axis = number % (LONGEST + 1);
        }
    },
    |all, at, number| {
        let place = number % all.len();
        let shape = all[place].2.clone();
        all[at].2 = shape;
    },
];

const DTYPES: [&str; 7] = ["F32", "F16", "BF16", "F8_E4M3", "I64", "U8", "F64"];

fn set_axis(shape: &mut [usize], axis: usize, number: usize) {
    if let Some(side) = shape.get_mut(axis) {
        *side = number % (LONGEST + 1);
    }
}

fn change(file: &mut Vec<Listed>, [tensor, change, number]: [usize; 3]) {
    let count = file.len();
    if count > 0 {
        CHANGES[change % CHANGES.len()](file, tensor % count, number);
    }
}

/// Files to begin with: a checkpoint of each family, a pipeline, and whatever is added to one.
const LAYOUTS: &[fn() -> Vec<Vec<Listed>>] = &[
    || vec![portrait()],
    || vec![family(include_str!("../../../tests/golden/families/sd2.json"))],
    || vec![family(include_str!("../../../tests/golden/families/sdxl.json"))],
    || vec![family(include_str!("../../../tests/golden/families/refiner.json"))],
    || vec![of_json(include_str!("../../../tests/golden/families/sdxl-control.json"))],
    || vec![stored("motion.safetensors")],
    || vec![lora()],
    || vec![vec![("emb_params".to_owned(), "F16", vec![4, 256])]],
    || vec![taesd()],
    || vec![below(&portrait(), "first_stage_model.")],
    || {
        let whole = portrait();
        let text = below(&whole, "cond_stage_model.transformer.");
        vec![text, unet_of_diffusers(), below(&whole, "first_stage_model.")]
    },
];

/// The layers of an embedded file.
fn stored(name: &str) -> Vec<Listed> {
    let path = format!("{}/../models/portrait/{name}", env!("CARGO_MANIFEST_DIR"));
    let file = FileSource::open(path).and_then(|source| Safetensors::open(Box::new(source)));
    let file = file.expect("the embedded files are there");
    let listed = file.tensors().iter();
    listed.map(|(path, info)| (path.clone(), "F16", info.shape.clone())).collect()
}

fn portrait() -> Vec<Listed> {
    stored("portrait.safetensors")
}

fn of_json(layout: &str) -> Vec<Listed> {
    let layout: Map<String, Value> = serde_json::from_str(layout).expect("is a layout");
    let shape = |value: Value| serde_json::from_value(value).expect("is a shape");
    layout.into_iter().map(|(path, value)| (path, "F16", shape(value))).collect()
}

/// A checkpoint of a family, with the VAE of the embedded one.
fn family(layout: &str) -> Vec<Listed> {
    let vae = portrait().into_iter().filter(|(path, ..)| path.starts_with("first_stage_model."));
    of_json(layout).into_iter().chain(vae).collect()
}

fn below(file: &[Listed], prefix: &str) -> Vec<Listed> {
    let inside = file.iter().filter_map(|(path, dtype, shape)| {
        Some((path.strip_prefix(prefix)?.to_owned(), *dtype, shape.clone()))
    });
    inside.collect()
}

/// A UNet as diffusers name it, of the embedded one's layers.
fn unet_of_diffusers() -> Vec<Listed> {
    let unet = below(&portrait(), "model.diffusion_model.");
    let whole = Zeros::open("portrait", &portrait()).expect("is sound");
    let level = burnish::weights::diffusers::level(&whole, "model.diffusion_model").unwrap_or(3);
    let renamed = unet.into_iter().filter_map(|(path, dtype, shape)| {
        let (layer, leaf) = path.rsplit_once('.')?;
        let layer = burnish::weights::diffusers::from_single_file(layer, level)?;
        Some((format!("{layer}.{leaf}"), dtype, shape))
    });
    renamed.collect()
}

/// A LoRA over every attention of the embedded checkpoint, in several forms.
fn lora() -> Vec<Listed> {
    let unet = below(&portrait(), "model.diffusion_model.");
    let layers = unet.iter().filter(|(path, _, shape)| shape.len() == 2 && path.contains("attn"));
    let mut lora = Vec::new();
    for (at, (path, _, shape)) in layers.enumerate() {
        let name = format!("diffusion_model.{}", path.trim_end_matches(".weight"));
        let [out, inputs] = [shape[0], shape[1]];
        let parts: &[(&str, Vec<usize>)] = match at % 4 {
            0 => &[("lora_down.weight", vec![4, inputs]), ("lora_up.weight", vec![out, 4])],
            1 => &[
                ("hada_w1_a", vec![out, 4]),
                ("hada_w1_b", vec![4, inputs]),
                ("hada_w2_a", vec![out, 4]),
                ("hada_w2_b", vec![4, inputs]),
            ],
            2 => &[("lokr_w1", vec![4, 4]), ("lokr_w2", vec![out / 4, inputs / 4])],
            _ => &[
                ("lora_A.weight", vec![2, inputs]),
                ("lora_B.weight", vec![out, 2]),
                ("dora_scale", vec![1, inputs]),
            ],
        };
        let named =
            |(part, shape): &(&str, Vec<usize>)| (format!("{name}.{part}"), "F16", shape.clone());
        lora.extend(parts.iter().map(named));
        lora.push((format!("{name}.alpha"), "F32", Vec::new()));
    }
    lora
}

/// The published decoder, narrowed.
fn taesd() -> Vec<Listed> {
    let mut layers = vec![("1".to_owned(), vec![64, 4, 3, 3])];
    for block in [3, 4, 5, 8, 9, 10, 13, 14, 15, 18] {
        let conv = |at: usize| (format!("{block}.conv.{at}"), vec![64, 64, 3, 3]);
        layers.extend([0, 2, 4].map(conv));
    }
    layers.extend([7, 12, 17].map(|at| (at.to_string(), vec![64, 64, 3, 3])));
    layers.push(("19".to_owned(), vec![3, 64, 3, 3]));
    let weight = |(path, shape): &(String, Vec<usize>)| {
        let bias = (format!("{path}.bias"), "F16", vec![shape[0]]);
        [(format!("{path}.weight"), "F16", shape.clone()), bias]
    };
    // What is enlarged and the last block's neighbours have no bias.
    let has = |(path, ..): &Listed| !["7.bias", "12.bias", "17.bias"].contains(&path.as_str());
    layers.iter().flat_map(weight).filter(has).collect()
}

/// Loads a file as what it is, and has it do what it is there for.
fn use_once(file: Safetensors) -> Result<String> {
    let known = Recognised::of(&file);
    let device = Device::flex();
    let kind = known.kind.id();
    let Some(usable_as) = known.usable_as else { return Ok(known.to_string()) };
    match usable_as {
        Use::Checkpoint => {
            let manifest = ModelManifest::sd15("fuzz");
            let pipe = Pipe::load(Rc::new(file), &manifest, &device, &Silent)?;
            let text = pipe.encode_prompt("a (face:1.2)")?;
            let x = Tensor::zeros([1, 4, 4, 4], &device);
            let mut predictor = pipe.predictor(&text, &text);
            let predicted = block_on(predictor.predict(&x, 2.0, Branches::Both))?;
            let _ = predicted.cond.into_data();
            let _ = pipe.vae.decode(x).into_data();
        }
        Use::Vae => {
            let mut pipe = base()?;
            pipe.replace_vae(file, &Silent)?;
            let _ = pipe.vae.decode(Tensor::zeros([1, 4, 4, 4], &device)).into_data();
        }
        Use::Lora | Use::MotionLora => {
            let lora = Lora::open("fuzz", file_again(file)?)?;
            let pipe = base()?;
            pipe.with_loras(&[LoraStrength { lora, model: 0.5, clip: 0.5 }])?;
        }
        Use::ControlNet => {
            let net = load_control_net(file, &device, Precision::Auto, &Silent)?;
            base()?.check_control_net("fuzz", &net)?;
        }
        Use::Embedding => drop(embedding_tokens(&file)?),
        Use::Motion => drop(MotionFile::load(file, &device, &Silent)?),
        Use::Taesd => {
            let (painter, _) = load_taesd(file, &device)?;
            let _ = painter.decode(Tensor::zeros([1, 4, 4, 4], &device)).into_data();
        }
    }
    Ok(format!("{kind} {:?} {:?}", known.family, known.variant))
}

/// The bytes of a file that was opened already.
fn file_again(file: Safetensors) -> Result<Box<dyn ByteSource>> {
    let listed = file.tensors().iter().map(|(path, info)| {
        let dtype = DTYPES.into_iter().find(|name| format!("{:?}", info.dtype) == **name);
        (path.clone(), dtype.unwrap_or("F16"), info.shape.clone())
    });
    Ok(Box::new(Zeros::new(file.name(), &listed.collect::<Vec<_>>())?))
}

/// The embedded checkpoint without its numbers.
fn base() -> Result<Pipe> {
    thread_local!(static BASE: OnceCell<Rc<Safetensors>> = const { OnceCell::new() });
    let file = BASE.with(|cell| match cell.get() {
        Some(file) => Ok(file.clone()),
        None => {
            Zeros::open("base", &portrait()).map(|file| cell.get_or_init(|| Rc::new(file)).clone())
        }
    })?;
    Pipe::load(file, &ModelManifest::sd15("base"), &Device::flex(), &Silent)
}

/// A header before zeros.
struct Zeros {
    header: MemorySource,
    len: u64,
}

impl Zeros {
    fn open(name: &str, tensors: &[Listed]) -> Result<Safetensors> {
        Safetensors::open(Box::new(Self::new(name, tensors)?))
    }

    fn new(name: &str, tensors: &[Listed]) -> Result<Self> {
        let mut header = Map::new();
        for (path, dtype, shape) in tensors {
            header.insert(path.clone(), json!({ "dtype": dtype, "shape": shape }));
        }
        let mut end = 0;
        for entry in header.values_mut() {
            let sides = entry["shape"].as_array().into_iter().flatten().filter_map(Value::as_u64);
            let count = sides.product::<u64>();
            if count > MOST_NUMBERS as u64 {
                let reason = "it is larger than this can be asked for".to_owned();
                return Err(Error::UnsupportedCheckpoint { checkpoint: name.to_owned(), reason });
            }
            let size = match entry["dtype"].as_str() {
                Some("F32") => 4,
                Some("F64" | "I64") => 8,
                Some("U8" | "F8_E4M3") => 1,
                _ => 2,
            };
            let start = end;
            end += size * count;
            entry["data_offsets"] = json!([start, end]);
        }
        let header = Value::Object(header).to_string().into_bytes();
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        let len = bytes.len() as u64 + end;
        Ok(Self { header: MemorySource::new(name.to_owned(), bytes), len })
    }
}

impl ByteSource for Zeros {
    fn name(&self) -> &str {
        self.header.name()
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        assert!(offset + len as u64 <= self.len, "{len} bytes at {offset} are beyond the end");
        if offset < self.header.len() { self.header.read(offset, len) } else { Ok(vec![0; len]) }
    }
}
