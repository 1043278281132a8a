//! A lead in the making.

use std::borrow::Cow;

use crate::model::field::FieldName;
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
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The lead so far.
    pub lead: Lead,
    /// What was noticed.
    pub issues: Vec<Issue>,
}

impl Draft {
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
        self.lead.original.insert(field.name().into_owned(), text.to_string());
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

/// A text that a reader may have changed.
pub(super) fn owned(text: Cow<'_, str>) -> String {
    text.into_owned()
}
