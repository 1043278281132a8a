//! Leads out to a file, from one consistent state of the store; the target is replaced as a whole
//! or stays as it was.

mod csv;
#[cfg(feature = "excel")]
mod xlsx;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::field::{CustomField, Field, FieldName, unknown_field};
use crate::model::lead::Lead;
use crate::model::operation::{OperationKind, OperationState};
use crate::model::options::{ExportFormat, ExportOptions};
use crate::model::report::{ExportReport, Timing};
use crate::progress::Reporter;
use crate::store::{NewOperation, OperationUpdate};

/// Writes leads to a file.
///
/// # Errors
/// `unknown_field`, `invalid_filter`, `invalid_argument` (a format that cannot be told from the
/// target's ending), `is_directory`, `file_not_found` (no such folder), `permission_denied`,
/// `disk_full`, `cancelled`, `io`.
pub fn run(session: &Session, target: &Path, options: ExportOptions) -> Result<ExportReport> {
    let began = Instant::now();
    let started_at = session.clock.now();
    let format = format(target, &options)?;
    if options.fields.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::new(ErrorCode::InvalidArgument, "`fields` names no field")
            .hint("name at least one, or leave it out for all that hold anything")
            .at_field("fields"));
    }
    let query = session.query(&options.filter, &options.order_by, options.include_deleted)?;
    // The export is entered as an operation at its end: refused now, the target stays as it was.
    session.store.check_writable()?;
    options.cancel.check()?;
    let callback = options.progress.as_ref().map(|p| &p.0);
    let (rows, columns) = session.store.reading(|reader| {
        let custom = reader.custom_fields()?;
        let columns = match &options.fields {
            Some(names) => {
                names.iter().map(|name| Column::parse(name, &custom)).collect::<Result<Vec<_>>>()?
            }
            None => {
                reader.filled_fields(&query, &candidates(&custom))?.into_iter().map(Column::Field).collect()
            }
        };
        let mut sheet: Box<dyn Sheet> = match format {
            ExportFormat::Csv => Box::new(csv::CsvSheet::create(target, &options)?),
            #[cfg(feature = "excel")]
            ExportFormat::Xlsx => Box::new(xlsx::XlsxSheet::create(target)?),
            #[cfg(not(feature = "excel"))]
            ExportFormat::Xlsx => {
                return Err(Error::new(
                    ErrorCode::InvalidArgument,
                    "this build cannot write Excel workbooks",
                )
                .hint("build leadkit-core with the feature `excel`, or export to CSV"));
            }
        };
        let mut progress = Reporter::new(callback, "export", "rows", Some(reader.count(&query)?));
        let header: Vec<Cow<'_, str>> = columns.iter().map(Column::name).collect();
        sheet.row(&header)?;
        let (mut rows, mut cells) = (0, Vec::with_capacity(columns.len()));
        reader.each_lead(&query, &mut |lead| {
            if rows % 256 == 0 {
                options.cancel.check()?;
            }
            cells.clear();
            cells.extend(columns.iter().map(|column| Cow::Owned(column.cell(&lead).into_owned())));
            sheet.row(&cells)?;
            rows += 1;
            progress.at(rows);
            Ok(true)
        })?;
        sheet.finish()?;
        progress.finish(rows);
        Ok((rows, columns))
    })?;
    let (bytes, file_hash) = measure(target)?;
    let fields: Vec<String> = columns.iter().map(|c| c.name().into_owned()).collect();
    let operation_id = record(session, target, &options, &fields, rows, &file_hash, started_at)?;
    let seconds = began.elapsed().as_secs_f64();
    let timing = Timing { seconds, rows_per_second: rows as f64 / seconds.max(1e-9) };
    Ok(ExportReport { operation_id, path: target.to_path_buf(), rows, fields, file_hash, bytes, timing })
}

/// A file in the making, that appears at the end.
trait Sheet {
    fn row(&mut self, cells: &[Cow<'_, str>]) -> Result<()>;
    fn finish(self: Box<Self>) -> Result<()>;
}

/// What a column shows.
enum Column {
    /// The lead's id, only when asked for.
    Id,
    Field(FieldName),
}

impl Column {
    fn parse(name: &str, custom: &[CustomField]) -> Result<Column> {
        if name == "id" {
            return Ok(Column::Id);
        }
        match FieldName::parse(name) {
            Ok(FieldName::Custom(key)) if !custom.iter().any(|c| c.key == key) => {
                Err(unknown_field(name, custom))
            }
            Ok(field) => Ok(Column::Field(field)),
            Err(_) => Err(unknown_field(name, custom)),
        }
    }

    fn name(&self) -> Cow<'static, str> {
        match self {
            Column::Id => Cow::Borrowed("id"),
            Column::Field(field) => field.name(),
        }
    }

    fn cell<'l>(&self, lead: &'l Lead) -> Cow<'l, str> {
        match self {
            Column::Id => Cow::Owned(lead.id.to_string()),
            Column::Field(field) => lead.cell(field),
        }
    }
}

fn candidates(custom: &[CustomField]) -> Vec<FieldName> {
    let standard = Field::ALL.iter().copied().map(FieldName::Standard);
    standard.chain(custom.iter().map(|c| FieldName::Custom(c.key.clone()))).collect()
}

fn format(target: &Path, options: &ExportOptions) -> Result<ExportFormat> {
    if let Some(format) = options.format {
        return Ok(format);
    }
    let ending = target.extension().map(|e| e.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("csv" | "txt" | "tsv") => Ok(ExportFormat::Csv),
        Some("xlsx") => Ok(ExportFormat::Xlsx),
        _ => Err(Error::new(ErrorCode::InvalidArgument, "the target's ending names no format")
            .hint("end it in .csv or .xlsx, or say format=")
            .at_path(target)),
    }
}

fn measure(target: &Path) -> Result<(u64, String)> {
    let at = |error: std::io::Error| Error::io(&error, target);
    let mut hasher = blake3::Hasher::new();
    let bytes = std::io::copy(&mut File::open(target).map_err(at)?, &mut hasher).map_err(at)?;
    Ok((bytes, hasher.finalize().to_hex().to_string()))
}

fn record(
    session: &Session,
    target: &Path,
    options: &ExportOptions,
    fields: &[String],
    rows: u64,
    file_hash: &str,
    started_at: crate::clock::Timestamp,
) -> Result<i64> {
    let now = session.clock.now();
    let operation = NewOperation {
        state: OperationState::Running,
        name: options.name.clone(),
        at: started_at,
        file: target.file_name().map(|n| n.to_string_lossy().into_owned()),
        file_hash: Some(file_hash.to_string()),
        mapping: fields.iter().map(|f| (f.clone(), Some(f.clone()))).collect(),
        options: serde_json::to_value(options).unwrap_or(Value::Null),
        ..session.new_operation(OperationKind::Export)
    };
    let end = OperationUpdate {
        state: OperationState::Finished,
        finished_at: Some(now),
        millis: (now.0 - started_at.0).max(0),
        counts: BTreeMap::from([("rows".to_string(), rows)]),
        progress: None,
        lease: None,
        idempotency_key: None,
    };
    session.store.writing(|writer| {
        let id = writer.add_operation(&operation)?;
        writer.update_operation(id, &end)?;
        Ok(id)
    })
}
