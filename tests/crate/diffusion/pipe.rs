//! Tests of `crate/src/diffusion/pipe.rs`.

use std::cell::RefCell;

use burnish::Error;
use burnish::diffusion::{ModelManifest, Pipe};
use burnish::monitor::{Event, Monitor, Silent};

use crate::support::{TEXT, test_device, tiny_checkpoint};

fn manifest() -> ModelManifest {
    ModelManifest { clip_heads: Some(4), ..ModelManifest::sd15("tiny") }
}

/// Remembers how many bytes were read, and stops once half of them are.
#[derive(Default)]
struct Half {
    seen: RefCell<Vec<(u64, u64)>>,
    stops: bool,
}

impl Monitor for Half {
    fn report(&self, event: Event) {
        if let Event::Loading { done_bytes, total_bytes } = event {
            self.seen.borrow_mut().push((done_bytes, total_bytes));
        }
    }

    fn cancelled(&self) -> bool {
        self.stops && self.seen.borrow().last().is_some_and(|(done, total)| 2 * done > *total)
    }
}

#[test]
fn loading_reports_every_tensor_up_to_the_last_byte() {
    let monitor = Half::default();
    let file = tiny_checkpoint(4).open();
    Pipe::load(file, &manifest(), &test_device(), &monitor).expect("is complete");
    let seen = monitor.seen.borrow();
    assert!(seen.len() > 100, "{} reports", seen.len());
    assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 == pair[1].1));
    assert!(seen.last().is_some_and(|(done, total)| done == total));
}

#[test]
fn loading_stops_when_it_is_no_longer_wanted() {
    let monitor = Half { stops: true, ..Half::default() };
    let file = tiny_checkpoint(4).open();
    let loaded = Pipe::load(file, &manifest(), &test_device(), &monitor);
    assert_eq!(loaded.err(), Some(Error::Cancelled));
}

#[test]
fn a_model_with_other_inputs_is_refused_by_their_number() {
    let file = tiny_checkpoint(5).open();
    let loaded = Pipe::load(file, &manifest(), &test_device(), &Silent);
    let message = loaded.expect_err("is not supported").to_string();
    assert_eq!(
        message,
        "\"tiny.safetensors\" cannot be loaded: its UNet takes 5 channels, 4 \
         are needed, or 9 to inpaint"
    );
}

#[test]
fn a_prompt_becomes_chunks_of_77_tokens() {
    let file = tiny_checkpoint(4).open();
    let pipe = Pipe::load(file, &manifest(), &test_device(), &Silent).expect("is complete");
    let tokens = |text: &str| pipe.encode_prompt(text).expect("is text").texts[0].cross_attn.dims();
    assert_eq!(tokens(""), [1, 77, TEXT]);
    assert_eq!(tokens(&"a red hat, ".repeat(30)), [1, 154, TEXT]);
}

#[test]
fn a_manifest_needs_no_more_than_a_name() {
    let manifest: ModelManifest = serde_json::from_str(r#"{ "name": "x", "bytes": 7 }"#).unwrap();
    assert_eq!(manifest, ModelManifest { file: String::new(), ..ModelManifest::sd15("x") });
}
