//! Admitting events that somebody else signed: what may be appended, and what may not.

use gatos_core::cbor;
use gatos_core::envelope::Envelope;
use gatos_core::journal::Event;
use gatos_core::keys::KnownKeys;
use gatos_core::name::JournalName;
use gatos_core::policy::Role;
use gatos_core::statement::Signed;

use super::append::check_size;
use crate::error::{Context, Error, ErrorKind};
use crate::policy;
use crate::repository::Repository;
use crate::verify::authorize_actor;

/// The event in the bytes of an envelope, if it may be appended to `journal` now.
///
/// `known` remembers keys from one event to the next.
///
/// # Errors
/// Bytes that are no signed event; an event of another repository or journal, signed under a policy
/// that is not in force, by somebody who may not append or is not the actor that it names; or what the
/// rules in force say no to.
pub fn admit(
    repository: &Repository,
    journal: &JournalName,
    bytes: &[u8],
    known: &mut KnownKeys,
) -> Result<Signed<Event>, Error> {
    let envelope = Envelope::decode(bytes)
        .context(ErrorKind::Usage, || "this is no signed event".to_owned())?;
    let signed: Signed<Event> = Signed::open_known(envelope, known)
        .or_mismatch(|| "the event does not verify".to_owned())?;
    let event = signed.statement();
    let (policy, bundle) = repository.policy();
    if event.repo != repository.id() {
        let message = format!("the event is of another repository, {}", event.repo);
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    if event.journal != *journal {
        let message = format!("the event is signed for journal `{}`", event.journal);
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    if event.policy != policy {
        let message = format!(
            "the event is signed under the policy {}, which is not in force",
            event.policy
        );
        return Err(Error::new(ErrorKind::Refused, message).with_hint(
            "sign it again; an identifier that is there already is not recorded twice",
        ));
    }
    check_size(
        cbor::encoded_len(&event.payload),
        bundle.profile.max_event_bytes,
    )?;
    authorize_actor(
        &bundle.trust,
        signed.signers(),
        (Role::Append, &event.actor),
    )?;
    policy::admit(repository, &signed)?;
    Ok(signed)
}
