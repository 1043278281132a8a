//! What a certificate says beside the counts: what was kept, and what is out of reach.

use std::collections::BTreeSet;

use super::person::Person;
use super::provider::AtProvider;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::operation::OperationKind;
use crate::model::privacy::{Beyond, Kept};
use crate::store::{OperationQuery, Reader};

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// Days after which Twilio has removed what is deleted there from all its systems, the numbers of messages
/// and calls included; texts are gone after 30 (`deleteSla` of `message.body`, `message.to` and `call.to` in
/// Twilio's API description).
const PROVIDER_DAYS: i64 = 120;

/// What was kept, and why.
pub(super) fn kept(contacts: u64, entries: u64, shared: Vec<i64>, mentions: Vec<i64>) -> Vec<Kept> {
    let mut kept = Vec::new();
    let mut keep = |what: &str, why: &str, ids: Vec<i64>| {
        kept.push(Kept { what: what.to_string(), why: why.to_string(), ids });
    };
    if contacts > 0 {
        let why = "channel, direction, state, times, owner, campaign and cost of each contact: they are the books, \
                   and name nobody";
        keep("contact_facts", why, Vec::new());
    }
    if entries > 0 {
        let why = "kind, source and dates of each consent entry, by a fingerprint of its number: they prove that \
                   the law was kept, and block the number";
        keep("consent_dates", why, Vec::new());
    }
    if !shared.is_empty() {
        let why = "these leads have a number or an email address of the person too: it is their own data, with \
                   the consent entries of the number";
        keep("shared_addresses", why, shared);
    }
    if !mentions.is_empty() {
        let why =
            "these contacts with others name the person: whether that must go too is for somebody to decide";
        keep("mentions", why, mentions);
    }
    kept
}

/// What is out of reach, and what is to be done about it.
pub(super) fn beyond(
    reader: &dyn Reader,
    store: &str,
    person: &Person,
    provider: &AtProvider,
    now: Timestamp,
) -> Result<Vec<Beyond>> {
    let mut beyond = Vec::new();
    let mut tell = |what: &str, advice: &str, until: Option<Timestamp>, ids: Vec<String>| {
        beyond.push(Beyond { what: what.to_string(), advice: advice.to_string(), until, ids });
    };
    let backups = "copies made before hold the data until they are replaced: erase again in whatever is restored \
                   from one, before anybody works with it";
    tell("backups", backups, None, Vec::new());
    if store == "postgresql" {
        let log = "the server's log (WAL), its archives, standbys and base backups hold old rows until they are \
                   recycled: ask whoever runs the server";
        tell("server_log", log, None, Vec::new());
    }
    let files = files(reader, person)?;
    if !files.is_empty() {
        let advice = "these operations read or wrote files that may hold the data: find and delete them, and tell \
                      whoever got them (GDPR Art. 19)";
        tell("files", advice, None, files);
    }
    if !provider.deleted.is_empty() {
        let advice = "deleted at the provider, which removes it from its own systems by then";
        let until = Timestamp(now.0 + PROVIDER_DAYS * DAY);
        tell("provider", advice, Some(until), provider.deleted.iter().cloned().collect());
    }
    if !provider.left.is_empty() {
        let advice = "still at the provider: delete these there, or erase with a transport";
        tell("provider", advice, None, provider.left.clone());
    }
    Ok(beyond)
}

/// The operations whose files may hold the person: imports that brought or changed the data, and every export
/// since the first of them.
fn files(reader: &dyn Reader, person: &Person) -> Result<Vec<String>> {
    let (mut ids, mut since) = (BTreeSet::new(), None);
    for lead in &person.leads {
        let mut rev = lead.rev;
        loop {
            if let Some(commit) = reader.commit(rev)? {
                since = Some(since.map_or(commit.at, |first: Timestamp| first.min(commit.at)));
                let operation = reader.operation(commit.operation)?.map(|stored| stored.operation);
                ids.extend(operation.filter(|o| o.kind == OperationKind::Import).map(|o| o.id));
            }
            match reader.change(rev, lead.id)? {
                Some(change) => rev = change.prev_rev,
                None => break,
            }
        }
    }
    let Some(since) = since else { return Ok(Vec::new()) };
    let exports = OperationQuery {
        kind: Some(OperationKind::Export),
        since: Some(since),
        limit: u64::MAX,
        ..OperationQuery::default()
    };
    ids.extend(reader.operations(&exports)?.into_iter().map(|operation| operation.id));
    Ok(ids.iter().map(i64::to_string).collect())
}
