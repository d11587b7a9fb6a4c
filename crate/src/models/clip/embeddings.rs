//! Textual inversion: vectors that stand in a prompt under a name.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::CHUNK;
use crate::error::{Error, Result};
use crate::weights::Safetensors;

/// Ends of file names that prompts may leave out.
const ENDINGS: [&str; 2] = ["", ".safetensors"];
/// The tensor for CLIP-L, which files that serve several text encoders all have.
const OWN_TENSOR: &str = "clip_l";
/// What fits between the markers of a chunk.
const MOST_VECTORS: usize = CHUNK - 2;

/// The embedding files at hand, by path.
#[derive(Clone, Debug, Default)]
pub struct EmbeddingFiles(BTreeMap<String, Rc<Safetensors>>);

impl EmbeddingFiles {
    /// Adds a file under its name or path, with or without its ending.
    pub fn insert(&mut self, path: impl Into<String>, file: Rc<Safetensors>) {
        self.0.insert(path.into(), file);
    }

    /// Forgets all files.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The vectors of the embedding `name`, each `width` long; `None` if there is no such file. `own`
    /// is the tensor for this text encoder, in files that serve several.
    pub fn find(&self, name: &str, own: &str, width: usize) -> Result<Option<Vec<Vec<f32>>>> {
        let file = ENDINGS.iter().find_map(|ending| {
            let name = format!("{name}{ending}");
            let below = format!("/{name}");
            let is_it = |path: &str| path == name || path.ends_with(&below);
            self.0.iter().find(|(path, _)| is_it(path)).map(|(_, file)| file)
        });
        file.map(|file| vectors(file, own, width)).transpose()
    }
}

/// The tokens that `file` stands for in a prompt: its vectors.
///
/// # Errors
/// For a file that is no textual inversion: it has one tensor of at most 75 rows, or
/// one for each text encoder under `clip_l` and `clip_g`.
pub fn embedding_tokens(file: &Safetensors) -> Result<usize> {
    let refuse = |reason: String| Error::NotEmbedding { file: file.name().to_owned(), reason };
    let tensors = file.tensors();
    let own = tensors.get(OWN_TENSOR);
    if own.is_none() && tensors.len() != 1 {
        return Err(refuse(format!(
            "it has {} tensors and none called {OWN_TENSOR}",
            tensors.len()
        )));
    }
    match own.or_else(|| tensors.values().next()).map(|info| info.shape.as_slice()) {
        Some(&[rows, _]) if (1..=MOST_VECTORS).contains(&rows) => Ok(rows),
        Some(&[_]) => Ok(1),
        shape => Err(refuse(format!("its tensor has shape {:?}", shape.unwrap_or_default()))),
    }
}

fn vectors(file: &Safetensors, own: &str, width: usize) -> Result<Vec<Vec<f32>>> {
    let names = file.tensors().keys();
    let path = names.clone().find(|path| *path == own).or_else(|| names.clone().next());
    let path = path.map_or(own, String::as_str);
    let shape = &file.info(path)?.shape;
    match shape.as_slice() {
        [.., last] if *last == width && width > 0 => {
            Ok(file.read_f32(path)?.chunks_exact(width).map(<[f32]>::to_vec).collect())
        }
        _ => Err(Error::TensorShape {
            checkpoint: file.name().to_owned(),
            path: path.to_owned(),
            expected: vec![shape.iter().rev().skip(1).product::<usize>().max(1), width],
            found: shape.clone(),
        }),
    }
}
