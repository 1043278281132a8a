//! The rooms of automations and schedules, and the tick.

use leadkit_core as core;
use leadkit_core::model::automation::{
    AutomationSpec, EventListOptions, RehearseOptions, RunListOptions, SaveAutomationOptions,
};
use leadkit_core::model::schedule::Schedule;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::de::{argument, options};
use crate::error::{guard, work};
use crate::ser::to_python;

type Object<'py> = Bound<'py, PyAny>;

/// What happens by itself: saved as data, set off by events and times, with a record of every run.
#[pyclass(frozen, module = "leadkit")]
pub struct Automations(pub core::Database);

#[pymethods]
impl Automations {
    /// Saves an automation under a name, as the name's next version.
    #[pyo3(signature = (name, spec, **options))]
    fn save<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        spec: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let spec: AutomationSpec = argument("spec", spec)?;
            let options: SaveAutomationOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.automations().save(name, &spec, options))?)
        })
    }

    /// The last version of an automation; None when there is no such.
    fn get<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.automations().get(name))?))
    }

    /// All automations by name, each by its last version.
    fn list<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.automations().list())?))
    }

    /// Lets an automation be set off, by what happens from now on.
    fn enable<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.automations().enable(name))?))
    }

    /// Lets an automation be set off no more; runs under way go on.
    fn disable<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.automations().disable(name))?))
    }

    /// Runs, the newest first.
    #[pyo3(signature = (**options))]
    fn runs<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: RunListOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.automations().runs(&options))?)
        })
    }

    /// Ends runs under way, all of an automation or those of one lead.
    #[pyo3(signature = (name, lead = None))]
    fn cancel(&self, py: Python<'_>, name: &str, lead: Option<i64>) -> PyResult<u64> {
        guard(py, || work(py, || self.0.automations().cancel(name, lead)))
    }

    /// What an automation would have done with what was.
    #[pyo3(signature = (spec, **options))]
    fn rehearse<'py>(
        &self,
        py: Python<'py>,
        spec: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let spec: AutomationSpec = argument("spec", spec)?;
            let options: RehearseOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.automations().rehearse(&spec, &options))?)
        })
    }

    /// An automation as a picture: an SVG document.
    fn picture(&self, py: Python<'_>, name: &str) -> PyResult<String> {
        guard(py, || work(py, || self.0.automations().picture(name)))
    }

    /// What automations tell the host, in order.
    #[pyo3(signature = (**options))]
    fn events<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: EventListOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.automations().events(&options))?)
        })
    }

    /// Removes events that the host has dealt with, up to a number.
    fn acknowledge(&self, py: Python<'_>, up_to: i64) -> PyResult<u64> {
        guard(py, || work(py, || self.0.automations().acknowledge(up_to)))
    }
}

/// Schedules with names, which automations keep to.
#[pyclass(frozen, module = "leadkit")]
pub struct Schedules(pub core::Database);

#[pymethods]
impl Schedules {
    /// Saves a schedule under a name, in the place of the one before.
    fn save<'py>(&self, py: Python<'py>, name: &str, schedule: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let schedule: Schedule = argument("schedule", schedule)?;
            to_python(py, &work(py, || self.0.schedules().save(name, &schedule))?)
        })
    }

    /// The schedule of a name; None when there is no such.
    fn get<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.schedules().get(name))?))
    }

    /// All schedules by name, with their next times.
    fn list<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.schedules().list())?))
    }

    /// Lets a schedule set nothing off.
    fn pause<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.schedules().pause(name))?))
    }

    /// Lets a schedule go on.
    fn resume<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.schedules().resume(name))?))
    }
}
