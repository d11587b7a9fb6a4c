//! Feeds damaged input to what reads text and files of users: `fuzz [TARGET] [--seconds N]
//! [--seed N]`, every target in turn if none is named.
//!
//! The same seed gives the same inputs. Ends with 1 at the first input that is neither read nor
//! refused, and shows it.

#![allow(unreachable_pub, reason = "the modules are shared with the tests")]

mod files;
mod headers;
mod motion;
mod mutate;
mod run;
mod targets;

use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let (mut name, mut seconds, mut seed) = (None, 60, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|number| number.parse().ok());
        match argument.as_str() {
            "--seconds" => seconds = number().unwrap_or(seconds),
            "--seed" => seed = number().unwrap_or(seed),
            _ => name = Some(argument),
        }
    }
    let chosen =
        targets::TARGETS.iter().filter(|row| name.as_deref().is_none_or(|n| n == row.name));
    let mut has_run = false;
    for target in chosen {
        has_run = true;
        match run::run(target, seed, Duration::from_secs(seconds)) {
            Ok(counts) => println!("{}  {counts}", target.name),
            Err(failure) => {
                eprintln!("{}  {failure}", target.name);
                return ExitCode::FAILURE;
            }
        }
    }
    if !has_run {
        let names: Vec<_> = targets::TARGETS.iter().map(|row| row.name).collect();
        eprintln!("no such target, expected one of {}", names.join(", "));
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}
