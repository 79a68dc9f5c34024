//! The gate of a bare repository, pushed to with plain Git.

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
