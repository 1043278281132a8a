//! Methods of `ImportReport` and `StatsReport`: reports are plain data in Python, and what they can do the
//! core does.

use std::path::PathBuf;

use leadkit_core::ImportReport;
use leadkit_core::model::stats::StatsReport;
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

/// Contacts in numbers as one self-contained page.
#[pyfunction]
pub fn stats_html(py: Python<'_>, report: &Bound<'_, PyAny>) -> PyResult<String> {
    guard(py, || Ok(from_python::<StatsReport>(report)?.to_html()))
}

/// Saves contacts in numbers as one self-contained page.
#[pyfunction]
pub fn save_stats(py: Python<'_>, report: &Bound<'_, PyAny>, path: PathBuf) -> PyResult<()> {
    guard(py, || {
        let report: StatsReport = from_python(report)?;
        work(py, || report.save_html(path))
    })
}
