//! The journals of an experiment, event by event, and the events that its outputs became.

use std::collections::BTreeMap;

use gatos_core::cid::Cid;
use gatos_core::journal::{Batch, Event};
use gatos_core::keys::KnownKeys;
use gatos_core::name::JournalName;
use gatos_core::statement::Signed;

use super::statements::Proofs;
use crate::error::{Context, Error};
use crate::evidence::Evidence;
use crate::experiment::result_drafts;
use crate::verify::history::{History, StoredBatch};
use crate::verify::policy::PolicyChain;
use crate::verify::remembered::Remembered;
use crate::verify::report::{Verification, ensure};

/// The batches of a journal as the evidence holds them, read one at a time.
pub(super) fn batches<'e>(
    evidence: &'e Evidence<'_>,
    cids: &'e [Cid],
) -> impl Iterator<Item = Result<StoredBatch, Error>> + Send + use<'e> {
    cids.iter().map(move |cid| {
        let batch = Batch::decode(&evidence.block(cid)?)
            .or_mismatch(|| format!("block {cid} is no batch of events"))?;
        Ok(StoredBatch { id: *cid, batch })
    })
}

/// Number of events of each journal that verified.
pub(super) fn check(
    evidence: &Evidence<'_>,
    (policies, memory): (&PolicyChain, &mut Remembered),
    report: &mut Verification,
) -> BTreeMap<JournalName, u64> {
    let mut verified = BTreeMap::new();
    for (journal, cids) in &evidence.manifest().journals {
        let mut walk = || {
            let mut history = History::new(journal.clone(), policies);
            for batch in batches(evidence, cids) {
                history.extend_stored(vec![batch?], memory)?;
            }
            let detail = format!(
                "{} signed event(s), history root {}",
                history.size(),
                history.root()
            );
            Ok((history.size(), detail))
        };
        let subject = format!("journal {journal}");
        if let Some(size) = report.record(("events and history root", &subject), walk()) {
            verified.insert(journal.clone(), size);
        }
    }
    verified
}

/// The events that the proof says the outputs became are those of the file `events.jsonl`.
pub(super) fn results(
    evidence: &Evidence<'_>,
    proofs: &Proofs,
    verified: &BTreeMap<JournalName, u64>,
    report: &mut Verification,
) {
    let Some(results) = &proofs.experiment.statement().results else {
        return none_expected(evidence, report);
    };
    let subject = format!(
        "events {} to {}",
        results.first,
        results.first + results.count
    );
    let what = ("results in the journal", subject.as_str());
    let Some(nar) = evidence.manifest().output_nars.values().next() else {
        report.skip(
            what,
            "the output was not kept, so its events cannot be compared",
        );
        return;
    };
    let check = || {
        ensure(
            verified.get(&results.journal).is_some_and(|size| {
                results
                    .first
                    .checked_add(results.count)
                    .is_some_and(|end| end <= *size)
            }),
            || format!("journal `{}` does not have so many events", results.journal),
        )?;
        let drafts = result_drafts(&evidence.block(nar)?)?;
        ensure(drafts.len() as u64 == results.count, || {
            format!(
                "the output has {} event(s), the proof {}",
                drafts.len(),
                results.count
            )
        })?;
        let events = slice(evidence, results)?;
        for (draft, event) in drafts.iter().zip(&events) {
            let statement = event.statement();
            let same =
                statement.event_type == draft.event_type && statement.payload == draft.payload;
            ensure(same, || {
                format!("event {} is not what the output says", statement.ulid)
            })?;
        }
        Ok((
            (),
            format!("{} event(s) of `{}`", drafts.len(), results.journal),
        ))
    };
    report.record(what, check());
}

/// A proof without results is of an output without events.
fn none_expected(evidence: &Evidence<'_>, report: &mut Verification) {
    let Some(nar) = evidence.manifest().output_nars.values().next() else {
        return;
    };
    let check = || {
        let drafts = result_drafts(&evidence.block(nar)?)?;
        ensure(drafts.is_empty(), || {
            format!(
                "the output has {} event(s), of which the proof says nothing",
                drafts.len()
            )
        })?;
        Ok(((), "the output asks for none".to_owned()))
    };
    report.record(("results in the journal", "output"), check());
}

/// The events that the proof names; their signatures were verified with their journal.
fn slice(
    evidence: &Evidence<'_>,
    results: &gatos_core::experiment::Results,
) -> Result<Vec<Signed<Event>>, Error> {
    let none = Vec::new();
    let cids = evidence
        .manifest()
        .journals
        .get(&results.journal)
        .unwrap_or(&none);
    let (mut found, mut index) = (Vec::new(), 0);
    let known = &mut KnownKeys::new();
    for batch in batches(evidence, cids) {
        for envelope in batch?.batch.events {
            if (results.first..results.first + results.count).contains(&index) {
                let event = Signed::recall(envelope, known);
                let what = || format!("event {index} of `{}`", results.journal);
                found.push(event.or_mismatch(what)?);
            }
            index += 1;
        }
    }
    Ok(found)
}
