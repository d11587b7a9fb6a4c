//! Golden cases and how one is replayed; reads no file itself, so it works in a browser too.

mod case;
mod context;
mod outcome;
mod wanted;

pub use case::{Array, Case, rect, size};
pub use context::{Context, Folder};
pub use outcome::{NotYet, Outcome, Verdict};
pub use wanted::Wanted;

use std::pin::Pin;

/// Errors of a replay are only printed.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A replay that waits for a device.
pub type Later<'a> = Pin<Box<dyn Future<Output = Result<Outcome>> + 'a>>;

/// How cases of one kind are replayed.
#[allow(dead_code, reason = "not every build has a family that waits for a device")]
pub enum Replay {
    /// On the spot.
    Now(fn(&Context, &Case) -> Result<Outcome>),
    /// With waiting.
    Later(for<'a> fn(&'a Context, &'a Case) -> Later<'a>),
}

/// A kind of case and its replay.
pub type Row = (&'static str, Replay);

/// Replays one case with the row of its kind.
pub async fn replay(families: &[&[Row]], context: &Context, case: &Case) -> Verdict {
    let row = families.iter().copied().flatten().find(|(kind, _)| *kind == case.kind);
    let outcome = match row {
        None => return Verdict::NotYet,
        Some((_, Replay::Now(replay))) => replay(context, case),
        Some((_, Replay::Later(replay))) => replay(context, case).await,
    };
    Verdict::of(outcome)
}
