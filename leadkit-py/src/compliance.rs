//! The law's limits on contacting people: pure functions.

use leadkit_core::Timestamp;
use leadkit_core::compliance::{self, Contact, RuleTable};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::de::{argument, options};
use crate::error::{guard, raise, work};
use crate::ser::to_python;

type Object<'py> = Bound<'py, PyAny>;

/// Says what an inbound message means.
#[pyfunction]
pub fn classify_reply(py: Python<'_>, text: &Object<'_>) -> PyResult<&'static str> {
    guard(py, || {
        let text: String = argument("text", text)?;
        Ok(compliance::classify_reply(&text).as_str())
    })
}

/// A table of rules: it decides at which hours somebody may be contacted.
#[pyclass(frozen, module = "leadkit")]
pub struct LegalHours(compliance::LegalHours);

#[pymethods]
impl LegalHours {
    #[new]
    #[pyo3(signature = (**table))]
    fn new(py: Python<'_>, table: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        guard(py, || {
            let table: RuleTable = options(py, table)?;
            let hours = compliance::LegalHours::built_in().with(&table);
            hours.map(LegalHours).map_err(|error| raise(py, &error))
        })
    }

    /// Whether somebody may be contacted at an instant, and from when on.
    #[pyo3(signature = (at, **contact))]
    fn decide<'py>(
        &self,
        py: Python<'py>,
        at: &Object<'py>,
        contact: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let at: Timestamp = argument("at", at)?;
            let contact: Contact = options(py, contact)?;
            to_python(py, &work(py, || self.0.decide(&contact, at))?)
        })
    }

    /// The table as it is written down.
    fn table<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, self.0.table()))
    }
}
