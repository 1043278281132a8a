//! The room of operations on many leads.

use crate::error::Result;
use crate::ledger::Session;
use crate::model::bulk::{
    Assignment, BulkSpec, BulkUpdate, MergeGroup, Plan, PlanOptions, RunOptions, UndoOptions,
};
use crate::model::filter::Filter;
use crate::model::operation::Operation;

/// Operations on many leads. Each is planned, looked at, and run; `operations.undo` takes it back.
///
/// A plan changes nothing. It is stored, so that planning and running may be two web requests, and
/// it is for the leads as they are now: those that others change before the run are left alone.
#[derive(Clone, Copy)]
pub struct Bulk<'a> {
    pub(super) session: &'a Session,
}

impl Bulk<'_> {
    /// Plans to change fields and tags.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_value`, `invalid_template`, `invalid_argument`.
    ///
    /// ```
    /// use leadkit_core::Filter;
    /// use leadkit_core::model::bulk::BulkUpdate;
    /// let db = leadkit_core::open(":memory:")?;
    /// db.leads().add([("email", "ada@lovelace.org"), ("source", "fair")])?;
    ///
    /// let update = BulkUpdate::default().set("owner", "mia").add_tag("spring");
    /// let plan = db.bulk().plan_update(&Filter::field("source").eq("fair"), update, Default::default())?;
    /// assert_eq!((plan.count, plan.changes), (1, 1));
    /// let done = db.bulk().run(&plan.token, Default::default())?;
    /// assert_eq!(done.changed, 1);
    ///
    /// let undone = db.operations().undo(done.id, Default::default(), Default::default())?;
    /// assert_eq!((undone.changed, undone.conflicts), (1, 0));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn plan_update(&self, filter: &Filter, update: BulkUpdate, options: PlanOptions) -> Result<Plan> {
        self.plan(BulkSpec::Update { filter: filter.clone(), update }, options)
    }

    /// Plans to delete leads. They can be restored, by an undo or one by one; all of them at once
    /// only by `{"all": true}`.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_argument`.
    pub fn plan_delete(&self, filter: &Filter, options: PlanOptions) -> Result<Plan> {
        self.plan(BulkSpec::Delete { filter: filter.clone() }, options)
    }

    /// Plans to give leads to owners.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_value`, `invalid_argument`.
    ///
    /// ```
    /// use leadkit_core::Filter;
    /// use leadkit_core::model::bulk::Assignment;
    /// let db = leadkit_core::open(":memory:")?;
    /// for name in ["a", "b", "c"] {
    ///     db.leads().add([("email", format!("{name}@example.org"))])?;
    /// }
    /// let to = Assignment::RoundRobin(vec!["mia".into(), "tom".into()]);
    /// let plan = db.bulk().plan_assign(&Filter::default(), to, Default::default())?;
    /// db.bulk().run(&plan.token, Default::default())?;
    /// assert_eq!(db.leads().count(&Filter::field("owner").eq("mia"))?, 2);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn plan_assign(&self, filter: &Filter, to: Assignment, options: PlanOptions) -> Result<Plan> {
        self.plan(BulkSpec::Assign { filter: filter.clone(), to }, options)
    }

    /// Plans to move leads to another status, by the ways that `statuses` allows; those that may not
    /// go there are left alone, as `forbidden_transition`.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_value`, `invalid_argument`.
    pub fn plan_status(&self, filter: &Filter, status: &str, options: PlanOptions) -> Result<Plan> {
        self.plan(BulkSpec::Status { filter: filter.clone(), status: status.to_string() }, options)
    }

    /// Plans to merge leads: what stays takes what the others have beyond it, and their ids become
    /// its aliases. Each group is merged as a whole or left alone.
    ///
    /// # Errors
    /// `invalid_argument`.
    pub fn plan_merge(&self, groups: Vec<MergeGroup>, options: PlanOptions) -> Result<Plan> {
        self.plan(BulkSpec::Merge { groups }, options)
    }

    /// Plans to remove leads for good, deleted ones included, with their history. No undo brings
    /// them back, and the run always wants their number.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_argument`.
    pub fn plan_purge(&self, filter: &Filter, options: PlanOptions) -> Result<Plan> {
        self.plan(BulkSpec::Purge { filter: filter.clone() }, options)
    }

    /// Plans to take an operation back; see [`super::Operations::undo`].
    ///
    /// # Errors
    /// `not_found`, `not_undoable`, `already_undone`, `undo_expired`, `operation_running`,
    /// `unknown_field`.
    pub fn plan_undo(&self, operation: i64, undo: UndoOptions, options: PlanOptions) -> Result<Plan> {
        self.plan(BulkSpec::Undo { of: operation, options: undo }, options)
    }

    /// A plan that was made before and not run yet.
    ///
    /// # Errors
    /// `not_found`.
    pub fn plan_of(&self, token: &str) -> Result<Plan> {
        self.session.shown(crate::bulk::stored_plan(self.session, token)?)
    }

    /// Runs a plan by its token, or goes on with one that was interrupted. One that is done gives
    /// its result once more: a repeated call changes nothing.
    ///
    /// # Errors
    /// `not_found`, `plan_expired`, `confirmation_needed`, `operation_running`, `conflict` (the
    /// idempotency key of another request), `undo_conflict`, `cancelled`; those of the store. What
    /// was committed stays, and the same call goes on from there.
    pub fn run(&self, token: &str, options: RunOptions) -> Result<Operation> {
        self.session.shown(crate::bulk::run(self.session, token, &options)?)
    }

    fn plan(&self, spec: BulkSpec, options: PlanOptions) -> Result<Plan> {
        self.session.shown(crate::bulk::plan(self.session, spec, &options)?)
    }
}
