//! The gate of a bare repository, pushed to with plain Git: over a path, and with `GATOS_TEST_SSH=1` over SSH.
//!
//! Where the rows of plane D of the test programme are:
//!
//! | row | tests |
//! |---|---|
//! | D-01, D-02, D-03 | `rules::refs_of_ours_move_forward_only`, `…_are_never_deleted`, `a_symbolic_ref_…` |
//! | D-04, D-05 | `names`, `rules::names_that_are_not_in_the_table_are_refused` |
//! | D-06, D-07 | `rules::one_bad_ref_…`, `moments::of_eight_pushers_…`; `moments::a_push_from_where_…` |
//! | D-08, D-09 | `rules::what_may_be_made_once_…`, `moments::the_second_of_two_identical_…` |
//! | D-10, D-11 | `hostile::a_hook_that_is_told_nonsense_…`, fuzz `hook_stdin`; `rights` |
//! | D-12, D-27 | `extent::the_hook_writes_nothing_…`, `extent::a_refusal_…`; `records::a_refused_push_…` |
//! | D-13, D-14 | `objects::trees_…`, `folders_…`, fuzz `tree_check`; `objects::commits_…`, `signers::commits_with_several_…` |
//! | D-15, D-19 | `hostile::pushes_are_read_…`, `objects::packs_…`; `hostile::shallow_…`, `objects::shallow_…` |
//! | D-16, D-17 | `extent::many_refs_…`, `more_refs_…`; `objects::a_blob_…`, `deep_chains_…` |
//! | D-18, D-24 | `moments::a_hook_…`, `power`, `installation::a_gate_that_was_taken_apart_…`; `partition` |
//! | D-20, D-21 | `hostile::push_options_…`; `ssh`, and `gate.rs` of the façade's tests |
//! | D-22, D-25 | `installation` |
//! | D-23 | `moments::of_eight_pushers_…`, `eight_pushers_…` |
//! | D-26 | `law::a_denial_…`, `records::a_record_that_was_changed_…` |
//! | D-30, D-31, D-32 | `chain` |
//! | D-33, D-34 | `rights::a_wide_permission_…`; `thresholds_…`, `somebody_of_two_groups_…`, `a_key_…` |
//! | D-40, D-41, D-42 | `compiled`, `agreement`, `decisions` of `gatos-policy`; `law::a_rule_that_fails_…` |

mod chain;
mod disk;
mod extent;
mod hostile;
mod installation;
mod law;
mod many;
mod moments;
mod names;
mod objects;
mod partition;
mod power;
mod records;
mod rights;
mod rules;
mod signers;
mod ssh;

use crate::lab::{Lab, Ran};

/// A place with a study in its working folder and a guarded bare repository beside it, to which all of
/// the study was pushed.
pub(crate) fn with_server() -> Lab {
    let lab = Lab::with_repository();
    lab.ok(
        "git commit -q --allow-empty -m start && git init -q --bare ../server.git && \
         gatos -q gate install ../server.git && git remote add origin ../server.git && \
         gatos -q event append m --type t '{\"n\": 1}' && \
         git push -q origin 'refs/gatos/*:refs/gatos/*' HEAD:refs/heads/main",
    );
    lab
}

/// Every ref of the server and where it is, refusals left out.
pub(crate) fn refs(lab: &Lab) -> String {
    lab.ok("git -C ../server.git for-each-ref | grep -v refs/gatos/audit/policy/deny/ || true")
}

/// Push, which must be refused by `rule` and change nothing; what Git said.
pub(crate) fn refused(lab: &Lab, script: &str, rule: &str) -> String {
    let before = refs(lab);
    let ran: Ran = lab.run(script);
    assert_ne!(
        ran.code, 0,
        "{script}\nwas accepted\n{}{}",
        ran.out, ran.err
    );
    assert!(
        ran.err.contains(rule),
        "{script}\nwas not refused by {rule}:\n{}{}",
        ran.out,
        ran.err
    );
    assert_eq!(refs(lab), before, "{script}\nmoved something");
    ran.err
}

/// Write the client that says what it is told to: `python3 ../wire.py`.
pub(crate) fn with_wire(lab: &Lab) {
    lab.write("../wire.py", include_str!("wire.py"));
}

/// Whether the long versions are to run.
pub(crate) fn soaks() -> bool {
    std::env::var_os("GATOS_SOAK").is_some_and(|value| value == "1")
}
