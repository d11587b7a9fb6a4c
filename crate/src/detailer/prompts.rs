//! The prompt of each segment, where a wildcard text gives it one.

use super::run::Detailer;
use crate::diffusion::Conditioning;
use crate::error::Result;
use crate::monitor::Event;
use crate::segs::Segs;
use crate::wildcards::{SegmentPrompt, SegmentPrompts, WildcardFiles, resolve};

/// A wildcard text at work. Everything it leaves to chance follows from the node's seed.
#[derive(Debug, Default)]
pub(super) struct Prompts(Option<SegmentPrompts>);

/// What a segment is to be made from.
#[derive(Debug)]
pub(super) enum Chosen {
    /// Another seed than the segment's, and another positive prompt than the node's.
    Given {
        /// `None` keeps the segment's.
        seed: Option<u64>,
        /// `None` keeps the node's.
        positive: Option<Conditioning>,
    },
    /// It is left out.
    Skip,
    /// It is left out, and so are all after it.
    Stop,
}

impl Prompts {
    /// Divides the text in the settings and brings `segs` into the order it asks for.
    pub(super) fn new(detailer: &Detailer<'_>, segs: &mut Segs) -> Self {
        let settings = detailer.settings;
        if settings.wildcard.is_empty() {
            return Self::default();
        }
        let prompts = SegmentPrompts::new(&settings.wildcard, settings.seed);
        prompts.order.sort(segs);
        Self(Some(prompts))
    }

    /// For the next segment, number `index` with this label and seed.
    pub(super) fn next(
        &mut self,
        detailer: &Detailer<'_>,
        index: usize,
        label: &str,
        seed: u64,
    ) -> Result<Chosen> {
        let Some(prompts) = &mut self.0 else {
            return Ok(Chosen::Given { seed: None, positive: None });
        };
        let (text, own_seed) = match prompts.next(label) {
            SegmentPrompt::Text { text, seed } => (text, seed),
            SegmentPrompt::Skip => return Ok(Chosen::Skip),
            SegmentPrompt::Stop => return Ok(Chosen::Stop),
        };
        let positive = if text.is_empty() {
            None
        } else {
            let own = encode(detailer, index, &text, own_seed.unwrap_or(seed))?;
            Some(if prompts.concat { detailer.base.positive.concat(&own) } else { own })
        };
        Ok(Chosen::Given { seed: own_seed, positive })
    }
}

fn encode(detailer: &Detailer<'_>, segment: usize, text: &str, seed: u64) -> Result<Conditioning> {
    let none = WildcardFiles::default();
    let prompt = resolve(text, seed, detailer.wildcards.unwrap_or(&none))?;
    for lora in &prompt.loras {
        let note = format!("the LoRA {:?} is left out: LoRAs cannot be applied yet", lora.name);
        detailer.monitor.report(Event::Note { segment, note });
    }
    let mut whole: Option<Conditioning> = None;
    for part in &prompt.parts {
        let part = detailer.base.pipe.encode_prompt(part)?;
        whole = Some(whole.map_or(part.clone(), |whole| whole.concat(&part)));
    }
    whole.map_or_else(|| detailer.base.pipe.encode_prompt(""), Ok)
}
