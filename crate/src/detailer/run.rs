//! A node at work: every segment in turn, each seeing what the ones before it painted.

use std::fmt;

use super::detect::still_mask;
use super::enhance::{Segment, enhance_detail};
use super::hooks::{DetailerHook, HookChain};
use super::loras::LoraPipes;
use super::nodes::{Crops, NodeRow, Pictures};
use super::noise_masks::NoiseMasks;
use super::output::{Detailed, DetailedSeg};
use super::prompts::{Chosen, Given, Prompts};
use super::settings::DetailerSettings;
use super::skip::{Enhanced, Skip};
use crate::diffusion::{BasicPipe, ControlNets, LoraFiles};
use crate::error::{Error, Result};
use crate::image::blur::gaussian_blur_mask;
use crate::image::{Frames, Mask};
use crate::monitor::{Event, Monitor, Stage, go_on};
use crate::segs::paste::{SegsPaste, paste_seg};
use crate::segs::{Seg, Segs, crop_condition_mask, scale_match};
use crate::wildcards::WildcardFiles;

/// What every segment of a run shares.
#[derive(Clone, Copy)]
pub struct Detailer<'a> {
    /// The model and its prompts: `basic_pipe`.
    pub base: BasicPipe<'a>,
    /// A model that takes over for the last steps, with prompts of its own:
    /// `refiner_basic_pipe_opt`.
    pub refiner: Option<BasicPipe<'a>>,
    /// What `__name__` in a wildcard text stands for.
    pub wildcards: Option<&'a WildcardFiles>,
    /// What `<lora:name>` in a wildcard text stands for.
    pub loras: Option<&'a LoraFiles>,
    /// The ControlNets that segments name.
    pub control_nets: Option<&'a ControlNets>,
    /// How to detail.
    pub settings: &'a DetailerSettings,
    /// Whoever watches, and may stop it.
    pub monitor: &'a dyn Monitor,
    /// Whether a run that is cancelled hands out the segments it has finished, if there are any,
    /// instead of failing.
    pub keeps_finished: bool,
}

impl fmt::Debug for Detailer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detailer").field("settings", self.settings).finish_non_exhaustive()
    }
}

impl<'a> Detailer<'a> {
    /// Without what is optional.
    pub fn new(
        base: BasicPipe<'a>,
        settings: &'a DetailerSettings,
        monitor: &'a dyn Monitor,
    ) -> Self {
        let (refiner, wildcards, loras, control_nets) = (None, None, None, None);
        let keeps_finished = false;
        Self { base, refiner, wildcards, loras, control_nets, settings, monitor, keeps_finished }
    }

    /// Details `segs` as `node` does: those of a single picture, or those of all frames of a clip.
    pub async fn run(
        &self,
        node: &NodeRow,
        image: &Frames,
        segs: Segs,
        hooks: &mut dyn DetailerHook,
    ) -> Result<Detailed> {
        if node.pictures == Pictures::One && image.count != 1 {
            return Err(Error::FrameCount { what: "image", expected: 1, found: image.count });
        }
        let settings = node.heard(self.settings)?;
        let refiner = self.refiner.filter(|_| node.has("refiner_ratio"));
        let detailer = Detailer { settings: &settings, refiner, ..*self };
        let mut segs = scale_match(segs, image.size)?;
        let mut detailed = Detailed {
            image: Frames { count: 0, data: Vec::new(), ..*image },
            size: segs.size,
            segments: Vec::with_capacity(settings.batch_size * segs.items.len()),
            cnet_images: Vec::new(),
            cancelled: false,
        };
        let loras = &mut LoraPipes::default();
        for pass in 0..settings.batch_size {
            let prompts = Prompts::new(&detailer, &mut segs);
            let (hooks, canvas) = (&mut *hooks, image.clone());
            let (stopped, hints) = (false, Vec::new());
            let loras = &mut *loras;
            let mut pass =
                Pass { detailer, node, pass, hooks, canvas, prompts, loras, stopped, hints };
            for (index, seg) in segs.items.iter().enumerate() {
                match pass.detail(seg.clone(), index, segs.items.len()).await {
                    Err(Error::Cancelled) if self.keeps_finished && detailed.has_new() => {
                        detailed.cancelled = true;
                        break;
                    }
                    segment => detailed.segments.push(segment?),
                }
            }
            detailed.cnet_images.append(&mut pass.hints);
            if node.pastes || detailed.image.count == 0 {
                detailed.image.count += pass.canvas.count;
                detailed.image.data.append(&mut pass.canvas.data);
            }
            if detailed.cancelled {
                break;
            }
        }
        Ok(detailed)
    }
}

/// One run over all segments.
struct Pass<'a> {
    detailer: Detailer<'a>,
    node: &'a NodeRow,
    pass: usize,
    hooks: &'a mut dyn DetailerHook,
    canvas: Frames,
    prompts: Prompts,
    loras: &'a mut LoraPipes,
    stopped: bool,
    /// What ControlNets followed so far.
    hints: Vec<Frames>,
}

