//! Replays a folder of golden cases and compares: `golden DIR [--device cpu|gpu] [--filter TEXT]
//! [--sample SEED/N]`.
//!
//! One line a case: name, largest absolute error, tolerance, verdict. `--sample 7/10` replays one
//! case in ten, chosen by the seed 7. Ends with 1 if a case failed, with 2 if nothing could be
//! replayed.

#![allow(unreachable_pub, reason = "the modules are a library to other programs than this one")]

mod families;
mod native;
mod replay;

use native::{DeviceChoice, Directory, block_on};
use replay::{Case, Context, Result, Verdict, Wanted};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)).and_then(|arguments| run(&arguments)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Replays what is wanted and says how many cases failed.
fn run(arguments: &Arguments) -> Result<usize> {
    let folder = Box::new(Directory(arguments.folder.clone()));
    let context = Context::new(folder, arguments.device.open()?);
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for case in Case::list(&context)?.iter().filter(|case| arguments.wanted.includes(case)) {
        let verdict = block_on(replay::replay(families::FAMILIES, &context, case));
        match &verdict {
            Verdict::Passed(_) => passed += 1,
            Verdict::Failed(_) | Verdict::Broken(_) => failed += 1,
            Verdict::NotYet => skipped += 1,
        }
        println!("{}  {verdict}", case.id);
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    Ok(failed)
}

struct Arguments {
    folder: PathBuf,
    device: DeviceChoice,
    wanted: Wanted,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let (mut folder, mut device) = (None, DeviceChoice::Cpu);
        let mut wanted = Wanted::default();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--device" => device = value()?.parse()?,
                "--filter" => wanted.filter = value()?,
                "--sample" => wanted.sample = Some(value()?.parse()?),
                flag if flag.starts_with('-') => return Err(format!("unknown {flag}").into()),
                path => folder = Some(PathBuf::from(path)),
            }
        }
        Ok(Self { folder: folder.ok_or("which folder of golden cases?")?, device, wanted })
    }
}
