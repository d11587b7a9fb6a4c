//! Bindings for JavaScript: decode, check, call, encode. No arithmetic, and nothing imports this.
//!
//! One [`Burnish`] lives in one worker and holds one device and one model. Pictures cross as bytes,
//! everything else as plain objects; failures as `{ code, message }`.

mod additions;
mod answer;
mod control;
mod convert;
mod device;
mod error;
mod hook;
mod monitor;
mod motion;
mod request;
mod source;
mod start;
mod tables;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::Device;
use js_sys::{Function, Object};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use self::error::{JsResult, busy, no_model};
use self::monitor::JsMonitor;
use self::request::{Marked, Request};
use crate::detailer::hooks::hook_chain;
use crate::detailer::{Detailed, Detailer, LoraPipes, find_node, segs_from_masks};
use crate::diffusion::{
    BasicPipe, ControlNets, LoraFiles, MotionFiles, Painter, Pipe, load_taesd, verify,
};
use crate::models::clip::embedding_tokens;
use crate::monitor::{Event, Monitor};
use crate::segs::{Segs, scale_match, segs_to_json};
use crate::weights::{Precision, Recognised, Safetensors};
use crate::wildcards::lora_tags;

/// A device and the model loaded on it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Burnish {
    device: Device,
    about: device::About,
    pipe: RefCell<Option<Rc<Pipe>>>,
    refiner: RefCell<Option<Rc<Pipe>>>,
    loras: RefCell<LoraFiles>,
    /// What the prompts of the last run made of the model.
    lora_pipes: RefCell<LoraPipes>,
    control_nets: RefCell<ControlNets>,
    motion: RefCell<MotionFiles>,
    embeddings: RefCell<BTreeMap<String, Rc<Safetensors>>>,
    /// What paints previews, and of which models.
    painter: RefCell<Option<Painter>>,
    running: Cell<bool>,
    cancelled: Rc<Cell<bool>>,
}

#[wasm_bindgen]
impl Burnish {
    /// Opens `"webgpu"` or `"cpu"`, whichever this build holds.
    ///
    /// # Errors
    /// `no_webgpu` when the browser grants no adapter, `wrong_build` for the other backend's name.
    pub async fn create(backend: String) -> JsResult<Burnish> {
        let (device, about) = device::open(&backend).await?;
        Ok(Self {
            device,
            about,
            pipe: RefCell::new(None),
            refiner: RefCell::new(None),
            loras: RefCell::default(),
            lora_pipes: RefCell::default(),
            control_nets: RefCell::default(),
            motion: RefCell::default(),
            embeddings: RefCell::default(),
            painter: RefCell::default(),
            running: Cell::new(false),
            cancelled: Rc::new(Cell::new(false)),
        })
    }

    /// What runs the networks: `{ kind: "gpu" | "software" | "cpu", name, detail }`.
    pub fn device(&self) -> JsResult<JsValue> {
        convert::to_js(&self.about)
    }

    /// Samplers, schedulers, nodes and hooks with their settings, defaults and ranges.
    pub fn tables() -> JsResult<JsValue> {
        tables::tables()
    }

    /// Reads a checkpoint from `source`, an object `{ name, size, read(offset, length) }` whose
    /// `read` answers at once with a `Uint8Array`, or `{ name, parts }` with such an object for each
    /// file of a pipeline in the layout of diffusers. `manifest` is the parsed `models/*.json`, or
    /// `null` for a plain SD 1.x checkpoint. `precision` is how weights are kept on the device,
    /// `"auto"` (unless given), `"f32"`, `"f16"`, `"int8"` or `"int4"`.
    ///
    /// # Errors
    /// `too_large` for a model that no browser has the memory for.
    pub fn load_pipe(
        &self,
        manifest: JsValue,
        source: Object,
        on_event: Function,
        precision: Option<String>,
    ) -> JsResult<JsValue> {
        self.load(&self.pipe, manifest, source, on_event, precision)
    }

    /// Reads a second checkpoint, which takes over for the last steps of nodes that have a
    /// `refiner_ratio`. Arguments as for [`Self::load_pipe`].
    pub fn load_refiner(
        &self,
        manifest: JsValue,
        source: Object,
        on_event: Function,
        precision: Option<String>,
    ) -> JsResult<JsValue> {
        self.load(&self.refiner, manifest, source, on_event, precision)
    }

    /// Goes on without the second checkpoint.
    pub fn drop_refiner(&self) -> JsResult<()> {
        let _busy = self.begin()?;
        self.refiner.replace(None);
        Ok(())
    }

    /// Lets prompts use the textual-inversion file in `source` as `embedding:name`; the file is read
    /// again whenever a prompt does. Gives the tokens it takes in a prompt.
    ///
    /// # Errors
    /// `not_embedding` for any other file.
    pub fn add_embedding(&self, name: String, source: Object) -> JsResult<usize> {
        let _busy = self.begin()?;
        let file = Rc::new(Safetensors::open(Box::new(source::JsSource::new(&source)?))?);
        let tokens = embedding_tokens(&file)?;
        self.embeddings.borrow_mut().insert(name, file);
        self.tell_embeddings();
        Ok(tokens)
    }

