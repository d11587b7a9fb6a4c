//! DoRA: a changed weight brought to learned lengths, Liu et al. 2024.

use super::file::Lora;
use crate::error::Result;

/// Moves `weight` by `strength` of the way to `weight + delta` with rows, or else columns, of the
/// lengths in the tensor `path`.
///
/// Lengths for every output are of rows of the unchanged weight; lengths for every input, of
/// columns of the changed one.
pub(super) fn apply(
    lora: &Lora,
    path: &str,
    shape: &[usize],
    weight: &mut [f32],
    delta: &[f32],
    strength: f32,
) -> Result<()> {
    let scales = lora.file.read_f32(path)?;
    let by_output = is_by_output(lora, path, shape)?;
    let outputs = shape.first().copied().unwrap_or(1);
    let inputs = shape.get(1).copied().unwrap_or(1);
    let per_output = weight.len() / outputs.max(1);
    let taps = (per_output / inputs.max(1)).max(1);
    let group = |index: usize| {
        if by_output { index / per_output } else { index % per_output / taps }
    };
    let changed: Vec<f32> = weight.iter().zip(delta).map(|(w, d)| w + d).collect();
    let mut squares = vec![0.0_f64; scales.len()];
    for (index, value) in if by_output { &*weight } else { &changed }.iter().enumerate() {
        squares[group(index)] += f64::from(*value) * f64::from(*value);
    }
    let factors: Vec<f32> = scales
        .iter()
        .zip(squares)
        .map(|(scale, square)| scale / (square.sqrt() as f32 + f32::EPSILON))
        .collect();
    for (index, (weight, changed)) in weight.iter_mut().zip(changed).enumerate() {
        *weight += strength * (changed * factors[group(index)] - *weight);
    }
    Ok(())
}

/// Whether the tensor has a length for every output rather than every input; an error if neither.
pub(super) fn is_by_output(lora: &Lora, path: &str, shape: &[usize]) -> Result<bool> {
    let info = lora.file.info(path)?;
    let outputs = shape.first().copied().unwrap_or(1);
    let by_output = info.shape.first() == Some(&outputs);
    let expected = if by_output { outputs } else { shape.get(1).copied().unwrap_or(1) };
    if info.element_count() == expected && (by_output || info.shape.first() == Some(&1)) {
        return Ok(by_output);
    }
    Err(lora.wrong_shape(path, vec![outputs, 1]))
}
