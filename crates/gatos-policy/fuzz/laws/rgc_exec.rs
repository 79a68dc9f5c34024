//! Rules that are right by construction decide as a small evaluator says; the same when they are compiled and when
//! they are loaded; and a limit that is too small denies.

use gatos_policy::{Basis, Limits, Program, decide};

use crate::generated::{Request, agree, generate};
use crate::lab::Dice;

/// Requests for each policy.
const REQUESTS: usize = 4;

pub(crate) fn check(data: &[u8]) {
    let choices = Vec::from(data);
    let mut dice = Dice::Bytes(choices.into_iter());
    let (rules, program) = generate(&mut dice);
    let loaded = Program::from_rgc(program.to_rgc()).expect("what was compiled is not read");
    for _ in 0..REQUESTS {
        let request = Request::random(&mut dice);
        let decision = agree(&rules, &program, &request);
        let input = request.input();
        let again = decide(&loaded, &input, Limits::DEFAULT);
        assert_eq!(again.to_bytes(), decision.to_bytes());
        let limits = Limits {
            instructions: u32::try_from(dice.below(300)).unwrap_or(0),
        };
        let limited = decide(&loaded, &input, limits);
        match limited.basis {
            Basis::Limit | Basis::Failure => assert!(!limited.is_allowed(), "{limited:?}"),
            _ => assert_eq!(limited.verdict, decision.verdict, "{limited:?}"),
        }
    }
}
