//! The sizes that are tried.

use burnish::ops::{Activation, ConvShape, Pad, Storage};

use super::Case;

const DOWN: ConvShape = ConvShape { kernel: 3, stride: 2, pad: Pad::all(1), upsample: 1 };
const VAE_DOWN: ConvShape = ConvShape {
    kernel: 3,
    stride: 2,
    pad: Pad { top: 0, left: 0, bottom: 1, right: 1 },
    upsample: 1,
};
const UP: ConvShape = ConvShape { kernel: 3, stride: 1, pad: Pad::all(1), upsample: 2 };

const ACTIVATIONS: [Activation; 4] =
    [Activation::None, Activation::Silu, Activation::Gelu, Activation::QuickGelu];

/// Rows, channels and columns: tiny, odd, prime.
const PRODUCTS: [[usize; 3]; 14] = [
    [1, 4, 4],
    [2, 320, 1280],
    [7, 12, 20],
    [64, 64, 64],
    [65, 68, 132],
    [154, 768, 320],
    [300, 64, 512],
    [3, 5, 7],
    [129, 31, 33],
    [16, 128, 1],
    [33, 512, 64],
    [257, 96, 192],
    [130, 640, 48],
    [31, 1024, 8],
];

/// Batch, height, width and channels; columns; geometry.
const CONVS: [([usize; 4], usize, ConvShape); 13] = [
    ([2, 16, 16, 64], 64, ConvShape::SAME_3),
    ([1, 5, 7, 4], 64, ConvShape::SAME_3),
    ([1, 13, 9, 20], 12, ConvShape::SAME_3),
    ([2, 8, 8, 96], 32, ConvShape::POINT),
    ([1, 17, 5, 8], 8, DOWN),
    ([1, 16, 16, 32], 32, VAE_DOWN),
    ([2, 3, 5, 16], 24, UP),
    ([1, 6, 6, 3], 32, ConvShape::SAME_3),
    ([1, 6, 6, 32], 3, ConvShape::SAME_3),
    ([2, 1, 1, 128], 128, ConvShape::SAME_3),
    ([2, 19, 23, 32], 40, ConvShape::SAME_3),
    ([1, 16, 16, 320], 64, ConvShape::SAME_3),
    ([3, 7, 11, 48], 128, ConvShape::SAME_3),
];

/// Batch, queries and keys; heads, channels of a head; causal.
const ATTENTIONS: [([usize; 3], usize, usize, bool); 12] = [
    ([2, 64, 77], 8, 8, false),
    ([1, 77, 77], 4, 16, true),
    ([2, 65, 1], 8, 40, false),
    ([1, 100, 100], 2, 160, false),
    ([1, 33, 130], 1, 64, false),
    ([2, 16, 16], 1, 512, false),
    ([1, 9, 9], 3, 5, false),
    ([2, 257, 301], 8, 8, false),
    ([1, 130, 130], 2, 40, true),
    ([2, 300, 77], 8, 40, false),
    ([2, 150, 150], 4, 80, false),
    ([1, 90, 131], 4, 64, true),
];

const GROUP_NORMS: [([usize; 4], usize); 5] = [
    ([2, 16, 16, 64], 32),
    ([1, 3, 5, 32], 32),
    ([2, 7, 7, 96], 32),
    ([1, 1, 1, 320], 32),
    ([1, 4, 4, 12], 3),
];

fn linear(sides: [usize; 3], storage: Storage, activation: Activation, added: bool) -> Case {
    Case::Linear { sides, storage, activation, bias: added, residual: added }
}

/// Sizes where something ends, with everything that can be asked for.
pub fn edges() -> Vec<Case> {
    let mut cases = Vec::new();
    for sides in PRODUCTS {
        cases.extend(ACTIVATIONS.map(|activation| linear(sides, Storage::F32, activation, true)));
        for (_, storage) in Storage::NAMES {
            cases.push(linear(sides, storage, Activation::None, false));
        }
        if sides[2].is_multiple_of(2) {
            cases.push(Case::LinearGeglu { sides, storage: Storage::F32 });
        }
    }
    for (input, columns, shape) in CONVS {
        cases.extend([(false, false), (true, false), (false, true), (true, true)].map(
            |(shift, residual)| {
                let storage = Storage::F32;
                Case::Conv { input, columns, shape, storage, shift, residual }
            },
        ));
    }
    for (_, storage) in Storage::NAMES {
        for (input, columns) in [([2, 9, 14, 32], 20), ([2, 5, 6, 12], 36)] {
            let (shape, shift, residual) = (ConvShape::SAME_3, false, false);
            cases.push(Case::Conv { input, columns, shape, storage, shift, residual });
        }
    }
    cases.extend(ATTENTIONS.map(|(sides, heads, head_dim, causal)| Case::Attention {
        sides,
        heads,
        head_dim,
        causal,
    }));
    for (input, groups) in GROUP_NORMS {
        cases.extend([false, true].map(|silu| Case::GroupNorm { input, groups, silu }));
    }
    cases.extend([[1, 32], [77, 768], [300, 5], [513, 320]].map(|sides| Case::LayerNorm { sides }));
    cases.extend([[1, 16], [300, 256], [7, 5]].map(|sides| Case::Geglu { sides }));
    cases.extend([[10, 6], [9, 5], [5, 3]].map(|to| Case::Upsample { input: [2, 5, 3, 7], to }));
    cases
}

