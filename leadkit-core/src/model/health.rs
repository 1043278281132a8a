//! How the outbox is.

use serde::Serialize;

use super::money::Money;
use crate::clock::Timestamp;

/// How the outbox is: what waits, what is not known, what failed, what was spent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutboxHealth {
    /// Whether anything may be sent at all.
    pub sending: bool,
    /// How many messages wait to be handed over.
    pub waiting: u64,
    /// Since when the oldest of those is due; none when nothing is due. With sending switched on, somebody
    /// should have handed it over.
    pub due_since: Option<Timestamp>,
    /// How many messages went out, or did not: nobody knows.
    pub unknown: u64,
    /// When the oldest of those was to go out.
    pub unknown_since: Option<Timestamp>,
    /// How many messages of the last seven days went out.
    pub sent: u64,
    /// How many of those failed at their end.
    pub failed: u64,
    /// How many messages of the last seven days were refused, by us or by the provider, and are dead unless
    /// somebody queues them anew.
    pub refused: u64,
    /// How many people of the last seven days said STOP, or the provider says so.
    pub opt_outs: u64,
    /// `opt_outs` by `sent`; none when nothing went out.
    pub opt_out_rate: Option<f64>,
    /// Each budget, in its present period.
    pub budgets: Vec<BudgetState>,
}

/// What is left of a budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BudgetState {
    /// Its name.
    pub budget: String,
    /// What is spent and reserved of it.
    pub spent: Money,
    /// The whole of it.
    pub amount: Money,
    /// When it begins anew; none for one that never does.
    pub ends_at: Option<Timestamp>,
}
