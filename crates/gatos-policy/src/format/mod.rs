//! The layout of a module: its tokens, its one formatted text for people, and its one normalised text
//! for the compiled rules. `docs/spec/policy.md#format`.

mod layout;
mod token;

pub(crate) use self::layout::normalised;
pub(crate) use self::token::{Comment, Token, TokenKind, comments, tokens};

use crate::diagnostic::Diagnostics;
use crate::module::Module;

/// The module's text as it should be laid out.
///
/// # Errors
/// A text that has no tokens of Rego.
pub fn formatted(module: &Module) -> Result<String, Diagnostics> {
    let text = module.text.replace("\r\n", "\n");
    let list = tokens(&module.name, &text)?;
    Ok(layout::formatted(&text, &list))
}
