//! How the bytes of an input are bound to the store path that the derivation names.

use gatos_core::job::Item;
use gatos_nix::StorePath;
use gatos_nix::derivation::DrvClosure;
use gatos_nix::nar::{self, Node};

/// Why the input of a derivation has the bytes that a list says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Binding {
    /// The path is a hash of the bytes
    Content,
    /// The path is the output of a derivation: what it holds is for a build to show
    Built,
    /// The path is a hash of other bytes
    Broken,
}

/// Find how `path` is bound to the bytes of `item`; `nar` are those bytes, if they were kept.
pub(crate) fn binding(
    closure: &DrvClosure,
    path: &StorePath,
    item: &Item,
    nar: Option<&[u8]>,
) -> Binding {
    let is_source = StorePath::of_source(path.name(), &item.nar).is_ok_and(|p| p == *path);
    if is_source || nar.is_some_and(|nar| is_text(path, nar)) {
        Binding::Content
    } else if closure.dependencies().contains_key(path) {
        Binding::Built
    } else {
        Binding::Broken
    }
}

/// Whether the path is that of a text (`builtins.toFile`) with the contents of this one file.
fn is_text(path: &StorePath, archive: &[u8]) -> bool {
    let Ok(entries) = nar::list(&mut &*archive) else {
        return false;
    };
    let [entry] = entries.as_slice() else {
        return false;
    };
    let Node::Regular { offset, size, .. } = entry.node else {
        return false;
    };
    let position = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let contents = archive.get(position(offset)..position(offset.saturating_add(size)));
    contents.is_some_and(|text| {
        StorePath::of_text(path.name(), text, &[]).is_ok_and(|expected| expected == *path)
    })
}
