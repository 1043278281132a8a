//! Methods of `ImportReport` and `LeadExplanation`: they are plain data in Python, and what they can do the core does.

use std::path::PathBuf;

use leadkit_core::ImportReport;
use leadkit_core::model::explanation::LeadExplanation;
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

/// The explanation as indented JSON.
#[pyfunction]
pub fn explanation_json(py: Python<'_>, explanation: &Bound<'_, PyAny>) -> PyResult<String> {
    guard(py, || Ok(from_python::<LeadExplanation>(explanation)?.to_json()))
}

/// The explanation as one self-contained page.
#[pyfunction]
pub fn explanation_html(py: Python<'_>, explanation: &Bound<'_, PyAny>) -> PyResult<String> {
    guard(py, || Ok(from_python::<LeadExplanation>(explanation)?.to_html()))
}

/// Saves the explanation as one self-contained page.
#[pyfunction]
pub fn save_explanation(py: Python<'_>, explanation: &Bound<'_, PyAny>, path: PathBuf) -> PyResult<()> {
    guard(py, || {
        let explanation: LeadExplanation = from_python(explanation)?;
        work(py, || explanation.save_html(path))
    })
}
