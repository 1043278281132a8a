//! Which leads: a filter is data, the same in all languages.
//!
//! ```text
//! {"status": "new", "country": {"in": ["DE", "AT"]}, "score": {"gte": 10},
//!  "custom.plan": "pro", "or": [{...}, {...}], "not": {...}}
//! ```
//!
//! All entries of one object must hold. Texts compare folded ([`crate::text::fold`]): case,
//! accents and blanks do not matter. A field that holds nothing passes no test but
//! `{"is_null": true}`; `not` is the exact complement, so it finds such leads. Instants are RFC
//! 3339, a date (its midnight in UTC) or `{"ago": "14d"}` with the units s, m, h, d, w.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::field::{CustomField, Field, FieldKind, FieldName, unknown_field};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::text::{fold, nearest};

/// Which leads; `{}`, the default, is all of them.
///
/// ```
/// use leadkit_core::Filter;
/// let filter = Filter::field("status").eq("new").and(Filter::field("score").gte(10));
/// assert_eq!(serde_json::to_string(&filter)?, r#"{"and":[{"status":{"eq":"new"}},{"score":{"gte":10}}]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Filter(pub Map<String, Value>);

impl Filter {
    /// Begins a test of one field.
    pub fn field(name: impl Into<String>) -> FieldTest {
        FieldTest(name.into())
    }

    /// All leads, said explicitly, as a bulk delete of everything must.
    pub fn all() -> Filter {
        single("all", json!(true))
    }

    /// Both must hold.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        single("and", json!([self, other]))
    }

    /// One of the two must hold.
    #[must_use]
    pub fn or(self, other: Filter) -> Filter {
        single("or", json!([self, other]))
    }

    /// The leads that this filter does not find.
    #[must_use]
    pub fn negate(self) -> Filter {
        single("not", json!(self))
    }

    /// A filter from JSON, as it comes from a host language.
    ///
    /// # Errors
    /// `invalid_filter` when it is no object.
    pub fn from_json(value: Value) -> Result<Filter> {
        match value {
            Value::Null => Ok(Filter::default()),
            Value::Object(map) => Ok(Filter(map)),
            _ => Err(invalid("a filter is an object of field to value")),
        }
    }

    /// Checks names, operators and values, and resolves instants.
    ///
    /// # Errors
    /// `unknown_field` with the nearest right name; `invalid_filter` for operators and values.
    pub fn resolve(&self, custom: &[CustomField], now: Timestamp) -> Result<Expr> {
        Resolver { custom, now }.object(&self.0, 0)
    }
}

/// A test of one field that waits for its operator.
#[derive(Clone, Debug)]
pub struct FieldTest(String);

