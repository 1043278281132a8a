//! Commits, before-images, conflicts and rejected rows.

use serde_json::json;

use super::sample::{add_some, commit, operation, update};
use super::{Openings, Outcome, holds, same_as};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::lead::Lead;
use crate::model::operation::{Conflict, ConflictCode};
use crate::store::{Commit, RejectedRow, Store};

const PAGES: [(u64, u64); 8] =
    [(0, 0), (0, 1), (0, 7), (3, 2), (6, 9), (7, 1), (99, 9), (u64::MAX, u64::MAX)];

pub(super) fn commits_are_kept_in_order(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let mut commits = Vec::new();
    for n in 0..7_i64 {
        let made = store.writing(|w| {
            let operation = if n < 2 { operation(w)? } else { 1 + n % 2 };
            let made = Commit {
                rev: w.next_rev()?,
                operation,
                at: Timestamp(1_000 - n),
                actor: (n % 2 == 0).then(|| "mia 'm' 😀".into()),
                reason: (n % 3 == 0).then(|| "because".into()),
                created: (n % 2 == 1).then_some((n, n * 1_000)),
                changed: n as u64 * (1 << 50),
            };
            w.add_commit(&made)?;
            Ok(made)
        })?;
        commits.push(made);
    }
    for made in &commits {
        same_as(&store.reading(|r| r.commit(made.rev))?, &Some(made.clone()), "a commit")?;
    }
    for operation in [1, 2, 3] {
        let wanted: Vec<_> = commits.iter().filter(|c| c.operation == operation).cloned().collect();
        same_as(&store.reading(|r| r.commits_of(operation))?, &wanted, "commits of an operation")?;
    }
    for (rev, limit) in PAGES.map(|(rev, limit)| (i64::try_from(rev).unwrap_or(i64::MAX), limit)) {
        let behind = commits.iter().filter(|c| c.rev > rev);
        let wanted: Vec<_> = behind.take(limit.min(99) as usize).cloned().collect();
        let found = store.reading(|r| r.commits_after(rev, limit))?;
        same_as(&found, &wanted, format!("{limit} commits behind {rev}"))?;
    }
    holds(store.reading(|r| r.commit(0))?.is_none(), "there is a commit 0")?;
    let twice = store.writing(|w| w.add_commit(&commits[0]));
    holds(twice.is_err(), "a second commit of the same revision was entered")?;
    let alone = store.writing(|w| w.add_commit(&Commit { rev: 99, operation: 99, ..commits[0].clone() }));
    holds(alone.is_err(), "a commit of no operation was entered")
}

/// Ten leads, and a commit that changed seven of them.
fn changed(store: &dyn Store) -> Result<Vec<Lead>> {
    let leads = add_some(store, 10, 61)?;
    store.writing(|w| {
        let rev = w.next_rev()?;
        for lead in leads.iter().take(7) {
            update(w, rev, lead, Lead { notes: Some("changed".into()), ..lead.clone() })?;
        }
        commit(w, rev, None, 7)
    })?;
    super::sample::all(store)
}

pub(super) fn changes_are_read_in_pages(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    changed(&*store)?;
    let every = store.reading(|r| r.changes(2, 0, u64::MAX))?;
    let leads: Vec<i64> = every.iter().map(|change| change.lead).collect();
    same_as(&leads, &(1..=7).collect::<Vec<_>>(), "leads that a commit changed")?;
    for (after, limit) in PAGES.map(|(after, limit)| (i64::try_from(after).unwrap_or(i64::MAX), limit)) {
        let behind = every.iter().filter(|change| change.lead > after);
        let wanted: Vec<_> = behind.take(limit.min(99) as usize).cloned().collect();
        let found = store.reading(|r| r.changes(2, after, limit))?;
        same_as(&found, &wanted, format!("{limit} changes behind {after}"))?;
    }
    for (rev, lead) in [(2, 8), (1, 1), (3, 1), (0, 0)] {
        same_as(&store.reading(|r| r.change(rev, lead))?, &None, "a change that nobody made")?;
    }
    same_as(&store.reading(|r| r.changes(1, 0, 9))?, &Vec::new(), "changes of a commit that made none")
}

pub(super) fn overtaken_leads_are_found(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = changed(&*store)?;
    same_as(&store.reading(|r| r.overtaken(2, 0, 9))?, &Vec::new(), "overtaken leads, before any is")?;
    store.writing(|w| {
        let rev = w.next_rev()?;
        for id in [2, 3, 6, 9] {
            let lead = &leads[id - 1];
            update(w, rev, lead, Lead { notes: None, ..lead.clone() })?;
        }
        commit(w, rev, None, 4)
    })?;
    for (after, limit, wanted) in [
        (0, u64::MAX, vec![2, 3, 6]),
        (0, 2, vec![2, 3]),
        (0, 0, vec![]),
        (2, 9, vec![3, 6]),
        (6, 9, vec![]),
        (i64::MAX, 9, vec![]),
    ] {
        same_as(&store.reading(|r| r.overtaken(2, after, limit))?, &wanted, "overtaken leads")?;
    }
    same_as(&store.reading(|r| r.overtaken(3, 0, 9))?, &Vec::new(), "leads that the last commit changed")
}

