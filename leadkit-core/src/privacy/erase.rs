//! Erasing a person: one transaction that scrubs everything, and then the whole file written anew.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::person::{Asked, Person};
use super::provider::{self, AtProvider};
use super::traces::{ERASED, Traces};
use super::{certificate, hold, scrub};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::consent::{ADDRESS, erased_address};
use crate::ledger::{Session, audit, consent};
use crate::model::audit::AuditKind;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::consent::{ConsentEntry, ConsentKind};
use crate::model::lead::Lead;
use crate::model::operation::{OperationKind, OperationState};
use crate::model::privacy::{ErasureCertificate, ErasureOptions, PersonOptions, Suppression};
use crate::normalize::normalize_email;
use crate::search::TextQuery;
use crate::store::{
    Commit, HistoryQuery, KeyKind, LeadKey, LeadRow, LeadUpdate, NewOperation, Reader, StoredOperation,
    Writer, keys_of,
};
use crate::transport::Transport;

/// Contacts of others that name the person: as many are told.
const MENTIONS: u64 = 100;
/// Commits that are read at once.
const PAGE: u64 = 1_000;

/// Erases a person. With a transport, the provider's copies of their messages and calls are deleted first.
///
/// # Errors
/// `invalid_argument`, `invalid_value`, `not_found`; `on_hold`, with the reason; `erased` when they were;
/// `key_missing` when the database was opened without keys; `conflict` while a message to them is being
/// handed over; those of the store.
pub fn erase(
    session: &Session,
    legal_basis: &str,
    options: &ErasureOptions,
    transport: Option<&dyn Transport>,
) -> Result<ErasureCertificate> {
    session.check_whole("handles nobody's data")?;
    if legal_basis.trim().is_empty() {
        return Err(Error::new(ErrorCode::InvalidArgument, "an erasure names its legal basis")
            .hint("such as `GDPR Art. 17(1)(b)`")
            .at_field("legal_basis"));
    }
    session.store.check_writable()?;
    let who = PersonOptions { lead: options.lead, address: options.address.clone() };
    let asked = Asked::new(session, &who)?;
    let find = |reader: &dyn Reader| {
        let person = asked.find(reader)?;
        check(session, reader, &person)?;
        let contacts = person.contacts(reader)?;
        Ok((person, contacts))
    };
    let provider = match transport {
        Some(transport) => {
            // Outside the transaction: nobody waits for the provider. What waits is taken back first, so
            // that nothing new comes into being there.
            let (_, contacts) = session.store.reading(find)?;
            cancel_queued(session, &contacts)?;
            provider::delete(transport, &contacts)
        }
        None => AtProvider::default(),
    };
    let erasure = Erasure {
        session,
        legal_basis,
        requested_at: options.requested_at,
        contact_again: options.contact_again,
        provider: &provider,
    };
    let (_, contacts) = session.store.reading(find)?;
    cancel_queued(session, &contacts)?;
    let certificate = session.store.writing(|writer| {
        let (person, contacts) = find(writer)?;
        erasure.scrub(writer, &person, contacts)
    })?;
    tracing::info!(certificate = certificate.id, leads = certificate.leads.len(), "a person was erased");
    finish(session, certificate)
}

/// Rewrites the store after an erasure, and notes it; a store in use keeps that for `compact`.
fn finish(session: &Session, certificate: ErasureCertificate) -> Result<ErasureCertificate> {
    match compact(session) {
        Ok(()) => Ok(ErasureCertificate { compacted: true, ..certificate }),
        Err(error) => {
            tracing::warn!(code = error.code(), "the storage is not rewritten yet: call privacy.compact");
            Ok(certificate)
        }
    }
}

/// Writes the store's files anew, so that freed storage holds nothing of what was erased; notes it in the
/// certificates that wait for it.
///
/// # Errors
/// `busy` when others use the store; `disk_full`, `read_only`, `io`.
pub fn compact(session: &Session) -> Result<()> {
    session.check_whole("handles nobody's data")?;
    let waiting: Vec<ErasureCertificate> = session
        .store
        .reading(|reader| reader.erasures(None, u64::MAX))?
        .into_iter()
        .filter(|certificate| !certificate.compacted)
        .collect();
    session.store.compact()?;
    if waiting.is_empty() {
        return Ok(());
    }
    session.store.writing(|writer| {
        let done =
            waiting.iter().map(|certificate| ErasureCertificate { compacted: true, ..certificate.clone() });
        done.into_iter().try_for_each(|certificate| writer.put_erasure(&certificate))
    })
}

/// Certificates, the newest first.
///
/// # Errors
/// Those of the store.
pub fn erasures(session: &Session, before: Option<i64>, limit: u64) -> Result<Vec<ErasureCertificate>> {
    session.check_whole("handles nobody's data")?;
    session.store.reading(|reader| reader.erasures(before, limit))
}

