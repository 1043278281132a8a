//! The ledger of consent: entries are added, never changed, and decide who may be contacted.

use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::keys::{Fingerprint, Keys};
use crate::ledger::{Session, audit};
use crate::model::consent::{
    Channel, ConsentCode, ConsentEntry, ConsentKind, ConsentOptions, ConsentQuestion, ConsentStatus, Purpose,
};
use crate::model::lead::Lead;
use crate::normalize::parse_phone;
use crate::store::{ConsentQuery, Reader};

/// Days for which a suspected withdrawal waits for somebody to look at it.
const REVIEW_DAYS: i64 = 10;
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Adds an entry for each address that it is about.
///
/// # Errors
/// `invalid_argument` for an entry that lacks what its kind needs; `invalid_value` for an address
/// that is no phone number; `not_found` for the lead; those of the store.
pub fn record(
    session: &Session,
    kind: ConsentKind,
    source: &str,
    options: &ConsentOptions,
) -> Result<Vec<ConsentEntry>> {
    check(kind, source, options)?;
    session.store.writing(|writer| {
        let addresses = addresses(writer, options.address.as_deref(), options.lead)?;
        let entries = new_entries(session, kind, source, options, &addresses);
        let first = audit::consent(session, writer, &entries)?;
        Ok((first..).zip(entries).map(|(id, entry)| ConsentEntry { id, ..entry }).collect())
    })
}

/// What is entered about some addresses; the store gives the ids.
fn new_entries(
    session: &Session,
    kind: ConsentKind,
    source: &str,
    options: &ConsentOptions,
    addresses: &[String],
) -> Vec<ConsentEntry> {
    let now = session.clock.now();
    let personal = matches!(kind, ConsentKind::Grant | ConsentKind::Asked);
    let review_by = options.review_by.unwrap_or(Timestamp(now.0 + REVIEW_DAYS * DAY));
    let entry = |address: &String| ConsentEntry {
        id: 0,
        at: now,
        kind,
        channel: options.channel,
        address: address.clone(),
        lead: options.lead,
        purpose: personal.then(|| options.purpose.unwrap_or_default()),
        source: source.to_string(),
        wording: options.wording.clone(),
        given_at: options.given_at.unwrap_or(now),
        proof: options.proof.clone(),
        review_by: (kind == ConsentKind::Suspected).then_some(review_by),
        actor: session.actor.clone(),
        reason: session.reason.clone(),
    };
    addresses.iter().map(entry).collect()
}

/// Refuses an entry that lacks what its kind needs.
fn check(kind: ConsentKind, source: &str, options: &ConsentOptions) -> Result<()> {
    let wrong = |field: &str, message: &str| {
        Err(Error::new(ErrorCode::InvalidArgument, message.to_string()).at_field(field))
    };
    let personal = matches!(kind, ConsentKind::Grant | ConsentKind::Asked);
    if source.trim().is_empty() {
        return wrong("source", "an entry says where it comes from");
    }
    if personal && options.lead.is_none() {
        return wrong("lead", "a grant is one person's: it names the lead");
    }
    if personal && options.wording.as_deref().is_none_or(|wording| wording.trim().is_empty()) {
        return wrong("wording", "a grant keeps the words that the person agreed to");
    }
    if !personal && options.purpose.is_some() {
        return wrong("purpose", "only grants and questions are for one purpose");
    }
    if kind != ConsentKind::Suspected && options.review_by.is_some() {
        return wrong("review_by", "only suspicions are looked at");
    }
    Ok(())
}

/// The numbers that an entry is about: the one given, or all of the lead's.
fn addresses(reader: &dyn Reader, address: Option<&str>, lead: Option<i64>) -> Result<Vec<String>> {
    let lead = lead.map(|id| known(reader, id)).transpose()?;
    match (address, lead) {
        (Some(address), lead) => Ok(vec![normal(address, lead.as_ref().and_then(|l| l.country.as_deref()))?]),
        (None, Some(lead)) => {
            let numbers: Vec<String> = lead.phone.into_iter().chain(lead.phones).collect();
            match numbers.is_empty() {
                true => Err(Error::new(ErrorCode::InvalidArgument, "this lead has no phone number")
                    .hint("give the address")
                    .at_field("address")),
                false => Ok(numbers),
            }
        }
        (None, None) => Err(Error::new(ErrorCode::InvalidArgument, "consent is about an address or a lead")
            .hint("give the address, the lead, or both")
            .at_field("address")),
    }
}

