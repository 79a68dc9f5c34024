//! DAGs that go into a repository and come out again.

use std::cell::RefCell;
use std::collections::BTreeMap;

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::value::Value;

use super::ReadDagError;
use crate::{Durability, EntryRef, Expected, Message, NewCommit, Outcome, Repository};

type Blocks = BTreeMap<Cid, Vec<u8>>;

fn add(blocks: &mut Blocks, value: &Value) -> Cid {
    let bytes = cbor::encode(value);
    let cid = Cid::of_dag_cbor(&bytes);
    blocks.insert(cid, bytes);
    cid
}

fn node(blocks: &mut Blocks, label: &str, links: &[Cid]) -> Cid {
    let value = Value::map([
        ("label", Value::text(label)),
        (
            "links",
            Value::list(links.iter().map(|cid| Value::Link(*cid))),
        ),
    ]);
    add(blocks, &value)
}

fn store(
    repository: &Repository,
    name: &str,
    stage: impl FnOnce(&mut crate::Transaction) -> EntryRef,
) -> EntryRef {
    let mut transaction = repository.transaction(Durability::Relaxed);
    let entry = stage(&mut transaction);
    let commit = NewCommit {
        tree: transaction.tree([("dag", entry)]).unwrap(),
        parents: Vec::new(),
        message: Message::new("dag"),
        seconds: 0,
    };
    let head = transaction.commit(&commit).unwrap();
    transaction.update(name.parse().unwrap(), Expected::Absent, head);
    assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
    entry
}

#[test]
fn a_dag_comes_out_as_it_went_in() {
    let directory = tempfile::tempdir().unwrap();
    let repository = Repository::init(directory.path()).unwrap();
    let mut blocks = Blocks::new();
    let raw = Cid::of_raw(b"leaf");
    blocks.insert(raw, b"leaf".to_vec());
    let absent = Cid::of_raw(b"elsewhere");
    let leaf = node(&mut blocks, "leaf", &[absent]);
    let middle = node(&mut blocks, "middle", &[absent, raw, leaf, leaf]);
    let root = node(&mut blocks, "root", &[leaf, middle, raw]);
    let entry = store(&repository, "refs/gatos/dag", |transaction| {
        transaction
            .dag(&root, &|cid| blocks.get(cid).cloned())
            .unwrap()
    });
    assert_eq!(repository.read_dag(entry, root).unwrap(), blocks);
    let lazy = repository.dag(entry, root);
    for (cid, bytes) in &blocks {
        assert_eq!(lazy.block(cid).unwrap().as_ref(), Some(bytes));
    }
    assert_eq!(lazy.block(&absent).unwrap(), None);
    // A block is never taken for another.
    assert!(matches!(
        repository.read_dag(entry, middle),
        Err(ReadDagError::Mismatch { .. })
    ));
    let names: Vec<_> = repository.read_tree(&entry.id()).unwrap();
    let names: Vec<_> = names.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["0000", "0001", "0002", "block"]);
}

#[test]
fn only_what_differs_from_the_base_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let repository = Repository::init(directory.path()).unwrap();
    let mut blocks = Blocks::new();
    let leaves: Vec<_> = (0..64)
        .map(|i| node(&mut blocks, &format!("leaf {i}"), &[]))
        .collect();
    let build = |blocks: &mut Blocks, leaves: &[Cid]| {
        let middles: Vec<_> = leaves
            .chunks(8)
            .map(|chunk| node(blocks, "middle", chunk))
            .collect();
        node(blocks, "root", &middles)
    };
    let root = build(&mut blocks, &leaves);
    let entry = store(&repository, "refs/gatos/one", |transaction| {
        transaction
            .dag(&root, &|cid| blocks.get(cid).cloned())
            .unwrap()
    });
    let mut changed = leaves;
    changed[20] = node(&mut blocks, "changed", &[]);
    let new_root = build(&mut blocks, &changed);
    let asked = RefCell::new(std::collections::BTreeSet::new());
    let new_entry = store(&repository, "refs/gatos/two", |transaction| {
        let base = repository.dag(entry, root);
        transaction
            .dag_upon(&base, &new_root, &|cid| {
                asked.borrow_mut().insert(*cid);
                blocks.get(cid).cloned()
            })
            .unwrap()
    });
    // Root, one middle, one leaf.
    assert_eq!(asked.borrow().len(), 3);
    let read = repository.read_dag(new_entry, new_root).unwrap();
    assert_eq!(read.len(), 73);
    assert!(read.iter().all(|(cid, bytes)| blocks[cid] == *bytes));
}
