//! The audit: entries as they are, whatever they say.

use super::sample::Dice;
use super::{Openings, Outcome, holds, same_as};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::store::{AuditQuery, AuditRecord, Store, Writer};

/// An entry at random; with every column filled, or with those only that must be.
fn record(dice: &Dice, seq: i64, full: bool) -> AuditRecord {
    let text = || full.then(|| dice.text());
    AuditRecord {
        seq,
        at: Timestamp(dice.below(9_999) as i64 - 99),
        kind: dice.pick(&["operation", "export", "no kind of ours"]).to_string(),
        actor: if full { Some(dice.pick(&["mia", "tom", "Mia"]).to_string()) } else { None },
        detail: dice.text(),
        key_id: text(),
        previous: text().unwrap_or_default(),
        mac: dice.text(),
    }
}

/// Some entries, and the store that has them.
fn filled(openings: &dyn Openings) -> Result<(Box<dyn Store>, Vec<AuditRecord>)> {
    let (store, dice) = (openings.fresh(), Dice::new(11));
    let records: Vec<AuditRecord> = (1..=60).map(|seq| record(&dice, seq, seq % 2 == 0)).collect();
    store.writing(|w| records.iter().try_for_each(|record| w.add_audit(record)))?;
    Ok((store, records))
}

pub(super) fn audit_comes_back_as_it_was(openings: &dyn Openings) -> Outcome {
    let (store, records) = filled(openings)?;
    same_as(&store.reading(|r| r.audit_after(0, 1_000))?, &records, "all entries in order")?;
    same_as(&store.reading(|r| r.audit_after(57, 2))?, &records[57..59].to_vec(), "entries behind a number")?;
    same_as(&store.reading(|r| r.audit_after(60, 9))?, &Vec::new(), "entries behind the last")?;
    same_as(&store.reading(|r| r.audit(&AuditQuery::last()))?, &records[59..].to_vec(), "the last entry")?;
    let empty = openings.fresh();
    same_as(&empty.reading(|r| r.audit(&AuditQuery::last()))?, &Vec::new(), "the last entry of none")
}

pub(super) fn audit_is_listed_by_each_filter(openings: &dyn Openings) -> Outcome {
    let (store, records) = filled(openings)?;
    let all = AuditQuery { limit: 99, ..AuditQuery::default() };
    let queries = [
        all.clone(),
        AuditQuery { limit: 7, ..all.clone() },
        AuditQuery { before: Some(20), ..all.clone() },
        AuditQuery { kind: Some("export".into()), ..all.clone() },
        AuditQuery { actor: Some("mia".into()), ..all.clone() },
        AuditQuery { since: Some(Timestamp(3_000)), ..all.clone() },
        AuditQuery { until: Some(Timestamp(3_000)), ..all.clone() },
        AuditQuery {
            kind: Some("operation".into()),
            actor: Some("tom".into()),
            since: Some(Timestamp(100)),
            until: Some(Timestamp(9_000)),
            before: Some(59),
            ..all.clone()
        },
    ];
    for query in queries {
        let wanted: Vec<AuditRecord> = records
            .iter()
            .rev()
            .filter(|record| {
                query.kind.as_ref().is_none_or(|kind| *kind == record.kind)
                    && (query.actor.is_none() || query.actor == record.actor)
                    && query.since.is_none_or(|since| record.at >= since)
                    && query.until.is_none_or(|until| record.at < until)
                    && query.before.is_none_or(|before| record.seq < before)
            })
            .take(query.limit as usize)
            .cloned()
            .collect();
        holds(!wanted.is_empty(), format!("{query:?} finds nothing, and shows nothing"))?;
        same_as(&store.reading(|r| r.audit(&query))?, &wanted, format!("entries of {query:?}"))?;
    }
    Ok(())
}

pub(super) fn an_audit_number_is_taken_once(openings: &dyn Openings) -> Outcome {
    let (store, records) = filled(openings)?;
    let again = record(&Dice::new(1), 60, true);
    holds(store.writing(|w| w.add_audit(&again)).is_err(), "a number was taken twice")?;
    same_as(&store.reading(|r| r.audit_after(59, 9))?, &records[59..].to_vec(), "the entry that was there")
}

/// The next entry at random.
pub(super) fn enter(w: &dyn Writer, dice: &Dice) -> Result<()> {
    let last = w.audit(&AuditQuery::last())?.pop();
    w.add_audit(&record(dice, last.map_or(0, |last| last.seq) + 1, dice.one_in(2)))
}
