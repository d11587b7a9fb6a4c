//! Networks at full size without downloads: writes checkpoints with the layout of published files
//! and numbers that follow from their keys, and compares what the networks make of recorded inputs
//! with what torch made of them.
//!
//! ```text
//! fullsize make KIND... --to DIR [--wide]        writes KIND.safetensors; --wide stores f32
//! fullsize clip --files DIR [--device cpu|gpu] [--frames 16] [--side 64] [--steps 3]
//!          [--precision NAME]                     bytes and times of a clip under a motion module
//! fullsize DIR --files DIR [--device cpu|gpu] [--precision NAME] [--filter TEXT]
//!     [--limits f32|f16|NUMBER]
//! ```
//!
//! `fullsize load` measures loading, see `load.rs`. The recorded folder has a `manifest.json` and the
//! files it names. One line a case: worst error
//! over the limit of its kind, or over NUMBER, as shares of the output's standard deviation. Files
//! that are missing are made. TEXT is the name of a case, or a part of some. Ends with 1 if a case
//! failed.

#![allow(unreachable_pub, reason = "the modules are shared with the tests")]

mod arguments;
mod cases;
mod clip;
mod layout;
mod load;
mod networks;
mod recorded;
mod unet;
mod values;
mod write;

use burnish::device::{open_cpu, open_gpu};
use burnish::weights::Precision;
use pollster::block_on;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Anything that ends the program.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((first, kinds)) if first == "make" => make_all(kinds).map(|()| 0),
        Some((first, arguments)) if first == "load" => load::run(arguments).map(|()| 0),
        Some((first, rest)) if first == "clip" => clip::run(rest).map(|()| 0),
        _ => replay(&arguments),
    };
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn make_all(arguments: &[String]) -> Result<()> {
    let (mut kinds, mut folder, mut is_wide) = (Vec::new(), None, false);
    arguments::each(arguments, |argument, value| {
        match argument {
            "--to" => folder = Some(PathBuf::from(value()?)),
            "--wide" => is_wide = true,
            kind => kinds.push(kind),
        }
        Ok(())
    })?;
    let folder = folder.ok_or("--to which folder?")?;
    kinds.iter().try_for_each(|kind| make(kind, &folder, is_wide).map(drop))
}

/// Writes the file of a kind, and says where.
fn make(kind: &str, folder: &Path, is_wide: bool) -> Result<PathBuf> {
    let rows = layout::tensors(kind).ok_or_else(|| {
        let known: Vec<&str> = layout::KINDS.iter().map(|(name, _)| *name).collect();
        format!("no kind {kind:?}, expected one of {}", known.join(", "))
    })?;
    let ending = if is_wide { "-f32" } else { "" };
    let path = folder.join(format!("{kind}{ending}.safetensors"));
    let began = Instant::now();
    // Under its own name once it is whole.
    let part = path.with_extension("part");
    write::write_file(&part, rows, is_wide)
        .and_then(|()| std::fs::rename(&part, &path))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    eprintln!("{}  {:.1} s", path.display(), began.elapsed().as_secs_f64());
    Ok(path)
}

fn open(device: &str) -> Result<burn::tensor::Device> {
    match device {
        "cpu" => Ok(open_cpu()),
        "gpu" => {
            let (device, name) = block_on(open_gpu())?;
            eprintln!("{name}");
            Ok(device)
        }
        other => Err(format!("no device {other:?}, expected cpu or gpu").into()),
    }
}

fn replay(arguments: &[String]) -> Result<usize> {
    let (mut folder, mut files, mut device) = (None, None, "cpu");
    let (mut filter, mut limits, mut precision) = ("", "f32", Precision::Auto);
    arguments::each(arguments, |argument, value| {
        match argument {
            "--files" => files = Some(PathBuf::from(value()?)),
            "--device" => device = value()?,
            "--filter" => filter = value()?,
            "--limits" => limits = value()?,
            "--precision" => precision = Precision::named(value()?)?,
            flag if flag.starts_with('-') => return arguments::unknown(flag),
            path => folder = Some(PathBuf::from(path)),
        }
        Ok(())
    })?;
    let folder = folder.ok_or("which folder of recorded cases?")?;
    let files = files.ok_or("--files in which folder?")?;
    let device = open(device)?;
    let recorded = recorded::Recorded::open(&folder)?;
    let networks = networks::Networks::new(files, device, precision);
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let is_a_name = recorded.cases.iter().any(|case| case.id == filter);
    let is_asked = |id: &str| if is_a_name { id == filter } else { id.contains(filter) };
    for case in recorded.cases.iter().filter(|case| is_asked(&case.id)) {
        let Some(row) = cases::CASES.iter().find(|(kind, _)| *kind == case.kind) else {
            let reason = cases::LEFT_OUT.iter().find(|(kind, _)| *kind == case.kind);
            println!("{}  {}", case.id, reason.map_or("not yet", |(_, reason)| reason));
            skipped += 1;
            continue;
        };
        let began = Instant::now();
        let outcome = block_on(cases::compare(row.1, &networks, &recorded, case, limits));
        let seconds = began.elapsed().as_secs_f64();
        match outcome {
            Ok(worst) if worst.passed() => {
                passed += 1;
                println!("{}  {worst}  ok  {seconds:.1} s", case.id);
            }
            Ok(worst) => {
                failed += 1;
                println!("{}  {worst}  FAIL  {seconds:.1} s", case.id);
            }
            Err(error) => {
                failed += 1;
                println!("{}  -  FAIL  ({error})", case.id);
            }
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    Ok(failed)
}
