//! All tests of the crate in one binary; modules mirror `crate/src`.

#![allow(clippy::excessive_precision, reason = "values stand as they were recorded")]

mod golden;
mod layers;
mod sampling;
