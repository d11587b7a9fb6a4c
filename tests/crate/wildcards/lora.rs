use burnish::wildcards::lora_tags;

#[test]
fn tags_are_taken_out_and_read() {
    let (tags, rest) = lora_tags("a <lora:foo:0.5:.25:7> b <lora::0.5><lora:bar:5.:x>");
    assert_eq!(rest, "a  b ");
    let weights: Vec<_> =
        tags.iter().map(|tag| (tag.name.as_str(), tag.model_weight, tag.clip_weight)).collect();
    assert_eq!(weights, [("foo", 0.5, 0.25), ("0.5", 1.0, 1.0), ("bar", 5.0, 5.0)]);
}

#[test]
fn block_weights_are_kept_as_written() {
    let (tags, _) = lora_tags("<lora:x:0.7:LBW=B11:1,0,A;A=0.5;B=no;>");
    let blocks = tags[0].blocks.as_ref().unwrap();
    assert_eq!((blocks.spec.as_str(), blocks.a, blocks.b), ("1,0,A", Some(0.5), Some(1.0)));
    assert_eq!(tags[0].model_weight, 0.7);
    let (tags, _) = lora_tags("<lora:x:LBW=MIDD>");
    assert_eq!(tags[0].blocks.as_ref().unwrap().spec, "MIDD");
}

#[test]
fn what_is_no_tag_stays() {
    for text in ["<lora:", "<lora:>", "<LORA:a>", "lora:a>", "<lora:a"] {
        assert_eq!(lora_tags(text), (Vec::new(), text.to_owned()));
    }
    let (tags, rest) = lora_tags("<lora:><lora:a><lora:::>");
    assert_eq!((tags.len(), rest.as_str()), (1, "<lora:>"));
}

#[test]
fn a_name_means_the_first_file_that_ends_so() {
    let files = ["styles/old/ink.pt", "styles/ink.safetensors", "ink.safetensors"];
    let find = |text: &str| lora_tags(text).0[0].find(files).map(str::to_owned);
    assert_eq!(find("<lora:ink:1>").as_deref(), Some("ink.safetensors"));
    assert_eq!(find("<lora:ink.pt>").as_deref(), Some("styles/old/ink.pt"));
    assert_eq!(find("<lora:styles/ink>").as_deref(), Some("styles/ink.safetensors"));
    assert_eq!(find("<lora:v1.5>"), None);
    assert_eq!(lora_tags("<lora:v1.5>").0[0].file_name(), "v1.5.safetensors");
}
