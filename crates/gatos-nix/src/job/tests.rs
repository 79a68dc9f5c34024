//! Jobs from recorded derivations, without Nix.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gatos_core::{cbor, cid::Cid};

use super::Job;
use crate::derivation::DrvClosure;
use crate::store_path::StorePath;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/job")
}

/// All recorded derivations; the jobs among them are those with a block beside them.
fn texts() -> BTreeMap<StorePath, Vec<u8>> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(vectors()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "drv") {
            let name = path.file_name().unwrap().to_str().unwrap();
            texts.insert(
                StorePath::from_base_name(name).unwrap(),
                fs::read(&path).unwrap(),
            );
        }
    }
    texts
}

fn job(path: &StorePath) -> Job {
    Job::of(&DrvClosure::from_texts(path, texts()).unwrap()).unwrap()
}

fn jobs() -> Vec<StorePath> {
    let all = texts().into_keys();
    all.filter(|path| path.name().starts_with("job")).collect()
}

#[test]
fn builder_blocks_are_those_recorded() {
    assert_eq!(jobs().len(), 3);
    for path in jobs() {
        let job = job(&path);
        let block = vectors().join(format!("{}.cbor", path.base_name()));
        let id = vectors().join(format!("{}.cid", path.base_name()));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&block, &job.builder_block).unwrap();
            fs::write(&id, format!("{}\n", job.builder)).unwrap();
        }
        assert_eq!(fs::read(block).unwrap(), job.builder_block, "{path}");
        assert_eq!(
            fs::read_to_string(id).unwrap().trim(),
            job.builder.to_string(),
            "{path}"
        );
        // The block is canonical and is what the id names.
        let value = cbor::decode(&job.builder_block).unwrap();
        assert_eq!(cbor::encode(&value), job.builder_block);
        assert_eq!(Cid::of_dag_cbor(&job.builder_block), job.builder.cid());
    }
}

/// Of the three jobs, two differ only in their data and one has another program.
#[test]
fn other_data_same_builder() {
    let mut builders: BTreeMap<String, Vec<StorePath>> = BTreeMap::new();
    for path in jobs() {
        builders
            .entry(job(&path).builder.to_string())
            .or_default()
            .push(path);
    }
    let mut sizes: Vec<usize> = builders.values().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2]);
}

#[test]
fn a_recorded_job_reads_as_it_was_written() {
    let path = jobs().into_iter().next().unwrap();
    let job = job(&path);
    assert_eq!(job.name.as_str(), "job");
    assert_eq!(job.program.id, format!("nix:{}", path.base_name()));
    let names: Vec<_> = job.inputs.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["data.csv", "made", "parameters", "same.csv"]);
}