macro_rules! tests {
    ($($(#[doc = $doc:literal])* $name:ident;)*) => {
        impl FieldTest {
            $($(#[doc = $doc])* pub fn $name(self, value: impl Into<Value>) -> Filter {
                single(&self.0, json!({ operator(stringify!($name)): value.into() }))
            })*
        }
    };
}

tests! {
    /// Equal.
    eq;
    /// Not equal, and not empty.
    ne;
    /// One of several.
    is_in;
    /// Greater than.
    gt;
    /// Greater than or equal.
    gte;
    /// Less than.
    lt;
    /// Less than or equal.
    lte;
    /// The text holds this text.
    contains;
    /// The text begins with this text.
    starts_with;
    /// The list holds this element.
    has;
    /// `true`: the field holds nothing; `false`: it holds something.
    is_null;
}

impl FieldTest {
    /// Not one of several, and not empty.
    pub fn not_in(self, values: impl Into<Value>) -> Filter {
        single(&self.0, json!({ "not_in": values.into() }))
    }

    /// From a value to a value, both included.
    pub fn between(self, from: impl Into<Value>, to: impl Into<Value>) -> Filter {
        single(&self.0, json!({ "between": [from.into(), to.into()] }))
    }
}

fn single(key: &str, value: Value) -> Filter {
    Filter(Map::from_iter([(key.to_string(), value)]))
}

/// `in` is a keyword in Rust.
fn operator(method: &'static str) -> &'static str {
    if method == "is_in" { "in" } else { method }
}

/// A checked filter: what the stores translate.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// All must hold; with none, everything.
    And(Vec<Expr>),
    /// One must hold; with none, nothing.
    Or(Vec<Expr>),
    /// Must not hold.
    Not(Box<Expr>),
    /// One test of one field.
    Test(Target, Test),
}

/// What a test looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// The lead's id.
    Id,
    /// The revision that last changed it.
    Rev,
    /// A standard field.
    Standard(Field),
    /// A custom field and its kind.
    Custom(String, FieldKind),
}

impl Target {
    /// The kind of value compared.
    pub fn kind(&self) -> FieldKind {
        match self {
            Target::Id | Target::Rev => FieldKind::Number,
            Target::Standard(field) => field.kind(),
            Target::Custom(_, kind) => *kind,
        }
    }

    /// Reads a field name, as in filters and in `order_by`.
    ///
    /// # Errors
    /// `unknown_field`.
    pub fn parse(name: &str, custom: &[CustomField]) -> Result<Target> {
        match name {
            "id" => return Ok(Target::Id),
            "rev" => return Ok(Target::Rev),
            _ => {}
        }
        match FieldName::parse(name) {
            Ok(FieldName::Standard(field)) => Ok(Target::Standard(field)),
            Ok(FieldName::Custom(key)) => match custom.iter().find(|c| c.key == key) {
                Some(field) => Ok(Target::Custom(key, field.kind)),
                None => Err(unknown_field(name, custom)),
            },
            Err(_) => Err(unknown_field(name, custom)),
        }
    }
}

/// A value ready to be compared: texts are folded.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A folded text; a country in upper case.
    Text(String),
    /// A number, or an instant in milliseconds.
    Number(f64),
    /// A truth value.
    Boolean(bool),
}

/// A test of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Equal.
    Eq(Operand),
    /// Not equal.
    Ne(Operand),
    /// One of.
    In(Vec<Operand>),
    /// None of.
    NotIn(Vec<Operand>),
    /// Greater.
    Gt(Operand),
    /// Greater or equal.
    Gte(Operand),
    /// Less.
    Lt(Operand),
    /// Less or equal.
    Lte(Operand),
    /// Holds the folded text.
    Contains(String),
    /// Begins with the folded text.
    StartsWith(String),
    /// The list holds the folded element.
    Has(String),
    /// Whether nothing is there.
    IsNull(bool),
}

const OPERATORS: [&str; 13] = [
    "eq",
    "ne",
    "in",
    "not_in",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
    "contains",
    "starts_with",
    "has",
    "is_null",
];
/// Deeper filters are refused, so that no input can exhaust the stack.
const MAX_DEPTH: usize = 32;

struct Resolver<'a> {
    custom: &'a [CustomField],
    now: Timestamp,
}

