//! What the rows say about consent, into the ledger: a withdrawal always, a grant only where the
//! options say to what the people agreed.

use std::collections::HashMap;

use super::plan::Prepared;
use super::tally::Tally;
use super::target::Target;
use crate::clean::{Cleaner, RowConsent, Said};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ledger::Session;
use crate::ledger::consent::{Contact, decide};
use crate::model::consent::{Channel, ConsentEntry, ConsentKind, ImportConsent};
use crate::model::issue::{Issue, IssueCode};
use crate::model::options::ImportOptions;

/// Collects what the rows of a batch say, and enters it in the batch's transaction. The ledger is asked
/// once a batch.
pub(super) struct Book {
    consent: Option<ImportConsent>,
    file: Option<String>,
    actor: Option<String>,
    reason: Option<String>,
    /// For the names of columns.
    cleaner: Cleaner,
    rows: Vec<BookedRow>,
}

/// What a row says, and which lead it became; none for a row that was rejected or skipped.
struct BookedRow {
    line: u64,
    lead: Option<i64>,
    said: RowConsent,
}

impl Book {
    pub(super) fn new(session: &Session, prepared: &Prepared, options: &ImportOptions) -> Self {
        Book {
            consent: options.consent.clone(),
            file: prepared.input.name.clone(),
            actor: session.actor.clone(),
            reason: session.reason.clone(),
            cleaner: prepared.cleaner.clone(),
            rows: Vec::new(),
        }
    }

    /// Takes a row, and notes what of it can have no effect.
    pub(super) fn note(
        &mut self,
        line: u64,
        mut said: RowConsent,
        lead: Option<i64>,
        issues: &mut Vec<Issue>,
    ) {
        if self.consent.is_none() {
            issues.extend(said.agreed.drain(..).map(|said| self.issue(IssueCode::OptInNotGranted, &said)));
        }
        if said.phones.is_empty() {
            let all = said.refused.iter().chain(&said.agreed);
            issues.extend(all.map(|said| self.issue(IssueCode::ConsentWithoutPhone, said)));
        } else if !said.refused.is_empty() || !said.agreed.is_empty() {
            self.rows.push(BookedRow { line, lead, said });
        }
    }

    /// Enters what the rows say, in their order: a refusal before what the same row agrees to.
    pub(super) fn enter(&mut self, target: &mut Target<'_>, tally: &mut Tally, now: Timestamp) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        let mut addresses: Vec<&str> =
            rows.iter().flat_map(|row| &row.said.phones).map(String::as_str).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let mut ledger: HashMap<String, Vec<ConsentEntry>> = HashMap::new();
        for entry in target.consent(&addresses)? {
            ledger.entry(entry.address.clone()).or_default().push(entry);
        }
        let mut new: Vec<ConsentEntry> = Vec::new();
        for row in &rows {
            for phone in &row.said.phones {
                let entries = ledger.entry(phone.clone()).or_default();
                for said in &row.said.refused {
                    let channels = unsaid(entries, said.channel);
                    tally.consent.known += u64::from(channels.is_empty());
                    tally.consent.withdrawn += channels.len() as u64;
                    for channel in channels {
                        let entry = self.withdrawal(phone, channel, row, said, target.operation(), now);
                        entries.push(entry.clone());
                        new.push(entry);
                    }
                }
            }
            let (Some(consent), Some(lead)) = (&self.consent, row.lead) else { continue };
            for said in &row.said.agreed {
                let mut blocked = false;
                for phone in &row.said.phones {
                    let entries = ledger.entry(phone.clone()).or_default();
                    let grant = self.grant(consent, phone, lead, row, said, target.operation(), now);
                    let channels = effective(entries, &grant, now);
                    blocked |= channels.is_empty();
                    for channel in channels {
                        let entry = ConsentEntry { channel, ..grant.clone() };
                        if entries.iter().any(|known| is_same_grant(known, &entry)) {
                            continue;
                        }
                        tally.consent.granted += 1;
                        entries.push(entry.clone());
                        new.push(entry);
                    }
                }
                if blocked {
                    tally.note(row.line, &[self.issue(IssueCode::OptInBlocked, said)]);
                }
            }
        }
        target.add_consent(&new)
    }

    fn issue(&self, code: IssueCode, said: &Said) -> Issue {
        self.cleaner.consent_issue(code, said.column, said.target).value(said.text.as_str())
    }

