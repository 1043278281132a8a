//! Methods of what is plain data in Python, such as `ImportReport` and `LeadExplanation`: what it can do the core does.

use std::path::PathBuf;

use leadkit_core::model::explanation::LeadExplanation;
use leadkit_core::model::privacy::{ErasureCertificate, PersonExport};
use leadkit_core::model::stats::StatsReport;
use leadkit_core::{ImportReport, Result};
use pyo3::prelude::*;

use crate::de::from_python;
use crate::error::{guard, invalid, raise, work};

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

/// What can be shown as a page.
enum Document {
    Person(Box<PersonExport>),
    Certificate(Box<ErasureCertificate>),
    Explanation(Box<LeadExplanation>),
    Stats(Box<StatsReport>),
}

impl Document {
    /// The document of a class's name.
    fn of(kind: &str, data: &Bound<'_, PyAny>) -> PyResult<Document> {
        match kind {
            "PersonExport" => Ok(Document::Person(Box::new(from_python(data)?))),
            "LeadExplanation" => Ok(Document::Explanation(Box::new(from_python(data)?))),
            "StatsReport" => Ok(Document::Stats(Box::new(from_python(data)?))),
            "ErasureCertificate" => Ok(Document::Certificate(Box::new(from_python(data)?))),
            _ => Err(raise(data.py(), &invalid("there is no document of this kind").at_field("kind"))),
        }
    }

    fn json(&self) -> String {
        match self {
            Document::Person(export) => export.to_json(),
            Document::Certificate(certificate) => certificate.to_json(),
            Document::Explanation(why) => why.to_json(),
            Document::Stats(report) => report.to_json(),
        }
    }

    fn html(&self) -> String {
        match self {
            Document::Person(export) => export.to_html(),
            Document::Certificate(certificate) => certificate.to_html(),
            Document::Explanation(why) => why.to_html(),
            Document::Stats(report) => report.to_html(),
        }
    }

    fn save(&self, path: PathBuf) -> Result<()> {
        match self {
            Document::Person(export) => export.save_html(path),
            Document::Certificate(certificate) => certificate.save_html(path),
            Document::Explanation(why) => why.save_html(path),
            Document::Stats(report) => report.save_html(path),
        }
    }
}

/// A document as indented JSON.
#[pyfunction]
pub fn document_json(py: Python<'_>, kind: &str, data: &Bound<'_, PyAny>) -> PyResult<String> {
    guard(py, || Ok(Document::of(kind, data)?.json()))
}

/// A document as one self-contained page.
#[pyfunction]
pub fn document_html(py: Python<'_>, kind: &str, data: &Bound<'_, PyAny>) -> PyResult<String> {
    guard(py, || Ok(Document::of(kind, data)?.html()))
}

/// Saves a document as one self-contained page.
#[pyfunction]
pub fn save_document(py: Python<'_>, kind: &str, data: &Bound<'_, PyAny>, path: PathBuf) -> PyResult<()> {
    guard(py, || {
        let document = Document::of(kind, data)?;
        work(py, || document.save(path))
    })
}
