//! The formats a change of a layer comes in, and the change itself.

use super::dora;
use super::file::{Lora, Module};
use super::matrix::Matrix;
use super::suffix::Role;
use crate::error::Result;

/// A change of one weight, tensors by their paths.
#[derive(Debug)]
enum Delta<'a> {
    /// `up down`, with a kernel between the two in some convolutions.
    LowRank { up: &'a str, down: &'a str, mid: Option<&'a str> },
    /// The element-wise product of two low-rank factors.
    Hadamard([Product<'a>; 2]),
    /// The Kronecker product of two factors.
    Kronecker([Factor<'a>; 2]),
}

/// `a b`, or `aᵀ kernel b`.
#[derive(Debug, Clone, Copy)]
struct Product<'a> {
    a: &'a str,
    b: &'a str,
    kernel: Option<&'a str>,
}

/// A factor of a Kronecker product.
#[derive(Debug, Clone, Copy)]
enum Factor<'a> {
    Whole(&'a str),
    Product(Product<'a>),
}

/// What a LoRA does to one layer.
#[derive(Debug)]
pub(super) struct Adapter<'a> {
    lora: &'a Lora,
    delta: Option<Delta<'a>>,
    alpha: Option<&'a str>,
    dora_scale: Option<&'a str>,
    diff: Option<&'a str>,
}

impl<'a> Adapter<'a> {
    /// Reads the format off the tensors that are there; `name` is the module's, for messages.
    pub(super) fn new(lora: &'a Lora, name: &str, module: &'a Module) -> Result<Self> {
        let get = |role: Role| module.get(&role).map(String::as_str);
        let product = |a: Role, b: Role, kernel: Role| {
            Some(Product { a: get(a)?, b: get(b)?, kernel: get(kernel) })
        };
        let low_rank = || {
            Some(Delta::LowRank { up: get(Role::Up)?, down: get(Role::Down)?, mid: get(Role::Mid) })
        };
        let hadamard = || {
            let first = product(Role::HadaW1A, Role::HadaW1B, Role::HadaT1)?;
            Some(Delta::Hadamard([first, product(Role::HadaW2A, Role::HadaW2B, Role::HadaT2)?]))
        };
        let kronecker = || {
            let factor = |whole: Role, a: Role, b: Role, kernel: Option<Role>| {
                let kernel = kernel.and_then(get);
                let product = || Some(Factor::Product(Product { a: get(a)?, b: get(b)?, kernel }));
                get(whole).map(Factor::Whole).or_else(product)
            };
            let first = factor(Role::KronW1, Role::KronW1A, Role::KronW1B, None)?;
            let kernel = Some(Role::KronT2);
            let second = factor(Role::KronW2, Role::KronW2A, Role::KronW2B, kernel)?;
            Some(Delta::Kronecker([first, second]))
        };
        let delta = low_rank().or_else(hadamard).or_else(kronecker);
        let is_part = |role: &Role| {
            !matches!(role, Role::Alpha | Role::DoraScale | Role::Diff | Role::DiffBias)
        };
        if delta.is_none() && module.keys().any(is_part) {
            return Err(lora.incomplete(name));
        }
        let (alpha, dora_scale) = (get(Role::Alpha), get(Role::DoraScale));
        Ok(Self { lora, delta, alpha, dora_scale, diff: get(Role::Diff) })
    }

    /// Refuses tensors that do not fit a weight of `shape`.
    pub(super) fn check(&self, shape: &[usize]) -> Result<()> {
        let outputs = shape.first().copied().unwrap_or(1);
        let per_output = shape.iter().skip(1).product::<usize>();
        match &self.delta {
            None => {}
            Some(Delta::LowRank { up, down, mid: None }) => {
                self.check_product([outputs, per_output], up, down)?;
            }
            Some(Delta::LowRank { up, down, mid: Some(mid) }) => {
                let inputs = shape.get(1).copied().unwrap_or(1);
                self.check_product([outputs, inputs], up, down)?;
                let rank = self.rows(down)?;
                self.check_kernel(mid, [rank, rank], per_output / inputs.max(1))?;
            }
            Some(Delta::Hadamard(factors)) => {
                for factor in factors {
                    self.check_factor(*factor, shape)?;
                }
            }
            Some(Delta::Kronecker(factors)) => {
                let [first, second] = [self.size(factors[0])?, self.size(factors[1])?];
                let joined = [0, 1].map(|axis| first[axis].saturating_mul(second[axis]));
                if joined != [outputs, per_output] {
                    let path = factors[1].path();
                    let rest = |all: usize, part: usize| all / part.max(1);
                    let expected = vec![rest(outputs, first[0]), rest(per_output, first[1])];
                    return Err(self.lora.wrong_shape(path, expected));
                }
            }
        }
        if let Some(path) = self.dora_scale {
            dora::is_by_output(self.lora, path, shape)?;
        }
        match self.diff {
            Some(path) => check_diff(self.lora, path, shape),
            None => Ok(()),
        }
    }

    /// Changes `weight`, for whose shape [`Self::check`] found nothing wrong.
    pub(super) fn apply(&self, shape: &[usize], weight: &mut [f32], strength: f32) -> Result<()> {
        if let Some(delta) = &self.delta {
            let (mut delta, rank) = self.values(delta)?;
            let scale = match (self.alpha, rank) {
                (Some(alpha), Some(rank)) => {
                    let alpha = self.lora.file.read_f32(alpha)?;
                    alpha.first().copied().unwrap_or(1.0) / rank as f32
                }
                _ => 1.0,
            };
            delta.values.iter_mut().for_each(|value| *value *= scale);
            match self.dora_scale {
                Some(path) => {
                    dora::apply(self.lora, path, shape, weight, &delta.values, strength)?;
                }
                None => add(weight, &delta.values, strength),
            }
        }
        match self.diff {
            Some(path) => apply_diff(self.lora, path, weight, strength),
            None => Ok(()),
        }
    }

    /// The change before its scale, and the rank alpha is divided by.
    fn values(&self, delta: &Delta<'_>) -> Result<(Matrix, Option<usize>)> {
        Ok(match delta {
            Delta::LowRank { up, down, mid } => {
                let mut down = Matrix::read(self.lora, down)?;
                let rank = down.rows;
                if let Some(mid) = mid {
                    down = down.through_kernel(&Matrix::read(self.lora, mid)?);
                }
                let up = Matrix::read(self.lora, up)?;
                // A 1x1 convolution's `[out, rank, 1, 1]` lies flat already.
                (up.times(&down), Some(rank))
            }
            Delta::Hadamard([first, second]) => {
                let rank = self.rows(first.b)?;
                (self.product(*first)?.hadamard(&self.product(*second)?), Some(rank))
            }
            Delta::Kronecker(factors) => {
                let [first, second] = [self.factor(factors[0])?, self.factor(factors[1])?];
                let rank = factors.iter().rev().find_map(|factor| match factor {
                    Factor::Product(product) => Some(self.rows(product.b)),
                    Factor::Whole(_) => None,
                });
                (first.kronecker(&second), rank.transpose()?)
            }
        })
    }

    fn factor(&self, factor: Factor<'_>) -> Result<Matrix> {
        match factor {
            Factor::Whole(path) => Matrix::read(self.lora, path),
            Factor::Product(product) => self.product(product),
        }
    }

    fn product(&self, Product { a, b, kernel }: Product<'_>) -> Result<Matrix> {
        let [a, b] = [Matrix::read(self.lora, a)?, Matrix::read(self.lora, b)?];
        Ok(match kernel {
            None => a.times(&b),
            Some(kernel) => {
                let kernel = Matrix::read(self.lora, kernel)?;
                a.transposed().times(&b.through_kernel(&kernel))
            }
        })
    }

    /// Rows and columns of a factor, which must fit together themselves.
    fn size(&self, factor: Factor<'_>) -> Result<[usize; 2]> {
        match factor {
            Factor::Whole(path) => Ok([self.rows(path)?, self.columns(path)?]),
            Factor::Product(Product { a, b, kernel: None }) => {
                let size = [self.rows(a)?, self.columns(b)?];
                self.check_product(size, a, b)?;
                Ok(size)
            }
            Factor::Product(Product { a, b, kernel: Some(kernel) }) => {
                let ranks = [self.rows(a)?, self.rows(b)?];
                let taps = self.columns(kernel)? / ranks[1].max(1);
                self.check_kernel(kernel, ranks, taps)?;
                Ok([self.columns(a)?, self.columns(b)?.saturating_mul(taps)])
            }
        }
    }

    fn check_factor(&self, product: Product<'_>, shape: &[usize]) -> Result<()> {
        let outputs = shape.first().copied().unwrap_or(1);
        let inputs = shape.get(1).copied().unwrap_or(1);
        let per_output = shape.iter().skip(1).product::<usize>();
        let Product { a, b, kernel } = product;
        let Some(kernel) = kernel else {
            return self.check_product([outputs, per_output], a, b);
        };
        let ranks = [self.rows(a)?, self.rows(b)?];
        self.check_shape(a, vec![ranks[0], outputs])?;
        self.check_shape(b, vec![ranks[1], inputs])?;
        self.check_kernel(kernel, ranks, per_output / inputs.max(1))
    }

    /// `a` must be `[rows, rank]` and `b` `[rank, columns]`, axes after the first laid flat.
    fn check_product(&self, [rows, columns]: [usize; 2], a: &str, b: &str) -> Result<()> {
        let rank = self.rows(b)?;
        self.check_shape(b, vec![rank, columns])?;
        self.check_shape(a, vec![rows, rank])
    }

    fn check_kernel(&self, path: &str, [i, j]: [usize; 2], taps: usize) -> Result<()> {
        if self.rows(path)? == i && self.columns(path)? == j.saturating_mul(taps) {
            return Ok(());
        }
        Err(self.lora.wrong_shape(path, vec![i, j, taps]))
    }

    fn check_shape(&self, path: &str, expected: Vec<usize>) -> Result<()> {
        if expected == [self.rows(path)?, self.columns(path)?] {
            return Ok(());
        }
        Err(self.lora.wrong_shape(path, expected))
    }

    fn rows(&self, path: &str) -> Result<usize> {
        Ok(self.lora.file.info(path)?.shape.first().copied().unwrap_or(1))
    }

    fn columns(&self, path: &str) -> Result<usize> {
        let axes = self.lora.file.info(path)?.shape.iter().skip(1);
        Ok(axes.fold(1, |product: usize, axis| product.saturating_mul(*axis)))
    }
}

impl<'a> Factor<'a> {
    fn path(self) -> &'a str {
        match self {
            Self::Whole(path) | Self::Product(Product { b: path, .. }) => path,
        }
    }
}

/// Refuses a whole change that has not as many values as the tensor of `shape`.
pub(super) fn check_diff(lora: &Lora, path: &str, shape: &[usize]) -> Result<()> {
    if lora.file.info(path)?.element_count() == shape.iter().product::<usize>() {
        return Ok(());
    }
    Err(lora.wrong_shape(path, shape.to_vec()))
}

/// Adds a whole change.
pub(super) fn apply_diff(lora: &Lora, path: &str, weight: &mut [f32], strength: f32) -> Result<()> {
    add(weight, &lora.file.read_f32(path)?, strength);
    Ok(())
}

fn add(weight: &mut [f32], delta: &[f32], strength: f32) {
    weight.iter_mut().zip(delta).for_each(|(weight, delta)| *weight += strength * delta);
}
