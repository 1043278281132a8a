//! Filters and orders applied to a lead in hand: the meaning that stores' queries must have.

use std::cmp::Ordering;

use serde_json::Value;

use super::field::Field;
use super::filter::{Expr, Operand, Target, Test};
use super::lead::Lead;
use crate::text::fold;

/// A value in the form in which it is compared and ordered.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Nothing.
    Null,
    /// A whole number: an id, a revision, an instant in milliseconds, a truth value.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A folded text.
    Text(String),
}

impl Scalar {
    /// What a filter compares of a lead.
    pub fn of(lead: &Lead, target: &Target) -> Scalar {
        match target {
            Target::Id => Scalar::Integer(lead.id),
            Target::Rev => Scalar::Integer(lead.rev),
            Target::Standard(field) => match field {
                Field::Score => lead.score.map_or(Scalar::Null, Scalar::Real),
                Field::CreatedAt => Scalar::Integer(lead.created_at.0),
                Field::UpdatedAt => Scalar::Integer(lead.updated_at.0),
                Field::Country | Field::Phone => text(lead.text(*field), str::to_string),
                field if field.kind().is_list() => {
                    text(lead.list(*field).first().map(String::as_str), str::to_string)
                }
                field => text(lead.text(*field), fold),
            },
            Target::Custom(key, _) => match lead.custom.get(key) {
                Some(Value::String(value)) => Scalar::Text(fold(value)),
                Some(Value::Number(number)) => number.as_f64().map_or(Scalar::Null, Scalar::Real),
                Some(Value::Bool(value)) => Scalar::Integer(i64::from(*value)),
                _ => Scalar::Null,
            },
        }
    }

    /// Compares two values of one field; none when one of them is nothing.
    pub fn compare(&self, other: &Scalar) -> Option<Ordering> {
        use Scalar::{Integer, Null, Real, Text};
        match (self, other) {
            (Null, _) | (_, Null) => None,
            (Integer(a), Integer(b)) => Some(a.cmp(b)),
            (Text(a), Text(b)) => Some(a.cmp(b)),
            (Text(_), _) => Some(Ordering::Greater),
            (_, Text(_)) => Some(Ordering::Less),
            (Real(a), Real(b)) => a.partial_cmp(b),
            (Integer(a), Real(b)) => (*a as f64).partial_cmp(b),
            (Real(a), Integer(b)) => a.partial_cmp(&(*b as f64)),
        }
    }
}

fn text(text: Option<&str>, form: impl Fn(&str) -> String) -> Scalar {
    text.map_or(Scalar::Null, |t| Scalar::Text(form(t)))
}

impl From<&Operand> for Scalar {
    fn from(operand: &Operand) -> Self {
        match operand {
            Operand::Text(text) => Scalar::Text(text.clone()),
            Operand::Number(number) => Scalar::Real(*number),
            Operand::Boolean(value) => Scalar::Integer(i64::from(*value)),
        }
    }
}

impl Expr {
    /// Whether the lead passes.
    pub fn matches(&self, lead: &Lead) -> bool {
        match self {
            Expr::And(parts) => parts.iter().all(|part| part.matches(lead)),
            Expr::Or(parts) => parts.iter().any(|part| part.matches(lead)),
            Expr::Not(part) => !part.matches(lead),
            Expr::Test(target, test) => passes(lead, target, test),
        }
    }
}

fn passes(lead: &Lead, target: &Target, test: &Test) -> bool {
    let value = Scalar::of(lead, target);
    if let Test::IsNull(null) = test {
        return (value == Scalar::Null) == *null;
    }
    if value == Scalar::Null {
        return false;
    }
    let order = |operand: &Operand| value.compare(&Scalar::from(operand));
    match test {
        Test::Eq(operand) => order(operand) == Some(Ordering::Equal),
        Test::Ne(operand) => order(operand) != Some(Ordering::Equal),
        Test::In(operands) => operands.iter().any(|o| order(o) == Some(Ordering::Equal)),
        Test::NotIn(operands) => !operands.iter().any(|o| order(o) == Some(Ordering::Equal)),
        Test::Gt(operand) => order(operand) == Some(Ordering::Greater),
        Test::Gte(operand) => matches!(order(operand), Some(Ordering::Greater | Ordering::Equal)),
        Test::Lt(operand) => order(operand) == Some(Ordering::Less),
        Test::Lte(operand) => matches!(order(operand), Some(Ordering::Less | Ordering::Equal)),
        Test::Contains(part) => matches!(&value, Scalar::Text(text) if text.contains(part.as_str())),
        Test::StartsWith(part) => matches!(&value, Scalar::Text(text) if text.starts_with(part.as_str())),
        Test::Has(element) => has(lead, target, element),
        Test::IsNull(_) => false,
    }
}

fn has(lead: &Lead, target: &Target, element: &str) -> bool {
    match target {
        // Numbers are canonical and are not folded.
        Target::Standard(Field::Phones) => lead.phones.iter().any(|e| e == element),
        Target::Standard(field) => lead.list(*field).iter().any(|e| fold(e) == element),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clock::Timestamp;
    use crate::model::filter::Filter;

    fn passes(filter: serde_json::Value) -> bool {
        let lead = Lead {
            id: 7,
            first_name: Some("Zoë".into()),
            country: Some("DE".into()),
            score: Some(2.5),
            tags: vec!["VIP".into()],
            ..Lead::default()
        };
        Filter::from_json(filter).unwrap().resolve(&[], Timestamp(0)).unwrap().matches(&lead)
    }

    #[test]
    fn a_lead_in_hand_passes_the_filters_that_a_query_would() {
        use serde_json::json;
        for passing in [
            json!({}),
            json!({"first_name": "ZOE", "country": {"in": ["de", "at"]}, "score": {"between": [2, 3]}}),
            json!({"tags": {"has": "vip"}, "id": 7}),
            json!({"not": {"last_name": "smith"}}),
            json!({"last_name": {"is_null": true}, "first_name": {"starts_with": "zo"}}),
        ] {
            assert!(passes(passing.clone()), "{passing}");
        }
        for failing in [
            json!({"last_name": {"ne": "smith"}}),
            json!({"last_name": {"not_in": []}}),
            json!({"or": []}),
            json!({"score": {"gt": 2.5}}),
        ] {
            assert!(!passes(failing.clone()), "{failing}");
        }
    }
}
