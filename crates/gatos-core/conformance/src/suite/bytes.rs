//! `encoding/`: bytes, content ids, the projection, and refusals by class.

use std::path::Path;

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::json;

use super::{Report, files, text, unprojected};

pub(super) fn run(vectors: &Path, report: &mut Report) {
    let ok = vectors.join("encoding/ok");
    for (name, path) in files(&ok, ".cbor") {
        let bytes = std::fs::read(&path).expect("a vector");
        let found = cbor::decode(&bytes).map_or_else(
            |error| error.to_string(),
            |value| Cid::of_dag_cbor(&cbor::encode(&value)).to_string(),
        );
        let cid = text(&ok.join(format!("{name}.cid")));
        report.expect("encoding/ok.cbor", &name, found, cid.trim_end());
        let shown = json::from_str(&text(&ok.join(format!("{name}.json")))).map(unprojected);
        let found = shown.map_or_else(
            |error| error.to_string(),
            |value| Cid::of_dag_cbor(&cbor::encode(&value)).to_string(),
        );
        report.expect("encoding/ok.json", &name, found, cid.trim_end());
    }
    let err = vectors.join("encoding/err");
    for (name, path) in files(&err, ".cbor") {
        let bytes = std::fs::read(&path).expect("a vector");
        let found = cbor::decode(&bytes).map_or_else(
            |error| format!("{}\n{error}\n", error.kind.class()),
            |_| "accepted".to_owned(),
        );
        let expect = text(&err.join(format!("{name}.txt")));
        report.expect("encoding/err", &name, found, &expect);
    }
}
