//! Erasing: certificates, holds, and what is rewritten in place.

use serde_json::json;

use super::outbox::message;
use super::sample::{Dice, all};
use super::{Openings, Outcome, code, same_as};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::keys::Fingerprint;
use crate::model::communication::Communication;
use crate::model::consent::{ConsentEntry, ConsentKind};
use crate::model::lead::Lead;
use crate::model::operation::{Conflict, ConflictCode, OperationKind, OperationState};
use crate::model::privacy::{Beyond, ErasureCertificate, Hold, Kept, Suppression};
use crate::store::{
    Commit, CommunicationKey, LeadRow, LeadUpdate, NewOperation, RejectedRow, StoredOperation, Writer,
    keys_of,
};

fn certificate(leads: &[i64], key: Option<&str>) -> ErasureCertificate {
    let fingerprint = |key: &str| Fingerprint { key_id: key.to_string(), mac: "0123".to_string() };
    ErasureCertificate {
        id: 0,
        at: Timestamp(5),
        requested_at: Some(Timestamp(-5)),
        actor: Some("it's me".into()),
        legal_basis: "GDPR Art. 17".into(),
        operation_id: 1,
        leads: leads.to_vec(),
        erased: [("leads".to_string(), leads.len() as u64)].into(),
        suppressed: key
            .map(|key| Suppression { kind: "phone".into(), fingerprint: fingerprint(key) })
            .into_iter()
            .collect(),
        kept: vec![Kept { what: "mentions".into(), why: "😀".into(), ids: vec![1 << 53] }],
        beyond: vec![Beyond { what: "backups".into(), advice: "\"x\"".into(), until: None, ids: Vec::new() }],
        compacted: false,
    }
}

pub(super) fn certificates_come_back_the_newest_first(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let (first, second, third) =
        (certificate(&[7, 9], Some("b")), certificate(&[8], None), certificate(&[7], Some("a")));
    let ids =
        store.writing(|w| Ok([w.add_erasure(&first)?, w.add_erasure(&second)?, w.add_erasure(&third)?]))?;
    same_as(&ids, &[1, 2, 3], "ids of certificates")?;
    let of = |certificate: &ErasureCertificate, id: i64| ErasureCertificate { id, ..certificate.clone() };
    let page = |before, limit| store.reading(|r| r.erasures(before, limit));
    same_as(&page(None, 2)?, &vec![of(&third, 3), of(&second, 2)], "the newest certificates")?;
    same_as(&page(Some(2), u64::MAX)?, &vec![of(&first, 1)], "certificates before one")?;
    same_as(&page(None, 0)?, &Vec::new(), "no certificates")?;
    let mut erased = store.reading(|r| r.erased(&[9, 1, 7, 8, 7]))?;
    erased.sort_unstable();
    erased.dedup();
    same_as(&erased, &vec![7, 8, 9], "erased leads")?;
    same_as(&store.reading(|r| r.erased(&[]))?, &Vec::new(), "erased leads of none")?;
    same_as(
        &store.reading(|r| r.erasure_keys())?,
        &vec!["a".to_string(), "b".into()],
        "keys of fingerprints",
    )?;
    let compacted = ErasureCertificate { compacted: true, ..of(&second, 2) };
    store.writing(|w| w.put_erasure(&compacted))?;
    same_as(&page(Some(3), 1)?, &vec![compacted], "a certificate that was brought up to date")?;
    store.compact()?;
    same_as(&page(None, 9)?.len(), &3, "certificates after the store was written anew")
}

pub(super) fn holds_are_replaced_and_lifted(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let hold = |lead, reason: &str| Hold {
        lead,
        reason: reason.into(),
        at: Timestamp(lead),
        actor: (lead == 2).then(|| "mia".into()),
    };
    store.writing(|w| {
        [hold(9, "a"), hold(2, "b"), hold(9, "c")].iter().try_for_each(|hold| w.put_hold(hold))
    })?;
    same_as(&store.reading(|r| r.holds())?, &vec![hold(2, "b"), hold(9, "c")], "holds")?;
    let lifted = store.writing(|w| Ok([w.drop_hold(9)?, w.drop_hold(9)?, w.drop_hold(1)?]))?;
    same_as(&lifted, &[true, false, false], "holds that were lifted")?;
    same_as(&store.reading(|r| r.holds())?, &vec![hold(2, "b")], "the hold that is left")
}

