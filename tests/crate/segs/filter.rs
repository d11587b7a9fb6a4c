use crate::support::Random;
use burnish::Error;
use burnish::geometry::{Rect, Size};
use burnish::image::Mask;
use burnish::segs::filter::{
    MEASURES, assign_labels, concat, filter_by_label, filter_by_range, filter_ordered, pick,
};
use burnish::segs::{Seg, SegMask, Segs};

fn seg(region: Rect, label: &str, confidence: f32) -> Seg {
    Seg {
        cropped_image: None,
        cropped_mask: SegMask::Still(Mask::filled(region.size(), 1.0)),
        confidence,
        crop_region: region,
        bbox: region,
        label: label.to_owned(),
        controls: Vec::new(),
    }
}

fn segs() -> Segs {
    let items = vec![
        seg(Rect::new(0, 0, 10, 20), "face", 0.5),
        seg(Rect::new(5, 5, 15, 10), "left_eye", 0.9),
        seg(Rect::new(50, 5, 60, 10), "right_eye", 0.9),
        seg(Rect::new(8, 30, 9, 31), "mouth", 0.1),
    ];
    Segs { size: Size::new(64, 64), items }
}

fn labels(segs: &Segs) -> String {
    segs.items.iter().map(|seg| seg.label.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn labels_are_chosen_from_a_list() {
    for (list, kept, rest) in [
        ("face, mouth", "face mouth", "left_eye right_eye"),
        ("eyes", "left_eye right_eye", "face mouth"),
        ("x,all", "face left_eye right_eye mouth", ""),
        ("", "", "face left_eye right_eye mouth"),
    ] {
        let chosen = filter_by_label(segs(), list);
        assert_eq!((labels(&chosen.kept).as_str(), labels(&chosen.rest).as_str()), (kept, rest));
        assert_eq!((chosen.kept.size, chosen.rest.size), (segs().size, segs().size));
    }
}

#[test]
fn ranges_hold_both_ends() {
    for (measure, min, max, kept) in [
        ("area", 50.0, 199.0, "left_eye right_eye"),
        ("width", 1.0, 1.0, "mouth"),
        ("height", 5.0, 20.0, "face left_eye right_eye"),
        ("x1", 5.0, 8.0, "left_eye mouth"),
        ("y1", 5.0, 30.0, "left_eye right_eye mouth"),
        ("x2", 60.0, 99.0, "right_eye"),
        ("y2", 20.0, 20.0, "face"),
        ("length_percent", 200.0, 200.0, "face left_eye right_eye"),
        ("confidence", 50.0, 50.0, "face"),
    ] {
        let inside = filter_by_range(segs(), measure, true, min, max).unwrap();
        assert_eq!(labels(&inside.kept), kept, "{measure}");
        let outside = filter_by_range(segs(), measure, false, min, max).unwrap();
        assert_eq!((outside.kept, outside.rest), (inside.rest, inside.kept), "{measure}");
    }
}

#[test]
fn some_are_taken_in_order() {
    let chosen = filter_ordered(segs(), "area", true, 1, 2).unwrap();
    assert_eq!(labels(&chosen.kept), "left_eye right_eye");
    assert_eq!(labels(&chosen.rest), "face mouth");
    let chosen = filter_ordered(segs(), "x1", false, 3, usize::MAX).unwrap();
    assert_eq!(labels(&chosen.kept), "right_eye");
    assert_eq!(labels(&chosen.rest), "face left_eye mouth");
}

#[test]
fn every_measure_orders_stably_and_loses_none() {
    let mut random = Random(23);
    for (measure, value) in MEASURES {
        let size = random.size(40);
        let items = (0..30).map(|number| {
            let region = random.rect(size);
            let confidence = (random.between(0, 4) as f32) / 4.0;
            seg(region, &format!("{number:02}"), confidence)
        });
        let segs = Segs { size, items: items.collect() };
        for descending in [false, true] {
            let sorted = filter_ordered(segs.clone(), measure, descending, 0, 30).unwrap();
            assert!(sorted.rest.items.is_empty());
            assert_eq!(sorted.kept.items.len(), 30);
            for pair in sorted.kept.items.windows(2) {
                let (a, b) = (value(&pair[0]), value(&pair[1]));
                let (low, high) = if descending { (b, a) } else { (a, b) };
                assert!(low < high || a == b && pair[0].label < pair[1].label, "{measure}");
            }
        }
    }
}

#[test]
fn an_unknown_measure_names_those_there_are() {
    let refusal = filter_by_range(segs(), "size", true, 0.0, 1.0).unwrap_err().to_string();
    assert!(refusal.contains("unknown measure \"size\", expected one of area, width"), "{refusal}");
    assert_eq!(filter_ordered(segs(), "", true, 0, 1).unwrap_err().code(), "unknown_measure");
}

#[test]
fn segments_are_picked_by_number_in_their_own_order() {
    assert_eq!(labels(&pick(segs(), &[4, 1, 1, 9, 0])), "face mouth");
}

#[test]
fn labels_are_given_one_after_the_other() {
    assert_eq!(labels(&assign_labels(segs(), "a, b")), "a b right_eye mouth");
    assert_eq!(labels(&assign_labels(segs(), "a,b,c,d,e")), "a b c d");
}

#[test]
fn lists_are_joined_if_they_are_for_one_picture() {
    assert_eq!(concat(segs(), segs()).unwrap().items.len(), 8);
    let other = Segs { size: Size::new(1, 2), items: Vec::new() };
    let refused = Error::SegsSize { segs: other.size, image: segs().size };
    assert_eq!(concat(segs(), other), Err(refused));
}
