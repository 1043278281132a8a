//! What callers may say: one plain struct per call, unknown keys refused.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::consent::ImportConsent;
use super::format::FormatOptions;
use crate::keys::Key;
use crate::progress::{CancelToken, ProgressFn};

/// Options of `as_actor`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ActorOptions {
    /// Why they act; it stands with what they do.
    pub reason: Option<String>,
    /// The access profile that masks what they see, one of `settings.profiles`.
    pub profile: Option<String>,
}

/// What happens to a row that matches a stored lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnMatch {
    /// Fills what is empty and unites lists; what is there stays.
    #[default]
    Merge,
    /// Values of the row win; an empty cell never clears.
    Update,
    /// The row is skipped.
    Skip,
    /// The row is rejected.
    Reject,
    /// The row becomes a lead of its own.
    Create,
}

/// A key by which rows and leads are matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MatchKey {
    /// The key in the system the lead comes from.
    ExternalId,
    /// Any of the lead's email addresses.
    Email,
    /// Any of the lead's phone numbers, together with an equal name.
    Phone,
}

/// What happens to a value that is not valid for its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnInvalid {
    /// The row is rejected.
    Reject,
    /// The field stays empty, the text is kept in `original`, and a warning is counted.
    Drop,
}

/// What happens to a column that maps to no field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unmapped {
    /// It is left out, and the report names it.
    #[default]
    Ignore,
    /// It becomes a custom text field.
    Custom,
}

/// A change to a cell before it is read as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Removes blanks at both ends.
    Trim,
    /// lower case.
    Lower,
    /// UPPER CASE.
    Upper,
    /// Each Word Capitalised.
    Title,
    /// Only the digits.
    Digits,
}

/// Splits one column over several fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The text between the parts, such as `,` or a blank.
    pub by: String,
    /// The fields for the parts, in order; the last takes the rest.
    pub into: Vec<String>,
}

/// What to do with one column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ColumnRule {
    /// The field or consent target the column goes to; several columns of one field are joined.
    pub field: Option<String>,
    /// Changes to each cell, in order.
    pub transforms: Vec<Transform>,
    /// Splits the cell over several fields, in place of `field`.
    pub split: Option<Split>,
    /// Stands between the parts where several columns go to one text field; a blank by default.
    pub join: Option<String>,
}

/// A mapping entry: a field name, a [`ColumnRule`], or `null` to leave the column out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ColumnTarget {
    /// Leave the column out.
    Ignore(()),
    /// The field's name.
    Field(String),
    /// Field, transforms, split.
    Rule(ColumnRule),
}

/// Column name to target; columns that are not named are mapped by leadkit itself.
pub type Mapping = BTreeMap<String, ColumnTarget>;

/// Where rejected rows go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Rejects {
    /// Beside the source file, or beside the database when the source has no path; a free name is
    /// chosen. `true` says the same, `false` writes no file.
    #[default]
    Beside,
    /// `false`: no file.
    Write(bool),
    /// This file; it must not exist.
    Path(PathBuf),
}

/// Options of `import_leads` and `preview_import`.
///
/// ```
/// use leadkit_core::model::options::{ImportOptions, OnMatch};
/// let options = ImportOptions { default_country: Some("DE".into()), on_match: OnMatch::Update, ..Default::default() };
/// assert!(!options.dry_run);
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ImportOptions {
    /// Column to field, for columns that leadkit should not map by itself. Columns about permission go
    /// to `consent.opt_out`, `consent.sms_opt_out`, `consent.do_not_call`, `consent.opt_in`,
    /// `consent.sms_opt_in` or `consent.voice_opt_in`.
    pub mapping: Mapping,
    /// Keys by which rows match leads, tried in order; none matches nothing.
    pub match_on: Vec<MatchKey>,
    /// What happens to a row that matches.
    pub on_match: OnMatch,
    /// The country by which phone numbers without a country code are read (ISO 3166-1 alpha-2),
    /// where the row itself has none.
    pub default_country: Option<String>,
    /// Constants for every row: field to value; they win over the file.
    pub set: BTreeMap<String, Value>,
    /// Fields without which a row is rejected, besides the rule that a lead needs an email, a
    /// phone, an external id, or a name with a company.
    pub required: Vec<String>,
    /// What happens to invalid values, by field: a wrong email rejects the row, anything else is
    /// dropped with a warning, unless said otherwise here.
    pub on_invalid: BTreeMap<String, OnInvalid>,
    /// What the people agreed to whom an opt-in column names. Without it such a column grants nothing;
    /// withdrawals are entered always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<ImportConsent>,
    /// Takes addresses under reserved domains (`.test`, `.invalid`; RFC 6761) as valid.
    pub allow_reserved_domains: bool,
    /// What happens to columns that map to no field.
    pub unmapped: Unmapped,
    /// Overrides of what is found out about the file.
    pub format: FormatOptions,
    /// Reads, maps, checks and matches, and writes nothing.
    pub dry_run: bool,
    /// Where rejected rows go.
    pub rejects: Rejects,
    /// A name for the operation, for the list of operations.
    pub name: Option<String>,
    /// Imports a file once more that was imported before with the same options.
    pub again: bool,
    /// Lets automations be set off by the leads that come in; the report says how many they look at.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub automations: bool,
    /// Shows values in the report's examples as they are, not masked.
    pub show_values: bool,
    /// Threads that read values, besides the writer; 0 takes the database's `threads`.
    pub threads: usize,
    /// Called with the progress.
    #[serde(skip)]
    pub progress: Option<Progressing>,
    /// Stops the import between batches.
    #[serde(skip)]
    pub cancel: CancelToken,
}

