//! The motion settings of a request, and the windows they make.

use burnish::detailer::read_motion;
use burnish::sampling::context::Fusion;

/// Inputs to begin with.
pub const SEEDS: &[&str] = &[
    r#"{"scale":1.5,"effect":[0.5,1],"beta_schedule":"autoselect","noise_type":"FreeNoise"}"#,
    r#"{"context":{"schedule":"standard static","length":4,"overlap":1,"fuse_method":"relative"}}"#,
    r#"{"context":{"schedule":"standard uniform","length":3,"stride":3,"overlap":2}}"#,
    r#"{"context":{"schedule":"looped uniform","length":5,"stride":4,"overlap":0,
        "closed_loop":true,"use_on_equal_length":true,"fuse_method":"overlap-linear"}}"#,
    r#"{"context":{"schedule":"batched","length":2,"overlap":9,"fuse_method":"flat"}}"#,
];

/// Reads the input as JSON; every clip is cut so that each frame is in a window.
pub fn feed(input: &[u8]) -> Result<String, String> {
    let given = serde_json::from_slice(input).map_err(|error| error.to_string())?;
    let settings = read_motion(&given).map_err(|error| error.to_string())?;
    let Some(context) = settings.context else { return Ok("whole".to_owned()) };
    for frames in 1..24 {
        for step in 0..4 {
            let windows = context.windows(frames, step);
            let longest = windows.iter().map(Vec::len).max().unwrap_or_default();
            assert!(longest <= context.longest(frames), "{frames} frames, {longest} at once");
            let Fusion { matrix, .. } = Fusion::new(&context, &windows, frames);
            for row in matrix.chunks(matrix.len() / frames) {
                let sum: f32 = row.iter().sum();
                assert!((sum - 1.0).abs() < 1e-4, "weights of a frame sum to {sum}");
            }
        }
    }
    Ok(format!("{:?} {:?}", context.schedule, context.fuse_method))
}
