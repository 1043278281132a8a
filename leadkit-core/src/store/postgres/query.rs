//! Filters, orders and pages as SQL.

use tokio_postgres::types::ToSql;

use super::View;
use super::lead::{COLUMNS, read_lead};
use crate::error::{Error, ErrorCode, Result};
use crate::model::compare::Scalar;
use crate::model::field::{Field, FieldKind, FieldName};
use crate::model::filter::{Expr, Operand, Target, Test};
use crate::model::lead::Lead;
use crate::store::{Position, Query, is_folded};

/// As many values as a statement can have.
const MAX_VALUES: usize = 65_000;
/// The indexed beginning of a text, in characters.
const INDEXED: usize = 200;

impl View<'_> {
    pub(super) fn count_leads(&self, query: &Query) -> Result<u64> {
        let mut sql = Builder::with("SELECT count(*) FROM lead WHERE ");
        sql.condition(query);
        self.count_by(&sql)
    }

    pub(super) fn count_by(&self, sql: &Builder) -> Result<u64> {
        Ok(self.row(&sql.text, &sql.values()?)?.try_get::<_, i64>(0)?.unsigned_abs())
    }

    pub(super) fn walk_leads(&self, query: &Query, each: &mut dyn FnMut(Lead) -> Result<bool>) -> Result<()> {
        let mut sql = Builder::with(&format!("SELECT {} FROM lead WHERE ", *COLUMNS));
        sql.condition(query);
        sql.order(query);
        self.walk(&sql.text, &sql.values()?, &mut |row| each(read_lead(row)?))
    }

    pub(super) fn read_page(&self, query: &Query, after: Option<&Position>, limit: u64) -> Result<Vec<Lead>> {
        let mut sql = Builder::with(&format!("SELECT {} FROM lead WHERE ", *COLUMNS));
        sql.condition(query);
        if let Some(Position(last)) = after {
            sql.after(query, last)?;
        }
        sql.order(query);
        sql.push(&format!(" LIMIT {}", super::log::limited(limit)));
        self.rows(&sql.text, &sql.values()?)?.iter().map(read_lead).collect()
    }

    pub(super) fn find_filled(&self, query: &Query, candidates: &[FieldName]) -> Result<Vec<FieldName>> {
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let tests = candidates.iter().map(|field| {
            let column = match field {
                FieldName::Standard(field) => field.name().to_string(),
                FieldName::Custom(key) => custom_text(key),
            };
            format!("count({column}) > 0")
        });
        let tests = tests.collect::<Vec<_>>().join(", ");
        let mut sql = Builder::with(&format!("SELECT {tests} FROM lead WHERE "));
        sql.condition(query);
        let row = self.row(&sql.text, &sql.values()?)?;
        let mut filled = Vec::new();
        for (place, field) in candidates.iter().enumerate() {
            if row.try_get(place)? {
                filled.push(field.clone());
            }
        }
        Ok(filled)
    }
}

/// A statement in the making, with its values.
pub(super) struct Builder {
    pub(super) text: String,
    values: Vec<Box<dyn ToSql + Sync>>,
}

/// How a column's values compare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Whole numbers; truth values are 0 and 1.
    Integer,
    Real,
    Text,
}

impl Builder {
    pub(super) fn with(text: &str) -> Self {
        Builder { text: text.to_string(), values: Vec::new() }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Gives the mark of a value, for statements that need it more than once.
    pub(super) fn mark(&mut self, value: impl ToSql + Sync + 'static, kind: &str) -> String {
        self.values.push(Box::new(value));
        format!("${}::{kind}", self.values.len())
    }

    pub(super) fn bind(&mut self, value: impl ToSql + Sync + 'static, kind: &str) {
        let mark = self.mark(value, kind);
        self.push(&mark);
    }

    /// # Errors
    /// `invalid_filter` when there are too many.
    pub(super) fn values(&self) -> Result<Vec<&(dyn ToSql + Sync)>> {
        if self.values.len() > MAX_VALUES {
            return Err(Error::new(ErrorCode::InvalidFilter, "the filter compares with too many values")
                .hint("give many values of one field as one list, with `in`"));
        }
        Ok(self.values.iter().map(|value| &**value).collect())
    }

    fn condition(&mut self, query: &Query) {
        if !query.include_deleted {
            self.push("deleted_at IS NULL AND ");
        }
        self.expr(&query.filter);
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::And(parts) => self.join(parts, " AND ", "true"),
            Expr::Or(parts) => self.join(parts, " OR ", "false"),
            Expr::Not(inner) => {
                // An empty value makes a test NULL, which counts as not passed.
                self.push("NOT coalesce(");
                self.expr(inner);
                self.push(", false)");
            }
            Expr::Test(target, test) => self.test(target, test),
        }
    }

