//! The rooms of messages, consent, switches and templates.

use std::path::PathBuf;

use leadkit_core as core;
use leadkit_core::Timestamp;
use leadkit_core::model::calls::CallOptions;
use leadkit_core::model::communication::{
    CommunicationListOptions, DispatchOptions, SmsOptions, SmsPlanOptions,
};
use leadkit_core::model::consent::{ConsentHistoryOptions, ConsentKind, ConsentOptions, ConsentQuestion};
use leadkit_core::model::cost::CostOptions;
use leadkit_core::model::history::{
    ContactChannel, ContactExportOptions, ContactImportOptions, LogOptions, SearchOptions, TimelineOptions,
};
use leadkit_core::model::message_template::{RenderOptions, TemplateOptions, TemplateVersion};
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::model::stats::{
    CheckStatsOptions, CohortOptions, CompareOptions, FunnelOptions, StatsOptions, StatsReportOptions,
};
use leadkit_core::model::transport::{WebhookEvent, WebhookRequest};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::Call;
use crate::database::filter;
use crate::de::{argument, options};
use crate::error::{guard, invalid, raise, work};
use crate::ser::to_python;
use crate::source::Given;
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

    /// Plans to put a text message for each lead that a filter finds into the outbox.
    #[pyo3(signature = (filter, **options))]
    fn plan_sms<'py>(
        &self,
        py: Python<'py>,
        filter: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let filter = self::filter(py, Some(filter))?;
            let options: SmsPlanOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().plan_sms(&filter, &options))?)
        })
    }

    /// Queues a message for a lead and hands over just this one, if it may go out now.
    #[pyo3(signature = (lead, transport, **options))]
    fn send_sms<'py>(
        &self,
        py: Python<'py>,
        lead: &Object<'py>,
        transport: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let lead: i64 = argument("lead", lead)?;
            let options: SmsOptions = self::options(py, options)?;
            let (transport, object) = GivenTransport::new(transport)?;
            let database = self.0.clone();
            let message = Call::default().calling(object).run(py, move |links| {
                transport.with(&links, |transport| database.comms().send_sms(lead, &options, transport))
            })?;
            to_python(py, &message)
        })
    }

    /// Puts a call to a lead into the outbox.
    #[pyo3(signature = (lead, **options))]
    fn queue_call<'py>(
        &self,
        py: Python<'py>,
        lead: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let lead: i64 = argument("lead", lead)?;
            let options: CallOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().queue_call(lead, &options))?)
        })
    }

    /// Enters a contact with a lead that leadkit did not send.
    #[pyo3(signature = (lead, channel, **options))]
    fn log<'py>(
        &self,
        py: Python<'py>,
        lead: &Object<'py>,
        channel: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let lead: i64 = argument("lead", lead)?;
            let channel: ContactChannel = argument("channel", channel)?;
            let options: LogOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().log(lead, channel, &options))?)
        })
    }

    /// All contacts with a lead, the newest first.
    #[pyo3(signature = (lead, **options))]
    fn timeline<'py>(
        &self,
        py: Python<'py>,
        lead: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let lead: i64 = argument("lead", lead)?;
            let options: TimelineOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().timeline(lead, &options))?)
        })
    }

    /// Finds contacts by their words and by what is said of them.
    #[pyo3(signature = (**options))]
    fn search<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: SearchOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().search(&options))?)
        })
    }

    /// Writes what a search finds to a CSV or Excel file, replacing it atomically.
    #[pyo3(signature = (target, *, progress = None, cancel = None, **options))]
    fn export<'py>(
        &self,
        py: Python<'py>,
        target: PathBuf,
        progress: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: ContactExportOptions = self::options(py, options)?;
            let database = self.0.clone();
            let report = Call::new(progress, cancel)?.run(py, move |links| {
                let options =
                    ContactExportOptions { progress: links.progress, cancel: links.cancel, ..options };
                database.comms().export(target, options)
            })?;
            to_python(py, &report)
        })
    }

    /// Enters a history of contacts from a file.
    #[pyo3(signature = (source, *, progress = None, cancel = None, **options))]
    fn import_log<'py>(
        &self,
        py: Python<'py>,
        source: &Object<'py>,
        progress: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: ContactImportOptions = self::options(py, options)?;
            let (source, file) = Given::new(source)?.into_parts();
            let database = self.0.clone();
            let report = Call::new(progress, cancel)?.reading(file).run(py, move |links| {
                let source = source(&links.requests);
                let options =
                    ContactImportOptions { progress: links.progress, cancel: links.cancel, ..options };
                database.comms().import_log(source, options)
            })?;
            to_python(py, &report)
        })
    }

    /// Queues a message or call once more, as a new one, that failed, was refused or taken back.
    fn requeue<'py>(&self, py: Python<'py>, id: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            to_python(py, &work(py, || self.0.comms().requeue(id))?)
        })
    }

    /// Gives a message or call that waits another time.
    fn reschedule<'py>(
        &self,
        py: Python<'py>,
        id: &Object<'py>,
        send_at: &Object<'py>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            let send_at: Timestamp = argument("send_at", send_at)?;
            to_python(py, &work(py, || self.0.comms().reschedule(id, send_at))?)
        })
    }

    /// Lets what a campaign has in the outbox wait.
    fn pause<'py>(&self, py: Python<'py>, campaign: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let campaign: String = argument("campaign", campaign)?;
            to_python(py, &work(py, || self.0.comms().pause(&campaign))?)
        })
    }

    /// Lets it go on.
    fn resume<'py>(&self, py: Python<'py>, campaign: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let campaign: String = argument("campaign", campaign)?;
            to_python(py, &work(py, || self.0.comms().resume(&campaign))?)
        })
    }

    /// Switches sending off and waits until nothing is being handed over any more.
    fn drain(&self, py: Python<'_>, seconds: &Object<'_>) -> PyResult<u64> {
        guard(py, || {
            let seconds: f64 = argument("seconds", seconds)?;
            let database = self.0.clone();
            Call::default().run(py, move |_| database.comms().drain(seconds))
        })
    }

    /// What messages and calls cost.
    #[pyo3(signature = (**options))]
    fn costs<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: CostOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().costs(&options))?)
        })
    }

    /// Contacts in numbers.
    #[pyo3(signature = (**options))]
    fn stats<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: StatsOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().stats(&options))?)
        })
    }

    /// Variants beside each other (A/B).
    #[pyo3(signature = (**options))]
    fn compare<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: CompareOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().compare(&options))?)
        })
    }

    /// How far leads came.
    #[pyo3(signature = (**options))]
    fn funnel<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: FunnelOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().funnel(&options))?)
        })
    }

    /// Leads by the time of their first contact, followed.
    #[pyo3(signature = (**options))]
    fn cohorts<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: CohortOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().cohorts(&options))?)
        })
    }

    /// Counts all contacts anew, and compares.
    #[pyo3(signature = (**options))]
    fn check_stats<'py>(
        &self,
        py: Python<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: CheckStatsOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().check_stats(&options))?)
        })
    }

    /// What one would show a sales manager.
    #[pyo3(signature = (**options))]
    fn stats_report<'py>(
        &self,
        py: Python<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: StatsReportOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.comms().stats_report(&options))?)
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

    /// Writes who may not be contacted as CSV, and tells how many entries.
    fn export_suppressions(&self, py: Python<'_>, path: PathBuf) -> PyResult<u64> {
        guard(py, || work(py, || self.0.consent().export_suppressions(&path)))
    }

    /// Enters such a list, as far as it is not known already, and tells how many entries were added.
    fn apply_suppressions(&self, py: Python<'_>, path: PathBuf) -> PyResult<u64> {
        guard(py, || work(py, || self.0.consent().apply_suppressions(&path)))
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