    fn withdrawal(
        &self,
        phone: &str,
        channel: Option<Channel>,
        row: &BookedRow,
        said: &Said,
        operation: Option<i64>,
        now: Timestamp,
    ) -> ConsentEntry {
        let column = self.cleaner.plan().columns().get(said.column);
        let column = column.map_or(said.target.name(), |column| column.column.as_str());
        ConsentEntry {
            id: 0,
            at: now,
            kind: ConsentKind::Withdrawal,
            channel,
            address: phone.to_string(),
            lead: row.lead,
            purpose: None,
            source: self.source(operation),
            wording: Some(format!("{column}: {}", said.text)),
            given_at: now,
            proof: Some(format!("line {}", row.line)),
            review_by: None,
            actor: self.actor.clone(),
            reason: self.reason.clone(),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one entry")]
    fn grant(
        &self,
        consent: &ImportConsent,
        phone: &str,
        lead: i64,
        row: &BookedRow,
        said: &Said,
        operation: Option<i64>,
        now: Timestamp,
    ) -> ConsentEntry {
        let line = || format!("{}, line {}", self.source(operation), row.line);
        ConsentEntry {
            id: 0,
            at: now,
            kind: ConsentKind::Grant,
            channel: said.channel,
            address: phone.to_string(),
            lead: Some(lead),
            purpose: Some(consent.purpose),
            source: consent.source.clone(),
            wording: Some(consent.wording.clone()),
            given_at: consent.given_at,
            proof: Some(consent.proof.clone().unwrap_or_else(line)),
            review_by: None,
            actor: self.actor.clone(),
            reason: self.reason.clone(),
        }
    }

    /// The import by its number and its file: `import 12 of leads.csv`.
    fn source(&self, operation: Option<i64>) -> String {
        let import = match operation {
            Some(id) => format!("import {id}"),
            None => "import".to_string(),
        };
        match &self.file {
            Some(file) => format!("{import} of {file}"),
            None => import,
        }
    }
}

/// The channels of a refusal for which the ledger's last word is none: all in one, or one by one.
///
/// A grant that came after a refusal does not lift it, and yet a new refusal is news then: it ends the
/// grant for the day when the older one is lifted.
fn unsaid(entries: &[ConsentEntry], channel: Option<Channel>) -> Vec<Option<Channel>> {
    let is_unsaid = |channel: Channel| {
        let about = |entry: &&ConsentEntry| entry.channel.is_none_or(|other| other == channel);
        let last =
            entries.iter().rev().filter(about).map(|entry| entry.kind).find(|kind| {
                matches!(kind, ConsentKind::Withdrawal | ConsentKind::Lift | ConsentKind::Grant)
            });
        last != Some(ConsentKind::Withdrawal)
    };
    each_or_all(channel, is_unsaid)
}

/// The channels for which a grant would count: those that nothing blocks, with no refusal since it was
/// given. A grant that cannot count is not entered, so that no later lift wakes it up.
fn effective(entries: &[ConsentEntry], grant: &ConsentEntry, now: Timestamp) -> Vec<Option<Channel>> {
    let mut with: Vec<ConsentEntry> = entries.to_vec();
    with.push(grant.clone());
    each_or_all(grant.channel, |channel| {
        let purpose = grant.purpose.unwrap_or_default();
        let contact = Contact { address: &grant.address, lead: grant.lead, channel, purpose };
        decide(&with, contact, now).entry.as_ref() == Some(grant)
    })
}

/// Of the channels meant those that hold: as one where all do.
fn each_or_all(channel: Option<Channel>, holds: impl Fn(Channel) -> bool) -> Vec<Option<Channel>> {
    let meant = Channel::ALL.iter().copied().filter(|c| channel.is_none_or(|channel| channel == *c));
    let (hold, not): (Vec<Channel>, Vec<Channel>) = meant.partition(|channel| holds(*channel));
    match not.is_empty() {
        true => vec![channel],
        false => hold.into_iter().map(Some).collect(),
    }
}

/// The same consent, whenever it was entered.
fn is_same_grant(known: &ConsentEntry, entry: &ConsentEntry) -> bool {
    known.kind == ConsentKind::Grant
        && known.lead == entry.lead
        && known.purpose == entry.purpose
        && known.source == entry.source
        && known.wording == entry.wording
        && known.given_at == entry.given_at
        && known.channel.is_none_or(|channel| Some(channel) == entry.channel)
}
