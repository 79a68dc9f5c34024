//! Whatever bytes are loaded, nothing panics; what is loaded is written as it was read, and decides alike twice and
//! within its limits, whatever it says.

use gatos_policy::{Input, Intent, Limits, Program, decide};

const LIMITS: Limits = Limits {
    instructions: 20_000,
};

pub(crate) fn check(data: &[u8]) {
    let Ok(program) = Program::from_rgc(data) else {
        return;
    };
    assert_eq!(program.to_rgc(), data, "one program, two forms");
    let again = Program::from_rgc(data).expect("loaded once and not twice");
    let none: [(String, _); 0] = [];
    for intent in [Intent::EventAppend, Intent::PushRef, Intent::PolicyActivate] {
        let input = Input::with_defaults(intent, none.clone()).expect("an input of neutral values");
        let decision = decide(&program, &input, LIMITS);
        assert_eq!(
            decide(&again, &input, LIMITS).to_bytes(),
            decision.to_bytes()
        );
        // Whoever is silent about an intent leaves it to the roles of trust.
        assert!(!program.is_empty() || decision.is_allowed());
        assert!(decision.is_allowed() || !decision.reasons.is_empty());
    }
}
