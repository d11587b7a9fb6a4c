//! Filling in a text: quantifiers, options and names, round after round.

use super::choice::Choice;
use super::files::{Found, WildcardFiles};
use super::names::{marked, name_places};
use super::options::choose;
use crate::error::{Error, Result};
use std::collections::HashMap;

/// What was put in is looked through again this often at most.
const ROUNDS: usize = 99;
/// Longest text that is filled in, in bytes; a thousand times longer than prompts are.
const LONGEST: usize = 1 << 18;
/// How many bytes may be read, moved or compared on the whole: a fraction of a second.
const WORK: usize = 1 << 23;
/// How many times slower than moving a text it is to look for names in it.
const SEARCH: usize = 4;
/// How many moved bytes a name is worth that is looked up once more.
const LOOKUP: usize = 100;
/// Unknown names in a text.
const UNKNOWN: usize = 200;
/// Longest excerpt of a text in an error, in characters.
const EXCERPT: usize = 60;

/// Fills in the options and names of a text, the same for the same seed.
///
/// `{a|b}` becomes one of its options, `{2$$, $$a|b|c}` two of them, `__name__` an entry of the
/// list of that name, `3#__name__` three options of it; `5::a` in an option is its weight. Lines
/// that begin with `#` are left out. A name in no list stays.
pub fn populate(text: &str, seed: u64, files: &WildcardFiles) -> Result<String> {
    let mut text = Text {
        files,
        choice: Choice::new(seed),
        text: without_comments(text),
        found: HashMap::new(),
        is_settled: false,
        work: 0,
    };
    for _ in 0..ROUNDS {
        text.repeat_quantified()?;
        text.choose_options()?;
        if !text.replace_names(0)? {
            break;
        }
    }
    Ok(text.text)
}

/// Drops lines that begin with `#`; the line after one goes on where the line before it ended.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let (mut is_first, mut after_comment) = (true, false);
    for line in text.split('\n') {
        if line.trim_start().starts_with('#') {
            after_comment = true;
            continue;
        }
        if !is_first {
            kept.push(if after_comment { ' ' } else { '\n' });
            after_comment = false;
        }
        kept.push_str(line);
        is_first = false;
    }
    kept
}

/// A text being filled in.
struct Text<'a> {
    files: &'a WildcardFiles,
    choice: Choice,
    text: String,
    found: HashMap<String, Found>,
    /// Nothing changed since all names were looked up in vain.
    is_settled: bool,
    work: usize,
}

impl Text<'_> {
    /// Takes over a changed text, unless it grows or works beyond measure.
    fn set(&mut self, text: String) -> Result<()> {
        if text.len() > LONGEST {
            return Err(self.refused("it grows without end"));
        }
        self.text = text;
        self.is_settled = false;
        self.spend()
    }

    /// Counts one look through the text.
    fn spend(&mut self) -> Result<()> {
        self.work += self.text.len();
        if self.work > WORK { Err(self.refused("it takes too long to fill in")) } else { Ok(()) }
    }

    fn refused(&self, reason: &str) -> Error {
        Error::Wildcard { text: excerpt(&self.text), reason: reason.to_owned() }
    }

    /// `3#__name__` becomes the name three times, as options; the first number holds for all
    /// quantifiers of a name.
    fn repeat_quantified(&mut self) -> Result<()> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut repeated = String::new();
        let mut done = 0;
        for place in name_places(&self.text) {
            let Some(before) = self.text[done..place.start].strip_suffix('#') else { continue };
            let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            if digits == 0 {
                continue;
            }
            let start = before.len() - digits;
            let name = place.name(&self.text).to_lowercase();
            let count = before[start..].parse().unwrap_or(usize::MAX);
            let count = *counts.entry(name.clone()).or_insert(count);
            let name = marked(&name);
            if count.saturating_mul(name.len() + 1) > LONGEST {
                return Err(self.refused("it repeats a name too often"));
            }
            repeated.push_str(&before[..start]);
            repeated.push_str(&vec![name; count].join("|"));
            done = place.end;
            if repeated.len() > LONGEST {
                return Err(self.refused("it grows without end"));
            }
        }
        if done == 0 {
            return self.spend();
        }
        repeated.push_str(&self.text[done..]);
        self.set(repeated)
    }

    /// Decides all braces, the inner ones before those around them.
    fn choose_options(&mut self) -> Result<()> {
        while let Some(chosen) = self.choose_innermost()? {
            self.set(chosen)?;
        }
        Ok(())
    }

    fn choose_innermost(&mut self) -> Result<Option<String>> {
        let mut chosen = String::new();
        let (mut open, mut done) = (None, 0);
        for (at, byte) in self.text.bytes().enumerate() {
            match byte {
                b'{' => open = Some(at),
                b'}' => {
                    let Some(open) = open.take() else { continue };
                    let content = &self.text[open + 1..at];
                    let outcome = choose(content, self.files, &mut self.choice, &mut self.work);
                    let outcome = outcome.map_err(|reason| Error::Wildcard {
                        text: excerpt(&self.text[open..=at]),
                        reason,
                    })?;
                    chosen.push_str(&self.text[done..open]);
                    chosen.push_str(&outcome);
                    done = at + 1;
                    if chosen.len() > LONGEST {
                        return Err(self.refused("it grows without end"));
                    }
                }
                _ => {}
            }
        }
        if done == 0 {
            return Ok(None);
        }
        chosen.push_str(&self.text[done..]);
        Ok(Some(chosen))
    }

    /// Puts an entry in place of every name there was at the start, and says whether it did.
    ///
    /// As in the reference, a name without a folder that is not found is looked for in all
    /// folders by going through the whole text once more, and the answer is then that search's:
    /// an unknown name can hide that something was put in before it.
    fn replace_names(&mut self, depth: usize) -> Result<bool> {
        if self.is_settled {
            return Ok(false);
        }
        if depth > UNKNOWN {
            return Err(self.refused("it has too many names that are in no file"));
        }
        self.work += SEARCH * self.text.len();
        self.spend()?;
        self.is_settled = true;
        let places = name_places(&self.text);
        let names: Vec<String> =
            places.into_iter().map(|place| place.name(&self.text).to_owned()).collect();
        let mut has_replaced = false;
        for name in names {
            self.work += LOOKUP;
            let found = self.found.entry(name.clone()).or_insert_with(|| {
                self.work += self.files.lookup_work(&name);
                self.files.find(&name)
            });
            if !found.is_empty() {
                let Some(entry) = self.files.draw(found, &mut self.choice) else {
                    let text = marked(&name);
                    return Err(Error::Wildcard { text, reason: "its list is empty".to_owned() });
                };
                self.set(self.text.replacen(&marked(&name), entry, 1))?;
                has_replaced = true;
            } else if !name.contains(['/', '\\']) {
                let anywhere = marked(&format!("*/{name}"));
                if self.text.contains(&marked(&name)) {
                    self.set(self.text.replacen(&marked(&name), &anywhere, 1))?;
                }
                has_replaced = self.replace_names(depth + 1)?;
            }
        }
        Ok(has_replaced)
    }
}

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
