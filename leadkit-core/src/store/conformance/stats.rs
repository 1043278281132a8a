//! What statistics need: hours that have changed, facts, counts, and what leads were before.

use std::collections::BTreeSet;

use serde_json::Value;

use super::outbox::{add, message};
use super::sample::{Dice, add_some, commit, update};
use super::{Openings, Outcome, same_as};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::communication::Communication;
use crate::model::lead::Lead;
use crate::model::stats::Part;
use crate::store::{Fact, FactQuery, HOUR, Reader, Span, Store, hour_of, is_opt_out};

/// Contacts over some weeks, with answers among them.
fn some(dice: &Dice, count: usize) -> Vec<Communication> {
    let each = |_| Communication {
        at: Timestamp((dice.below(900) as i64 - 100) * HOUR + dice.below(3_600_000) as i64),
        body: if dice.one_in(4) { "STOP".into() } else { dice.text() },
        ..message(dice)
    };
    (0..count).map(each).collect()
}

/// A fact as a text, for comparing.
fn shown(fact: &Fact<'_>) -> String {
    format!("{fact:?}")
}

fn facts(reader: &dyn Reader, query: &FactQuery) -> Result<Vec<String>> {
    let mut found = Vec::new();
    reader.each_fact(query, &mut |fact| {
        found.push(shown(fact));
        Ok(())
    })?;
    Ok(found)
}

/// The facts of contacts with their places, as the model says.
fn wanted(all: &[(i64, Communication)], since: i64, until: i64) -> Vec<String> {
    let stands = |contact: &Communication| contact.corrected_by.is_none();
    let mut found: Vec<&(i64, Communication)> =
        all.iter().filter(|(_, contact)| stands(contact) && (since..until).contains(&contact.at.0)).collect();
    found.sort_by_key(|(place, _)| *place);
    let fact = |(place, contact): &&(i64, Communication)| {
        let answers = all.iter().filter(|(_, other)| stands(other) && other.reply_to == Some(contact.id));
        let (mut after, mut opted_out) = (None, is_opt_out(contact));
        for (_, answer) in answers {
            after = [after, answer.reply_after].into_iter().flatten().min();
            opted_out |= is_opt_out(answer);
        }
        shown(&Fact::of(*place, contact, after, opted_out))
    };
    found.iter().map(fact).collect()
}

fn all(store: &dyn Store) -> Result<Vec<(i64, Communication)>> {
    let query = crate::store::HistoryQuery {
        corrected: true,
        limit: u64::MAX,
        ..crate::store::HistoryQuery::default()
    };
    store.reading(|reader| reader.history(&query))
}

pub(super) fn facts_are_those_of_the_contacts(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let dice = Dice::new(91);
    store.writing(|w| add(w, some(&dice, 150)))?;
    let contacts = all(&*store)?;
    for (since, until) in [(i64::MIN, i64::MAX), (-HOUR, 40 * HOUR), (HOUR / 2, HOUR * 300 + 17), (9, 9)] {
        let query = FactQuery {
            since: Some(Timestamp(since)),
            until: Some(Timestamp(until)),
            ..FactQuery::default()
        };
        let found = store.reading(|reader| facts(reader, &query))?;
        same_as(&found, &wanted(&contacts, since, until), format!("facts from {since} to {until}"))?;
    }
    let ends = store.reading(|reader| reader.first_and_last_place())?;
    let places: BTreeSet<i64> = contacts.iter().map(|(place, _)| *place).collect();
    same_as(&ends, &places.first().copied().zip(places.last().copied()), "the first and the last place")
}

