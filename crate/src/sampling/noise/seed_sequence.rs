//! NumPy's `SeedSequence` with the pool of 24 words that torchsde asks for.

const POOL: usize = 24;

/// The first word a sequence generates for `seed` with `spawn_key`.
pub fn first_word(seed: u64, spawn_key: &[u64]) -> u32 {
    let mut entropy = words(seed);
    if !spawn_key.is_empty() {
        entropy.resize(POOL, 0);
        entropy.extend(spawn_key.iter().copied().flat_map(words));
    }
    let mut hash = Hash(0x43B0_D7E5);
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
    let start = 0x8B51_F9DD_u32;
    let word = (pool[0] ^ start).wrapping_mul(start.wrapping_mul(0x58F3_8DED));
    word ^ (word >> 16)
}

/// Little endian, without leading zeros; 0 is one word.
fn words(number: u64) -> Vec<u32> {
    let (low, high) = (number as u32, (number >> 32) as u32);
    if high == 0 { vec![low] } else { vec![low, high] }
}

struct Hash(u32);

impl Hash {
    fn mix_in(&mut self, value: u32) -> u32 {
        let value = value ^ self.0;
        self.0 = self.0.wrapping_mul(0x931E_8875);
        let value = value.wrapping_mul(self.0);
        value ^ (value >> 16)
    }
}

fn mix(x: u32, y: u32) -> u32 {
    let mixed = 0xCA01_F9DD_u32.wrapping_mul(x).wrapping_sub(0x4973_F715_u32.wrapping_mul(y));
    mixed ^ (mixed >> 16)
}
