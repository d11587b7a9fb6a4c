//! Which layer may import which, read from the sources: section 2 of ARCHITECTURE.md as a table.

use std::fs;
use std::path::{Path, PathBuf};

/// What every layer may import.
const SHARED: &[&str] = &["error", "geometry", "monitor"];

/// A layer and what it may import besides itself and [`SHARED`].
const LAYERS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("geometry", &[]),
    ("monitor", &[]),
    ("image", &[]),
    ("segs", &["image"]),
    ("weights", &["ops"]),
    ("ops", &[]),
    ("device", &["ops"]),
    ("nn", &["ops", "weights"]),
    ("models", &["ops", "nn", "weights"]),
    ("sampling", &[]),
    ("diffusion", &["image", "weights", "ops", "models", "sampling"]),
    ("wildcards", &["segs", "sampling"]),
    ("detailer", &["image", "segs", "sampling", "wildcards", "diffusion"]),
    (
        "wasm",
        &[
            "image",
            "segs",
            "wildcards",
            "weights",
            "ops",
            "models",
            "sampling",
            "diffusion",
            "detailer",
        ],
    ),
];

/// Whether a layer must not name a word.
type Banned = fn(&str) -> bool;

/// A word and the layers that must not name it.
const ABSENT: &[(&str, Banned)] = &[
    ("burn::", |layer| ["image", "segs", "geometry", "wildcards"].contains(&layer)),
    ("std::fs", |layer| layer != "weights"),
    ("js_sys", |layer| layer != "wasm"),
    ("web_sys", |layer| layer != "wasm"),
    ("wasm_bindgen", |layer| layer != "wasm"),
];

struct Source {
    path: PathBuf,
    layer: String,
    /// The text without comments.
    code: String,
}

#[test]
fn layers_import_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for source in sources() {
        let allowed = LAYERS
            .iter()
            .find(|(layer, _)| *layer == source.layer)
            .unwrap_or_else(|| panic!("{} is in no layer of the table", source.path.display()))
            .1;
        for import in imports(&source.code) {
            let own = import == source.layer;
            if !own && !SHARED.contains(&import) && !allowed.contains(&import) {
                wrong.push(format!("{}: crate::{import}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the layers:\n{}", wrong.join("\n"));
}

#[test]
fn layers_name_nothing_that_belongs_elsewhere() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (word, is_banned) in ABSENT {
            if is_banned(&source.layer) && source.code.contains(word) {
                wrong.push(format!("{}: {word}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "words that belong to another layer:\n{}", wrong.join("\n"));
}

#[test]
fn networks_do_not_import_each_other() {
    let mut wrong = Vec::new();
    for source in sources().into_iter().filter(|source| source.layer == "models") {
        let Some(network) = component(&source.path, 1).filter(|name| !name.ends_with(".rs")) else {
            continue;
        };
        for (at, prefix) in source.code.match_indices("crate::models::") {
            let named = word(&source.code[at + prefix.len()..]);
            if named.starts_with(char::is_lowercase) && named != network {
                wrong.push(format!("{}: crate::models::{named}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "networks that import another:\n{}", wrong.join("\n"));
}

#[test]
fn the_check_sees_single_and_grouped_imports() {
    let code = "use crate::image::Mask;\nuse crate::{Error, segs::{Seg, Segs}, weights};";
    assert_eq!(imports(code), ["image", "segs", "weights"]);
}

/// Every source file below a layer; `lib.rs` joins the layers and is in none.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_owned();
                let layer = component(&path, 0).unwrap().trim_end_matches(".rs").to_owned();
                found.push(Source { path, layer, code: without_comments(&text) });
            }
        }
    }
    found.retain(|source| source.layer != "lib");
    assert!(!found.is_empty(), "no sources under {}", root.display());
    found
}

/// The layers named after `crate::`, one by one or in a group; names from the crate's root
/// (`Error`, `Result`) begin with a capital and belong to everyone.
fn imports(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let is_whole_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            _ if !is_whole_word => {}
            None => names.push(word(rest)),
            Some(group) => names.extend(group_heads(group)),
        }
    }
    names.retain(|name| name.starts_with(char::is_lowercase));
    names
}

/// First words of the parts of `{a, b::{c, d}, e}`, given from behind the opening brace.
fn group_heads(group: &str) -> Vec<&str> {
    let mut heads = vec![word(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(word(&group[at + 1..])),
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

fn component(path: &Path, index: usize) -> Option<&str> {
    path.components().nth(index)?.as_os_str().to_str()
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| line.find("//").map_or(line, |at| &line[..at]));
    lines.collect::<Vec<_>>().join("\n")
}