/// Refuses to erase who is on hold, who was erased, and whom a message is just going to.
fn check(session: &Session, reader: &dyn Reader, person: &Person) -> Result<()> {
    let ids = person.ids();
    if let Some(hold) = hold::on(reader, &ids)?.first() {
        return Err(Error::new(ErrorCode::OnHold, format!("lead {} is on hold: {}", hold.lead, hold.reason))
            .hint("lift it by privacy.release when the reason is gone"));
    }
    let erased: BTreeSet<i64> = reader.erased(&ids)?.into_iter().collect();
    if !ids.is_empty() && ids.iter().all(|id| erased.contains(id)) {
        return Err(Error::new(ErrorCode::Erased, "this person was erased already")
            .hint("privacy.erasures has the certificate"));
    }
    check_keys(session, person)
}

/// Refuses to erase numbers of which no fingerprint could be kept.
fn check_keys(session: &Session, person: &Person) -> Result<()> {
    match session.keys.is_empty() && !person.phones.is_empty() {
        false => Ok(()),
        true => Err(Error::new(
            ErrorCode::KeyMissing,
            "an address that stays blocked is kept as a keyed fingerprint",
        )
        .hint("open the database with keys=")
        .at_field("keys")),
    }
}

fn cancel_queued(session: &Session, contacts: &[Communication]) -> Result<()> {
    let queued = contacts.iter().filter(|contact| contact.state == CommunicationState::Queued);
    for contact in queued {
        match crate::outbox::cancel(session, contact.id) {
            // It went out in between, which the transaction that erases will see.
            Err(error) if error.error_code() == ErrorCode::Conflict => {}
            result => drop(result?),
        }
    }
    Ok(())
}

/// An erasure on its ground.
pub(super) struct Erasure<'a> {
    pub session: &'a Session,
    pub legal_basis: &'a str,
    pub requested_at: Option<Timestamp>,
    pub contact_again: bool,
    pub provider: &'a AtProvider,
}

