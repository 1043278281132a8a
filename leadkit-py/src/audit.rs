//! The room of the audit.

use leadkit_core as core;
use leadkit_core::model::audit::{AuditListOptions, AuditVerifyOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::de::options;
use crate::error::{guard, work};
use crate::ser::to_python;

type Object<'py> = Bound<'py, PyAny>;

/// What was done with the data, by whom, in a chain that shows what was changed in it.
#[pyclass(frozen, module = "leadkit")]
pub struct Audit(pub core::Database);

#[pymethods]
impl Audit {
    /// Entries, the newest first.
    #[pyo3(signature = (**options))]
    fn entries<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: AuditListOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.audit().entries(options))?)
        })
    }

    /// Looks at every entry.
    #[pyo3(signature = (**options))]
    fn verify<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: AuditVerifyOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.audit().verify(options))?)
        })
    }

    /// Where the chain stands, to be kept elsewhere.
    fn checkpoint<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.audit().checkpoint())?))
    }
}
