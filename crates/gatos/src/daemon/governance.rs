//! Governing through the daemon if there is one, and without it if not: the commits are the same.
//!
//! Statements are signed here, and never by the daemon. Where nobody listens, where the daemon serves another
//! repository or takes nothing on, where it goes away before it answers, and where a statement does not fit into one
//! request, it is recorded without it: what is there already is not recorded twice.

use std::path::Path;

use data_encoding::BASE64;
use gatos_core::keys::Signer;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Client, ClientError, PATIENCE};
use crate::error::Error;
use crate::governance::{
    self, ActivationReport, ApprovalReport, Draft, GrantReport, Next, Parcel, ProposalReport,
    RevocationReport, Verdict, moved,
};
use crate::repository::Repository;

/// The repository, and where its daemon is looked for.
type Through<'a> = (&'a Repository, Option<&'a Path>);

/// How often a policy is signed for another place because history moved on.
const MAX_ROUNDS: usize = 5;

/// As [`governance::propose`].
///
/// # Errors
/// As there.
pub fn propose(
    through: Through<'_>,
    draft: Draft,
    signer: &dyn Signer,
) -> Result<ProposalReport, Error> {
    let proposed = governance::sign_proposal(through.0, draft, signer)?;
    let told = submit(through, &Parcel::from(&proposed));
    told.unwrap_or_else(|| governance::record_proposal(through.0, &proposed))
}

/// As [`governance::approve`].
///
/// # Errors
/// As there.
pub fn approve(
    through: Through<'_>,
    proposal: &str,
    said: (Verdict, &str),
    signer: &dyn Signer,
) -> Result<ApprovalReport, Error> {
    let signed = governance::sign_approval(through.0, proposal, said, signer)?;
    let told = submit(through, &Parcel::from(&signed));
    told.unwrap_or_else(|| governance::record_approval(through.0, &signed))
}

/// As [`governance::grant`].
///
/// # Errors
/// As there.
pub fn grant(
    through: Through<'_>,
    proposal: &str,
    signer: &dyn Signer,
) -> Result<GrantReport, Error> {
    let signed = governance::sign_grant(through.0, proposal, signer)?;
    let told = submit(through, &Parcel::from(&signed));
    told.unwrap_or_else(|| governance::record_grant(through.0, &signed))
}

/// As [`governance::revoke`].
///
/// # Errors
/// As there.
pub fn revoke(
    through: Through<'_>,
    grant: &str,
    reason: &str,
    signer: &dyn Signer,
) -> Result<RevocationReport, Error> {
    let signed = governance::sign_revocation(through.0, grant, reason, signer)?;
    let told = submit(through, &Parcel::from(&signed));
    told.unwrap_or_else(|| governance::record_revocation(through.0, &signed))
}

/// As [`governance::activate`].
///
/// # Errors
/// As there.
pub fn activate(
    through: Through<'_>,
    id: &str,
    signer: &dyn Signer,
) -> Result<ActivationReport, Error> {
    let repository = through.0;
    if through.1.is_none() {
        return governance::activate(repository, id, signer);
    }
    let next = Next::sign(repository, id, signer)?;
    for _ in 0..MAX_ROUNDS {
        let enactment = next.place(repository, signer)?;
        match ask(through, &Parcel::from(&enactment)) {
            Ok(report) => return Ok(report),
            Err(error) if error.is_moved() => {}
            Err(error) => {
                if let Some(error) = error.as_operation() {
                    return Err(error);
                }
                // Whatever the daemon did of it: this very activation is recorded once.
                if let Some(report) = governance::record_again(repository, &enactment)? {
                    return Ok(report);
                }
            }
        }
    }
    Err(moved().with_hint("nothing was written: run the command again"))
}

/// What the daemon says to a parcel; `None` if there is no daemon, or none that comes so far.
fn submit<R: DeserializeOwned>(through: Through<'_>, parcel: &Parcel) -> Option<Result<R, Error>> {
    match ask(through, parcel) {
        Ok(report) => Some(Ok(report)),
        Err(error) => error.as_operation().map(Err),
    }
}

fn ask<R: DeserializeOwned>(
    (repository, socket): Through<'_>,
    parcel: &Parcel,
) -> Result<R, ClientError> {
    let mut client = match socket {
        Some(socket) => Client::connect(socket, Some(PATIENCE))?,
        None => return Err(ClientError::Gone),
    };
    let (method, fields) = request(parcel);
    let result = client.ask_about(repository, method, &fields)?;
    serde_json::from_str(result.get()).map_err(|_| ClientError::Answer)
}

/// The fields of a request; those that its method does not have are left out.
#[derive(Default, Serialize)]
struct Fields<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activation: Option<String>,
}

fn request(parcel: &Parcel) -> (&'static str, Fields<'_>) {
    let text = |bytes: &[u8]| Some(BASE64.encode(bytes));
    let none = Fields::default();
    match parcel {
        Parcel::Proposal { proposal, policy } => {
            let (bundle, code) = policy
                .as_ref()
                .map_or((None, None), |(bundle, code)| (text(bundle), text(code)));
            let proposal = text(proposal);
            let fields = Fields {
                proposal,
                bundle,
                code,
                ..none
            };
            ("propose", fields)
        }
        Parcel::Approval(approval) => {
            let approval = text(approval);
            ("approve", Fields { approval, ..none })
        }
        Parcel::Grant(grant) => {
            let grant = text(grant);
            ("grant", Fields { grant, ..none })
        }
        Parcel::Revocation(revocation) => {
            let revocation = text(revocation);
            ("revoke", Fields { revocation, ..none })
        }
        Parcel::Activation {
            decided,
            bundle,
            activation,
        } => {
            let fields = Fields {
                decided: Some(decided),
                bundle: text(bundle),
                activation: text(activation),
                ..none
            };
            ("activate", fields)
        }
    }
}
