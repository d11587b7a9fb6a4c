//! Fewer segments than were found, or in another order.

use serde::{Deserialize, Serialize};

use super::{DetailerHook, Pending, at_once};
use crate::segs::Segs;
use crate::segs::filter::{filter_by_label, filter_by_range, filter_ordered};

/// Sorts by a measure and keeps some from a place on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderedFilter {
    /// A name in [`MEASURES`](crate::segs::filter::MEASURES).
    pub target: String,
    /// Whether the largest comes first.
    pub order: bool,
    /// Place of the first one that is kept, from 0.
    pub take_start: usize,
    /// How many are kept.
    pub take_count: usize,
}

impl Default for OrderedFilter {
    fn default() -> Self {
        Self { target: "area".to_owned(), order: true, take_start: 0, take_count: 1 }
    }
}

impl DetailerHook for OrderedFilter {
    fn post_detection(&mut self, segs: Segs) -> Pending<'_, Segs> {
        let Self { target, order, take_start, take_count } = self;
        at_once(
            filter_ordered(segs, target, *order, *take_start, *take_count)
                .map(|chosen| chosen.kept),
        )
    }
}

/// Keeps what measures within a range, or what does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RangeFilter {
    /// A name in [`MEASURES`](crate::segs::filter::MEASURES).
    pub target: String,
    /// Whether what lies inside the range is kept.
    pub mode: bool,
    /// Least value inside.
    pub min_value: f64,
    /// Largest value inside.
    pub max_value: f64,
}

impl Default for RangeFilter {
    fn default() -> Self {
        Self { target: "area".to_owned(), mode: true, min_value: 0.0, max_value: 67_108_864.0 }
    }
}

impl DetailerHook for RangeFilter {
    fn post_detection(&mut self, segs: Segs) -> Pending<'_, Segs> {
        let Self { target, mode, min_value, max_value } = self;
        at_once(
            filter_by_range(segs, target, *mode, *min_value, *max_value).map(|chosen| chosen.kept),
        )
    }
}

/// Keeps segments with certain labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LabelFilter {
    /// Divided by commas; `all` is every one.
    pub labels: String,
}

impl Default for LabelFilter {
    fn default() -> Self {
        Self { labels: "all".to_owned() }
    }
}

impl DetailerHook for LabelFilter {
    fn post_detection(&mut self, segs: Segs) -> Pending<'_, Segs> {
        at_once(Ok(filter_by_label(segs, &self.labels).kept))
    }
}
