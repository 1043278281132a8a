//! The token that cancels calls.

use pyo3::prelude::*;

/// Asks a long call to stop at the next safe place; from any thread, once and for all.
#[pyclass(frozen, module = "leadkit")]
pub struct CancelToken(pub leadkit_core::CancelToken);

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> Self {
        CancelToken(leadkit_core::CancelToken::default())
    }

    /// Asks to stop.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether somebody asked to stop.
    #[getter]
    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn __repr__(&self) -> String {
        let cancelled = if self.0.is_cancelled() { "True" } else { "False" };
        format!("<leadkit.CancelToken cancelled={cancelled}>")
    }
}
