//! Records in, leads and issues out, without a store.

use serde_json::Value;

use crate::error::Result;
use crate::mapping::{Plan, RawValues};
use crate::model::consent::{Channel, ConsentTarget};
use crate::model::field::{Field, FieldKind, FieldName};
use crate::model::issue::{Issue, IssueCode};
use crate::model::lead::Lead;
use crate::normalize::{ConsentAnswer, detect_decimal_mark, detect_order, parse_consent};
use crate::table::{RecordBatch, Row, unguard};
use crate::validate::{Draft, Outcome, Rules, Spare};

/// Makes leads of rows, by a mapping and rules; shared by all threads of an import.
#[derive(Clone, Debug)]
pub struct Cleaner {
    plan: Plan,
    rules: Rules,
    /// Slots in the order of reading: the country before phones.
    order: Vec<usize>,
    /// A lead that holds only the constants, and which fields those are.
    constants: Lead,
    constant_fields: Vec<FieldName>,
    has_constants: bool,
    columns: usize,
}

/// What became of one slot of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotCount {
    /// Rows whose cell held something.
    pub filled: u64,
    /// Of those, the valid ones.
    pub valid: u64,
    /// Of those, the ones taken in another form.
    pub normalised: u64,
}

/// What one row says about consent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowConsent {
    /// The row's numbers in E.164.
    pub phones: Vec<String>,
    /// What is refused.
    pub refused: Vec<Said>,
    /// What is agreed to.
    pub agreed: Vec<Said>,
}

/// What one cell says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The column's place.
    pub column: usize,
    /// What the column is about.
    pub target: ConsentTarget,
    /// By which channel; none: all of them.
    pub channel: Option<Channel>,
    /// The cell.
    pub text: String,
}

/// Characters of a cell that a ledger keeps: enough to tell what was said.
const SAID_CHARS: usize = 200;

/// A batch of rows turned into drafts.
#[derive(Debug)]
pub struct CleanBatch {
    /// The rows, for those that are handed back.
    pub records: RecordBatch,
    /// The drafts, in the order of the rows.
    pub drafts: Vec<Draft>,
    /// By slot of the plan.
    pub slots: Vec<SlotCount>,
}

impl Cleaner {
    /// Makes ready. `constants` are values for every row, already checked; they win over the file.
    /// The order of ambiguous dates and the decimal mark are learnt from the sample.
    ///
    /// # Errors
    /// None yet.
    pub fn new(
        plan: Plan,
        mut rules: Rules,
        constants: Lead,
        constant_fields: Vec<FieldName>,
        columns: usize,
        sample: &[Vec<&str>],
    ) -> Result<Self> {
        let slots = plan.slots().to_vec();
        let mut texts: Vec<Vec<String>> = vec![Vec::new(); slots.len()];
        let mut raw = RawValues::new();
        for row in sample {
            plan.collect(|i| unguard(row.get(i).copied().unwrap_or("")), &mut raw);
            for (slot, text) in raw.iter() {
                texts[slot].push(text.to_string());
            }
        }
        for (field, texts) in slots.iter().zip(&texts).filter(|(field, _)| is_measured(field)) {
            let texts = || texts.iter().map(String::as_str);
            if let Some(order) = detect_order(texts()) {
                rules.date_order.insert(field.clone(), order);
            }
            if let Some(mark) = detect_decimal_mark(texts()) {
                rules.decimal_mark.insert(field.clone(), mark);
            }
        }
        let mut order: Vec<usize> =
            (0..slots.len()).filter(|s| !constant_fields.contains(&slots[*s])).collect();
        order.sort_by_key(|slot| slots[*slot] != FieldName::Standard(Field::Country));
        let has_constants = constants != Lead::default();
        Ok(Cleaner { plan, rules, order, constants, constant_fields, has_constants, columns })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Makes drafts of a batch.
    pub fn clean(&self, records: RecordBatch) -> CleanBatch {
        let mut slots = vec![SlotCount::default(); self.plan.slots().len()];
        let mut drafts = Vec::with_capacity(records.len());
        {
            let mut raw = RawValues::new();
            let mut spare = Spare::default();
            for row in records.iter() {
                drafts.push(self.draft(row, &mut raw, &mut slots, Box::default(), &mut spare));
            }
        }
        CleanBatch { records, drafts, slots }
    }

    /// Makes a draft of one row in the memory of a lead that is gone; counts by slot of the plan.
    pub(crate) fn draft<'r>(
        &self,
        row: Row<'r>,
        raw: &mut RawValues<'r>,
        slots: &mut [SlotCount],
        mut gone: Box<Lead>,
        spare: &mut Spare,
    ) -> Draft {
        spare.take_from(&mut gone);
        if self.has_constants {
            gone.as_mut().clone_from(&self.constants);
        }
        let mut draft = Draft::with_spare(gone, spare);
        self.fill(row, raw, slots, &mut draft);
        draft.return_spare(spare);
        draft
    }

