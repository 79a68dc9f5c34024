//! Which files of Git a study is run from.

use gatos_core::experiment::{Source, Tree};
use gatos_core::policy::Requirement;

use super::run::Request;
use crate::error::{Error, ErrorKind};
use crate::repository::Repository;

/// The Git commit of the study's files, and whether they are as it has them.
///
/// # Errors
/// Files that are not, where the policy or the request does not allow it.
pub(super) fn source(
    repository: &Repository,
    request: &Request,
    tree: Tree,
) -> Result<Source, Error> {
    let required = repository.policy().1.profile.clean_tree == Requirement::Required;
    if tree == Tree::Dirty && (required || request.dirty == Requirement::Required) {
        let folder = request.folder.display();
        let names = gatos_git::changed_files(&request.folder).unwrap_or_default();
        let message = format!(
            "`{folder}` has files that Git does not have as they are{}",
            first_of(&names)
        );
        let hint = if required {
            "commit them: the profile of this repository allows nothing else"
        } else {
            "commit them, or run with --allow-dirty, which the proof will say"
        };
        return Err(Error::new(ErrorKind::Refused, message).with_hint(hint));
    }
    let revision = repository
        .git()
        .head_commit()
        .ok()
        .flatten()
        .map(|id| id.to_string());
    Ok(Source { revision, tree })
}

/// The first few names, to stand at the end of a sentence; nothing where there is none.
fn first_of(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    match names.len() {
        0 => String::new(),
        count if count > SHOWN => format!(": {} and {} more", shown.join(", "), count - SHOWN),
        _ => format!(": {}", shown.join(", ")),
    }
}
