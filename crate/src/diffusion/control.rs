//! ControlNets at work on the texts of a run.

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};

use super::Pipe;
use super::inpaint::centred;
use super::latent::CELL;
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::image::Frames;
use crate::image::resize::nearest_exact;
use crate::models::controlnet::{ControlNet, Residuals};
use crate::models::unet::ContextCache;
use crate::monitor::Monitor;
use crate::sampling::ModelSampling;
use crate::sampling::math::latent_tensor;
use crate::weights::keys::control_net;
use crate::weights::{LoadProgress, Safetensors};

/// A ControlNet that guides a text, after those before it in the text's list.
#[derive(Debug, Clone)]
pub struct Control {
    /// The network.
    pub net: Rc<ControlNet>,
    /// What it follows, in colour and of any size: one picture, or one for each item of the batch.
    pub hint: Rc<Frames>,
    /// Factor of everything it adds.
    pub strength: f32,
    /// When it counts: shares of the way from full noise (0) to none (1).
    pub range: [f64; 2],
}

/// The ControlNets at hand, by the names segments know them by.
#[derive(Clone, Debug, Default)]
pub struct ControlNets(BTreeMap<String, Rc<ControlNet>>);

impl ControlNets {
    /// Adds a network, in place of another of that name.
    pub fn insert(&mut self, name: impl Into<String>, net: Rc<ControlNet>) {
        self.0.insert(name.into(), net);
    }

    /// Forgets the network of a name; whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    /// The network of a name, or an error that names those there are.
    pub fn get(&self, name: &str) -> Result<&Rc<ControlNet>> {
        self.0.get(name).ok_or_else(|| Error::UnknownControlNet {
            name: name.to_owned(),
            known: self.0.keys().cloned().collect(),
        })
    }
}

/// Ends of the names of files whose additions count as their mean over the picture.
const AVERAGING: [&str; 2] = ["_shuffle", "_shuffle_fp16"];

/// Whether a file's name, of which no folder and no ending counts, says that its additions are
/// averaged.
fn averages(file: &str) -> bool {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    AVERAGING.iter().any(|end| stem.ends_with(end))
}

/// Reads a ControlNet in the layout of a single file or of diffusers.
pub fn load_control_net(
    file: Safetensors,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<ControlNet> {
    let (total_bytes, averages) = (file.byte_len(), averages(file.name()));
    let weights = control_net(file, device)?;
    let progress = LoadProgress::new(monitor, total_bytes);
    let net = ControlNet::load(&weights.watched(&progress))?.averaging(averages);
    progress.finish();
    Ok(net)
}

impl Pipe {
    /// Refuses a ControlNet for a UNet of another build than this one's; `name` is for the message.
    pub fn check_control_net(&self, name: &str, net: &ControlNet) -> Result<()> {
        let refuse = |what: &str, found: String, needed: String| {
            Err(Error::UnsupportedControlNet {
                file: name.to_owned(),
                reason: format!("{what} {found}, the loaded checkpoint's {needed}"),
            })
        };
        let (found, needed) = (net.skip_channels(), self.unet.skip_channels());
        if found != needed {
            return refuse("it adds to channels", format!("{found:?}"), format!("are {needed:?}"));
        }
        let (found, needed) = (net.context_width(), self.unet.context_width());
        if found != needed {
            let width = |width: Option<usize>| width.unwrap_or_default().to_string();
            let needed = format!("have {}", width(needed));
            return refuse("its texts have a width of", width(found), needed);
        }
        let (found, needed) = (net.label_channels(), self.unet.label_channels());
        if found != needed {
            let [found, needed] = [found, needed].map(|count| count.to_string());
            return refuse(
                "besides the text it is told numbers:",
                found,
                format!("is told {needed}"),
            );
        }
        Ok(())
    }
}

/// The ControlNets of one text during a run.
#[derive(Debug)]
pub(super) struct Chain {
    links: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    control: Rc<Control>,
    /// Most and least noise it counts at.
    sigmas: [f32; 2],
    /// What it keeps of picture and text from step to step, made when first needed.
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    hint: Tensor<4>,
    context: ContextCache,
}

impl Chain {
    pub(super) fn new(controls: &[Rc<Control>], sampling: &ModelSampling) -> Self {
        let link = |control: &Rc<Control>| Link {
            control: control.clone(),
            sigmas: control.range.map(|share| sampling.percent_to_sigma(share)),
            kept: None,
        };
        Self { links: controls.iter().map(link).collect() }
    }

    /// The same ControlNets, for another batch.
    pub(super) fn again(&self) -> Self {
        let link = |link: &Link| Link { control: link.control.clone(), kept: None, ..*link };
        Self { links: self.links.iter().map(link).collect() }
    }

    /// Whether both are the very same ControlNets.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.links.len() == other.links.len()
            && self.links.iter().zip(&other.links).all(|(a, b)| Rc::ptr_eq(&a.control, &b.control))
    }

    /// What they add together at a noise level; `None` if none counts.
    ///
    /// # Shapes
    /// - `input`: `[sides * batch, 4, height, width]`, scaled to the model's input
    /// - `text`: `[sides * batch, tokens, width]`; `label`: `[sides * batch, channels]`
    pub(super) fn residuals(
        &mut self,
        input: &Tensor<4>,
        sides: usize,
        timesteps: &[f32],
        text: &dyn Fn() -> Tensor<3>,
        label: Option<&Tensor<2>>,
        sigma: f32,
    ) -> Option<Residuals> {
        let mut sum: Option<Residuals> = None;
        for Link { control, sigmas: [most, least], kept } in &mut self.links {
            if !(*least..=*most).contains(&sigma) {
                continue;
            }
            let Control { net, strength, .. } = &**control;
            let Kept { hint, context } = kept.get_or_insert_with(|| Kept {
                hint: hint(control, input, sides),
                context: net.context_with(&text(), label.cloned()),
            });
            let added = net.forward(input.clone(), timesteps, context, hint.clone());
            let added = added.scaled(*strength);
            sum = Some(match sum {
                Some(sum) => sum.plus(added),
                None => added,
            });
        }
        sum
    }
}

/// The encoded picture for every item of a batch: given pictures are taken in turn, for each side
/// from the first.
fn hint(control: &Control, input: &Tensor<4>, sides: usize) -> Tensor<4> {
    let [all, _, height, width] = input.dims();
    let batch = all / sides;
    let size = Size::new(width as u32 * CELL, height as u32 * CELL);
    let picture = control.hint.crop(centred(control.hint.size, size));
    let picture = nearest_exact(&picture, size);
    let count = picture.count;
    let shape = [count, size.height as usize, size.width as usize, picture.channels];
    let encoded = control.net.hint(latent_tensor(picture.data, shape, &input.device()));
    let side = encoded.repeat_dim(0, batch.div_ceil(count)).narrow(0, 0, batch);
    side.repeat_dim(0, sides)
}