    /// Joined as a balanced tree: the depth of what the server reads is limited.
    fn join(&mut self, parts: &[Expr], with: &str, empty: &str) {
        match parts {
            [] => self.push(empty),
            [one] => self.expr(one),
            several => {
                let (left, right) = several.split_at(several.len() / 2);
                self.push("(");
                self.join(left, with, empty);
                self.push(with);
                self.join(right, with, empty);
                self.push(")");
            }
        }
    }

    fn test(&mut self, target: &Target, test: &Test) {
        let (column, form) = column(target);
        match test {
            Test::Eq(value) => {
                self.push("(");
                if let (Some(start), Operand::Text(text)) = (indexed(target, &column), value) {
                    self.push(&format!("{start} = "));
                    self.bind(beginning(text), "text");
                    self.push(" AND ");
                }
                self.compare(&column, form, "=", value);
                self.push(")");
            }
            Test::Ne(value) => self.compare(&column, form, "<>", value),
            Test::Gt(value) => self.compare(&column, form, ">", value),
            Test::Gte(value) => self.compare(&column, form, ">=", value),
            Test::Lt(value) => self.compare(&column, form, "<", value),
            Test::Lte(value) => self.compare(&column, form, "<=", value),
            Test::In(values) => {
                self.push("(");
                if let Some(start) = indexed(target, &column) {
                    self.push(&format!("{start} = ANY("));
                    self.bind(texts(values).map(|text| beginning(text)).collect::<Vec<_>>(), "text[]");
                    self.push(") AND ");
                }
                self.list(&column, form, "= ANY", values, "false");
                self.push(")");
            }
            Test::NotIn(values) => {
                self.list(&column, form, "<> ALL", values, &format!("{column} IS NOT NULL"));
            }
            Test::Contains(text) => {
                self.push(&format!("strpos({column}, "));
                self.bind(storable(text), "text");
                self.push(") > 0");
            }
            Test::StartsWith(text) => {
                self.push(&format!("starts_with({column}, "));
                self.bind(storable(text), "text");
                self.push(")");
            }
            Test::Has(text) => {
                self.push(&format!("{column}::jsonb ? "));
                self.bind(storable(text), "text");
            }
            Test::IsNull(true) => self.push(&format!("{column} IS NULL")),
            Test::IsNull(false) => self.push(&format!("{column} IS NOT NULL")),
        }
    }

    fn compare(&mut self, column: &str, form: Form, operator: &str, value: &Operand) {
        match (form, value) {
            (Form::Text, Operand::Text(text)) => {
                self.push(&format!("{column} {operator} "));
                self.bind(storable(text), "text");
            }
            (Form::Integer, Operand::Boolean(value)) => {
                self.push(&format!("{column} {operator} "));
                self.bind(i64::from(*value), "bigint");
            }
            (Form::Integer, Operand::Number(number)) => match whole(*number) {
                // As what it is, so that indexes serve.
                Some(number) => {
                    self.push(&format!("{column} {operator} "));
                    self.bind(number, "bigint");
                }
                None => {
                    self.push(&format!("{column}::double precision {operator} "));
                    self.bind(*number, "double precision");
                }
            },
            (Form::Real, Operand::Number(number)) => {
                self.push(&format!("{column} {operator} "));
                self.bind(*number, "double precision");
            }
            // Checked filters compare like with like; else texts come after numbers.
            (form, _) => self.push(&match operator {
                "<>" => format!("{column} IS NOT NULL"),
                ">" | ">=" if form == Form::Text => format!("{column} IS NOT NULL"),
                "<" | "<=" if form != Form::Text => format!("{column} IS NOT NULL"),
                _ => "false".into(),
            }),
        }
    }

    fn list(&mut self, column: &str, form: Form, operator: &str, values: &[Operand], empty: &str) {
        if values.is_empty() {
            return self.push(empty);
        }
        if form == Form::Text {
            self.push(&format!("{column} {operator}("));
            self.bind(texts(values).map(|text| storable(text)).collect::<Vec<_>>(), "text[]");
            return self.push(")");
        }
        let numbers = values.iter().filter_map(|value| match value {
            Operand::Number(number) => Some(*number),
            Operand::Boolean(value) => Some(f64::from(u8::from(*value))),
            Operand::Text(_) => None,
        });
        let numbers: Vec<f64> = numbers.collect();
        let integers: Option<Vec<i64>> = numbers.iter().map(|number| whole(*number)).collect();
        match integers.filter(|_| form == Form::Integer) {
            Some(integers) => {
                self.push(&format!("{column} {operator}("));
                self.bind(integers, "bigint[]");
            }
            None => {
                self.push(&format!("{column}::double precision {operator}("));
                self.bind(numbers, "double precision[]");
            }
        }
        self.push(")");
    }