/// An operation that is planned.
fn planned(writer: &dyn Writer, key: &str) -> Result<i64> {
    writer.add_operation(&NewOperation {
        state: OperationState::Planned,
        name: Some("name".into()),
        reason: Some("reason".into()),
        mapping: [("Ada".to_string(), Some("email".to_string()))].into(),
        options: json!({ "filter": { "email": "ada@lovelace.org" } }),
        token: Some(format!("token {key}")),
        idempotency_key: Some(key.into()),
        ..NewOperation::new(OperationKind::BulkUpdate, Timestamp(1))
    })
}

pub(super) fn operations_are_rewritten(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    store.writing(|w| {
        planned(w, "first")?;
        planned(w, "second").map(drop)
    })?;
    let all = || -> Result<Vec<StoredOperation>> {
        let mut all = Vec::new();
        store.reading(|r| {
            all.clear();
            r.each_operation(&mut |stored| {
                all.push(stored);
                Ok(())
            })
        })?;
        Ok(all)
    };
    let before = all()?;
    same_as(&before.len(), &2, "operations")?;
    let mut after = before[0].clone();
    after.operation.state = OperationState::Cancelled;
    (after.operation.name, after.operation.reason) = (None, Some("[erased]".into()));
    after.operation.mapping = [("[erased]".to_string(), None)].into();
    after.operation.options = json!({ "filter": "[erased]" });
    (after.progress, after.idempotency_key) = (Some("{}".into()), Some("[erased] 1".into()));
    store.writing(|w| w.rewrite_operation(&after))?;
    same_as(&all()?, &vec![after, before[1].clone()], "a rewritten operation, and another")
}

pub(super) fn consent_is_rewritten(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let entry = |id: i64, address: &str| ConsentEntry {
        id,
        at: Timestamp(id),
        kind: ConsentKind::Withdrawal,
        channel: None,
        address: address.into(),
        lead: Some(id),
        purpose: None,
        source: "letter".into(),
        wording: Some("no".into()),
        given_at: Timestamp(id),
        proof: None,
        review_by: None,
        actor: None,
        reason: None,
    };
    store.writing(|w| w.add_consent(&[entry(0, "+1"), entry(0, "+2"), entry(0, "+1")]))?;
    let after = ConsentEntry { lead: None, wording: None, ..entry(1, "fp:a:0") };
    store.writing(|w| w.rewrite_consent(&after))?;
    same_as(&store.reading(|r| r.consent(&["fp:a:0"]))?, &vec![after], "a rewritten entry")?;
    let others: Vec<i64> =
        store.reading(|r| r.consent(&["+1", "+2"]))?.iter().map(|entry| entry.id).collect();
    same_as(&others, &vec![2, 3], "the other entries")
}

