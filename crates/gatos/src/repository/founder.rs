//! What a founder who gave no name might want to be called.

use std::path::Path;

use gatos_core::name::ActorName;

/// The Git setting of a person's own name.
const SETTING: &str = "user.name";

/// A name to propose, never to use unasked: it is signed for good.
///
/// It is made from Git's `user.name`, as it holds in `folder`, else from the system's name of the
/// `user`: in lower case, with `-` for white space. `None` if that makes no valid name of either.
#[must_use]
pub fn likely_name(folder: &Path, user: &str) -> Option<ActorName> {
    let in_git = gatos_git::setting(folder, SETTING);
    in_git.as_deref().and_then(made).or_else(|| made(user))
}

fn made(text: &str) -> Option<ActorName> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join("-").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::made;

    #[test]
    fn a_name_is_made_only_if_it_is_valid() {
        let cases = [
            ("Ada Lovelace", Some("ada-lovelace")),
            ("  Ada \t King ", Some("ada-king")),
            ("ada", Some("ada")),
            ("J. R. Hacker", Some("j.-r.-hacker")),
            ("Åda", None),
            ("O'Neil", None),
            ("", None),
        ];
        for (text, expect) in cases {
            assert_eq!(made(text).as_ref().map(|n| n.as_str()), expect, "{text}");
        }
    }
}
