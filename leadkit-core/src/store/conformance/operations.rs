//! Operations: entered, found, listed, brought up to date.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Openings, Outcome, code, same_as};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::operation::{OperationKind, OperationState};
use crate::store::{Commit, NewOperation, OperationKey, OperationQuery, OperationUpdate};

fn new(kind: OperationKind, at: i64) -> NewOperation {
    NewOperation::new(kind, Timestamp(at))
}

fn full() -> NewOperation {
    NewOperation {
        state: OperationState::Planned,
        name: Some("Spring 'sale' 😀".into()),
        actor: Some("mia \"m\"".into()),
        reason: Some("because".into()),
        file: Some("a b.csv".into()),
        file_hash: Some("ab12".into()),
        import_key: Some("key".into()),
        mapping: [("Größe".to_string(), Some("custom.size".to_string())), ("x".to_string(), None)].into(),
        options: json!({ "deep": [1, 2.5, null, { "a": "b" }], "large": 9_007_199_254_740_993_i64 }),
        token: Some("token".into()),
        plan_rev: Some(1 << 53),
        expires_at: Some(Timestamp(99)),
        idempotency_key: Some("mine".into()),
        undo_of: Some(7),
        counts: [("planned", 9), ("changed", 4), ("skipped", 3), ("conflicts", 2), ("else", 1 << 53)]
            .map(|(name, count)| (name.to_string(), count))
            .into(),
        ..new(OperationKind::BulkUpdate, 5)
    }
}

pub(super) fn operations_come_back_as_they_were(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let wanted = full();
    let ids =
        store.writing(|w| Ok([w.add_operation(&wanted)?, w.add_operation(&new(OperationKind::Add, 6))?]))?;
    same_as(&ids, &[1, 2], "ids of operations")?;
    let Some(stored) = store.reading(|r| r.operation(1))? else {
        return same_as(&false, &true, "whether the operation is there");
    };
    let found = stored.operation;
    same_as(&(found.kind, found.state), &(wanted.kind, wanted.state), "kind and state")?;
    let texts = (found.name, found.actor, found.reason, found.file, found.file_hash);
    let wanted_texts = (wanted.name, wanted.actor, wanted.reason, wanted.file, wanted.file_hash);
    same_as(&texts, &wanted_texts, "texts")?;
    same_as(&(found.started_at, found.finished_at), &(wanted.at, None), "instants")?;
    same_as(&(found.expires_at, found.undo_of), &(wanted.expires_at, wanted.undo_of), "plan and undo")?;
    same_as(&found.mapping, &wanted.mapping, "the mapping")?;
    same_as(&found.options, &wanted.options, "the options")?;
    same_as(&found.counts, &wanted.counts, "the counts")?;
    let counts = (found.planned, found.changed, found.skipped, found.conflicts);
    same_as(&counts, &(9, 4, 3, 2), "counts that have a place of their own")?;
    let keys = (stored.import_key, stored.token, stored.plan_rev, stored.idempotency_key);
    let wanted = (wanted.import_key, wanted.token, wanted.plan_rev, wanted.idempotency_key);
    same_as(&keys, &wanted, "keys")?;
    same_as(&(stored.millis, stored.progress, stored.lease), &(0, None, None), "what it has not begun with")?;
    let second = store.reading(|r| r.operation(2))?.map(|stored| stored.operation.finished_at);
    same_as(&second, &Some(Some(Timestamp(6))), "the end of an operation that is entered as finished")?;
    same_as(&store.reading(|r| r.operation(3))?, &None, "an operation that nobody entered")
}

pub(super) fn operations_are_found_by_their_keys(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let import = |key: &str, undo: i64| NewOperation {
        import_key: Some(key.into()),
        undo_of: Some(undo),
        ..new(OperationKind::Import, 1)
    };
    store.writing(|w| {
        w.add_operation(&full())?;
        for (key, undo) in [("key", 7), ("other", 1), ("key", 7), ("other", 8)] {
            w.add_operation(&import(key, undo))?;
        }
        Ok(())
    })?;
    let keys = [
        (OperationKey::Import("key"), Some(4)),
        (OperationKey::Import("other"), Some(5)),
        (OperationKey::Import("KEY"), None),
        (OperationKey::Token("token"), Some(1)),
        (OperationKey::Token(""), None),
        (OperationKey::Idempotency("mine"), Some(1)),
        (OperationKey::Idempotency("token"), None),
        (OperationKey::UndoOf(7), Some(4)),
        (OperationKey::UndoOf(8), Some(5)),
        (OperationKey::UndoOf(0), None),
    ];
    for (key, wanted) in keys {
        let found = store.reading(|r| r.operation_by(&key))?.map(|stored| stored.operation.id);
        same_as(&found, &wanted, format!("the operation of {key:?}"))?;
    }
    Ok(())
}

