//! Fixed lists of sigmas stretched to another number of steps.

/// Stretches a falling list to `count` values, linear in the logarithm, its last value set to 0.
pub(super) fn log_linear(levels: &[f64], count: usize) -> Vec<f32> {
    let mut sigmas: Vec<f32> = if levels.len() == count {
        levels.iter().map(|&level| level as f32).collect()
    } else {
        (0..count).map(|index| at(levels, index as f64 / (count.max(2) - 1) as f64)).collect()
    };
    if let Some(last) = sigmas.last_mut() {
        *last = 0.0;
    }
    sigmas
}

fn at(levels: &[f64], share: f64) -> f32 {
    let position = share * (levels.len() - 1) as f64;
    let near = (position as usize).min(levels.len() - 2);
    let (from, to) = (levels[near].ln(), levels[near + 1].ln());
    (from + (to - from) * (position - near as f64)).exp() as f32
}
