//! One target, fed until its time is up.

use super::mutate::{Random, mutate};
use super::targets::Target;
use std::collections::HashSet;
use std::fmt;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// An input that takes longer hangs; the slowest allowed ones take a tenth of it.
const PATIENCE: Duration = Duration::from_secs(8);
/// Inputs kept because they gave an answer that had not been given before.
const MOST_KEPT: usize = 400;

/// How many inputs were tried and what became of them.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    /// Inputs that were read.
    pub read: usize,
    /// Inputs that were refused.
    pub refused: usize,
    /// The longest time one took.
    pub slowest: Duration,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, refused, slowest } = self;
        write!(f, "{read} read, {refused} refused, the slowest in {} ms", slowest.as_millis())
    }
}

/// Feeds `target` for `duration`; an error shows the first input that broke it.
pub fn run(target: &Target, seed: u64, duration: Duration) -> Result<Counts, String> {
    let mut random = Random(seed);
    let mut inputs: Vec<Vec<u8>> = (target.seeds)();
    let mut answers = HashSet::new();
    let mut counts = Counts::default();
    let began = Instant::now();
    while began.elapsed() < duration {
        let mut input = random.pick(&inputs).clone();
        let other = random.pick(&inputs).clone();
        mutate(&mut input, target.words, &other, &mut random);
        let started = Instant::now();
        let outcome =
            catch_unwind(|| (target.feed)(&input)).map_err(|_| shown("panics at", &input))?;
        let took = started.elapsed();
        if took > PATIENCE {
            return Err(shown(&format!("takes {took:?} for"), &input));
        }
        counts.slowest = counts.slowest.max(took);
        // What is refused leads nowhere: damaged further it is refused again.
        match outcome {
            Err(_) => counts.refused += 1,
            Ok(answer) => {
                counts.read += 1;
                if answers.insert(without_numbers(&answer)) && inputs.len() < MOST_KEPT {
                    inputs.push(input);
                }
            }
        }
    }
    Ok(counts)
}

/// Answers that differ in a number or a quotation only count as one.
fn without_numbers(answer: &str) -> String {
    let kinds = answer.split('"').step_by(2);
    kinds.flat_map(str::chars).filter(|c| !c.is_ascii_digit()).take(120).collect()
}

fn shown(what: &str, input: &[u8]) -> String {
    format!("{what} {:?}", String::from_utf8_lossy(input))
}
