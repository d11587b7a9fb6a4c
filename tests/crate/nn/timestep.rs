use burnish::nn::timestep_embedding;

use crate::support::{assert_close, test_device, values};

/// Values of `timestep_embedding(999, 320)` of the reference, from the specification.
#[test]
fn cosines_come_before_sines() {
    let embedding = values(timestep_embedding(&[999.0, 0.0], 320, &test_device()));
    assert_eq!(embedding.len(), 640);
    let [a, b, c] = [embedding[0], embedding[1], embedding[160]];
    assert_close(&[a, b, c], &[0.999_649_8, 0.802_677_5, -0.026_460_75], 2e-6);
    assert_close(&embedding[320..480], &[1.0; 160], 0.0);
    assert_close(&embedding[480..], &[0.0; 160], 0.0);
}
