//! Orders, and pages that go on in them.

use super::sample::{Dice, add_some, targets};
use super::{Openings, Outcome, same_as};
use crate::error::Result;
use crate::model::filter::Expr;
use crate::model::lead::Lead;
use crate::store::{OrderKey, Position, Query, Store};

fn ordered_by(order: Vec<OrderKey>) -> Query {
    Query { filter: Expr::And(Vec::new()), order, include_deleted: false }
}

/// Reads page by page, through the cursors that callers would get.
fn paged(store: &dyn Store, query: &Query, limit: u64) -> Result<Vec<i64>> {
    let (mut ids, mut after) = (Vec::new(), None::<Position>);
    loop {
        let page = store.reading(|r| r.page(query, after.as_ref(), limit))?;
        ids.extend(page.iter().map(|lead| lead.id));
        // A store that gives leads again and again would never end.
        let Some(last) = page.last().filter(|_| ids.len() < 10_000) else { return Ok(ids) };
        after = Some(Position::parse(&Position::of(last, query).to_cursor(), query)?);
    }
}

fn in_order(store: &dyn Store, leads: &[Lead], query: &Query) -> Outcome {
    let mut wanted: Vec<&Lead> = leads.iter().collect();
    wanted.sort_by(|a, b| Position::of(a, query).compare(&Position::of(b, query), query));
    let wanted: Vec<i64> = wanted.iter().map(|lead| lead.id).collect();
    let told = format!("by {:?}", query.order);
    let mut walked = Vec::new();
    store.read(&mut |r| {
        walked.clear();
        r.each_lead(query, &mut |lead| {
            walked.push(lead.id);
            Ok(true)
        })
    })?;
    same_as(&walked, &wanted, format!("a walk {told}"))?;
    same_as(&paged(store, query, 7)?, &wanted, format!("pages {told}"))
}

fn sortable() -> Vec<OrderKey> {
    let targets = targets().into_iter().filter(|target| !target.kind().is_list());
    let both = |target: crate::model::filter::Target| {
        [false, true].map(|descending| OrderKey { target: target.clone(), descending })
    };
    targets.flat_map(both).collect()
}

pub(super) fn every_order(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 90, 41)?;
    in_order(&*store, &leads, &ordered_by(Vec::new()))?;
    sortable().into_iter().try_for_each(|key| in_order(&*store, &leads, &ordered_by(vec![key])))
}

pub(super) fn orders_of_several_keys(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 90, 42)?;
    let (keys, dice) = (sortable(), Dice::new(43));
    for _ in 0..30 {
        let order = (0..2 + dice.below(2)).map(|_| dice.pick(&keys)).collect();
        in_order(&*store, &leads, &ordered_by(order))?;
    }
    Ok(())
}

pub(super) fn pages_go_on_when_leads_go(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 40, 44)?;
    for key in sortable().into_iter().step_by(7) {
        let query = ordered_by(vec![key]);
        let page = store.reading(|r| r.page(&query, None, 3))?;
        let wanted = paged(&*store, &query, 99)?;
        let Some(last) = page.last() else { continue };
        // The lead whose place the cursor holds goes, and its place stays.
        let at = Position::of(last, &query);
        store.writing(|w| w.purge_leads(&[last.id]))?;
        let rest = store.reading(|r| r.page(&query, Some(&at), u64::MAX))?;
        let rest: Vec<i64> = rest.iter().map(|lead| lead.id).collect();
        same_as(&rest, &wanted[3..].to_vec(), "the page behind a lead that is gone")?;
    }
    same_as(&(leads.len() > 20), &true, "leads to go through")
}