pub(super) fn operations_are_listed_by_each_filter(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let kinds = [OperationKind::Import, OperationKind::BulkUpdate, OperationKind::Undo];
    let states = [OperationState::Finished, OperationState::Planned, OperationState::Failed];
    store.writing(|w| {
        for n in 0..36_usize {
            let actor = ["mia", "Mia", ""][n / 9 % 3];
            w.add_operation(&NewOperation {
                state: states[n / 3 % 3],
                actor: (!actor.is_empty()).then(|| actor.to_string()),
                ..new(kinds[n % 3], 1_000 + n as i64)
            })?;
        }
        Ok(())
    })?;
    let all = OperationQuery { limit: u64::MAX, ..OperationQuery::default() };
    let every = store.reading(|r| r.operations(&all))?;
    let ids: Vec<i64> = every.iter().map(|operation| operation.id).collect();
    same_as(&ids, &(1..=36).rev().collect::<Vec<_>>(), "all operations, the newest first")?;
    let at = |millis| Some(Timestamp(millis));
    let mut queries = vec![all.clone()];
    queries.extend(kinds.map(|kind| OperationQuery { kind: Some(kind), ..all.clone() }));
    queries.extend(states.map(|state| OperationQuery { state: Some(state), ..all.clone() }));
    queries.extend(["mia", "Mia", "tom"].map(|a| OperationQuery { actor: Some(a.into()), ..all.clone() }));
    queries.extend([0, 1_000, 1_001, 1_035, 1_036].map(|t| OperationQuery { since: at(t), ..all.clone() }));
    queries.extend([0, 1_000, 1_001, 1_035, 1_036].map(|t| OperationQuery { until: at(t), ..all.clone() }));
    queries.extend([0, 1, 2, 36, 99].map(|id| OperationQuery { before: Some(id), ..all.clone() }));
    queries.extend([0, 1, 35, 36, 37].map(|limit| OperationQuery { limit, ..all.clone() }));
    queries.push(OperationQuery {
        kind: Some(OperationKind::Import),
        state: Some(OperationState::Planned),
        actor: Some("mia".into()),
        since: at(1_003),
        until: at(1_031),
        before: Some(31),
        limit: 2,
    });
    for query in queries {
        let wanted = every.iter().filter(|o| {
            query.kind.is_none_or(|kind| o.kind == kind)
                && query.state.is_none_or(|state| o.state == state)
                && (query.actor.is_none() || query.actor == o.actor)
                && query.since.is_none_or(|since| o.started_at >= since)
                && query.until.is_none_or(|until| o.started_at < until)
                && query.before.is_none_or(|before| o.id < before)
        });
        let wanted: Vec<_> = wanted.take(query.limit.min(99) as usize).cloned().collect();
        same_as(&store.reading(|r| r.operations(&query))?, &wanted, format!("operations by {query:?}"))?;
    }
    Ok(())
}

