use burnish::wildcards::Choice;

/// First draws of NumPy's `default_rng`, from the recipe's own vectors.
#[test]
fn draws_are_those_of_numpy() {
    let mut choice = Choice::new(0);
    let draws: Vec<u64> = (0..3).map(|_| choice.next_u64()).collect();
    assert_eq!(draws, [0xA30F_EBCF_D9C2_825F, 0x4510_BDF8_82D9_D721, 0x0A7D_3DA9_4ECD_E8B8]);
    let mut choice = Choice::new(42);
    assert_eq!(choice.next_u64(), 0xC621_FBCD_16D9_2688);
    assert_eq!(choice.next_u64(), 0x705A_5661_A791_FFC1);
}

#[test]
fn whole_numbers_reach_both_ends_and_nothing_beyond() {
    let mut choice = Choice::new(7);
    for last in [0, 1, 2, 6, 255, u64::from(u32::MAX), u64::from(u32::MAX) + 3, u64::MAX] {
        let draws: Vec<u64> = (0..200).map(|_| choice.up_to(last)).collect();
        assert!(draws.iter().all(|draw| *draw <= last), "up to {last}");
        if last < 7 {
            assert!((0..=last).all(|number| draws.contains(&number)), "up to {last}");
        }
    }
}

#[test]
fn a_weighted_choice_takes_each_place_once_and_none_without_weight() {
    let mut choice = Choice::new(8);
    for _ in 0..200 {
        let mut places = choice.weighted(&[1e-9, 0.0, 5.0, 1.0, 0.0, 1e300], 4);
        places.sort_unstable();
        assert_eq!(places, [0, 2, 3, 5]);
    }
    assert!(choice.weighted(&[1.0], 0).is_empty());
}
