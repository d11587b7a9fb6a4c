//! Prompts to weighted tokens.

use super::replay::{Case, Context, Outcome, Replay, Result, Row};
use burnish::models::clip::{Tokenizer, chunks};
use serde::Deserialize;

/// Weights are kept in single precision.
const WEIGHT: f64 = 1e-6;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[("tokens", Replay::Now(tokens))];

#[derive(Deserialize)]
struct Prompt {
    text: String,
    chunks: Vec<Vec<(u32, f32)>>,
}

fn tokens(context: &Context, case: &Case) -> Result<Outcome> {
    let tokenizer = context.shared("clip", || Ok(Tokenizer::embedded()?))?;
    let mut outcome = Outcome::start();
    for Prompt { text, chunks: expected } in Vec::<Prompt>::deserialize(&case.expect)? {
        let found = chunks(&tokenizer, &text);
        let (found, expected) = (found.as_flattened(), expected.concat());
        let numbers = |list: &[(u32, f32)]| list.iter().map(|row| row.0).collect::<Vec<_>>();
        let weights = |list: &[(u32, f32)]| list.iter().map(|row| row.1).collect::<Vec<_>>();
        outcome = outcome
            .and(Outcome::equal(numbers(found), numbers(&expected)))
            .and(Outcome::absolute(&weights(found), &weights(&expected), WEIGHT));
    }
    Ok(outcome)
}
