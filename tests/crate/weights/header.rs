use burnish::weights::{MemorySource, Safetensors};

/// A file with this header and this many bytes of data.
fn file(json: &str, data: usize) -> Vec<u8> {
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json.as_bytes());
    bytes.extend(vec![0; data]);
    bytes
}

fn refusal(bytes: Vec<u8>) -> String {
    Safetensors::open(Box::new(MemorySource::new("model", bytes)))
        .expect_err("the file is damaged")
        .to_string()
}

const TWO: &str = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[3,1],"data_offsets":[8,14]}}"#;

#[test]
fn a_sound_header_is_read() {
    let json = format!("{}   ", TWO.replacen('{', r#"{"__metadata__":{"format":"pt"},"#, 1));
    let file = Safetensors::open(Box::new(MemorySource::new("model", file(&json, 14))))
        .expect("nothing is wrong with it");
    let b = file.info("b").expect("it is there");
    assert_eq!((b.shape.as_slice(), b.byte_len), ([3, 1].as_slice(), 6));
    assert_eq!(b.offset, 8 + json.len() as u64 + 8);
    assert_eq!(file.metadata()["format"], "pt");
    assert_eq!(file.tensors().len(), 2);
}

#[test]
fn files_that_are_no_safetensors_are_refused() {
    let start = r#""model" is not a usable safetensors file: "#;
    for (bytes, reason) in [
        (vec![], "it is a file without a single byte"),
        (vec![1, 2, 3], "it has only 3 bytes"),
        (
            b"PK\x03\x04\x14\x00\x00\x00rest".to_vec(),
            "it is a checkpoint in Python's pickle format",
        ),
        (u64::MAX.to_le_bytes().to_vec(), "its header claims 18446744073709551615 bytes"),
        (file("", 4), "its header is no JSON object"),
        (file("[]", 4), "its header is no JSON object"),
        (file(r#"{"a"#, 4), "its header: EOF"),
        (file(r#"{"a":1}"#, 4), "its header: tensor \"a\": invalid type"),
        (file(r#"{"a":{"dtype":"F32","shape":[1]}}"#, 4), "missing field `data_offsets`"),
        (file(&TWO.replace("F16", "F12"), 14), "unknown variant `F12`"),
        (file(&TWO.replace("[2]", "[-2]"), 14), "invalid value: integer `-2`"),
        (file(&TWO.replace("[2]", "[1,1,1,1,1,1,1,1,2]"), 14), "at most 8 lengths"),
        (file(&TWO.replace("\"b\"", "\"a\""), 14), "tensor \"a\" comes twice"),
        (file(TWO, 15), "1 bytes at its end belong to no tensor"),
    ] {
        let message = refusal(bytes);
        assert!(message.starts_with(start) && message.contains(reason), "{message}");
    }
}

#[test]
fn entries_that_contradict_the_file_are_named() {
    for (json, data, tensor, reason) in [
        (TWO.to_owned(), 13, "b", "its bytes 8 to 14 lie outside the 13 the file has"),
        (TWO.replace("[8,14]", "[14,8]"), 14, "b", "its bytes 14 to 8 lie outside"),
        (TWO.replace("[2]", "[3]"), 14, "a", "8 bytes cannot hold shape [3] in F32"),
        (TWO.replace("[8,14]", "[6,12]"), 12, "b", "its bytes overlap"),
        (TWO.replace("[8,14]", "[9,15]"), 15, "b", "its bytes leave a gap"),
        (TWO.replace("[2]", "[4294967295,4294967295,4294967295]"), 14, "a", "cannot hold shape"),
    ] {
        let message = refusal(file(&json, data));
        let start = format!("\"model\" is damaged at tensor {tensor:?}: ");
        assert!(message.starts_with(&start) && message.contains(reason), "{message}");
    }
}
