//! The plan of an import: for each column of the file, where it goes and how sure that is.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::transform::{Program, RawValues, apply};
use super::{assign, candidates, consent, given};
use crate::error::{Error, ErrorCode, Result};
use crate::model::consent::ConsentTarget;
use crate::model::field::{CustomField, FieldName};
use crate::model::options::{Mapping, Transform};
use crate::model::report::{Alternative, ColumnMapping, MappedBy};
use crate::text::mask;

/// Where one column goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// Nowhere.
    Ignore,
    /// To one field.
    Field(FieldName),
    /// Over several fields.
    Split {
        /// The text between the parts.
        by: String,
        /// The fields for the parts, in order; the last takes the rest.
        into: Vec<FieldName>,
    },
}

impl Targets {
    /// The fields, none when the column is left out.
    pub fn fields(&self) -> &[FieldName] {
        match self {
            Targets::Ignore => &[],
            Targets::Field(field) => std::slice::from_ref(field),
            Targets::Split { into, .. } => into,
        }
    }
}

/// One column of the file in a [`Plan`].
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedColumn {
    /// The column's name in the file.
    pub column: String,
    /// Where it goes.
    pub targets: Targets,
    /// What it says about consent; a custom field of the column's own name may take it as data, too.
    pub consent: Option<ConsentTarget>,
    /// Changes to each cell, in order; after a split they run on each part.
    pub transforms: Vec<Transform>,
    /// Stands before this column's text where several columns go to one text field.
    pub join: Option<String>,
    /// How sure that is, 0 to 1; 0 when the column is left out.
    pub confidence: f64,
    /// How the field was found.
    pub by: MappedBy,
    /// Other fields it might have meant, best first.
    pub alternatives: Vec<Alternative>,
}

impl PlannedColumn {
    /// The names of all that it goes to: fields, then the consent target.
    fn names(&self) -> Vec<String> {
        let fields = self.targets.fields().iter().map(|field| field.to_string());
        fields.chain(self.consent.map(|target| target.name().to_string())).collect()
    }
}

/// Where each column goes, made ready to run over rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    columns: Vec<PlannedColumn>,
    program: Program,
}

/// Finds out where each column goes.
///
/// Names count first (the field's own, its label, what other systems and languages call it), the
/// values of `sample` confirm or contradict them, and values alone suffice for what cannot be
/// mistaken, such as emails. No field is taken by two columns, but for lists (`emails`,
/// `phones`, `tags`) and the parts of a street. What `given` says goes before all of it.
///
/// A column about permission (`Unsubscribed`, `Do not call`) is never taken for data: only
/// `given`, or a custom field of its name, maps it to a field. What it says about messages and calls
/// is its `consent`; columns about email and letters are left out.
///
/// # Errors
/// `unknown_column` when `given` names a column the file does not have; `unknown_field`;
/// `invalid_argument` when a rule contradicts itself or two columns are given for a field that
/// holds one value; `no_mappable_column` when no column goes anywhere.
///
/// ```
/// use leadkit_core::mapping::plan;
/// let header = ["Vorname", "Name", "Kontakt", "Umsatz"].map(String::from);
/// let rows = [vec!["Ada", "Lovelace", "ada@example.org", "12"]];
/// let plan = plan(&header, &rows, &Default::default(), &[])?;
/// let fields: Vec<String> = plan.slots().iter().map(|f| f.to_string()).collect();
/// assert_eq!(fields, ["first_name", "last_name", "email"]);
/// assert_eq!(plan.mapping_map()["Umsatz"], None);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
///
/// A wrong name is answered with the nearest right one:
///
/// ```
/// use leadkit_core::mapping::plan;
/// use leadkit_core::model::options::{ColumnTarget, Mapping};
/// let given = Mapping::from([("Emial".to_string(), ColumnTarget::Field("email".into()))]);
/// let error = plan(&["Email".to_string()], &[], &given, &[]).unwrap_err();
/// assert_eq!(error.code(), "unknown_column");
/// assert!(error.to_string().contains("did you mean `Email`?"));
/// ```
pub fn plan(
    header: &[String],
    sample: &[Vec<&str>],
    given: &Mapping,
    custom: &[CustomField],
) -> Result<Plan> {
    let given = given::resolve(header, given, custom)?;
    let consent = consent::find(header, sample, &given);
    let candidates = candidates::find(header, sample, &given, &consent, custom);
    let columns = assign::assign(header, candidates, consent, given, custom);
    if columns.iter().all(|c| c.targets == Targets::Ignore) {
        return Err(nothing_mapped(header));
    }
    Ok(Plan::from_columns(columns))
}

impl Plan {
    /// A plan of columns as they are, one for each column of the file, in order.
    pub fn from_columns(columns: Vec<PlannedColumn>) -> Plan {
        let program = Program::new(&columns);
        Plan { columns, program }
    }

