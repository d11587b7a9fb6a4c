use crate::support::Random;
use burnish::geometry::{Rect, Size};
use burnish::image::{Frames, Mask};
use burnish::segs::{
    MaskToSegs, Seg, SegMask, Segs, mask_to_segs_per_frame, segs_from_json, segs_to_json,
};
use serde_json::{Value, json};

fn sample() -> Segs {
    let region = Rect::new(3, 2, 5, 5);
    let seg = Seg {
        cropped_image: Some(Frames::zeros(region.size(), 1, 3)),
        cropped_mask: SegMask::Still(Mask::filled(region.size(), 1.0)),
        confidence: 0.75,
        crop_region: region,
        bbox: Rect::new(3, 3, 4, 5),
        label: "face \"x\"".to_owned(),
        controls: Vec::new(),
    };
    Segs { size: Size::new(8, 6), items: vec![seg] }
}

fn document() -> Value {
    serde_json::from_str(&segs_to_json(&sample()).unwrap()).unwrap()
}

/// The reason a document is refused that differs from [`document`] by a value at `pointer`.
fn refusal(pointer: &str, value: Value) -> String {
    let mut document = document();
    *document.pointer_mut(pointer).unwrap() = value;
    segs_from_json(&document.to_string()).unwrap_err().to_string()
}

#[test]
fn a_document_says_what_it_is() {
    let document = document();
    assert_eq!(document["schema"], "burnish.segs");
    assert_eq!(document["version"], 1);
    assert_eq!(document["size"], json!({ "width": 8, "height": 6 }));
    let seg = &document["segments"][0];
    assert_eq!(seg["crop_region"], json!([3, 2, 5, 5]));
    assert!(seg["mask"].as_str().unwrap().starts_with("data:image/png;base64,iVBOR"));
}

#[test]
fn segments_survive_being_written_and_read() {
    let mut random = Random(21);
    for _ in 0..60 {
        let size = random.size(30);
        let count = random.between(1, 3) as usize;
        let masks: Vec<Mask> = (0..count).map(|_| random.speckles(size, 0.3)).collect();
        let options = MaskToSegs { drop_size: 1, crop_factor: 1.5, ..MaskToSegs::default() };
        let mut segs = mask_to_segs_per_frame(&masks, &options);
        for seg in &mut segs.items {
            seg.confidence = random.unit();
            let crop = seg.crop_region.size();
            if random.between(0, 1) == 0 {
                let frames = random.between(1, 3) as usize;
                seg.cropped_image = Some(random.frames(crop, frames));
            }
        }
        let read = segs_from_json(&segs_to_json(&segs).unwrap()).unwrap();
        assert_eq!(read, segs);
    }
    assert_eq!(segs_from_json(&segs_to_json(&Segs::default()).unwrap()), Ok(Segs::default()));
}

#[test]
fn soft_masks_keep_sixteen_bits() {
    let mut random = Random(22);
    let mut segs = sample();
    segs.items[0].cropped_mask = SegMask::Still(random.mask(Size::new(2, 3)));
    let once = segs_from_json(&segs_to_json(&segs).unwrap()).unwrap();
    let (before, after) = (segs.items[0].cropped_mask.masks(), once.items[0].cropped_mask.masks());
    for (before, after) in before[0].data.iter().zip(&after[0].data) {
        assert!((before - after).abs() <= 0.5 / 65_535.0 + 1e-7, "{before} became {after}");
    }
    // From then on nothing is lost.
    assert_eq!(segs_from_json(&segs_to_json(&once).unwrap()), Ok(once));
}

#[test]
fn label_confidence_and_image_may_be_left_out() {
    let mut document = document();
    let seg = document["segments"][0].as_object_mut().unwrap();
    for name in ["label", "confidence", "image"] {
        seg.remove(name).unwrap();
    }
    seg["bbox"] = json!([-0.5, 3.9, 4.2, 99]);
    let seg = &segs_from_json(&document.to_string()).unwrap().items[0];
    assert_eq!((seg.label.as_str(), seg.confidence), ("A", 1.0));
    assert_eq!(seg.cropped_image, None);
    assert_eq!(seg.bbox, Rect::new(0, 3, 4, 6));
}

