//! Methods of `ImportReport`: the report is plain data in Python, and what it can do the core does.

use std::path::PathBuf;

use leadkit_core::ImportReport;
use pyo3::prelude::*;

use crate::de::from_python;
use crate::error::{guard, work};

/// The report as indented JSON.
#[pyfunction]
pub fn report_json(py: Python<'_>, report: &Bound<'_, PyAny>) -> PyResult<String> {
    guard(py, || Ok(from_python::<ImportReport>(report)?.to_json()))
}

/// The report as one self-contained page.
#[pyfunction]
pub fn report_html(py: Python<'_>, report: &Bound<'_, PyAny>) -> PyResult<String> {
    guard(py, || Ok(leadkit_core::report::import_html(&from_python::<ImportReport>(report)?)))
}

/// Saves the report as one self-contained page.
#[pyfunction]
pub fn save_report(py: Python<'_>, report: &Bound<'_, PyAny>, path: PathBuf) -> PyResult<()> {
    guard(py, || {
        let report: ImportReport = from_python(report)?;
        work(py, || report.save_html(path))
    })
}
