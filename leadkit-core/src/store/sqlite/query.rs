//! Filters, orders and pages as SQL.

use rusqlite::types::Value as Sql;
use serde_json::Value;

use super::Reader;
use super::lead::{comparable, lead_columns, read_lead};
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::FieldName;
use crate::model::filter::{Expr, Operand, Target, Test};
use crate::model::lead::Lead;

/// Values of one list that are given to SQLite one by one.
const MAX_LIST: usize = 200;

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

impl Reader<'_> {
    /// How many leads the query finds.
    pub fn count(&self, query: &Query) -> Result<u64> {
        let mut sql = Builder::default();
        sql.push("SELECT count(*) FROM lead WHERE ");
        sql.condition(query);
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let count: i64 = statement.query_row(rusqlite::params_from_iter(sql.values), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Calls `each` with the leads the query finds, in order, until it answers false.
    pub fn each_lead(&self, query: &Query, mut each: impl FnMut(Lead) -> Result<bool>) -> Result<()> {
        let mut sql = Builder::default();
        sql.select(query);
        sql.condition(query);
        sql.order(query);
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let mut rows = statement.query(rusqlite::params_from_iter(sql.values))?;
        while let Some(row) = rows.next()? {
            if !each(read_lead(row)?)? {
                break;
            }
        }
        Ok(())
    }

    /// A page of leads after a cursor, and the cursor of the next page.
    ///
    /// # Errors
    /// `invalid_argument` for a cursor that no page of this order gave.
    pub fn page(
        &self,
        query: &Query,
        cursor: Option<&str>,
        limit: u64,
    ) -> Result<(Vec<Lead>, Option<String>)> {
        let mut sql = Builder::default();
        sql.select(query);
        sql.condition(query);
        if let Some(cursor) = cursor {
            sql.after(query, &read_cursor(cursor, query)?);
        }
        sql.order(query);
        sql.push(&format!(" LIMIT {}", limit.saturating_add(1).min(i64::MAX as u64)));
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let mut rows = statement.query(rusqlite::params_from_iter(sql.values))?;
        let (mut leads, mut next) = (Vec::new(), None);
        let order_from = rows.as_ref().map_or(0, |s| s.column_count()) - query.order.len();
        let mut last = Vec::new();
        while let Some(row) = rows.next()? {
            if leads.len() as u64 == limit {
                next = Some(write_cursor(&last));
                break;
            }
            let lead = read_lead(row)?;
            last.clear();
            for i in 0..query.order.len() {
                last.push(row.get::<_, Sql>(order_from + i)?);
            }
            last.push(Sql::Integer(lead.id));
            leads.push(lead);
        }
        Ok((leads, next))
    }

    /// The standard fields and custom keys that any of the found leads fills.
    pub fn filled_fields(&self, query: &Query, candidates: &[FieldName]) -> Result<Vec<FieldName>> {
        let mut filled = Vec::new();
        for field in candidates {
            let column = match field {
                FieldName::Standard(field) => field.name().to_string(),
                FieldName::Custom(_) => comparable(field),
            };
            let mut sql = Builder::default();
            sql.push(&format!("SELECT EXISTS (SELECT 1 FROM lead WHERE {column} IS NOT NULL AND "));
            sql.condition(query);
            sql.push(")");
            let mut statement = self.connection.prepare(&sql.text)?;
            if statement.query_row(rusqlite::params_from_iter(sql.values), |row| row.get(0))? {
                filled.push(field.clone());
            }
        }
        Ok(filled)
    }
}

#[derive(Default)]
struct Builder {
    text: String,
    values: Vec<Sql>,
}

impl Builder {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn bind(&mut self, value: Sql) {
        self.values.push(value);
        self.text.push('?');
        self.text.push_str(&self.values.len().to_string());
    }

    fn select(&mut self, query: &Query) {
        self.push("SELECT ");
        self.push(&lead_columns());
        for key in &query.order {
            self.push(", ");
            self.push(&column(&key.target));
        }
        self.push(" FROM lead WHERE ");
    }

    fn condition(&mut self, query: &Query) {
        if !query.include_deleted {
            self.push("deleted_at IS NULL AND ");
        }
        self.expr(&query.filter);
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::And(parts) => self.join(parts, " AND ", "1"),
            Expr::Or(parts) => self.join(parts, " OR ", "0"),
            Expr::Not(inner) => {
                // An empty value makes a test NULL, which counts as not passed.
                self.push("NOT coalesce(");
                self.expr(inner);
                self.push(", 0)");
            }
            Expr::Test(target, test) => self.test(target, test),
        }
    }

    /// Joined as a balanced tree: SQLite refuses expressions deeper than 1,000, and a plain row of
    /// parts is as deep as it is long.
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
        let column = column(target);
        match test {
            Test::Eq(value) => self.compare(&column, "=", value),
            Test::Ne(value) => self.compare(&column, "<>", value),
            Test::Gt(value) => self.compare(&column, ">", value),
            Test::Gte(value) => self.compare(&column, ">=", value),
            Test::Lt(value) => self.compare(&column, "<", value),
            Test::Lte(value) => self.compare(&column, "<=", value),
            Test::In(values) => self.list(&column, "IN", values, "0"),
            Test::NotIn(values) => self.list(&column, "NOT IN", values, &format!("{column} IS NOT NULL")),
            Test::Contains(text) => {
                self.push(&format!("instr({column}, "));
                self.bind(Sql::Text(text.clone()));
                self.push(") > 0");
            }
            Test::StartsWith(text) => {
                self.push(&format!("substr({column}, 1, {}) = ", text.chars().count()));
                self.bind(Sql::Text(text.clone()));
            }
            Test::Has(text) => {
                self.push(&format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE value = "));
                self.bind(Sql::Text(text.clone()));
                self.push(")");
            }
            Test::IsNull(true) => self.push(&format!("{column} IS NULL")),
            Test::IsNull(false) => self.push(&format!("{column} IS NOT NULL")),
        }
    }

    fn compare(&mut self, column: &str, operator: &str, value: &Operand) {
        self.push(&format!("{column} {operator} "));
        self.bind(sql(value));
    }

    fn list(&mut self, column: &str, operator: &str, values: &[Operand], empty: &str) {
        if values.is_empty() {
            return self.push(empty);
        }
        if values.len() > MAX_LIST {
            // As one value: the number of values in a statement has a limit.
            let values: Vec<Value> = values.iter().map(json).collect();
            self.push(&format!("{column} {operator} (SELECT value FROM json_each("));
            self.bind(Sql::Text(Value::from(values).to_string()));
            return self.push("))");
        }
        self.push(&format!("{column} {operator} ("));
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.bind(sql(value));
        }
        self.push(")");
    }

    fn order(&mut self, query: &Query) {
        self.push(" ORDER BY ");
        for key in &query.order {
            let column = column(&key.target);
            self.push(&format!("{column} IS NULL, {column}{}, ", if key.descending { " DESC" } else { "" }));
        }
        self.push("id");
    }

    /// Rows that come after the row with these order values: `(a > x) OR (a = x AND b > y) ...`.
    fn after(&mut self, query: &Query, last: &[Sql]) {
        self.push(" AND (");
        for depth in 0..=query.order.len() {
            if depth > 0 {
                self.push(" OR ");
            }
            self.push("(");
            for (key, value) in query.order.iter().zip(last).take(depth) {
                self.push(&format!("{} IS ", column(&key.target)));
                self.bind(value.clone());
                self.push(" AND ");
            }
            match query.order.get(depth) {
                None => {
                    self.push("id > ");
                    self.bind(last[depth].clone());
                }
                Some(_) if last[depth] == Sql::Null => self.push("0"),
                Some(key) => {
                    let column = column(&key.target);
                    self.push(&format!(
                        "({column} IS NULL OR {column} {} ",
                        if key.descending { "<" } else { ">" }
                    ));
                    self.bind(last[depth].clone());
                    self.push(")");
                }
            }
            self.push(")");
        }
        self.push(")");
    }
}

