//! Transactions: all or nothing, one state, one writer; and a store's own calls.

use std::thread;

use super::sample::{add_some, all, commit, insert, operation};
use super::{Failed, Openings, Outcome, code, dump, holds, same_as};
use crate::error::{Error, ErrorCode, Result};
use crate::model::filter::Expr;
use crate::model::lead::Lead;
use crate::store::{Attempts, Query, Reader, RejectedRow, Store};

const WRITERS: usize = 4;
const COMMITS: usize = 50;

fn everything() -> Query {
    Query { include_deleted: true, ..Query::of(Expr::And(Vec::new())) }
}

fn count(store: &dyn Store) -> Result<u64> {
    store.reading(|r| r.count(&everything()))
}

/// Runs something on a thread of its own and waits for it.
fn elsewhere<T: Send>(work: impl FnOnce() -> T + Send) -> std::result::Result<T, Failed> {
    thread::scope(|scope| scope.spawn(work).join()).map_err(|_| Failed("a thread panicked".into()))
}

pub(super) fn a_failed_write_leaves_nothing(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 5, 71)?;
    let before = dump(&*store)?;
    for attempts in [Attempts::One, Attempts::Several] {
        let failed = store.write(attempts, &mut |w| {
            let rev = w.next_rev()?;
            insert(w, rev, &leads)?;
            w.purge_leads(&[1, 2])?;
            w.put_statuses(&[crate::model::status::Status::new("new")])?;
            let operation = operation(w)?;
            w.add_rejects(operation, &[RejectedRow { seq: 1, cells: vec!["a".into()] }])?;
            commit(w, rev, None, 0)?;
            Err(Error::new(ErrorCode::Cancelled, "enough"))
        });
        same_as(&code(failed), &"cancelled", "the error of the work")?;
        same_as(&dump(&*store)?, &before, "the store after a failed write")?;
    }
    let failed = store.reading(|_| Err::<(), _>(Error::new(ErrorCode::NotFound, "nobody")));
    same_as(&code(failed), &"not_found", "the error of a read")?;
    let leads = add_some(&*store, 1, 72)?;
    same_as(&(leads[0].id, leads[0].rev), &(6, 2), "the next lead's id and revision")
}

pub(super) fn a_write_sees_itself_and_readers_do_not(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    add_some(&*store, 2, 73)?;
    let (mut inside, mut beside, mut within) = (0, None, None);
    store.write(Attempts::One, &mut |w| {
        let rev = w.next_rev()?;
        insert(w, rev, &[Lead::default(), Lead::default()])?;
        commit(w, rev, Some((3, 4)), 0)?;
        inside = w.count(&everything())?;
        if store.capabilities().concurrent_reads {
            within = Some(count(&*store)?);
            beside = Some(elsewhere(|| count(&*store)).map_err(|failed| Error::internal(failed.0))??);
        }
        Ok(())
    })?;
    same_as(&inside, &4, "leads inside the write")?;
    if store.capabilities().concurrent_reads {
        same_as(&beside, &Some(2), "leads for a reader beside the write")?;
        same_as(&within, &Some(2), "leads for a reader from inside the write")?;
    }
    same_as(&count(&*store)?, &4, "leads after the write")
}

pub(super) fn a_read_sees_one_state(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    add_some(&*store, 3, 74)?;
    if !store.capabilities().concurrent_reads {
        return Ok(());
    }
    let look = |r: &dyn Reader| Ok((r.head()?, r.count(&everything())?, r.next_lead()?));
    let mut seen = Vec::new();
    store.read(&mut |r| {
        seen.push(look(r)?);
        for seed in 75..77 {
            elsewhere(|| add_some(&*store, 2, seed)).map_err(|failed| Error::internal(failed.0))??;
            seen.push(look(r)?);
        }
        Ok(())
    })?;
    same_as(&seen, &vec![(1, 3, 4); 3], "head, leads and next id while others commit")?;
    same_as(&store.reading(look)?, &(3, 7, 8), "head, leads and next id afterwards")
}

/// Commits of one writer after the other, each with a lead; gives their revisions.
fn work(store: &dyn Store, commits: usize) -> Result<Vec<i64>> {
    let one = || {
        store.writing(|w| {
            let rev = w.next_rev()?;
            let lead = insert(w, rev, &[Lead::default()])?.remove(0);
            commit(w, rev, Some((lead.id, lead.id)), 0)?;
            Ok(rev)
        })
    };
    (0..commits).map(|_| one()).collect()
}

