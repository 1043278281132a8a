//! The rooms of messages, consent, switches and templates.

use leadkit_core as core;
use leadkit_core::model::communication::{CommunicationListOptions, DispatchOptions, SmsOptions};
use leadkit_core::model::consent::{ConsentHistoryOptions, ConsentKind, ConsentOptions, ConsentQuestion};
use leadkit_core::model::message_template::{RenderOptions, TemplateOptions, TemplateVersion};
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::model::transport::{WebhookEvent, WebhookRequest};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::Call;
use crate::de::{argument, options};
use crate::error::{guard, invalid, raise, work};
use crate::ser::to_python;
use crate::transport::GivenTransport;
use crate::twilio::Twilio;

type Object<'py> = Bound<'py, PyAny>;

/// Messages to leads and from them.
#[pyclass(frozen, module = "leadkit")]
pub struct Comms(pub core::Database);

#[pymethods]
impl Comms {
    /// Puts a message for a lead into the outbox; nothing is sent yet.
    #[pyo3(signature = (lead, **options))]
    fn queue_sms<'py>(
        &self,
        py: Python<'py>,
        lead: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let lead: i64 = argument("lead", lead)?;
            let options: SmsOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().queue_sms(lead, &options))?)
        })
    }

    /// Takes a message back that has not gone out.
    fn cancel<'py>(&self, py: Python<'py>, id: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            to_python(py, &work(py, || self.0.comms().cancel(id))?)
        })
    }

    /// One message.
    fn get<'py>(&self, py: Python<'py>, id: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            to_python(py, &work(py, || self.0.comms().get(id))?)
        })
    }

    /// Messages, the newest first.
    #[pyo3(signature = (**options))]
    fn list<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: CommunicationListOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().list(options))?)
        })
    }

    /// What happened to a message, in order.
    fn events<'py>(&self, py: Python<'py>, id: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            to_python(py, &work(py, || self.0.comms().events(id))?)
        })
    }

    /// Hands over what is due.
    #[pyo3(signature = (transport, *, cancel = None, **options))]
    fn dispatch<'py>(
        &self,
        py: Python<'py>,
        transport: &Object<'py>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: DispatchOptions = self::options(py, options)?;
            let (transport, object) = GivenTransport::new(transport)?;
            let database = self.0.clone();
            let report = Call::new(None, cancel)?.calling(object).run(py, move |links| {
                let options = DispatchOptions { cancel: links.cancel.clone(), ..options };
                transport.with(&links, |transport| database.comms().dispatch(transport, &options))
            })?;
            to_python(py, &report)
        })
    }

    /// Finds out what became of messages whose answer was lost, in the provider's list.
    fn reconcile<'py>(&self, py: Python<'py>, transport: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let (transport, object) = GivenTransport::new(transport)?;
            let database = self.0.clone();
            let report = Call::default().calling(object).run(py, move |links| {
                transport.with(&links, |transport| database.comms().reconcile(transport))
            })?;
            to_python(py, &report)
        })
    }

    /// Checks that a request is Twilio's and of the account that sends, and enters what it reports.
    fn receive<'py>(
        &self,
        py: Python<'py>,
        twilio: &Object<'py>,
        request: &Object<'py>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let Ok(twilio) = twilio.cast::<Twilio>() else {
                return Err(raise(py, &invalid("`twilio` is a Twilio").at_field("twilio")));
            };
            let twilio = twilio.get().0.clone();
            let request: WebhookRequest = argument("request", request)?;
            to_python(py, &work(py, || self.0.comms().receive(&twilio, &request))?)
        })
    }

    /// Enters what a provider reports, once it is known to be the provider's.
    #[pyo3(signature = (event, token = None))]
    fn receive_event<'py>(
        &self,
        py: Python<'py>,
        event: &Object<'py>,
        token: Option<&str>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let event: WebhookEvent = argument("event", event)?;
            to_python(py, &work(py, || self.0.comms().receive_event(&event, token))?)
        })
    }
}

/// Who may be contacted, by what, and why.
#[pyclass(frozen, module = "leadkit")]
pub struct Consent(pub core::Database);

#[pymethods]
impl Consent {
    /// Adds to the ledger.
    #[pyo3(signature = (kind, source, **options))]
    fn record<'py>(
        &self,
        py: Python<'py>,
        kind: &Object<'py>,
        source: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let kind: ConsentKind = argument("kind", kind)?;
            let source: String = argument("source", source)?;
            let options: ConsentOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.consent().record(kind, &source, options))?)
        })
    }

    /// Whether a lead or an address may be contacted, and the entry that decides.
    #[pyo3(signature = (**options))]
    fn status<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let question: ConsentQuestion = self::options(py, options)?;
            to_python(py, &work(py, || self.0.consent().status(&question))?)
        })
    }

    /// Entries, the newest first.
    #[pyo3(signature = (**options))]
    fn history<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: ConsentHistoryOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.consent().history(options))?)
        })
    }
}

/// The switches: whether anything is sent, and by what.
#[pyclass(frozen, module = "leadkit")]
pub struct SettingsRoom(pub core::Database);

#[pymethods]
impl SettingsRoom {
    /// The switches as they stand.
    fn get<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.settings().get())?))
    }

    /// Turns the switches that are named.
    #[pyo3(signature = (**options))]
    fn set<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let change: SettingsChange = self::options(py, options)?;
            to_python(py, &work(py, || self.0.settings().set(&change))?)
        })
    }
}

/// Texts for messages and calls, by name and version.
#[pyclass(frozen, module = "leadkit")]
pub struct Templates(pub core::Database);

#[pymethods]
impl Templates {
    /// Saves a text under a name, as the name's next version.
    #[pyo3(signature = (name, body, **options))]
    fn save<'py>(
        &self,
        py: Python<'py>,
        name: &Object<'py>,
        body: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let (name, body): (String, String) = (argument("name", name)?, argument("body", body)?);
            let options: TemplateOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.templates().save(&name, &body, options))?)
        })
    }

    /// A version of a template, by default the last; None when there is no such.
    #[pyo3(signature = (name, **options))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let name: String = argument("name", name)?;
            let version: TemplateVersion = self::options(py, options)?;
            to_python(py, &work(py, || self.0.templates().get(&name, version))?)
        })
    }

    /// The last version of each template, archived ones included, by name.
    fn list<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.templates().list())?))
    }

    /// Fills a template in, as a message would have it; nothing is sent.
    #[pyo3(signature = (name, **options))]
    fn render<'py>(
        &self,
        py: Python<'py>,
        name: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let name: String = argument("name", name)?;
            let options: RenderOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.templates().render(&name, &options))?)
        })
    }

    /// Puts a template away.
    fn archive<'py>(&self, py: Python<'py>, name: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let name: String = argument("name", name)?;
            to_python(py, &work(py, || self.0.templates().archive(&name))?)
        })
    }
}