impl Pass<'_> {
    async fn detail(&mut self, mut seg: Seg, index: usize, count: usize) -> Result<DetailedSeg> {
        let monitor = self.detailer.monitor;
        monitor.report(Event::Segment { index, count, crop_region: seg.crop_region });
        go_on(monitor).await?;
        let crop = self.crop(&seg);
        let outcome = self.enhance(&seg, index, &crop).await?;
        let mut segment = DetailedSeg {
            handed_out: true,
            skipped: None,
            cropped: None,
            paste_mask: None,
            seg: Seg { cropped_image: None, controls: Vec::new(), ..seg.clone() },
        };
        match outcome {
            Enhanced::Detailed { refined, mut hints } => {
                self.hints.append(&mut hints);
                segment.seg.cropped_image = Some(refined);
                if self.node.pastes {
                    segment.paste_mask = self.paste(&segment.seg).await?;
                }
            }
            Enhanced::Skipped(skip) => {
                monitor.report(Event::Skipped { segment: index, reason: skip.to_string() });
                let blank = skip == Skip::EmptyMask;
                let dropped = blank && self.node.pastes || skip == Skip::NotWanted;
                segment.skipped = Some(skip);
                segment.handed_out = !dropped;
                if !self.node.pastes {
                    let given = seg.cropped_image.take();
                    segment.seg.cropped_image = if blank { given } else { Some(crop.clone()) };
                }
            }
        }
        segment.cropped = (self.node.pictures == Pictures::One).then_some(crop);
        Ok(segment)
    }

    /// The pixels of a segment, one frame of them for each of the canvas.
    fn crop(&self, seg: &Seg) -> Frames {
        match (&seg.cropped_image, self.node.crops) {
            (Some(own), Crops::Own) => Frames {
                count: own.count * self.canvas.count,
                data: own.data.repeat(self.canvas.count),
                ..*own
            },
            _ => self.canvas.crop(seg.crop_region),
        }
    }

    async fn enhance(&mut self, seg: &Seg, index: usize, crop: &Frames) -> Result<Enhanced> {
        let Detailer { base, settings, .. } = self.detailer;
        let noise_masks = match self.node.pictures {
            Pictures::Frames => NoiseMasks::Frames(seg.cropped_mask.masks()),
            Pictures::One => {
                let mask = still_mask(&seg.cropped_mask)?;
                if mask.is_blank() {
                    return Ok(Enhanced::Skipped(Skip::EmptyMask));
                }
                if settings.noise_mask { NoiseMasks::Still(mask) } else { NoiseMasks::Everywhere }
            }
        };
        let seed = self.node.seeds.of(settings.seed, self.pass, index);
        if self.stopped {
            return Ok(Enhanced::Skipped(Skip::NotWanted));
        }
        let Given { seed: own_seed, positive: own_prompt, pipe: own_pipe } =
            match self.prompts.next(&self.detailer, self.loras, index, &seg.label, seed)? {
                Chosen::Given(given) => given,
                skipped => {
                    self.stopped = matches!(skipped, Chosen::Stop);
                    return Ok(Enhanced::Skipped(Skip::NotWanted));
                }
            };
        let (seed, pipe) = (own_seed.unwrap_or(seed), own_pipe.as_deref().unwrap_or(base.pipe));
        // As in the reference, the frames of a clip are taken to be as large as the crop.
        let image = if self.node.pictures == Pictures::One { self.canvas.size } else { crop.size };
        let [positive, negative] = [own_prompt.as_ref().unwrap_or(base.positive), base.negative]
            .map(|prompt| {
                let cut = |mask: &Mask| crop_condition_mask(mask, image, seg.crop_region);
                prompt.clone().map_masks(cut)
            });
        let base = BasicPipe { pipe, positive: &positive, negative: &negative, ..base };
        let (bbox, controls) = (seg.bbox, seg.controls.as_slice());
        let segment = Segment { index, crop, bbox, noise_masks, base, controls, seed };
        if self.node.hooks_see_all || settings.hooks_see_all {
            enhance_detail(&self.detailer, &segment, self.hooks).await
        } else {
            enhance_detail(&self.detailer, &segment, &mut HookChain::default()).await
        }
    }

    /// Puts the new crop into the canvas; gives the mask it went by, if it is the same everywhere.
    async fn paste(&mut self, seg: &Seg) -> Result<Option<Mask>> {
        self.detailer.monitor.report(Event::Stage(Stage::Paste));
        let feather = self.detailer.settings.feather;
        paste_seg(&mut self.canvas, seg, SegsPaste { feather, ..SegsPaste::default() })?;
        let size = self.canvas.size;
        let empty = Frames::zeros(size, 0, self.canvas.channels);
        let pasted = std::mem::replace(&mut self.canvas, empty);
        self.canvas = self.hooks.post_paste(pasted).await?;
        Ok(match seg.cropped_mask.masks() {
            [mask] => Some(gaussian_blur_mask(mask, feather)),
            _ => None,
        })
    }
}
