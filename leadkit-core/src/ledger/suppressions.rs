//! Who may not be contacted, as a list apart from the database.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use super::Session;
use super::audit::{self, AddedConsent};
use super::consent::{Contact, ERASED, decide, entries, normal};
use crate::atomic::AtomicFile;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::consent::{Channel, ConsentCode, ConsentEntry, ConsentKind, Purpose};
use crate::store::{ConsentQuery, Reader};

/// What a suppression list says of an address, a line each.
const LIST: [&str; 5] = ["address", "channel", "kind", "given_at", "source"];
/// Entries read at once.
const PAGE: u64 = 1_000;

/// Writes all withdrawals that hold, and numbers that are somebody else's, as CSV; gives how many.
///
/// # Errors
/// Those of the store and of the file.
pub fn export(session: &Session, path: &Path) -> Result<u64> {
    let entries = session.store.reading(|reader| suppressions(reader, session.clock.now()))?;
    let (file, target) = AtomicFile::create(path)?;
    let mut writer = csv::Writer::from_writer(std::io::BufWriter::new(target));
    let failed = |error: csv::Error| Error::io(&std::io::Error::other(error), path);
    writer.write_record(LIST).map_err(failed)?;
    for entry in &entries {
        let channel = entry.channel.map_or("", Channel::as_str);
        let given_at = entry.given_at.to_string();
        let row = [&entry.address, channel, entry.kind.as_str(), &given_at, &entry.source];
        writer.write_record(row).map_err(failed)?;
    }
    let mut inner = writer.into_inner().map_err(|error| Error::io(error.error(), path))?;
    inner.flush().map_err(|error| Error::io(&error, path))?;
    drop(inner);
    audit::export(session, "suppressions", Some(entries.len() as u64))?;
    file.finish()?;
    Ok(entries.len() as u64)
}

/// The entry that blocks, for each address and channel that is blocked now.
fn suppressions(reader: &dyn Reader, now: Timestamp) -> Result<Vec<ConsentEntry>> {
    let mut addresses = BTreeSet::new();
    let mut before = None;
    loop {
        let query = ConsentQuery { before, limit: PAGE, ..ConsentQuery::default() };
        let page = reader.consent_entries(&query)?;
        let listed = page.iter().filter(|entry| address(&entry.address).is_ok());
        addresses.extend(listed.map(|entry| entry.address.clone()));
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => before = Some(last.id),
            _ => break,
        }
    }
    let mut blocked = Vec::new();
    for address in addresses {
        let entries = reader.consent(&[&address])?;
        for channel in Channel::ALL {
            for kind in KINDS {
                let entry = standing(&entries, &address, channel, kind, now);
                // A suspicion goes along as what it would become.
                blocked.extend(entry.map(|(_, entry)| ConsentEntry {
                    kind,
                    channel: Some(channel),
                    ..entry
                }));
            }
        }
    }
    Ok(blocked)
}

/// What a list says of an address: one does not hide the other, and START lifts only the first.
const KINDS: [ConsentKind; 2] = [ConsentKind::Withdrawal, ConsentKind::WrongNumber];

/// The entry by which an address is blocked in one of these ways, with its code.
fn standing(
    entries: &[ConsentEntry],
    address: &str,
    channel: Channel,
    kind: ConsentKind,
    now: Timestamp,
) -> Option<(ConsentCode, ConsentEntry)> {
    let other = |entry: &&ConsentEntry| {
        (entry.kind == ConsentKind::WrongNumber) == (kind == ConsentKind::WrongNumber)
            || entry.kind == ConsentKind::Cleared
    };
    let entries: Vec<ConsentEntry> = entries.iter().filter(other).cloned().collect();
    let contact = Contact { address, lead: None, channel, purpose: Purpose::Informational };
    let status = decide(&entries, contact, now);
    status.code.zip(status.entry)
}

/// An address as the ledger has it: a number, a short code of 3 to 8 digits that wrote to us, or the
/// fingerprint of a number whose person was erased. Names that wrote are none: nothing can be sent there.
fn address(cell: &str) -> Result<String> {
    let short = (3..=8).contains(&cell.len()) && cell.bytes().all(|b| b.is_ascii_digit());
    if short || cell.starts_with(ERASED) { Ok(cell.to_string()) } else { normal(cell, None) }
}

/// Enters a suppression list, as far as it is not known already; gives how many entries were added.
///
/// # Errors
/// `invalid_value` for a line that cannot be read, with its row; those of the store and of the file.
/// Then nothing is entered.
pub fn apply(session: &Session, path: &Path) -> Result<u64> {
    let file = std::fs::File::open(path).map_err(|error| Error::io(&error, path))?;
    let mut reader = csv::Reader::from_reader(file);
    let mut listed = Vec::new();
    for (row, line) in (2..).zip(reader.records()) {
        let wrong = |message: &str| {
            Error::new(ErrorCode::InvalidValue, message.to_string())
                .hint("take a list that consent.export_suppressions wrote")
                .at_path(path)
                .at_row(row)
        };
        let line = line.map_err(|_| wrong("this line cannot be read"))?;
        let cell = |at: usize| line.get(at).unwrap_or_default().trim();
        let address = address(cell(0)).map_err(|error| error.at_row(row).at_path(path))?;
        let channel = match cell(1) {
            "" => None,
            word => Some(
                Channel::ALL
                    .into_iter()
                    .find(|channel| channel.as_str() == word)
                    .ok_or_else(|| wrong("a channel is sms or voice").at_field("channel"))?,
            ),
        };
        let kind = match cell(2) {
            "withdrawal" => ConsentKind::Withdrawal,
            "wrong_number" => ConsentKind::WrongNumber,
            _ => return Err(wrong("a kind is withdrawal or wrong_number").at_field("kind")),
        };
        let given_at: Timestamp =
            cell(3).parse().map_err(|_| wrong("this is no instant").at_field("given_at"))?;
        listed.push((address, channel, kind, given_at, cell(4).to_string()));
    }
    session.store.writing(|writer| {
        let now = session.clock.now();
        let (mut added, mut entered) = (0, AddedConsent::default());
        for (address, channel, kind, given_at, source) in &listed {
            let entries = entries(&session.keys, writer, &[address])?;
            let channels = channel.map_or(Channel::ALL.to_vec(), |channel| vec![channel]);
            // A suspicion is not known yet to be what the list says.
            let known = |channel: &Channel| {
                standing(&entries, address, *channel, *kind, now)
                    .is_some_and(|(code, _)| code != ConsentCode::UnderReview)
            };
            let open = channels.into_iter().filter(|channel| !known(channel));
            for channel in open {
                let entry = ConsentEntry {
                    id: 0,
                    at: now,
                    kind: *kind,
                    channel: Some(channel),
                    address: address.clone(),
                    lead: None,
                    purpose: None,
                    source: source.clone(),
                    wording: None,
                    given_at: *given_at,
                    proof: Some("suppression list".to_string()),
                    review_by: None,
                    actor: session.actor.clone(),
                    reason: session.reason.clone(),
                };
                let id = writer.add_consent(std::slice::from_ref(&entry))?;
                entered.note(id, &[entry]);
                added += 1;
            }
        }
        entered.enter(session, writer)?;
        Ok(added)
    })
}
