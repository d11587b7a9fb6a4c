//! The words after a command.

use super::Result;

/// Hands every word to `take`, which may ask for the one after it, its value.
pub fn each<'a>(
    arguments: &'a [String],
    mut take: impl FnMut(&'a str, &mut dyn FnMut() -> Result<&'a str>) -> Result<()>,
) -> Result<()> {
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        take(argument, &mut || {
            arguments.next().ok_or_else(|| format!("{argument} needs a value").into())
        })?;
    }
    Ok(())
}

/// What a word that nothing else is made of is.
pub fn unknown(flag: &str) -> Result<()> {
    Err(format!("unknown {flag}").into())
}
