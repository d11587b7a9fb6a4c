//! A sampler handed over as an object.

use serde::{Deserialize, Serialize};

use super::{DetailerHook, Pending, at_once};

/// Samples with another sampler than the node's, under the rules for sampler objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomSampler {
    /// A name in [`crate::sampling::SAMPLERS`].
    pub sampler_name: String,
}

impl Default for CustomSampler {
    fn default() -> Self {
        Self { sampler_name: "euler".to_owned() }
    }
}

impl DetailerHook for CustomSampler {
    fn get_custom_sampler(&mut self) -> Pending<'_, Option<String>> {
        at_once(Ok(Some(self.sampler_name.clone())))
    }
}