    /// Forgets the textual-inversion file of that name.
    pub fn remove_embedding(&self, name: &str) -> JsResult<()> {
        let _busy = self.begin()?;
        self.embeddings.borrow_mut().remove(name);
        self.tell_embeddings();
        Ok(())
    }

    /// What a file is, from its header alone: nothing is loaded. `source` as for
    /// [`Self::load_pipe`]; the answer is `{ kind, family, title, sentence, bytes, dtype, parameters,
    /// has_ema, parts, usable_as, needs, gpu_bytes: { auto, f32, f16, int8, int4 }, problem }`, where
    /// `family`, `dtype`, `usable_as` and `problem` may be `null`. The sentence is about weights kept
    /// as `precision` says; `problem` is why they do not fit, as a sentence.
    ///
    /// # Errors
    /// A file with a damaged header, or one that cannot be read.
    pub fn recognise(source: Object, precision: Option<String>) -> JsResult<JsValue> {
        let precision = self::precision(precision)?;
        let recognised = source::recognised(&source)?;
        convert::to_js(&answer::recognised(&recognised, precision))
    }

    /// Puts the VAE of another file in place of the loaded checkpoint's own.
    ///
    /// # Errors
    /// `no_model` before a checkpoint is loaded, or what is wrong with the file.
    pub fn load_vae(&self, source: Object, on_event: Function) -> JsResult<()> {
        let _busy = self.begin()?;
        let file = source::open(&source)?;
        let monitor = JsMonitor::new(on_event, self.cancelled.clone());
        self.lora_pipes.take();
        let mut place = self.pipe.borrow_mut();
        let pipe = place.as_mut().and_then(Rc::get_mut).ok_or_else(no_model)?;
        Ok(pipe.replace_vae(file, &monitor)?)
    }

    /// Lets the TAESD decoder in `source` paint previews, for this checkpoint and later ones it
    /// belongs to.
    ///
    /// # Errors
    /// `unsupported_checkpoint` for any other file.
    pub fn load_taesd(&self, source: Object) -> JsResult<()> {
        let _busy = self.begin()?;
        self.paint_with(Some(load_taesd(source::open(&source)?, &self.device)?));
        Ok(())
    }

    /// Goes on with previews of one colour per cell.
    pub fn drop_taesd(&self) -> JsResult<()> {
        let _busy = self.begin()?;
        self.paint_with(None);
        Ok(())
    }

    /// The segments of a painted mask, `{ node, mask, settings }`, as a JSON document.
    pub fn mask_to_segs(request: JsValue) -> JsResult<String> {
        let node = find_node(&convert::field(&request, "node")?.as_string().unwrap_or_default())?;
        let settings = request::settings(convert::field(&request, "settings")?, node)?;
        settings.validate(node)?;
        let mask = convert::mask(&convert::field(&request, "mask")?)?;
        Ok(segs_to_json(&segs_from_masks(&[mask], &settings))?)
    }

    /// Details a picture as the request's node does.
    pub async fn detail_segs(&self, request: JsValue, on_event: Function) -> JsResult<JsValue> {
        let _busy = self.begin()?;
        let pipe = self.pipe()?;
        let refiner = self.refiner.borrow().clone();
        let request = request::Request::from_js(&request)?;
        let monitor = JsMonitor::new(on_event, self.cancelled.clone());
        let (loras, control_nets) =
            (self.loras.borrow().clone(), self.control_nets.borrow().clone());
        let (motion, pipes) = (self.motion.borrow().clone(), &self.lora_pipes);
        let additions =
            Additions { loras: &loras, pipes, control_nets: &control_nets, motion: &motion };
        let refiner = refiner.as_deref();
        let (segs, detailed) = run(&pipe, refiner, additions, &request, &monitor).await?;
        answer::answer(&request, &segs, &detailed, &monitor.timings())
    }

    /// Replays recorded network inputs from a safetensors file and answers with the relative error
    /// of each output: whether this device computes what it should.
    pub async fn verify(&self, source: Object) -> JsResult<JsValue> {
        let _busy = self.begin()?;
        let pipe = self.pipe()?;
        let recorded = Safetensors::open(Box::new(source::JsSource::new(&source)?))?;
        convert::to_js(&verify(&pipe, &recorded).await?)
    }

    /// Stops the running detail at its next step.
    pub fn cancel(&self) {
        self.cancelled.set(true);
    }

    fn load(
        &self,
        place: &RefCell<Option<Rc<Pipe>>>,
        manifest: JsValue,
        source: Object,
        on_event: Function,
        precision: Option<String>,
    ) -> JsResult<JsValue> {
        let _busy = self.begin()?;
        let precision = self::precision(precision)?;
        let safetensors = Rc::new(source::open(&source)?);
        let manifest = request::manifest(manifest, safetensors.name())?;
        answer::fits(&Recognised::of(&safetensors), precision)?;
        let monitor = JsMonitor::new(on_event, self.cancelled.clone());
        // The old model's memory is returned before the new one's is taken.
        place.replace(None);
        self.lora_pipes.take();
        let pipe = Pipe::load_stored(safetensors, &manifest, &self.device, precision, &monitor)?;
        place.replace(Some(Rc::new(pipe)));
        self.hand_out_painter();
        self.tell_embeddings();
        convert::to_js(&manifest)
    }