impl Default for ImportOptions {
    fn default() -> Self {
        ImportOptions {
            mapping: Mapping::new(),
            match_on: vec![MatchKey::ExternalId, MatchKey::Email],
            on_match: OnMatch::default(),
            default_country: None,
            set: BTreeMap::new(),
            required: Vec::new(),
            on_invalid: BTreeMap::new(),
            consent: None,
            allow_reserved_domains: false,
            unmapped: Unmapped::default(),
            format: FormatOptions::default(),
            dry_run: false,
            rejects: Rejects::default(),
            name: None,
            again: false,
            automations: false,
            show_values: false,
            threads: 0,
            progress: None,
            cancel: CancelToken::default(),
        }
    }
}

/// A progress callback that can be shown in debug output.
#[derive(Clone)]
pub struct Progressing(pub ProgressFn);

impl std::fmt::Debug for Progressing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Progressing(..)")
    }
}

/// The format of an exported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Comma-separated values: UTF-8, quoted as RFC 4180 says, lines ended by LF.
    Csv,
    /// An Excel workbook (ECMA-376).
    Xlsx,
}

/// Options of `export_leads`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ExportOptions {
    /// Which leads; all by default.
    pub filter: super::filter::Filter,
    /// Which fields, in this order; all that hold anything anywhere by default.
    pub fields: Option<Vec<String>>,
    /// CSV or XLSX; by the target's ending when not said.
    pub format: Option<ExportFormat>,
    /// The order of the rows: field names, `-` in front for descending; by id by default.
    pub order_by: Vec<String>,
    /// CSV: the delimiter.
    pub delimiter: char,
    /// CSV: begins the file with a byte order mark, for old Excels.
    pub bom: bool,
    /// Guards cells that a spreadsheet would run as formulas (OWASP, CSV injection); reversed by
    /// our import.
    pub guard_formulas: bool,
    /// Takes deleted leads too.
    pub include_deleted: bool,
    /// A name for the operation, for the list of operations.
    pub name: Option<String>,
    /// Called with the progress.
    #[serde(skip)]
    pub progress: Option<Progressing>,
    /// Stops the export; the target stays as it was.
    #[serde(skip)]
    pub cancel: CancelToken,
}

impl Default for ExportOptions {
    fn default() -> Self {
        ExportOptions {
            filter: super::filter::Filter::default(),
            fields: None,
            format: None,
            order_by: Vec::new(),
            delimiter: ',',
            bom: false,
            guard_formulas: true,
            include_deleted: false,
            name: None,
            progress: None,
            cancel: CancelToken::default(),
        }
    }
}

/// Options of `leads.find`, `leads.iterate`, `leads.first` and `leads.count`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FindOptions {
    /// The order: field names, `-` in front for descending; by id by default.
    pub order_by: Vec<String>,
    /// How many at most; 100 in `find` when 0, all in `iterate`.
    pub limit: u64,
    /// Goes on after the page that gave this `next_cursor`.
    pub cursor: Option<String>,
    /// Finds deleted leads too.
    pub include_deleted: bool,
}

/// Options of `open`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OpenOptions {
    /// Who acts, for the log of operations.
    pub actor: Option<String>,
    /// Why, for the log of operations.
    pub reason: Option<String>,
    /// Threads of the database's own pool; 0 takes one for each core but the writer's.
    pub threads: usize,
    /// Seconds to wait for another process's writing; 0 takes 10.
    pub busy_timeout: f64,
    /// Opens an existing database for reading only.
    pub read_only: bool,
    /// The tenant whose leads these are: a schema in PostgreSQL, small letters, digits and `_`, 48
    /// at most; other stores refuse it. `leadkit` is the default.
    pub tenant: Option<String>,
    /// Days for which an operation can be taken back; 0 takes 30.
    pub undo_days: f64,
    /// Changed leads behind an operation until which it can be taken back; 0 takes 10 million.
    pub undo_changes: u64,
    /// Leads above which a bulk operation wants their number typed; 0 takes 10,000.
    pub confirm_above: u64,
    /// The host's keys, the current one first: the audit is chained with it, and fingerprints are made with it;
    /// the others only recognise what was made before. None by default; they are never stored.
    pub keys: Vec<Key>,
}
