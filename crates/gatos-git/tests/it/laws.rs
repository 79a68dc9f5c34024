//! The laws of the fuzz targets over their stored seeds and simple mutants of them, without a fuzzer.

#[path = "../../fuzz/laws/hook_stdin.rs"]
mod hook_stdin;
#[path = "../../fuzz/laws/tree_check.rs"]
mod tree_check;

fn hold(target: &str, law: fn(&[u8])) {
    gatos_testing::hold(env!("CARGO_MANIFEST_DIR"), target, law);
}

#[test]
fn hook_stdin_holds() {
    hold("hook_stdin", hook_stdin::check);
}

#[test]
fn tree_check_holds() {
    hold("tree_check", tree_check::check);
}
