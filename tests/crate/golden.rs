//! Every recorded case of `tests/golden` is replayed within its tolerance.

#![allow(dead_code, unused_imports, reason = "shared with the example `golden`")]

#[path = "../../crate/examples/golden/families/mod.rs"]
mod families;
#[path = "../../crate/examples/golden/native.rs"]
mod native;
#[path = "../../crate/examples/golden/replay/mod.rs"]
mod replay;

use native::{DeviceChoice, Directory, block_on};
use replay::{Case, Context, Verdict, replay as replay_case};

#[test]
fn every_recorded_case_is_reproduced() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden");
    let device = DeviceChoice::Cpu.open().expect("every machine has one");
    let context = Context::new(Box::new(Directory(folder.into())), device);
    let cases = Case::list(&context).expect("the manifest can be read");
    let wrong: Vec<String> = cases
        .iter()
        .map(|case| (case, block_on(replay_case(families::FAMILIES, &context, case))))
        .filter(|(_, verdict)| !matches!(verdict, Verdict::Passed(_)))
        .map(|(case, verdict)| format!("{}  {verdict}", case.id))
        .collect();
    assert!(cases.len() >= 336, "only {} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
