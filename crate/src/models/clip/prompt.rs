//! Prompts as users write them: weights in parentheses, and the cut into chunks the text encoder
//! takes.

use super::{CHUNK, END_OF_TEXT, FIRST_VECTOR, START_OF_TEXT, Tokenizer};
use crate::error::Result;

/// What a pair of parentheses without a number does to the weight inside.
const EMPHASIS: f64 = 1.1;
/// Runs of fewer tokens are never torn apart by the end of a chunk.
const LARGE: usize = 8;
/// Stand for escaped parentheses while the others are looked at; Unicode gives them no meaning.
const OPENING: &str = "\u{FDD0}";
const CLOSING: &str = "\u{FDD1}";

/// The tokens of one chunk with their weights, markers included.
pub type Chunk = [(u32, f32); CHUNK];

/// A prompt's tokens in chunks; at least one, even if there is no text.
///
/// `(text)` weighs 1.1 times what surrounds it, `(text:1.3)` exactly 1.3; `\(` and `\)` are plain
/// characters. `embedding:name` is left out.
pub fn chunks(tokenizer: &Tokenizer, prompt: &str) -> Vec<Chunk> {
    let without = |_: &str| Ok(None);
    Prompt::cut(tokenizer, prompt, without).map(|prompt| prompt.chunks).unwrap_or_default()
}

/// A prompt's tokens in chunks, with the vectors that stand between them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prompt {
    /// At least one. Numbers from [`FIRST_VECTOR`] on count `vectors`.
    pub chunks: Vec<Chunk>,
    /// What embeddings consist of.
    pub vectors: Vec<Vec<f32>>,
}

impl Prompt {
    /// As [`chunks`], with the vectors that `find` has for the names of embeddings. One it does not
    /// have is left out.
    pub fn cut(
        tokenizer: &Tokenizer,
        prompt: &str,
        find: impl Fn(&str) -> Result<Option<Vec<Vec<f32>>>>,
    ) -> Result<Self> {
        let mut cutter = Cutter::default();
        let mut vectors = Vec::new();
        for (text, weight) in weighted_texts(prompt) {
            for (name, rest) in with_embeddings(&text) {
                let (found, rest) = resolved(name, rest, &find)?;
                let first = FIRST_VECTOR + vectors.len() as u32;
                cutter.push((first..first + found.len() as u32).collect(), weight as f32);
                cutter.push(tokenizer.encode(&rest), weight as f32);
                vectors.extend(found);
            }
        }
        Ok(Self { chunks: cutter.finish(), vectors })
    }
}

/// The vectors of an embedding, none if there is no such, and the text after it. Commas at the end
/// of a name that is not known with them are text.
fn resolved(
    name: &str,
    rest: &str,
    find: impl Fn(&str) -> Result<Option<Vec<Vec<f32>>>>,
) -> Result<(Vec<Vec<f32>>, String)> {
    let bare = name.trim_matches(',');
    if bare.is_empty() {
        return Ok((Vec::new(), rest.to_owned()));
    }
    if let Some(found) = find(name)? {
        return Ok((found, rest.to_owned()));
    }
    let found = if bare == name { None } else { find(bare)? };
    let commas = name.chars().skip(bare.chars().count());
    Ok((found.unwrap_or_default(), commas.chain([' ']).chain(rest.chars()).collect()))
}

/// A prompt's texts with their weights, in order.
pub fn weighted_texts(prompt: &str) -> Vec<(String, f64)> {
    let prompt = prompt.replace("\\)", CLOSING).replace("\\(", OPENING);
    let mut texts = Vec::new();
    // A stack and no recursion: nesting is as deep as the user likes.
    let mut open: Vec<_> = parts(&prompt).into_iter().rev().map(|part| (part, 1.0)).collect();
    while let Some((part, weight)) = open.pop() {
        if let Some(group) = part.strip_prefix('(').and_then(|part| part.strip_suffix(')')) {
            let (content, weight) = weigh(group, weight);
            open.extend(parts(content).into_iter().rev().map(|part| (part, weight)));
        } else {
            texts.push((part.replace(CLOSING, ")").replace(OPENING, "("), weight));
        }
    }
    texts
}

/// Takes a weight off the end of a group's content.
fn weigh(group: &str, weight: f64) -> (&str, f64) {
    match group.rsplit_once(':').map(|(text, number)| (text, parse_number(number))) {
        Some((text, Some(weight))) if !text.is_empty() => (text, weight),
        _ => (group, weight * EMPHASIS),
    }
}

/// A number as Python's `float` takes it: blanks around it and single underscores between digits
/// are no matter.
fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.split('_').collect::<Vec<_>>();
    let between_digits = digits.windows(2).all(|pair| {
        pair[0].ends_with(|c: char| c.is_ascii_digit())
            && pair[1].starts_with(|c: char| c.is_ascii_digit())
    });
    if between_digits { digits.concat().parse().ok() } else { None }
}

/// Divides a text into outermost groups, parentheses included, and what lies between them.
///
/// A closing parenthesis too many is not forgotten: the next opening one makes up for it.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0i64, 0);
    for (at, c) in text.char_indices() {
        let cut = match c {
            '(' => {
                depth += 1;
                (depth == 1).then_some(at)
            }
            ')' => {
                depth -= 1;
                (depth == 0).then_some(at + 1)
            }
            _ => None,
        };
        if let Some(cut) = cut {
            parts.push(&text[start..cut]);
            start = cut;
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

/// Divides a text before every `embedding:` that begins a word, into the names and the text after
/// each. The first part has no name.
fn with_embeddings(text: &str) -> Vec<(&str, &str)> {
    const KEYWORD: &str = "embedding:";
    let starts = text.match_indices(KEYWORD).map(|(at, _)| at);
    let mut cuts: Vec<usize> =
        starts.filter(|&at| at == 0 || text[..at].ends_with([' ', '\n'])).collect();
    cuts.push(text.len());
    let mut groups = vec![("", &text[..cuts[0]])];
    for pair in cuts.windows(2) {
        let group = &text[pair[0] + KEYWORD.len()..pair[1]];
        let word = group.find(char::is_whitespace).unwrap_or(group.len());
        groups.push(group.split_at(word));
    }
    groups
}

/// Fills chunks with groups of tokens.
#[derive(Default)]
struct Cutter {
    done: Vec<Chunk>,
    /// Tokens of the chunk being filled, without markers.
    open: Vec<(u32, f32)>,
}

impl Cutter {
    const ROOM: usize = CHUNK - 2;

    fn push(&mut self, group: Vec<u32>, weight: f32) {
        let is_large = group.len() >= LARGE;
        let mut rest = group.as_slice();
        while !rest.is_empty() {
            let room = Self::ROOM - self.open.len();
            let fits = rest.len() <= room;
            let taken = match (fits, is_large) {
                (true, _) => rest.len(),
                (false, true) => room,
                (false, false) => 0,
            };
            self.open.extend(rest[..taken].iter().map(|&token| (token, weight)));
            rest = &rest[taken..];
            if !fits {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        let mut chunk = [(END_OF_TEXT, 1.0); CHUNK];
        chunk[0] = (START_OF_TEXT, 1.0);
        chunk[1..=self.open.len()].copy_from_slice(&self.open);
        self.done.push(chunk);
        self.open.clear();
    }

    fn finish(mut self) -> Vec<Chunk> {
        if !self.open.is_empty() || self.done.is_empty() {
            self.close();
        }
        self.done
    }
}
