//! NumPy's `SeedSequence`: a seed stirred into any number of well mixed words.

/// The first `count` words a sequence with a pool of `POOL` words generates for `seed`.
///
/// NumPy's own pool has 4 words, torchsde asks for 24. `spawn_key` tells children of a seed apart.
pub fn generate<const POOL: usize>(seed: u64, spawn_key: &[u64], count: usize) -> Vec<u32> {
    let mut entropy = words(seed);
    if !spawn_key.is_empty() {
        entropy.resize(POOL, 0);
        entropy.extend(spawn_key.iter().copied().flat_map(words));
    }
    let mut hash = Hash { state: 0x43B0_D7E5, factor: 0x931E_8875 };
    let mut pool = [0; POOL];
    for (word, entropy) in pool.iter_mut().zip(entropy.iter().copied().chain([0; POOL])) {
        *word = hash.mix_in(entropy);
    }
    for source in 0..POOL {
        for target in (0..POOL).filter(|target| *target != source) {
            pool[target] = mix(pool[target], hash.mix_in(pool[source]));
        }
    }
    for extra in entropy.iter().skip(POOL) {
        for word in &mut pool {
            *word = mix(*word, hash.mix_in(*extra));
        }
    }
    let mut hash = Hash { state: 0x8B51_F9DD, factor: 0x58F3_8DED };
    pool.iter().cycle().take(count).map(|word| hash.mix_in(*word)).collect()
}

/// Little endian, without leading zeros; 0 is one word.
fn words(number: u64) -> Vec<u32> {
    let (low, high) = (number as u32, (number >> 32) as u32);
    if high == 0 { vec![low] } else { vec![low, high] }
}

struct Hash {
    state: u32,
    factor: u32,
}

impl Hash {
    fn mix_in(&mut self, value: u32) -> u32 {
        let value = value ^ self.state;
        self.state = self.state.wrapping_mul(self.factor);
        let value = value.wrapping_mul(self.state);
        value ^ (value >> 16)
    }
}

fn mix(x: u32, y: u32) -> u32 {
    let mixed = 0xCA01_F9DD_u32.wrapping_mul(x).wrapping_sub(0x4973_F715_u32.wrapping_mul(y));
    mixed ^ (mixed >> 16)
}
