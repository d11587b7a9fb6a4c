use burnish::Error;
use burnish::weights::{ByteSource, FileSource, MemorySource, Safetensors};

/// Three tensors: `half` 2x2, `brain` 2 and `whole` 2x3, then `count`, which is no float.
fn bytes() -> Vec<u8> {
    let json = concat!(
        r#"{"half":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"#,
        r#""brain":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]},"#,
        r#""whole":{"dtype":"F32","shape":[2,3],"data_offsets":[12,36]},"#,
        r#""count":{"dtype":"I64","shape":[],"data_offsets":[36,44]}}"#
    );
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json.as_bytes());
    // 1, -2, 65504 and the least subnormal number.
    bytes.extend([0x3C00u16, 0xC000, 0x7BFF, 0x0001].iter().flat_map(|half| half.to_le_bytes()));
    bytes.extend([0x3F80u16, 0xC049].iter().flat_map(|brain| brain.to_le_bytes()));
    bytes.extend([0.5f32, 1.5, 2.5, 3.5, 4.5, 5.5].iter().flat_map(|whole| whole.to_le_bytes()));
    bytes.extend(7i64.to_le_bytes());
    bytes
}

fn opened() -> Safetensors {
    Safetensors::open(Box::new(MemorySource::new("model", bytes()))).expect("the file is sound")
}

#[test]
fn numbers_of_every_width_become_f32() {
    let file = opened();
    assert_eq!(file.read_f32("half"), Ok(vec![1.0, -2.0, 65504.0, 5.9604645e-8]));
    assert_eq!(file.read_f32("brain"), Ok(vec![1.0, -3.140625]));
    assert_eq!(file.read_f32("whole"), Ok(vec![0.5, 1.5, 2.5, 3.5, 4.5, 5.5]));
    assert_eq!(file.read_bytes("count"), Ok(7i64.to_le_bytes().to_vec()));
}

#[test]
fn rows_are_read_on_their_own() {
    let file = opened();
    assert_eq!(file.read_rows_f32("whole", 1..2), Ok(vec![3.5, 4.5, 5.5]));
    assert_eq!(file.read_rows_f32("half", 0..1), Ok(vec![1.0, -2.0]));
    assert_eq!(file.read_rows_f32("whole", 2..2), Ok(vec![]));
    let error = file.read_rows_f32("whole", 1..3).expect_err("there are two rows");
    assert_eq!(
        error.to_string(),
        "\"model\" is damaged at tensor \"whole\": rows 1..3 were asked for, it has 2"
    );
}

#[test]
fn missing_tensors_and_unfit_numbers_are_named() {
    let missing = opened().read_f32("gone").expect_err("it is not there");
    assert_eq!(missing.to_string(), "\"model\" has no tensor \"gone\"");
    let unfit = opened().read_f32("count").expect_err("it holds no weights");
    assert!(matches!(unfit, Error::TensorDtype { .. }), "{unfit}");
}

#[test]
fn a_file_on_disk_reads_the_same() {
    let path = std::env::temp_dir().join(format!("burnish-{}.safetensors", std::process::id()));
    std::fs::write(&path, bytes()).expect("the folder for temporary files can be written");
    let source = FileSource::open(&path).expect("it was just written");
    assert_eq!(source.len(), bytes().len() as u64);
    assert!(source.read(source.len() - 3, 4).is_err());
    let file = Safetensors::open(Box::new(source)).expect("the file is sound");
    assert_eq!(file.read_f32("whole"), opened().read_f32("whole"));
    drop(file);
    std::fs::remove_file(&path).expect("it is ours");
}

#[test]
fn a_file_that_is_not_there_says_so() {
    let error = FileSource::open("/no/such/file.safetensors").expect_err("there is none");
    assert!(error.to_string().contains("/no/such/file.safetensors"), "{error}");
}

#[test]
fn a_source_that_gives_too_little_is_caught() {
    struct Miser(MemorySource);
    impl ByteSource for Miser {
        fn name(&self) -> &str {
            "miser"
        }
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read(&self, offset: u64, len: usize) -> burnish::Result<Vec<u8>> {
            let mut bytes = self.0.read(offset, len)?;
            bytes.truncate(20.max(bytes.len() * usize::from(offset < 20)));
            Ok(bytes)
        }
    }
    let source = Miser(MemorySource::new("miser", bytes()));
    let file = Safetensors::open(Box::new(source)).expect("the header comes in full");
    let error = file.read_f32("whole").expect_err("24 bytes are needed");
    assert!(error.to_string().ends_with("fewer bytes came"), "{error}");
}
