//! Linear multistep: Adams-Bashforth over up to four past slopes, for uneven steps.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::{History, to_d};

const ORDER: usize = 4;

/// Katherine Crowson's sampler (k-diffusion); the last step takes the prediction as it is.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut slopes = History::new(ORDER);
    for (index, pair) in sigmas.windows(2).enumerate() {
        let denoised = run.denoise(&x, pair[0]).await?;
        slopes.push(to_d(&x, pair[0], &denoised));
        x = if pair[1] == 0.0 {
            denoised.clone()
        } else {
            let past: Vec<f64> =
                (0..slopes.len()).map(|back| f64::from(sigmas[index - back])).collect();
            let weights: Vec<f64> = (0..past.len())
                .map(|back| integral(&lagrange_basis(&past, back), past[0], f64::from(pair[1])))
                .collect();
            x + slopes.weighted_sum(&weights)
        };
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// Coefficients, constant term first, of the polynomial that is 1 at `nodes[at]` and 0 at the others.
fn lagrange_basis(nodes: &[f64], at: usize) -> Vec<f64> {
    let mut polynomial = vec![1.0];
    for (_, node) in nodes.iter().enumerate().filter(|(index, _)| *index != at) {
        let scale = nodes[at] - node;
        let mut product = vec![0.0; polynomial.len() + 1];
        for (power, coefficient) in polynomial.iter().enumerate() {
            product[power + 1] += coefficient / scale;
            product[power] -= coefficient * node / scale;
        }
        polynomial = product;
    }
    polynomial
}

/// Of a polynomial, constant term first, from `a` to `b`.
fn integral(polynomial: &[f64], a: f64, b: f64) -> f64 {
    let antiderivative = |x: f64| -> f64 {
        let terms = polynomial.iter().enumerate();
        terms.map(|(power, c)| c * x.powi(power as i32 + 1) / (power as f64 + 1.0)).sum()
    };
    antiderivative(b) - antiderivative(a)
}