pub(super) fn operations_are_brought_up_to_date(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    store.writing(|w| w.add_operation(&full()).and(w.add_operation(&new(OperationKind::Add, 1))))?;
    let before = store.reading(|r| r.operation(2))?;
    let update = OperationUpdate {
        state: OperationState::Running,
        finished_at: Some(Timestamp(8)),
        millis: 1_234,
        counts: BTreeMap::from([("changed".to_string(), 5)]),
        progress: Some("{\"at\": \"O'Brien 😀\"}".into()),
        lease: Some((Timestamp(77), "holder".into())),
        idempotency_key: None,
    };
    store.writing(|w| w.update_operation(1, &update))?;
    let Some(stored) = store.reading(|r| r.operation(1))? else {
        return same_as(&false, &true, "whether the operation is there");
    };
    let wanted = OperationUpdate { idempotency_key: Some("mine".into()), ..update.clone() };
    same_as(&OperationUpdate::of(&stored), &wanted, "an operation brought up to date; its key stays")?;
    same_as(&stored.operation.seconds, &1.234, "seconds")?;
    same_as(&(stored.operation.changed, stored.operation.planned), &(5, 0), "counts")?;
    same_as(&stored.operation.options, &full().options, "options stay")?;
    let last = OperationUpdate { progress: None, lease: None, finished_at: None, ..update };
    store.writing(|w| w.update_operation(1, &last).and(w.update_operation(99, &last)))?;
    let stored = store.reading(|r| r.operation(1))?;
    let found = stored.map(|s| (s.progress, s.lease, s.operation.finished_at));
    same_as(&found, &Some((None, None, None)), "what an update takes away")?;
    same_as(&store.reading(|r| r.operation(2))?, &before, "another operation")
}

pub(super) fn expired_plans_are_dropped(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let expiring = |state, until: i64| NewOperation {
        state,
        token: Some(format!("{state:?} {until}")),
        expires_at: Some(Timestamp(until)),
        ..new(OperationKind::BulkUpdate, 5)
    };
    use OperationState as S;
    let states = [S::Planned, S::Cancelled, S::Running, S::Finished, S::Failed, S::Planned, S::Planned];
    let until = [10, 11, 12, 13, 14, 49, 50];
    store.writing(|w| {
        for (state, until) in states.into_iter().zip(until) {
            w.add_operation(&expiring(state, until))?;
        }
        // Withdrawn, but not before it had changed something.
        let operation = w.add_operation(&expiring(S::Cancelled, 15))?;
        let (rev, at) = (w.next_rev()?, Timestamp(5));
        w.add_commit(&Commit { rev, operation, at, actor: None, reason: None, created: None, changed: 0 })?;
        w.add_operation(&new(OperationKind::Add, 6))
    })?;
    let left = || -> Result<Vec<i64>> {
        let all = OperationQuery { limit: 99, ..OperationQuery::default() };
        Ok(store.reading(|r| r.operations(&all))?.into_iter().rev().map(|o| o.id).collect())
    };
    let dropped = |before, limit| store.writing(|w| w.drop_plans(Timestamp(before), limit));
    same_as(&dropped(10, 9)?, &0, "plans dropped at the instant of their end")?;
    same_as(&dropped(50, 0)?, &0, "no plans dropped")?;
    same_as(&dropped(50, 2)?, &2, "two plans dropped")?;
    same_as(&left()?, &vec![3, 4, 5, 6, 7, 8, 9], "operations without the oldest expired plans")?;
    same_as(&dropped(50, u64::MAX)?, &1, "the last one dropped")?;
    same_as(&left()?, &vec![3, 4, 5, 7, 8, 9], "operations without expired plans")?;
    let found = store.reading(|r| r.operation_by(&OperationKey::Token("Planned 49")))?;
    same_as(&found.map(|stored| stored.operation.id), &None, "a dropped plan by its token")
}

pub(super) fn a_taken_idempotency_key_is_a_conflict(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let keyed =
        |key: &str| NewOperation { idempotency_key: Some(key.into()), ..new(OperationKind::BulkDelete, 1) };
    store.writing(|w| w.add_operation(&keyed("a")).and(w.add_operation(&keyed("b"))))?;
    let taken = store.writing(|w| w.add_operation(&keyed("a")));
    same_as(&code(taken), &"conflict", "a second operation with a key")?;
    let update = store.reading(|r| r.operation(2))?.map(|stored| OperationUpdate::of(&stored));
    let update = update.ok_or_else(|| super::Failed("the second operation is gone".into()))?;
    same_as(&code(store.writing(|w| w.update_operation(2, &update))), &"ok", "the key that it has")?;
    let taken = OperationUpdate { idempotency_key: Some("a".into()), ..update };
    same_as(&code(store.writing(|w| w.update_operation(2, &taken))), &"conflict", "another's key")?;
    let ids = store.reading(|r| r.operations(&OperationQuery { limit: 9, ..Default::default() }))?;
    same_as(&ids.len(), &2, "operations after a conflict")
}
