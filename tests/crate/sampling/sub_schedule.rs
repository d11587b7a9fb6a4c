use crate::support::{Random, assert_close};
use burnish::Error;
use burnish::sampling::model_sampling::ModelSampling;
use burnish::sampling::schedules::{SCHEDULERS, scheduler};
use burnish::sampling::sub_schedule::{schedule_steps, stretch, sub_schedule};

/// Values: the reference's rule for pairs of steps and denoise.
#[test]
fn denoise_lengthens_the_schedule() {
    let rows = [
        (20, 0.5, 40),
        (20, 0.3, 66),
        (20, 0.6, 33),
        (20, 0.35, 57),
        (20, 0.45, 44),
        (30, 0.4, 75),
        (7, 0.7, 10),
        (20, 1.0, 20),
        (1, 0.0001, 10000),
    ];
    for (steps, denoise, expected) in rows {
        assert_eq!(schedule_steps(steps, denoise), Ok(expected), "{steps} at {denoise}");
    }
}

/// Values: first two sigmas of the last 21 of 40.
#[test]
fn the_last_steps_are_run() {
    let rows = [
        ("normal", [1.54816, 1.42253]),
        ("karras", [1.18174, 1.01412]),
        ("simple", [1.61289, 1.48445]),
        ("ddim_uniform", [1.49429, 1.37618]),
        ("sgm_uniform", [1.61558, 1.48702]),
        ("beta", [1.61828, 1.44102]),
    ];
    for (name, first_two) in rows {
        let row = scheduler(name).expect("it is in the table");
        let found = sub_schedule(&ModelSampling::default(), row, false, 20, 0.5)
            .expect("both lie in range");
        assert_eq!((found.start, found.executed.len()), (20, 21), "{name}");
        assert_close(&found.executed[..2], &first_two, 1e-5);
        assert_eq!(found.executed[20], 0.0);
    }
}

#[test]
fn some_samplers_lose_the_last_but_one() {
    let row = scheduler("simple").expect("it is in the table");
    let model = ModelSampling::default();
    let found = sub_schedule(&model, row, true, 4, 1.0).expect("both lie in range");
    let mut longer = (row.sigmas)(&model, 5);
    longer.remove(4);
    assert_eq!(found.total, longer);
}

#[test]
fn a_stretch_ends_in_zero_unless_noise_is_handed_on() {
    let total = [9.0, 7.0, 5.0, 3.0, 0.0];
    assert_eq!(stretch(&total, 1, 3, false), [7.0, 5.0, 0.0]);
    assert_eq!(stretch(&total, 1, 3, true), [7.0, 5.0, 3.0]);
    assert_eq!(stretch(&total, 2, 99, false), [5.0, 3.0, 0.0]);
    assert!(stretch(&total, 4, 5, false).is_empty());
    assert!(stretch(&total, 40, 50, false).is_empty());
    assert!(stretch(&total, 3, 3, true).is_empty());
}

#[test]
fn stages_of_a_schedule_join_without_a_gap() {
    let mut random = Random(9);
    let model = ModelSampling::default();
    for _ in 0..300 {
        let row = &SCHEDULERS[random.between(0, SCHEDULERS.len() as u32 - 1) as usize];
        let total = (row.sigmas)(&model, random.between(1, 40) as usize);
        let middle = random.between(0, total.len() as u32 + 2) as usize;
        let first = stretch(&total, 0, middle, true);
        let second = stretch(&total, middle, usize::MAX - 1, false);
        match (first.last(), second.first()) {
            (Some(end), Some(begin)) => assert_eq!(end, begin, "{} at {middle}", row.name),
            (Some(_), None) => assert_eq!(first, total),
            (None, _) => assert_eq!(second, total),
        }
        let joined = first.len() + second.len() - usize::from(first.len().min(second.len()) > 0);
        assert_eq!(joined, total.len(), "{} at {middle}", row.name);
    }
}

#[test]
fn never_more_than_the_steps_asked_for_are_run() {
    let mut random = Random(10);
    let model = ModelSampling::default();
    for _ in 0..300 {
        let row = &SCHEDULERS[random.between(0, SCHEDULERS.len() as u32 - 1) as usize];
        let steps = random.between(1, 30) as usize;
        let denoise = f64::from(random.unit().max(0.05));
        let found = sub_schedule(&model, row, random.bits().is_multiple_of(2), steps, denoise)
            .expect("both lie in range");
        assert!(found.executed.len() <= steps + 1, "{} {steps} {denoise}", row.name);
        assert!(found.executed.windows(2).all(|pair| pair[0] > pair[1]), "{}", row.name);
        assert!(found.executed.last().is_none_or(|last| *last == 0.0), "{}", row.name);
    }
}

#[test]
fn settings_out_of_range_are_told() {
    for (steps, denoise, name) in [
        (0, 0.5, "steps"),
        (10_001, 0.5, "steps"),
        (20, 0.0, "denoise"),
        (20, 1.01, "denoise"),
        (20, -1.0, "denoise"),
        (20, f64::NAN, "denoise"),
    ] {
        let error = schedule_steps(steps, denoise).expect_err("one is out of range");
        assert!(matches!(&error, Error::SettingRange { name: found, .. } if *found == name));
    }
}
