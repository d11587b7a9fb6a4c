//! What is known to be replayed, one file for each family of cases.

use super::replay::{self, Row};

mod conditioning;
mod controls;
mod loras;
mod motion;
mod networks;
mod nodes;
mod numbers;
mod pictures;
mod pipes;
mod prompts;
mod samplers;
mod segments;
mod trace;
mod wildcards;

/// Every family; a new one is one line here.
pub const FAMILIES: &[&[Row]] = &[
    pictures::ROWS,
    segments::ROWS,
    numbers::ROWS,
    prompts::ROWS,
    networks::ROWS,
    loras::ROWS,
    controls::ROWS,
    samplers::ROWS,
    motion::ROWS,
    conditioning::ROWS,
    nodes::ROWS,
    wildcards::ROWS,
];
