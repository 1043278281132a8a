//! Leads, custom fields and statuses, one by one.

use serde_json::{Value, json};

use super::sample::{Dice, NUMBERS, TEXTS, add, add_some, all, commit, custom_fields, insert, update};
use super::{Openings, Outcome, code, dump, holds, same_as};
use crate::clock::Timestamp;
use crate::model::field::{CustomField, Field};
use crate::model::filter::Expr;
use crate::model::lead::Lead;
use crate::model::status::Status;
use crate::store::{Change, KeyKind, LeadRow, Query, Record, before_image, keys_of};

pub(super) fn an_empty_store_holds_nothing(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let everything = Query::of(Expr::And(Vec::new()));
    let seen = store.reading(|r| {
        holds(r.head()? == 0 && r.next_lead()? == 1, "the head is not at its beginning")
            .and(holds(r.count(&everything)? == 0, "leads are there"))
            .and(holds(r.leads(&[])?.is_empty() && r.lead(1)?.is_none(), "a lead is there"))
            .and(holds(r.custom_fields()?.is_empty() && r.statuses()?.is_empty(), "definitions are there"))
            .and(holds(r.operation(1)?.is_none() && r.commit(1)?.is_none(), "a log is there"))
            .and(holds(r.change(1, 1)?.is_none() && r.changes(1, 0, 9)?.is_empty(), "changes are there"))
            .map_or_else(|failed| Ok(Some(failed)), |()| Ok(None))
    })?;
    seen.map_or(Ok(()), Err)?;
    same_as(&dump(&*store)?, &"{\"head\":{\"next_lead\":1,\"rev\":0}}\n".to_string(), "an empty dump")
}

pub(super) fn leads_come_back_as_they_were(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 200, 1)?;
    same_as(&all(&*store)?, &leads, "leads that were stored")?;
    let empty = add(&*store, &[Lead::default()])?;
    same_as(&store.reading(|r| r.lead(201))?, &Some(empty[0].clone()), "a lead without any value")
}

pub(super) fn every_text_comes_back(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let long = "ä😀'\"".repeat(25_000);
    let texts = TEXTS.iter().map(|text| text.to_string()).chain([long]);
    let leads: Vec<Lead> = texts
        .map(|text| {
            let mut lead = Lead { tags: vec![text.clone(), "x".into(), text.clone()], ..Lead::default() };
            for &field in Field::ALL {
                lead.set_text(field, Some(text.clone()));
            }
            lead.custom.insert("motto".into(), Value::from(text.clone()));
            lead.original.insert("notes".into(), text);
            lead
        })
        .collect();
    same_as(&add(&*store, &leads)?, &all(&*store)?, "texts")
}

pub(super) fn every_number_comes_back(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let dice = Dice::new(2);
    let numbers = NUMBERS.into_iter().chain((0..500).map(|_| dice.number()));
    let leads: Vec<Lead> = numbers
        .map(|number| {
            let custom = [("seats".to_string(), Value::from(number))].into();
            Lead { score: Some(number), custom, ..Lead::default() }
        })
        .collect();
    let stored = add(&*store, &leads)?;
    same_as(&all(&*store)?, &stored, "numbers")?;
    // Images hold numbers too.
    store.writing(|writer| {
        let rev = writer.next_rev()?;
        for lead in &stored {
            update(writer, rev, lead, Lead { score: None, custom: Default::default(), ..lead.clone() })?;
        }
        commit(writer, rev, None, stored.len() as u64)
    })?;
    for change in store.reading(|r| r.changes(2, 0, u64::MAX))? {
        let number = Value::from(leads[change.lead as usize - 1].score);
        let image = json!({ "score": number, "custom.seats": number });
        same_as(&Value::Object(change.before), &image, "numbers in an image")?;
    }
    Ok(())
}

