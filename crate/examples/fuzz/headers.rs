//! Files as their headers say they are, without the numbers that would follow.

use burnish::weights::{ByteSource, MemorySource, recognise};

/// Headers to begin with: tensors by path and shape.
const SEEDS: [&[(&str, &[usize])]; 5] = [
    &[
        ("model.diffusion_model.input_blocks.0.0.weight", &[320, 4, 3, 3]),
        ("model.diffusion_model.input_blocks.1.1.proj_in.weight", &[320, 320]),
        ("model.diffusion_model.a.attn2.to_k.weight", &[320, 2048]),
        ("model.diffusion_model.label_emb.0.0.weight", &[1280, 2816]),
        ("first_stage_model.decoder.conv_in.weight", &[512, 4, 3, 3]),
        ("conditioner.embedders.1.model.token_embedding.weight", &[49408, 1280]),
    ],
    &[("lora_unet_a_attn2_to_k.lora_down.weight", &[4, 768]), ("lora_unet_a.alpha", &[])],
    &[("down_blocks.0.motion_modules.0.temporal_transformer.pos_encoder.pe", &[1, 32, 320])],
    &[("1.weight", &[64, 4, 3, 3]), ("3.conv.0.weight", &[64, 64, 3, 3]), ("clip_g", &[3, 1280])],
    &[
        ("decoder.mid.block_1.norm1.weight", &[512]),
        ("decoder.conv_in.weight", &[512, 4, 3, 3]),
        ("control_model.zero_convs.0.0.weight", &[320, 320, 1, 1]),
    ],
];

/// The seeds as JSON.
pub fn seeds() -> Vec<Vec<u8>> {
    let header = |tensors: &&[(&str, &[usize])]| {
        let mut end = 0;
        let entries = tensors.iter().map(|(path, shape)| {
            let start = end;
            end += 2 * shape.iter().product::<usize>();
            format!("\"{path}\":{{\"dtype\":\"F16\",\"shape\":{shape:?},\"data_offsets\":[{start},{end}]}}")
        });
        format!("{{{}}}", entries.collect::<Vec<_>>().join(",")).into_bytes()
    };
    SEEDS.iter().map(header).collect()
}

/// Reads the input as the header of a file that is as long as it says, and as a file.
pub fn feed(input: &[u8]) -> Result<String, String> {
    drop(recognise(Box::new(MemorySource::new("raw", input.to_vec()))).map(|it| it.to_string()));
    let mut bytes = (input.len() as u64).to_le_bytes().to_vec();
    bytes.extend(input);
    let len = bytes.len() as u64 + claimed_len(input);
    let source = Claiming { bytes: MemorySource::new("claimed", bytes), len };
    let known = recognise(Box::new(source)).map_err(|error| error.to_string())?;
    let sentence = known.to_string();
    assert!(sentence.ends_with('.') && sentence.contains("claimed"), "{sentence}");
    assert!(known.gpu_bytes.f32 / 4 <= known.parameters, "no more is loaded than there is");
    assert_eq!(
        known.checkpoint_family().is_ok(),
        known.usable_as.is_some_and(|it| it.id() == "checkpoint")
    );
    Ok(format!("{} {:?} {:?}", known.kind.id(), known.family, known.variant))
}

/// The largest number in the text that could be an end of data.
fn claimed_len(input: &[u8]) -> u64 {
    let numbers = input.split(|byte| !byte.is_ascii_digit());
    let numbers = numbers.filter_map(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    numbers.filter(|number| *number < 1 << 50).max().unwrap_or(0)
}

/// A file that is longer than what is there of it; reading beyond that is a mistake.
struct Claiming {
    bytes: MemorySource,
    len: u64,
}

impl ByteSource for Claiming {
    fn name(&self) -> &str {
        self.bytes.name()
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn read(&self, offset: u64, len: usize) -> burnish::Result<Vec<u8>> {
        assert!(len as u64 <= self.bytes.len().max(64), "{len} bytes asked of a header");
        self.bytes.read(offset, len)
    }
}
