//! The history of contacts: its order, its filters, its words.

use super::outbox::{add, message};
use super::sample::{Dice, TEXTS, add_some, commit, update};
use super::{Openings, Outcome, same_as};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::history::{ContactChannel, Facet};
use crate::model::lead::Lead;
use crate::model::transport::Direction;
use crate::search::TextQuery;
use crate::store::{FacetCounts, HistoryQuery, Store, first_place};

fn some(store: &dyn Store, count: usize, seed: u64) -> Result<Vec<Communication>> {
    let dice = Dice::new(seed);
    store.writing(|w| add(w, (0..count).map(|_| message(&Dice::new(dice.bits()))).collect()))
}

/// What a query is to find, the newest first: of one instant, what was entered last.
fn wanted(all: &[Communication], leads: &[Lead], query: &HistoryQuery) -> Vec<i64> {
    let mut found: Vec<&Communication> = all
        .iter()
        // No query of these checks has a place in it.
        .filter(|contact| query.finds(i64::MIN, contact))
        .filter(|contact| {
            let lead = leads.iter().find(|lead| Some(lead.id) == contact.lead && lead.deleted_at.is_none());
            query.filter.as_ref().is_none_or(|filter| lead.is_some_and(|lead| filter.matches(lead)))
        })
        .collect();
    found.sort_by_key(|contact| std::cmp::Reverse((contact.at, contact.id)));
    found.iter().map(|contact| contact.id).collect()
}

fn finds_the_same(store: &dyn Store, all: &[Communication], leads: &[Lead], query: &HistoryQuery) -> Outcome {
    let wanted = wanted(all, leads, query);
    let (found, counted) =
        store.reading(|r| Ok((r.history(query)?, r.history_counts(query, &Facet::ALL)?)))?;
    let ids: Vec<i64> = found.iter().map(|(_, contact)| contact.id).collect();
    let mut shown = wanted.clone();
    shown.truncate(query.limit as usize);
    same_as(&ids, &shown, format!("contacts found by {query:?}"))?;
    let mut counts = vec![FacetCounts::new(); Facet::ALL.len()];
    for contact in all.iter().filter(|contact| wanted.contains(&contact.id)) {
        for (facet, counts) in Facet::ALL.iter().zip(&mut counts) {
            if let Some(value) = facet.of(contact) {
                *counts.entry(value.to_string()).or_default() += 1;
            }
        }
    }
    same_as(&counted, &(wanted.len() as u64, counts), format!("counts of what is found by {query:?}"))
}

pub(super) fn the_newest_comes_first(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let all = some(&*store, 90, 61)?;
    let query = HistoryQuery { corrected: true, limit: 7, ..HistoryQuery::default() };
    let wanted = wanted(&all, &[], &query);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = store.reading(|r| r.history(&HistoryQuery { before, ..query.clone() }))?;
        let Some((place, _)) = page.last() else { break };
        before = Some(*place);
        for (place, contact) in &page {
            same_as(&(first_place(contact.at) <= *place), &true, "a place is one of its instant's")?;
            same_as(&Some(contact), &all.get(contact.id as usize - 1), "a contact of the history")?;
        }
        seen.extend(page.iter().map(|(_, contact)| contact.id));
    }
    same_as(&seen, &wanted, "the history, page by page")?;
    let none = HistoryQuery { limit: 0, ..query };
    same_as(&store.reading(|r| r.history(&none))?, &Vec::new(), "no contacts")
}

pub(super) fn contacts_are_found_by_what_is_said_of_them(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(62));
    let leads = add_some(&*store, 4, 63)?;
    let all = some(&*store, 150, 64)?;
    let one = |values: &[&str]| dice.one_in(4).then(|| dice.pick(values).to_string());
    let several = dice.below(2) + 1;
    for _ in 0..300 {
        let query = HistoryQuery {
            leads: (0..if dice.one_in(3) { several } else { 0 }).map(|_| dice.below(6) as i64).collect(),
            filter: dice.one_in(4).then(|| dice.filter(&leads, 1)),
            text: dice.one_in(3).then(|| TextQuery::parse(&dice.text())).and_then(Result::ok),
            channels: match dice.below(4) {
                0 => vec![dice.pick(&ContactChannel::ALL)],
                1 => vec![ContactChannel::Sms, dice.pick(&ContactChannel::ALL)],
                _ => Vec::new(),
            },
            direction: dice.one_in(4).then(|| dice.pick(&[Direction::Inbound, Direction::Outbound])),
            states: (0..dice.below(3)).map(|_| dice.pick(&CommunicationState::ALL)).collect(),
            owner: one(&["Mia", "mia", "nobody"]),
            template: one(&TEXTS),
            campaign: one(&["spring", "fall"]),
            since: dice.one_in(4).then(|| Timestamp(dice.below(40) as i64 * 1_000 - 20_000)),
            until: dice.one_in(4).then(|| Timestamp(dice.below(40) as i64 * 1_000 - 20_000)),
            min_cost: dice.one_in(4).then(|| dice.below(99_999) as i64),
            max_cost: dice.one_in(4).then(|| dice.below(99_999) as i64),
            corrected: dice.one_in(2),
            before: None,
            limit: dice.pick(&[1, 5, 1_000]),
        };
        finds_the_same(&*store, &all, &leads, &query)?;
    }
    Ok(())
}