fn column(target: &Target) -> String {
    match target {
        Target::Id => "id".into(),
        Target::Rev => "rev".into(),
        Target::Standard(field) => comparable(&FieldName::Standard(*field)),
        Target::Custom(key, _) => comparable(&FieldName::Custom(key.clone())),
    }
}

fn sql(operand: &Operand) -> Sql {
    match operand {
        Operand::Text(text) => Sql::Text(text.clone()),
        Operand::Number(number) => Sql::Real(*number),
        Operand::Boolean(boolean) => Sql::Integer(i64::from(*boolean)),
    }
}

fn json(operand: &Operand) -> Value {
    match operand {
        Operand::Text(text) => Value::from(text.as_str()),
        Operand::Number(number) => Value::from(*number),
        Operand::Boolean(boolean) => Value::from(i64::from(*boolean)),
    }
}

/// Opaque to callers: the order's values and the id, as JSON in hexadecimal.
fn write_cursor(last: &[Sql]) -> String {
    let values: Vec<Value> = last
        .iter()
        .map(|v| match v {
            Sql::Integer(n) => Value::from(*n),
            // By its bits: reading a decimal text may miss the number by a last digit.
            Sql::Real(n) => serde_json::json!({ "bits": n.to_bits() }),
            Sql::Text(text) => Value::from(text.as_str()),
            Sql::Null | Sql::Blob(_) => Value::Null,
        })
        .collect();
    Value::from(values).to_string().bytes().map(|b| format!("{b:02x}")).collect()
}

fn read_cursor(cursor: &str, query: &Query) -> Result<Vec<Sql>> {
    let bytes: Option<Vec<u8>> = cursor
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()))
        .collect();
    let values: Option<Vec<Value>> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    match values {
        Some(values) if values.len() == query.order.len() + 1 && values.last().is_some_and(Value::is_i64) => {
            Ok(values
                .into_iter()
                .map(|v| match v {
                    Value::String(text) => Sql::Text(text),
                    Value::Number(n) => n.as_i64().map_or(Sql::Null, Sql::Integer),
                    Value::Object(real) => real
                        .get("bits")
                        .and_then(Value::as_u64)
                        .map_or(Sql::Null, |bits| Sql::Real(f64::from_bits(bits))),
                    _ => Sql::Null,
                })
                .collect())
        }
        _ => Err(Error::new(ErrorCode::InvalidArgument, "this cursor does not belong to this query")
            .hint("give the `next_cursor` of a page of the same filter and order")
            .at_field("cursor")),
    }
}
