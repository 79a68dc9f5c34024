//! Whatever text is compiled, nothing panics; what compiles is the same program laid out as people lay it out, and
//! read back from its compiled form; and laying out is done once.

use gatos_policy::{Module, Program, compile, formatted};

pub(crate) fn check(data: &[u8]) {
    let module = Module::new("rules.rgs", String::from_utf8_lossy(data));
    let program = match compile(std::slice::from_ref(&module)) {
        Ok(program) => program,
        Err(diagnostics) => {
            assert!(!diagnostics.to_string().is_empty());
            return;
        }
    };
    let read = Program::from_rgc(program.to_rgc()).expect("what was compiled is not read");
    assert_eq!(read.root(), program.root());
    assert_eq!(read.rules(), program.rules());
    let text = formatted(&module).expect("what compiles is not laid out");
    let again = Module::new("rules.rgs", text.as_str());
    assert_eq!(
        formatted(&again).as_deref(),
        Ok(text.as_str()),
        "laid out twice"
    );
    let same = compile(&[again]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(same.to_rgc(), program.to_rgc(), "{text}");
}
