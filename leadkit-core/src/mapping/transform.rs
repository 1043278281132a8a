//! The path of every cell: transforms, splits and joins, with as little copying as they allow.

use std::borrow::Cow;

use crate::mapping::plan::{PlannedColumn, Targets};
use crate::model::consent::ConsentTarget;
use crate::model::field::FieldName;
use crate::model::options::Transform;

/// Changes a cell, in the order of the transforms; borrowed when nothing changed.
///
/// ```
/// use leadkit_core::mapping::apply;
/// use leadkit_core::model::options::Transform;
/// assert_eq!(apply(&[Transform::Trim, Transform::Title], " ADA O'NEILL-smith "), "Ada O'neill-Smith");
/// assert_eq!(apply(&[Transform::Digits], "No. 12/34"), "1234");
/// ```
pub fn apply<'r>(transforms: &[Transform], cell: &'r str) -> Cow<'r, str> {
    if transforms.is_empty() {
        return Cow::Borrowed(cell);
    }
    transforms.iter().fold(Cow::Borrowed(cell), |text, transform| match text {
        Cow::Borrowed(text) => apply_one(*transform, text),
        Cow::Owned(text) => Cow::Owned(apply_one(*transform, &text).into_owned()),
    })
}

/// The raw texts of one row under the slots of a plan; one is reused for all rows.
///
/// Slots are the positions in [`Plan::slots`](super::Plan::slots). Blank cells leave no value;
/// a list field may have several.
#[derive(Debug, Default)]
pub struct RawValues<'r> {
    /// By slot; empty where the row has nothing.
    first: Vec<Cow<'r, str>>,
    /// Further values of list fields.
    rest: Vec<(usize, Cow<'r, str>)>,
}

impl<'r> RawValues<'r> {
    /// An empty buffer.
    pub fn new() -> Self {
        RawValues::default()
    }

    /// Empties the buffer for rows of another lifetime and keeps its memory.
    pub fn recycle<'b>(self) -> RawValues<'b> {
        // Collecting in place keeps the allocation; nothing is left to move.
        RawValues {
            first: self.first.into_iter().map_while(|_| None).collect(),
            rest: self.rest.into_iter().map_while(|_| None).collect(),
        }
    }

    /// The slots that hold something with their texts: in slot order, then the further values of
    /// list fields in column order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Cow<'r, str>)> {
        let first = self.first.iter().enumerate().filter(|(_, text)| !text.is_empty());
        first.chain(self.rest.iter().map(|(slot, text)| (*slot, text)))
    }

    /// The further values of list fields, in column order.
    pub fn further(&self) -> impl Iterator<Item = (usize, &str)> {
        self.rest.iter().map(|(slot, text)| (*slot, text.as_ref()))
    }

    /// The first text of a slot; empty when the row has nothing.
    pub fn get(&self, slot: usize) -> &str {
        self.first.get(slot).map_or("", |text| text.as_ref())
    }

    /// Whether the row holds nothing for any field.
    pub fn is_empty(&self) -> bool {
        self.first.iter().all(|text| text.is_empty())
    }
}

/// A plan made ready: what each column does, by slot numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Program {
    pub(super) slots: Vec<FieldName>,
    lists: Vec<bool>,
    steps: Vec<Step>,
    pub(super) consent: Vec<ConsentStep>,
}

/// A column that says something about consent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ConsentStep {
    pub(super) column: usize,
    pub(super) transforms: Vec<Transform>,
    pub(super) target: ConsentTarget,
}

#[derive(Clone, Debug, PartialEq)]
struct Step {
    column: usize,
    transforms: Vec<Transform>,
    action: Action,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Put { slot: usize, join: String },
    Split { by: String, slots: Vec<usize> },
}

