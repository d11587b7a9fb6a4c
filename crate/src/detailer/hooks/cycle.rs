//! Where a run stands in its cycles, and values that go from one end to the other.

use serde::{Deserialize, Serialize};

/// Which round over a segment this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// From 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

/// At which cycle a hook begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CycleSchedule {
    /// At the second.
    #[default]
    SkipStart,
    /// At the first.
    FromStart,
}

impl CycleSchedule {
    /// The cycle among those the hook takes part in, if it does in this one.
    pub fn place(self, cycle: Cycle) -> Option<Cycle> {
        let Cycle { index, count } = cycle;
        match self {
            Self::FromStart => Some(cycle),
            Self::SkipStart if index == 0 => None,
            Self::SkipStart => Some(Cycle { index: index - 1, count: count - 1 }),
        }
    }
}

impl Cycle {
    /// From `start` in the first cycle to where `end` would be in one more than the last.
    pub fn towards(self, start: f64, end: f64) -> f64 {
        start + (end - start) * self.index as f64 / self.count as f64
    }

    /// From `start` in the first cycle to `end` in the last; `start` if there is only one.
    pub fn through(self, start: f64, end: f64) -> f64 {
        Self { count: self.count.saturating_sub(1).max(1), ..self }.towards(start, end)
    }
}
