//! Twilio, and the checking of its requests.

use leadkit_core as core;
use leadkit_core::model::transport::{CallRequest, MessageQuery, SmsRequest, WebhookRequest};
use leadkit_core::transport::Transport;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;

use crate::de::{argument, options};
use crate::error::{guard, raise, work};
use crate::ser::to_python;

type Object<'py> = Bound<'py, PyAny>;

/// An account at Twilio, as a transport.
#[pyclass(frozen, module = "leadkit")]
pub struct Twilio(pub core::Twilio);

impl Twilio {
    fn about<'py, T: Serialize + Send>(
        &self,
        py: Python<'py>,
        sid: &Object<'py>,
        ask: impl FnOnce(&core::Twilio, &str) -> core::Result<T> + Send,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let sid: String = argument("sid", sid)?;
            to_python(py, &work(py, || ask(&self.0, &sid))?)
        })
    }
}

#[pymethods]
impl Twilio {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        guard(py, || {
            let twilio = core::Twilio::new(self::options(py, options)?);
            twilio.map(Twilio).map_err(|error| raise(py, &error))
        })
    }

    /// The account.
    #[getter]
    fn account_sid(&self) -> &str {
        self.0.account_sid()
    }

    /// The URL under which this host is reached from outside.
    #[getter]
    fn public_url(&self) -> Option<&str> {
        self.0.public_url()
    }

    /// What it can do, and for which account.
    fn capabilities<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &self.0.capabilities()))
    }

    /// Sends one message, once.
    fn send_sms<'py>(&self, py: Python<'py>, request: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let request: SmsRequest = argument("request", request)?;
            to_python(py, &work(py, || Ok(self.0.send_sms(&request)))?)
        })
    }

    /// Sends several at a time, each once, and answers in their order.
    fn send_many<'py>(&self, py: Python<'py>, requests: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let requests: Vec<SmsRequest> = argument("requests", requests)?;
            to_python(py, &work(py, || Ok(self.0.send_many(&requests)))?)
        })
    }

    /// Starts a call, once.
    fn start_call<'py>(&self, py: Python<'py>, request: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let request: CallRequest = argument("request", request)?;
            to_python(py, &work(py, || Ok(self.0.start_call(&request)))?)
        })
    }

    /// What Twilio knows about a message.
    fn fetch_message<'py>(&self, py: Python<'py>, sid: &Object<'py>) -> PyResult<Object<'py>> {
        self.about(py, sid, core::Twilio::fetch_message)
    }

    /// What Twilio knows about a call.
    fn fetch_call<'py>(&self, py: Python<'py>, sid: &Object<'py>) -> PyResult<Object<'py>> {
        self.about(py, sid, core::Twilio::fetch_call)
    }

    /// A page of the messages that Twilio has, newest first.
    fn list_messages<'py>(&self, py: Python<'py>, query: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let query: MessageQuery = argument("query", query)?;
            to_python(py, &work(py, || self.0.list_messages(&query))?)
        })
    }

    /// Takes back a message or call by its id.
    fn cancel<'py>(&self, py: Python<'py>, sid: &Object<'py>) -> PyResult<Object<'py>> {
        self.about(py, sid, core::Twilio::cancel)
    }

    /// Hangs a call up, even one that was answered.
    fn hang_up<'py>(&self, py: Python<'py>, sid: &Object<'py>) -> PyResult<Object<'py>> {
        self.about(py, sid, core::Twilio::hang_up)
    }

    /// Empties a message's text at Twilio.
    fn redact_message<'py>(&self, py: Python<'py>, sid: &Object<'py>) -> PyResult<Object<'py>> {
        self.about(py, sid, core::Twilio::redact_message)
    }

    /// Deletes a message at Twilio.
    fn delete_message<'py>(&self, py: Python<'py>, sid: &Object<'py>) -> PyResult<Object<'py>> {
        self.about(py, sid, core::Twilio::delete_message)
    }

    /// Deletes the record of a call at Twilio.
    fn delete_call<'py>(&self, py: Python<'py>, sid: &Object<'py>) -> PyResult<Object<'py>> {
        self.about(py, sid, core::Twilio::delete_call)
    }

    /// Deletes a message or the record of a call at Twilio.
    fn erase<'py>(&self, py: Python<'py>, sid: &Object<'py>) -> PyResult<Object<'py>> {
        self.about(py, sid, core::Twilio::erase)
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a Twilio holds secrets: it cannot be copied or pickled; make it anew"))
    }

    fn __repr__(&self) -> String {
        format!("<leadkit.Twilio {}>", self.0.account_sid())
    }
}

/// Whether a request was signed by Twilio.
#[pyfunction]
pub fn verify_twilio_request<'py>(
    py: Python<'py>,
    secret: &Object<'py>,
    request: &Object<'py>,
) -> PyResult<bool> {
    guard(py, || {
        let secret: core::Secret = argument("secret", secret)?;
        let request: WebhookRequest = argument("request", request)?;
        work(py, || Ok(core::verify_twilio_request(&secret, &request)))
    })
}
