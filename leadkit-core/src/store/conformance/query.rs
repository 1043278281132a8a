//! Filters mean in a store what they mean on a lead in hand.

use super::sample::{Dice, add, add_some, all, targets, tests, update};
use super::{Openings, Outcome, code, same_as};
use crate::clock::Timestamp;
use crate::error::Error;
use crate::model::field::{Field, FieldName};
use crate::model::filter::{Expr, Operand, Target, Test};
use crate::model::lead::Lead;
use crate::store::{Query, Store};

/// Compares what a store finds with what the filter says of each lead.
fn finds_the_same(store: &dyn Store, leads: &[Lead], filter: Expr) -> Outcome {
    let wanted: Vec<i64> = leads.iter().filter(|lead| filter.matches(lead)).map(|lead| lead.id).collect();
    let query = Query { include_deleted: true, ..Query::of(filter) };
    let (count, page) = store.reading(|r| Ok((r.count(&query)?, r.page(&query, None, u64::MAX)?)))?;
    let found: Vec<i64> = page.iter().map(|lead| lead.id).collect();
    let told = || {
        let mut text = format!("{:?}", query.filter);
        text.truncate((0..=2_000.min(text.len())).rfind(|at| text.is_char_boundary(*at)).unwrap_or(0));
        text
    };
    if found != wanted {
        let other = found.iter().find(|id| !wanted.contains(id));
        let other = other.or(wanted.iter().find(|id| !found.contains(id)));
        let lead = leads.iter().find(|lead| Some(&lead.id) == other);
        return same_as(&found, &wanted, format!("leads found by {}, which differ in {lead:?}", told()));
    }
    same_as(&count, &(wanted.len() as u64), format!("the number of leads found by {}", told()))
}

pub(super) fn every_operator_on_every_field(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 150, 21)?;
    let dice = Dice::new(22);
    for target in targets() {
        for _ in 0..3 {
            for test in tests(&target, &dice, &leads) {
                finds_the_same(&*store, &leads, Expr::Test(target.clone(), test))?;
            }
        }
    }
    Ok(())
}

pub(super) fn nested_filters(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 100, 23)?;
    let dice = Dice::new(24);
    finds_the_same(&*store, &leads, Expr::And(Vec::new()))?;
    finds_the_same(&*store, &leads, Expr::Or(Vec::new()))?;
    finds_the_same(&*store, &leads, Expr::Not(Box::new(Expr::Or(Vec::new()))))?;
    (0..400).try_for_each(|_| finds_the_same(&*store, &leads, dice.filter(&leads, 3)))
}

pub(super) fn long_lists(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 100, 25)?;
    let dice = Dice::new(26);
    for target in targets().into_iter().filter(|target| !target.kind().is_list()) {
        for length in [0, 1, 199, 200, 201, 5_000] {
            let list: Vec<Operand> = (0..length).map(|_| dice.operand(&target, &leads)).collect();
            finds_the_same(&*store, &leads, Expr::Test(target.clone(), Test::In(list.clone())))?;
            finds_the_same(&*store, &leads, Expr::Test(target.clone(), Test::NotIn(list)))?;
        }
    }
    Ok(())
}

pub(super) fn deep_and_wide_filters(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 50, 27)?;
    let dice = Dice::new(28);
    let mut deep = dice.filter(&leads, 0);
    for level in 0..32 {
        deep = match level % 3 {
            0 => Expr::Not(Box::new(deep)),
            1 => Expr::And(vec![deep, dice.filter(&leads, 0)]),
            _ => Expr::Or(vec![dice.filter(&leads, 0), deep]),
        };
    }
    finds_the_same(&*store, &leads, deep)?;
    let wide = || (0..2_000).map(|_| dice.filter(&leads, 0)).collect();
    finds_the_same(&*store, &leads, Expr::Or(wide()))?;
    finds_the_same(&*store, &leads, Expr::Not(Box::new(Expr::And(wide()))))
}

