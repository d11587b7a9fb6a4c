//! Tests of `crate/src/sampling/math.rs`.

use burnish::sampling::math::{get_ancestral_step, moment_weights};

use crate::support::Random;

#[test]
fn weights_reproduce_the_moments_they_are_made_for() {
    let mut random = Random(5);
    for _ in 0..200 {
        let count = random.between(1, 4) as usize;
        // Falling with gaps, as the logarithms of a schedule do.
        let mut node = f64::from(random.unit()) * 4.0;
        let nodes: Vec<f64> = (0..count)
            .map(|_| {
                node -= 0.1 + f64::from(random.unit());
                node
            })
            .collect();
        let moments: Vec<f64> = (0..count).map(|_| f64::from(random.unit()) - 0.5).collect();
        let weights = moment_weights(&nodes, &moments);
        for (power, moment) in moments.iter().enumerate() {
            let terms = nodes.iter().zip(&weights).map(|(node, w)| w * node.powi(power as i32));
            let sum: f64 = terms.sum();
            assert!((sum - moment).abs() < 1e-9, "{nodes:?}, power {power}: {sum}, not {moment}");
        }
    }
}

#[test]
fn an_ancestral_step_keeps_the_variance() {
    let mut random = Random(6);
    for _ in 0..1000 {
        let a = random.unit() * 14.0 + 0.03;
        let b = a * random.unit();
        let (down, up) = get_ancestral_step(a, b);
        assert!(down >= 0.0 && up >= 0.0 && up <= b, "{a} to {b}");
        assert!((down * down + up * up - b * b).abs() <= 1e-5 * b * b, "{a} to {b}");
    }
}
