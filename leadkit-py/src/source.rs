//! What callers give as a source: a path, bytes, or a file object.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

use leadkit_core::table::Source;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

use crate::call::Request;
use crate::error::{invalid, raise};

/// A source as Python gave it.
pub enum Given {
    /// The core opens it.
    Path(PathBuf),
    /// Content at hand.
    Bytes(Vec<u8>),
    /// Read on the calling thread, when the core asks.
    File { object: FileObject, name: Option<String> },
}

impl Given {
    /// Takes a path, bytes or a file object.
    pub fn new(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = source.py();
        if source.is_instance_of::<PyString>() || source.hasattr(intern!(py, "__fspath__"))? {
            return Ok(Given::Path(source.extract()?));
        }
        if let Ok(bytes) = source.cast::<PyBytes>() {
            return Ok(Given::Bytes(bytes.as_bytes().to_vec()));
        }
        if source.is_instance_of::<PyByteArray>() || source.is_instance_of::<PyMemoryView>() {
            let bytes = py.get_type::<PyBytes>().call1((source,))?;
            return Ok(Given::Bytes(bytes.extract()?));
        }
        if source.hasattr(intern!(py, "read"))? {
            let name =
                source.getattr(intern!(py, "name")).ok().and_then(|name| name.extract::<String>().ok());
            let name = name.and_then(|n| Path::new(&n).file_name()?.to_str().map(str::to_string));
            let object = FileObject { object: source.clone().unbind(), ahead: Mutex::default() };
            return Ok(Given::File { object, name });
        }
        let kind = source.get_type().name()?.to_string();
        let error = invalid(format!("a source is a path, bytes, or a file object, not `{kind}`"));
        Err(raise(py, &error.at_field("source")))
    }

    /// The core's source, and the file object that answers its reads.
    pub fn into_parts(self) -> (impl FnOnce(&Sender<Request>) -> Source + Send, Option<FileObject>) {
        let (plain, name, file) = match self {
            Given::Path(path) => (Some(Source::from(path)), None, None),
            Given::Bytes(bytes) => (Some(Source::from(bytes)), None, None),
            Given::File { object, name } => (None, name, Some(object)),
        };
        let make = move |requests: &Sender<Request>| {
            plain.unwrap_or_else(|| Source::reader(Remote(requests.clone()), name))
        };
        (make, file)
    }
}

/// An object with `read(n)`; a text is taken as UTF-8.
pub struct FileObject {
    object: Py<PyAny>,
    /// What one `read` gave beyond what was asked for: characters are up to four bytes.
    ahead: Mutex<Vec<u8>>,
}

impl FileObject {
    /// Reads at most `size` bytes, none at the end.
    pub fn read(&self, py: Python<'_>, size: usize) -> PyResult<Vec<u8>> {
        let mut ahead = self.ahead.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut block = std::mem::take(&mut *ahead);
        if block.is_empty() {
            let read = self.object.bind(py).call_method1(intern!(py, "read"), (size,))?;
            block = match (read.cast::<PyBytes>(), read.cast::<PyString>()) {
                (Ok(bytes), _) => bytes.as_bytes().to_vec(),
                (_, Ok(text)) => text.to_str()?.as_bytes().to_vec(),
                _ => match read.cast::<PyByteArray>() {
                    Ok(bytes) => bytes.to_vec(),
                    Err(_) => {
                        let kind = read.get_type().name()?;
                        return Err(PyTypeError::new_err(format!("read() gave `{kind}`, not bytes or str")));
                    }
                },
            };
        }
        if block.len() > size {
            *ahead = block.split_off(size);
        }
        Ok(block)
    }
}

/// The worker's end of a file object.
struct Remote(Sender<Request>);

impl Read for Remote {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let gone = || io::Error::other("the call has ended");
        let (sender, answer) = channel();
        self.0.send(Request::Read(buffer.len(), sender)).map_err(|_| gone())?;
        let block = answer.recv().map_err(|_| gone())??;
        buffer[..block.len()].copy_from_slice(&block);
        Ok(block.len())
    }
}
