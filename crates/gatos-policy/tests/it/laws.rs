//! The laws of the fuzz targets over their stored seeds and simple mutants of them, without a fuzzer.

#[path = "../../fuzz/laws/rgc_exec.rs"]
mod rgc_exec;
#[path = "../../fuzz/laws/rgc_load.rs"]
mod rgc_load;
#[path = "../../fuzz/laws/rgs_parse.rs"]
mod rgs_parse;

fn hold(target: &str, law: fn(&[u8])) {
    gatos_testing::hold(env!("CARGO_MANIFEST_DIR"), target, law);
}

#[test]
fn rgs_parse_holds() {
    hold("rgs_parse", rgs_parse::check);
}

#[test]
fn rgc_load_holds() {
    hold("rgc_load", rgc_load::check);
}

#[test]
fn rgc_exec_holds() {
    hold("rgc_exec", rgc_exec::check);
}
