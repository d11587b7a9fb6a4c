//! A Brownian path over sigma, whose increments do not depend on the order they are asked for.
//!
//! Number for number torchsde's `BrownianTree` as k-diffusion uses it: a dyadic tree of intervals,
//! each split at its midpoint with a bridge seeded by its place in the tree.

use super::randn;
use super::seed_sequence::generate;

/// Words in the pool of the sequences torchsde seeds its nodes from.
const POOL: usize = 24;

/// The path of one seed.
#[derive(Debug)]
pub struct Brownian {
    seed: u64,
    root: Node,
}

#[derive(Debug)]
struct Node {
    start: f64,
    end: f64,
    /// Increment of the path over the interval.
    increment: Vec<f32>,
    halves: Option<Box<[Node; 2]>>,
}

/// Place of a node in the tree.
#[derive(Debug, Clone, Copy)]
struct Address {
    key: u64,
    depth: u64,
}

impl Brownian {
    /// A path of `len` independent values from the least sigma above 0 to the largest in `sigmas`.
    ///
    /// All bits of the seed matter, unlike those of the initial noise.
    pub fn new(seed: u64, sigmas: &[f32], len: usize) -> Self {
        let above_zero = sigmas.iter().copied().filter(|sigma| *sigma > 0.0);
        let start = rounded(above_zero.fold(f32::INFINITY, f32::min));
        let end = rounded(sigmas.iter().copied().fold(0.0, f32::max));
        let scale = (end - start).sqrt() as f32;
        let mut increment = randn(first_word(seed, &[]).into(), len);
        increment.iter_mut().for_each(|value| *value *= scale);
        Self { seed, root: Node { start, end, increment, halves: None } }
    }

    /// Standard normal noise for a step from sigma `a` down to sigma `b`.
    pub fn noise(&mut self, a: f32, b: f32) -> Vec<f32> {
        let Node { start, end, .. } = self.root;
        let inside = |sigma: f32| rounded(sigma).clamp(start, end);
        let address = Address { key: 0, depth: 0 };
        let mut increment =
            self.root.increment(self.seed, address, inside(a.min(b)), inside(a.max(b)));
        let scale = if a > b { -(a - b).sqrt() } else { (b - a).sqrt() };
        increment.iter_mut().for_each(|value| *value /= scale);
        increment
    }
}

impl Node {
    /// Of the path from `from` to `to`, both within the interval.
    fn increment(&mut self, seed: u64, address: Address, from: f64, to: f64) -> Vec<f32> {
        if (from, to) == (self.start, self.end) {
            return self.increment.clone();
        }
        let (start, end, whole) = (self.start, self.end, &self.increment);
        let halves =
            self.halves.get_or_insert_with(|| Box::new(split(start, end, whole, seed, address)));
        let [left, right] = halves.as_mut();
        let below = |half| Address { key: 2 * address.key + half, depth: address.depth + 1 };
        let middle = left.end;
        if to <= middle {
            return left.increment(seed, below(0), from, to);
        }
        if from >= middle {
            return right.increment(seed, below(1), from, to);
        }
        let mut sum = left.increment(seed, below(0), from, middle);
        let rest = right.increment(seed, below(1), middle, to);
        sum.iter_mut().zip(rest).for_each(|(sum, rest)| *sum += rest);
        sum
    }
}

/// Both halves of an interval with the increment `whole`.
fn split(start: f64, end: f64, whole: &[f32], seed: u64, address: Address) -> [Node; 2] {
    let middle = rounded(0.5 * (end + start));
    let word = first_word(seed, &[address.key, address.depth]);
    let noise = randn(word.into(), whole.len());
    let before = (middle - start) as f32;
    let share = (1.0 / (end - start)) as f32;
    let spread = ((middle - start) * (end - middle) / (end - start)).sqrt() as f32;
    let pairs = whole.iter().zip(&noise);
    let left: Vec<f32> =
        pairs.map(|(whole, noise)| before * whole * share + spread * noise).collect();
    let right = whole.iter().zip(&left).map(|(whole, left)| whole - left).collect();
    [
        Node { start, end: middle, increment: left, halves: None },
        Node { start: middle, end, increment: right, halves: None },
    ]
}

/// To six decimals, as the decimal notation of the number rounds.
fn rounded(sigma: impl Into<f64>) -> f64 {
    let sigma = sigma.into();
    format!("{sigma:.6}").parse().unwrap_or(sigma)
}

fn first_word(seed: u64, spawn_key: &[u64]) -> u32 {
    generate::<POOL>(seed, spawn_key, 1)[0]
}
