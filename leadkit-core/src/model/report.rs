//! What an import or export did: data that can be shown, stored and compared.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::format::TableFormat;
use super::issue::{IssueCode, Severity};
use super::operation::OperationKind;

/// How a column found its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MappedBy {
    /// The caller said so.
    Given,
    /// The column has the field's name or label.
    Name,
    /// The column's name is a known synonym.
    Synonym,
    /// The values look like the field's.
    Content,
    /// It did not: the column is left out.
    Nothing,
}

/// Another field that a column might have meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alternative {
    /// The field.
    pub field: String,
    /// 0 to 1.
    pub confidence: f64,
}

/// One column of the file and where it went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColumnMapping {
    /// The column's name in the file.
    pub column: String,
    /// The fields it goes to: none when left out, several when split; a column about permission goes to
    /// the consent ledger, by a name such as `consent.opt_out`.
    pub fields: Vec<String>,
    /// How sure leadkit is, 0 to 1.
    pub confidence: f64,
    /// How the field was found.
    pub by: MappedBy,
    /// Other fields it might have meant, best first.
    pub alternatives: Vec<Alternative>,
    /// Up to three values, masked unless asked.
    pub examples: Vec<String>,
}

/// A row and value that show an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssueExample {
    /// The line of the file on which the record begins, counted from 1.
    pub row: u64,
    /// The value, masked unless asked.
    pub value: Option<String>,
}

/// How often one rule struck in one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssueCount {
    /// The rule.
    pub code: IssueCode,
    /// How grave it was.
    pub severity: Severity,
    /// The field; none for whole rows.
    pub field: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
    /// How many rows.
    pub count: u64,
    /// The first rows, five at most.
    pub examples: Vec<IssueExample>,
}

/// How complete and valid one field was in the file and is in the leads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldQuality {
    /// Rows whose cell held something.
    pub filled_before: u64,
    /// Rows whose cell held a valid value, as it stood or once normalised.
    pub valid_before: u64,
    /// Rows whose value normalising changed.
    pub normalised: u64,
    /// Accepted rows whose lead holds a value, by this row.
    pub filled_after: u64,
}

/// What an import entered in the consent ledger, by phone number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ConsentCounts {
    /// Withdrawals entered.
    pub withdrawn: u64,
    /// Withdrawals that the ledger had already; they are not entered twice.
    pub known: u64,
    /// Grants entered.
    pub granted: u64,
}

/// Times; the one part of a report that two equal runs do not share.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Timing {
    /// Seconds from call to return.
    pub seconds: f64,
    /// Rows a second.
    pub rows_per_second: f64,
}

/// What an import did.
///
/// `rows = created + updated + merged + skipped + rejected`, always; blank, comment and preamble
/// lines are no rows and are counted in `ignored`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportReport {
    /// The operation in `db.operations`; none in a dry run.
    pub operation_id: Option<i64>,
    /// What came in: `import` for leads, `import_contacts` for a history of contacts.
    pub kind: OperationKind,
    /// The file's name, without its folder.
    pub file: Option<String>,
    /// BLAKE3 of the content, in hexadecimal.
    pub file_hash: String,
    /// Whether nothing was written because that was asked.
    pub dry_run: bool,
    /// Whether an interrupted import went on from where it stood.
    pub resumed: bool,
    /// Records in the file.
    pub rows: u64,
    /// Rows that became new leads.
    pub created: u64,
    /// Rows whose values went over a stored lead's (`on_match=update`).
    pub updated: u64,
    /// Rows that filled gaps of a stored lead, or of an earlier row's (`on_match=merge`).
    pub merged: u64,
    /// Rows that changed nothing.
    pub skipped: u64,
    /// Why rows were skipped: `unchanged`, `match_skipped`, `already_imported`.
    pub skipped_by: BTreeMap<String, u64>,
    /// Rows that were handed back.
    pub rejected: u64,
    /// Blank, comment and preamble lines, and records of only empty cells.
    pub ignored: u64,
    /// What the columns about permission entered in the consent ledger; undoing the import takes
    /// nothing of it back.
    #[serde(default)]
    pub consent: ConsentCounts,
    /// Leads that automations look at, where the import asked for it.
    #[serde(default)]
    pub automations: u64,
    /// The file of rejected rows, where one was written.
    #[serde(serialize_with = "super::read::some_path_text")]
    pub rejects: Option<PathBuf>,
    /// What was found out about the file.
    pub format: TableFormat,
    /// Column by column.
    pub mapping: Vec<ColumnMapping>,
    /// By code and field, the gravest and most frequent first.
    pub issues: Vec<IssueCount>,
    /// By field.
    pub quality: BTreeMap<String, FieldQuality>,
    /// Times.
    pub timing: Timing,
}

impl ImportReport {
    /// The report as JSON, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// What an import would do, and how the file was read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportPreview {
    /// What was found out about the file.
    pub format: TableFormat,
    /// Column by column, with confidence and alternatives.
    pub mapping: Vec<ColumnMapping>,
    /// What the first accepted rows become: new leads, or stored ones with their values.
    pub leads: Vec<super::lead::Lead>,
    /// What a run would report, by the rows that were looked at.
    pub report: ImportReport,
    /// Whether the report covers the whole file.
    pub complete: bool,
}

/// What an export did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportReport {
    /// The operation in `db.operations`.
    pub operation_id: i64,
    /// The file that was written.
    #[serde(serialize_with = "super::read::path_text")]
    pub path: PathBuf,
    /// Rows written, without the header.
    pub rows: u64,
    /// The fields, in order.
    pub fields: Vec<String>,
    /// BLAKE3 of the content, in hexadecimal.
    pub file_hash: String,
    /// Bytes written.
    pub bytes: u64,
    /// Times.
    pub timing: Timing,
}

/// A page of results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page<T> {
    /// The results.
    pub items: Vec<T>,
    /// Give this as `cursor` for the next page; none on the last one.
    pub next_cursor: Option<String>,
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}
