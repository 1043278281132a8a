//! A transaction's view of the schema: how statements are sent, and what came of them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement, Transaction};

use super::driver::wait;
use super::error::{damaged, is_given_up};
use crate::error::{Error, Result};

/// Rows that are fetched at once where all are walked through.
const ROWS: i32 = 1_000;
/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 128;

/// A statement's values.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection with what it has prepared.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) statements: Statements,
}

/// Prepared statements by their text.
#[derive(Default)]
pub(super) struct Statements(RefCell<HashMap<String, Statement>>);

impl Connection {
    pub(super) fn new(client: Client) -> Connection {
        Connection { client, statements: Statements::default() }
    }

    /// Whether the connection is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }
}

/// What is done inside a transaction. Read transactions hand it out as a reader only, and the
/// server refuses to write in them.
pub(super) struct View<'a> {
    transaction: &'a Transaction<'a>,
    statements: &'a Statements,
    /// The first error, after which the server takes nothing but the transaction's end.
    failure: RefCell<Option<Error>>,
    given_up: Cell<bool>,
}

impl<'a> View<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>, statements: &'a Statements) -> View<'a> {
        View { transaction, statements, failure: RefCell::new(None), given_up: Cell::new(false) }
    }

    /// The error that ended the transaction, even where the work went on after it: a commit would
    /// store nothing, and say nothing.
    pub(super) fn failure(&self) -> Result<()> {
        self.failure.borrow().clone().map_or(Ok(()), Err)
    }

    /// Whether the server gave the transaction up, and it may be run again.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.get()
    }

    /// All rows of a statement.
    pub(super) fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>> {
        let statement = self.statement(sql)?;
        self.noted(wait(self.transaction.query(&statement, values)))
    }

    /// The one row of a statement.
    pub(super) fn row(&self, sql: &str, values: Values<'_>) -> Result<Row> {
        self.rows(sql, values)?.pop().ok_or_else(damaged)
    }

    /// Executes a statement and gives the number of rows it touched.
    pub(super) fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64> {
        let statement = self.statement(sql)?;
        self.noted(wait(self.transaction.execute(&statement, values)))
    }

    /// Calls `each` with a statement's rows until it answers false. They are fetched in parts, so
    /// that few are held at once, and that `each` may use the connection.
    pub(super) fn walk(
        &self,
        sql: &str,
        values: Values<'_>,
        each: &mut dyn FnMut(&Row) -> Result<bool>,
    ) -> Result<()> {
        let statement = self.statement(sql)?;
        let portal = self.noted(wait(self.transaction.bind(&statement, values)))?;
        loop {
            let rows = self.noted(wait(self.transaction.query_portal(&portal, ROWS)))?;
            for row in &rows {
                if !each(row)? {
                    return Ok(());
                }
            }
            if rows.len() < ROWS as usize {
                return Ok(());
            }
        }
    }

    /// Begins a `COPY ... FROM STDIN`.
    pub(super) fn copy_in(&self, sql: &str) -> Result<super::copy::Sink> {
        let statement = self.statement(sql)?;
        self.noted(wait(self.transaction.copy_in(&statement))).map(Box::pin)
    }

    /// Keeps an error of the server, and turns it into ours.
    pub(super) fn noted<T>(&self, result: Result<T, tokio_postgres::Error>) -> Result<T> {
        result.map_err(|error| {
            self.given_up.set(self.given_up.get() || is_given_up(&error));
            let error = Error::from(error);
            self.failure.borrow_mut().get_or_insert_with(|| error.clone());
            error
        })
    }

    fn statement(&self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.0.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.noted(wait(self.transaction.prepare(sql)))?;
        let mut statements = self.statements.0.borrow_mut();
        if statements.len() >= STATEMENTS {
            statements.clear();
        }
        statements.insert(sql.to_string(), statement.clone());
        Ok(statement)
    }
}
