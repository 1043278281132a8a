//! Queries as stores take them: checked filters, orders, and positions in them.

use std::cmp::Ordering;

use serde_json::{Value, json};

use crate::error::{Error, ErrorCode, Result};
use crate::model::compare::Scalar;
use crate::model::filter::{Expr, Target};
use crate::model::lead::Lead;

/// One key of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderKey {
    /// What is compared.
    pub target: Target,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// A checked query.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which leads.
    pub filter: Expr,
    /// In which order; ties, and everything when empty, go by id. Empty values come last.
    pub order: Vec<OrderKey>,
    /// Whether deleted leads are found.
    pub include_deleted: bool,
}

impl Query {
    /// All leads that pass, by id.
    pub fn of(filter: Expr) -> Query {
        Query { filter, order: Vec::new(), include_deleted: false }
    }

    /// Whether the lead is found.
    pub fn finds(&self, lead: &Lead) -> bool {
        (self.include_deleted || lead.deleted_at.is_none()) && self.filter.matches(lead)
    }
}

/// A place in a query's order: the order's values of a lead, then its id.
#[derive(Clone, Debug, PartialEq)]
pub struct Position(pub Vec<Scalar>);

impl Position {
    /// Where a lead stands.
    pub fn of(lead: &Lead, query: &Query) -> Position {
        let order = query.order.iter().map(|key| Scalar::of(lead, &key.target));
        Position(order.chain([Scalar::Integer(lead.id)]).collect())
    }

    /// Which of two places comes first.
    pub fn compare(&self, other: &Position, query: &Query) -> Ordering {
        for (key, (a, b)) in query.order.iter().zip(self.0.iter().zip(&other.0)) {
            let order = match (a, b) {
                (Scalar::Null, Scalar::Null) => Ordering::Equal,
                (Scalar::Null, _) => Ordering::Greater,
                (_, Scalar::Null) => Ordering::Less,
                (a, b) => {
                    let order = a.compare(b).unwrap_or(Ordering::Equal);
                    if key.descending { order.reverse() } else { order }
                }
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        let last = |p: &Position| p.0.last().cloned().unwrap_or(Scalar::Null);
        last(self).compare(&last(other)).unwrap_or(Ordering::Equal)
    }

    /// The cursor that callers get: opaque to them, JSON in hexadecimal.
    pub fn to_cursor(&self) -> String {
        let values: Vec<Value> = self
            .0
            .iter()
            .map(|value| match value {
                Scalar::Null => Value::Null,
                Scalar::Integer(n) => Value::from(*n),
                // By its bits: reading a decimal text may miss the number by a last digit.
                Scalar::Real(n) => json!({ "bits": n.to_bits() }),
                Scalar::Text(text) => Value::from(text.as_str()),
            })
            .collect();
        Value::from(values).to_string().bytes().map(|b| format!("{b:02x}")).collect()
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// `invalid_argument` for a cursor that no page of this order gave.
    pub fn parse(cursor: &str, query: &Query) -> Result<Position> {
        let bytes: Option<Vec<u8>> = cursor
            .as_bytes()
            .chunks(2)
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()))
            .collect();
        let values: Option<Vec<Value>> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match values {
            Some(values)
                if values.len() == query.order.len() + 1 && values.last().is_some_and(Value::is_i64) =>
            {
                Ok(Position(values.into_iter().map(scalar).collect()))
            }
            _ => Err(Error::new(ErrorCode::InvalidArgument, "this cursor does not belong to this query")
                .hint("give the `next_cursor` of a page of the same filter and order")
                .at_field("cursor")),
        }
    }
}

fn scalar(value: Value) -> Scalar {
    match value {
        Value::String(text) => Scalar::Text(text),
        Value::Number(n) => n.as_i64().map_or(Scalar::Null, Scalar::Integer),
        Value::Object(real) => match real.get("bits").and_then(Value::as_u64) {
            Some(bits) => Scalar::Real(f64::from_bits(bits)),
            None => Scalar::Null,
        },
        _ => Scalar::Null,
    }
}
