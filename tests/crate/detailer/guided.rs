//! Tests of `crate/src/detailer/control.rs` and `loras.rs`.

use std::cell::RefCell;

use burnish::detailer::hooks::HookChain;
use burnish::detailer::{Detailed, Detailer, DetailerSettings, encode_prompts, find_node};
use burnish::diffusion::{BasicPipe, ControlNets, Lora, LoraFiles};
use burnish::image::preprocess::Preprocessor;
use burnish::monitor::{Event, Monitor, Silent};
use burnish::segs::{ControlMode, SegControl, Segs, with_control};
use pollster::block_on;

use super::for_each::{picture, segs, settings, tiny_pipe};
use crate::diffusion::control::tiny_net;
use crate::diffusion::lora::tiny_lora;
use crate::support::values;

/// Writes notes down.
#[derive(Default)]
struct Notes(RefCell<Vec<String>>);

impl Monitor for Notes {
    fn report(&self, event: Event) {
        if let Event::Note { note, .. } = event {
            self.0.borrow_mut().push(note);
        }
    }
}

fn loras() -> LoraFiles {
    let mut files = LoraFiles::default();
    let mut file = tiny_lora();
    file.add("lora_unet_elsewhere.alpha", &[1]);
    files.insert(Lora::open("style/cat.safetensors", Box::new(file.source())).unwrap());
    files
}

fn run(segs: Segs, wildcard: &str, monitor: &dyn Monitor) -> burnish::Result<Detailed> {
    let pipe = &tiny_pipe();
    let [positive, negative] = &["a cat", "blurry"].map(|text| pipe.encode_prompt(text).unwrap());
    let settings = DetailerSettings { wildcard: wildcard.to_owned(), ..settings() };
    let mut nets = ControlNets::default();
    nets.insert("canny", tiny_net());
    let loras = loras();
    let base = BasicPipe::new(pipe, positive, negative);
    let mut detailer = Detailer::new(base, &settings, monitor);
    (detailer.loras, detailer.control_nets) = (Some(&loras), Some(&nets));
    let node = find_node("DetailerForEach")?;
    block_on(detailer.run(node, &picture(), segs, &mut HookChain::default()))
}

fn control(name: &str, strength: f32, preprocessor: Option<Preprocessor>) -> SegControl {
    let mode = ControlMode::Plain;
    let control_net = name.to_owned();
    SegControl { control_net, strength, mode, preprocessor, control_image: None }
}

#[test]
fn a_tag_changes_the_picture_and_strength_0_does_not() {
    let plain = run(segs(), "hat", &Silent).unwrap();
    let with = run(segs(), "hat <lora:cat:1>", &Silent).unwrap();
    assert_ne!(with.image, plain.image);
    let model_only = run(segs(), "hat <lora:cat:1:0>", &Silent).unwrap();
    assert_ne!(model_only.image, with.image);
    assert_eq!(run(segs(), "hat <lora:cat:0>", &Silent).unwrap().image, plain.image);
}

#[test]
fn what_is_not_as_it_was_asked_for_is_noted() {
    let notes = Notes::default();
    let mut one = segs();
    one.items.truncate(1);
    run(one, "hat <lora:dog:1> <lora:cat:1:LBW=1,0;>", &notes).unwrap();
    assert_eq!(
        *notes.0.borrow(),
        [
            "the LoRA \"dog\" is left out: there is no file of that name",
            "the block weights of the LoRA \"cat\" are left out: it counts as a whole",
            "1 tensors of the LoRA \"style/cat.safetensors\" belong to nothing in this \
             checkpoint: lora_unet_elsewhere.alpha",
        ]
    );
}

#[test]
fn tags_in_the_prompts_change_the_model_and_leave_the_text() {
    let pipe = tiny_pipe();
    let tagged = encode_prompts(&pipe, Some(&loras()), ["a cat<lora:cat:1:0>", "blurry"]).unwrap();
    assert!(tagged.pipe.is_some());
    let plain = encode_prompts(&pipe, None, ["a cat", "blurry"]).unwrap();
    assert!(plain.pipe.is_none() && plain.notes.is_empty());
    let text = |side: &burnish::diffusion::Conditioning| values(side.texts[0].cross_attn.clone());
    assert_eq!(text(&tagged.positive), text(&plain.positive));
    let stronger = encode_prompts(&pipe, Some(&loras()), ["a cat", "blurry<lora:cat:0:1>"]);
    assert_ne!(text(&stronger.unwrap().positive), text(&plain.positive));
}

#[test]
fn control_nets_change_the_picture_and_show_what_they_followed() {
    let plain = run(segs(), "", &Silent).unwrap();
    assert!(plain.cnet_images.is_empty());
    let guided = run(with_control(segs(), &control("canny", 1.0, None), None), "", &Silent);
    let guided = guided.unwrap();
    assert_ne!(guided.image, plain.image);
    assert_eq!(guided.cnet_images.len(), 2);
    assert!(guided.segments.iter().all(|segment| segment.seg.controls.is_empty()));
    let inverted = control("canny", 1.0, Some(Preprocessor::Invert));
    let inverted = run(with_control(segs(), &inverted, None), "", &Silent).unwrap();
    let expected: Vec<f32> = guided.cnet_images[0].data.iter().map(|value| 1.0 - value).collect();
    assert_eq!(inverted.cnet_images[0].data, expected);
}

#[test]
fn a_control_net_of_strength_0_changes_nothing() {
    let plain = run(segs(), "", &Silent).unwrap();
    let guided = run(with_control(segs(), &control("canny", 0.0, None), None), "", &Silent);
    assert_eq!(guided.unwrap().image, plain.image);
}

#[test]
fn an_unknown_control_net_is_an_error() {
    let guided = with_control(segs(), &control("pose", 1.0, None), None);
    assert_eq!(
        run(guided, "", &Silent).unwrap_err().to_string(),
        "unknown ControlNet \"pose\", add its file first; at hand: canny"
    );
}
