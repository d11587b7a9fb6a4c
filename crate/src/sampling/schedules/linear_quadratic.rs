//! The `linear_quadratic` schedule.

/// Share of the noise that the linear half removes.
const THRESHOLD: f64 = 0.025;

/// Small equal steps in the first half, a parabola through the second, then 0.
pub fn linear_quadratic(steps: usize, sigma_max: f32) -> Vec<f32> {
    if steps == 1 {
        return vec![sigma_max, 0.0];
    }
    let linear = (steps / 2) as f64;
    let quadratic = steps as f64 - linear;
    let excess = linear - THRESHOLD * steps as f64;
    let a = excess / (linear * quadratic * quadratic);
    let b = THRESHOLD / linear - 2.0 * excess / (quadratic * quadratic);
    let c = a * linear * linear;
    let removed = |step: usize| {
        let k = step as f64;
        if k < linear { k * THRESHOLD / linear } else { a * k * k + b * k + c }
    };
    (0..steps).map(removed).chain([1.0]).map(|share| (1.0 - share) as f32 * sigma_max).collect()
}
