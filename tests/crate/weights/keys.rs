use burnish::weights::keys;

use crate::support::{Checkpoint, test_device, tiny_clip};

#[test]
fn old_files_have_the_text_encoder_one_level_up() {
    for prefix in ["cond_stage_model.transformer.text_model", "cond_stage_model.transformer"] {
        let file = tiny_clip(prefix).open();
        assert_eq!(keys::CLIP.find(&file), Some(prefix));
        assert!(keys::CLIP.of(&file, &test_device()).unwrap().has("final_layer_norm.weight"));
    }
}

#[test]
fn a_file_without_a_network_says_which() {
    let file = Checkpoint::default().add("decoder.conv_in.weight", &[1]).open();
    let message = keys::UNET.of(&file, &test_device()).unwrap_err().to_string();
    assert_eq!(
        message,
        "\"tiny.safetensors\" cannot be loaded: it holds no UNet: \
         there is no model.diffusion_model.input_blocks.0.0.weight"
    );
}
