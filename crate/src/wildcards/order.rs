//! The order segments take their prompts in.

use crate::segs::{Seg, Segs};
use std::cmp::{Ordering, Reverse};

/// The order of segments, as a wildcard text asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SegOrder {
    /// As they are.
    #[default]
    Given,
    /// `[ASC]`: from left to right, and among those from top to bottom.
    Ascending,
    /// `[DSC]`: the other way round.
    Descending,
    /// `[ASC-SIZE]`: smallest bounding box first.
    AscendingSize,
    /// `[DSC-SIZE]`: largest bounding box first.
    DescendingSize,
}

impl SegOrder {
    /// Brings `segs` into this order; what is equal stays in the order it was.
    pub fn sort(self, segs: &mut Segs) {
        let place = |seg: &Seg| (seg.bbox.x1, seg.bbox.y1);
        let area = |seg: &Seg| seg.bbox.size().area();
        let compare: &dyn Fn(&Seg, &Seg) -> Ordering = match self {
            Self::Given => return,
            Self::Ascending => &|a, b| place(a).cmp(&place(b)),
            Self::Descending => &|a, b| Reverse(place(a)).cmp(&Reverse(place(b))),
            Self::AscendingSize => &|a, b| area(a).cmp(&area(b)),
            Self::DescendingSize => &|a, b| Reverse(area(a)).cmp(&Reverse(area(b))),
        };
        segs.items.sort_by(compare);
    }
}
