//! Lists of entries under names: the wildcard files, given as text.

use super::choice::Choice;
use super::yaml;
use crate::error::{Error, Result};
use std::collections::HashMap;

/// Lists of entries by name, in the order they were added.
///
/// Names are those of the reference: relative paths without extension in lower case, with `/`
/// between folders and `-` for blanks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WildcardFiles {
    lists: Vec<(String, Vec<String>)>,
    places: HashMap<String, usize>,
    /// Length of all names together.
    name_bytes: usize,
}

impl WildcardFiles {
    /// Adds or replaces the list called `name`.
    pub fn insert(&mut self, name: &str, entries: Vec<String>) {
        let name = normalized(name);
        if let Some(&place) = self.places.get(&name) {
            self.lists[place].1 = entries;
            return;
        }
        self.name_bytes += name.len();
        self.places.insert(name.clone(), self.lists.len());
        self.lists.push((name, entries));
    }

    /// Adds the file at `path`, relative to the folder of wildcards.
    ///
    /// `.txt` holds one entry a line, under its path; blank lines and those that begin with `#` do
    /// not count. `.yaml` and `.yml` hold nested names with lists of entries or single ones.
    pub fn add_file(&mut self, path: &str, text: &str) -> Result<()> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        match path.rsplit_once('.') {
            Some((name, "txt")) => {
                let lines = text.split(['\n', '\r']);
                let entries = lines.filter(|line| {
                    let line = line.trim_start();
                    !line.is_empty() && !line.starts_with('#')
                });
                self.insert(name, entries.map(str::to_owned).collect());
            }
            Some((_, "yaml" | "yml")) => {
                let lists = yaml::lists(text).map_err(|reason| refused(path, reason))?;
                lists.into_iter().for_each(|(name, entries)| self.insert(&name, entries));
            }
            _ => return Err(refused(path, "its name must end in .txt, .yaml or .yml".to_owned())),
        }
        Ok(())
    }

    /// The names there are, in the order they were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().map(|(name, _)| name.as_str())
    }

    /// The entries of the list of exactly this name.
    pub fn entries(&self, name: &str) -> Option<&[String]> {
        self.places.get(&normalized(name)).map(|&place| self.lists[place].1.as_slice())
    }

    /// About how many characters are compared to find a name.
    pub(super) fn lookup_work(&self, name: &str) -> usize {
        if name.contains('*') { self.name_bytes.saturating_mul(name.len()) } else { name.len() }
    }

    /// The lists a name stands for: the one called so, or all that a `*` in it matches.
    pub(super) fn find(&self, name: &str) -> Found {
        let name = normalized(name);
        if let Some(&place) = self.places.get(&name) {
            return Found(vec![place]);
        }
        if !name.contains('*') {
            return Found(Vec::new());
        }
        let pattern: Vec<char> = name.chars().collect();
        let matching = self.lists.iter().enumerate();
        let matching = matching.filter(|(_, (name, entries))| {
            !entries.is_empty() && begins_like(name.chars().chain(['/']), &pattern)
        });
        Found(matching.map(|(place, _)| place).collect())
    }

    /// An entry of all lists found; nothing if they hold none.
    pub(super) fn draw(&self, found: &Found, choice: &mut Choice) -> Option<&str> {
        let count: usize = found.0.iter().map(|&place| self.lists[place].1.len()).sum();
        let mut number = choice.up_to(count.checked_sub(1)? as u64) as usize;
        for &place in &found.0 {
            let entries = &self.lists[place].1;
            match entries.get(number) {
                Some(entry) => return Some(entry),
                None => number -= entries.len(),
            }
        }
        None
    }
}

/// Places of lists.
#[derive(Debug, Clone)]
pub(super) struct Found(Vec<usize>);

impl Found {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn normalized(name: &str) -> String {
    name.to_lowercase().replace('\\', "/").replace(' ', "-")
}

fn refused(path: &str, reason: String) -> Error {
    Error::WildcardFile { file: path.to_owned(), reason }
}

/// Whether a text begins with what `pattern` describes: `*` is anything, `.` any character.
fn begins_like(text: impl Iterator<Item = char>, pattern: &[char]) -> bool {
    // Which prefixes of the pattern match what has been read.
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    skip_stars(&mut reached, pattern);
    if reached[pattern.len()] {
        return true;
    }
    for c in text {
        for at in (0..pattern.len()).rev() {
            let kept = pattern[at] == '*' && reached[at + 1];
            reached[at + 1] = kept || reached[at] && [c, '.', '*'].contains(&pattern[at]);
        }
        reached[0] = false;
        skip_stars(&mut reached, pattern);
        if reached[pattern.len()] {
            return true;
        }
    }
    false
}

fn skip_stars(reached: &mut [bool], pattern: &[char]) {
    for (at, c) in pattern.iter().enumerate() {
        reached[at + 1] |= reached[at] && *c == '*';
    }
}
