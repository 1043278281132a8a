//! Operations on many leads, and the log of operations.

use leadkit_core::database::{Bulk, ConflictOptions, ListOptions};
use leadkit_core::model::given::{OperationRef, PlanRef, PlanUndoOptions, PlanUpdateOptions, UndoRunOptions};
use leadkit_core::{Assignment, MergeGroup, Plan, PlanOptions, Result, RunOptions};
use napi_derive::napi;

use crate::call::{Answer, Call, Listener, Reply, cancelled, long, short};
use crate::database::{Db, GLUE, filter};
use crate::de::{read, read_options};
use crate::js::Js;

impl Db {
    /// Plans look at every lead they find: on a thread of their own.
    fn planned<P>(&self, listener: Listener<'_>, prepare: impl FnOnce() -> Result<P>) -> Answer
    where
        P: FnOnce(Bulk<'_>) -> Result<Plan> + Send + 'static,
    {
        let db = self.0.clone();
        long(listener, |_| {
            let plan = prepare()?;
            Ok(move || Reply::data(&plan(db.bulk())?))
        })
    }
}

#[napi]
impl Db {
    #[napi]
    pub fn bulk_plan_update(&self, which: Js, options: Js, listener: Listener<'_>) -> Answer {
        self.planned(listener, || {
            let which = filter(which)?;
            let (update, options) = read_options::<PlanUpdateOptions>(options, &[])?.split();
            Ok(move |bulk: Bulk<'_>| bulk.plan_update(&which, update, options))
        })
    }

    #[napi]
    pub fn bulk_plan_delete(&self, which: Js, options: Js, listener: Listener<'_>) -> Answer {
        self.planned(listener, || {
            let which = filter(which)?;
            let options: PlanOptions = read_options(options, &[])?;
            Ok(move |bulk: Bulk<'_>| bulk.plan_delete(&which, options))
        })
    }

    #[napi]
    pub fn bulk_plan_assign(&self, which: Js, to: Js, options: Js, listener: Listener<'_>) -> Answer {
        self.planned(listener, || {
            let which = filter(which)?;
            let to: Assignment = read(to, "to")?;
            let options: PlanOptions = read_options(options, &[])?;
            Ok(move |bulk: Bulk<'_>| bulk.plan_assign(&which, to, options))
        })
    }

    #[napi]
    pub fn bulk_plan_status(&self, which: Js, status: Js, options: Js, listener: Listener<'_>) -> Answer {
        self.planned(listener, || {
            let which = filter(which)?;
            let status: String = read(status, "status")?;
            let options: PlanOptions = read_options(options, &[])?;
            Ok(move |bulk: Bulk<'_>| bulk.plan_status(&which, &status, options))
        })
    }

    #[napi]
    pub fn bulk_plan_merge(&self, groups: Js, options: Js, listener: Listener<'_>) -> Answer {
        self.planned(listener, || {
            let groups: Vec<MergeGroup> = read(groups, "groups")?;
            let options: PlanOptions = read_options(options, &[])?;
            Ok(move |bulk: Bulk<'_>| bulk.plan_merge(groups, options))
        })
    }

    #[napi]
    pub fn bulk_plan_purge(&self, which: Js, options: Js, listener: Listener<'_>) -> Answer {
        self.planned(listener, || {
            let which = filter(which)?;
            let options: PlanOptions = read_options(options, &[])?;
            Ok(move |bulk: Bulk<'_>| bulk.plan_purge(&which, options))
        })
    }

    #[napi]
    pub fn bulk_plan_undo(&self, operation: Js, options: Js, listener: Listener<'_>) -> Answer {
        self.planned(listener, || {
            let OperationRef(operation) = read(operation, "operation")?;
            let (undo, options) = read_options::<PlanUndoOptions>(options, &[])?.split();
            Ok(move |bulk: Bulk<'_>| bulk.plan_undo(operation, undo, options))
        })
    }

    #[napi]
    pub fn bulk_plan_of(&self, token: Js, listener: Listener<'_>) -> Answer {
        self.planned(listener, || {
            let token: String = read(token, "token")?;
            Ok(move |bulk: Bulk<'_>| bulk.plan_of(&token))
        })
    }

    #[napi]
    pub fn bulk_run(
        &self,
        call: &Call,
        plan: Js,
        options: Js,
        progress: bool,
        listener: Listener<'_>,
    ) -> Answer {
        let db = self.0.clone();
        long(listener, |events| {
            let PlanRef(token) = read(plan, "plan")?;
            let mut options: RunOptions = read_options(options, GLUE)?;
            options.progress = call.progress(progress, events);
            options.cancel = call.token();
            let cancel = call.token();
            Ok(move || cancelled(&cancel, || Reply::data(&db.bulk().run(&token, options)?)))
        })
    }

    #[napi]
    pub fn operations_list(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let options: ListOptions = read_options(options, &[])?;
            Ok(move || Reply::data(&db.operations().list(options)?))
        })
    }

    #[napi]
    pub fn operations_get(&self, id: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id = read(id, "id")?;
            Ok(move || Reply::data(&db.operations().get(id)?))
        })
    }

    #[napi]
    pub fn operations_undo(
        &self,
        call: &Call,
        operation: Js,
        options: Js,
        progress: bool,
        listener: Listener<'_>,
    ) -> Answer {
        let db = self.0.clone();
        long(listener, |events| {
            let OperationRef(operation) = read(operation, "operation")?;
            let (undo, mut options) = read_options::<UndoRunOptions>(options, GLUE)?.split();
            options.progress = call.progress(progress, events);
            options.cancel = call.token();
            let cancel = call.token();
            Ok(move || cancelled(&cancel, || Reply::data(&db.operations().undo(operation, undo, options)?)))
        })
    }

    #[napi]
    pub fn operations_resume(
        &self,
        call: &Call,
        id: Js,
        options: Js,
        progress: bool,
        listener: Listener<'_>,
    ) -> Answer {
        let db = self.0.clone();
        long(listener, |events| {
            let id = read(id, "id")?;
            let mut options: RunOptions = read_options(options, GLUE)?;
            options.progress = call.progress(progress, events);
            options.cancel = call.token();
            let cancel = call.token();
            Ok(move || cancelled(&cancel, || Reply::data(&db.operations().resume(id, options)?)))
        })
    }

    #[napi]
    pub fn operations_cancel(&self, id: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id = read(id, "id")?;
            Ok(move || Reply::data(&db.operations().cancel(id)?))
        })
    }

    #[napi]
    pub fn operations_conflicts(&self, id: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id = read(id, "id")?;
            let options: ConflictOptions = read_options(options, &[])?;
            Ok(move || Reply::data(&db.operations().conflicts(id, options)?))
        })
    }

    #[napi]
    pub fn operations_prune(&self, older_than_days: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let days: f64 = read(older_than_days, "olderThanDays")?;
            Ok(move || Reply::data(&db.operations().prune(days)?))
        })
    }
}
