//! CLIP's byte-pair encoding: text to token numbers, without weights or markers.

use super::{END_OF_TEXT, START_OF_TEXT};
use crate::error::{Error, Result};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io::Read;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Merges CLIP was trained with: the first of the list's lines.
const MERGES: usize = 48_894;
/// First token that is a merge; before it come the bytes and the bytes that end a word.
const FIRST_MERGE: u32 = 512;
/// Longest decompressed merge list that is believed, in bytes.
const LONGEST_LIST: u64 = 16 << 20;
/// Takes the place of a token that went into the one before it.
const GONE: u32 = u32::MAX;
/// Marks the end of a word in the merge list.
const WORD_END: &str = "</w>";

/// The merges in the form words are encoded with.
pub struct Tokenizer {
    /// The token of each byte inside a word; 256 more at a word's end.
    of_byte: [u32; 256],
    /// The token two neighbours become; a lower one goes first.
    merges: HashMap<(u32, u32), u32>,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokenizer({} merges)", self.merges.len())
    }
}

impl Tokenizer {
    /// The vocabulary built into the program.
    pub fn embedded() -> Result<Self> {
        Self::from_gzip(include_bytes!("../../../../models/clip/bpe_simple_vocab_16e6.txt.gz"))
    }

    /// From a compressed merge list: a title line, then two symbols a line in rank order.
    pub fn from_gzip(bytes: &[u8]) -> Result<Self> {
        let mut list = String::new();
        flate2::read::GzDecoder::new(bytes)
            .take(LONGEST_LIST)
            .read_to_string(&mut list)
            .map_err(|error| damaged(error.to_string()))?;
        Self::from_merges(list.lines().skip(1).take(MERGES))
    }

    fn from_merges<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Self> {
        let stand_ins = byte_stand_ins();
        let mut of_byte = [0; 256];
        let mut of_symbol = HashMap::new();
        for (token, (byte, symbol)) in (0..).zip(stand_ins) {
            of_byte[usize::from(byte)] = token;
            of_symbol.insert(symbol.to_string(), token);
            of_symbol.insert(format!("{symbol}{WORD_END}"), token + 256);
        }
        let mut merges = HashMap::new();
        for (token, line) in (FIRST_MERGE..).zip(lines) {
            let (left, right) = line
                .split_once(' ')
                .ok_or_else(|| damaged(format!("line {line:?} has no two symbols")))?;
            let known = |symbol: &str| {
                let unknown = || damaged(format!("line {line:?} uses an unknown symbol"));
                of_symbol.get(symbol).copied().ok_or_else(unknown)
            };
            merges.insert((known(left)?, known(right)?), token);
            of_symbol.insert(format!("{left}{right}"), token);
        }
        if merges.len() != MERGES {
            return Err(damaged(format!("it has {} merges, not {MERGES}", merges.len())));
        }
        Ok(Self { of_byte, merges })
    }

    /// The tokens of a text. Case, composition of accents and amount of white space do not matter.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let text: String = text.nfc().flat_map(char::to_lowercase).collect();
        let mut tokens = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (word, after) = rest.split_at(word_len(rest));
            match word {
                "<|startoftext|>" => tokens.push(START_OF_TEXT),
                "<|endoftext|>" => tokens.push(END_OF_TEXT),
                _ => tokens.extend(self.encode_word(word)),
            }
            rest = after.trim_start();
        }
        tokens
    }

    /// Merges the neighbours of lowest rank, the first of equal ones, until none can be.
    ///
    /// A merge's result only takes part in merges of higher rank, so a queue of pairs gives what
    /// looking through the whole word again and again would.
    fn encode_word(&self, word: &str) -> Vec<u32> {
        let mut tokens: Vec<u32> = word.bytes().map(|b| self.of_byte[usize::from(b)]).collect();
        let count = tokens.len();
        if let Some(last) = tokens.last_mut() {
            *last += 256;
        }
        let merged = |tokens: &[u32], left: usize, right: usize| {
            let pair = (*tokens.get(left)?, *tokens.get(right)?);
            self.merges.get(&pair).copied()
        };
        // The neighbours of each token that is left; beyond the ends lies `count`.
        let mut after: Vec<usize> = (1..=count).collect();
        let mut before: Vec<usize> =
            (0..count).map(|at| at.checked_sub(1).unwrap_or(count)).collect();
        let pairs = (0..count).filter_map(|at| Some(Reverse((merged(&tokens, at, at + 1)?, at))));
        let mut queue: BinaryHeap<_> = pairs.collect();
        while let Some(Reverse((token, left))) = queue.pop() {
            let right = after[left];
            if merged(&tokens, left, right) != Some(token) {
                continue;
            }
            tokens[left] = token;
            tokens[right] = GONE;
            after[left] = after[right];
            if let Some(before) = before.get_mut(after[left]) {
                *before = left;
            }
            let pairs = [(before[left], left), (left, after[left])];
            let pairs = pairs
                .into_iter()
                .filter_map(|(left, right)| Some(Reverse((merged(&tokens, left, right)?, left))));
            queue.extend(pairs);
        }
        tokens.retain(|&token| token != GONE);
        tokens
    }
}

/// Bytes of the word a text begins with, which is not white space: a marker, an English
/// contraction, a run of letters, a single digit, or a run of anything else.
fn word_len(text: &str) -> usize {
    const FIXED: [&str; 9] =
        ["<|startoftext|>", "<|endoftext|>", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    if let Some(word) = FIXED.iter().find(|word| text.starts_with(**word)) {
        return word.len();
    }
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return 0 };
    let kind = Kind::of(first);
    if kind == Kind::Number {
        return first.len_utf8();
    }
    first.len_utf8() + chars.take_while(|&c| Kind::of(c) == kind).map(char::len_utf8).sum::<usize>()
}

#[derive(PartialEq)]
enum Kind {
    Letter,
    Number,
    Space,
    Other,
}

impl Kind {
    /// Unicode's categories L and N. Rust's "alphabetic" is wider: it takes in some marks,
    /// letter-like numbers and circled letters.
    fn of(c: char) -> Self {
        let circled = matches!(c, '\u{24B6}'..='\u{24E9}' | '\u{1F130}'..='\u{1F189}');
        match c {
            c if c.is_numeric() => Self::Number,
            c if c.is_whitespace() => Self::Space,
            c if c.is_alphabetic() && !circled && !is_combining_mark(c) => Self::Letter,
            _ => Self::Other,
        }
    }
}

/// Every byte in token order with the character that stands for it in the merge list: printable
/// bytes for themselves, the others moved up beyond them.
fn byte_stand_ins() -> impl Iterator<Item = (u8, char)> {
    let printable = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let moved_up = (0..=255).filter(move |byte| !printable(byte)).zip('\u{100}'..);
    (0..=255).filter(printable).map(|byte| (byte, char::from(byte))).chain(moved_up)
}

fn damaged(reason: String) -> Error {
    Error::Vocabulary { reason }
}
