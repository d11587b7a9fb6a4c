//! What stands between a pair of braces: options, one or several of which are chosen.

use super::choice::Choice;
use super::files::WildcardFiles;
use super::lora::number;
use super::names::only_name;
use std::ops::RangeInclusive;

/// Between the parts of an option list: how many, joined by what, of which.
const PART: &str = "$$";
/// Between an option's weight and its text.
const WEIGHT: &str = "::";

/// The outcome of `{content}`, or why there is none; adds to `work` how many options there were.
pub(super) fn choose(
    content: &str,
    files: &WildcardFiles,
    choice: &mut Choice,
    work: &mut usize,
) -> Result<String, String> {
    let mut options: Vec<&str> = content.split('|').collect();
    let (mut count, mut separator) = (1, " ");
    if let Some((number, rest)) = options[0].split_once(PART) {
        let range = count_range(number)?;
        options[0] = rest;
        if let Some((between, first)) = rest.split_once(PART) {
            (separator, options[0]) = (between, first);
        } else if let [only] = options[..]
            && let Some(entries) = only_name(only).and_then(|name| files.entries(name))
        {
            options = entries.iter().map(String::as_str).collect();
        }
        count = range.start() + choice.up_to(range.end() - range.start());
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    *work += options.len();
    let weights = options.iter().map(|option| weight(option)).collect::<Result<Vec<f64>, _>>()?;
    let chosen = if count > options.len() {
        choice.shuffle(&mut options);
        options
    } else {
        check(&weights, count)?;
        choice.weighted(&weights, count).into_iter().map(|place| options[place]).collect()
    };
    let texts: Vec<&str> = chosen.into_iter().map(without_weight).collect();
    Ok(texts.join(separator))
}

/// `N`, `N-M` or `-M`, which is from 1 to M.
fn count_range(text: &str) -> Result<RangeInclusive<u64>, String> {
    let malformed = || format!("{text:?} before $$ is no number of options, such as 2, 1-3 or -3");
    let whole = |digits: &str| {
        let plain = digits.chars().all(|c| c.is_ascii_digit());
        let number = if plain { digits.parse::<u64>().ok() } else { None };
        number.ok_or_else(malformed)
    };
    let (first, last) = match text.trim_end().split_once('-') {
        None => (whole(text.trim_end())?, whole(text.trim_end())?),
        Some(("", last)) => (1, whole(last)?),
        Some((first, last)) => (whole(first)?, whole(last)?),
    };
    if first > last { Err(format!("{text:?} before $$ runs backwards")) } else { Ok(first..=last) }
}

fn weight(option: &str) -> Result<f64, String> {
    let number = option.split_once(WEIGHT).and_then(|(before, _)| number(before));
    match number {
        Some(weight) if weight < 0.0 => Err(format!("the weight {weight} is negative")),
        Some(weight) => Ok(weight),
        None => Ok(1.0),
    }
}

fn check(weights: &[f64], count: usize) -> Result<(), String> {
    if !weights.iter().sum::<f64>().is_finite() {
        return Err("the weights are too large".to_owned());
    }
    let eligible = weights.iter().filter(|weight| **weight > 0.0).count();
    if eligible >= count {
        return Ok(());
    }
    Err(match eligible {
        0 => "every weight is 0".to_owned(),
        _ => format!("{count} options are to be chosen, {eligible} have a weight above 0"),
    })
}

/// Takes off what looks like a weight.
fn without_weight(option: &str) -> &str {
    match option.split_once(WEIGHT) {
        Some((before, text)) if is_weight(before.trim_start()) => text,
        _ => option,
    }
}

fn is_weight(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.')
}
