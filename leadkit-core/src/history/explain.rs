//! Everything that is known of a lead, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::timeline::family;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::consent::entries;
use crate::ledger::edit::changes_of;
use crate::ledger::permission::{Terms, Verdict, refusal};
use crate::ledger::{Session, field_names};
use crate::model::calls::CallDetails;
use crate::model::communication::Communication;
use crate::model::consent::{Channel, ConsentEntry, Purpose};
use crate::model::explanation::{
    ContactPermission, ContactSummary, EarlierValue, ExplainOptions, FieldExplanation, KnownIssue,
    LeadExplanation, PermissionDecision, ValueOrigin,
};
use crate::model::field::{CustomField, Field, FieldKind, FieldName};
use crate::model::lead::{Lead, LeadChange};
use crate::model::operation::{Operation, OperationKind};
use crate::model::transport::Direction;
use crate::store::{HistoryQuery, Reader};
use crate::validate::{Draft, Rules};

/// Contacts that are shown when the caller does not say.
const NEWEST: u64 = 10;
/// Contacts read at once.
const AT_ONCE: u64 = 1_000;
/// Entries of the consent ledger that are shown.
const ENTRIES: usize = 1_000;

/// Explains a lead: where its values came from, what contact there was, and what is allowed now. Deleted
/// leads and merged ones are explained too.
///
/// # Errors
/// `not_found`; `key_missing` where erased people could not be recognised; those of the store.
pub fn explain(session: &Session, id: i64, options: &ExplainOptions) -> Result<LeadExplanation> {
    let now = session.clock.now();
    let explanation = session.whole.reading(|reader| {
        let lead = reader
            .lead(id)?
            .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {id}")))?;
        let custom = reader.custom_fields()?;
        let changes = changes_of(reader, &lead)?;
        let merged = reader.leads(&reader.merged_into(id)?)?;
        let origins = Origins::of(reader, &merged, &changes)?;
        let terms = Terms::of(reader, &session.keys)?;
        let consent = consent(session, reader, &lead)?;
        let rules = Rules::with_statuses(custom.clone(), reader.statuses()?);
        Ok(LeadExplanation {
            lead: id,
            name: lead.display_name(),
            at: now,
            rev: lead.rev,
            created_at: lead.created_at,
            updated_at: lead.updated_at,
            deleted_at: lead.deleted_at,
            merged_into: lead.merged_into,
            merged: merged.iter().map(|lead| lead.id).collect(),
            complete: changes.last().is_some_and(|change| change.created),
            fields: fields(&lead, &changes, &custom, &origins),
            issues: issues(&rules, &lead),
            contacts: contacts(reader, id, options)?,
            sending: terms.settings.sending,
            permissions: permissions(reader, &terms, &lead, &consent, now)?,
            consent,
        })
    })?;
    session.shown(explanation)
}

/// What commits were, and what was merged into the lead by them.
struct Origins<'a> {
    operations: BTreeMap<i64, Operation>,
    merged: &'a [Lead],
}

impl Origins<'_> {
    fn of<'a>(reader: &dyn Reader, merged: &'a [Lead], changes: &[LeadChange]) -> Result<Origins<'a>> {
        let mut operations = BTreeMap::new();
        for id in changes.iter().map(|change| change.operation_id).collect::<BTreeSet<_>>() {
            if let Some(stored) = reader.operation(id)? {
                operations.insert(id, stored.operation);
            }
        }
        Ok(Origins { operations, merged })
    }

    /// What put a value there.
    fn origin(&self, change: &LeadChange, field: &str, value: &Value) -> ValueOrigin {
        let operation = self.operations.get(&change.operation_id);
        let from_lead = match change.kind {
            OperationKind::BulkMerge => self.merged.iter().find(|lead| gave(lead, change, field, value)),
            _ => None,
        };
        ValueOrigin {
            at: change.at,
            rev: change.rev,
            operation_id: change.operation_id,
            kind: change.kind,
            name: operation.and_then(|operation| operation.name.clone()),
            file: operation
                .filter(|operation| operation.kind == OperationKind::Import)
                .and_then(|operation| operation.file.clone()),
            actor: change.actor.clone(),
            reason: change.reason.clone(),
            from_lead: from_lead.map(|lead| lead.id),
        }
    }
}

