use burnish::wildcards::{WildcardFiles, resolve};

#[test]
fn loras_are_taken_out_and_breaks_divide() {
    let prompt = resolve("{a} <lora:x:0.5>BREAK  b\nBREAK ", 0, &WildcardFiles::default()).unwrap();
    assert_eq!(prompt.parts, ["a", "b"]);
    assert_eq!(prompt.loras[0].name, "x");
}

#[test]
fn a_blank_text_is_one_empty_prompt() {
    for text in [" ", "\n", "BREAK BREAK", "<lora:x>"] {
        assert_eq!(resolve(text, 0, &WildcardFiles::default()).unwrap().parts, [""]);
    }
}