pub(super) fn writing_marks_hours(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let dice = Dice::new(92);
    let added = store.writing(|w| add(w, some(&dice, 60)))?;
    let hours = |contacts: &[(i64, Communication)]| -> BTreeSet<i64> {
        contacts.iter().map(|(place, _)| hour_of(*place)).collect()
    };
    let marked = || store.reading(|reader| reader.changed_hours(u64::MAX));
    let before = all(&*store)?;
    let wanted: Vec<i64> = hours(&before).into_iter().collect();
    same_as(&marked()?, &wanted, "hours of new contacts")?;
    same_as(&store.reading(|reader| reader.changed_hours(3))?, &wanted[..3].to_vec(), "the first hours")?;
    store.writing(|writer| writer.unmark_hours(&wanted))?;
    same_as(&marked()?, &Vec::new(), "hours that were counted")?;

    // A contact that changes, moves and answers marks where it was and is, and what it answers.
    for contact in added.iter().step_by(7) {
        let (old, id) = (all(&*store)?, contact.id);
        let new = Communication {
            at: Timestamp(contact.at.0 + 5 * HOUR),
            reply_to: added.first().map(|first| first.id),
            ..contact.clone()
        };
        store.writing(|writer| writer.put_communications(std::slice::from_ref(&new)))?;
        let now = all(&*store)?;
        let touched = |contacts: &[(i64, Communication)]| -> BTreeSet<i64> {
            let answered = contact.reply_to.into_iter().chain(new.reply_to).chain([new.id]);
            let answered: Vec<i64> = answered.collect();
            let of = contacts.iter().filter(|(_, contact)| answered.contains(&contact.id));
            of.map(|(place, _)| hour_of(*place)).collect()
        };
        let wanted: Vec<i64> = touched(&old).union(&touched(&now)).copied().collect();
        same_as(&marked()?, &wanted, format!("hours that contact {id} touches"))?;
        store.writing(|writer| writer.unmark_hours(&wanted))?;
    }
    store.writing(|writer| writer.mark_hours(&[7, -3, 7]))?;
    same_as(&marked()?, &vec![-3, 7], "hours that were marked")
}

pub(super) fn counts_are_kept(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let bytes = |n: u8| Some(vec![n, 0, 255]);
    store.writing(|writer| {
        writer.put_counts(
            Span::Day,
            Part::Owner,
            &[(-2, bytes(1)), (5, bytes(2)), (9, bytes(3)), (11, None)],
        )?;
        writer.put_counts(Span::Day, Part::Total, &[(5, bytes(4))])?;
        writer.put_counts(Span::Hour, Part::Owner, &[(5, Some(Vec::new()))])?;
        writer.put_counts(Span::Day, Part::Owner, &[(9, None), (5, bytes(9))])
    })?;
    let read = |span: Span, part: Part, from: i64, until: i64| {
        store.reading(|reader| {
            let mut found = Vec::new();
            reader.each_count(span, part, from, until, &mut |start, counts| {
                found.push((start, counts.to_vec()));
                Ok(())
            })?;
            Ok(found)
        })
    };
    let (first, second) = ((-2, vec![1, 0, 255]), (5, vec![9, 0, 255]));
    same_as(
        &read(Span::Day, Part::Owner, i64::MIN, i64::MAX)?,
        &vec![first.clone(), second.clone()],
        "counts",
    )?;
    same_as(&read(Span::Day, Part::Owner, -2, 5)?, &vec![first], "counts before one")?;
    same_as(&read(Span::Day, Part::Owner, -1, 6)?, &vec![second], "counts from one on")?;
    same_as(&read(Span::Hour, Part::Owner, 0, 9)?, &vec![(5, Vec::new())], "counts of another span")?;
    same_as(&read(Span::Month, Part::Owner, 0, 9)?, &Vec::new(), "counts that were never kept")
}

pub(super) fn former_values_are_told(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let mut leads = add_some(&*store, 3, 93)?;
    let mut wanted: Vec<(i64, Timestamp, Value)> = Vec::new();
    for (which, status) in
        [(0, Some("a")), (1, None), (0, Some("b")), (0, Some("b")), (2, Some("a")), (0, None)]
    {
        let before = leads[which].clone();
        let after = Lead {
            status: status.map(str::to_string),
            owner: Some(format!("owner {}", wanted.len())),
            ..before.clone()
        };
        let (rev, changed) = store.writing(|writer| {
            let rev = writer.next_rev()?;
            let changed = update(writer, rev, &before, after.clone())?;
            commit(writer, rev, None, 1)?;
            Ok((rev, changed))
        })?;
        if before.status != changed.status {
            let status = before.status.map_or(Value::Null, Value::from);
            wanted.push((before.id, Timestamp(rev), status));
        }
        leads[which] = changed;
    }
    wanted.sort_by_key(|(lead, at, _)| (*lead, *at));
    let found = store.reading(|reader| {
        let mut found = Vec::new();
        reader.each_former("status", &mut |lead, at, before| {
            found.push((lead, at, before.clone()));
            Ok(())
        })?;
        Ok(found)
    })?;
    same_as(&found, &wanted, "what statuses were before")?;
    let merged = store.reading(|reader| {
        let mut merged = Vec::new();
        reader.each_merged(&mut |lead, into| {
            merged.push((lead, into));
            Ok(())
        })?;
        Ok(merged)
    })?;
    let is = |lead: &Lead| Some((lead.id, lead.merged_into?));
    same_as(&merged, &leads.iter().filter_map(is).collect(), "leads that were merged")
}
