use burnish::diffusion::{Lora, LoraFiles, LoraStrength, Pipe};

use crate::detailer::for_each::tiny_pipe;
use crate::support::{CHANNELS, Checkpoint, TEXT, assert_close, noise_tensor, values};

const C: usize = CHANNELS;

/// Changes a layer of the UNet and one of the text encoder.
pub fn tiny_lora() -> Checkpoint {
    let mut file = Checkpoint::default();
    file.add("lora_unet_mid_block_resnets_0_conv1.diff", &[C, C, 3, 3]);
    file.add("lora_te_text_model_encoder_layers_0_mlp_fc1.diff", &[4 * TEXT, TEXT]);
    file
}

fn strength(model: f32, clip: f32) -> LoraStrength {
    let lora = Lora::open("style.safetensors", Box::new(tiny_lora().source())).unwrap();
    LoraStrength { lora, model, clip }
}

/// What UNet and text encoder answer.
fn answers(pipe: &Pipe) -> [Vec<f32>; 2] {
    let text = pipe.clip.encode("a cat").unwrap();
    let context = pipe.unet.context(noise_tensor(1, [1, 7, TEXT]));
    let eps = pipe.unet.forward(noise_tensor(2, [1, 4, 4, 4]), &[500.0], &context);
    [values(eps), values(text)]
}

#[test]
fn each_strength_counts_for_its_network_and_the_base_stays_as_it_was() {
    let pipe = tiny_pipe();
    let plain = answers(&pipe);
    let by_model = answers(&pipe.with_loras(&[strength(1.0, 0.0)]).unwrap());
    assert_ne!(by_model[0], plain[0]);
    assert_eq!(by_model[1], plain[1]);
    let by_clip = answers(&pipe.with_loras(&[strength(0.0, 1.0)]).unwrap());
    assert_eq!(by_clip[0], plain[0]);
    assert_ne!(by_clip[1], plain[1]);
    assert_eq!(answers(&pipe), plain);
    assert_eq!(answers(&pipe.with_loras(&[strength(0.0, 0.0)]).unwrap()), plain);
}

#[test]
fn a_second_one_goes_on_top_of_the_first() {
    let pipe = tiny_pipe();
    let stacked =
        pipe.with_loras(&[strength(0.75, 0.5)]).unwrap().with_loras(&[strength(0.25, 0.5)]);
    let at_once = pipe.with_loras(&[strength(1.0, 1.0)]).unwrap();
    let (stacked, at_once) = (answers(&stacked.unwrap()), answers(&at_once));
    for (stacked, at_once) in stacked.iter().zip(&at_once) {
        assert_close(stacked, at_once, 2e-5);
    }
}

#[test]
fn clip_skip_stays() {
    let pipe = tiny_pipe();
    pipe.clip.set_skip(1);
    let under = pipe.with_loras(&[strength(1.0, 0.0)]).unwrap();
    assert_eq!(answers(&under)[1], answers(&pipe)[1]);
}

#[test]
fn files_are_known_by_name_until_they_are_removed() {
    let mut files = LoraFiles::default();
    files.insert(strength(1.0, 1.0).lora);
    assert_eq!(files.names().collect::<Vec<_>>(), ["style.safetensors"]);
    assert!(files.get("style.safetensors").is_some());
    assert!(files.remove("style.safetensors"));
    assert!(!files.remove("style.safetensors"));
}
