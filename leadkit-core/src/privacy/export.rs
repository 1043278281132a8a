//! Everything about a person, for the person.

use std::collections::BTreeSet;

use serde_json::json;

use super::hold;
use super::person::Asked;
use crate::error::Result;
use crate::ledger::consent::entries;
use crate::ledger::{Session, audit};
use crate::model::audit::AuditKind;
use crate::model::privacy::{PersonContact, PersonExport, PersonHistory, PersonOptions, PersonSource};

/// Reads all that is stored about a person.
///
/// # Errors
/// `invalid_argument`, `invalid_value`, `not_found`; those of the store.
pub fn export(session: &Session, who: &PersonOptions) -> Result<PersonExport> {
    session.check_whole("handles nobody's data")?;
    let asked = Asked::new(session, who)?;
    tell(session, &asked)?;
    let mut export = session.store.reading(|reader| {
        let person = asked.find(reader)?;
        let mut contacts = Vec::new();
        for contact in person.contacts(reader)? {
            let events = reader.communication_events(contact.id)?;
            contacts.push(PersonContact { contact, events });
        }
        let mut consent = person.consent(reader)?;
        for phone in &person.phones {
            consent.extend(entries(&session.keys, reader, &[phone])?);
        }
        consent.sort_by_key(|entry| entry.id);
        consent.dedup_by_key(|entry| entry.id);
        let holds = hold::on(reader, &person.ids())?;
        Ok(PersonExport {
            at: session.clock.now(),
            leads: person.leads,
            history: Vec::new(),
            sources: Vec::new(),
            contacts,
            consent,
            holds,
        })
    })?;
    for lead in &export.leads {
        export.history.push(PersonHistory { lead: lead.id, changes: session.history(lead.id)? });
    }
    let operations: BTreeSet<i64> =
        export.history.iter().flat_map(|one| &one.changes).map(|change| change.operation_id).collect();
    export.sources = session.store.reading(|reader| {
        let mut sources = Vec::new();
        for id in &operations {
            if let Some(stored) = reader.operation(*id)? {
                let operation = stored.operation;
                sources.push(PersonSource {
                    operation_id: operation.id,
                    kind: operation.kind,
                    at: operation.started_at,
                    file: operation.file,
                    actor: operation.actor,
                });
            }
        }
        Ok(sources)
    })?;
    Ok(export)
}

/// Enters into the audit whose data leaves; a database that is only read keeps no audit.
fn tell(session: &Session, asked: &Asked) -> Result<()> {
    if session.store.check_writable().is_err() {
        return Ok(());
    }
    session.store.writing(|writer| {
        let leads = asked.find(writer)?.ids();
        audit::enter(session, writer, AuditKind::Export, &json!({ "what": "person", "leads": leads }))
    })
}
