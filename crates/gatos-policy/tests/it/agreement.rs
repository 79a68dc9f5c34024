//! Generated policies on generated inputs, against a small evaluator: D-41 of the programme.

use super::generated::{Request, agree, generate};
use super::lab::Dice;

#[test]
fn generated_policies_decide_as_a_small_evaluator_says() {
    let rounds = 400;
    let mut dice = Dice::Seed(0x1234_5678_9abc_def1);
    let (mut cases, mut allowed_cases) = (0, 0);
    for _ in 0..rounds {
        let (rules, program) = generate(&mut dice);
        for _ in 0..50 {
            let decision = agree(&rules, &program, &Request::random(&mut dice));
            cases += 1;
            allowed_cases += u32::from(decision.is_allowed());
        }
    }
    // Neither answer is the only one, or agreeing would show nothing.
    assert!(
        cases >= 20_000 && allowed_cases * 10 > cases,
        "{allowed_cases} of {cases}"
    );
    assert!(allowed_cases * 10 < cases * 9, "{allowed_cases} of {cases}");
}
