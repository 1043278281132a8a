//! A lead in the making.

use std::borrow::Cow;
use std::fmt;

use crate::model::field::{Field, FieldName};
use crate::model::issue::{Issue, IssueCode, Severity};
use crate::model::lead::Lead;
use crate::model::options::OnInvalid;

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing in it.
    Empty,
    /// It was taken as it stood.
    Taken,
    /// It was taken in another form; the text is kept in `original`.
    Normalised,
    /// It is not valid and was left out.
    Invalid,
}

/// A lead in the making, with all that was noticed on the way.
#[derive(Clone, Default)]
pub struct Draft {
    /// The lead so far.
    pub lead: Box<Lead>,
    /// What was noticed.
    pub issues: Vec<Issue>,
    spare: Spare,
}

/// Memory of texts that are gone, for those that come: a row has a dozen of them, and an import would
/// spend more on asking for their memory than on filling it.
#[derive(Clone, Default)]
pub(crate) struct Spare {
    texts: Vec<String>,
}

impl Spare {
    /// More than a lead has texts.
    const MOST: usize = 64;
    /// Longer ones are let go: any text may become a short one's, and all would grow in the end.
    const LONGEST: usize = 96;

    /// Empties a lead and keeps its memory.
    pub(crate) fn take_from(&mut self, lead: &mut Lead) {
        lead.empty_into(|text| self.keep(text));
    }

    fn keep(&mut self, text: String) {
        if text.capacity() <= Self::LONGEST && self.texts.len() < Self::MOST {
            self.texts.push(text);
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mut out = self.texts.pop().unwrap_or_default();
        out.clear();
        out.push_str(text);
        out
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("lead", &self.lead).field("issues", &self.issues).finish()
    }
}

impl Draft {
    /// A draft that begins with a lead's values.
    pub fn of(lead: impl Into<Box<Lead>>) -> Self {
        Draft { lead: lead.into(), ..Draft::default() }
    }

    /// [`Draft::of`] with memory for its texts, which [`Draft::return_spare`] gives back.
    pub(crate) fn with_spare(lead: Box<Lead>, spare: &mut Spare) -> Self {
        Draft { lead, issues: Vec::new(), spare: std::mem::take(spare) }
    }

    /// Gives back the memory that is left.
    pub(crate) fn return_spare(&mut self, spare: &mut Spare) {
        *spare = std::mem::take(&mut self.spare);
    }

    /// Sets a one-text field.
    pub(super) fn set_text(&mut self, field: Field, text: Cow<'_, str>) {
        let text = self.owned(text);
        self.lead.set_text(field, Some(text));
    }

    /// A text of its own, in memory that is there already.
    pub(super) fn owned(&mut self, text: Cow<'_, str>) -> String {
        match text {
            Cow::Borrowed(text) => self.spare.text(text),
            Cow::Owned(text) => text,
        }
    }

    /// Whether any issue rejects the row.
    pub fn is_rejected(&self) -> bool {
        self.issues.iter().any(|i| i.severity == Severity::Error)
    }

    /// Notes something about a field.
    pub fn note(&mut self, code: IssueCode, field: &FieldName, value: &str) {
        self.issues.push(Issue::new(code).field(field.name()).value(value));
    }

    /// Notes a whole row's fault.
    pub fn note_row(&mut self, code: IssueCode) {
        self.issues.push(Issue::new(code));
    }

    /// Keeps the text that normalising changed.
    pub(super) fn keep_original(&mut self, field: &FieldName, text: &str) {
        let (name, text) = (self.owned(field.name()), self.spare.text(text));
        self.lead.original.insert(name, text);
    }

    /// Takes over a normaliser's issues. An invalid value either rejects the row, or is dropped
    /// with a warning and kept in `original`.
    pub(super) fn adopt(&mut self, issues: Vec<Issue>, field: &FieldName, text: &str, rule: OnInvalid) {
        for mut issue in issues {
            issue.field = Some(field.name());
            issue.value.get_or_insert_with(|| text.to_string());
            if issue.severity == Severity::Error && rule == OnInvalid::Drop {
                issue.severity = Severity::Warning;
            }
            self.issues.push(issue);
        }
    }

    /// An invalid value without a normaliser's own words.
    pub(super) fn invalid(
        &mut self,
        code: IssueCode,
        field: &FieldName,
        text: &str,
        rule: OnInvalid,
    ) -> Outcome {
        let severity = match rule {
            OnInvalid::Reject => Severity::Error,
            OnInvalid::Drop => Severity::Warning,
        };
        self.issues.push(Issue::new(code).field(field.name()).value(text).severity(severity));
        self.keep_original(field, text);
        Outcome::Invalid
    }
}

/// Whether a canonical text differs from the cell's; `original` keeps only such texts.
pub(super) fn outcome(draft: &mut Draft, field: &FieldName, text: &str, canonical: &str) -> Outcome {
    if canonical == text {
        return Outcome::Taken;
    }
    draft.keep_original(field, text);
    Outcome::Normalised
}
