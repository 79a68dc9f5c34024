//! Every error with what it means, why it is one, and a program that has it.

/// The explanations, one section an error.
const ERRORS: &str = include_str!("errors.md");

/// What can be said about one error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Explanation {
    /// The number, as `E0111`
    pub code: &'static str,
    /// Its name in kebab case
    pub name: &'static str,
    /// Markdown: sentences, then an example in a block of code
    pub text: &'static str,
}

/// All explanations, by number.
pub fn explanations() -> impl Iterator<Item = Explanation> {
    ERRORS.split("\n## ").skip(1).filter_map(|section| {
        let (title, text) = section.split_once('\n')?;
        let (code, name) = title.split_once(' ')?;
        let text = text.trim();
        Some(Explanation { code, name, text })
    })
}

/// The explanation of an error: `E0111`, `e0111`, `0111` and `111` name the same.
#[must_use]
pub fn explanation(code: &str) -> Option<Explanation> {
    let digits = code.strip_prefix(['E', 'e']).unwrap_or(code);
    let number: u16 = digits.parse().ok()?;
    let code = format!("E{number:04}");
    explanations().find(|explanation| explanation.code == code)
}
