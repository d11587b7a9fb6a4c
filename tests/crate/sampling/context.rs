use burnish::sampling::context::{ContextOptions, ContextSchedule, FuseMethod, Fusion};

use crate::support::{Random, assert_close};

fn options(schedule: ContextSchedule) -> ContextOptions {
    ContextOptions { schedule, ..ContextOptions::default() }
}

/// First and last frames of the windows.
fn ends(options: &ContextOptions, frames: usize, step: usize) -> Vec<[usize; 2]> {
    let windows = options.windows(frames, step);
    assert!(windows.iter().all(|window| window.len() == options.length));
    windows.iter().map(|window| [window[0], window[window.len() - 1]]).collect()
}

/// Values: section 10.5 of the semantics this follows, 32 frames.
#[test]
fn windows_follow_one_another_as_in_the_reference() {
    let fixed = options(ContextSchedule::StandardStatic);
    for step in 0..3 {
        assert_eq!(ends(&fixed, 32, step), [[0, 15], [12, 27], [16, 31]]);
    }
    let looped = options(ContextSchedule::LoopedUniform);
    assert_eq!(ends(&looped, 32, 0), [[0, 15], [12, 27], [24, 7]]);
    assert_eq!(ends(&looped, 32, 1), [[16, 31], [28, 11], [8, 23]]);
    assert_eq!(ends(&looped, 32, 2), [[8, 23], [20, 3], [0, 15]]);
    let uniform = options(ContextSchedule::StandardUniform);
    assert_eq!(ends(&uniform, 32, 0), [[0, 15], [12, 27], [16, 31]]);
    assert_eq!(ends(&uniform, 32, 1), [[16, 31], [0, 15], [8, 23]]);
    assert_eq!(ends(&uniform, 32, 2), [[8, 23], [16, 31], [0, 15]]);
    assert_eq!(ends(&uniform, 32, 3), [[16, 31], [0, 15], [4, 19]]);
}

#[test]
fn blocks_share_nothing_and_the_last_is_short() {
    let batched = ContextOptions { length: 4, ..options(ContextSchedule::Batched) };
    let expected: [Vec<usize>; 3] = [(0..4).collect(), (4..8).collect(), (8..11).collect()];
    assert_eq!(batched.windows(11, 0), expected);
    assert!(ContextOptions { overlap: 9, ..batched }.validate().is_ok());
}

#[test]
fn a_short_clip_is_one_window() {
    for schedule in [ContextSchedule::StandardStatic, ContextSchedule::LoopedUniform] {
        let options = options(schedule);
        assert_eq!(options.windows(16, 3), [(0..16).collect::<Vec<_>>()]);
        assert_eq!(options.longest(9), 9);
        assert_eq!(options.longest(40), 16);
    }
    let cut =
        ContextOptions { use_on_equal_length: true, ..options(ContextSchedule::LoopedUniform) };
    assert_eq!(ends(&cut, 16, 1), [[8, 7], [4, 3]].map(|ends: [usize; 2]| ends)[..1]);
}

#[test]
fn every_frame_is_in_a_window_and_weights_sum_to_1() {
    use ContextSchedule::{Batched, LoopedUniform, StandardStatic, StandardUniform};
    let mut random = Random(7);
    for schedule in [StandardStatic, StandardUniform, LoopedUniform, Batched] {
        for fuse_method in
            [FuseMethod::Pyramid, FuseMethod::Relative, FuseMethod::Flat, FuseMethod::OverlapLinear]
        {
            for _ in 0..40 {
                let length = random.between(1, 12) as usize;
                let options = ContextOptions {
                    schedule,
                    length,
                    fuse_method,
                    overlap: random.between(0, length as u32 - 1) as usize,
                    stride: random.between(1, 3) as usize,
                    closed_loop: random.between(0, 1) == 1,
                    use_on_equal_length: random.between(0, 1) == 1,
                };
                let (frames, step) =
                    (random.between(1, 40) as usize, random.between(0, 20) as usize);
                let windows = options.windows(frames, step);
                let mut seen = vec![false; frames];
                windows.iter().flatten().for_each(|frame| seen[*frame] = true);
                assert!(!seen.contains(&false), "{options:?}, {frames} frames, step {step}");
                let Fusion { matrix, .. } = Fusion::new(&options, &windows, frames);
                for row in matrix.chunks(matrix.len() / frames) {
                    let sum: f32 = row.iter().sum();
                    assert!((sum - 1.0).abs() < 1e-5, "{options:?}: {sum}");
                }
            }
        }
    }
}

/// Values: section 10.5.
#[test]
fn frames_count_by_their_place_in_the_window() {
    let window = |range: std::ops::Range<usize>| range.collect::<Vec<_>>();
    let pyramid = |length| FuseMethod::Pyramid.weights(&window(0..length), 32, 4);
    assert_eq!(pyramid(5), [1.0, 2.0, 3.0, 2.0, 1.0]);
    assert_eq!(pyramid(16)[6..10], [7.0, 8.0, 8.0, 7.0]);
    assert_eq!(FuseMethod::Flat.weights(&window(3..6), 9, 2), [1.0; 3]);
    let relative = FuseMethod::Relative.weights(&window(4..9), 32, 4);
    assert_close(&relative, &[0.01, 0.501, 1.0, 0.501, 0.01], 1e-3);
    let ramp = |range| FuseMethod::OverlapLinear.weights(&window(range), 12, 3);
    assert_close(&ramp(4..10), &[0.0, 0.5, 1.0, 1.0, 0.5, 0.0], 1e-6);
    assert_close(&ramp(0..6), &[1.0, 1.0, 1.0, 1.0, 0.5, 0.0], 1e-6);
    assert_close(&ramp(6..12), &[0.0, 0.5, 1.0, 1.0, 1.0, 1.0], 1e-6);
}

#[test]
fn an_overlap_as_long_as_the_window_is_refused() {
    let options = ContextOptions { length: 4, overlap: 4, ..ContextOptions::default() };
    assert_eq!(
        options.validate().unwrap_err().to_string(),
        "context.overlap is 4, it must be below context.length, which is 4"
    );
}
