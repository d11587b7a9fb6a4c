//! All tests of the crate in one binary; modules mirror `crate/src`.

#![allow(clippy::excessive_precision, reason = "values stand as they were recorded")]
#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]
#![allow(unreachable_pub, reason = "nothing outside reaches into tests")]

mod support;

mod detailer;
mod diffusion;
mod error;
mod fullsize;
mod fuzz;
mod geometry;
mod golden;
mod image;
mod layers;
mod models;
mod monitor;
mod nn;
mod ops;
mod sampling;
mod segs;
mod weights;
mod wildcards;
