//! Every name that we accept is one that Git accepts.

use gatos_git::RefName;
use proptest::prelude::*;

use super::fixture::git_in;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn git_accepts_what_we_accept(text in "refs/gatos/[a-c0./_@{~^:*?\\[ -]{1,20}(\\.lock)?") {
        if let Ok(name) = text.parse::<RefName>() {
            let directory = std::env::temp_dir();
            let mut command = git_in(&directory);
            let status = command.args(["check-ref-format", name.as_str()]).status().unwrap();
            prop_assert!(status.success(), "{name}");
        }
    }
}