pub(super) fn words_are_found(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(65));
    const WORDS: [&str; 12] = [
        "offer",
        "OFFERS",
        "Préis",
        "preisliste",
        "l'été",
        "東京",
        "100%",
        "e-mail",
        "Straße",
        "1a",
        "a1",
        "и",
    ];
    let text = |most: usize| {
        let words = (0..dice.below(most)).map(|_| dice.pick(&WORDS));
        words.collect::<Vec<_>>().join(dice.pick(&[" ", ", ", "\n", " - "]))
    };
    let all = store.writing(|w| {
        add(w, (0..120).map(|_| Communication { body: text(9), subject: None, ..message(&dice) }).collect())
    })?;
    let word = || {
        let word = dice.pick(&WORDS);
        match dice.below(6) {
            0 => format!("-{word}"),
            1 => format!("{}*", word.chars().take(2).collect::<String>()),
            2 => format!("\"{word} {}\"", dice.pick(&WORDS)),
            3 => format!("{word} OR {}", dice.pick(&WORDS)),
            4 => format!("-\"{word} {}\"", dice.pick(&WORDS)),
            _ => word.to_string(),
        }
    };
    let mut found = 0;
    for _ in 0..300 {
        let typed: Vec<String> = (0..1 + dice.below(3)).map(|_| word()).collect();
        let Ok(text) = TextQuery::parse(&typed.join(" ")) else { continue };
        let query =
            HistoryQuery { text: Some(text), corrected: true, limit: 1_000, ..HistoryQuery::default() };
        found += wanted(&all, &[], &query).len();
        finds_the_same(&*store, &all, &[], &query)?;
    }
    same_as(&(found > 1_000), &true, "the searches of this check find something")
}

pub(super) fn texts_and_times_change(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(66));
    let mut all = some(&*store, 40, 67)?;
    for _ in 0..20 {
        let at = dice.below(all.len());
        let old = &all[at];
        let new = match dice.below(3) {
            0 => Communication { body: dice.text(), ..old.clone() },
            1 => Communication { at: Timestamp(50_000 + dice.bits() as i64 % 50_000), ..old.clone() },
            _ => Communication { id: old.id, key: old.key.clone(), at: old.at, ..message(&dice) },
        };
        store.writing(|w| w.put_communications(std::slice::from_ref(&new)))?;
        all[at] = new;
        for text in TEXTS.iter().filter_map(|text| TextQuery::parse(text).ok()) {
            let query = HistoryQuery { text: Some(text), limit: 1_000, ..HistoryQuery::default() };
            let mut ids: Vec<i64> =
                store.reading(|r| r.history(&query))?.iter().map(|(_, contact)| contact.id).collect();
            let mut wanted = wanted(&all, &[], &query);
            ids.sort_unstable();
            wanted.sort_unstable();
            same_as(&ids, &wanted, format!("contacts found by {query:?}"))?;
        }
    }
    Ok(())
}

pub(super) fn many_of_one_instant(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(68));
    // The first and the last instants that there are, and some in between.
    let instants = [-62_135_596_800_000, -1, 0, 1, 1_700_000_000_000, 253_402_207_199_999];
    let one = || {
        let at = Timestamp(dice.pick(&instants));
        Communication { at, corrected_by: None, ..message(&dice) }
    };
    let all = store.writing(|w| add(w, (0..60).map(|_| one()).collect()))?;
    finds_the_same(&*store, &all, &[], &HistoryQuery { limit: 100, ..HistoryQuery::default() })
}

pub(super) fn merged_leads_are_known(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 10, 69)?;
    store.writing(|w| {
        let rev = w.next_rev()?;
        for (loser, winner) in [(2, 1), (5, 1), (6, 5)] {
            let before = &leads[loser - 1];
            let after = Lead { merged_into: Some(winner), deleted_at: Some(Timestamp(9)), ..before.clone() };
            update(w, rev, before, after)?;
        }
        commit(w, rev, None, 3)
    })?;
    for (winner, losers) in [(1, vec![2, 5]), (5, vec![6]), (2, vec![]), (99, vec![])] {
        same_as(&store.reading(|r| r.merged_into(winner))?, &losers, "leads merged into one")?;
    }
    Ok(())
}