#[test]
fn what_is_wrong_with_a_document_is_said() {
    let other = Segs { size: Size::new(8, 6), items: vec![seg_of(Rect::new(0, 0, 1, 1))] };
    let other: Value = serde_json::from_str(&segs_to_json(&other).unwrap()).unwrap();
    let small_mask = &other["segments"][0]["mask"];
    let own = document();
    let own = &own["segments"][0];
    let url = "data:image/png;base64,";
    for (pointer, value, reason) in [
        ("/schema", json!("other"), "the schema is \"other\", not \"burnish.segs\""),
        ("/version", json!(2), "version 2 is not known, only 1"),
        ("/version", json!("1"), "invalid type: string \"1\", expected u32"),
        ("/size", json!([8, 6, 1]), "trailing characters"),
        ("/size/width", json!(-8), "invalid value: integer `-8`, expected u32"),
        ("/size/width", json!(99_999), "the largest side that can be worked on is 16384 pixels"),
        ("/segments", json!({}), "invalid type: map, expected a sequence"),
        ("/segments/0", json!({ "lable": "x" }), "unknown field `lable`"),
        ("/segments/0", json!({ "label": "x" }), "missing field `bbox`"),
        ("/segments/0/bbox", json!([1, 2, 3]), "invalid length 3"),
        ("/segments/0/bbox", json!([5, 0, 1, 6]), "bbox [5.0, 0.0, 1.0, 6.0] are the wrong way"),
        (
            "/segments/0/crop_region",
            json!([0, 0, 9, 2]),
            "reaches beyond the picture, which is 8x6",
        ),
        ("/segments/0/crop_region", json!([4, 0, 4, 2]), "(4, 0)-(4, 2) has no pixels"),
        ("/segments/0/crop_region", json!([5, 5, 3, 2]), "has no pixels"),
        ("/segments/0/confidence", json!(1e60), "its confidence is no finite number"),
        ("/segments/0/mask", small_mask.clone(), "segment 0: mask: it is 1x1, the crop region is"),
        ("/segments/0/mask", own["image"].clone(), "type Rgb8, grey is needed"),
        ("/segments/0/image", own["mask"].clone(), "type L8, 8-bit RGB or RGBA is needed"),
        ("/segments/0/mask", json!([]), "segment 0: it has no mask"),
        ("/segments/0/image", json!([]), "image: the list is empty"),
        ("/segments/0/mask", json!(7), "a picture must be a data URL, or a list of them"),
        ("/segments/0/mask", json!("x.png"), "it does not begin with \"data:image/png;base64,\""),
        ("/segments/0/mask", json!(format!("{url}iVB")), "mask: its base64 is damaged"),
        ("/segments/0/mask", json!(format!("{url}iVBORw0KGgo=")), "mask: its PNG is damaged"),
    ] {
        let refusal = refusal(pointer, value);
        assert!(refusal.contains(reason), "{pointer}: {refusal}");
    }
    for text in ["", "{", "null", "[1]", "{\"schema\":\"burnish.segs\"}"] {
        assert_eq!(segs_from_json(text).unwrap_err().code(), "segs_data", "{text}");
    }
}

#[test]
fn documents_that_would_fill_the_memory_are_refused() {
    let mut document = document();
    document["size"] = json!({ "width": 16_384, "height": 16_384 });
    document["segments"][0]["crop_region"] = json!([0, 0, 16_384, 16_384]);
    let refusal = segs_from_json(&document.to_string()).unwrap_err().to_string();
    assert!(refusal.contains("masks and crops up to here have more than"), "{refusal}");
}

fn seg_of(region: Rect) -> Seg {
    Seg { crop_region: region, cropped_image: None, ..with_mask(region.size()) }
}

fn with_mask(size: Size) -> Seg {
    let mut segs = sample();
    let mut seg = segs.items.remove(0);
    seg.cropped_mask = SegMask::Still(Mask::filled(size, 1.0));
    seg
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let refusal = |change: &dyn Fn(&mut Seg)| {
        let mut segs = sample();
        change(&mut segs.items[0]);
        segs_to_json(&segs).unwrap_err().to_string()
    };
    let (size, other) = (Size::new(2, 3), Size::new(3, 2));
    let no_masks = refusal(&|seg| seg.cropped_mask = SegMask::PerFrame(Vec::new()));
    assert!(no_masks.contains("it has no mask"), "{no_masks}");
    let nan = refusal(&|seg| seg.confidence = f32::NAN);
    assert!(nan.contains("confidence"), "{nan}");
    let mask = refusal(&|seg| seg.cropped_mask = SegMask::Still(Mask::filled(other, 1.0)));
    assert!(mask.contains("a mask is 3x2, the crop region is 2x3"), "{mask}");
    let grey = refusal(&|seg| seg.cropped_image = Some(Frames::zeros(size, 1, 1)));
    assert!(grey.contains("it has 1 channels, not 3 or 4"), "{grey}");
    let none = refusal(&|seg| seg.cropped_image = Some(Frames::zeros(size, 0, 3)));
    assert!(none.contains("its image has no frames"), "{none}");
}
