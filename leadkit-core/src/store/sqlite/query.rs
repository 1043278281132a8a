//! Filters, orders and pages as SQL.

use rusqlite::types::Value as Sql;
use serde_json::Value;

use super::View;
use super::lead::{comparable, lead_columns, read_lead};
use crate::error::Result;
use crate::model::compare::Scalar;
use crate::model::field::FieldName;
use crate::model::filter::{Expr, Operand, Target, Test};
use crate::model::lead::Lead;
use crate::store::{Position, Query};

/// Values of one list that are given to SQLite one by one.
const MAX_LIST: usize = 200;

impl View<'_> {
    pub(super) fn count_leads(&self, query: &Query) -> Result<u64> {
        let mut sql = Builder::default();
        sql.push("SELECT count(*) FROM lead WHERE ");
        sql.condition(query);
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let count: i64 = statement.query_row(rusqlite::params_from_iter(sql.values), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    pub(super) fn walk_leads(&self, query: &Query, each: &mut dyn FnMut(Lead) -> Result<bool>) -> Result<()> {
        let mut sql = Builder::default();
        sql.select();
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

    pub(super) fn read_page(&self, query: &Query, after: Option<&Position>, limit: u64) -> Result<Vec<Lead>> {
        let mut sql = Builder::default();
        sql.select();
        sql.condition(query);
        if let Some(Position(last)) = after {
            sql.after(query, last);
        }
        sql.order(query);
        sql.push(&format!(" LIMIT {}", limit.min(i64::MAX as u64)));
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let mut rows = statement.query(rusqlite::params_from_iter(sql.values))?;
        let mut leads = Vec::new();
        while let Some(row) = rows.next()? {
            leads.push(read_lead(row)?);
        }
        Ok(leads)
    }

    pub(super) fn find_filled(&self, query: &Query, candidates: &[FieldName]) -> Result<Vec<FieldName>> {
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

/// A statement in the making, with its values.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) text: String,
    pub(super) values: Vec<Sql>,
}

impl Builder {
    /// Begins with a text that names its first values itself.
    pub(super) fn with(text: &str, values: impl IntoIterator<Item = Sql>) -> Self {
        Builder { text: text.to_string(), values: values.into_iter().collect() }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn bind(&mut self, value: Sql) {
        self.values.push(value);
        self.text.push('?');
        self.text.push_str(&self.values.len().to_string());
    }

    fn select(&mut self) {
        self.push("SELECT ");
        self.push(&lead_columns());
        self.push(" FROM lead WHERE ");
    }

    fn condition(&mut self, query: &Query) {
        if !query.include_deleted {
            self.push("deleted_at IS NULL AND ");
        }
        self.expr(&query.filter);
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
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
                // Most lists are empty, and a subquery finds that out more slowly.
                self.push(&format!(
                    "({column} IS NOT NULL AND EXISTS (SELECT 1 FROM json_each({column}) WHERE value = "
                ));
                self.bind(Sql::Text(text.clone()));
                self.push("))");
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
    fn after(&mut self, query: &Query, last: &[Scalar]) {
        self.push(" AND (");
        for depth in 0..=query.order.len() {
            if depth > 0 {
                self.push(" OR ");
            }
            self.push("(");
            for (key, value) in query.order.iter().zip(last).take(depth) {
                self.push(&format!("{} IS ", column(&key.target)));
                self.bind(scalar(value));
                self.push(" AND ");
            }
            match query.order.get(depth) {
                None => {
                    self.push("id > ");
                    self.bind(scalar(&last[depth]));
                }
                Some(_) if last[depth] == Scalar::Null => self.push("0"),
                Some(key) => {
                    let column = column(&key.target);
                    self.push(&format!(
                        "({column} IS NULL OR {column} {} ",
                        if key.descending { "<" } else { ">" }
                    ));
                    self.bind(scalar(&last[depth]));
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

fn scalar(value: &Scalar) -> Sql {
    match value {
        Scalar::Null => Sql::Null,
        Scalar::Integer(n) => Sql::Integer(*n),
        Scalar::Real(n) => Sql::Real(*n),
        Scalar::Text(text) => Sql::Text(text.clone()),
    }
}