pub(super) fn ids_are_allotted_in_order(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let first = store.writing(|w| Ok([w.allot(3)?, w.allot(0)?, w.allot(1)?, w.next_lead()?]))?;
    same_as(&first, &[1, 4, 4, 5], "ids of a transaction")?;
    let failed = store.writing(|w| w.allot(100).and_then(|_| Err::<(), _>(crate::Error::internal("no"))));
    same_as(&code(failed), &"internal", "the error of the work")?;
    same_as(&store.reading(|r| r.next_lead())?, &5, "the next id after a failed transaction")
}

pub(super) fn ids_reach_to_two_to_the_53rd(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let top = (1 << 53) - 2;
    store.writing(|w| w.put_records(vec![Record::Head { rev: top, next_lead: top }]))?;
    let leads = add_some(&*store, 2, 3)?;
    same_as(&(leads[0].id, leads[1].id, leads[1].rev), &(top, top + 1, top + 1), "large ids")?;
    same_as(&all(&*store)?, &leads, "leads of large ids")?;
    let by_id = |id: i64| {
        use crate::model::filter::{Operand, Target, Test};
        Query::of(Expr::Test(Target::Id, Test::Eq(Operand::Number(id as f64))))
    };
    for lead in &leads {
        let found = store.reading(|r| r.page(&by_id(lead.id), None, 9))?;
        same_as(&found, &vec![lead.clone()], "a large id in a filter")?;
    }
    Ok(())
}

pub(super) fn unknown_ids_are_left_out(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 5, 4)?;
    let found = store.reading(|r| r.leads(&[5, 77, 2, -1, i64::MAX, i64::MIN, 0]))?;
    same_as(&found, &vec![leads[1].clone(), leads[4].clone()], "leads by ids, in the order of ids")?;
    same_as(&store.reading(|r| r.leads(&[]))?, &Vec::new(), "leads by no ids")?;
    let many: Vec<i64> = (-2_500..2_500).collect();
    same_as(&store.reading(|r| r.leads(&many))?, &leads, "leads by many ids")
}

pub(super) fn a_lead_is_stored_once(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 2, 5)?;
    let again = store.writing(|w| w.insert_leads(&[LeadRow::of(leads[0].clone())]));
    holds(again.is_err(), "a second lead of the same id was stored")?;
    same_as(&all(&*store)?, &leads, "the leads after a refused one")?;
    store.writing(|w| w.insert_leads(&[]).and(w.update_leads(&[])).and(w.purge_leads(&[])))?;
    same_as(&all(&*store)?, &leads, "the leads after empty lists")
}

pub(super) fn updates_keep_what_was_before(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let befores = add_some(&*store, 60, 6)?;
    let others = Dice::new(7);
    let afters = store.writing(|w| {
        let rev = w.next_rev()?;
        let after = |l: &Lead| update(w, rev, l, Lead { id: l.id, ..others.lead() });
        let afters: Vec<Lead> = befores.iter().map(after).collect::<crate::Result<_>>()?;
        commit(w, rev, None, afters.len() as u64)?;
        Ok(afters)
    })?;
    same_as(&all(&*store)?, &afters, "changed leads")?;
    for (before, after) in befores.iter().zip(&afters) {
        let wanted = Change { rev: 2, lead: before.id, prev_rev: 1, before: before_image(before, after) };
        same_as(&store.reading(|r| r.change(2, before.id))?, &Some(wanted), "a before-image")?;
    }
    Ok(())
}

pub(super) fn two_updates_in_one_commit_are_one(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let lead = Lead { city: Some("Ulm".into()), owner: Some("mia".into()), ..Lead::default() };
    let first = add(&*store, &[lead])?.remove(0);
    let last = store.writing(|w| {
        let rev = w.next_rev()?;
        let second = update(w, rev, &first, Lead { city: Some("Bonn".into()), ..first.clone() })?;
        let third = Lead { city: None, owner: None, notes: Some("new".into()), ..second.clone() };
        let third = update(w, rev, &second, third)?;
        commit(w, rev, None, 1)?;
        Ok(third)
    })?;
    let image = json!({ "city": "Ulm", "owner": "mia", "notes": null });
    let change = store.reading(|r| r.change(2, 1))?;
    let found = change.map(|c| (c.prev_rev, Value::Object(c.before)));
    same_as(&found, &Some((1, image)), "the image of two changes in one commit")?;
    same_as(&all(&*store)?, &vec![last], "the lead after two changes")
}

