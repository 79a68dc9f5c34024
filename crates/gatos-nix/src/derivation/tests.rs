//! Recorded derivations, without Nix.

use std::path::Path;

use super::{DrvFile, ParseDrvError};
use crate::store_path::StorePath;

#[test]
fn a_text_belongs_to_one_path() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/job");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|e| e != "drv") {
            continue;
        }
        seen += 1;
        let name = file.file_name().unwrap().to_str().unwrap();
        let path = StorePath::from_base_name(name).unwrap();
        let text = std::fs::read(&file).unwrap();
        let drv = DrvFile::parse(path.clone(), text.clone()).unwrap();
        assert_eq!(drv.text(), text);
        // Another name for the same text, and another text for the same name.
        let other = StorePath::from_base_name(&name.replacen(|_| true, "0", 1)).unwrap();
        if other != path {
            let refused = DrvFile::parse(other, text.clone()).unwrap_err();
            assert!(matches!(refused, ParseDrvError::Lies { expected, .. } if expected == path));
        }
        let mut longer = text;
        longer.push(b' ');
        let refused = DrvFile::parse(path, longer).unwrap_err();
        assert!(
            matches!(refused, ParseDrvError::Malformed { .. }),
            "{refused}"
        );
    }
    assert_eq!(seen, 5);
}