    /// The columns, in the file's order.
    pub fn columns(&self) -> &[PlannedColumn] {
        &self.columns
    }

    /// Gives the columns back, to be changed and made a plan again.
    pub fn into_columns(self) -> Vec<PlannedColumn> {
        self.columns
    }

    /// The fields that the plan fills: a slot is a position in this list.
    pub fn slots(&self) -> &[FieldName] {
        &self.program.slots
    }

    /// The fields that the plan fills, as a set.
    pub fn fields(&self) -> BTreeSet<FieldName> {
        self.program.slots.iter().cloned().collect()
    }

    /// The raw texts of one row: `row` gives the cell of a column, empty where there is none.
    ///
    /// ```
    /// use leadkit_core::mapping::{RawValues, plan};
    /// let header = ["street", "house number", "email"].map(String::from);
    /// let plan = plan(&header, &[], &Default::default(), &[])?;
    /// let row = ["Hauptstr.", "5", "ada@example.org"];
    /// let mut values = RawValues::new();
    /// plan.collect(|column| row[column], &mut values);
    /// let values: Vec<_> = values.iter().map(|(slot, text)| (plan.slots()[slot].name(), &**text)).collect();
    /// assert_eq!(values[0], ("street".into(), "Hauptstr. 5"));
    /// assert_eq!(values[1], ("email".into(), "ada@example.org"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn collect<'r>(&self, row: impl Fn(usize) -> &'r str, out: &mut RawValues<'r>) {
        self.program.collect(row, out);
    }

    /// Whether any column says something about consent.
    pub fn has_consent(&self) -> bool {
        !self.program.consent.is_empty()
    }

    /// What the columns about consent hold in one row: the column's place, its target and its text,
    /// without the blank ones; `row` as in [`Plan::collect`].
    ///
    /// ```
    /// use leadkit_core::mapping::plan;
    /// let header = ["phone", "SMS opt-out", "DNC"].map(String::from);
    /// let plan = plan(&header, &[], &Default::default(), &[])?;
    /// let row = ["+49 30 23125014", "yes", ""];
    /// let said: Vec<_> = plan.consent(|column| row[column]).collect();
    /// assert_eq!((said[0].1.name(), said[0].2.as_ref()), ("consent.sms_opt_out", "yes"));
    /// assert_eq!(said.len(), 1);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn consent<'r>(
        &self,
        row: impl Fn(usize) -> &'r str,
    ) -> impl Iterator<Item = (usize, ConsentTarget, Cow<'r, str>)> {
        self.program.consent.iter().filter_map(move |step| {
            let text = apply(&step.transforms, row(step.column));
            (!text.trim().is_empty()).then_some((step.column, step.target, text))
        })
    }

    /// The plan as it stands in reports, with up to three different values of each column from
    /// `sample`, masked unless `show_values`.
    pub fn report(&self, sample: &[Vec<&str>], show_values: bool) -> Vec<ColumnMapping> {
        let columns = self.columns.iter().enumerate();
        columns
            .map(|(i, column)| ColumnMapping {
                column: column.column.clone(),
                fields: column.names(),
                confidence: column.confidence,
                by: column.by,
                alternatives: column.alternatives.clone(),
                examples: examples(sample, i, show_values),
            })
            .collect()
    }

    /// Column to field, `None` where it is left out; the fields of a split stand with commas.
    pub fn mapping_map(&self) -> BTreeMap<String, Option<String>> {
        let name = |column: &PlannedColumn| {
            let fields = column.names();
            (!fields.is_empty()).then(|| fields.join(","))
        };
        self.columns.iter().map(|column| (column.column.clone(), name(column))).collect()
    }
}

/// Characters of a value that an example shows.
const EXAMPLE_CHARS: usize = 80;

fn examples(sample: &[Vec<&str>], column: usize, show_values: bool) -> Vec<String> {
    let mut examples: Vec<String> = Vec::new();
    for cell in sample.iter().filter_map(|row| row.get(column)) {
        let text: String = cell.trim().chars().take(EXAMPLE_CHARS).collect();
        let text = if show_values { text } else { mask(&text) };
        if !text.is_empty() && !examples.contains(&text) {
            examples.push(text);
        }
        if examples.len() == 3 {
            break;
        }
    }
    examples
}

fn nothing_mapped(header: &[String]) -> Error {
    let names: Vec<String> = header
        .iter()
        .take(8)
        .map(|name| format!("`{}`", name.chars().take(30).collect::<String>()))
        .collect();
    let more = if header.len() > names.len() { ", ..." } else { "" };
    Error::new(
        ErrorCode::NoMappableColumn,
        format!("no column could be mapped to a lead field: {}{more}", names.join(", ")),
    )
    .hint("say which column is what, such as mapping={\"COLUMN\": \"email\"}")
}
