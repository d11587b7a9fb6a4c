//! The prompt of each segment, where a wildcard text gives it one.

use std::rc::Rc;

use super::loras::LoraPipes;
use super::run::Detailer;
use crate::diffusion::{Conditioning, Pipe};
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
    /// Whatever the text gives it.
    Given(Given),
    /// It is left out.
    Skip,
    /// It is left out, and so are all after it.
    Stop,
}

/// What a segment has instead of what its node is given.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// `None` keeps the segment's seed.
    pub(super) seed: Option<u64>,
    /// `None` keeps the node's positive prompt.
    pub(super) positive: Option<Conditioning>,
    /// The node's model under the LoRAs of the text; `None` keeps it as it is.
    pub(super) pipe: Option<Rc<Pipe>>,
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
        loras: &mut LoraPipes,
        index: usize,
        label: &str,
        seed: u64,
    ) -> Result<Chosen> {
        let Some(prompts) = &mut self.0 else {
            return Ok(Chosen::Given(Given::default()));
        };
        let (text, own_seed) = match prompts.next(label) {
            SegmentPrompt::Text { text, seed } => (text, seed),
            SegmentPrompt::Skip => return Ok(Chosen::Skip),
            SegmentPrompt::Stop => return Ok(Chosen::Stop),
        };
        if text.is_empty() {
            return Ok(Chosen::Given(Given { seed: own_seed, ..Given::default() }));
        }
        let none = WildcardFiles::default();
        let files = detailer.wildcards.unwrap_or(&none);
        let prompt = resolve(&text, own_seed.unwrap_or(seed), files)?;
        let base = detailer.base;
        let mut note = |note| detailer.monitor.report(Event::Note { segment: index, note });
        let pipe = loras.under(base.pipe, detailer.loras, &prompt.loras, &mut note)?;
        let own = encode(pipe.as_deref().unwrap_or(base.pipe), &prompt.parts)?;
        // The node's prompt keeps the encoding it was made with, without the LoRAs.
        let positive = if prompts.concat { base.positive.concat(&own) } else { own };
        Ok(Chosen::Given(Given { seed: own_seed, positive: Some(positive), pipe }))
    }
}

/// The parts of a prompt, encoded one by one and joined.
fn encode(pipe: &Pipe, parts: &[String]) -> Result<Conditioning> {
    let mut whole: Option<Conditioning> = None;
    for part in parts {
        let part = pipe.encode_prompt(part)?;
        whole = Some(whole.map_or(part.clone(), |whole| whole.concat(&part)));
    }
    whole.map_or_else(|| pipe.encode_prompt(""), Ok)
}
