//! A Twilio of one's own, for tests of hosts.

use leadkit_core as core;
use leadkit_core::model::transport::WebhookRequest;
use leadkit_core::testing::{FakeOptions, Fate, Fault};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::database::Database;
use crate::de::{argument, options};
use crate::error::{guard, raise, work};
use crate::ser::to_python;
use crate::twilio::Twilio;

type Object<'py> = Bound<'py, PyAny>;

/// Twilio, as far as tests need it: an HTTP server on this machine.
#[pyclass(frozen, module = "leadkit.testing")]
pub struct FakeTwilio(core::testing::FakeTwilio);

#[pymethods]
impl FakeTwilio {
    #[new]
    #[pyo3(signature = (db = None, **options))]
    fn new(
        py: Python<'_>,
        db: Option<&Bound<'_, Database>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        guard(py, || {
            let options: FakeOptions = self::options(py, options)?;
            let db = db.map(|db| db.get().0.clone());
            work(py, || core::testing::FakeTwilio::start_for(db.as_ref(), options)).map(FakeTwilio)
        })
    }

    /// Its address, as a `base_url`.
    #[getter]
    fn url(&self) -> &str {
        self.0.url()
    }

    /// Its account.
    #[getter]
    fn account_sid(&self) -> String {
        self.0.account_sid()
    }

    /// Its account's token.
    #[getter]
    fn auth_token(&self) -> &str {
        self.0.auth_token().expose()
    }

    /// The number that sends, alone and for the messaging service.
    #[getter]
    fn number(&self) -> &'static str {
        core::testing::FakeTwilio::NUMBER
    }

    /// A messaging service that has the number.
    #[getter]
    fn service(&self) -> &'static str {
        core::testing::FakeTwilio::SERVICE
    }

    /// The instant at which its clock stands.
    #[getter]
    fn now<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        to_python(py, &self.0.now())
    }

    /// Moves its clock, and with it the database's whose clock it is.
    fn advance(&self, seconds: f64) {
        self.0.advance(seconds);
    }

    /// The options of a Twilio that leads here.
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let config = to_python(py, &self.0.config())?;
            // In the clear: it is the fake's own, and what makes a Twilio wants it.
            config.set_item(intern!(py, "auth_token"), self.0.auth_token().expose())?;
            Ok(config)
        })
    }

    /// A transport that leads here, with the same clock.
    fn twilio(&self, py: Python<'_>) -> PyResult<Twilio> {
        guard(py, || self.0.twilio().map(Twilio).map_err(|error| raise(py, &error)))
    }

    /// What goes wrong with the next request that creates a message or call.
    fn fault(&self, py: Python<'_>, fault: &Object<'_>) -> PyResult<()> {
        guard(py, || {
            self.0.fault(argument::<Fault>("fault", fault)?);
            Ok(())
        })
    }

    /// What goes wrong once in so many of those requests.
    fn fault_once_in(&self, py: Python<'_>, requests: u32, fault: &Object<'_>) -> PyResult<()> {
        guard(py, || {
            self.0.fault_once_in(requests, argument::<Fault>("fault", fault)?);
            Ok(())
        })
    }

    /// What becomes of messages and calls to a number from now on.
    fn fate(&self, py: Python<'_>, to: &str, fate: &Object<'_>) -> PyResult<()> {
        guard(py, || {
            self.0.fate(to, argument::<Fate>("fate", fate)?);
            Ok(())
        })
    }

    /// Hands callbacks out in random order, by the seed.
    fn shuffle_callbacks(&self, on: bool) {
        self.0.shuffle_callbacks(on);
    }

    /// Hands each callback out so many times.
    fn repeat_callbacks(&self, times: u32) {
        self.0.repeat_callbacks(times);
    }

    /// A message from outside, as the request that Twilio makes to a URL of ours.
    fn inbound<'py>(
        &self,
        py: Python<'py>,
        sender: &str,
        to: &str,
        body: &str,
        url: &str,
    ) -> PyResult<Object<'py>> {
        webhook(py, self.0.inbound(sender, to, body, url))
    }

    /// A call from outside, as the request that Twilio makes to a URL of ours.
    fn inbound_call<'py>(&self, py: Python<'py>, sender: &str, to: &str, url: &str) -> PyResult<Object<'py>> {
        webhook(py, self.0.inbound_call(sender, to, url))
    }

    /// The callbacks that have fallen due and were not handed out yet, signed.
    fn callbacks<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &self.0.callbacks()))
    }

    /// When the next callback falls due.
    fn next_callback<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &self.0.next_callback()))
    }

    /// Posts the callbacks that have fallen due, one after the other.
    fn deliver(&self, py: Python<'_>) -> PyResult<Vec<u16>> {
        guard(py, || work(py, || Ok(self.0.deliver())))
    }

    /// Posts callbacks as they fall due, until the fake ends.
    fn deliver_by_itself(&self) {
        self.0.deliver_by_itself();
    }

    /// How often a text to an address was accepted.
    fn accepted(&self, to: &str, body: &str) -> u64 {
        self.0.accepted(to, body)
    }

    /// All that was accepted: recipient, text, how often.
    fn accepted_all(&self) -> Vec<(String, String, u64)> {
        self.0.accepted_all()
    }

    /// The messages it has, oldest first, as they stand now.
    fn messages<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &self.0.messages()))
    }

    /// Where a message stands by now.
    fn status(&self, sid: &str) -> Option<&'static str> {
        self.0.status(sid).map(|status| status.as_str())
    }

    /// The requests it received, oldest first, without their credentials.
    fn requests<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &self.0.requests()))
    }

    /// Forgets the requests it received.
    fn forget_requests(&self) {
        self.0.forget_requests();
    }

    fn __repr__(&self) -> String {
        format!("<leadkit.testing.FakeTwilio {}>", self.0.url())
    }
}

fn webhook(py: Python<'_>, request: core::Result<WebhookRequest>) -> PyResult<Object<'_>> {
    guard(py, || match request {
        Ok(request) => to_python(py, &request),
        Err(error) => Err(raise(py, &error)),
    })
}
