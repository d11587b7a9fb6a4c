use burnish::sampling::noise::{Brownian, Generator, Mt19937, NoiseLayout, prepare_noise, randn};

use crate::support::{Random, assert_close};

/// Values: the classic generator, `init_genrand(s)`.
#[test]
fn the_twister_gives_the_published_numbers() {
    let mut zero = Mt19937::new(0);
    let first: Vec<u32> = (0..4).map(|_| zero.next_u32()).collect();
    assert_eq!(first, [2357136044, 2546248239, 3071714933, 3626093760]);
    let mut answer = Mt19937::new(42);
    let first: Vec<u32> = (0..4).map(|_| answer.next_u32()).collect();
    assert_eq!(first, [1608637542, 3421126067, 4083286876, 787846414]);
}

/// Values: `torch.randn(1, 4, 64, 64)` on a CPU with AVX2.
#[test]
fn noise_of_a_latent_is_torch_noise_bit_for_bit() {
    let rows: [(u64, [f32; 6], f64); 5] = [
        (
            0,
            [-1.12583983, -1.1523602, -0.250578582, -0.433878809, 0.322274923, -1.07820797],
            -124.112700,
        ),
        (
            42,
            [1.92691529, 1.48728406, 0.900717199, -2.10552096, -0.752135277, -0.293406099],
            149.764800,
        ),
        (
            123456789,
            [0.264255404, -0.414898962, -0.607513785, 0.731928706, -0.984586418, 0.39982143],
            -54.599209,
        ),
        (
            (1 << 32) + 42,
            [1.92691529, 1.48728406, 0.900717199, -2.10552096, -0.752135277, -0.293406099],
            149.764800,
        ),
        (
            u64::MAX,
            [-2.66429758, -1.0910486, 0.451447427, 0.228360698, -1.75149465, -1.45788515],
            175.206448,
        ),
    ];
    for (seed, values, sum) in rows {
        let noise = randn(seed, 16384);
        let picked = [0, 1, 2, 3, 8, 16383].map(|index: usize| noise[index]);
        assert_eq!(picked, values, "seed {seed}");
        let total: f64 = noise.iter().map(|&value| f64::from(value)).sum();
        assert!((total - sum).abs() < 1e-6, "seed {seed}: sum {total}");
    }
}

#[test]
fn an_incomplete_last_block_is_drawn_anew() {
    let noise = randn(42, 17);
    assert_eq!(noise[..3], [1.92691529, -0.159597471, -0.497397542]);
    assert_eq!(noise[16], -0.309726775);
    assert_eq!(randn(42, 31)[30], -1.23465312);
}

#[test]
fn small_draws_share_the_spare_half_of_a_pair() {
    let mut generator = Generator::new(42);
    assert_eq!(generator.normal(1), [0.336690366]);
    assert_eq!(generator.normal(1), [0.128809407]);
    assert_eq!(generator.normal(2), [0.234462366, 0.230333030]);
    assert_eq!(randn(42, 15)[14], -0.988959908);
}

#[test]
fn a_running_generator_goes_on_where_it_stopped() {
    let mut generator = Generator::new(42);
    generator.normal(256);
    assert_eq!(generator.normal(256)[..3], [-0.685481608, 0.563558996, -1.50717509]);
}

#[test]
fn a_batch_index_picks_items_drawn_one_after_the_other() {
    let first = |batch: usize, indices: Option<&[usize]>| {
        let noise = prepare_noise(5, [batch, 4, 8, 8], indices);
        noise.chunks(256).map(|item| item[0]).collect::<Vec<_>>()
    };
    let close = |a: Vec<f32>, b: &[f32]| {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).for_each(|(a, b)| assert!((a - b).abs() < 1e-6, "{a} {b}"));
    };
    close(first(3, None), &[1.842330, 0.194938, 1.205459]);
    close(first(2, Some(&[2, 0])), &[1.205459, 1.842330]);
    close(first(3, Some(&[1, 1, 3])), &[0.194938, 0.194938, -0.446794]);
}

#[test]
fn increments_of_a_brownian_path_add_up_in_any_order() {
    let mut random = Random(11);
    for seed in 0..40 {
        let [most, least] = [14.6, 0.03];
        let mut path = Brownian::new(seed, &[most, least, 0.0], 24);
        let mut between = || least + (most - least) * random.unit();
        let mut points = [between(), between(), between()];
        points.sort_by(f32::total_cmp);
        let [low, middle, high] = points;
        let mut increment = |from: f32, to: f32| -> Vec<f32> {
            path.noise(from, to).iter().map(|value| value * (from - to).sqrt()).collect()
        };
        let lower = increment(middle, low);
        let whole = increment(high, low);
        let upper = increment(high, middle);
        let sum: Vec<f32> = upper.iter().zip(&lower).map(|(a, b)| a + b).collect();
        assert_close(&sum, &whole, 1e-4);
    }
}

#[test]
fn noise_is_normal_whatever_the_seed_and_the_length() {
    let mut random = Random(12);
    for _ in 0..50 {
        let len = random.between(4000, 9000) as usize;
        let noise = randn(random.bits(), len);
        let mean = noise.iter().sum::<f32>() / len as f32;
        let variance = noise.iter().map(|value| value * value).sum::<f32>() / len as f32;
        assert_eq!(noise.len(), len);
        // Five standard deviations of both estimates.
        assert!(mean.abs() < 0.08 && (variance - 1.0).abs() < 0.12, "{mean} {variance}");
    }
}

/// Values: section 10.4 of the semantics this follows, permutations of the generator seeded 42.
#[test]
fn free_noise_shuffles_the_first_window() {
    let layout = NoiseLayout::FreeNoise;
    for (length, order) in [(4, vec![2, 3, 0, 1]), (12, vec![6, 8, 1, 7, 0, 2, 10, 11, 4, 3, 5, 9])]
    {
        let found = layout.draw(42, [2 * length, 16], [length, 0]);
        let frame = |index: usize| &found[16 * index..16 * (index + 1)];
        assert_eq!(found[..16 * length], randn(42, 32 * length)[..16 * length]);
        for (place, source) in order.into_iter().enumerate() {
            assert_eq!(frame(length + place), frame(source), "{length}");
        }
    }
    // Windows of 4 that share 1: frames 4, 5, 6 are a permutation of 0, 1, 2, frame 7 one of 3, 4, 5.
    let found = layout.draw(42, [8, 16], [4, 1]);
    let frames: Vec<&[f32]> = found.chunks(16).collect();
    assert!(frames[4..7].iter().all(|frame| frames[..3].contains(frame)));
    assert!(frames[3..6].contains(&frames[7]));
}

#[test]
fn a_repeated_window_is_tiled() {
    let found = NoiseLayout::RepeatedContext.draw(3, [5, 16], [2, 0]);
    let drawn = randn(3, 80);
    let expected = [0, 1, 0, 1, 0].map(|frame| &drawn[16 * frame..16 * (frame + 1)]).concat();
    assert_eq!(found, expected);
}
