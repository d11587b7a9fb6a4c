//! Seeds in JSON: decimal strings, because numbers beyond 2^53 are not exact there.

use serde::{Deserialize, Deserializer, Serializer, de};

/// As a string.
pub(super) fn serialize<S: Serializer>(seed: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(seed)
}

/// From a string, or from a number.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seed {
        Number(u64),
        Decimal(String),
    }
    match Seed::deserialize(deserializer)? {
        Seed::Number(seed) => Ok(seed),
        Seed::Decimal(seed) => seed.parse().map_err(|_| {
            de::Error::custom(format!("seed is {seed:?}, it must be a whole number below 2^64"))
        }),
    }
}
