use burnish::Error;
use burnish::sampling::model_sampling::ModelSampling;
use burnish::sampling::schedules::{GITS, SCHEDULERS, gits, scheduler};

#[test]
fn every_schedule_falls_to_zero() {
    let model = ModelSampling::default();
    for row in SCHEDULERS.iter().chain(GITS) {
        for steps in 1..=60 {
            let sigmas = (row.sigmas)(&model, steps);
            let place = format!("{} at {steps} steps", row.name);
            assert!(sigmas.len() >= 2, "{place}");
            assert!(sigmas.windows(2).all(|pair| pair[0] > pair[1]), "{place}: {sigmas:?}");
            assert_eq!(sigmas.last(), Some(&0.0), "{place}");
            let own_length = ["ddim_uniform", "beta"].contains(&row.name);
            assert!(own_length || sigmas.len() == steps + 1, "{place}");
        }
    }
}

#[test]
fn every_schedule_runs_with_any_number_of_steps() {
    let model = ModelSampling::default();
    for row in SCHEDULERS {
        for steps in [100, 999, 1000, 1001, 10_000] {
            let sigmas = (row.sigmas)(&model, steps);
            assert!(sigmas.iter().all(|sigma| sigma.is_finite()), "{} {steps}", row.name);
        }
    }
}

/// Values: the reference's rows for 200 and 500 steps.
#[test]
fn beta_drops_equal_neighbours() {
    let row = scheduler("beta").expect("it is in the table");
    let steps = |steps| (row.sigmas)(&ModelSampling::default(), steps).len() - 1;
    assert_eq!((steps(200), steps(500)), (199, 475));
}

#[test]
fn a_larger_coefficient_leaves_less_noise() {
    let model = ModelSampling::default();
    for steps in [2, 5, 10, 15, 20, 40] {
        let second = GITS.iter().map(|row| (row.sigmas)(&model, steps)[1]);
        assert!(second.is_sorted_by(|a, b| a >= b), "{steps} steps");
    }
}

#[test]
fn a_coefficient_without_levels_is_told_with_those_that_have_them() {
    let message = gits(0.85).expect_err("was not recorded").to_string();
    assert!(
        message.contains("\"GITS[coeff=0.85]\", expected one of GITS[coeff=0.8], "),
        "{message}"
    );
    assert_eq!(gits(1.0).expect("was recorded").name, "GITS[coeff=1.0]");
}

#[test]
fn an_unknown_name_is_told_with_all_known_ones() {
    let error = scheduler("Karras").expect_err("names are written small");
    assert!(matches!(&error, Error::UnknownScheduler { name, .. } if name == "Karras"));
    assert!(SCHEDULERS.iter().all(|row| error.to_string().contains(row.name)), "{error}");
}
