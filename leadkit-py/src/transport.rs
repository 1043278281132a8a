//! What callers give as a transport: Twilio, or an object of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};

use leadkit_core::transport::{HostFailure, HostMethod, HostObject, HostTransport, Transport};
use leadkit_core::{Error, ErrorCode, Result};
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::{Answered, Links, Request};
use crate::de::from_python;
use crate::ser::to_python;
use crate::twilio::Twilio;

/// A transport as Python gave it.
pub enum GivenTransport {
    /// The core's own.
    Twilio(leadkit_core::Twilio),
    /// An object with these methods, which run on the calling thread.
    Host(Vec<HostMethod>),
}

impl GivenTransport {
    /// Looks at an object; one of the host's own has to be served by the call.
    pub fn new(transport: &Bound<'_, PyAny>) -> PyResult<(Self, Option<Py<PyAny>>)> {
        if let Ok(twilio) = transport.cast::<Twilio>() {
            return Ok((GivenTransport::Twilio(twilio.get().0.clone()), None));
        }
        let mut methods = Vec::new();
        for method in HostMethod::ALL {
            if transport.getattr_opt(method.as_str())?.is_some_and(|found| found.is_callable()) {
                methods.push(*method);
            }
        }
        Ok((GivenTransport::Host(methods), Some(transport.clone().unbind())))
    }

    /// Works with it, on the thread of a long call.
    pub fn with<T>(self, links: &Links, work: impl FnOnce(&dyn Transport) -> Result<T>) -> Result<T> {
        match self {
            GivenTransport::Twilio(twilio) => work(&twilio),
            GivenTransport::Host(methods) => {
                let remote = Remote { methods, requests: links.requests.clone() };
                work(&HostTransport::new(remote, links.cancel.clone())?)
            }
        }
    }
}

/// The worker's end of a host's object.
struct Remote {
    methods: Vec<HostMethod>,
    requests: Sender<Request>,
}

impl HostObject for Remote {
    fn has(&self, method: HostMethod) -> bool {
        self.methods.contains(&method)
    }

    fn call<A, R>(&self, method: HostMethod, argument: Option<A>) -> Result<R, HostFailure>
    where
        A: Serialize + Send + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        let (give, take) = channel();
        let called = Arc::new(AtomicBool::new(false));
        let begun = called.clone();
        let job = move |object: &Bound<'_, PyAny>| {
            let py = object.py();
            let argument = match argument.map(|argument| to_python(py, &argument)).transpose() {
                Ok(argument) => argument,
                Err(error) => return Answered { raised: Err(error), hand_over: Box::new(|| {}) },
            };
            begun.store(true, Ordering::SeqCst);
            let answer = match argument {
                Some(argument) => object.call_method1(method.as_str(), (argument,)),
                None => object.call_method0(method.as_str()),
            };
            let (answer, raised) = match answer {
                Ok(answer) => (from_python(&answer).map_err(|error| unreadable(py, &error)), Ok(())),
                // Ctrl-C and its like end the whole call.
                Err(error) if !error.is_instance_of::<PyException>(py) => (Err(told(py, &error)), Err(error)),
                Err(error) => (Err(told(py, &error)), Ok(())),
            };
            // Nobody waits any more only when the worker is gone.
            Answered { raised, hand_over: Box::new(move || drop(give.send(answer))) }
        };
        let lost = |_| match called.load(Ordering::SeqCst) {
            true => HostFailure::Lost,
            false => HostFailure::NotCalled,
        };
        self.requests.send(Request::Object(Box::new(job))).map_err(|_| HostFailure::NotCalled)?;
        take.recv().map_err(lost)?
    }
}

/// An exception by its class and, where it is one of ours, its code: its text may hold a secret.
fn told(py: Python<'_>, error: &PyErr) -> HostFailure {
    let class = error.get_type(py).name().map(|name| name.to_string());
    HostFailure::Raised { class: class.unwrap_or_else(|_| "an exception".into()), code: code(py, error) }
}

fn unreadable(py: Python<'_>, error: &PyErr) -> HostFailure {
    // Only texts of our own errors are known to hold no values.
    match code(py, error) {
        Some(_) => {
            HostFailure::Unreadable(Error::new(ErrorCode::InvalidArgument, error.value(py).to_string()))
        }
        None => told(py, error),
    }
}

fn code(py: Python<'_>, error: &PyErr) -> Option<String> {
    let base = py.import(intern!(py, "leadkit._errors")).and_then(|m| m.getattr(intern!(py, "LeadkitError")));
    let value = error.value(py);
    let ours = base.and_then(|base| value.is_instance(&base)).unwrap_or(false);
    ours.then(|| value.getattr(intern!(py, "code")).and_then(|code| code.extract()).ok()).flatten()
}