    /// What a row says about consent, its numbers taken from its draft, whether it is rejected or not;
    /// what cannot be read is noted. Nothing of a row whose cells cannot be told apart: it is handed back.
    pub(crate) fn consent(&self, row: Row<'_>, lead: &Lead, issues: &mut Vec<Issue>) -> Option<RowConsent> {
        if !self.plan.has_consent() || self.is_torn(row) {
            return None;
        }
        let mut said = RowConsent::default();
        for (column, target, text) in self.plan.consent(|i| unguard(row.get(i))) {
            let answer = parse_consent(&text, target.is_opt_out());
            if answer == ConsentAnswer::Unreadable {
                let code = match target.is_opt_out() {
                    true => IssueCode::OptOutUnreadable,
                    false => IssueCode::OptInUnreadable,
                };
                issues.push(self.consent_issue(code, column, target).value(text.trim()));
            }
            let list = match answer {
                ConsentAnswer::Refused => &mut said.refused,
                // A withdrawal that nobody could read is one all the same.
                ConsentAnswer::Unreadable if target.is_opt_out() => &mut said.refused,
                ConsentAnswer::Agreed => &mut said.agreed,
                ConsentAnswer::Unreadable | ConsentAnswer::Silent => continue,
            };
            let text = text.trim().chars().take(SAID_CHARS).collect();
            list.push(Said { column, target, channel: target.channel(), text });
        }
        if said.refused.is_empty() && said.agreed.is_empty() {
            return None;
        }
        said.phones = lead.phone.iter().chain(&lead.phones).cloned().collect();
        Some(said)
    }

    /// An issue about consent, which names the column: several may go to one target.
    pub(crate) fn consent_issue(&self, code: IssueCode, column: usize, target: ConsentTarget) -> Issue {
        let issue = Issue::new(code).field(target.name());
        match self.plan.columns().get(column) {
            Some(planned) => issue.message(format!("in the column `{}` {}", planned.column, code.message())),
            None => issue,
        }
    }

    /// Whether a row's cells cannot be told apart.
    fn is_torn(&self, row: Row<'_>) -> bool {
        row.raw_issues().is_bad() || self.has_surplus(row)
    }

    fn has_surplus(&self, row: Row<'_>) -> bool {
        row.len() > self.columns && (self.columns..row.len()).any(|i| !row.get(i).trim().is_empty())
    }

    fn fill<'r>(&self, row: Row<'r>, raw: &mut RawValues<'r>, slots: &mut [SlotCount], draft: &mut Draft) {
        for code in row.raw_issues().iter() {
            draft.note_row(code);
        }
        if row.raw_issues().is_bad() {
            return;
        }
        if self.has_surplus(row) {
            draft.note_row(IssueCode::TooManyCells);
            return;
        }
        if row.len() < self.columns {
            draft.note_row(IssueCode::TooFewCells);
        }
        self.plan.collect(|i| unguard(row.get(i)), raw);
        // Most rows fill most slots, so walking the order and asking is cheap.
        for &slot in &self.order {
            let text = raw.get(slot);
            if !text.is_empty() {
                self.read(slot, text, draft, slots);
            }
        }
        for (slot, text) in raw.further() {
            if !self.constant_fields.contains(&self.plan.slots()[slot]) {
                self.read(slot, text, draft, slots);
            }
        }
        self.rules.finish(draft);
    }

    fn read(&self, slot: usize, text: &str, draft: &mut Draft, slots: &mut [SlotCount]) {
        let outcome = self.rules.read(&self.plan.slots()[slot], text, draft);
        let count = &mut slots[slot];
        match outcome {
            Outcome::Empty => return,
            Outcome::Taken => count.valid += 1,
            Outcome::Normalised => {
                count.valid += 1;
                count.normalised += 1;
            }
            Outcome::Invalid => {}
        }
        count.filled += 1;
    }
}

/// Whether a field's values may be dates or numbers, which are read by what the column tells.
fn is_measured(field: &FieldName) -> bool {
    match field {
        FieldName::Custom(_) => true,
        FieldName::Standard(field) => matches!(field.kind(), FieldKind::Number | FieldKind::Timestamp),
    }
}

/// The fields of a plan and of the constants, each once: what the report's quality speaks of.
pub fn quality_fields(plan: &Plan, constants: &std::collections::BTreeMap<String, Value>) -> Vec<FieldName> {
    let mut fields: Vec<FieldName> = plan.slots().to_vec();
    fields.extend(constants.keys().filter_map(|name| FieldName::parse(name).ok()));
    fields.sort();
    fields.dedup();
    fields
}
