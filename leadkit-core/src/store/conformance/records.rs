//! All of a store, record by record.

use super::differential::{disturb, keys};
use super::{Openings, Outcome, dump, same_as};
use crate::error::Result;
use crate::store::{Record, Store};

const SEED: u64 = 2026;

fn records(store: &dyn Store) -> Result<Vec<Record>> {
    store.reading(|r| {
        let mut records = Vec::new();
        r.each_record(&mut |record| {
            records.push(record);
            Ok(())
        })?;
        Ok(records)
    })
}

/// Copies a store by some records at a time.
fn copy(from: &dyn Store, to: &dyn Store, at_once: usize) -> Result<()> {
    let records = records(from)?;
    to.writing(|w| records.chunks(at_once).try_for_each(|some| w.put_records(some.to_vec())))
}

pub(super) fn records_fill_another_store(openings: &dyn Openings) -> Outcome {
    let source = openings.fresh();
    disturb(&*source, SEED, 60)?;
    for at_once in [1, 7, usize::MAX] {
        let target = openings.fresh();
        copy(&*source, &*target, at_once)?;
        same_as(&records(&*target)?, &records(&*source)?, "records of a copy")?;
        same_as(&dump(&*target)?, &dump(&*source)?, "the dump of a copy")?;
        same_as(&keys(&*target)?, &keys(&*source)?, "keys of a copy")?;
    }
    // Through JSON, as dumps are read.
    let target = openings.fresh();
    let lines = dump(&*source)?;
    let parsed: std::result::Result<Vec<Record>, _> = lines.lines().map(serde_json::from_str).collect();
    let parsed = parsed.map_err(|error| super::Failed(format!("a dump is not read back: {error}")))?;
    target.writing(|w| w.put_records(parsed.clone()).and(w.put_records(Vec::new())))?;
    same_as(&dump(&*target)?, &lines, "the dump of a store that was filled from a dump")
}

pub(super) fn a_copy_goes_on_as_its_source(openings: &dyn Openings) -> Outcome {
    let (source, target) = (openings.fresh(), openings.fresh());
    disturb(&*source, SEED + 1, 40)?;
    copy(&*source, &*target, 50)?;
    let (a, b) = (disturb(&*source, SEED + 2, 40)?, disturb(&*target, SEED + 2, 40)?);
    same_as(&b, &a, "what equal writes answered")?;
    same_as(&dump(&*target)?, &dump(&*source)?, "the dumps after equal writes")
}

pub(super) fn records_come_in_order(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    disturb(&*store, SEED + 3, 60)?;
    let mut places = Vec::new();
    for record in records(&*store)? {
        places.push(match record {
            Record::Head { .. } => (0, 0, 0),
            // In the order of definition, which the copies above check.
            Record::CustomField(_) => (1, 0, 0),
            Record::Status(_) => (2, 0, 0),
            Record::Lead(lead) => (3, lead.id, 0),
            Record::Operation(stored) => (4, stored.operation.id, 0),
            Record::Commit(commit) => (5, commit.rev, 0),
            Record::Change(change) => (6, change.rev, change.lead),
            Record::Conflict { operation, .. } => (7, operation, 0),
            Record::Reject { operation, seq, .. } => (8, operation, seq.cast_signed()),
            Record::Consent(entry) => (9, entry.id, 0),
            Record::Settings(_) => (10, 0, 0),
            Record::Communication(message) => (12, message.id, 0),
            Record::CommunicationEvent(event) => (13, event.communication, i64::from(event.seq)),
            // By name, which the copies above check.
            Record::Meter { .. } => (14, 0, 0),
            Record::Audit(record) => (15, record.seq, 0),
            Record::Erasure(certificate) => (16, certificate.id, 0),
            Record::Hold(hold) => (17, hold.lead, 0),
            // By name, which the copies above check.
            Record::Automation(_) => (18, 0, 0),
            Record::AutomationState(_) => (19, 0, 0),
            Record::Schedule(_) => (20, 0, 0),
            Record::AutomationRun(run) => (21, run.id, 0),
            Record::Signal(signal) => (22, signal.id, 0),
            Record::HostEvent(event) => (23, event.id, 0),
            Record::Template(template) => {
                (11, 0, i64::from(template.name == "hello") * 100 + i64::from(template.version))
            }
        });
    }
    let mut sorted = places.clone();
    sorted.sort_unstable();
    same_as(&places, &sorted, "the order of records")?;
    let mut kinds: Vec<i32> = places.iter().map(|place| place.0).collect();
    kinds.dedup();
    same_as(&kinds, &(0..24).collect::<Vec<_>>(), "kinds of records")
}