fn known(reader: &dyn Reader, id: i64) -> Result<Lead> {
    reader.lead(id)?.ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {id}")))
}

/// A number as the ledger keeps it.
///
/// # Errors
/// `invalid_value` for a text that is no phone number.
pub fn normal(address: &str, country: Option<&str>) -> Result<String> {
    let parsed = parse_phone(address, country);
    parsed.e164.filter(|_| parsed.possible).ok_or_else(|| {
        Error::new(ErrorCode::InvalidValue, "this is no phone number")
            .hint("write it with the country's code, such as +49 30 23125014")
            .at_field("address")
            .with_value(address)
    })
}

/// Answers whether somebody may be contacted.
///
/// # Errors
/// As [`record`].
pub fn status(session: &Session, question: &ConsentQuestion) -> Result<ConsentStatus> {
    session.whole.reading(|reader| {
        let address = match (&question.address, question.lead) {
            (None, Some(id)) => known(reader, id)?.phone,
            _ => None,
        };
        let address = match address {
            Some(address) => address,
            // One address at most: the lead's first, or the one given.
            None => addresses(reader, question.address.as_deref(), question.lead)?.swap_remove(0),
        };
        check_keys(&session.keys, reader)?;
        let entries = entries(&session.keys, reader, &[&address])?;
        let contact = Contact {
            address: &address,
            lead: question.lead,
            channel: question.channel.unwrap_or(Channel::Sms),
            purpose: question.purpose.unwrap_or_default(),
        };
        Ok(decide(&entries, contact, session.clock.now()))
    })
}

/// What fingerprints of addresses are made for.
pub const ADDRESS: &str = "address";

/// How the ledger names an address of which only a fingerprint is left.
pub fn erased_address(fingerprint: &Fingerprint) -> String {
    format!("{ERASED}{}:{}", fingerprint.key_id, fingerprint.mac)
}

/// What such a name begins with; no address does.
pub(super) const ERASED: &str = "fp:";

/// All entries about some addresses, in the order of entry, those that know an address only by its
/// fingerprint included: they are given with the address.
///
/// # Errors
/// Those of the store.
pub fn entries(keys: &Keys, reader: &dyn Reader, addresses: &[&str]) -> Result<Vec<ConsentEntry>> {
    if keys.is_empty() {
        return reader.consent(addresses);
    }
    let mut names: HashMap<String, &str> = HashMap::new();
    for address in addresses {
        let marks = keys.fingerprints(ADDRESS, address);
        names.extend(marks.iter().map(|mark| (erased_address(mark), *address)));
    }
    let all: Vec<&str> = addresses.iter().copied().chain(names.keys().map(String::as_str)).collect();
    let mut found = reader.consent(&all)?;
    for entry in &mut found {
        if let Some(address) = names.get(&entry.address) {
            entry.address = address.to_string();
        }
    }
    Ok(found)
}

/// Refuses to decide on anybody while fingerprints stand in the ledger whose keys are not there: whoever
/// they block could not be recognised.
///
/// # Errors
/// `key_missing`; those of the store.
pub fn check_keys(keys: &Keys, reader: &dyn Reader) -> Result<()> {
    match reader.erasure_keys()?.into_iter().find(|id| !keys.has(id)) {
        None => Ok(()),
        Some(id) => Err(Error::new(
            ErrorCode::KeyMissing,
            format!("erased people are known by fingerprints of the key `{id}`, which was not given"),
        )
        .hint("open the database with keys= that has it")
        .at_field("keys")),
    }
}

/// Whether an address is blocked for text messages or for calls, whoever has it.
pub fn is_blocked(entries: &[ConsentEntry], address: &str, now: Timestamp) -> bool {
    Channel::ALL.into_iter().any(|channel| {
        let contact = Contact { address, lead: None, channel, purpose: Purpose::Informational };
        decide(entries, contact, now).code.is_some()
    })
}

/// Entries, the newest first; of an address also those that know it by its fingerprint.
///
/// # Errors
/// Those of the store.
pub fn history(session: &Session, query: &ConsentQuery) -> Result<Vec<ConsentEntry>> {
    session.store.reading(|reader| {
        let Some(address) = &query.address else { return reader.consent_entries(query) };
        let mut found = entries(&session.keys, reader, &[address])?;
        found.retain(|entry| {
            query.lead.is_none_or(|lead| entry.lead == Some(lead))
                && query.before.is_none_or(|id| entry.id < id)
        });
        found.reverse();
        found.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
        Ok(found)
    })
}

