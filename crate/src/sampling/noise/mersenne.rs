//! The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998).

const LEN: usize = 624;
const MIDDLE: usize = 397;

/// A generator of 32-bit numbers with a period of 2^19937 - 1.
#[derive(Clone)]
pub struct Mt19937 {
    state: [u32; LEN],
    next: usize,
}

impl std::fmt::Debug for Mt19937 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mt19937").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Mt19937 {
    /// Seeded by one 32-bit number, the classic way.
    pub fn new(seed: u32) -> Self {
        let mut state = [seed; LEN];
        for index in 1..LEN {
            let previous = state[index - 1];
            state[index] = 1_812_433_253u32
                .wrapping_mul(previous ^ (previous >> 30))
                .wrapping_add(index as u32);
        }
        Self { state, next: LEN }
    }

    /// Seeded by a list of numbers, as Python's `random.seed` does; an empty list counts as one 0.
    pub fn from_words(words: &[u32]) -> Self {
        let words = if words.is_empty() { &[0] } else { words };
        let mut generator = Self::new(19_650_218);
        let state = &mut generator.state;
        let mut at = 0;
        for turn in 0..LEN.max(words.len()) {
            let from = step(state, &mut at);
            let (place, word) = (turn % words.len(), words[turn % words.len()]);
            let added = word.wrapping_add(place as u32);
            state[at] = (state[at] ^ from.wrapping_mul(1_664_525)).wrapping_add(added);
        }
        for _ in 1..LEN {
            let from = step(state, &mut at);
            state[at] = (state[at] ^ from.wrapping_mul(1_566_083_941)).wrapping_sub(at as u32);
        }
        step(state, &mut at);
        state[0] = 0x8000_0000;
        generator
    }

    /// The next number.
    pub fn next_u32(&mut self) -> u32 {
        if self.next == LEN {
            self.refill();
        }
        let mut value = self.state[self.next];
        self.next += 1;
        value ^= value >> 11;
        value ^= (value << 7) & 0x9D2C_5680;
        value ^= (value << 15) & 0xEFC6_0000;
        value ^ (value >> 18)
    }

    /// Two numbers, the first as the high word.
    pub fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.next_u32());
        (high << 32) | u64::from(self.next_u32())
    }

    fn refill(&mut self) {
        for index in 0..LEN {
            let mixed =
                (self.state[index] & 0x8000_0000) | (self.state[(index + 1) % LEN] & 0x7FFF_FFFF);
            let twist = if mixed & 1 == 0 { 0 } else { 0x9908_B0DF };
            self.state[index] = self.state[(index + MIDDLE) % LEN] ^ (mixed >> 1) ^ twist;
        }
        self.next = 0;
    }
}

/// Moves on by one place, past the end to the second one, and stirs what was left behind.
fn step(state: &mut [u32; LEN], at: &mut usize) -> u32 {
    if *at + 1 == LEN {
        state[0] = state[LEN - 1];
        *at = 0;
    }
    let left = state[*at];
    *at += 1;
    left ^ (left >> 30)
}
