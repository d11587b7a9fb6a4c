//! Prompts with `<lora:...>` tags, and the models those ask for.

use std::rc::Rc;

use crate::diffusion::{Conditioning, LoraFiles, LoraStrength, Pipe};
use crate::error::Result;
use crate::wildcards::{LoraTag, lora_tags};

/// Most names of a LoRA's tensors that a note lists.
const LISTED: usize = 5;

/// The model under the LoRAs of a prompt, remembered while the next prompt, or the next run, asks for
/// the same.
#[derive(Debug, Default)]
pub struct LoraPipes(Option<Rc<Pipe>>);

impl LoraPipes {
    /// `pipe` under the LoRAs of `tags`, in order; `None` if none of them is at hand. `note` is
    /// told of all that is not as it was asked for.
    pub(super) fn under(
        &mut self,
        pipe: &Pipe,
        files: Option<&LoraFiles>,
        tags: &[LoraTag],
        note: &mut dyn FnMut(String),
    ) -> Result<Option<Rc<Pipe>>> {
        let loras = strengths(files, tags, note);
        if loras.is_empty() {
            return Ok(None);
        }
        for (name, unmatched) in pipe.match_loras(&loras)?.unmatched() {
            if !unmatched.is_empty() {
                note(left_out(name, unmatched));
            }
        }
        if let Some(known) = self.0.as_ref().filter(|known| known.is_with_loras(pipe, &loras)) {
            known.clip.take_over(&pipe.clip);
            return Ok(Some(known.clone()));
        }
        // The memory of the last one is returned before the next one's is taken.
        self.0 = None;
        let pipe = Rc::new(pipe.with_loras(&loras)?);
        self.0 = Some(pipe.clone());
        Ok(Some(pipe))
    }

    /// [`encode_prompts`], with the model that the prompts before asked for if these ask for the
    /// same; it is given up if they ask for none.
    pub fn encode(
        &mut self,
        pipe: &Pipe,
        files: Option<&LoraFiles>,
        [positive, negative]: [&str; 2],
    ) -> Result<EncodedPrompts> {
        let [(mut tags, positive), (more, negative)] = [lora_tags(positive), lora_tags(negative)];
        for tag in more {
            if tags.iter().all(|known| known.name != tag.name) {
                tags.push(tag);
            }
        }
        let mut notes = Vec::new();
        let under = self.under(pipe, files, &tags, &mut |note| notes.push(note))?;
        if under.is_none() {
            self.0 = None;
        }
        let pipe = under.as_deref().unwrap_or(pipe);
        let [positive, negative] = [pipe.encode_prompt(&positive)?, pipe.encode_prompt(&negative)?];
        Ok(EncodedPrompts { positive, negative, pipe: under, notes })
    }
}

/// Both prompts of a run, encoded, and the model they are for if their LoRA tags change it.
#[derive(Debug)]
pub struct EncodedPrompts {
    /// To go towards.
    pub positive: Conditioning,
    /// To go away from.
    pub negative: Conditioning,
    /// The model under the LoRAs of the tags.
    pub pipe: Option<Rc<Pipe>>,
    /// What is not as it was asked for, as sentences.
    pub notes: Vec<String>,
}

/// Takes the LoRA tags out of both prompts, puts the LoRAs on the model and encodes what is left.
pub fn encode_prompts(
    pipe: &Pipe,
    files: Option<&LoraFiles>,
    prompts: [&str; 2],
) -> Result<EncodedPrompts> {
    LoraPipes::default().encode(pipe, files, prompts)
}

fn strengths(
    files: Option<&LoraFiles>,
    tags: &[LoraTag],
    note: &mut dyn FnMut(String),
) -> Vec<LoraStrength> {
    let mut loras = Vec::new();
    for tag in tags {
        let found = files.and_then(|files| files.get(tag.find(files.names())?));
        let Some(lora) = found else {
            note(format!("the LoRA {:?} is left out: there is no file of that name", tag.name));
            continue;
        };
        if tag.blocks.is_some() {
            let name = &tag.name;
            note(format!(
                "the block weights of the LoRA {name:?} are left out: it counts as a whole"
            ));
        }
        let (model, clip) = (tag.model_weight as f32, tag.clip_weight as f32);
        loras.push(LoraStrength { lora: lora.clone(), model, clip });
    }
    loras
}

fn left_out(name: &str, unmatched: &[String]) -> String {
    let listed = unmatched.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if unmatched.len() > LISTED { ", ..." } else { "" };
    let count = unmatched.len();
    format!(
        "{count} tensors of the LoRA {name:?} belong to nothing in this checkpoint: {listed}{more}"
    )
}