/// One case of every operation, its sizes drawn by `seed`.
pub fn random(seed: u32) -> Vec<Case> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % limit
    };
    const SIDES: [usize; 16] = [1, 2, 3, 4, 5, 8, 12, 16, 20, 31, 32, 37, 64, 68, 96, 128];
    let mut side = || SIDES[below(SIDES.len())];
    let [rows, channels, columns] = [side() * 3, side() * 4, side() * 4];
    let [height, width, inputs, outputs] = [side() % 40 + 1, side() % 40 + 1, side(), side()];
    let [queries, keys] = [side() * 2 + 1, side() * 3];
    let [narrow, group, tokens] = [side() * 4, side(), side() * 5];
    let storage = Storage::NAMES[below(4)].1;
    let activation = ACTIVATIONS[below(4)];
    let shape = [ConvShape::SAME_3, ConvShape::POINT, DOWN, VAE_DOWN, UP][below(5)];
    let flags = [below(2), below(2), below(2)].map(|bit| bit > 0);
    let batch = 1 + below(3);
    vec![
        linear([rows, channels, columns], storage, activation, flags[0]),
        linear([rows, inputs, outputs], storage, activation, flags[1]),
        Case::LinearGeglu { sides: [rows, channels, 2 * columns], storage },
        Case::Geglu { sides: [rows, outputs] },
        Case::Conv {
            input: [batch, height + 1, width + 1, 4 * inputs],
            columns: 4 * outputs,
            shape,
            storage,
            shift: flags[0],
            residual: flags[1],
        },
        Case::Conv {
            input: [batch, height + 1, width + 1, inputs],
            columns: outputs,
            shape: ConvShape::SAME_3,
            storage,
            shift: flags[2],
            residual: flags[0],
        },
        Case::Attention {
            sides: [batch, queries, if flags[2] { queries } else { keys }],
            heads: 1 + below(4),
            head_dim: narrow.min(160),
            causal: flags[2],
        },
        Case::GroupNorm { input: [batch, height, width, 4 * group], groups: group, silu: flags[1] },
        Case::LayerNorm { sides: [tokens, channels] },
        Case::Upsample { input: [batch, height, width, inputs], to: [2 * height, width + 1] },
    ]
}

/// Stable Diffusion 1.5's own sizes, as it works at 512 pixels.
pub fn own() -> Vec<Case> {
    let f32s = Storage::F32;
    let mut cases = Vec::new();
    for sides in [[8192, 320, 320], [2048, 640, 640], [512, 1280, 1280], [154, 768, 1280]] {
        cases.push(linear(sides, f32s, Activation::None, true));
    }
    for (_, storage) in Storage::NAMES {
        cases.push(linear([2048, 2560, 640], storage, Activation::None, true));
        cases.push(Case::LinearGeglu { sides: [2048, 640, 5120], storage });
    }
    for (input, columns, shape) in [
        ([2, 64, 64, 4], 320, ConvShape::SAME_3),
        ([2, 64, 64, 320], 320, ConvShape::SAME_3),
        ([2, 64, 64, 320], 320, DOWN),
        ([2, 64, 64, 960], 320, ConvShape::POINT),
        ([2, 32, 32, 640], 640, ConvShape::SAME_3),
        ([2, 16, 16, 1280], 1280, ConvShape::SAME_3),
        ([2, 8, 8, 2560], 1280, ConvShape::SAME_3),
        ([2, 8, 8, 1280], 1280, UP),
        ([2, 64, 64, 320], 4, ConvShape::SAME_3),
        ([1, 256, 256, 128], 128, VAE_DOWN),
        ([1, 128, 128, 128], 3, ConvShape::SAME_3),
    ] {
        cases.push(Case::Conv {
            input,
            columns,
            shape,
            storage: f32s,
            shift: true,
            residual: true,
        });
    }
    for (sides, heads, head_dim, causal) in [
        ([2, 4096, 4096], 8, 40, false),
        ([2, 1024, 1024], 8, 80, false),
        ([2, 256, 256], 8, 160, false),
        ([2, 4096, 77], 8, 40, false),
        ([1, 77, 77], 12, 64, true),
        ([1, 1024, 1024], 1, 512, false),
    ] {
        cases.push(Case::Attention { sides, heads, head_dim, causal });
    }
    for input in [[2, 64, 64, 320], [2, 16, 16, 2560], [1, 256, 256, 128]] {
        cases.push(Case::GroupNorm { input, groups: 32, silu: true });
    }
    cases.push(Case::LayerNorm { sides: [8192, 320] });
    cases
}
