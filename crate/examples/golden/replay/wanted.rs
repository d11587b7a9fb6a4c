//! Which cases of a folder are replayed.

use super::Case;

/// Which cases of a folder are replayed; all, unless something is set.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only cases with this in their name, set or kind.
    pub filter: String,
    /// Only a share of them.
    pub sample: Option<Sample>,
}

impl Wanted {
    /// Whether a case is among them.
    pub fn includes(&self, case: &Case) -> bool {
        let named =
            [&case.id, &case.set, &case.kind].iter().any(|name| name.contains(&self.filter));
        named && self.sample.as_ref().is_none_or(|sample| sample.includes(&case.id))
    }
}

/// One case in `of`, chosen by a seed: `SEED/N`.
#[derive(Debug)]
pub struct Sample {
    seed: u64,
    of: u64,
}

impl Sample {
    /// FNV-1a over the seed and the name.
    fn includes(&self, id: &str) -> bool {
        let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        let hash = self.seed.to_le_bytes().iter().fold(0xcbf2_9ce4_8422_2325, mix);
        (id.as_bytes().iter().fold(hash, mix) >> 16).is_multiple_of(self.of)
    }
}

impl std::str::FromStr for Sample {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (seed, of) = text.split_once('/')?;
            Some(Self { seed: seed.parse().ok()?, of: of.parse().ok().filter(|of| *of > 0)? })
        };
        parse().ok_or(format!("{text:?} is no sample; 7/10 is one case in ten by the seed 7"))
    }
}
