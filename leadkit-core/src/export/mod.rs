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
use crate::ledger::{Session, audit};
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
    let shape = Shape::of(&options);
    let format = shape.format(target)?;
    check_fields(options.fields.as_deref())?;
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
        let mut sheet = shape.sheet(target, format)?;
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
    let fields: Vec<String> = columns.iter().map(|c| c.name().into_owned()).collect();
    let told = serde_json::to_value(&options).unwrap_or(Value::Null);
    Written { target, name: options.name.clone(), options: told, fields, rows, began, started_at }
        .record(session)
}

/// A file in the making, that appears at the end.
pub(crate) trait Sheet {
    /// Writes a row; the first one is the header.
    fn row(&mut self, cells: &[Cow<'_, str>]) -> Result<()>;
    /// Puts the file in its place.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// How a file is written.
pub(crate) struct Shape {
    /// CSV or XLSX; by the target's ending when not said.
    pub format: Option<ExportFormat>,
    /// CSV: the delimiter.
    pub delimiter: char,
    /// CSV: begins with a byte order mark.
    pub bom: bool,
    /// Guards cells that a spreadsheet would run.
    pub guard: bool,
}

impl Shape {
    fn of(options: &ExportOptions) -> Shape {
        let ExportOptions { format, delimiter, bom, guard_formulas: guard, .. } = *options;
        Shape { format, delimiter, bom, guard }
    }

    /// The format of a file.
    ///
    /// # Errors
    /// `invalid_argument` for an ending that names none.
    pub fn format(&self, target: &Path) -> Result<ExportFormat> {
        if let Some(format) = self.format {
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

    /// Begins a file.
    ///
    /// # Errors
    /// Those of writing, and `invalid_argument` where this build writes no such format.
    pub fn sheet(&self, target: &Path, format: ExportFormat) -> Result<Box<dyn Sheet>> {
        match format {
            ExportFormat::Csv => Ok(Box::new(csv::CsvSheet::create(target, self)?)),
            #[cfg(feature = "excel")]
            ExportFormat::Xlsx => Ok(Box::new(xlsx::XlsxSheet::create(target)?)),
            #[cfg(not(feature = "excel"))]
            ExportFormat::Xlsx => {
                Err(Error::new(ErrorCode::InvalidArgument, "this build cannot write Excel workbooks")
                    .hint("build leadkit-core with the feature `excel`, or export to CSV"))
            }
        }
    }
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
        field(name, custom).map(Column::Field)
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

/// A field of leads by its name.
///
/// # Errors
/// `unknown_field`.
pub(crate) fn field(name: &str, custom: &[CustomField]) -> Result<FieldName> {
    match FieldName::parse(name) {
        Ok(FieldName::Custom(key)) if !custom.iter().any(|c| c.key == key) => {
            Err(unknown_field(name, custom))
        }
        Ok(field) => Ok(field),
        Err(_) => Err(unknown_field(name, custom)),
    }
}

/// Refuses a list of no fields.
///
/// # Errors
/// `invalid_argument`.
pub(crate) fn check_fields(fields: Option<&[String]>) -> Result<()> {
    match fields {
        Some([]) => Err(Error::new(ErrorCode::InvalidArgument, "`fields` names no field")
            .hint("name at least one, or leave it out")
            .at_field("fields")),
        _ => Ok(()),
    }
}

fn candidates(custom: &[CustomField]) -> Vec<FieldName> {
    let standard = Field::ALL.iter().copied().map(FieldName::Standard);
    standard.chain(custom.iter().map(|c| FieldName::Custom(c.key.clone()))).collect()
}

fn measure(target: &Path) -> Result<(u64, String)> {
    let at = |error: std::io::Error| Error::io(&error, target);
    let mut hasher = blake3::Hasher::new();
    let bytes = std::io::copy(&mut File::open(target).map_err(at)?, &mut hasher).map_err(at)?;
    Ok((bytes, hasher.finalize().to_hex().to_string()))
}

/// A file that was written, to be entered as an operation.
pub(crate) struct Written<'a> {
    /// The file.
    pub target: &'a Path,
    /// A name for the list of operations.
    pub name: Option<String>,
    /// What was asked for.
    pub options: Value,
    /// The columns.
    pub fields: Vec<String>,
    /// Rows without the header.
    pub rows: u64,
    /// When it began, by the host's clock and by the database's.
    pub began: Instant,
    /// See `began`.
    pub started_at: crate::clock::Timestamp,
}

impl Written<'_> {
    /// Enters it, and gives the report.
    ///
    /// # Errors
    /// Those of the store and of reading the file once more.
    pub fn record(self, session: &Session) -> Result<ExportReport> {
        let (bytes, file_hash) = measure(self.target)?;
        let now = session.clock.now();
        let operation = NewOperation {
            state: OperationState::Running,
            name: self.name,
            at: self.started_at,
            file: self.target.file_name().map(|n| n.to_string_lossy().into_owned()),
            file_hash: Some(file_hash.clone()),
            mapping: self.fields.iter().map(|f| (f.clone(), Some(f.clone()))).collect(),
            options: self.options,
            counts: BTreeMap::from([("rows".to_string(), self.rows)]),
            ..session.new_operation(OperationKind::Export)
        };
        let end = OperationUpdate {
            state: OperationState::Finished,
            finished_at: Some(now),
            millis: (now.0 - self.started_at.0).max(0),
            counts: operation.counts.clone(),
            progress: None,
            lease: None,
            idempotency_key: None,
        };
        let operation_id = session.store.writing(|writer| {
            let id = audit::operation(session, writer, &operation)?;
            writer.update_operation(id, &end)?;
            Ok(id)
        })?;
        let seconds = self.began.elapsed().as_secs_f64();
        let timing = Timing { seconds, rows_per_second: self.rows as f64 / seconds.max(1e-9) };
        let (path, rows, fields) = (self.target.to_path_buf(), self.rows, self.fields);
        Ok(ExportReport { operation_id, path, rows, fields, file_hash, bytes, timing })
    }
}
