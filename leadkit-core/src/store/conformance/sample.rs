//! Leads, filters and commits to check stores with; the same seed gives the same ones.

use serde_json::Value;

use crate::clock::{Random, Timestamp};
use crate::error::Result;
use crate::model::compare::Scalar;
use crate::model::field::{CustomField, Field, FieldKind};
use crate::model::filter::{Expr, Operand, Target, Test};
use crate::model::lead::Lead;
use crate::model::operation::OperationKind;
use crate::store::{Commit, LeadRow, LeadUpdate, NewOperation, Store, Writer, keys_of};
use crate::text::fold;

/// Texts in which stores differ: quotes, wild cards, scripts, marks, pictures, breaks.
pub(super) const TEXTS: [&str; 24] = [
    "Ada",
    "ada",
    "ADA",
    "Zoë",
    "zoe",
    "Z",
    "O'Brien",
    "say \"hi\"",
    "back\\slash",
    "100%",
    "under_score",
    "'); DROP TABLE lead; --",
    "日本語",
    "Ελλάδα",
    "مرحبا",
    "😀 party 👩‍👩‍👧",
    "Straße",
    "İstanbul",
    "two\nlines\tand a tab",
    "\u{301}",
    "\u{fffd}\u{ffff}\u{10ffff}",
    "$1 ?1 :a @b {x}",
    "null",
    "12",
];

/// Numbers that are easily lost a digit of.
pub(super) const NUMBERS: [f64; 13] = [
    0.0,
    1.0,
    -1.5,
    0.1,
    0.30000000000000004,
    99.99,
    1e15,
    9_007_199_254_740_992.0,
    123_456_789.123_456_79,
    1e-7,
    1.797_693_134_862_315_7e308,
    5e-324,
    -2.2250738585072014e-308,
];

const INSTANTS: [i64; 6] =
    [0, -1, 1_700_000_000_000, 1_700_000_000_001, -62_135_596_800_000, 253_402_207_199_999];