/// Whether a lead that was merged away in a commit has a value, or a part of a list that is new in it.
fn gave(lead: &Lead, change: &LeadChange, field: &str, value: &Value) -> bool {
    let Ok(name) = FieldName::parse(field) else { return false };
    let mut theirs = lead.value(&name);
    // What stood first there is a further one here.
    let first = match field {
        "emails" => lead.email.as_deref(),
        "phones" => lead.phone.as_deref(),
        _ => None,
    };
    if let (Value::Array(theirs), Some(first)) = (&mut theirs, first) {
        theirs.push(first.into());
    }
    let before = change.fields.get(field).and_then(|change| change.before.as_array());
    lead.rev == change.rev
        && match (&theirs, value) {
            (Value::Array(theirs), Value::Array(now)) => theirs
                .iter()
                .any(|one| now.contains(one) && before.is_none_or(|before| !before.contains(one))),
            (theirs, value) => theirs == value,
        }
}

fn fields(
    lead: &Lead,
    changes: &[LeadChange],
    custom: &[CustomField],
    origins: &Origins<'_>,
) -> Vec<FieldExplanation> {
    let emptied = changes.iter().flat_map(|change| change.fields.keys());
    let emptied = emptied.filter_map(|name| FieldName::parse(name).ok());
    // In the order of files: standard fields, then custom ones by key.
    let all: BTreeSet<FieldName> = field_names(lead).chain(emptied).collect();
    // When it came and changed stands at the top.
    let told = |field: &FieldName| !matches!(field, FieldName::Standard(Field::CreatedAt | Field::UpdatedAt));
    let explained = |field: FieldName| {
        let name = field.name().into_owned();
        let earlier = changes.iter().filter_map(|change| Some((change, change.fields.get(&name)?)));
        let mut earlier = earlier.peekable();
        let value = if lead.is_empty(&field) { Value::Null } else { lead.value(&field) };
        let origin = earlier.peek().map(|(change, _)| origins.origin(change, &name, &value));
        let mut before = Vec::new();
        while let Some((change, values)) = earlier.next() {
            if is_nothing(&values.before) {
                continue;
            }
            let origin = earlier.peek().map(|(older, _)| origins.origin(older, &name, &values.before));
            before.push(EarlierValue { value: values.before.clone(), origin, until: change.at });
        }
        let known = !value.is_null() || !before.is_empty();
        known.then(|| FieldExplanation {
            label: label(&field, custom),
            original: lead.original.get(&name).cloned(),
            field: name,
            value,
            origin,
            earlier: before,
        })
    };
    all.into_iter().filter(told).filter_map(explained).collect()
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn label(field: &FieldName, custom: &[CustomField]) -> String {
    match field {
        FieldName::Standard(field) => field.label().to_string(),
        FieldName::Custom(key) => {
            custom.iter().find(|field| field.key == *key).map_or(key, |field| &field.label).clone()
        }
    }
}

/// What the rules of imports notice about the values as they are.
fn issues(rules: &Rules, lead: &Lead) -> Vec<KnownIssue> {
    let mut draft = Draft::default();
    let noticed =
        |field: &&Field| !matches!(field.kind(), FieldKind::Timestamp | FieldKind::Number | FieldKind::Tags);
    // Numbers are read by the country, which goes first.
    let country = [Field::Country].into_iter();
    let others = Field::ALL.iter().filter(noticed).copied().filter(|field| *field != Field::Country);
    for field in country.chain(others) {
        let texts = lead.text(field).into_iter().chain(lead.list(field).iter().map(String::as_str));
        for text in texts {
            rules.read(&FieldName::Standard(field), text, &mut draft);
        }
    }
    let known = |issue: crate::model::issue::Issue| KnownIssue {
        code: issue.code,
        severity: issue.severity,
        field: issue.field.map(|field| field.into_owned()),
        message: issue.message.into_owned(),
    };
    draft.issues.into_iter().map(known).collect()
}

/// All contacts counted, and the newest of them. A lead has few.
fn contacts(reader: &dyn Reader, lead: i64, options: &ExplainOptions) -> Result<ContactSummary> {
    let newest = if options.contacts == 0 { NEWEST } else { options.contacts };
    let mut summary = ContactSummary::default();
    let mut query = HistoryQuery { leads: family(reader, lead)?, limit: AT_ONCE, ..HistoryQuery::default() };
    loop {
        let page = reader.history(&query)?;
        let Some((last, _)) = page.last() else { return Ok(summary) };
        query.before = Some(*last);
        for (_, contact) in page {
            summary.total += 1;
            summary.last_at = summary.last_at.or(Some(contact.at));
            summary.first_at = Some(contact.at);
            let by = summary.counts.entry(contact.channel.as_str().to_string()).or_default();
            *by.entry(contact.direction.as_str().to_string()).or_default() += 1;
            if (summary.newest.len() as u64) < newest {
                summary.newest.push(contact);
            }
        }
    }
}

/// What the ledger says of the lead's numbers, the newest first.
fn consent(session: &Session, reader: &dyn Reader, lead: &Lead) -> Result<Vec<ConsentEntry>> {
    let numbers: Vec<&str> = lead.phone.iter().chain(&lead.phones).map(String::as_str).collect();
    let mut entries = entries(&session.keys, reader, &numbers)?;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    entries.truncate(ENTRIES);
    Ok(entries)
}

/// What `dispatch` would decide on a message or call of each kind.
fn permissions(
    reader: &dyn Reader,
    terms: &Terms,
    lead: &Lead,
    consent: &[ConsentEntry],
    now: Timestamp,
) -> Result<Vec<ContactPermission>> {
    const WAYS: [(Channel, bool); 3] =
        [(Channel::Sms, false), (Channel::Voice, false), (Channel::Voice, true)];
    const PURPOSES: [Purpose; 2] = [Purpose::Marketing, Purpose::Informational];
    let mut all = Vec::new();
    for (channel, announcement) in WAYS {
        for purpose in PURPOSES {
            let (decision, refusal, next_at, until, evidence) = match &lead.phone {
                Some(phone) => {
                    let message = contact(lead, phone, channel, announcement, purpose);
                    decided(terms.verdict(reader, &message, now)?, now)
                }
                None => {
                    let no = refusal("no_number", "the lead has no phone number", "give it one");
                    (PermissionDecision::Refused, Some(no), None, None, Value::Null)
                }
            };
            let entry = evidence["consent"].as_i64();
            all.push(ContactPermission {
                channel,
                purpose,
                announcement,
                address: lead.phone.clone(),
                decision,
                refusal,
                next_at,
                until,
                entry: consent.iter().find(|known| Some(known.id) == entry).cloned(),
                evidence,
            });
        }
    }
    Ok(all)
}

/// A message or call that nobody makes: a person's call is told from an announcement by its agent.
fn contact(
    lead: &Lead,
    phone: &str,
    channel: Channel,
    announcement: bool,
    purpose: Purpose,
) -> Communication {
    let agent = (!announcement).then(String::new);
    let call = (channel == Channel::Voice).then(|| CallDetails { agent, ..CallDetails::default() });
    Communication {
        lead: Some(lead.id),
        purpose: Some(purpose),
        call,
        ..Communication::new(channel, Direction::Outbound, phone.to_string())
    }
}

type Decided = (
    PermissionDecision,
    Option<crate::model::communication::SendRefusal>,
    Option<Timestamp>,
    Option<Timestamp>,
    Value,
);

fn decided(verdict: Verdict, now: Timestamp) -> Decided {
    match verdict {
        Verdict::Send { legal_until, evidence } => {
            (PermissionDecision::Allowed, None, None, legal_until, evidence)
        }
        Verdict::Wait { until, refusal, evidence } => {
            // What waits for a switch says now: nobody knows when it will be turned.
            let next = until.filter(|until| *until > now);
            (PermissionDecision::Waits, Some(refusal), next, None, evidence)
        }
        Verdict::Refuse { refusal, evidence } => {
            (PermissionDecision::Refused, Some(refusal), None, None, evidence)
        }
    }
}
