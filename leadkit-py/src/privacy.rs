//! The room of privacy.

use leadkit_core as core;
use leadkit_core::model::privacy::{ErasureListOptions, ErasureOptions, PersonOptions, RetentionOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::Call;
use crate::de::{argument, options};
use crate::error::{guard, work};
use crate::ser::to_python;
use crate::transport::GivenTransport;

type Object<'py> = Bound<'py, PyAny>;

/// What the law asks about a person's data.
#[pyclass(frozen, module = "leadkit")]
pub struct Privacy(pub core::Database);

#[pymethods]
impl Privacy {
    /// All that is stored about a person.
    #[pyo3(signature = (**options))]
    fn export_person<'py>(
        &self,
        py: Python<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let who: PersonOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.privacy().export_person(&who))?)
        })
    }

    /// Erases a person.
    #[pyo3(signature = (legal_basis, *, transport = None, **options))]
    fn erase_person<'py>(
        &self,
        py: Python<'py>,
        legal_basis: &Object<'py>,
        transport: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let legal_basis: String = argument("legal_basis", legal_basis)?;
            let options: ErasureOptions = self::options(py, options)?;
            let database = self.0.clone();
            let certificate = match transport {
                None => work(py, || database.privacy().erase_person(&legal_basis, &options, None))?,
                Some(transport) => {
                    let (transport, object) = GivenTransport::new(transport)?;
                    Call::default().calling(object).run(py, move |links| {
                        transport.with(&links, |transport| {
                            database.privacy().erase_person(&legal_basis, &options, Some(transport))
                        })
                    })?
                }
            };
            to_python(py, &certificate)
        })
    }

    /// The certificates of what was erased, the newest first.
    #[pyo3(signature = (**options))]
    fn erasures<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: ErasureListOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.privacy().erasures(options))?)
        })
    }

    /// Forbids to erase a person, and says why.
    #[pyo3(signature = (reason, **options))]
    fn hold<'py>(
        &self,
        py: Python<'py>,
        reason: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let reason: String = argument("reason", reason)?;
            let who: PersonOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.privacy().hold(&reason, &who))?)
        })
    }

    /// Allows it again, and tells how many leads were held.
    #[pyo3(signature = (**options))]
    fn release(&self, py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> PyResult<u64> {
        guard(py, || {
            let who: PersonOptions = self::options(py, options)?;
            work(py, || self.0.privacy().release(&who))
        })
    }

    /// All holds, by lead.
    fn holds<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.privacy().holds())?))
    }

    /// Finds what is kept too long, and erases it where that is said.
    #[pyo3(signature = (**options))]
    fn apply_retention<'py>(
        &self,
        py: Python<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: RetentionOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.privacy().apply_retention(&options))?)
        })
    }

    /// Writes the store's files anew.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || work(py, || self.0.privacy().compact()))
    }
}
