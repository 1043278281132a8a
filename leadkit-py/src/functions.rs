//! Functions that need no database.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use leadkit_core::schedule::{self, OccurrenceOptions, Schedule};
use leadkit_core::table::{self, FormatOptions};
use leadkit_core::{Result, Timestamp, normalize, template};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::Call;
use crate::de::{argument, options};
use crate::error::{guard, work};
use crate::ser::to_python;
use crate::source::Given;

type Object<'py> = Bound<'py, PyAny>;

/// Reads a phone number in any notation into its canonical forms.
#[pyfunction]
#[pyo3(signature = (text, default_country = None))]
pub fn normalize_phone<'py>(
    py: Python<'py>,
    text: &str,
    default_country: Option<&str>,
) -> PyResult<Object<'py>> {
    guard(py, || to_python(py, &normalize::normalize_phone(text, default_country)))
}

/// Reads an email address into its canonical form and what is known about it.
#[pyfunction]
pub fn normalize_email<'py>(py: Python<'py>, text: &str) -> PyResult<Object<'py>> {
    guard(py, || to_python(py, &normalize::normalize_email(text)))
}

/// Cleans a company's name, and gives its legal form and a key for matching.
#[pyfunction]
#[pyo3(signature = (text, country = None))]
pub fn normalize_company<'py>(py: Python<'py>, text: &str, country: Option<&str>) -> PyResult<Object<'py>> {
    guard(py, || to_python(py, &normalize::normalize_company(text, country)))
}

/// Splits a person's name into its parts.
#[pyfunction]
pub fn normalize_person<'py>(py: Python<'py>, text: &str) -> PyResult<Object<'py>> {
    guard(py, || to_python(py, &normalize::normalize_person(text)))
}

/// The ISO 3166-1 alpha-2 code of a country's name or code; None when it is no country.
#[pyfunction]
pub fn normalize_country(py: Python<'_>, text: &str) -> PyResult<Option<&'static str>> {
    guard(py, || Ok(normalize::normalize_country(text)))
}

/// The time zones (IANA names) of the places that a phone number may belong to.
#[pyfunction]
pub fn phone_time_zones(py: Python<'_>, e164: &str) -> PyResult<Vec<&'static str>> {
    guard(py, || Ok(normalize::phone_time_zones(e164)))
}

/// Counts the segments of an SMS exactly as Twilio does.
#[pyfunction]
#[pyo3(signature = (text, smart_encoding = false))]
pub fn sms_segments<'py>(py: Python<'py>, text: &str, smart_encoding: bool) -> PyResult<Object<'py>> {
    guard(py, || to_python(py, &template::sms_segments(text, smart_encoding)))
}

/// The occurrences of a schedule, the earliest first.
#[pyfunction]
#[pyo3(signature = (schedule, **options))]
pub fn next_occurrences<'py>(
    py: Python<'py>,
    schedule: &Object<'py>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Object<'py>> {
    guard(py, || {
        let schedule: Schedule = argument("schedule", schedule)?;
        let options: OccurrenceOptions = crate::de::options(py, options)?;
        to_python(py, &work(py, || schedule::next_occurrences(&schedule, &options))?)
    })
}

/// What is to be done of a schedule now.
#[pyfunction]
#[pyo3(signature = (schedule, after, now, zone = None))]
pub fn due_occurrences<'py>(
    py: Python<'py>,
    schedule: &Object<'py>,
    after: &Object<'py>,
    now: &Object<'py>,
    zone: Option<&str>,
) -> PyResult<Object<'py>> {
    guard(py, || {
        let schedule: Schedule = argument("schedule", schedule)?;
        let (after, now): (Timestamp, Timestamp) = (argument("after", after)?, argument("now", now)?);
        to_python(py, &work(py, || schedule::due_occurrences(&schedule, after, now, zone))?)
    })
}

/// Finds out how a file of records is written.
#[pyfunction]
#[pyo3(signature = (source, **format))]
pub fn sniff<'py>(
    py: Python<'py>,
    source: &Object<'py>,
    format: Option<&Bound<'py, PyDict>>,
) -> PyResult<Object<'py>> {
    guard(py, || {
        let format: FormatOptions = options(py, format)?;
        let (source, file) = Given::new(source)?.into_parts();
        let call = Call::default().reading(file);
        to_python(py, &call.run(py, move |links| table::sniff_with(source(&links.requests), &format))?)
    })
}

/// Reads a table in any encoding and dialect, row by row.
#[pyfunction]
#[pyo3(signature = (source, **format))]
pub fn read_table<'py>(
    py: Python<'py>,
    source: &Object<'py>,
    format: Option<&Bound<'py, PyDict>>,
) -> PyResult<Table> {
    guard(py, || {
        let format: FormatOptions = options(py, format)?;
        let (source, file) = Given::new(source)?.into_parts();
        let call = Call::default().reading(file);
        let table = call.run(py, move |links| table::read_table(source(&links.requests), &format))?;
        Ok(Table { table: Mutex::new(table), ready: Mutex::default() })
    })
}

/// Rows are fetched in portions, so that the interpreter lock changes hands once for many.
const PORTION: usize = 256;

/// A table being read: its header, its format, and its rows as lists of texts.
#[pyclass(frozen, module = "leadkit")]
pub struct Table {
    /// Locked only without the interpreter lock.
    table: Mutex<table::Table>,
    /// Locked only for moments, never while waiting for anything.
    ready: Mutex<VecDeque<Result<Vec<String>>>>,
}

impl Table {
    fn with<T: Send>(&self, py: Python<'_>, look: impl FnOnce(&mut table::Table) -> T + Send) -> T {
        py.detach(|| look(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn pop(&self) -> Option<Result<Vec<String>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

#[pymethods]
impl Table {
    /// The columns' names, each once.
    #[getter]
    fn header(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        guard(py, || Ok(self.with(py, |table| table.header().to_vec())))
    }

    /// How the file is written.
    #[getter]
    fn format<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &self.with(py, |table| table.format().clone())))
    }

    /// What was noticed in the rows so far.
    #[getter]
    fn issues<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &self.with(py, |table| table.issues().to_vec())))
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Vec<String>>> {
        guard(py, || {
            let next = self.pop().or_else(|| {
                self.with(py, |table| {
                    let portion: Vec<_> = table.by_ref().take(PORTION).collect();
                    self.ready.lock().unwrap_or_else(PoisonError::into_inner).extend(portion);
                });
                self.pop()
            });
            next.map(|row| work(py, || row)).transpose()
        })
    }
}
