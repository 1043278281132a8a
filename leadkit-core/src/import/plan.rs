//! All that an import decides before the first row: format, mapping, rules, key.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rejects::PREFIX;
use crate::clean::Cleaner;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, values};
use crate::mapping::{self, Plan, Targets};
use crate::model::consent::ImportConsent;
use crate::model::field::{CustomField, FieldKind, FieldName};
use crate::model::lead::{Lead, Values};
use crate::model::options::{ColumnTarget, ImportOptions, Mapping, Unmapped};
use crate::model::report::ColumnMapping;
use crate::table::{Input, RecordBatch, Records, Source};
use crate::validate::{Draft, Rules};

/// Rows looked at to map columns and to learn how dates and numbers are written.
const SAMPLE: usize = 1_000;

/// An import that is ready to run.
pub(super) struct Prepared {
    pub(super) input: Input,
    /// About how many records there are, by the size of the first ones.
    pub(super) rows_estimate: u64,
    pub(super) cleaner: Cleaner,
    pub(super) columns: Vec<ColumnMapping>,
    pub(super) mapping: BTreeMap<String, Option<String>>,
    /// Custom fields that `unmapped=custom` brings along.
    pub(super) new_fields: Vec<CustomField>,
    /// Content and options: equal keys are the same import.
    pub(super) key: String,
    /// The options, for the log.
    pub(super) options: Value,
}

/// Opens the source, finds its format and maps its columns.
///
/// # Errors
/// Those of the source, of the mapping and of the options.
pub(super) fn prepare(session: &Session, source: Source, options: &ImportOptions) -> Result<Prepared> {
    let progress = options.progress.as_ref().map(|p| &p.0);
    let input = source.open(&options.cancel, progress)?;
    let mut records = Records::open(&input, &options.format)?;
    let sample = records.next_batch(SAMPLE)?.ok_or_else(|| no_records(&input))?;
    // Cells, delimiters and line ends, as far as they take one byte each.
    let bytes = sample.text_len() + sample.len() * records.header().len().max(1);
    let rows_estimate = input.len * sample.len() as u64 / (bytes.max(1) as u64) + 1;
    let sample = cells(&sample);
    let header = records.header().to_vec();

    let (custom, statuses) = session.store.reading(|r| Ok((r.custom_fields()?, r.statuses()?)))?;
    let mut rules = Rules::with_statuses(custom, statuses);
    if let Some(consent) = &options.consent {
        check_consent(consent, session.clock.now())?;
    }
    let (plan, new_fields) = map(&header, &sample, options, &mut rules).map_err(|error| {
        // About the file, not about the options.
        match (error.error_code(), &input.path) {
            (ErrorCode::NoMappableColumn | ErrorCode::UnknownColumn, Some(path)) => error.at_path(path),
            _ => error,
        }
    })?;
    rules.set_default_country(options.default_country.as_deref())?;
    rules.email.allow_reserved_domains = options.allow_reserved_domains;
    rules.required = options.required.iter().map(|name| rules.field(name)).collect::<Result<_>>()?;
    for (name, rule) in &options.on_invalid {
        let field = rules.field(name)?;
        rules.on_invalid.insert(field, *rule);
    }
    let (constants, constant_fields) = constants(&rules, &options.set)?;

    let written = plan.slots().iter().chain(&constant_fields);
    check_access(session, written, !new_fields.is_empty())?;
    let columns = plan.report(&sample, options.show_values);
    let mapping = plan.mapping_map();
    let (key, logged) = key(&input, options)?;
    let cleaner = Cleaner::new(plan, rules, constants, constant_fields, header.len(), &sample)?;
    Ok(Prepared { input, rows_estimate, cleaner, columns, mapping, new_fields, key, options: logged })
}

/// A view imports what it sees: by what matches and by what is merged, values of other fields could be
/// guessed.
fn check_access<'a>(
    session: &Session,
    fields: impl Iterator<Item = &'a FieldName>,
    defines: bool,
) -> Result<()> {
    let access = session.access()?;
    if defines {
        access.check_whole("defines no fields")?;
    }
    fields.into_iter().try_for_each(|field| access.check_written([field.name().as_ref()]))
}