    fn order(&mut self, query: &Query) {
        self.push(" ORDER BY ");
        for key in &query.order {
            let direction = if key.descending { "DESC" } else { "ASC" };
            self.push(&format!("{} {direction} NULLS LAST, ", column(&key.target).0));
        }
        self.push("id");
    }

    /// Rows that come after the row with these order values: `(a > x) OR (a = x AND b > y) ...`.
    fn after(&mut self, query: &Query, last: &[Scalar]) -> Result<()> {
        self.push(" AND (");
        for depth in 0..=query.order.len() {
            if depth > 0 {
                self.push(" OR ");
            }
            self.push("(");
            for (key, value) in query.order.iter().zip(last).take(depth) {
                let (column, form) = column(&key.target);
                self.push(&format!("{column} IS NOT DISTINCT FROM "));
                self.scalar(form, value)?;
                self.push(" AND ");
            }
            match (query.order.get(depth), last.get(depth)) {
                (_, None) => return Err(foreign()),
                (None, Some(id)) => {
                    self.push("id > ");
                    self.scalar(Form::Integer, id)?;
                }
                (Some(_), Some(Scalar::Null)) => self.push("false"),
                (Some(key), Some(value)) => {
                    let (column, form) = column(&key.target);
                    let operator = if key.descending { "<" } else { ">" };
                    self.push(&format!("({column} IS NULL OR {column} {operator} "));
                    self.scalar(form, value)?;
                    self.push(")");
                }
            }
            self.push(")");
        }
        self.push(")");
        Ok(())
    }

    fn scalar(&mut self, form: Form, value: &Scalar) -> Result<()> {
        match (form, value) {
            (_, Scalar::Null) => self.push("NULL"),
            (Form::Text, Scalar::Text(text)) => self.bind(storable(text), "text"),
            (Form::Integer, Scalar::Integer(number)) => self.bind(*number, "bigint"),
            (Form::Real, Scalar::Real(number)) => self.bind(*number, "double precision"),
            (Form::Real, Scalar::Integer(number)) => self.bind(*number as f64, "double precision"),
            _ => return Err(foreign()),
        }
        Ok(())
    }
}

fn foreign() -> Error {
    Error::new(ErrorCode::InvalidArgument, "this cursor does not belong to this query")
        .hint("give the `next_cursor` of a page of the same filter and order")
        .at_field("cursor")
}

/// A number that a whole one compares with as itself.
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

fn texts(values: &[Operand]) -> impl Iterator<Item = &String> {
    values.iter().filter_map(|value| match value {
        Operand::Text(text) => Some(text),
        _ => None,
    })
}

/// The indexed expression of a target that has one.
fn indexed(target: &Target, column: &str) -> Option<String> {
    matches!(target, Target::Standard(Field::Status | Field::Owner))
        .then(|| format!("left({column}, {INDEXED})"))
}

fn beginning(text: &str) -> String {
    storable(text).chars().take(INDEXED).collect()
}

/// A text to compare with, without U+0000, which the server takes nowhere. In its place stands the
/// next character, which no stored text has either: it is equal to none, and comes where it came.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{1}")
}

/// The SQL of a target's comparable value.
fn column(target: &Target) -> (String, Form) {
    match target {
        Target::Id => ("id".into(), Form::Integer),
        Target::Rev => ("rev".into(), Form::Integer),
        Target::Standard(Field::Score) => ("score".into(), Form::Real),
        Target::Standard(field @ (Field::CreatedAt | Field::UpdatedAt)) => {
            (field.name().into(), Form::Integer)
        }
        Target::Standard(field) if is_folded(*field) => {
            (format!("coalesce({0}_fold, {0})", field.name()), Form::Text)
        }
        Target::Standard(field) => (field.name().into(), Form::Text),
        Target::Custom(key, FieldKind::Number) => {
            // What is no number is nothing, rather than an error of the whole statement.
            let kind = format!("json_typeof({} -> '{}')", CUSTOM, quoted(key));
            let value = custom_text(key);
            (format!("(CASE {kind} WHEN 'number' THEN ({value})::double precision END)"), Form::Real)
        }
        Target::Custom(key, FieldKind::Boolean) => {
            let value = custom_text(key);
            (format!("(CASE {value} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)::bigint"), Form::Integer)
        }
        Target::Custom(key, _) => (format!("({} COLLATE \"C\")", custom_text(key)), Form::Text),
    }
}

const CUSTOM: &str = "coalesce(custom_fold, custom)::json";

fn custom_text(key: &str) -> String {
    format!("({CUSTOM} ->> '{}')", quoted(key))
}

/// Keys are checked when they are defined: [a-z][a-z0-9_]*.
fn quoted(key: &str) -> String {
    key.replace('\'', "''")
}
