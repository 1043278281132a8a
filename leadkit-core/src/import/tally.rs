//! What an import counts on its way, kept with the operation so that a resumed import's report is
//! whole.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clean::SlotCount;
use crate::model::consent::ConsentTarget;
use crate::model::field::FieldName;
use crate::model::issue::{Issue, IssueCode, Severity};
use crate::model::report::{ConsentCounts, FieldQuality, IssueCount, IssueExample};
use crate::text::mask;

/// Examples kept of each issue.
const EXAMPLES: usize = 5;

/// The counts of an import.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) rows: u64,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) merged: u64,
    pub(crate) skipped_by: BTreeMap<String, u64>,
    pub(crate) rejected: u64,
    /// An import that an older version began has none.
    #[serde(default)]
    pub(crate) consent: ConsentCounts,
    issues: Vec<IssueCount>,
    quality: BTreeMap<String, FieldQuality>,
    #[serde(skip)]
    show_values: bool,
}

impl Tally {
    pub(crate) fn new(show_values: bool) -> Self {
        Tally { show_values, ..Tally::default() }
    }

    /// A tally that goes on.
    pub(crate) fn resumed(self, show_values: bool) -> Self {
        Tally { show_values, ..self }
    }

    pub(crate) fn skipped(&self) -> u64 {
        self.skipped_by.values().sum()
    }

    pub(crate) fn skip(&mut self, code: IssueCode) {
        *self.skipped_by.entry(code.as_str().to_string()).or_default() += 1;
    }

    /// Counts one row's issues.
    pub(crate) fn note(&mut self, row: u64, issues: &[Issue]) {
        for issue in issues {
            self.note_one(
                row,
                issue.code,
                issue.severity,
                issue.field.as_ref(),
                &issue.message,
                issue.value.as_deref(),
            );
        }
    }

    fn note_one(
        &mut self,
        row: u64,
        code: IssueCode,
        severity: Severity,
        field: Option<&Cow<'static, str>>,
        message: &str,
        value: Option<&str>,
    ) {
        let field = field.map(AsRef::as_ref);
        // Few kinds of issues occur in one file: a walk beats a map.
        // Several columns may go to one consent target; the message names the column.
        let consent = field.is_some_and(|field| field.starts_with(ConsentTarget::PREFIX));
        let same = |i: &IssueCount| {
            i.code == code
                && i.severity == severity
                && i.field.as_deref() == field
                && (!consent || i.message == message)
        };
        let index = self.issues.iter().position(same).unwrap_or_else(|| {
            self.issues.push(IssueCount {
                code,
                severity,
                field: field.map(str::to_string),
                message: message.to_string(),
                count: 0,
                examples: Vec::new(),
            });
            self.issues.len() - 1
        });
        let issue = &mut self.issues[index];
        issue.count += 1;
        if issue.examples.len() < EXAMPLES {
            let plain = self.show_values || field.is_some_and(is_impersonal);
            let show = |text: &str| if plain { text.to_string() } else { mask(text) };
            let value = value.filter(|v| !v.is_empty()).map(|v| show(&shorten(v)));
            issue.examples.push(IssueExample { row, value });
        }
    }

    /// Adds the counts of a batch's cells.
    pub(crate) fn add_slots(&mut self, slots: &[FieldName], counts: &[SlotCount]) {
        for (field, count) in slots.iter().zip(counts) {
            let quality = self.quality.entry(field.name().into_owned()).or_default();
            quality.filled_before += count.filled;
            quality.valid_before += count.valid;
            quality.normalised += count.normalised;
        }
    }

    /// Adds how many leads fill which fields.
    pub(crate) fn add_filled(&mut self, fields: &[FieldName], filled: &[u64]) {
        for (field, filled) in fields.iter().zip(filled) {
            self.quality.entry(field.name().into_owned()).or_default().filled_after += filled;
        }
    }

    /// The gravest and most frequent first.
    pub(crate) fn issues(&self) -> Vec<IssueCount> {
        let mut issues = self.issues.clone();
        issues.sort_by(|a, b| {
            (b.severity, b.count)
                .cmp(&(a.severity, a.count))
                .then_with(|| (a.code, &a.field, &a.message).cmp(&(b.code, &b.field, &b.message)))
        });
        issues
    }

    pub(crate) fn quality(&self) -> BTreeMap<String, FieldQuality> {
        self.quality.clone()
    }

    /// What the list of operations shows.
    pub(crate) fn counts(&self, ignored: u64) -> BTreeMap<String, u64> {
        let counts = [
            ("rows", self.rows),
            ("created", self.created),
            ("updated", self.updated),
            ("merged", self.merged),
            ("skipped", self.skipped()),
            ("rejected", self.rejected),
            ("ignored", ignored),
        ];
        let consent = [("withdrawn", self.consent.withdrawn), ("granted", self.consent.granted)];
        let consent = consent.into_iter().filter(|(_, count)| *count > 0);
        counts.into_iter().chain(consent).map(|(name, count)| (name.to_string(), count)).collect()
    }
}

/// Fields whose wrong values say nothing about a person, and much about the mistake.
fn is_impersonal(field: &str) -> bool {
    use crate::model::field::{Field, FieldKind};
    let kind = Field::parse(field).map(Field::kind);
    matches!(
        kind,
        Ok(FieldKind::Number
            | FieldKind::Timestamp
            | FieldKind::Country
            | FieldKind::Status
            | FieldKind::Language)
            | Ok(FieldKind::TimeZone)
    )
}

/// Examples are to recognise a value by, not to keep it.
fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
