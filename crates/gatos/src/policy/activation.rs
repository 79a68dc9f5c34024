//! Whether a policy may take the place of the one before it: by the rules of that one, or because
//! everybody agreed.
//!
//= spec/governance.md#everybody

use gatos_core::id::PolicyRoot;
use gatos_core::policy::Bundle;

use super::agreement::{Agreement, everybody};
use super::deed::{By, Deed};
use super::law::{Law, Ruling};
use crate::error::Error;

/// What was found about a policy that is to take effect.
#[derive(Clone, Debug)]
pub(crate) struct ActivationRuling {
    /// What the rules said, where one of them is about it
    pub(crate) rulings: Vec<Ruling>,
    /// Whether everybody agreed, so that no rule can be in the way
    pub(crate) everybody: bool,
}

impl ActivationRuling {
    /// What is in the way.
    pub(crate) fn denied(&self) -> Option<&Ruling> {
        let denied = self.rulings.iter().find(|ruling| !ruling.is_allowed());
        denied.filter(|_| !self.everybody)
    }

    /// Whether the policy takes effect against the rules.
    pub(crate) fn is_way_back(&self) -> bool {
        self.everybody && self.rulings.iter().any(|ruling| !ruling.is_allowed())
    }
}

/// Ask the rules of the policy `before`, whose law is `law` if it can be read.
///
/// # Errors
/// Rules that cannot be read, unless everybody agreed.
pub(crate) fn judge_activation(
    (before, law): (&Bundle, Result<Law<'_>, Error>),
    next: (PolicyRoot, &Bundle),
    by: &By,
    agreement: Option<&Agreement>,
) -> Result<ActivationRuling, Error> {
    let everybody = agreement.is_some_and(|agreed| everybody(&before.trust, &agreed.said));
    let mut rulings = Vec::new();
    let asked = law.and_then(|law| {
        for deed in Deed::activation(by, before, next) {
            if law.governs(deed.intent) {
                rulings.push(law.ask_with(&deed, agreement)?);
            }
        }
        Ok(())
    });
    match asked {
        Err(error) if !everybody => Err(error),
        _ => Ok(ActivationRuling { rulings, everybody }),
    }
}
