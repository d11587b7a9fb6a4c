//! Prompts as the UNet reads them: encoded texts, each with where, when and how much it counts.

use std::rc::Rc;

use burn::tensor::Tensor;

use super::control::Control;
use super::inpaint::InpaintImage;
use crate::geometry::Rect;
use crate::image::Mask;

/// One side of guidance: texts that are evaluated on their own and mixed by their weights.
#[derive(Debug, Clone)]
pub struct Conditioning {
    /// One or more.
    pub texts: Vec<CondText>,
}

/// An encoded text with its options.
#[derive(Debug, Clone)]
pub struct CondText {
    /// `[1, tokens, channels]`; tokens are a multiple of 77.
    pub cross_attn: Tensor<3>,
    /// The whole text as one vector, `[1, channels]`, for models that are told it.
    pub pooled: Option<Tensor<2>>,
    /// Weight among the texts of its side.
    pub strength: f32,
    /// Where it counts, softly.
    pub mask: Option<CondMask>,
    /// The only part the model is shown.
    pub area: Option<Area>,
    /// When it counts: shares of the way from full noise (0) to none (1).
    pub range: [f64; 2],
    /// The picture an inpainting model paints into, if not the latent itself.
    pub inpaint: Option<Rc<InpaintImage>>,
    /// ControlNets that guide it, the first evaluated first.
    pub controls: Vec<Rc<Control>>,
    /// Whether texts of the other side that have no ControlNets take over these.
    pub controls_both_sides: bool,
}

/// Where a text counts.
#[derive(Debug, Clone, PartialEq)]
pub struct CondMask {
    /// Of any size, stretched over the latent.
    pub mask: Mask,
    /// Weight where the mask is 1.
    pub strength: f32,
    /// Whether the model is only shown the mask's bounding box.
    pub within_bounds: bool,
}

/// A part of the latent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Area {
    /// In latent cells.
    Cells(Rect),
    /// In shares of the latent's sides.
    Shares {
        /// Left edge.
        x: f64,
        /// Upper edge.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
    },
}

impl CondText {
    fn plain(cross_attn: Tensor<3>) -> Self {
        Self {
            cross_attn,
            pooled: None,
            strength: 1.0,
            mask: None,
            area: None,
            range: [0.0, 1.0],
            inpaint: None,
            controls: Vec::new(),
            controls_both_sides: false,
        }
    }
}

impl Conditioning {
    /// A single text, everywhere and all the time.
    ///
    /// # Shapes
    /// - `cross_attn`: `[1, tokens, channels]`
    pub fn of(cross_attn: Tensor<3>) -> Self {
        Self { texts: vec![CondText::plain(cross_attn)] }
    }

    /// The same, with every text also as one vector.
    ///
    /// # Shapes
    /// - `pooled`: `[1, channels]`
    #[must_use]
    pub fn with_pooled(self, pooled: &Tensor<2>) -> Self {
        self.each(|text| text.pooled = Some(pooled.clone()))
    }

    /// Both, evaluated on their own.
    #[must_use]
    pub fn combine(mut self, other: Self) -> Self {
        self.texts.extend(other.texts);
        self
    }

    /// Every text followed by the tokens of the first of `other`.
    #[must_use]
    pub fn concat(&self, other: &Self) -> Self {
        let joined = self.clone();
        let Some(CondText { cross_attn: tail, .. }) = other.texts.first() else { return joined };
        joined.each(|text| {
            text.cross_attn = Tensor::cat(vec![text.cross_attn.clone(), tail.clone()], 1);
        })
    }

    /// Every text mixed with the first of `other`, of which `1 - share` is taken. The length stays;
    /// what `other` lacks of it counts as zeros.
    #[must_use]
    pub fn average(self, other: &Self, share: f32) -> Self {
        let Some(CondText { cross_attn: other, pooled, .. }) = other.texts.first() else {
            return self;
        };
        self.each(|text| {
            if let (Some(own), Some(pooled)) = (&text.pooled, pooled) {
                text.pooled = Some(own.clone() * share + pooled.clone() * (1.0 - share));
            }
            let [batch, tokens, channels] = text.cross_attn.dims();
            let common = tokens.min(other.dims()[1]);
            let mut mixed = text.cross_attn.clone() * share;
            let rows = [0..batch, 0..common, 0..channels];
            let both = mixed.clone().slice(rows.clone())
                + other.clone().slice(rows.clone()) * (1.0 - share);
            mixed = mixed.slice_assign(rows, both);
            text.cross_attn = mixed;
        })
    }

    /// Every text with nothing in it.
    #[must_use]
    pub fn zero_out(self) -> Self {
        self.each(|text| {
            text.cross_attn = text.cross_attn.zeros_like();
            text.pooled = text.pooled.as_ref().map(Tensor::zeros_like);
        })
    }

    /// Every text only where `mask` says.
    #[must_use]
    pub fn with_mask(self, mask: &CondMask) -> Self {
        self.each(|text| text.mask = Some(mask.clone()))
    }

    /// Every text over a part of the latent alone, with a weight among the others.
    #[must_use]
    pub fn with_area(self, area: Area, strength: f32) -> Self {
        self.each(|text| {
            text.area = Some(area);
            text.strength = strength;
        })
    }

    /// Every text only during a stretch of the schedule, from 0 (full noise) to 1 (none).
    #[must_use]
    pub fn with_range(self, start: f64, end: f64) -> Self {
        self.each(|text| text.range = [start, end])
    }

    /// Every text painting into `image`, for inpainting models.
    #[must_use]
    pub fn with_inpaint(self, image: &Rc<InpaintImage>) -> Self {
        self.each(|text| text.inpaint = Some(image.clone()))
    }

    /// Every text guided by `control` too, the reference's "ControlNetApply": the other side is
    /// guided with it. Strength 0 changes nothing.
    #[must_use]
    pub fn with_control(self, control: &Rc<Control>) -> Self {
        self.controlled(control, true)
    }

    /// Every text guided by `control` too, the reference's "ControlNetApplyAdvanced": the other
    /// side needs the same. Strength 0 changes nothing.
    #[must_use]
    pub fn with_control_of_this_side(self, control: &Rc<Control>) -> Self {
        self.controlled(control, false)
    }

    fn controlled(self, control: &Rc<Control>, both_sides: bool) -> Self {
        if control.strength == 0.0 {
            return self;
        }
        self.each(|text| {
            text.controls.push(control.clone());
            text.controls_both_sides = both_sides;
        })
    }

    /// Every mask changed, as to the part that belongs to a segment.
    #[must_use]
    pub fn map_masks(self, change: impl Fn(&Mask) -> Mask) -> Self {
        self.each(|text| {
            if let Some(mask) = &mut text.mask {
                mask.mask = change(&mask.mask);
            }
        })
    }

    fn each(mut self, change: impl FnMut(&mut CondText)) -> Self {
        self.texts.iter_mut().for_each(change);
        self
    }
}