/// A contact that somebody would make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contact<'a> {
    /// The number in E.164.
    pub address: &'a str,
    /// The lead; without one there is no grant.
    pub lead: Option<i64>,
    /// By which channel.
    pub channel: Channel,
    /// What for.
    pub purpose: Purpose,
}

/// Decides by the entries about an address, in the order of entry.
///
/// A withdrawal and a wrong number hold for the address, whoever has it, until they are lifted or
/// cleared, and end the grants that were given before. A grant holds for one address, channel, lead
/// and purpose: a lead that another one was merged into has not got it.
pub fn decide(entries: &[ConsentEntry], contact: Contact<'_>, now: Timestamp) -> ConsentStatus {
    let (mut withdrawn, mut suspected, mut wrong, mut grant) = (None, None, None, None);
    // Consent given before the last refusal is gone, whenever it was entered.
    let mut refused_at = None;
    let about = |entry: &&ConsentEntry| {
        entry.address == contact.address && entry.channel.is_none_or(|channel| channel == contact.channel)
    };
    for entry in entries.iter().filter(about) {
        overdue(&mut suspected, &mut withdrawn, &mut refused_at, entry.at);
        match entry.kind {
            ConsentKind::Withdrawal => {
                withdrawn = Some(entry);
                refused_at = refused_at.max(Some(entry.given_at.min(entry.at)));
            }
            ConsentKind::WrongNumber => {
                wrong = Some(entry);
                refused_at = refused_at.max(Some(entry.at));
            }
            // The first one: a second message does not give it more time.
            ConsentKind::Suspected => suspected = suspected.or(Some(entry)),
            ConsentKind::Lift => (withdrawn, suspected) = (None, None),
            ConsentKind::Cleared => (suspected, wrong) = (None, None),
            ConsentKind::Grant if entry.lead == contact.lead && entry.purpose == Some(contact.purpose) => {
                grant = Some(entry);
            }
            ConsentKind::Grant | ConsentKind::Asked => {}
        }
    }
    overdue(&mut suspected, &mut withdrawn, &mut refused_at, now);
    let grant = grant.filter(|grant| refused_at.is_none_or(|at| grant.given_at.min(grant.at) > at));
    let (code, entry) = match (withdrawn, suspected, wrong, grant) {
        (Some(entry), ..) => (Some(ConsentCode::OptedOut), Some(entry)),
        (_, Some(entry), ..) => (Some(ConsentCode::UnderReview), Some(entry)),
        (_, _, Some(entry), _) => (Some(ConsentCode::WrongNumber), Some(entry)),
        (.., Some(grant)) => (None, Some(grant)),
        (.., None) if contact.purpose == Purpose::Marketing => (Some(ConsentCode::NoConsent), None),
        _ => (None, None),
    };
    ConsentStatus {
        allowed: code.is_none(),
        code,
        address: contact.address.to_string(),
        lead: contact.lead,
        channel: contact.channel,
        purpose: contact.purpose,
        entry: entry.cloned(),
    }
}