pub(super) fn a_new_lead_of_the_commit_needs_no_image(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    store.writing(|w| {
        let rev = w.next_rev()?;
        let lead = insert(w, rev, &[Lead { city: Some("Ulm".into()), ..Lead::default() }])?.remove(0);
        update(w, rev, &lead, Lead { city: Some("Bonn".into()), ..lead.clone() })?;
        commit(w, rev, Some((1, 1)), 0)
    })?;
    same_as(&store.reading(|r| r.changes(1, 0, 9))?, &Vec::new(), "images of a new lead")?;
    same_as(&all(&*store)?[0].city.as_deref(), &Some("Bonn"), "its value")
}

pub(super) fn purged_leads_leave_nothing(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 6, 8)?;
    for round in 0..3 {
        let now = all(&*store)?;
        store.writing(|w| {
            let rev = w.next_rev()?;
            for lead in &now {
                let notes = Some(format!("{round}"));
                update(w, rev, lead, Lead { notes, updated_at: Timestamp(rev), ..lead.clone() })?;
            }
            commit(w, rev, None, now.len() as u64)
        })?;
    }
    store.writing(|w| w.purge_leads(&[2, 4, 4, 99]))?;
    let left = all(&*store)?;
    same_as(&left.iter().map(|l| l.id).collect::<Vec<_>>(), &vec![1, 3, 5, 6], "leads that are left")?;
    let (mut keys, mut wanted) = (Vec::new(), Vec::new());
    wanted.extend(left.iter().flat_map(keys_of));
    let kinds = [KeyKind::ExternalId, KeyKind::Email, KeyKind::Phone];
    store.reading(|r| {
        keys.clear();
        r.each_key(&kinds, &mut |key| keys.push(key))
    })?;
    keys.sort_unstable();
    wanted.sort_unstable();
    same_as(&keys, &wanted, "keys that are left")?;
    for rev in 2..5 {
        let changes = store.reading(|r| r.changes(rev, 0, u64::MAX))?;
        let of: Vec<i64> = changes.iter().map(|change| change.lead).collect();
        same_as(&of, &vec![1, 3, 5, 6], "images that are left")?;
    }
    same_as(&store.reading(|r| r.next_lead())?, &(leads.len() as i64 + 1), "ids are never used twice")
}

pub(super) fn custom_fields_keep_their_order(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let mut fields = custom_fields();
    fields.push(CustomField::new("a_first_by_name", crate::model::field::FieldKind::Text).label("\"Ö\""));
    store.writing(|w| fields.iter().try_for_each(|field| w.put_custom_field(field)))?;
    same_as(&store.reading(|r| r.custom_fields())?, &fields, "custom fields")?;
    fields[1] = CustomField { archived: true, label: "Plätze".into(), ..fields[1].clone() };
    fields[0].choices.push("O'Neill, 😀".into());
    store.writing(|w| w.put_custom_field(&fields[1]).and(w.put_custom_field(&fields[0])))?;
    same_as(&store.reading(|r| r.custom_fields())?, &fields, "custom fields brought up to date")
}

pub(super) fn statuses_are_replaced(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let list = vec![
        Status::new("new").to(["won", "löst"]),
        Status { key: "won".into(), label: "Gewonnen 'ja'".into(), next: Some(Vec::new()) },
        Status::new("a"),
    ];
    store.writing(|w| w.put_statuses(&list))?;
    same_as(&store.reading(|r| r.statuses())?, &list, "statuses")?;
    let list: Vec<Status> = list.into_iter().rev().skip(1).collect();
    store.writing(|w| w.put_statuses(&list))?;
    same_as(&store.reading(|r| r.statuses())?, &list, "another list of statuses")?;
    store.writing(|w| w.put_statuses(&[]))?;
    same_as(&store.reading(|r| r.statuses())?, &Vec::new(), "no statuses")
}
