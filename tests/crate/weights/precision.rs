use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};
use burnish::diffusion::{Check, Lora, LoraStrength, ModelManifest, Pipe, verify};
use burnish::monitor::Silent;
use burnish::ops::{Activation, Storage, linear};
use burnish::weights::{FileSource, Precision, Recognised, Safetensors, Weights};
use pollster::block_on;

use crate::support::{Checkpoint, assert_close, gpu, noise, test_device, tiny_checkpoint, values};

/// A matrix whose sides come in fours and one whose do not.
fn matrices() -> Checkpoint {
    let mut file = Checkpoint::default();
    file.add("even", &[64, 36]).add("odd", &[64, 35]).add("conv", &[12, 8, 3, 3]);
    file
}

fn storages(file: &Rc<Safetensors>, precision: Precision, device: &Device) -> [Storage; 3] {
    let weights = Weights::new(file.clone(), device.clone()).stored(precision);
    let linear = |name: &str| weights.linear_weight(name).unwrap().storage();
    [linear("even"), linear("odd"), weights.conv_weight("conv").unwrap().0.storage()]
}

#[test]
fn half_precision_of_the_file_is_kept_and_nothing_else_is_rounded() {
    use Storage::{F16, F32, Int4, Int8};
    let Some(device) = gpu() else { return };
    let (half, single) = (matrices().open_half(), matrices().open());
    let rows = [
        (&half, Precision::Auto, F16),
        (&half, Precision::F32, F32),
        (&single, Precision::Auto, F32),
        (&single, Precision::F16, F16),
        (&single, Precision::Int8, Int8),
        (&half, Precision::Int4, Int4),
    ];
    for (file, precision, storage) in rows {
        assert_eq!(storages(file, precision, &device), [storage, F32, storage], "{precision:?}");
        assert_eq!(storages(file, precision, &test_device()), [F32; 3], "{precision:?}");
    }
    let text_encoder = Weights::new(single, device.clone()).rounded_to_half();
    assert_eq!(text_encoder.linear_weight("even").unwrap().storage(), F16);
}

/// A product by an identity shows the weight itself.
#[test]
fn values_are_where_they_belong_in_every_storage() {
    let Some(device) = gpu() else { return };
    let file = matrices().open_half();
    let plain = Weights::new(file.clone(), test_device()).linear_weight("even").unwrap();
    let plain = values(plain.plain().unwrap().clone());
    for (precision, limit) in
        [(Precision::Auto, 0.0), (Precision::Int8, 2e-3), (Precision::Int4, 3e-2)]
    {
        let weights = Weights::new(file.clone(), device.clone()).stored(precision);
        let weight = weights.linear_weight("even").unwrap();
        let found = linear(Tensor::<2>::eye(36, &device), &weight, None, Activation::None, None);
        assert_close(&values(found), &plain, limit);
    }
}

fn path(name: &str) -> String {
    format!("{}/../{name}", env!("CARGO_MANIFEST_DIR"))
}

/// How far the embedded model, a file in f16, is from what was recorded of it.
fn checks(precision: Precision, device: &Device) -> Vec<Check> {
    let open =
        |name: &str| Safetensors::open(Box::new(FileSource::open(path(name)).unwrap())).unwrap();
    let manifest = std::fs::read_to_string(path("models/embedded.json")).unwrap();
    let manifest: ModelManifest = serde_json::from_str(&manifest).unwrap();
    let file = Rc::new(open(&format!("models/{}", manifest.file)));
    let pipe = Pipe::load_stored(file, &manifest, device, precision, &Silent).unwrap();
    block_on(verify(&pipe, &open("tests/golden/embedded/embedded.safetensors"))).unwrap()
}

#[test]
fn a_network_is_as_exact_as_its_weights() {
    let Some(device) = gpu() else { return };
    let exact = checks(Precision::F32, &device);
    let rows = [(Precision::Auto, 0.0), (Precision::Int8, 0.05), (Precision::Int4, 0.5)];
    for (precision, limit) in rows {
        for (check, exact) in checks(precision, &device).iter().zip(&exact) {
            let more = check.relative_error - exact.relative_error;
            assert!(more <= limit, "{precision:?}: {check:?}, {exact:?} in f32");
        }
    }
}

/// What is changed is unpacked, changed and packed again; the rest is shared.
#[test]
fn a_lora_goes_on_packed_weights() {
    let Some(device) = gpu() else { return };
    let manifest = ModelManifest { clip_heads: Some(4), ..ModelManifest::sd15("tiny") };
    let load = |precision, device: &Device| {
        let file = tiny_checkpoint(4).open_half();
        Pipe::load_stored(file, &manifest, device, precision, &Silent).unwrap()
    };
    let lora = crate::diffusion::lora::tiny_lora();
    let lora = Lora::open("style.safetensors", Box::new(lora.source())).unwrap();
    let strength = LoraStrength { lora, model: 1.0, clip: 1.0 };
    let answer = |pipe: &Pipe, device: &Device| {
        let text = pipe.clip.encode("a cat").unwrap();
        let context = pipe.unet.context(text);
        let latent = TensorData::new(noise(2, 64), [1, 4, 4, 4]);
        let latent = Tensor::<4>::from_data(latent, device);
        values(pipe.unet.forward(latent, &[500.0], &context))
    };
    let plain = load(Precision::F32, &test_device());
    let wanted =
        answer(&plain.with_loras(std::slice::from_ref(&strength)).unwrap(), &test_device());
    let spread = wanted.iter().fold(0_f32, |most, value| most.max(value.abs()));
    let rows = [
        (Precision::Auto, 1e-4),
        (Precision::F16, 5e-3),
        (Precision::Int8, 0.1),
        (Precision::Int4, 1.0),
    ];
    for (precision, limit) in rows {
        let pipe = load(precision, &device);
        let before = answer(&pipe, &device);
        let under = pipe.with_loras(std::slice::from_ref(&strength)).unwrap();
        let found = answer(&under, &device);
        assert_ne!(found, before, "{precision:?}");
        assert_close(&found, &wanted, limit * spread);
        assert_eq!(answer(&pipe, &device), before, "{precision:?}: the base is as it was");
    }
}

#[test]
fn what_does_not_fit_is_said_with_both_sizes() {
    let recognised = Recognised::of(&tiny_checkpoint(4).open());
    let most = recognised.gpu_bytes.f32 - 1;
    let problem = recognised.problem(Precision::F32, most).unwrap();
    assert!(problem.starts_with("\"tiny.safetensors\" needs "), "{problem}");
    assert!(problem.ends_with("it takes a graphics card"), "{problem}");
    assert_eq!(recognised.problem(Precision::Int4, most), None);
    assert!(recognised.sentence(Precision::F32).contains("of graphics memory."));
}

#[test]
fn precisions_have_names() {
    for (name, precision) in Precision::NAMES {
        assert_eq!((Precision::named(name).unwrap(), precision.name()), (precision, name));
    }
    let error = Precision::named("fp16").unwrap_err().to_string();
    assert_eq!(error, "unknown precision \"fp16\", expected one of auto, f32, f16, int8, int4");
}
