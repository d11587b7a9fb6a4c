//! Damaged input for two seconds a target; the example `fuzz` goes on as long as it is told.

#![allow(dead_code, reason = "shared with the example `fuzz`")]

#[path = "../../crate/examples/fuzz/files.rs"]
mod files;
#[path = "../../crate/examples/fuzz/headers.rs"]
mod headers;
#[path = "../../crate/examples/fuzz/motion.rs"]
mod motion;
#[path = "../../crate/examples/fuzz/mutate.rs"]
pub mod mutate;
#[path = "../../crate/examples/fuzz/run.rs"]
mod run;
#[path = "../../crate/examples/fuzz/targets.rs"]
mod targets;

use std::time::Duration;

#[test]
fn whatever_users_give_is_read_or_refused() {
    for (seed, target) in (1..).zip(targets::TARGETS) {
        let counts = run::run(target, seed, Duration::from_secs(2))
            .unwrap_or_else(|failure| panic!("{}  {failure}", target.name));
        assert!(counts.read > 0, "{}  {counts}", target.name);
    }
}
