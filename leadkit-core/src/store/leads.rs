//! What a store does with leads.

use serde::{Deserialize, Serialize};

use super::image::Image;
use super::{KeyKind, LeadBatch, LeadKey, LeadRow, Position, Query};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::field::{CustomField, Field, FieldName};
use crate::model::filter::Expr;
use crate::model::lead::Lead;
use crate::model::status::Status;

/// Reading leads, inside one transaction: all calls see one state.
pub trait ReadLeads {
    /// The leads of some ids, deleted ones included, in the order of their ids; ids that nobody
    /// has are left out.
    ///
    /// # Errors
    /// Those of the store.
    fn leads(&self, ids: &[i64]) -> Result<Vec<Lead>>;

    /// The lead of an id, deleted ones included.
    ///
    /// # Errors
    /// Those of the store.
    fn lead(&self, id: i64) -> Result<Option<Lead>> {
        Ok(self.leads(&[id])?.pop())
    }

    /// Which leads have which of some keys; whoever asks compares the values. Each key is asked
    /// once, answers come in any order.
    ///
    /// # Errors
    /// Those of the store.
    fn leads_by_keys(&self, keys: &[LeadKey]) -> Result<Vec<(LeadKey, i64)>>;

    /// Calls `each` with every stored key of some kinds.
    ///
    /// # Errors
    /// Those of the store.
    fn each_key(&self, kinds: &[KeyKind], each: &mut dyn FnMut(LeadKey)) -> Result<()>;

    /// The next id that [`WriteLeads::allot`] will give: above all ids there are.
    ///
    /// # Errors
    /// Those of the store.
    fn next_lead(&self) -> Result<i64>;

    /// How many leads the query finds.
    ///
    /// # Errors
    /// Those of the store.
    fn count(&self, query: &Query) -> Result<u64>;

    /// How many leads pass, and how many of them have not all of some values: what
    /// [`WriteLeads::set_fields`] would change.
    ///
    /// # Errors
    /// Those of the store.
    fn count_differing(&self, filter: &Expr, values: &[SetValue]) -> Result<(u64, u64)>;

    /// At most `limit` leads that the query finds, in its order, after a position.
    ///
    /// # Errors
    /// Those of the store.
    fn page(&self, query: &Query, after: Option<&Position>, limit: u64) -> Result<Vec<Lead>>;

    /// Calls `each` with the leads the query finds, in its order, until it answers false.
    ///
    /// # Errors
    /// Those of the store and of `each`.
    fn each_lead(&self, query: &Query, each: &mut dyn FnMut(Lead) -> Result<bool>) -> Result<()>;

    /// Those of some fields that any of the found leads fills.
    ///
    /// # Errors
    /// Those of the store.
    fn filled_fields(&self, query: &Query, candidates: &[FieldName]) -> Result<Vec<FieldName>>;

    /// All custom fields, archived ones included, in the order of their definition.
    ///
    /// # Errors
    /// Those of the store.
    fn custom_fields(&self) -> Result<Vec<CustomField>>;

    /// The list of statuses, in its order; empty when none was ever defined.
    ///
    /// # Errors
    /// Those of the store.
    fn statuses(&self) -> Result<Vec<Status>>;
}

/// Writing leads, inside one transaction.
pub trait WriteLeads {
    /// Takes some ids for new leads and gives the first of them.
    ///
    /// # Errors
    /// Those of the store.
    fn allot(&self, count: i64) -> Result<i64>;

    /// Stores new leads, in the order of their ids; their keys are stored apart, by
    /// [`WriteLeads::add_keys`].
    ///
    /// # Errors
    /// Those of the store.
    fn insert_leads(&self, rows: &[LeadRow]) -> Result<()>;

    /// Stores the leads of a batch that have an id, as [`WriteLeads::insert_leads`] does.
    ///
    /// # Errors
    /// Those of the store.
    fn insert_batch(&self, batch: &LeadBatch) -> Result<()> {
        let rows = batch.rows().map(|row| row.to_row()).collect::<Result<Vec<_>>>()?;
        self.insert_leads(&rows)
    }

