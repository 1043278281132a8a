//! Contacts out to a file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use super::search::{of_lead, query};
use crate::error::{Error, ErrorCode, Result};
use crate::export::{Shape, Written, check_fields};
use crate::ledger::Session;
use crate::model::communication::Communication;
use crate::model::field::{CustomField, FieldName};
use crate::model::history::{ContactExportOptions, SearchOptions, SearchOrder};
use crate::model::lead::Lead;
use crate::model::report::ExportReport;
use crate::progress::Reporter;
use crate::store::{HistoryQuery, Reader};
use crate::text::nearest;

/// Contacts that are read at once.
const AT_ONCE: u64 = 1_000;
/// The columns when nobody says which.
const COLUMNS: [&str; 23] = [
    "id",
    "at",
    "lead",
    "channel",
    "label",
    "direction",
    "state",
    "subject",
    "body",
    "outcome",
    "seconds",
    "to",
    "sender",
    "participants",
    "attachments",
    "owner",
    "campaign",
    "template",
    "segments",
    "price",
    "currency",
    "reply_to",
    "reply_after",
];
/// Fields of a contact beside these that can be asked for.
const OTHERS: [&str; 23] = [
    "template_version",
    "variant",
    "country",
    "time_zone",
    "thread",
    "purpose",
    "status",
    "refusal",
    "provider_id",
    "billed_segments",
    "predicted",
    "attempts",
    "operation",
    "key",
    "actor",
    "reason",
    "created_at",
    "send_at",
    "expires_at",
    "due_at",
    "sent_at",
    "corrects",
    "corrected_by",
];

/// Writes what a search finds to a file, the newest first.
///
/// # Errors
/// As [`super::search`] and [`crate::export::run`]; `invalid_argument` for an order, a cursor or facets.
pub fn export(session: &Session, target: &Path, options: ContactExportOptions) -> Result<ExportReport> {
    let (began, started_at) = (Instant::now(), session.clock.now());
    let shape = Shape {
        format: options.format,
        delimiter: options.delimiter,
        bom: options.bom,
        guard: options.guard_formulas,
    };
    let format = shape.format(target)?;
    check_fields(options.fields.as_deref())?;
    check(&options.search)?;
    let query = query(session, &options.search)?;
    session.store.check_writable()?;
    options.cancel.check()?;
    let callback = options.progress.as_ref().map(|p| &p.0);
    let most = if options.search.limit == 0 { u64::MAX } else { options.search.limit };
    let (rows, fields) = session.store.reading(|reader| {
        let custom = reader.custom_fields()?;
        let columns = match &options.fields {
            Some(names) => names.iter().map(|name| Column::parse(name, &custom)).collect::<Result<_>>()?,
            None => COLUMNS.map(Column::Field).to_vec(),
        };
        let query = of_lead(reader, options.search.lead, &query)?;
        let total = reader.history_counts(&query, &[])?.0.min(most);
        let mut progress = Reporter::new(callback, "export", "rows", Some(total));
        let mut sheet = shape.sheet(target, format)?;
        let names: Vec<Cow<'_, str>> = columns.iter().map(Column::name).collect();
        sheet.row(&names)?;
        let (mut rows, mut before) = (0, None);
        while rows < most {
            options.cancel.check()?;
            let limit = AT_ONCE.min(most - rows);
            let part = reader.history(&HistoryQuery { before, limit, ..query.clone() })?;
            let Some((last, _)) = part.last() else { break };
            before = Some(*last);
            let leads = leads_of(reader, &columns, &part)?;
            for (_, contact) in &part {
                let lead = contact.lead.and_then(|lead| leads.get(&lead));
                let value = serde_json::to_value(contact).map_err(|e| Error::internal(e.to_string()))?;
                let cells: Vec<Cow<'_, str>> = columns.iter().map(|c| c.cell(&value, lead)).collect();
                sheet.row(&cells)?;
                rows += 1;
            }
            progress.at(rows);
        }
        sheet.finish()?;
        progress.finish(rows);
        Ok((rows, columns.iter().map(|column| column.name().into_owned()).collect()))
    })?;
    let told = serde_json::to_value(&options).unwrap_or(Value::Null);
    Written { target, name: options.name.clone(), options: told, fields, rows, began, started_at }
        .record(session)
}

fn check(search: &SearchOptions) -> Result<()> {
    let wrong = match search {
        SearchOptions { order: SearchOrder::Relevance, .. } => "order",
        SearchOptions { cursor: Some(_), .. } => "cursor",
        SearchOptions { facets, .. } if !facets.is_empty() => "facets",
        _ => return Ok(()),
    };
    Err(Error::new(ErrorCode::InvalidArgument, "a file has all that is found, the newest first")
        .hint("leave it out, or ask for pages by `search`")
        .at_field(wrong))
}

/// The leads of some contacts, where a column shows them.
fn leads_of(
    reader: &dyn Reader,
    columns: &[Column],
    contacts: &[(i64, Communication)],
) -> Result<HashMap<i64, Lead>> {
    if !columns.iter().any(|column| matches!(column, Column::Lead(_))) {
        return Ok(HashMap::new());
    }
    let mut ids: Vec<i64> = contacts.iter().filter_map(|(_, contact)| contact.lead).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(reader.leads(&ids)?.into_iter().map(|lead| (lead.id, lead)).collect())
}

/// What a column shows.
#[derive(Clone)]
enum Column {
    Field(&'static str),
    Lead(FieldName),
}

impl Column {
    fn parse(name: &str, custom: &[CustomField]) -> Result<Column> {
        if let Some(field) = name.strip_prefix("lead.") {
            return crate::export::field(field, custom).map(Column::Lead);
        }
        let known = || COLUMNS.into_iter().chain(OTHERS);
        match known().find(|known| *known == name) {
            Some(name) => Ok(Column::Field(name)),
            None => {
                let error = Error::new(ErrorCode::UnknownField, format!("contacts have no field `{name}`"));
                Err(match nearest(name, known()) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("take fields of a contact, or `lead.` and a field of its lead"),
                }
                .at_field(name))
            }
        }
    }

    fn name(&self) -> Cow<'static, str> {
        match self {
            Column::Field(name) => Cow::Borrowed(name),
            Column::Lead(field) => Cow::Owned(format!("lead.{}", field.name())),
        }
    }

    fn cell<'a>(&self, contact: &'a Value, lead: Option<&'a Lead>) -> Cow<'a, str> {
        match self {
            Column::Field("currency") => {
                let money = [&contact["price"], &contact["predicted"]].into_iter().find(|m| m.is_object());
                money.map_or(Cow::Borrowed(""), |money| shown(&money["currency"]))
            }
            Column::Field(name) => shown(&contact[*name]),
            Column::Lead(field) => lead.map_or(Cow::Borrowed(""), |lead| lead.cell(field)),
        }
    }
}

/// A value as a cell: of several each, of money the amount, of a file its name, of a refusal its code.
fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(all) => Cow::Owned(all.iter().map(|one| shown(one)).collect::<Vec<_>>().join("; ")),
        Value::Object(parts) => ["amount", "name", "code"]
            .iter()
            .find_map(|part| parts.get(*part))
            .map_or_else(|| Cow::Owned(value.to_string()), shown),
        other => Cow::Owned(other.to_string()),
    }
}
