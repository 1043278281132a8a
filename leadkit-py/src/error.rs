//! Errors of the core as exceptions, and the wall that no panic passes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use leadkit_core::{Error, ErrorCode};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::call::Call;

/// The exception for an error: an instance of the class that `leadkit._errors` has for its kind.
pub fn raise(py: Python<'_>, error: &Error) -> PyErr {
    match exception(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        Err(failure) => failure,
    }
}

fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let parts = PyTuple::new(
        py,
        [
            error.to_string().into_pyobject(py)?.into_any(),
            error.code().into_pyobject(py)?.into_any(),
            error.kind().as_str().into_pyobject(py)?.into_any(),
            error.message().into_pyobject(py)?.into_any(),
            error.hint_text().into_pyobject(py)?.into_any(),
            error.path().map(|path| path.as_os_str()).into_pyobject(py)?.into_any(),
            error.row().into_pyobject(py)?.into_any(),
            error.field().into_pyobject(py)?.into_any(),
            error.value().into_pyobject(py)?.into_any(),
            error.is_retryable().into_pyobject(py)?.to_owned().into_any(),
        ],
    )?;
    py.import(intern!(py, "leadkit._errors"))?.getattr(intern!(py, "from_core"))?.call1(parts)
}

/// An `invalid_argument` of the binding's own: a Python object that stands for no value of the core.
pub fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message)
}

/// Runs an entry point; a panic becomes an `internal` error.
pub fn guard<T>(py: Python<'_>, entry: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(entry))
        .unwrap_or_else(|panic| Err(raise(py, &Error::internal(panic_text(&*panic)))))
}

/// Runs work of the core without the interpreter lock.
pub fn work<T: Send>(py: Python<'_>, job: impl FnOnce() -> leadkit_core::Result<T> + Send) -> PyResult<T> {
    py.detach(job).map_err(|error| raise(py, &error))
}

/// Panics, for the test that no panic passes: while arguments are read, without the interpreter
/// lock, or on the thread of a long call.
#[pyfunction(name = "_panic")]
pub fn panic(py: Python<'_>, place: &str) -> PyResult<()> {
    #[allow(clippy::panic, reason = "that is what it is for")]
    fn fall() -> leadkit_core::Result<()> {
        std::panic::panic_any("for a test")
    }
    guard(py, || match place {
        "unlocked" => work(py, fall),
        "thread" => Call::default().run(py, |_| fall()),
        _ => fall().map_err(|error| raise(py, &error)),
    })
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("leadkit panicked: {}", text.unwrap_or("no message"))
}