    /// Stores new states of leads, in the order of their ids, with a before-image for each. A lead
    /// that this very commit created needs none, and one that it changed before keeps the older.
    ///
    /// # Errors
    /// Those of the store.
    fn update_leads(&self, updates: &[LeadUpdate]) -> Result<()>;

    /// Gives the next leads of a selection the same values, with a before-image for each. Leads that
    /// have all of the values already are passed over, and so are those that this very commit made
    /// or changed before.
    ///
    /// # Errors
    /// Those of the store.
    fn set_fields(&self, set: &SetFields<'_>) -> Result<Touched>;

    /// Gives the next leads that a commit changed and nobody since their values back, with a
    /// before-image for each; `updated_at` becomes now.
    ///
    /// # Errors
    /// Those of the store.
    fn restore_fields(&self, restore: &RestoreFields<'_>) -> Result<Touched>;

    /// Stores keys, in order and without repetition; those that are there already stay.
    ///
    /// # Errors
    /// Those of the store.
    fn add_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()>;

    /// Releases keys.
    ///
    /// # Errors
    /// Those of the store.
    fn remove_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()>;

    /// Removes leads, their keys and the images of their changes for good.
    ///
    /// # Errors
    /// Those of the store.
    fn purge_leads(&self, ids: &[i64]) -> Result<()>;

    /// Defines a field or brings its label, choices and archived state up to date.
    ///
    /// # Errors
    /// Those of the store.
    fn put_custom_field(&self, field: &CustomField) -> Result<()>;

    /// Replaces the list of statuses.
    ///
    /// # Errors
    /// Those of the store.
    fn put_statuses(&self, statuses: &[Status]) -> Result<()>;
}

/// A lead's state before and after a change. The ids are equal, and the revision of `after` is the
/// commit's.
#[derive(Clone, Debug)]
pub struct LeadUpdate {
    /// The state before, as it is stored.
    pub before: Lead,
    /// The state after.
    pub after: LeadRow,
}

/// Which leads get which values.
#[derive(Clone, Copy, Debug)]
pub struct SetFields<'a> {
    /// The commit.
    pub rev: i64,
    /// When.
    pub at: Timestamp,
    /// Which leads; deleted ones never.
    pub filter: &'a Expr,
    /// Only leads behind this id.
    pub after: i64,
    /// How many at most, in the order of their ids.
    pub limit: u64,
    /// The values.
    pub values: &'a [SetValue],
}

/// A field's new value. Fields that keys or lists are made of cannot be set this way.
#[derive(Clone, Debug, PartialEq)]
pub struct SetValue {
    /// A field of one text, neither email, phone nor external id.
    pub field: Field,
    /// The text; none clears.
    pub text: Option<String>,
}

impl SetValue {
    /// Whether a field can be set this way.
    pub fn takes(field: Field) -> bool {
        field.kind().is_text() && !matches!(field, Field::Email | Field::Phone | Field::ExternalId)
    }
}

/// Which leads get their values back.
#[derive(Clone, Copy, Debug)]
pub struct RestoreFields<'a> {
    /// The commit that restores.
    pub rev: i64,
    /// When.
    pub at: Timestamp,
    /// The commit that is taken back.
    pub of: i64,
    /// The fields whose values its images hold, all settable by [`SetFields`].
    pub fields: &'a [Field],
    /// Only leads behind this id.
    pub after: i64,
    /// How many at most, in the order of their ids.
    pub limit: u64,
}

/// What a set-based change did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// How many leads changed.
    pub count: u64,
    /// The last of them; none where no lead changed.
    pub last: Option<i64>,
}

/// One before-image of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The commit.
    pub rev: i64,
    /// The lead.
    pub lead: i64,
    /// The lead's revision before.
    pub prev_rev: i64,
    /// The values before.
    pub before: Image,
}