pub(super) fn conflicts_are_read_in_pages(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let codes = [
        ConflictCode::Changed,
        ConflictCode::KeyTaken,
        ConflictCode::Erased,
        ConflictCode::Purged,
        ConflictCode::ForbiddenTransition,
        ConflictCode::InvalidValue,
        ConflictCode::TemplateValueMissing,
        ConflictCode::NoOwner,
        ConflictCode::Protected,
        ConflictCode::Deleted,
    ];
    let values =
        [json!(null), json!("it's \"x\" 😀"), json!([1, "a"]), json!(0.30000000000000004), json!(true)];
    let conflicts: Vec<Conflict> = (0..10)
        .map(|n| Conflict {
            // Not in the order of leads: the order of entry counts.
            lead: (1 << 53) - n,
            code: codes[n as usize],
            field: (n % 2 == 0).then(|| format!("custom.{n}")),
            wanted: values[n as usize % 5].clone(),
            found: values[(n as usize + 1) % 5].clone(),
        })
        .collect();
    store.writing(|w| {
        let (first, second) = (operation(w)?, operation(w)?);
        w.add_conflicts(first, &conflicts[..4])?;
        w.add_conflicts(second, &conflicts[..1])?;
        w.add_conflicts(first, &[])?;
        w.add_conflicts(first, &conflicts[4..])
    })?;
    for (skip, limit) in PAGES.into_iter().chain([(0, u64::MAX), (9, 9), (10, 9)]) {
        let behind = conflicts.iter().skip(skip.min(99) as usize);
        let wanted: Vec<_> = behind.take(limit.min(99) as usize).cloned().collect();
        let found = store.reading(|r| r.conflicts(1, skip, limit))?;
        same_as(&found, &wanted, format!("{limit} conflicts behind {skip}"))?;
    }
    same_as(&store.reading(|r| r.conflicts(2, 0, 9))?, &conflicts[..1].to_vec(), "another's conflicts")?;
    same_as(&store.reading(|r| r.conflicts(3, 0, 9))?, &Vec::new(), "conflicts of nobody")?;
    holds(store.writing(|w| w.add_conflicts(3, &conflicts)).is_err(), "conflicts of no operation were kept")
}

pub(super) fn rejects_are_kept_until_dropped(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let long = "x".repeat(100_000);
    let row = |seq, cells: &[&str]| {
        let cells = cells.iter().map(|cell| cell.to_string()).collect();
        RejectedRow { seq, cells }
    };
    let rows =
        [row(7, &["a", "", "it's \"b\""]), row(1 << 53, &["z"]), row(0, &[]), row(3, &["😀\n", &long])];
    store.writing(|w| {
        let (first, second) = (operation(w)?, operation(w)?);
        w.add_rejects(first, &rows[..3])?;
        w.add_rejects(first, &[])?;
        w.add_rejects(first, &rows[3..])?;
        w.add_rejects(second, &[row(7, &["other"])])
    })?;
    let kept = |operation: i64| {
        store.reading(|r| {
            let mut kept = Vec::new();
            r.each_reject(operation, &mut |cells| {
                kept.push(cells);
                Ok(())
            })?;
            Ok(kept)
        })
    };
    let wanted: Vec<Vec<String>> = [2, 3, 0, 1].map(|at| rows[at].cells.clone()).into();
    same_as(&kept(1)?, &wanted, "rejected rows, in the order of the file")?;
    store.writing(|w| w.drop_rejects(1).and(w.drop_rejects(99)))?;
    same_as(&kept(1)?, &Vec::new(), "rejected rows that were dropped")?;
    same_as(&kept(2)?, &vec![vec!["other".to_string()]], "another's rejected rows")?;
    holds(store.writing(|w| w.add_rejects(3, &rows)).is_err(), "rejected rows of no operation were kept")
}

pub(super) fn pruned_changes_are_gone(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let mut leads = changed(&*store)?;
    for _ in 0..2 {
        store.writing(|w| {
            let rev = w.next_rev()?;
            update(w, rev, &leads[0], Lead { updated_at: Timestamp(rev), notes: None, ..leads[0].clone() })?;
            commit(w, rev, None, 1)
        })?;
        leads = super::sample::all(&*store)?;
    }
    let counts = store.writing(|w| {
        Ok([w.prune_changes(1)?, w.prune_changes(3)?, w.prune_changes(3)?, w.prune_changes(0)?])
    })?;
    same_as(&counts, &[0, 8, 0, 0], "images that were pruned")?;
    let left = store.reading(|r| Ok((r.changes(2, 0, 9)?.len(), r.changes(4, 0, 9)?.len())))?;
    same_as(&left, &(0, 1), "images that are left")?;
    same_as(&store.reading(|r| r.commits_after(0, 99))?.len(), &4, "commits, which stay")?;
    same_as(&store.writing(|w| w.prune_changes(i64::MAX))?, &1, "the rest")
}
