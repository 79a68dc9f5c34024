//! Derivations that Nix wrote, and ones that lie.

use std::collections::BTreeMap;

use gatos_nix::StorePath;
use gatos_nix::derivation::{Addressing, ClosureError, DrvClosure, ParseDrvError};

use crate::stage::Stage;

/// Several outputs, structured attributes, a fixed output, sources with references, odd strings.
const ZOO: &str = r#"let
    text = builtins.toFile "text" "hello ${inner}\n";
    inner = builtins.toFile "inner" "x";
    two = toy "two" "true" { outputs = [ "out" "dev" ]; };
    fixed = toy "fixed" "echo -n > $out" {
      outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
      outputHashAlgo = "sha256"; outputHashMode = "flat";
    };
    structured = toy "structured" "true" { __structuredAttrs = true; list = [ 1 2.5 null ]; inherit two; };
  in toy "zoo" "true" {
    a = "quote \" backslash \\ tab \t newline \n end"; inherit text fixed structured; dev = two.dev;
  }"#;

fn texts(closure: &DrvClosure) -> BTreeMap<StorePath, Vec<u8>> {
    let all = closure.derivations();
    all.map(|drv| (drv.path().clone(), drv.text().to_vec()))
        .collect()
}

#[test]
fn a_closure_is_read_and_believed_only_by_its_text() {
    let stage = Stage::new();
    let closure = stage.instantiate(ZOO);
    assert_eq!(closure.derivations().count(), 4);
    // `inner` is no source of its own: `text` refers to it.
    assert_eq!(closure.sources().len(), 2);
    let again = DrvClosure::from_texts(closure.root().path(), texts(&closure)).unwrap();
    assert_eq!(again.root().sha256(), closure.root().sha256());
    let kinds: Vec<_> = closure.derivations().map(|drv| drv.addressing()).collect();
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| **kind == Addressing::Fixed)
            .count(),
        1
    );
    assert_eq!(closure.dependencies().len(), 3);
    // Each derivation comes after those that it needs.
    let order: Vec<_> = closure
        .derivations()
        .map(|drv| drv.path().clone())
        .collect();
    for (at, drv) in closure.derivations().enumerate() {
        for input in drv.input_derivations().keys() {
            assert!(order[..at].contains(input));
        }
    }
}

#[test]
fn one_changed_byte_anywhere_is_found() {
    let stage = Stage::new();
    let closure = stage.instantiate(ZOO);
    for drv in closure.derivations() {
        // Every byte is too slow for a debug build; these hit every part of the text.
        for at in (0..drv.text().len()).step_by(7) {
            let mut texts = texts(&closure);
            texts.get_mut(drv.path()).unwrap()[at] ^= 1;
            let error = DrvClosure::from_texts(closure.root().path(), texts).unwrap_err();
            assert!(
                error.to_string().contains(&drv.path().base_name()),
                "{error}"
            );
        }
    }
}

#[test]
fn a_missing_derivation_is_named() {
    let stage = Stage::new();
    let closure = stage.instantiate(ZOO);
    for drv in closure.derivations() {
        let mut texts = texts(&closure);
        texts.remove(drv.path());
        let error = DrvClosure::from_texts(closure.root().path(), texts).unwrap_err();
        let ClosureError::Missing { path } = error else {
            panic!("{error}");
        };
        assert_eq!(path, *drv.path());
    }
}

#[test]
fn a_derivation_that_lies_about_its_output_is_refused() {
    let stage = Stage::new();
    let honest = stage.toy("mkdir $out");
    let output = honest.root().outputs()["out"].clone().unwrap();
    // Another path for the output, and a name that is right for the altered text.
    let other = StorePath::from_base_name(&output.base_name().replacen(
        &output.hash_part(),
        &"0".repeat(32),
        1,
    ));
    let text = String::from_utf8(honest.root().text().to_vec()).unwrap();
    let text = text
        .replace(&output.to_string(), &other.unwrap().to_string())
        .into_bytes();
    let sources: Vec<_> = honest.sources().into_iter().collect();
    let path = StorePath::of_text("toy.drv", &text, &sources).unwrap();
    let error = DrvClosure::from_texts(&path, [(path.clone(), text)].into()).unwrap_err();
    assert!(matches!(error, ClosureError::Outputs { .. }), "{error}");
    // The control: with nothing replaced, the same steps give a derivation that is believed.
    let text = honest.root().text().to_vec();
    let path = StorePath::of_text("toy.drv", &text, &sources).unwrap();
    assert_eq!(path, *honest.root().path());
    DrvClosure::from_texts(&path, [(path.clone(), text)].into()).unwrap();
}

#[test]
fn what_is_no_derivation() {
    let stage = Stage::new();
    let closure = stage.toy("true");
    let root = closure.root().path();
    for text in [&b""[..], b"Derive(", b"\xff\xfe", &vec![b'('; 1 << 20]] {
        let error =
            DrvClosure::from_texts(root, [(root.clone(), text.to_vec())].into()).unwrap_err();
        assert!(
            matches!(error, ClosureError::Parse(ParseDrvError::Malformed { .. })),
            "{error}"
        );
    }
    let source = closure.sources().pop_first().unwrap();
    let error = DrvClosure::from_store(&source, stage.nix.store_root()).unwrap_err();
    assert!(
        matches!(error, ClosureError::Read { .. } | ClosureError::Parse(_)),
        "{error}"
    );
}
