//! How far a replay is from what was recorded.

use super::Result;
use std::fmt;

/// The worst comparison of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Largest absolute difference found.
    pub max_abs_error: f64,
    /// Largest absolute difference accepted.
    pub tolerance: f64,
    /// What differs, where a number alone does not say it.
    pub note: Option<String>,
}

impl Outcome {
    /// Nothing compared yet.
    pub const fn start() -> Self {
        Self { max_abs_error: 0.0, tolerance: 0.0, note: None }
    }

    /// Compares values by absolute difference.
    pub fn absolute(found: &[f32], expected: &[f32], tolerance: f64) -> Self {
        Self::by(found, expected, tolerance, |_| 1.0)
    }

    /// Compares values by difference relative to the expected one.
    pub fn relative(found: &[f32], expected: &[f32], tolerance: f64) -> Self {
        Self::by(found, expected, tolerance, |expected| expected.abs().max(f64::MIN_POSITIVE))
    }

    /// Compares anything that is equal or not; differences count 1.
    pub fn equal<T: PartialEq + fmt::Debug>(found: T, expected: T) -> Self {
        let note = (found != expected).then(|| format!("{found:?} instead of {expected:?}"));
        Self { max_abs_error: f64::from(u8::from(note.is_some())), tolerance: 0.0, note }
    }

    /// The worse of two comparisons.
    pub fn and(self, other: Self) -> Self {
        match (self.passed(), other.passed()) {
            (true, false) => other,
            (false, true) => self,
            _ if other.max_abs_error > self.max_abs_error => other,
            _ if other.max_abs_error < self.max_abs_error => self,
            _ if other.tolerance > self.tolerance => other,
            _ => self,
        }
    }

    /// Whether the difference is accepted; not a number is not.
    pub fn passed(&self) -> bool {
        self.max_abs_error <= self.tolerance
    }

    fn by(found: &[f32], expected: &[f32], tolerance: f64, unit: impl Fn(f64) -> f64) -> Self {
        if found.len() != expected.len() {
            return Self::equal(
                format!("{} values", found.len()),
                format!("{} values", expected.len()),
            );
        }
        let difference = |(found, expected): (&f32, &f32)| {
            let (found, expected) = (f64::from(*found), f64::from(*expected));
            if found == expected { 0.0 } else { (found - expected).abs() / unit(expected) }
        };
        // A maximum that lets "not a number" through.
        let max_abs_error = found
            .iter()
            .zip(expected)
            .map(difference)
            .fold(0.0, |most: f64, error| if error <= most { most } else { error });
        Self { max_abs_error, tolerance, note: None }
    }
}

/// A replay's way to say that it cannot do this case of its kind.
#[derive(Debug)]
pub struct NotYet;

impl fmt::Display for NotYet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not yet")
    }
}

impl std::error::Error for NotYet {}

/// What became of a case.
pub enum Verdict {
    /// Within tolerance.
    Passed(Outcome),
    /// Beyond it.
    Failed(Outcome),
    /// The replay itself went wrong.
    Broken(String),
    /// Nothing replays this kind.
    NotYet,
}

impl Verdict {
    /// The verdict on a finished replay.
    pub fn of(outcome: Result<Outcome>) -> Self {
        match outcome {
            Ok(outcome) if outcome.passed() => Self::Passed(outcome),
            Ok(outcome) => Self::Failed(outcome),
            Err(error) if error.is::<NotYet>() => Self::NotYet,
            Err(error) => Self::Broken(error.to_string()),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, outcome: &Outcome, word| {
            write!(f, "{:.3e}  {:.1e}  {word}", outcome.max_abs_error, outcome.tolerance)
        };
        match self {
            Self::Passed(outcome) => line(f, outcome, "ok"),
            Self::Failed(outcome) => {
                line(f, outcome, "FAIL")?;
                outcome.note.iter().try_for_each(|note| write!(f, "  ({note})"))
            }
            Self::Broken(reason) => write!(f, "-  -  FAIL  ({reason})"),
            Self::NotYet => f.write_str("-  -  not yet"),
        }
    }
}
