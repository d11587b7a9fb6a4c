//! The ends of a LoRA's tensor names, which say what a tensor is for.

/// What a tensor contributes to the change of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Scale, times the rank.
    Alpha,
    /// Lengths of rows or columns (DoRA).
    DoraScale,
    /// Low rank: from the rank to the outputs.
    Up,
    /// Low rank: from the inputs to the rank.
    Down,
    /// Low rank: the kernel between the two (Tucker).
    Mid,
    /// LoHa: first factor.
    HadaW1A,
    HadaW1B,
    /// LoHa: second factor.
    HadaW2A,
    HadaW2B,
    /// LoHa: kernels of the two.
    HadaT1,
    HadaT2,
    /// LoKr: first factor, whole or as a product.
    KronW1,
    KronW1A,
    KronW1B,
    /// LoKr: second factor, whole or as a product.
    KronW2,
    KronW2A,
    KronW2B,
    /// LoKr: kernel of the second factor.
    KronT2,
    /// The change of the weight itself.
    Diff,
    /// The change of the bias itself.
    DiffBias,
}

/// Ends of names and what they mean.
static SUFFIXES: &[(&str, Role)] = &[
    (".alpha", Role::Alpha),
    (".dora_scale", Role::DoraScale),
    (".lora_up.weight", Role::Up),
    (".lora_down.weight", Role::Down),
    (".lora_mid.weight", Role::Mid),
    ("_lora.up.weight", Role::Up),
    ("_lora.down.weight", Role::Down),
    (".lora.up.weight", Role::Up),
    (".lora.down.weight", Role::Down),
    (".lora_linear_layer.up.weight", Role::Up),
    (".lora_linear_layer.down.weight", Role::Down),
    (".lora_B.weight", Role::Up),
    (".lora_A.weight", Role::Down),
    (".lora_B.default.weight", Role::Up),
    (".lora_A.default.weight", Role::Down),
    (".lora_B", Role::Up),
    (".lora_A", Role::Down),
    (".hada_w1_a", Role::HadaW1A),
    (".hada_w1_b", Role::HadaW1B),
    (".hada_w2_a", Role::HadaW2A),
    (".hada_w2_b", Role::HadaW2B),
    (".hada_t1", Role::HadaT1),
    (".hada_t2", Role::HadaT2),
    (".lokr_w1", Role::KronW1),
    (".lokr_w1_a", Role::KronW1A),
    (".lokr_w1_b", Role::KronW1B),
    (".lokr_w2", Role::KronW2),
    (".lokr_w2_a", Role::KronW2A),
    (".lokr_w2_b", Role::KronW2B),
    (".lokr_t2", Role::KronT2),
    (".diff", Role::Diff),
    (".w_norm", Role::Diff),
    (".diff_b", Role::DiffBias),
    (".b_norm", Role::DiffBias),
];

/// A tensor's path as the layer's name and the tensor's role; nothing for an unknown end.
pub(super) fn split(path: &str) -> Option<(&str, Role)> {
    SUFFIXES.iter().find_map(|&(suffix, role)| Some((path.strip_suffix(suffix)?, role)))
}