pub(super) fn what_the_log_kept_is_emptied(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let named =
        |id: i64, rev: i64, name: &str| Lead { id, rev, first_name: Some(name.into()), ..Lead::default() };
    store.writing(|w| {
        w.allot(2)?;
        let rows = [1, 2].map(|id| LeadRow::of(named(id, 1, "first")));
        let keys: Vec<_> = rows
            .iter()
            .flat_map(|row| keys_of(&row.lead).into_iter().map(|key| (key, row.lead.id)))
            .collect();
        w.insert_leads(&rows)?;
        w.add_keys(&keys)?;
        for _ in 0..3 {
            let rev = w.next_rev()?;
            let operation = w.add_operation(&NewOperation::new(OperationKind::Update, Timestamp(rev)))?;
            if rev > 1 {
                let updates = [1, 2].map(|id| LeadUpdate {
                    before: named(id, rev - 1, &format!("name {}", rev - 1)),
                    after: LeadRow::of(named(id, rev, &format!("name {rev}"))),
                });
                w.update_leads(&updates)?;
            }
            let created = (rev == 1).then_some((1, 2));
            let (actor, reason) = (None, Some("Ada asked".to_string()));
            let changed = if rev > 1 { 2 } else { 0 };
            w.add_commit(&Commit { rev, operation, at: Timestamp(rev), actor, reason, created, changed })?;
        }
        let conflict = |lead| Conflict {
            lead,
            code: ConflictCode::Changed,
            field: Some("first_name".into()),
            wanted: json!("x"),
            found: json!("y"),
        };
        w.add_conflicts(1, &[conflict(1), conflict(2)])?;
        let row = |seq| RejectedRow { seq, cells: vec![format!("cell {seq}")] };
        w.add_rejects(1, &[row(4), row(9)])?;
        w.add_rejects(2, &[row(4)])
    })?;
    let lead = all(&*store)?.remove(0);
    let emptied = store.writing(|w| Ok([w.empty_changes(&lead)?, w.empty_changes(&lead)?]))?;
    same_as(&emptied, &[2, 0], "images that were emptied")?;
    let images =
        store.reading(|r| Ok([r.change(3, 1)?, r.change(2, 1)?, r.change(3, 2)?, r.change(2, 2)?]))?;
    let full: Vec<bool> = images.iter().map(|i| i.as_ref().is_some_and(|i| !i.before.is_empty())).collect();
    same_as(&full, &vec![false, false, true, true], "images that hold something")?;
    same_as(&images[0].as_ref().map(|image| image.prev_rev), &Some(2), "an emptied image's link")?;

    let emptied = store
        .writing(|w| Ok([w.empty_conflicts(&[1, 7])?, w.empty_conflicts(&[1])?, w.empty_conflicts(&[])?]))?;
    same_as(&emptied, &[1, 0, 0], "conflicts that were emptied")?;
    let values: Vec<_> =
        store.reading(|r| r.conflicts(1, 0, 9))?.into_iter().map(|c| (c.wanted, c.found)).collect();
    same_as(&values, &vec![(json!(null), json!(null)), (json!("x"), json!("y"))], "conflicts")?;

    store.writing(|w| w.drop_reject(1, 4).and(w.drop_reject(3, 9)))?;
    let mut rejects = Vec::new();
    store.reading(|r| {
        rejects.clear();
        r.each_waiting_reject(&mut |operation, seq, cells| {
            rejects.push((operation, seq, cells));
            Ok(())
        })
    })?;
    let wanted = [(1, 9), (2, 4)].map(|(operation, seq)| (operation, seq, vec![format!("cell {seq}")]));
    same_as(&rejects, &wanted.to_vec(), "rejected rows that are left")?;

    store.writing(|w| w.rewrite_reason(2, "[erased] asked"))?;
    let reasons: Vec<_> =
        store.reading(|r| r.commits_after(0, 9))?.into_iter().filter_map(|c| c.reason).collect();
    same_as(&reasons, &["Ada asked", "[erased] asked", "Ada asked"].map(String::from).to_vec(), "reasons")
}

pub(super) fn keys_of_messages_are_rewritten(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let dice = Dice::new(3);
    let keyed = |key: &str| Communication { key: Some(key.into()), ..message(&dice) };
    store.writing(|w| w.add_communications(&[keyed("ada"), keyed("bob")]))?;
    let before = store.reading(|r| r.communication(1))?;
    store.writing(|w| w.rewrite_communication_key(1, "[erased] 1"))?;
    let after = store.reading(|r| r.communication(1))?;
    same_as(&after.as_ref().and_then(|m| m.key.as_deref()), &Some("[erased] 1"), "the key")?;
    let but_key = |m: &Communication| Communication { key: None, ..m.clone() };
    same_as(&after.as_ref().map(but_key), &before.as_ref().map(but_key), "the rest of the message")?;
    let by = |key: &str| {
        let key = CommunicationKey::Key(key);
        store.reading(|r| Ok(r.communications_by(&key)?.len()))
    };
    same_as(&(by("ada")?, by("[erased] 1")?), &(0, 1), "messages by their keys")?;
    same_as(&code(store.writing(|w| w.rewrite_communication_key(1, "bob"))), &"conflict", "a taken key")
}

/// Keeps a certificate and a hold, lifts another, and empties what the log kept of a lead, at random.
pub(super) fn enter(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let leads: Vec<i64> = (0..dice.below(3)).map(|_| 1 + dice.below(9) as i64).collect();
    let id = w.add_erasure(&certificate(&leads, dice.one_in(2).then_some("key")))?;
    let hold = Hold {
        lead: dice.below(9) as i64,
        reason: dice.text(),
        at: Timestamp(id),
        actor: dice.one_in(2).then(|| dice.text()),
    };
    w.put_hold(&hold)?;
    let lifted = w.drop_hold(dice.below(9) as i64 + 9)? | w.drop_hold(hold.lead - 1)?;
    let mut emptied = w.empty_conflicts(&leads)?;
    for lead in w.leads(&leads)? {
        emptied += w.empty_changes(&lead)?;
    }
    Ok(format!(" erase {id} {lifted} {emptied} {:?}", w.erased(&[1, 2, 3])?.len()))
}