pub(super) struct Dice(Random);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(Random::fixed(seed))
    }

    pub fn bits(&self) -> u64 {
        self.0.next()
    }

    pub fn below(&self, sides: usize) -> usize {
        (self.0.next() % sides.max(1) as u64) as usize
    }

    pub fn one_in(&self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    pub fn pick<T: Clone>(&self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    pub fn text(&self) -> String {
        match self.below(4) {
            0 => format!("{} {}", self.pick(&TEXTS), self.pick(&TEXTS)),
            _ => self.pick(&TEXTS).to_string(),
        }
    }

    pub fn number(&self) -> f64 {
        match self.below(4) {
            0 => self.pick(&NUMBERS),
            1 => self.below(2_000_000) as f64 / 100.0,
            2 => self.below(100) as f64,
            // Any finite number.
            _ => Some(f64::from_bits(self.bits())).filter(|n| n.is_finite() && *n != 0.0).unwrap_or(1.0),
        }
    }

    fn texts(&self) -> Vec<String> {
        (0..self.below(4)).map(|_| self.text()).collect()
    }

    /// A lead without id and revision; about half of its fields hold something.
    pub fn lead(&self) -> Lead {
        let mut lead = Lead {
            created_at: Timestamp(self.pick(&INSTANTS)),
            updated_at: Timestamp(self.pick(&INSTANTS)),
            ..Lead::default()
        };
        for &field in Field::ALL {
            if self.one_in(2) {
                self.fill(&mut lead, field);
            }
        }
        for field in custom_fields() {
            if self.one_in(2) {
                let value = self.custom_value(&field);
                lead.custom.insert(field.key, value);
            }
        }
        for field in ["first_name", "phone", "city", "custom.plan"] {
            if self.one_in(4) {
                lead.original.insert(field.to_string(), self.text());
            }
        }
        lead
    }

    /// Puts some value into a field.
    pub fn fill(&self, lead: &mut Lead, field: Field) {
        match field {
            Field::Score => lead.score = Some(self.number()),
            Field::Country => lead.country = Some(self.pick(&["DE", "AT", "GB"]).into()),
            Field::Email => lead.email = Some(format!("p{}@lovelace.org", self.below(300))),
            Field::Emails => lead.emails = vec![format!("further{}@lovelace.org", self.below(300))],
            Field::Phone => lead.phone = Some(format!("+49301{:05}", self.below(300))),
            Field::Phones => lead.phones = vec![format!("+49302{:05}", self.below(300))],
            field => match lead.list_mut(field) {
                Some(list) => *list = self.texts(),
                None => lead.set_text(field, Some(self.text())),
            },
        }
    }

    fn custom_value(&self, field: &CustomField) -> Value {
        match field.kind {
            FieldKind::Number => Value::from(self.number()),
            FieldKind::Boolean => Value::from(self.one_in(2)),
            FieldKind::Date => Value::from(format!("20{:02}-03-01", self.below(30))),
            FieldKind::Choice => Value::from(self.pick(&["free", "Pro", "Größe"])),
            _ => Value::from(self.text()),
        }
    }

    /// A filter of some depth, about values that leads have, or nearly.
    pub fn filter(&self, leads: &[Lead], depth: usize) -> Expr {
        let parts = |dice: &Dice| (0..dice.below(4)).map(|_| dice.filter(leads, depth - 1)).collect();
        match self.below(if depth == 0 { 1 } else { 4 }) {
            1 => Expr::And(parts(self)),
            2 => Expr::Or(parts(self)),
            3 => Expr::Not(Box::new(self.filter(leads, depth - 1))),
            _ => {
                let target = self.pick(&targets());
                let test = self.pick(&tests(&target, self, leads));
                Expr::Test(target, test)
            }
        }
    }

    /// A value to compare a target with.
    pub fn operand(&self, target: &Target, leads: &[Lead]) -> Operand {
        let stored = match leads.is_empty() || self.one_in(4) {
            true => Scalar::Null,
            false => Scalar::of(&leads[self.below(leads.len())], target),
        };
        match (stored, target.kind()) {
            (Scalar::Text(text), _) => Operand::Text(text),
            (Scalar::Real(number), _) => Operand::Number(number),
            (Scalar::Integer(n), FieldKind::Boolean) => Operand::Boolean(n != 0),
            (Scalar::Integer(n), _) => Operand::Number(n as f64),
            (Scalar::Null, FieldKind::Number | FieldKind::Timestamp) => Operand::Number(self.number()),
            (Scalar::Null, FieldKind::Boolean) => Operand::Boolean(self.one_in(2)),
            (Scalar::Null, FieldKind::Country) => Operand::Text("CH".into()),
            (Scalar::Null, _) => Operand::Text(fold(&self.text())),
        }
    }
}

pub(super) fn custom_fields() -> Vec<CustomField> {
    vec![
        CustomField::new("plan", FieldKind::Choice).choices(["free", "Pro", "Größe"]),
        CustomField::new("seats", FieldKind::Number),
        CustomField::new("active", FieldKind::Boolean).label("Aktiv?"),
        CustomField::new("since", FieldKind::Date),
        CustomField::new("motto", FieldKind::Text),
    ]
}

/// Everything that a filter may test.
pub(super) fn targets() -> Vec<Target> {
    let standard = Field::ALL.iter().copied().map(Target::Standard);
    let custom = custom_fields().into_iter().map(|field| Target::Custom(field.key, field.kind));
    [Target::Id, Target::Rev].into_iter().chain(standard).chain(custom).collect()
}

/// Every test that a target allows, with values at random.
pub(super) fn tests(target: &Target, dice: &Dice, leads: &[Lead]) -> Vec<Test> {
    let mut tests = vec![Test::IsNull(true), Test::IsNull(false)];
    let kind = target.kind();
    if let (true, Target::Standard(field)) = (kind.is_list(), target) {
        let of = |lead: &Lead| lead.list(*field).to_vec();
        let stored: Vec<String> = leads.iter().flat_map(of).collect();
        let element = if stored.is_empty() { dice.text() } else { dice.pick(&stored) };
        tests.extend([Test::Has(fold(&element)), Test::Has(fold(&dice.text()))]);
        return tests;
    }
    let one = || dice.operand(target, leads);
    let several = || (0..dice.below(5)).map(|_| dice.operand(target, leads)).collect();
    tests.extend([Test::Eq(one()), Test::Ne(one()), Test::In(several()), Test::NotIn(several())]);
    if kind != FieldKind::Boolean {
        tests.extend([Test::Gt(one()), Test::Gte(one()), Test::Lt(one()), Test::Lte(one())]);
    }
    if let (true, Operand::Text(text)) = (kind.is_text(), one()) {
        let chars: Vec<char> = text.chars().collect();
        let (from, to) = (dice.below(chars.len() + 1), dice.below(chars.len() + 1));
        let part = chars[from.min(to)..from.max(to)].iter().collect();
        tests.extend([Test::Contains(part), Test::StartsWith(chars[..to].iter().collect())]);
    }
    tests
}

/// Enters an operation for commits to belong to.
pub(super) fn operation(writer: &dyn Writer) -> Result<i64> {
    writer.add_operation(&NewOperation::new(OperationKind::BulkUpdate, Timestamp(1_700_000_000_000)))
}

/// Enters a commit with an operation of its own.
pub(super) fn commit(writer: &dyn Writer, rev: i64, created: Option<(i64, i64)>, changed: u64) -> Result<()> {
    let (operation, at) = (operation(writer)?, Timestamp(rev));
    writer.add_commit(&Commit { rev, operation, at, actor: None, reason: None, created, changed })
}

/// Stores new leads under a revision and gives them as they are stored.
pub(super) fn insert(writer: &dyn Writer, rev: i64, leads: &[Lead]) -> Result<Vec<Lead>> {
    let first = writer.allot(leads.len() as i64)?;
    let leads: Vec<Lead> = (first..).zip(leads).map(|(id, lead)| Lead { id, rev, ..lead.clone() }).collect();
    let rows: Vec<LeadRow> = leads.iter().cloned().map(LeadRow::of).collect();
    let mut keys: Vec<_> =
        rows.iter().flat_map(|row| row.keys.iter().map(|key| (*key, row.lead.id))).collect();
    keys.sort_unstable();
    writer.insert_leads(&rows)?;
    writer.add_keys(&keys)?;
    Ok(leads)
}

/// Commits new leads and gives them as they are stored.
pub(super) fn add(store: &dyn Store, leads: &[Lead]) -> Result<Vec<Lead>> {
    store.writing(|writer| {
        let rev = writer.next_rev()?;
        let leads = insert(writer, rev, leads)?;
        let created = leads.first().zip(leads.last()).map(|(first, last)| (first.id, last.id));
        commit(writer, rev, created, 0)?;
        Ok(leads)
    })
}

/// Commits some leads made by dice.
pub(super) fn add_some(store: &dyn Store, count: usize, seed: u64) -> Result<Vec<Lead>> {
    let dice = Dice::new(seed);
    let leads: Vec<Lead> = (0..count).map(|_| dice.lead()).collect();
    add(store, &leads)
}

/// Stores a new state of a lead under a revision, its keys along.
pub(super) fn update(writer: &dyn Writer, rev: i64, before: &Lead, after: Lead) -> Result<Lead> {
    let after = LeadRow::of(Lead { rev, ..after });
    let pair = |keys: &[crate::store::LeadKey], id| keys.iter().map(|key| (*key, id)).collect::<Vec<_>>();
    let (old, new, lead) =
        (pair(&keys_of(before), before.id), pair(&after.keys, before.id), after.lead.as_ref().clone());
    writer.update_leads(&[LeadUpdate { before: before.clone(), after }])?;
    writer.remove_keys(&old)?;
    writer.add_keys(&new)?;
    Ok(lead)
}

/// All leads, deleted ones included, by id.
pub(super) fn all(store: &dyn Store) -> Result<Vec<Lead>> {
    let query = crate::store::Query { include_deleted: true, ..crate::store::Query::of(Expr::And(vec![])) };
    store.reading(|reader| reader.page(&query, None, u64::MAX))
}