impl Erasure<'_> {
    /// # Errors
    /// `key_missing`.
    pub fn check_keys(&self, person: &Person) -> Result<()> {
        check_keys(self.session, person)
    }

    /// Scrubs everything of some leads and addresses, inside one transaction.
    pub fn scrub(
        &self,
        writer: &dyn Writer,
        person: &Person,
        contacts: Vec<Communication>,
    ) -> Result<ErasureCertificate> {
        let now = self.session.clock.now();
        let going = |state| matches!(state, CommunicationState::Queued | CommunicationState::Sending);
        if let Some(contact) = contacts.iter().find(|contact| going(contact.state)) {
            return Err(Error::new(
                ErrorCode::Conflict,
                format!("message {} is going out right now", contact.id),
            )
            .hint("erase again in a moment"));
        }
        let (ids, addresses) = (person.ids(), person.phones.iter().chain(&person.emails));
        let traces = Traces::of(writer, &person.leads, &addresses.map(String::as_str).collect::<Vec<_>>())?;
        let shared = shared(writer, person)?;
        let mut erased = BTreeMap::new();
        let mut count = |what: &str, number: u64| {
            erased.insert(what.to_string(), number);
        };
        let consent = self.consent(writer, person, &traces, &shared, now)?;
        count("consent_entries", consent.entries);
        count("contacts", self.contacts(writer, &contacts, &traces)?);
        let mut reason = self.session.reason.clone();
        traces.clean(&mut reason);
        let rev = writer.next_rev()?;
        let operation_id = writer.add_operation(&NewOperation {
            reason: reason.clone(),
            options: json!({ "legal_basis": self.legal_basis, "leads": ids }),
            counts: BTreeMap::from([("leads".to_string(), ids.len() as u64)]),
            ..self.session.new_operation(OperationKind::Erase)
        })?;
        writer.add_commit(&Commit {
            rev,
            operation: operation_id,
            at: now,
            actor: self.session.actor.clone(),
            reason,
            created: None,
            changed: ids.len() as u64,
        })?;
        count("changes", leads(writer, person, rev, now)?);
        count("leads", ids.len() as u64);
        count("conflicts", writer.empty_conflicts(&ids)?);
        count("rejected_rows", rejected_rows(writer, &traces)?);
        count("operations", operations(writer, &traces)?);
        let others: Vec<i64> =
            shared.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let mentions = mentions(writer, person)?;
        let store = self.session.store.kind();
        // Without a transport all that the provider has is still there.
        let left = provider::ids(&contacts).into_iter().filter(|id| !self.provider.deleted.contains(*id));
        let provider =
            AtProvider { deleted: self.provider.deleted.clone(), left: left.map(str::to_string).collect() };
        let certificate = ErasureCertificate {
            id: 0,
            at: now,
            requested_at: self.requested_at,
            actor: self.session.actor.clone(),
            legal_basis: self.legal_basis.to_string(),
            operation_id,
            leads: ids,
            erased,
            suppressed: consent.suppressed,
            kept: certificate::kept(contacts.len() as u64, consent.entries, others, mentions),
            beyond: certificate::beyond(writer, store, person, &provider, now)?,
            compacted: false,
        };
        let id = writer.add_erasure(&certificate)?;
        let detail =
            json!({ "certificate": id, "operation": operation_id, "rev": rev, "leads": certificate.leads });
        audit::enter(self.session, writer, AuditKind::Erasure, &detail)?;
        Ok(ErasureCertificate { id, ..certificate })
    }

    /// Takes the person out of their contacts; gives how many had anything in them.
    fn contacts(&self, writer: &dyn Writer, contacts: &[Communication], traces: &Traces) -> Result<u64> {
        let mut scrubbed = 0;
        for contact in contacts {
            let mut after = scrub::contact(contact);
            if let Some(key) = contact.key.as_deref().and_then(|key| traces.cleaned(key)) {
                // With its number: other keys of the person may look the same by now.
                let key = format!("{key} {}", contact.id);
                writer.rewrite_communication_key(contact.id, &key)?;
                after.key = Some(key);
            }
            if after.provider_id.as_ref().is_some_and(|id| self.provider.deleted.contains(id)) {
                (after.provider_id, after.due_at) = (None, None);
            }
            if let Some(call) = &mut after.call
                && call.lead_leg.as_ref().is_some_and(|leg| self.provider.deleted.contains(leg))
            {
                call.lead_leg = None;
            }
            if after != *contact {
                writer.put_communications(&[after])?;
                scrubbed += 1;
            }
        }
        Ok(scrubbed)
    }

    /// Leaves of the ledger's entries what blocks and proves, by fingerprints.
    fn consent(
        &self,
        writer: &dyn Writer,
        person: &Person,
        traces: &Traces,
        shared: &BTreeMap<&str, Vec<i64>>,
        now: Timestamp,
    ) -> Result<Ledger> {
        let (keys, ids) = (&self.session.keys, person.ids());
        let mut ledger = Ledger::default();
        for entry in person.consent(writer)? {
            let own = person.phones.contains(&entry.address) && !shared.contains_key(entry.address.as_str());
            let mine = entry.lead.is_some_and(|lead| ids.contains(&lead));
            if !own && !mine {
                continue;
            }
            let mut after = ConsentEntry { lead: None, wording: None, proof: None, ..entry.clone() };
            after.source = traces.cleaned(&after.source).unwrap_or(after.source);
            traces.clean(&mut after.reason);
            if !shared.contains_key(entry.address.as_str())
                && let Some(fingerprint) = keys.fingerprint(ADDRESS, &entry.address)
            {
                after.address = erased_address(&fingerprint);
            }
            writer.rewrite_consent(&after)?;
            ledger.entries += 1;
        }
        let own = person.phones.iter().filter(|phone| !shared.contains_key(phone.as_str()));
        for (phone, fingerprint) in own.filter_map(|phone| Some((phone, keys.fingerprint(ADDRESS, phone)?))) {
            let before = consent::entries(keys, writer, &[phone])?;
            if !self.contact_again {
                writer.add_consent(&[ConsentEntry {
                    id: 0,
                    at: now,
                    kind: ConsentKind::Withdrawal,
                    channel: None,
                    address: erased_address(&fingerprint),
                    lead: None,
                    purpose: None,
                    source: "erasure".to_string(),
                    wording: None,
                    given_at: self.requested_at.unwrap_or(now).min(now),
                    proof: None,
                    review_by: None,
                    actor: self.session.actor.clone(),
                    reason: None,
                }])?;
            }
            if !self.contact_again || consent::is_blocked(&before, phone, now) {
                ledger.suppressed.push(Suppression { kind: "phone".to_string(), fingerprint });
            }
        }
        Ok(ledger)
    }
}

/// What was done to the ledger.
#[derive(Default)]
struct Ledger {
    entries: u64,
    suppressed: Vec<Suppression>,
}

/// The person's addresses that other leads have, with these.
fn shared<'a>(reader: &dyn Reader, person: &'a Person) -> Result<BTreeMap<&'a str, Vec<i64>>> {
    let ids = person.ids();
    let mut shared: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let phones = person.phones.iter().map(|phone| (phone, LeadKey::new(KeyKind::Phone, phone)));
    let emails = person.emails.iter().filter_map(|email| {
        Some((email, LeadKey::new(KeyKind::Email, normalize_email(email).key.as_deref()?)))
    });
    for (address, key) in phones.chain(emails) {
        let found = reader.leads_by_keys(&[key])?;
        let others: Vec<i64> =
            found.into_iter().map(|(_, lead)| lead).filter(|id| !ids.contains(id)).collect();
        let has = |lead: &Lead| {
            let all = lead.phone.iter().chain(&lead.phones).chain(&lead.email).chain(&lead.emails);
            all.into_iter().any(|other| other.eq_ignore_ascii_case(address))
        };
        let others: Vec<i64> =
            reader.leads(&others)?.iter().filter(|lead| has(lead)).map(|lead| lead.id).collect();
        if !others.is_empty() {
            shared.insert(address, others);
        }
    }
    Ok(shared)
}