impl Program {
    pub(super) fn new(columns: &[PlannedColumn]) -> Program {
        let mut program = Program::default();
        for (column, planned) in columns.iter().enumerate() {
            if let Some(target) = planned.consent {
                let transforms = planned.transforms.clone();
                program.consent.push(ConsentStep { column, transforms, target });
            }
            let action = match &planned.targets {
                Targets::Ignore => continue,
                Targets::Field(field) => {
                    // Said for one of the columns, it is meant for all of them.
                    let any = || {
                        columns.iter().filter(|c| c.targets == planned.targets).find_map(|c| c.join.as_ref())
                    };
                    let join = planned.join.as_ref().or_else(any).map_or(" ", String::as_str).to_string();
                    Action::Put { slot: program.slot(field), join }
                }
                Targets::Split { by, into } => {
                    Action::Split { by: by.clone(), slots: into.iter().map(|f| program.slot(f)).collect() }
                }
            };
            program.steps.push(Step { column, transforms: planned.transforms.clone(), action });
        }
        program
    }

    pub(super) fn collect<'r>(&self, row: impl Fn(usize) -> &'r str, out: &mut RawValues<'r>) {
        out.first.clear();
        out.rest.clear();
        out.first.resize(self.slots.len(), Cow::Borrowed(""));
        for step in &self.steps {
            let cell = row(step.column);
            if cell.is_empty() {
                continue;
            }
            match &step.action {
                Action::Put { slot, join } => self.put(*slot, apply(&step.transforms, cell), join, out),
                Action::Split { by, slots } => self.split(cell, by, slots, &step.transforms, out),
            }
        }
    }

    fn split<'r>(
        &self,
        cell: &'r str,
        by: &str,
        slots: &[usize],
        transforms: &[Transform],
        out: &mut RawValues<'r>,
    ) {
        let mut rest = cell.trim();
        for (i, slot) in slots.iter().enumerate() {
            let part = match rest.split_once(by) {
                // The last field takes the rest, whatever is left in it.
                Some((part, after)) if i + 1 < slots.len() => {
                    // A run of separators is one where they are blanks: "Ada  Lovelace".
                    rest = if by.trim().is_empty() { after.trim_start() } else { after };
                    part
                }
                _ => std::mem::take(&mut rest),
            };
            self.put(*slot, apply(transforms, part.trim()), " ", out);
        }
    }

    fn put<'r>(&self, slot: usize, text: Cow<'r, str>, join: &str, out: &mut RawValues<'r>) {
        // Most cells begin with something that shows.
        if !text.as_bytes().first().is_some_and(u8::is_ascii_graphic) && text.trim().is_empty() {
            return;
        }
        let Some(first) = out.first.get_mut(slot) else { return };
        if first.is_empty() {
            *first = text;
        } else if self.lists.get(slot).copied().unwrap_or(false) {
            out.rest.push((slot, text));
        } else {
            let mut joined = String::with_capacity(first.len() + join.len() + text.len());
            joined.push_str(first.trim_end());
            joined.push_str(join);
            joined.push_str(text.trim_start());
            *first = Cow::Owned(joined);
        }
    }

    fn slot(&mut self, field: &FieldName) -> usize {
        if let Some(slot) = self.slots.iter().position(|f| f == field) {
            return slot;
        }
        self.slots.push(field.clone());
        self.lists.push(matches!(field, FieldName::Standard(f) if f.kind().is_list()));
        self.slots.len() - 1
    }
}

fn apply_one(transform: Transform, text: &str) -> Cow<'_, str> {
    match transform {
        Transform::Trim => Cow::Borrowed(text.trim()),
        Transform::Lower if text.chars().any(char::is_uppercase) => Cow::Owned(text.to_lowercase()),
        Transform::Upper if text.chars().any(char::is_lowercase) => Cow::Owned(text.to_uppercase()),
        Transform::Lower | Transform::Upper => Cow::Borrowed(text),
        Transform::Title => title(text),
        Transform::Digits if text.bytes().all(|b| b.is_ascii_digit()) => Cow::Borrowed(text),
        Transform::Digits => Cow::Owned(text.chars().filter_map(digit).collect()),
    }
}

