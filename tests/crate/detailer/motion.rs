//! Tests of `crate/src/detailer/motion.rs`: what a request may say about motion.

use burnish::detailer::read_motion;
use burnish::diffusion::{MotionSettings, Multival};
use burnish::sampling::context::{ContextSchedule, FuseMethod};
use serde_json::{Value, json};

fn read(given: Value) -> Result<MotionSettings, String> {
    read_motion(given.as_object().unwrap()).map_err(|error| error.to_string())
}

#[test]
fn what_is_left_out_has_its_default() {
    assert_eq!(read(json!({})), Ok(MotionSettings::default()));
    let found = read(json!({ "scale": [1.0, 1.5], "context": { "schedule": "looped uniform" } }));
    let found = found.unwrap();
    assert_eq!(found.scale, Multival::PerFrame(vec![1.0, 1.5]));
    let context = found.context.unwrap();
    assert_eq!(context.schedule, ContextSchedule::LoopedUniform);
    assert_eq!((context.length, context.overlap), (16, 4));
    assert_eq!(context.fuse_method, FuseMethod::Pyramid);
}

#[test]
fn what_cannot_be_is_refused_with_a_sentence() {
    for (given, sentence) in [
        (json!({ "scale": -1 }), "scale is -1, it must be between 0 and 10"),
        (json!({ "effect": [1.0, 11.0] }), "effect is 11, it must be between 0 and 10"),
        (json!({ "context": { "length": 0 } }), "length is 0, it must be between 1 and 128"),
        (
            json!({ "context": { "schedule": "static" } }),
            "unknown schedule \"static\", expected one of standard static, standard uniform, looped \
             uniform, batched",
        ),
        (
            json!({ "context": { "length": 4, "overlap": 5 } }),
            "context.overlap is 5, it must be below context.length, which is 4",
        ),
    ] {
        assert_eq!(read(given).unwrap_err(), sentence);
    }
    for given in [
        json!({ "beta_schedule": "linear" }),
        json!({ "noise_type": "freenoise" }),
        json!({ "context": { "fuse_method": "none" } }),
        json!({ "speed": 2 }),
        json!({ "scale": "much" }),
        json!({ "context": 16 }),
    ] {
        assert!(read(given.clone()).is_err(), "{given}");
    }
}
