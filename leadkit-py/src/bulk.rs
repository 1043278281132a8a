//! Rooms of operations: on many leads, and in the log.

use leadkit_core as core;
use leadkit_core::database::{ConflictOptions, ListOptions};
use leadkit_core::model::given::{OperationRef, PlanRef, PlanUndoOptions, PlanUpdateOptions, UndoRunOptions};
use leadkit_core::{Assignment, Filter, MergeGroup, Plan, PlanOptions, RunOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::Call;
use crate::database::filter;
use crate::de::{argument, options};
use crate::error::{guard, work};
use crate::ser::to_python;

type Object<'py> = Bound<'py, PyAny>;

/// Operations on many leads: planned, looked at, run.
#[pyclass(frozen, module = "leadkit")]
pub struct Bulk(pub core::Database);

impl Bulk {
    fn plan<'py>(
        &self,
        py: Python<'py>,
        plan: impl FnOnce(core::database::Bulk<'_>) -> core::Result<Plan> + Send,
    ) -> PyResult<Object<'py>> {
        to_python(py, &work(py, || plan(self.0.bulk()))?)
    }
}

#[pymethods]
impl Bulk {
    /// Plans to change fields and tags.
    #[pyo3(signature = (filter, **options))]
    fn plan_update<'py>(
        &self,
        py: Python<'py>,
        filter: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let filter = self::filter(py, Some(filter))?;
            let (update, options) = self::options::<PlanUpdateOptions>(py, options)?.split();
            self.plan(py, |bulk| bulk.plan_update(&filter, update, options))
        })
    }

    /// Plans to delete leads; they can be restored.
    #[pyo3(signature = (filter, **options))]
    fn plan_delete<'py>(
        &self,
        py: Python<'py>,
        filter: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let (filter, options) = planned(py, filter, options)?;
            self.plan(py, |bulk| bulk.plan_delete(&filter, options))
        })
    }

    /// Plans to give leads to owners.
    #[pyo3(signature = (filter, to, **options))]
    fn plan_assign<'py>(
        &self,
        py: Python<'py>,
        filter: &Object<'py>,
        to: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let (filter, options) = planned(py, filter, options)?;
            let to: Assignment = argument("to", to)?;
            self.plan(py, |bulk| bulk.plan_assign(&filter, to, options))
        })
    }

    /// Plans to move leads to another status.
    #[pyo3(signature = (filter, status, **options))]
    fn plan_status<'py>(
        &self,
        py: Python<'py>,
        filter: &Object<'py>,
        status: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let (filter, options) = planned(py, filter, options)?;
            let status: String = argument("status", status)?;
            self.plan(py, |bulk| bulk.plan_status(&filter, &status, options))
        })
    }

    /// Plans to merge leads.
    #[pyo3(signature = (groups, **options))]
    fn plan_merge<'py>(
        &self,
        py: Python<'py>,
        groups: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let groups: Vec<MergeGroup> = argument("groups", groups)?;
            let options = self::options(py, options)?;
            self.plan(py, |bulk| bulk.plan_merge(groups, options))
        })
    }

    /// Plans to remove leads for good.
    #[pyo3(signature = (filter, **options))]
    fn plan_purge<'py>(
        &self,
        py: Python<'py>,
        filter: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let (filter, options) = planned(py, filter, options)?;
            self.plan(py, |bulk| bulk.plan_purge(&filter, options))
        })
    }

    /// Plans to take an operation back.
    #[pyo3(signature = (operation, **options))]
    fn plan_undo<'py>(
        &self,
        py: Python<'py>,
        operation: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let OperationRef(operation) = argument("operation", operation)?;
            let (undo, options) = self::options::<PlanUndoOptions>(py, options)?.split();
            self.plan(py, |bulk| bulk.plan_undo(operation, undo, options))
        })
    }

    /// A plan that was made before and not run yet.
    fn plan_of<'py>(&self, py: Python<'py>, token: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let token: String = argument("token", token)?;
            self.plan(py, |bulk| bulk.plan_of(&token))
        })
    }

    /// Runs a plan, or goes on with one that was interrupted.
    #[pyo3(signature = (plan, *, progress = None, cancel = None, **options))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        plan: &Object<'py>,
        progress: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let PlanRef(token) = argument("plan", plan)?;
            let options: RunOptions = self::options(py, options)?;
            let database = self.0.clone();
            let operation = Call::new(progress, cancel)?.run(py, move |links| {
                let options = RunOptions { progress: links.progress, cancel: links.cancel, ..options };
                database.bulk().run(&token, options)
            })?;
            to_python(py, &operation)
        })
    }
}

fn planned<'py>(
    py: Python<'py>,
    filter: &Object<'py>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<(Filter, PlanOptions)> {
    Ok((self::filter(py, Some(filter))?, self::options(py, options)?))
}

/// What was done to a database: who, when, from which file, with what result.
#[pyclass(frozen, module = "leadkit")]
pub struct Operations(pub core::Database);

#[pymethods]
impl Operations {
    /// Operations, the newest first.
    #[pyo3(signature = (**options))]
    fn list<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: ListOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.operations().list(options))?)
        })
    }

    /// One operation.
    fn get<'py>(&self, py: Python<'py>, id: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            to_python(py, &work(py, || self.0.operations().get(id))?)
        })
    }

    /// Takes an operation back.
    #[pyo3(signature = (operation, *, progress = None, cancel = None, **options))]
    fn undo<'py>(
        &self,
        py: Python<'py>,
        operation: &Object<'py>,
        progress: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let OperationRef(operation) = argument("operation", operation)?;
            let (undo, options) = self::options::<UndoRunOptions>(py, options)?.split();
            let database = self.0.clone();
            let operation = Call::new(progress, cancel)?.run(py, move |links| {
                let options = RunOptions { progress: links.progress, cancel: links.cancel, ..options };
                database.operations().undo(operation, undo, options)
            })?;
            to_python(py, &operation)
        })
    }

    /// Goes on with a bulk operation or an undo that was cancelled or interrupted.
    #[pyo3(signature = (id, *, progress = None, cancel = None, **options))]
    fn resume<'py>(
        &self,
        py: Python<'py>,
        id: &Object<'py>,
        progress: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            let options: RunOptions = self::options(py, options)?;
            let database = self.0.clone();
            let operation = Call::new(progress, cancel)?.run(py, move |links| {
                let options = RunOptions { progress: links.progress, cancel: links.cancel, ..options };
                database.operations().resume(id, options)
            })?;
            to_python(py, &operation)
        })
    }

    /// Withdraws a plan, or stops an operation that any process runs, after its current chunk.
    fn cancel<'py>(&self, py: Python<'py>, id: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            to_python(py, &work(py, || self.0.operations().cancel(id))?)
        })
    }

    /// What an operation left alone, and why.
    #[pyo3(signature = (id, **options))]
    fn conflicts<'py>(
        &self,
        py: Python<'py>,
        id: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            let options: ConflictOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.operations().conflicts(id, options))?)
        })
    }

    /// Removes the before-images of changes that are older than some days, and tells how many.
    fn prune(&self, py: Python<'_>, older_than_days: &Object<'_>) -> PyResult<u64> {
        guard(py, || {
            let days: f64 = argument("older_than_days", older_than_days)?;
            work(py, || self.0.operations().prune(days))
        })
    }
}