fn title(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        // An apostrophe is part of the word: "Ada's", not "Ada'S".
        inside = c.is_alphanumeric() || inside && matches!(c, '\'' | '\u{2019}');
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// ASCII digits, and full-width ones as such.
fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(c as u32 - 0xff10, 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::mapping::Plan;
    use crate::model::report::MappedBy;

    fn column(targets: Targets, join: Option<&str>) -> PlannedColumn {
        PlannedColumn {
            column: "x".into(),
            targets,
            consent: None,
            transforms: Vec::new(),
            join: join.map(str::to_string),
            confidence: 1.0,
            by: MappedBy::Given,
            alternatives: Vec::new(),
        }
    }

    fn to(field: &str) -> Targets {
        Targets::Field(FieldName::parse(field).unwrap())
    }

    fn split(by: &str, into: &[&str]) -> Targets {
        Targets::Split { by: by.into(), into: into.iter().map(|f| FieldName::parse(f).unwrap()).collect() }
    }

    fn run(columns: Vec<PlannedColumn>, row: &[&'static str]) -> Vec<(String, String)> {
        let plan = Plan::from_columns(columns);
        let mut out = RawValues::new();
        plan.collect(|i| row[i], &mut out);
        out.iter().map(|(slot, text)| (plan.slots()[slot].to_string(), text.to_string())).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect()
    }

    #[test]
    fn untouched_cells_are_borrowed() {
        let plan = Plan::from_columns(vec![column(to("email"), None)]);
        let mut out = RawValues::new();
        plan.collect(|_| "a@b.co", &mut out);
        assert!(matches!(out.iter().next(), Some((0, Cow::Borrowed("a@b.co")))));
        let again: RawValues<'_> = out.recycle();
        assert!(again.is_empty() && again.get(0).is_empty());
        assert!(matches!(apply(&[Transform::Trim, Transform::Lower], " ab "), Cow::Borrowed("ab")));
        assert!(matches!(apply(&[Transform::Title], "Ada's"), Cow::Borrowed(_)));
    }

    #[test]
    fn splitting_trims_and_the_last_takes_the_rest() {
        let by_comma = || vec![column(split(",", &["last_name", "first_name"]), None)];
        assert_eq!(
            run(by_comma(), &["Lovelace,  Ada"]),
            pairs(&[("last_name", "Lovelace"), ("first_name", "Ada")])
        );
        assert_eq!(run(by_comma(), &["Lovelace"]), pairs(&[("last_name", "Lovelace")]));
        assert_eq!(run(by_comma(), &["a, b, c"]), pairs(&[("last_name", "a"), ("first_name", "b, c")]));
        let by_blank = vec![column(split(" ", &["first_name", "last_name"]), None)];
        assert_eq!(
            run(by_blank, &[" Ada   van Dyk "]),
            pairs(&[("first_name", "Ada"), ("last_name", "van Dyk")])
        );
        let list = vec![column(split(";", &["email", "emails", "emails"]), None)];
        assert_eq!(run(list, &["a;b;c"]), pairs(&[("email", "a"), ("emails", "b"), ("emails", "c")]));
    }

    #[test]
    fn columns_join_and_lists_collect() {
        let street = || vec![column(to("street"), None), column(to("street"), None)];
        assert_eq!(run(street(), &["Hauptstr.", "5"]), pairs(&[("street", "Hauptstr. 5")]));
        assert_eq!(run(street(), &[" ", "5"]), pairs(&[("street", "5")]));
        let notes = vec![column(to("notes"), None), column(to("notes"), Some(" / "))];
        assert_eq!(run(notes, &["a", "b"]), pairs(&[("notes", "a / b")]));
        let phones = vec![column(to("phones"), None), column(to("phone"), None), column(to("phones"), None)];
        assert_eq!(run(phones, &["1", "2", "3"]), pairs(&[("phones", "1"), ("phone", "2"), ("phones", "3")]));
    }

    #[test]
    fn digits_take_full_width_ones() {
        assert_eq!(apply(&[Transform::Digits], "０１２-34"), "01234");
        assert_eq!(apply(&[Transform::Upper, Transform::Trim], " aß "), "ASS");
    }
}