/// Empties the leads and what the log kept of them; gives the number of images that held something.
fn leads(writer: &dyn Writer, person: &Person, rev: i64, now: Timestamp) -> Result<u64> {
    let (mut changes, mut keys, mut updates) = (0, Vec::new(), Vec::new());
    for lead in &person.leads {
        changes += writer.empty_changes(lead)?;
        keys.extend(keys_of(lead).into_iter().map(|key| (key, lead.id)));
        let before = scrub::lead(lead, now);
        let after = Lead { rev, updated_at: now, ..before.clone() };
        updates.push(LeadUpdate { before, after: LeadRow::of(after) });
    }
    keys.sort_unstable();
    writer.update_leads(&updates)?;
    writer.remove_keys(&keys)?;
    Ok(changes)
}

/// Drops rejected rows that name the person, before their file is written.
fn rejected_rows(writer: &dyn Writer, traces: &Traces) -> Result<u64> {
    let mut found = Vec::new();
    writer.each_waiting_reject(&mut |operation, seq, cells| {
        if traces.in_cells(&cells) {
            found.push((operation, seq));
        }
        Ok(())
    })?;
    found.iter().try_for_each(|(operation, seq)| writer.drop_reject(*operation, *seq))?;
    Ok(found.len() as u64)
}

/// Takes the person out of stored filters, keys, reports and reasons; gives how many operations named them.
fn operations(writer: &dyn Writer, traces: &Traces) -> Result<u64> {
    let mut found = Vec::new();
    writer.each_operation(&mut |mut stored| {
        if clean(&mut stored, traces)? {
            found.push(stored);
        }
        Ok(())
    })?;
    found.iter().try_for_each(|stored| writer.rewrite_operation(stored))?;
    let mut rev = 0;
    loop {
        let commits = writer.commits_after(rev, PAGE)?;
        let Some(last) = commits.last() else { break };
        rev = last.rev;
        for commit in &commits {
            if let Some(reason) = commit.reason.as_deref().and_then(|reason| traces.cleaned(reason)) {
                writer.rewrite_reason(commit.rev, &reason)?;
            }
        }
    }
    Ok(found.len() as u64)
}

fn clean(stored: &mut StoredOperation, traces: &Traces) -> Result<bool> {
    let operation = &mut stored.operation;
    let mut found = traces.clean(&mut operation.name) | traces.clean(&mut operation.reason);
    let request = traces.clean_json(&mut operation.options);
    if request && operation.state == OperationState::Planned {
        // It asked for the person, and would ask for somebody else by now.
        operation.state = OperationState::Cancelled;
    }
    found |= request;
    let columns: Vec<String> =
        operation.mapping.keys().filter(|column| traces.cleaned(column).is_some()).cloned().collect();
    for column in columns {
        let field = operation.mapping.remove(&column).flatten();
        operation.mapping.insert(ERASED.to_string(), field);
        found = true;
    }
    if let Some(progress) = &stored.progress {
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(progress);
        let mut value = parsed.unwrap_or_else(|_| progress.as_str().into());
        if traces.clean_json(&mut value) {
            stored.progress = Some(value.as_str().map_or_else(|| value.to_string(), str::to_string));
            found = true;
        }
    }
    if let Some(key) = stored.idempotency_key.as_deref().and_then(|key| traces.cleaned(key)) {
        stored.idempotency_key = Some(format!("{key} {}", stored.operation.id));
        found = true;
    }
    Ok(found)
}

/// Contacts of others whose texts have an address or the whole name of the person.
fn mentions(reader: &dyn Reader, person: &Person) -> Result<Vec<i64>> {
    let mut found = BTreeSet::new();
    let names = person.leads.iter().filter_map(|lead| lead.full_name.as_deref());
    let whole = names.filter(|name| name.contains(' '));
    let addresses = person.phones.iter().chain(&person.emails).map(String::as_str);
    for text in whole.chain(addresses) {
        let phrase = format!("\"{}\"", text.replace('"', " "));
        let Ok(query) = TextQuery::parse(&phrase) else { continue };
        let query =
            HistoryQuery { text: Some(query), corrected: true, limit: MENTIONS, ..HistoryQuery::default() };
        found.extend(reader.history(&query)?.into_iter().map(|(_, contact)| contact.id));
    }
    Ok(found.into_iter().collect())
}
