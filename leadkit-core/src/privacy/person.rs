//! Who is meant: the leads, the numbers and the contacts that are one person.

use std::collections::BTreeSet;

use crate::error::{Error, ErrorCode, Result};
use crate::history::family;
use crate::ledger::Session;
use crate::ledger::consent::normal;
use crate::model::communication::Communication;
use crate::model::consent::ConsentEntry;
use crate::model::filter::Filter;
use crate::model::lead::Lead;
use crate::model::privacy::PersonOptions;
use crate::normalize::normalize_email;
use crate::store::{CommunicationQuery, ConsentQuery, HistoryQuery, Query, Reader};

/// An address as leads have it.
pub(super) enum Address {
    /// In lower case.
    Email(String),
    /// In E.164.
    Phone(String),
}

/// Whom a call names, checked.
pub(super) struct Asked {
    lead: Option<i64>,
    address: Option<(Address, Query)>,
}

/// The leads and addresses of one person.
#[derive(Default)]
pub(super) struct Person {
    /// By id, deleted and merged ones included.
    pub leads: Vec<Lead>,
    /// Its phone numbers.
    pub phones: BTreeSet<String>,
    /// Its email addresses.
    pub emails: BTreeSet<String>,
}

impl Asked {
    /// # Errors
    /// `invalid_argument` unless a lead or an address is given; `invalid_value` for an address that is none.
    pub fn new(session: &Session, options: &PersonOptions) -> Result<Asked> {
        let address = options.address.as_deref().map(|text| address(session, text)).transpose()?;
        if options.lead.is_none() && address.is_none() {
            return Err(Error::new(ErrorCode::InvalidArgument, "nobody is named")
                .hint("give the lead, or an address")
                .at_field("lead"));
        }
        Ok(Asked { lead: options.lead, address })
    }

    /// # Errors
    /// `not_found` when nothing at all is stored about whoever is meant.
    pub fn find(&self, reader: &dyn Reader) -> Result<Person> {
        let mut ids = BTreeSet::new();
        if let Some(lead) = self.lead {
            ids.extend(family(reader, lead)?);
        }
        let mut person = Person::default();
        if let Some((address, query)) = &self.address {
            let mut with = Vec::new();
            reader.each_lead(query, &mut |lead| {
                with.push(lead.id);
                Ok(true)
            })?;
            for lead in with {
                ids.extend(family(reader, lead)?);
            }
            match address {
                Address::Email(email) => person.emails.insert(email.clone()),
                Address::Phone(phone) => person.phones.insert(phone.clone()),
            };
        }
        person.add(reader.leads(&ids.into_iter().collect::<Vec<_>>())?);
        if person.leads.is_empty()
            && person.contacts(reader)?.is_empty()
            && person.consent(reader)?.is_empty()
        {
            return Err(Error::new(ErrorCode::NotFound, "nothing is stored about this address"));
        }
        Ok(person)
    }
}

impl Person {
    /// Some leads with their addresses.
    pub fn of(leads: Vec<Lead>) -> Person {
        let mut person = Person::default();
        person.add(leads);
        person
    }

    fn add(&mut self, leads: Vec<Lead>) {
        for lead in &leads {
            self.phones.extend(lead.phone.iter().chain(&lead.phones).cloned());
            self.emails.extend(lead.email.iter().chain(&lead.emails).map(|email| email.to_lowercase()));
        }
        self.leads.extend(leads);
    }

    /// The leads' ids.
    pub fn ids(&self) -> Vec<i64> {
        self.leads.iter().map(|lead| lead.id).collect()
    }

    /// Every contact with the leads, and those of the addresses that belong to no lead; the newest first.
    pub fn contacts(&self, reader: &dyn Reader) -> Result<Vec<Communication>> {
        let mut found = Vec::new();
        if !self.leads.is_empty() {
            let query = HistoryQuery {
                leads: self.ids(),
                corrected: true,
                limit: u64::MAX,
                ..HistoryQuery::default()
            };
            found.extend(reader.history(&query)?.into_iter().map(|(_, contact)| contact));
        }
        for address in self.phones.iter().chain(&self.emails) {
            let query =
                CommunicationQuery { address: Some(address.clone()), limit: u64::MAX, ..Default::default() };
            found.extend(reader.communications(&query)?.into_iter().filter(|contact| contact.lead.is_none()));
        }
        found.sort_by_key(|contact| std::cmp::Reverse((contact.at, contact.id)));
        Ok(found)
    }

    /// What the consent ledger holds about the numbers and the leads, in the order of entry.
    pub fn consent(&self, reader: &dyn Reader) -> Result<Vec<ConsentEntry>> {
        let phones: Vec<&str> = self.phones.iter().map(String::as_str).collect();
        let mut entries = reader.consent(&phones)?;
        for lead in self.ids() {
            let query = ConsentQuery { lead: Some(lead), limit: u64::MAX, ..ConsentQuery::default() };
            entries.extend(reader.consent_entries(&query)?);
        }
        entries.sort_by_key(|entry| entry.id);
        entries.dedup_by_key(|entry| entry.id);
        Ok(entries)
    }
}

/// Reads an address, and makes the query for leads that have it.
fn address(session: &Session, text: &str) -> Result<(Address, Query)> {
    let (address, field, list) = match text.contains('@') {
        true => {
            let wrong = || {
                Error::new(ErrorCode::InvalidValue, "this is no email address")
                    .at_field("address")
                    .with_value(text)
            };
            let email = normalize_email(text).address.ok_or_else(wrong)?.to_lowercase();
            (Address::Email(email), "email", "emails")
        }
        false => (Address::Phone(normal(text, None)?), "phone", "phones"),
    };
    let (Address::Email(value) | Address::Phone(value)) = &address;
    let filter = Filter::field(field).eq(value.clone()).or(Filter::field(list).has(value.clone()));
    let query = session.query(&filter, &[], true)?;
    Ok((address, query))
}