pub(super) fn limits_of_pages(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 30, 29)?;
    let everything = Query::of(Expr::And(Vec::new()));
    for limit in [0, 1, 29, 30, 31, i64::MAX as u64, u64::MAX] {
        let page = store.reading(|r| r.page(&everything, None, limit))?;
        let wanted: Vec<Lead> = leads.iter().take(usize::try_from(limit).unwrap_or(99)).cloned().collect();
        same_as(&page, &wanted, format!("a page of {limit}"))?;
    }
    Ok(())
}

pub(super) fn deleted_leads_are_found_when_asked_for(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 10, 30)?;
    store.writing(|w| {
        let rev = w.next_rev()?;
        let gone = Lead { deleted_at: Some(Timestamp(5)), merged_into: Some(1), ..leads[6].clone() };
        update(w, rev, &leads[6], gone).map(|_| ())
    })?;
    let living = Query::of(Expr::And(Vec::new()));
    let every = Query { include_deleted: true, ..living.clone() };
    let counts = store.reading(|r| Ok((r.count(&living)?, r.count(&every)?)))?;
    same_as(&counts, &(9, 10), "living leads, and all")?;
    let page = store.reading(|r| r.page(&living, None, 99))?;
    same_as(&page.iter().any(|lead| lead.id == 7), &false, "a deleted lead on a page")?;
    let lead = store.reading(|r| r.lead(7))?;
    let found = lead.map(|lead| (lead.deleted_at, lead.merged_into));
    same_as(&found, &Some((Some(Timestamp(5)), Some(1))), "a deleted lead by its id")?;
    same_as(&all(&*store)?.len(), &10, "leads with deleted ones")
}

pub(super) fn filled_fields_are_found(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let text = |field: Field| {
        let mut lead = Lead::default();
        lead.set_text(field, Some("x".into()));
        lead
    };
    let custom = Lead {
        custom: [("active".to_string(), false.into()), ("plan".to_string(), serde_json::Value::Null)].into(),
        ..Lead::default()
    };
    let tags = Lead { tags: vec!["vip".into()], ..Lead::default() };
    add(&*store, &[text(Field::City), text(Field::Notes), custom, tags])?;
    let all_fields = Field::ALL.iter().copied().map(FieldName::Standard);
    let keys = ["active", "plan", "seats"].map(|key| FieldName::Custom(key.into()));
    let candidates: Vec<FieldName> = all_fields.chain(keys).collect();
    let names = |query: &Query| -> crate::Result<Vec<String>> {
        let found = store.reading(|r| r.filled_fields(query, &candidates))?;
        Ok(found.iter().map(|field| field.name().into_owned()).collect())
    };
    let every = Query::of(Expr::And(Vec::new()));
    let wanted = ["city", "tags", "notes", "created_at", "updated_at", "custom.active"];
    same_as(&names(&every)?, &wanted.map(String::from).to_vec(), "fields that some lead fills")?;
    let first = Query::of(Expr::Test(Target::Id, Test::Eq(Operand::Number(1.0))));
    let wanted = ["city", "created_at", "updated_at"].map(String::from).to_vec();
    same_as(&names(&first)?, &wanted, "fields that one lead fills")?;
    same_as(&store.reading(|r| r.filled_fields(&every, &[]))?, &Vec::new(), "no candidates")
}

pub(super) fn walks_end_when_told(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 20, 31)?;
    let everything = Query::of(Expr::And(Vec::new()));
    let walk = |stop: usize, error: bool| {
        let mut seen = Vec::new();
        let result = store.read(&mut |r| {
            r.each_lead(&everything, &mut |lead| {
                seen.push(lead);
                match error && seen.len() == stop {
                    true => Err(Error::new(crate::ErrorCode::Cancelled, "enough")),
                    false => Ok(seen.len() < stop),
                }
            })
        });
        (code(result), seen)
    };
    same_as(&walk(99, false), &("ok", leads.clone()), "a walk to the end")?;
    same_as(&walk(7, false), &("ok", leads[..7].to_vec()), "a walk that was told to end")?;
    same_as(&walk(7, true), &("cancelled", leads[..7].to_vec()), "a walk that failed")
}
