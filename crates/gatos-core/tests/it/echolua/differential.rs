//! The same programs in plain Lua 5.4: what both can run must come out alike.

#[path = "../../../fuzz/laws/stock_lua.rs"]
mod stock_lua;

use gatos_core::echolua::Program;

use self::stock_lua::{compare, ours, plain};
use super::{Random, cases, generator};

#[test]
fn generated_programs_come_out_alike() {
    let (mut compared, mut failed) = (0_u64, 0_u64);
    let count = cases(300, 100_000);
    for seed in 0..count {
        let source = generator::program(&mut Random::new(seed + 11));
        if let Some(returned) = compare(&source) {
            compared += 1;
            failed += u64::from(!returned);
        }
    }
    assert!(
        compared > count / 2,
        "only {compared} of {count} programs stayed in the subset"
    );
    assert!(
        failed < compared / 2,
        "{failed} of {compared} programs failed"
    );
}

/// The comparison sees a difference.
#[test]
fn a_difference_is_seen() {
    let source =
        "function fold(state, event) return \"x\" .. 7 / 2 .. (2 ^ 53 == 1 and 1 or 2) end";
    assert!(Program::compile(source, "x").is_err());
    let source = "function fold(state, event) return \"\" .. 6 / 2 end";
    assert_eq!(ours(source), Some(Ok("3".to_owned())));
    assert_eq!(plain(source), Ok("3.0".to_owned()));
}