impl Resolver<'_> {
    fn object(&self, map: &Map<String, Value>, depth: usize) -> Result<Expr> {
        if depth > MAX_DEPTH {
            return Err(invalid(format!("a filter nests at most {MAX_DEPTH} deep")));
        }
        let mut all = Vec::with_capacity(map.len());
        for (key, value) in map {
            match key.as_str() {
                "and" => all.push(Expr::And(self.list(key, value, depth)?)),
                "or" => all.push(Expr::Or(self.list(key, value, depth)?)),
                "not" => match value {
                    Value::Object(inner) => all.push(Expr::Not(Box::new(self.object(inner, depth + 1)?))),
                    _ => return Err(invalid("`not` takes one filter object")),
                },
                "all" => match value {
                    Value::Bool(true) => {}
                    _ => return Err(invalid("`all` takes only true")),
                },
                field => self.tests(field, value, &mut all)?,
            }
        }
        Ok(match all.len() {
            1 => all.swap_remove(0),
            _ => Expr::And(all),
        })
    }

    fn list(&self, key: &str, value: &Value, depth: usize) -> Result<Vec<Expr>> {
        let error = || invalid(format!("`{key}` takes a list of filter objects"));
        let list = value.as_array().ok_or_else(error)?;
        list.iter().map(|v| self.object(v.as_object().ok_or_else(error)?, depth + 1)).collect()
    }

    fn tests(&self, name: &str, value: &Value, all: &mut Vec<Expr>) -> Result<()> {
        let target = Target::parse(name, self.custom)?;
        let test = |test| Expr::Test(target.clone(), test);
        match value {
            Value::Object(ops) if !ops.contains_key("ago") => {
                if ops.is_empty() {
                    return Err(invalid(format!("`{name}` names no operator")).at_field(name));
                }
                for (op, value) in ops {
                    if op == "between" {
                        let (from, to) = match value.as_array().map(Vec::as_slice) {
                            Some([from, to]) => (from, to),
                            _ => return Err(invalid("`between` takes a list of two values").at_field(name)),
                        };
                        all.push(test(Test::Gte(self.ordered(&target, name, from)?)));
                        all.push(test(Test::Lte(self.ordered(&target, name, to)?)));
                    } else {
                        all.push(test(self.test(&target, name, op, value)?));
                    }
                }
            }
            value => all.push(test(self.test(&target, name, "eq", value)?)),
        }
        Ok(())
    }

    fn test(&self, target: &Target, name: &str, op: &str, value: &Value) -> Result<Test> {
        let kind = target.kind();
        let only =
            |wanted: &str| invalid(format!("`{op}` works on {wanted}, which `{name}` is not")).at_field(name);
        if kind.is_list() && !matches!(op, "has" | "is_null") && OPERATORS.contains(&op) {
            return Err(
                invalid(format!("`{name}` is a list; test it with `has` or `is_null`")).at_field(name)
            );
        }
        Ok(match op {
            "eq" => Test::Eq(self.operand(target, name, value)?),
            "ne" => Test::Ne(self.operand(target, name, value)?),
            "in" => Test::In(self.operands(target, name, op, value)?),
            "not_in" => Test::NotIn(self.operands(target, name, op, value)?),
            "gt" => Test::Gt(self.ordered(target, name, value)?),
            "gte" => Test::Gte(self.ordered(target, name, value)?),
            "lt" => Test::Lt(self.ordered(target, name, value)?),
            "lte" => Test::Lte(self.ordered(target, name, value)?),
            "contains" | "starts_with" => {
                if !kind.is_text() {
                    return Err(only("texts"));
                }
                let text =
                    value.as_str().ok_or_else(|| invalid(format!("`{op}` takes a text")).at_field(name))?;
                let text = match kind {
                    FieldKind::Country => text.trim().to_uppercase(),
                    _ => fold(text),
                };
                if op == "contains" { Test::Contains(text) } else { Test::StartsWith(text) }
            }
            "has" => {
                if !kind.is_list() {
                    return Err(only("lists"));
                }
                Test::Has(fold(value.as_str().ok_or_else(|| invalid("`has` takes a text").at_field(name))?))
            }
            "is_null" => Test::IsNull(
                value.as_bool().ok_or_else(|| invalid("`is_null` takes true or false").at_field(name))?,
            ),
            unknown => {
                let error = invalid(format!("there is no operator `{unknown}`")).at_field(name);
                return Err(match nearest(unknown, OPERATORS) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("operators are {}", OPERATORS.join(", "))),
                });
            }
        })
    }

    fn operands(&self, target: &Target, name: &str, op: &str, value: &Value) -> Result<Vec<Operand>> {
        let list = value.as_array().ok_or_else(|| invalid(format!("`{op}` takes a list")).at_field(name))?;
        list.iter().map(|v| self.operand(target, name, v)).collect()
    }

    fn ordered(&self, target: &Target, name: &str, value: &Value) -> Result<Operand> {
        match self.operand(target, name, value)? {
            Operand::Boolean(_) => {
                Err(invalid(format!("`{name}` is true or false and has no order")).at_field(name))
            }
            operand => Ok(operand),
        }
    }

    fn operand(&self, target: &Target, name: &str, value: &Value) -> Result<Operand> {
        let wrong = |wanted: &str| {
            let error = invalid(format!("`{name}` is compared with {wanted}")).at_field(name);
            match value {
                Value::Null => error.hint("empty fields are found by {\"is_null\": true}"),
                value => error.with_value(value.to_string()),
            }
        };
        match target.kind() {
            FieldKind::Number => {
                value.as_f64().filter(|n| n.is_finite()).map(Operand::Number).ok_or_else(|| wrong("a number"))
            }
            FieldKind::Boolean => value.as_bool().map(Operand::Boolean).ok_or_else(|| wrong("true or false")),
            FieldKind::Timestamp => self
                .instant(value)
                .map(|t| Operand::Number(t.0 as f64))
                .ok_or_else(|| wrong("an instant (RFC 3339, a date, or {\"ago\": \"14d\"})")),
            FieldKind::Date => match value {
                Value::String(text) if text.parse::<jiff::civil::Date>().is_ok() => {
                    Ok(Operand::Text(text.clone()))
                }
                Value::Object(_) => self
                    .instant(value)
                    .map(|t| Operand::Text(t.to_string()[..10].to_string()))
                    .ok_or_else(|| wrong("a date (YYYY-MM-DD) or {\"ago\": \"14d\"}")),
                _ => Err(wrong("a date (YYYY-MM-DD) or {\"ago\": \"14d\"}")),
            },
            FieldKind::Country => {
                value.as_str().map(|t| Operand::Text(t.trim().to_uppercase())).ok_or_else(|| wrong("a text"))
            }
            _ => value.as_str().map(|t| Operand::Text(fold(t))).ok_or_else(|| wrong("a text")),
        }
    }

    fn instant(&self, value: &Value) -> Option<Timestamp> {
        match value {
            Value::String(text) => text.parse::<Timestamp>().ok().or_else(|| {
                let date = text.parse::<jiff::civil::Date>().ok()?;
                let midnight = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
                Some(Timestamp(midnight.as_millisecond()))
            }),
            Value::Object(map) if map.len() == 1 => {
                let text = map.get("ago")?.as_str()?;
                let unit = text.chars().last()?;
                let number: f64 = text[..text.len() - unit.len_utf8()].trim().parse().ok()?;
                let seconds = match unit {
                    's' => 1.0,
                    'm' => 60.0,
                    'h' => 3_600.0,
                    'd' => 86_400.0,
                    'w' => 604_800.0,
                    _ => return None,
                };
                let millis = number * seconds * 1000.0;
                (millis.is_finite() && millis >= 0.0)
                    .then(|| Timestamp(self.now.0.saturating_sub(millis as i64)))
            }
            _ => None,
        }
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidFilter, message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn resolve(filter: Value) -> Result<Expr> {
        Filter::from_json(filter).unwrap().resolve(&[], Timestamp(86_400_000 * 20))
    }

    #[test]
    fn shorthand_is_eq_and_objects_are_and() {
        let expr = resolve(json!({"status": "New", "score": {"gte": 10, "lt": 20}})).unwrap();
        let Expr::And(parts) = expr else { panic!("{expr:?}") };
        assert_eq!(parts.len(), 3);
        assert!(
            parts.contains(&Expr::Test(
                Target::Standard(Field::Status),
                Test::Eq(Operand::Text("new".into()))
            ))
        );
    }

    #[test]
    fn wrong_words_are_answered_with_the_right_ones() {
        let cases = [
            (json!({"statsu": "new"}), "unknown_field", "`status`"),
            (json!({"status": {"equals": "new"}}), "invalid_filter", "operators are"),
            (json!({"status": {"start_with": "n"}}), "invalid_filter", "`starts_with`"),
            (json!({"status": null}), "invalid_filter", "is_null"),
            (json!({"score": "high"}), "invalid_filter", "a number"),
            (json!({"tags": "vip"}), "invalid_filter", "`has`"),
            (json!({"created_at": {"gt": {"ago": "14x"}}}), "invalid_filter", "an instant"),
            (json!({"or": {"status": "new"}}), "invalid_filter", "list of filter objects"),
        ];
        for (filter, code, text) in cases {
            let error = resolve(filter.clone()).unwrap_err();
            assert_eq!(error.code(), code, "{filter}");
            assert!(error.to_string().contains(text), "{filter}: {error}");
        }
    }

    #[test]
    fn ago_counts_back_from_the_clock() {
        let expr = resolve(json!({"created_at": {"gte": {"ago": "2w"}}})).unwrap();
        let test = Test::Gte(Operand::Number(86_400_000.0 * 6.0));
        assert_eq!(expr, Expr::Test(Target::Standard(Field::CreatedAt), test));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut filter = json!({});
        for _ in 0..50 {
            filter = json!({ "not": filter });
        }
        assert_eq!(resolve(filter).unwrap_err().code(), "invalid_filter");
    }
}