fn without_gaps(store: &dyn Store, stores: &[&dyn Store]) -> Outcome {
    let revisions = thread::scope(|scope| {
        let threads: Vec<_> = stores.iter().map(|s| scope.spawn(|| work(*s, COMMITS))).collect();
        let joined = threads.into_iter().map(|t| t.join().map_err(|_| Failed("a thread panicked".into())));
        joined.collect::<std::result::Result<Vec<_>, _>>()
    })?;
    let mut all_revisions: Vec<i64> =
        revisions.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    all_revisions.sort_unstable();
    let wanted: Vec<i64> = (1..=(stores.len() * COMMITS) as i64).collect();
    same_as(&all_revisions, &wanted, "revisions of several writers")?;
    let commits = store.reading(|r| r.commits_after(0, u64::MAX))?;
    same_as(&commits.iter().map(|c| c.rev).collect::<Vec<_>>(), &wanted, "revisions in the log")?;
    // Ids are allotted in the order of commits.
    let leads: Vec<(i64, i64)> = all(store)?.iter().map(|lead| (lead.id, lead.rev)).collect();
    same_as(&leads, &wanted.iter().map(|n| (*n, *n)).collect::<Vec<_>>(), "leads and their revisions")
}

pub(super) fn revisions_have_no_gaps(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    without_gaps(&*store, &[&*store; WRITERS])
}

pub(super) fn two_handles_share_one_store(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    if !store.capabilities().shared {
        return Ok(());
    }
    let other = openings.again().ok_or_else(|| Failed("a shared store has no second handle".into()))?;
    without_gaps(&*store, &[&*store, &*other])?;
    same_as(&dump(&*other)?, &dump(&*store)?, "one store through two handles")?;
    let before = other.writing(|w| {
        // The other handle reads what is committed while this one writes.
        let rev = w.next_rev()?;
        commit(w, rev, None, 0)?;
        store.reading(|r| r.head())
    })?;
    same_as(&before, &(2 * COMMITS as i64), "the head beside a write of another handle")?;
    other.close();
    same_as(&store.reading(|r| r.head())?, &(before + 1), "the head when the other handle is closed")
}

pub(super) fn a_write_in_a_write_is_busy(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let mut inner = "";
    store.write(Attempts::One, &mut |w| {
        let rev = w.next_rev()?;
        inner = code(store.writing(|w| w.next_rev()));
        commit(w, rev, None, 0)
    })?;
    same_as(&inner, &"busy", "a write inside a write")?;
    same_as(&store.writing(|w| w.next_rev())?, &2, "the next write's revision")
}

pub(super) fn a_closed_store_says_so(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    add_some(&*store, 1, 78)?;
    store.close();
    store.close();
    let codes = [
        code(count(&*store)),
        code(store.writing(|w| w.next_rev())),
        code(store.condition(false)),
        code(dump(&*store)),
    ];
    same_as(&codes, &["closed"; 4], "what a closed store answers")
}

pub(super) fn closing_inside_a_write_waits_for_its_end(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let mut inside = 0;
    store.write(Attempts::One, &mut |w| {
        let rev = w.next_rev()?;
        store.close();
        inside = w.head()?;
        commit(w, rev, None, 0)
    })?;
    same_as(&inside, &1, "the head inside the write that closed the store")?;
    same_as(&code(store.reading(|r| r.head())), &"closed", "a read afterwards")?;
    match openings.again().filter(|_| store.capabilities().durable) {
        None => Ok(()),
        Some(again) => same_as(&again.reading(|r| r.head())?, &1, "the head of the store opened again"),
    }
}

pub(super) fn a_store_for_reading_is_not_written(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    same_as(&code(store.check_writable()), &"ok", "a store for writing")?;
    let Some(store) = openings.read_only() else { return Ok(()) };
    same_as(&code(store.check_writable()), &"read_only", "a store for reading")?;
    same_as(&code(store.writing(|w| w.next_rev())), &"read_only", "a write")?;
    same_as(&code(count(&*store)), &"ok", "a read")
}

pub(super) fn a_sound_store_has_no_damage(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    add_some(&*store, 50, 79)?;
    let (quick, thorough) = (store.condition(false)?, store.condition(true)?);
    same_as(&(quick.damage, thorough.damage), &(vec![], vec![]), "damage of a sound store")?;
    same_as(&quick.schema, &thorough.schema, "the schema")?;
    holds(!store.kind().is_empty(), "the store's kind has no name")?;
    same_as(&count(&*store)?, &50, "leads after the check")
}

pub(super) fn a_store_without_backup_says_so(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    add_some(&*store, 5, 80)?;
    let folder = tempfile::tempdir().map_err(|error| Failed(error.to_string()))?;
    let target = folder.path().join("copy of it.db");
    if !store.capabilities().backup {
        same_as(&code(store.backup(&target)), &"unsupported_store", "a backup")?;
        return holds(!target.exists(), "a refused backup left a file");
    }
    store.backup(&target)?;
    let written = std::fs::read(&target).map_err(|error| Failed(error.to_string()))?;
    holds(!written.is_empty(), "the backup is empty")?;
    same_as(&code(store.backup(&target)), &"file_exists", "a backup over a file")?;
    holds(std::fs::read(&target).is_ok_and(|now| now == written), "a refused backup changed the file")?;
    let names = std::fs::read_dir(folder.path()).map_err(|error| Failed(error.to_string()))?;
    same_as(&names.count(), &1, "files that backups left")
}
