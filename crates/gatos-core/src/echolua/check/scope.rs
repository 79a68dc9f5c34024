//! Which local, capture or function a name means at a place of the source.

use crate::echolua::diagnostic::Span;
use crate::echolua::unit::Capture;

/// Most locals that are visible at one place of a function, parameters included.
pub(super) const MAX_LOCALS: usize = 200;
/// Most values that a nested function takes from those around it.
pub(super) const MAX_CAPTURES: usize = 60;

/// What a name means inside a function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    Local(u8),
    Captured(u8),
    Itself,
}

/// A local variable that is in scope.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) name: String,
    /// The first assignment after its declaration
    pub(super) assigned: Option<Span>,
    /// Whether a nested function takes its value
    pub(super) captured: bool,
}

/// The locals of one function while its body is read.
#[derive(Debug, Default)]
pub(super) struct FunctionScope {
    pub(super) locals: Vec<Local>,
    pub(super) captures: Vec<(String, Capture)>,
    /// The slot, in the function around, of the `local function` that this is the body of
    pub(super) own_slot: Option<u8>,
    /// Loops around the current place
    pub(super) loops: u32,
}

/// The functions around the current place, the outermost first.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    pub(super) functions: Vec<FunctionScope>,
}

impl Scopes {
    /// The innermost function.
    pub(super) fn current(&mut self) -> Option<&mut FunctionScope> {
        self.functions.last_mut()
    }

    /// Declare a local; `None` when there are too many.
    pub(super) fn declare(&mut self, name: &str) -> Option<u8> {
        let scope = self.functions.last_mut()?;
        let slot = u8::try_from(scope.locals.len()).ok()?;
        if scope.locals.len() >= MAX_LOCALS {
            return None;
        }
        scope.locals.push(Local {
            name: name.to_owned(),
            assigned: None,
            captured: false,
        });
        Some(slot)
    }

    /// What `name` means in the innermost function, or nothing if it is no local of any.
    pub(super) fn lookup(&mut self, name: &str) -> Option<Found> {
        let depth = self.functions.len().checked_sub(1)?;
        self.lookup_at(depth, name)
    }

    fn lookup_at(&mut self, depth: usize, name: &str) -> Option<Found> {
        let scope = self.functions.get(depth)?;
        if let Some(slot) = scope.locals.iter().rposition(|local| local.name == name) {
            return u8::try_from(slot).ok().map(Found::Local);
        }
        let outer = self.lookup_at(depth.checked_sub(1)?, name)?;
        let own = self.functions.get(depth)?.own_slot;
        let capture = match outer {
            Found::Local(slot) => {
                let around = self.functions.get_mut(depth - 1)?;
                around.locals.get_mut(usize::from(slot))?.captured = true;
                if own == Some(slot) {
                    return Some(Found::Itself);
                }
                Capture::Local(slot)
            }
            Found::Captured(index) => Capture::Captured(index),
            Found::Itself => Capture::Itself,
        };
        let scope = self.functions.get_mut(depth)?;
        let known = scope.captures.iter().position(|(_, c)| *c == capture);
        let index = known.unwrap_or_else(|| {
            scope.captures.push((name.to_owned(), capture));
            scope.captures.len() - 1
        });
        u8::try_from(index).ok().map(Found::Captured)
    }
}
