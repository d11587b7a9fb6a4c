use burnish::geometry::{Rect, Size};
use burnish::image::Mask;
use burnish::segs::{Seg, SegMask, Segs};
use burnish::wildcards::{SegOrder, SegmentPrompt, SegmentPrompts};

fn take(text: &str, seed: u64, count: usize) -> Vec<(String, Option<u64>)> {
    let mut prompts = SegmentPrompts::new(text, seed);
    let next = |_| match prompts.next("face") {
        SegmentPrompt::Text { text, seed } => (text, seed),
        other => (format!("{other:?}"), None),
    };
    (0..count).map(next).collect()
}

fn texts(text: &str, seed: u64, count: usize) -> String {
    take(text, seed, count).into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(",")
}

fn seg(bbox: Rect, label: &str) -> Seg {
    Seg {
        cropped_image: None,
        cropped_mask: SegMask::Still(Mask::filled(bbox.size(), 1.0)),
        confidence: 1.0,
        crop_region: bbox,
        bbox,
        label: label.to_owned(),
        controls: Vec::new(),
    }
}

/// Values: `random.seed(S); random.shuffle(list("abcde"))`, three times in a row, of Python 3.11.
#[test]
fn random_order_is_shuffled_anew_each_round() {
    let text = "[RND]a[SEP]b[SEP]c[SEP]d[SEP]e";
    assert_eq!(texts(text, 5, 15), "a,b,d,c,e,d,c,b,a,e,b,a,e,c,d");
    assert_eq!(texts(text, 1 << 40, 15), "b,e,d,c,a,a,d,e,b,c,b,d,e,a,c");
}

/// Values: `random.seed(5); random.randint(0, 1125899906842624)`, twice, of Python 3.11.
#[test]
fn random_seeds_are_drawn_in_the_order_of_their_separators() {
    let seeds: Vec<_> = take("[ASC]a[SEP:R]b[SEP:9]c[SEP:R]d[SEP:x]e", 5, 5)
        .into_iter()
        .map(|item| item.1)
        .collect();
    assert_eq!(seeds, [None, Some(575_210_465_426_501), Some(9), Some(807_349_663_416_473), None]);
}

#[test]
fn tags_count_at_the_very_start_only() {
    assert_eq!(texts(" [ASC]a[SEP]b", 0, 2), " [ASC]a[SEP]b, [ASC]a[SEP]b");
    assert!(!SegmentPrompts::new(" [CONCAT]a", 0).concat);
    let prompts = SegmentPrompts::new("[CONCAT][DSC-SIZE]a", 0);
    assert!(prompts.concat);
    assert_eq!(prompts.order, SegOrder::DescendingSize);
    // The other way round the second tag is text.
    assert_eq!(texts("[ASC][CONCAT]a", 0, 1), "[CONCAT]a");
}

#[test]
fn segments_are_skipped_and_the_rest_left_out() {
    let mut prompts = SegmentPrompts::new("[ASC]a[SEP] [SKIP]\n[SEP][STOP][SEP]b [SKIP]", 0);
    let text = |text: &str| SegmentPrompt::Text { text: text.to_owned(), seed: None };
    assert_eq!(prompts.next(""), text("a"));
    assert_eq!(prompts.next(""), SegmentPrompt::Skip);
    assert_eq!(prompts.next(""), SegmentPrompt::Stop);
    assert_eq!(prompts.next(""), text("b [SKIP]"));
    assert_eq!(SegmentPrompts::new("[SKIP]", 0).next(""), SegmentPrompt::Skip);
}

#[test]
fn labels_choose_their_text() {
    let mut prompts = SegmentPrompts::new("[LAB]x[face]a]b[no/label] c [hand][eye] d [eye] e", 0);
    for (label, expected) in [("face", "a]b"), ("no/label", ""), ("hand", ""), ("eye", "e")] {
        let text = SegmentPrompt::Text { text: expected.to_owned(), seed: None };
        assert_eq!(prompts.next(label), text, "{label}");
    }
}

#[test]
fn segments_are_sorted_by_place_or_size() {
    let segs = Segs {
        size: Size::new(100, 100),
        items: vec![
            seg(Rect::new(50, 9, 60, 19), "a"),
            seg(Rect::new(10, 20, 40, 21), "b"),
            seg(Rect::new(50, 5, 52, 6), "c"),
            seg(Rect::new(50, 9, 53, 10), "d"),
            seg(Rect::new(10, 20, 20, 30), "e"),
        ],
    };
    for (order, expected) in [
        (SegOrder::Given, "abcde"),
        (SegOrder::Ascending, "becad"),
        (SegOrder::Descending, "adcbe"),
        (SegOrder::AscendingSize, "cdbae"),
        (SegOrder::DescendingSize, "aebdc"),
    ] {
        let mut segs = segs.clone();
        order.sort(&mut segs);
        let labels: String = segs.items.iter().map(|seg| seg.label.as_str()).collect();
        assert_eq!(labels, expected, "{order:?}");
    }
}