    fn paint_with(&self, painter: Option<Painter>) {
        self.lora_pipes.take();
        self.painter.replace(painter);
        self.hand_out_painter();
    }

    /// Gives the checkpoints that are loaded what paints their latents.
    fn hand_out_painter(&self) {
        let painter = self.painter.borrow();
        for place in [&self.pipe, &self.refiner] {
            let mut place = place.borrow_mut();
            // Shared only during a run, and then nothing is loaded.
            if let Some(pipe) = place.as_mut().and_then(Rc::get_mut) {
                pipe.paint_with(painter.as_ref());
            }
        }
    }

    /// Makes the text encoders that are loaded know the embeddings there are.
    fn tell_embeddings(&self) {
        for pipe in [&self.pipe, &self.refiner].iter().filter_map(|pipe| pipe.borrow().clone()) {
            pipe.clip.clear_embeddings();
            for (name, file) in self.embeddings.borrow().iter() {
                pipe.clip.add_embedding(name.clone(), file.clone());
            }
        }
    }

    fn pipe(&self) -> JsResult<Rc<Pipe>> {
        self.pipe.borrow().clone().ok_or_else(no_model)
    }

    /// Refuses a second run, and forgets an old wish to cancel.
    fn begin(&self) -> JsResult<Busy<'_>> {
        if self.running.replace(true) {
            return Err(busy());
        }
        self.cancelled.set(false);
        Ok(Busy(&self.running))
    }
}

/// How weights are kept, by name.
fn precision(name: Option<String>) -> crate::Result<Precision> {
    name.map_or(Ok(Precision::Auto), |name| Precision::named(&name))
}

/// Marks the instance as running until dropped.
struct Busy<'a>(&'a Cell<bool>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Files beside the checkpoints.
#[derive(Clone, Copy)]
struct Additions<'a> {
    loras: &'a LoraFiles,
    pipes: &'a RefCell<LoraPipes>,
    control_nets: &'a ControlNets,
    motion: &'a MotionFiles,
}

async fn run(
    pipe: &Pipe,
    refiner: Option<&Pipe>,
    additions: Additions<'_>,
    request: &Request,
    monitor: &JsMonitor,
) -> crate::Result<(Segs, Detailed)> {
    let Request { node, frames, settings, .. } = request;
    let Additions { loras, pipes, control_nets, motion } = additions;
    let prompts = [request.prompt.as_str(), request.negative.as_str()];
    pipe.clip.set_skip(settings.clip_skip());
    let encoded = pipes.borrow_mut().encode(pipe, Some(loras), prompts)?;
    for note in encoded.notes {
        monitor.report(Event::Note { segment: 0, note });
    }
    let pipe = encoded.pipe.as_deref().unwrap_or(pipe);
    let (positive, negative) = (&encoded.positive, &encoded.negative);
    let wanted = request.motion.as_ref();
    let motion = wanted.map(|wanted| wanted.on(pipe, motion, frames.count)).transpose()?;
    let base = BasicPipe { pipe, motion: motion.as_ref(), positive, negative };
    let detailer = Detailer::new(base, settings, monitor);
    // LoRAs are for the first model alone.
    let refined = refiner.map(|pipe| -> crate::Result<_> {
        pipe.clip.set_skip(settings.clip_skip());
        let [positive, negative] = prompts.map(|prompt| pipe.encode_prompt(&lora_tags(prompt).1));
        Ok([positive?, negative?])
    });
    let refined = refined.transpose()?;
    let refiner = refiner.zip(refined.as_ref());
    let refiner =
        refiner.map(|(pipe, [positive, negative])| BasicPipe::new(pipe, positive, negative));
    let (loras, control_nets) = (Some(loras), Some(control_nets));
    let wildcards = Some(&request.wildcards);
    let keeps_finished = request.keeps_finished;
    let detailer = Detailer { refiner, wildcards, loras, control_nets, keeps_finished, ..detailer };
    let mut hooks = hook_chain(&settings.detailer_hook, &detailer)?;
    hooks.0.extend(request.hooks.iter().map(|hook| Box::new(hook.clone()) as Box<_>));
    let segs = match &request.marked {
        Marked::Masks(masks) => node.segs_from_masks(masks, settings, &mut hooks).await?,
        Marked::Segs(segs) => scale_match(segs.clone(), frames.size)?,
    };
    let segs = request.control_nets.iter().fold(segs, |segs, control| control.apply(segs));
    let detailed = detailer.run(node, frames, segs.clone(), &mut hooks).await?;
    Ok((segs, detailed))
}
