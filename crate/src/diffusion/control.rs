//! ControlNets at work on the texts of a run.

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};

use super::Pipe;
use super::branch::Call;
use super::inpaint::centred;
use super::latent::CELL;
use super::window::Window;
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
use crate::weights::{LoadProgress, Precision, Safetensors};

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

/// Reads a ControlNet in the layout of a single file or of diffusers; its weights are kept as
/// `precision` says.
pub fn load_control_net(
    file: Safetensors,
    device: &Device,
    precision: Precision,
    monitor: &dyn Monitor,
) -> Result<ControlNet> {
    let (total_bytes, averages) = (file.byte_len(), averages(file.name()));
    let weights = control_net(file, device)?.stored(precision);
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
    /// What it keeps of the text from step to step, made when first needed.
    context: Option<ContextCache>,
    /// The encoded pictures of the last window.
    hint: Option<(Window, Tensor<4>)>,
}

impl Chain {
    pub(super) fn new(controls: &[Rc<Control>], sampling: &ModelSampling) -> Self {
        let link = |control: &Rc<Control>| Link {
            control: control.clone(),
            sigmas: control.range.map(|share| sampling.percent_to_sigma(share)),
            context: None,
            hint: None,
        };
        Self { links: controls.iter().map(link).collect() }
    }

    /// The same ControlNets, for another batch.
    pub(super) fn again(&self) -> Self {
        let link = |link: &Link| Link {
            control: link.control.clone(),
            sigmas: link.sigmas,
            context: None,
            hint: None,
        };
        Self { links: self.links.iter().map(link).collect() }
    }

    /// Whether both are the very same ControlNets.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.links.len() == other.links.len()
            && self.links.iter().zip(&other.links).all(|(a, b)| Rc::ptr_eq(&a.control, &b.control))
    }

    /// What they add together to the items in `window` at a noise level; `None` if none counts.
    ///
    /// # Shapes
    /// - `input`: `[sides * batch, 4, height, width]`, scaled to the model's input
    /// - `text`: `[sides, tokens, width]`; `label`: `[sides, channels]`
    pub(super) fn residuals(
        &mut self,
        input: &Tensor<4>,
        sides: usize,
        timesteps: &[f32],
        call: Call<'_>,
        label: Option<&Tensor<2>>,
    ) -> Option<Residuals> {
        let Call { text, window, sigma } = call;
        let mut sum: Option<Residuals> = None;
        for Link { control, sigmas: [most, least], context, hint } in &mut self.links {
            if !(*least..=*most).contains(&sigma) {
                continue;
            }
            let Control { net, strength, .. } = &**control;
            let context = context.get_or_insert_with(|| net.context_with(&text(), label.cloned()));
            let known = hint.take().filter(|(encoded, _)| encoded == window);
            let (_, pictures) = hint
                .insert(known.unwrap_or_else(|| (window.clone(), encoded(control, input, window))));
            let pictures = pictures.clone().repeat_dim(0, sides);
            let added = net.forward(input.clone(), timesteps, context, pictures);
            let added = added.scaled(*strength);
            sum = Some(match sum {
                Some(sum) => sum.plus(added),
                None => added,
            });
        }
        sum
    }
}

/// The encoded picture for every item in `window`: given pictures are taken in turn. Encoded one by
/// one, since a picture takes far more room than what is kept of it.
fn encoded(control: &Control, input: &Tensor<4>, window: &Window) -> Tensor<4> {
    let [_, _, height, width] = input.dims();
    let size = Size::new(width as u32 * CELL, height as u32 * CELL);
    let region = centred(control.hint.size, size);
    let picture = |index: usize| {
        let picture = nearest_exact(&control.hint.crop_frame(index, region), size);
        let shape = [1, size.height as usize, size.width as usize, picture.channels];
        control.net.hint(latent_tensor(picture.data, shape, &input.device()))
    };
    if control.hint.count == 1 {
        return picture(0).repeat_dim(0, window.len());
    }
    let places = window.places().iter().map(|place| picture(place % control.hint.count));
    Tensor::cat(places.collect(), 0)
}
