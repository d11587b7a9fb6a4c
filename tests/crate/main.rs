//! All tests of the crate in one binary; modules mirror `crate/src`.

mod layers;
mod sampling;