/// A grant says where it comes from, to what, and when.
fn check_consent(consent: &ImportConsent, now: Timestamp) -> Result<()> {
    let wrong = |field: &str, message: &str| {
        Err(Error::new(ErrorCode::InvalidArgument, message.to_string()).at_field(format!("consent.{field}")))
    };
    if consent.source.trim().is_empty() {
        return wrong("source", "a grant says where it comes from");
    }
    if consent.wording.trim().is_empty() {
        return wrong("wording", "a grant keeps the words that the people agreed to");
    }
    if consent.given_at > now {
        return wrong("given_at", "consent that lies in the future is none");
    }
    Ok(())
}

fn no_records(input: &Input) -> Error {
    let error = Error::new(ErrorCode::NoRecords, "the file holds a header and no records");
    match &input.path {
        Some(path) => error.at_path(path),
        None => error,
    }
}

fn cells(batch: &RecordBatch) -> Vec<Vec<&str>> {
    batch.iter().filter(|row| !row.raw_issues().is_bad()).map(|row| row.iter().collect()).collect()
}

fn map(
    header: &[String],
    sample: &[Vec<&str>],
    options: &ImportOptions,
    rules: &mut Rules,
) -> Result<(Plan, Vec<CustomField>)> {
    let mut given: Mapping = options.mapping.clone();
    for column in header.iter().filter(|c| c.starts_with(PREFIX)) {
        given.entry(column.clone()).or_insert(ColumnTarget::Ignore(()));
    }
    let plan = mapping::plan(header, sample, &given, &rules.custom)?;
    if options.unmapped == Unmapped::Ignore {
        return Ok((plan, Vec::new()));
    }
    let mut new_fields = Vec::new();
    for column in plan.columns() {
        let left_out = matches!(column.targets, Targets::Ignore) && column.consent.is_none();
        let free = left_out && !given.contains_key(&column.column);
        let Some(key) = Some(field_key(&column.column)).filter(|key| free && !key.is_empty()) else {
            continue;
        };
        if !rules.custom.iter().any(|c| c.key == key) {
            let field = CustomField::new(key.as_str(), FieldKind::Text).label(column.column.as_str());
            new_fields.push(field.clone());
            rules.custom.push(field);
        }
        given.insert(column.column.clone(), ColumnTarget::Field(format!("custom.{key}")));
    }
    Ok((mapping::plan(header, sample, &given, &rules.custom)?, new_fields))
}

/// A custom field's key from a column's name: `Annual Revenue (€)` is `annual_revenue`.
fn field_key(column: &str) -> String {
    let folded = crate::text::fold(column);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    // Our own exports name custom fields `custom.KEY`.
    let own = column.starts_with("custom.") && words.len() > 1;
    let key = words[usize::from(own)..].join("_");
    let key = if key.starts_with(|c: char| c.is_ascii_digit()) { format!("n{key}") } else { key };
    key.chars().take(63).collect()
}

fn constants(rules: &Rules, set: &BTreeMap<String, Value>) -> Result<(Lead, Vec<FieldName>)> {
    let mut draft = Draft::default();
    values::apply(rules, &Values(set.clone()), &mut draft)?;
    let fields = set.keys().map(|name| rules.field(name)).collect::<Result<_>>()?;
    Ok((*draft.lead, fields))
}

/// The key of an import, and its options for the log. What does not change the leads does not
/// change the key: names, callbacks, where rejects go.
fn key(input: &Input, options: &ImportOptions) -> Result<(String, Value)> {
    let mut value = serde_json::to_value(options).map_err(|e| Error::internal(e.to_string()))?;
    if let Value::Object(map) = &mut value {
        for volatile in ["rejects", "name", "again", "dry_run", "show_values", "threads"] {
            map.remove(volatile);
        }
    }
    let mut asked = value.clone();
    if let Value::Object(map) = &mut asked {
        // The log tells automations of it; the leads are the same.
        map.remove("automations");
    }
    let key = json!([input.hash, asked]).to_string();
    Ok((blake3::hash(key.as_bytes()).to_hex().to_string(), value))
}

/// Rows of a preview.
pub(super) const PREVIEW: u64 = SAMPLE as u64;
