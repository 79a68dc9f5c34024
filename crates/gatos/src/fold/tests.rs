//! Programs of other engines cannot be checked, which is not to say that they are wrong.

use gatos_core::echolua::{ENGINE, Program};

use super::read_program;
use crate::error::ErrorKind;

#[test]
fn another_engine_is_blocked_and_damage_is_a_mismatch() {
    let source = "function fold(state, event) return state end";
    let elc = Program::compile(source, "test.lua")
        .unwrap()
        .program
        .to_elc();
    assert!(read_program(&elc, ENGINE).is_ok());
    for engine in [
        "",
        "echolua/2+fuel.1",
        "echolua/1+fuel.2",
        "lua5.4",
        &format!("{ENGINE} "),
    ] {
        // Also where the program is one that nobody could read.
        for bytes in [&elc[..], &[0xff]] {
            let error = read_program(bytes, engine).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Blocked, "{engine}: {error}");
            assert!(error.to_string().contains(engine), "{error}");
        }
    }
    for end in 0..elc.len() {
        let error = read_program(&elc[..end], ENGINE).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
    }
}
