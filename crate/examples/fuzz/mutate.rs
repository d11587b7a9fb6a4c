//! Damage done to inputs.

/// A small generator of random numbers (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is above 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// Longest input that is made, in bytes.
const LONGEST: usize = 1 << 14;

/// Damages `input` up to four times, mostly once, with `words` of its language and with parts of `other`.
pub fn mutate(input: &mut Vec<u8>, words: &[&str], other: &[u8], random: &mut Random) {
    let least = random.below(4);
    for _ in 0..=random.below(least + 1) {
        let at = random.below(input.len() + 1);
        let end = at + random.below(input.len() - at + 1);
        match random.below(9) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..end)),
            2 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = random.bits() as u8;
                }
            }
            3 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            4 => insert(input, at, random.pick(words).as_bytes()),
            5 => {
                let word = random.pick(words).repeat(1 << random.below(11));
                insert(input, at, word.as_bytes());
            }
            6 => {
                let piece = input[at..end].to_vec();
                let place = random.below(input.len() + 1);
                insert(input, place, &piece);
            }
            7 => {
                let from = random.below(other.len() + 1);
                insert(input, at, &other[from..from + random.below(other.len() - from + 1)]);
            }
            _ => change_number(input, random),
        }
        input.truncate(LONGEST);
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

/// Puts another number in place of one.
fn change_number(input: &mut Vec<u8>, random: &mut Random) {
    const NUMBERS: [&str; 10] =
        ["0", "1", "-1", "2", "7", "16385", "4294967296", "99999999999999999999", "1e308", "0.5"];
    let is_digit = |at: &usize| input[*at].is_ascii_digit();
    let digits: Vec<usize> = (0..input.len()).filter(is_digit).collect();
    if digits.is_empty() {
        return;
    }
    let start = *random.pick(&digits);
    let len = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    input.splice(start..start + len, random.pick(&NUMBERS).bytes());
}
