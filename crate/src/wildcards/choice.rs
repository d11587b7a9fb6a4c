//! Chance as the reference has it: NumPy's `default_rng` and Python's `random`.

use crate::sampling::noise::Mt19937;
use crate::sampling::noise::seed_sequence;

/// What a PCG64 state is multiplied with at each step (O'Neill 2014).
const MULTIPLIER: u128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645;

/// Draws of NumPy's `default_rng(seed)`, number for number.
#[derive(Debug, Clone)]
pub struct Choice {
    state: u128,
    increment: u128,
    /// The half of a 64-bit draw that has not been used yet.
    half: Option<u32>,
}

impl Choice {
    /// The generator of one seed.
    pub fn new(seed: u64) -> Self {
        let words = seed_sequence::generate::<4>(seed, &[], 8);
        let word = |at: usize| u128::from(words[at + 1]) << 32 | u128::from(words[at]);
        let (start, stream) = (word(0) << 64 | word(2), word(4) << 64 | word(6));
        let mut choice = Self { state: 0, increment: stream << 1 | 1, half: None };
        choice.step();
        choice.state = choice.state.wrapping_add(start);
        choice.step();
        choice
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.step();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    fn next_u32(&mut self) -> u32 {
        self.half.take().unwrap_or_else(|| {
            let draw = self.next_u64();
            self.half = Some((draw >> 32) as u32);
            draw as u32
        })
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number from 0 to `last`, both included.
    pub fn up_to(&mut self, last: u64) -> u64 {
        match u32::try_from(last) {
            Ok(0) => 0,
            Ok(u32::MAX) => self.next_u32().into(),
            Ok(last) => {
                let count = last + 1;
                loop {
                    let scaled = u64::from(self.next_u32()) * u64::from(count);
                    if scaled as u32 >= count.wrapping_neg() % count {
                        return scaled >> 32;
                    }
                }
            }
            Err(_) if last == u64::MAX => self.next_u64(),
            Err(_) => {
                let count = last + 1;
                loop {
                    let scaled = u128::from(self.next_u64()) * u128::from(count);
                    if scaled as u64 >= count.wrapping_neg() % count {
                        return (scaled >> 64) as u64;
                    }
                }
            }
        }
    }

    /// `count` different places in `weights`, heavier ones sooner.
    ///
    /// Weights are finite and not negative; at least `count` of them are above 0.
    pub fn weighted(&mut self, weights: &[f64], count: usize) -> Vec<usize> {
        let total: f64 = weights.iter().sum();
        let mut shares: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
        let mut chosen = Vec::with_capacity(count);
        while chosen.len() < count {
            let draws: Vec<f64> = (chosen.len()..count).map(|_| self.unit()).collect();
            let mut sum = 0.0;
            let mut bounds: Vec<f64> = Vec::with_capacity(shares.len());
            for share in &shares {
                sum += share;
                bounds.push(sum);
            }
            bounds.iter_mut().for_each(|bound| *bound /= sum);
            let before = chosen.len();
            for draw in draws {
                let place = bounds.partition_point(|bound| *bound <= draw);
                if place < shares.len() && shares[place] > 0.0 {
                    shares[place] = 0.0;
                    chosen.push(place);
                }
            }
            if chosen.len() == before {
                break;
            }
        }
        chosen
    }

    /// Puts `items` in random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let mask = u32::MAX >> (last as u32).leading_zeros();
            let place = loop {
                let place = (self.next_u32() & mask) as usize;
                if place <= last {
                    break place;
                }
            };
            items.swap(last, place);
        }
    }
}

/// Draws of Python's `random` after `random.seed(seed)`, number for number.
#[derive(Debug, Clone)]
pub(super) struct PythonRandom(Mt19937);

impl PythonRandom {
    pub(super) fn new(seed: u64) -> Self {
        let words = [seed as u32, (seed >> 32) as u32];
        let count = if words[1] == 0 { 1 } else { 2 };
        Self(Mt19937::from_words(&words[..count]))
    }

    /// `random.randint(0, last)`; `last` is at most 2^63.
    pub(super) fn up_to(&mut self, last: u64) -> u64 {
        let bits = (last + 1).ilog2() + 1;
        loop {
            let low = u64::from(self.0.next_u32());
            let draw = match bits {
                0..=32 => low >> (32 - bits),
                _ => low | u64::from(self.0.next_u32() >> (64 - bits)) << 32,
            };
            if draw <= last {
                return draw;
            }
        }
    }

    /// `random.shuffle`.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let place = self.up_to(last as u64) as usize;
            items.swap(last, place);
        }
    }
}