/// A suspicion that nobody looked at in time is a withdrawal from then on.
fn overdue<'a>(
    suspected: &mut Option<&'a ConsentEntry>,
    withdrawn: &mut Option<&'a ConsentEntry>,
    refused_at: &mut Option<Timestamp>,
    now: Timestamp,
) {
    if let Some(entry) = suspected.take_if(|entry| entry.review_by.is_some_and(|until| until <= now)) {
        *withdrawn = withdrawn.or(Some(entry));
        *refused_at = (*refused_at).max(Some(entry.at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "+493023125014";

    fn entry(id: i64, kind: ConsentKind) -> ConsentEntry {
        ConsentEntry {
            id,
            at: Timestamp(id * DAY),
            kind,
            channel: None,
            address: ADDRESS.into(),
            lead: (kind == ConsentKind::Grant).then_some(1),
            purpose: (kind == ConsentKind::Grant).then_some(Purpose::Marketing),
            source: "test".into(),
            wording: None,
            given_at: Timestamp(id * DAY),
            proof: None,
            review_by: (kind == ConsentKind::Suspected).then_some(Timestamp((id + 10) * DAY)),
            actor: None,
            reason: None,
        }
    }

    fn contact() -> Contact<'static> {
        Contact { address: ADDRESS, lead: Some(1), channel: Channel::Sms, purpose: Purpose::Marketing }
    }

    /// The answer on a day, after entries of these kinds, one a day.
    fn after(kinds: &[ConsentKind], day: i64) -> Option<ConsentCode> {
        let entries: Vec<ConsentEntry> = (1..).zip(kinds).map(|(day, kind)| entry(day, *kind)).collect();
        decide(&entries, contact(), Timestamp(day * DAY)).code
    }

    #[test]
    fn what_was_said_last_counts() {
        use ConsentCode::{NoConsent, OptedOut, UnderReview, WrongNumber as Wrong};
        use ConsentKind::{Asked, Cleared, Grant, Lift, Suspected, Withdrawal, WrongNumber};
        for (kinds, wanted) in [
            (&[][..], Some(NoConsent)),
            (&[Asked], Some(NoConsent)),
            (&[Grant], None),
            (&[Grant, Withdrawal], Some(OptedOut)),
            // START lifts a block and grants nothing, nor does it bring back what was granted before.
            (&[Grant, Withdrawal, Lift], Some(NoConsent)),
            (&[Withdrawal, Grant], Some(OptedOut)),
            (&[Withdrawal, Lift, Grant], None),
            (&[Withdrawal, Grant, Lift], None),
            (&[Grant, WrongNumber], Some(Wrong)),
            (&[Grant, WrongNumber, Lift], Some(Wrong)),
            (&[Grant, WrongNumber, Cleared], Some(NoConsent)),
            (&[Grant, Suspected], Some(UnderReview)),
            (&[Grant, Suspected, Cleared], None),
            (&[Withdrawal, Cleared], Some(OptedOut)),
        ] {
            assert_eq!(after(kinds, 8), wanted, "{kinds:?}");
        }
    }

    #[test]
    fn a_suspicion_that_nobody_looked_at_is_a_withdrawal() {
        use ConsentKind::{Cleared, Grant, Lift, Suspected};
        assert_eq!(after(&[Grant, Suspected], 11), Some(ConsentCode::UnderReview));
        assert_eq!(after(&[Grant, Suspected], 12), Some(ConsentCode::OptedOut));
        // A second one gives no more time, and whoever looks too late changes nothing.
        assert_eq!(after(&[Grant, Suspected, Suspected], 12), Some(ConsentCode::OptedOut));
        let mut late = vec![entry(1, Grant), entry(2, Suspected), entry(13, Cleared)];
        assert_eq!(decide(&late, contact(), Timestamp(14 * DAY)).code, Some(ConsentCode::OptedOut));
        late.push(entry(15, Lift));
        assert_eq!(decide(&late, contact(), Timestamp(16 * DAY)).code, Some(ConsentCode::NoConsent));
    }

    #[test]
    fn a_grant_is_for_one_address_channel_person_and_purpose() {
        let grant = ConsentEntry { channel: Some(Channel::Sms), ..entry(1, ConsentKind::Grant) };
        let allowed = |contact| decide(std::slice::from_ref(&grant), contact, Timestamp(9 * DAY)).allowed;
        assert!(allowed(contact()));
        assert!(!allowed(Contact { lead: Some(2), ..contact() }));
        assert!(!allowed(Contact { lead: None, ..contact() }));
        assert!(!allowed(Contact { channel: Channel::Voice, ..contact() }));
        assert!(!allowed(Contact { address: "+493023125015", ..contact() }));
        assert!(allowed(Contact { purpose: Purpose::Informational, lead: None, ..contact() }));
    }

    #[test]
    fn old_consent_entered_late_is_not_new_consent() {
        let old = ConsentEntry { given_at: Timestamp(DAY), ..entry(5, ConsentKind::Grant) };
        let entries = [entry(2, ConsentKind::Withdrawal), entry(3, ConsentKind::Lift), old];
        assert_eq!(decide(&entries, contact(), Timestamp(9 * DAY)).code, Some(ConsentCode::NoConsent));
    }

    #[test]
    fn a_withdrawal_of_one_channel_leaves_the_other() {
        let stop = ConsentEntry { channel: Some(Channel::Sms), ..entry(2, ConsentKind::Withdrawal) };
        let call = Contact { channel: Channel::Voice, ..contact() };
        let entries = [entry(1, ConsentKind::Grant), stop];
        assert!(decide(&entries, call, Timestamp(9 * DAY)).allowed);
        assert_eq!(decide(&entries, contact(), Timestamp(9 * DAY)).code, Some(ConsentCode::OptedOut));
    }
}
