//! The rooms of messages, consent, switches and templates.

use std::path::PathBuf;
use std::sync::Arc;

use leadkit_core::model::communication::{DispatchOptions, SmsOptions};
use leadkit_core::model::consent::ConsentKind;
use leadkit_core::model::history::{ContactChannel, ContactExportOptions, ContactImportOptions};
use leadkit_core::model::transport::{WebhookEvent, WebhookRequest};
use leadkit_core::transport::{HostTransport, Transport};
use leadkit_core::{CancelToken, Result, Timestamp};
use napi_derive::napi;

use crate::call::{Answer, Call, Listener, Reply, cancelled, long, short};
use crate::database::{Db, GLUE, Report, filter};
use crate::de::{read, read_optional, read_options, read_tagged};
use crate::js::Js;
use crate::ser::to_js;
use crate::transport::Remote;
use crate::twilio::TwilioHandle;

/// The option that the glue takes out of those of a dispatch.
const SIGNAL: &[&str] = &["signal"];

impl Db {
    /// Hands over what is due, on the thread of a long call.
    fn dispatched(
        &self,
        options: DispatchOptions,
        cancel: CancelToken,
    ) -> impl FnOnce(&dyn Transport) -> Result<Reply> + use<> {
        let db = self.0.clone();
        let options = DispatchOptions { cancel, ..options };
        move |transport| Reply::data(&db.comms().dispatch(transport, &options)?)
    }

    /// Queues one message and hands it over, on the thread of a long call.
    fn sent(&self, lead: Js, options: Js) -> Result<impl FnOnce(&dyn Transport) -> Result<Reply> + use<>> {
        let db = self.0.clone();
        let lead: i64 = read(lead, "lead")?;
        let options: SmsOptions = read_options(options, &[])?;
        Ok(move |transport: &dyn Transport| Reply::data(&db.comms().send_sms(lead, &options, transport)?))
    }
}

#[napi]
impl Db {
    #[napi]
    pub fn comms_queue_sms(&self, lead: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let lead: i64 = read(lead, "lead")?;
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().queue_sms(lead, &options)?))
        })
    }

    /// A plan looks at every lead it finds: on a thread of its own.
    #[napi]
    pub fn comms_plan_sms(&self, which: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let which = filter(which)?;
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().plan_sms(&which, &options)?))
        })
    }

    #[napi]
    pub fn comms_send_sms(
        &self,
        lead: Js,
        twilio: &TwilioHandle,
        options: Js,
        listener: Listener<'_>,
    ) -> Answer {
        let twilio = twilio.0.clone();
        long(listener, |_| {
            let send = self.sent(lead, options)?;
            Ok(move || send(&twilio))
        })
    }

    #[napi]
    pub fn comms_send_sms_by(
        &self,
        call: &Call,
        lead: Js,
        methods: Js,
        options: Js,
        listener: Listener<'_>,
    ) -> Answer {
        long(listener, |events| {
            let remote = Remote::new(methods, call.waiting(), events)?;
            let send = self.sent(lead, options)?;
            let cancel = call.token();
            Ok(move || send(&HostTransport::new(remote, cancel)?))
        })
    }

    #[napi]
    pub fn comms_queue_call(&self, lead: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let lead: i64 = read(lead, "lead")?;
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().queue_call(lead, &options)?))
        })
    }

    #[napi]
    pub fn comms_log(&self, lead: Js, channel: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let lead: i64 = read(lead, "lead")?;
            let channel: ContactChannel = read(channel, "channel")?;
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().log(lead, channel, &options)?))
        })
    }

    #[napi]
    pub fn comms_timeline(&self, lead: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let lead: i64 = read(lead, "lead")?;
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().timeline(lead, &options)?))
        })
    }

    #[napi]
    pub fn comms_search(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().search(&options)?))
        })
    }

    #[napi]
    pub fn comms_export(
        &self,
        call: &Call,
        target: Js,
        options: Js,
        progress: bool,
        listener: Listener<'_>,
    ) -> Answer {
        let db = self.0.clone();
        long(listener, |events| {
            let target: PathBuf = read(target, "target")?;
            let mut options: ContactExportOptions = read_options(options, GLUE)?;
            options.progress = call.progress(progress, events);
            options.cancel = call.token();
            let cancel = call.token();
            Ok(move || cancelled(&cancel, || Reply::data(&db.comms().export(target, options)?)))
        })
    }

    #[napi]
    #[allow(clippy::too_many_arguments, reason = "the glue calls it, nobody else")]
    pub fn comms_import_log(
        &self,
        call: &Call,
        source: Js,
        name: Option<String>,
        options: Js,
        progress: bool,
        listener: Listener<'_>,
    ) -> Answer {
        let db = self.0.clone();
        long(listener, |events| {
            let source = call.source(source, name, events)?;
            let mut options: ContactImportOptions = read_options(options, GLUE)?;
            options.progress = call.progress(progress, events);
            options.cancel = call.token();
            let cancel = call.token();
            Ok(move || {
                let report = cancelled(&cancel, || db.comms().import_log(source, options))?;
                Ok(Reply::Report(to_js(&report)?, Report(Arc::new(report))))
            })
        })
    }

    #[napi]
    pub fn comms_requeue(&self, id: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id: i64 = read(id, "id")?;
            Ok(move || Reply::data(&db.comms().requeue(id)?))
        })
    }

    #[napi]
    pub fn comms_reschedule(&self, id: Js, send_at: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id: i64 = read(id, "id")?;
            let send_at: Timestamp = read(send_at, "sendAt")?;
            Ok(move || Reply::data(&db.comms().reschedule(id, send_at)?))
        })
    }

    #[napi]
    pub fn comms_pause(&self, campaign: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let campaign: String = read(campaign, "campaign")?;
            Ok(move || Reply::data(&db.comms().pause(&campaign)?))
        })
    }

    #[napi]
    pub fn comms_resume(&self, campaign: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let campaign: String = read(campaign, "campaign")?;
            Ok(move || Reply::data(&db.comms().resume(&campaign)?))
        })
    }

    /// It waits for answers: on a thread of its own, so that the pool's stay free for them.
    #[napi]
    pub fn comms_drain(&self, seconds: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let seconds: f64 = read(seconds, "seconds")?;
            Ok(move || Reply::data(&db.comms().drain(seconds)?))
        })
    }

    #[napi]
    pub fn comms_costs(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().costs(&options)?))
        })
    }

    #[napi]
    pub fn comms_cancel(&self, id: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id: i64 = read(id, "id")?;
            Ok(move || Reply::data(&db.comms().cancel(id)?))
        })
    }

    #[napi]
    pub fn comms_get(&self, id: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id: i64 = read(id, "id")?;
            Ok(move || Reply::data(&db.comms().get(id)?))
        })
    }

    #[napi]
    pub fn comms_list(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().list(options)?))
        })
    }

    #[napi]
    pub fn comms_events(&self, id: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id: i64 = read(id, "id")?;
            Ok(move || Reply::data(&db.comms().events(id)?))
        })
    }

    #[napi]
    pub fn comms_dispatch(
        &self,
        call: &Call,
        twilio: &TwilioHandle,
        options: Js,
        listener: Listener<'_>,
    ) -> Answer {
        let twilio = twilio.0.clone();
        long(listener, |_| {
            let dispatch = self.dispatched(read_options(options, SIGNAL)?, call.token());
            Ok(move || dispatch(&twilio))
        })
    }

    #[napi]
    pub fn comms_dispatch_by(&self, call: &Call, methods: Js, options: Js, listener: Listener<'_>) -> Answer {
        long(listener, |events| {
            let remote = Remote::new(methods, call.waiting(), events)?;
            let dispatch = self.dispatched(read_options(options, SIGNAL)?, call.token());
            let cancel = call.token();
            Ok(move || dispatch(&HostTransport::new(remote, cancel)?))
        })
    }

    #[napi]
    pub fn comms_reconcile(&self, twilio: &TwilioHandle, listener: Listener<'_>) -> Answer {
        let (db, twilio) = (self.0.clone(), twilio.0.clone());
        long(listener, |_| Ok(move || Reply::data(&db.comms().reconcile(&twilio)?)))
    }

    #[napi]
    pub fn comms_reconcile_by(&self, call: &Call, methods: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |events| {
            let remote = Remote::new(methods, call.waiting(), events)?;
            let cancel = call.token();
            Ok(move || Reply::data(&db.comms().reconcile(&HostTransport::new(remote, cancel)?)?))
        })
    }

    #[napi]
    pub fn comms_receive(&self, twilio: &TwilioHandle, request: Js, listener: Listener<'_>) -> Answer {
        let (db, twilio) = (self.0.clone(), twilio.0.clone());
        short(listener, || {
            let request: WebhookRequest = read(request, "request")?;
            Ok(move || Reply::data(&db.comms().receive(&twilio, &request)?))
        })
    }

    #[napi]
    pub fn comms_receive_event(&self, event: Js, token: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let event: WebhookEvent = read_tagged(event, "event")?;
            let token: Option<String> = read_optional(token, "token")?;
            Ok(move || Reply::data(&db.comms().receive_event(&event, token.as_deref())?))
        })
    }

    #[napi]
    pub fn consent_record(&self, kind: Js, source: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let kind: ConsentKind = read(kind, "kind")?;
            let source: String = read(source, "source")?;
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.consent().record(kind, &source, options)?))
        })
    }

    #[napi]
    pub fn consent_status(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let question = read_options(options, &[])?;
            Ok(move || Reply::data(&db.consent().status(&question)?))
        })
    }

    #[napi]
    pub fn consent_history(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.consent().history(options)?))
        })
    }

    #[napi]
    pub fn consent_export_suppressions(&self, path: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let path: PathBuf = read(path, "path")?;
            Ok(move || Reply::data(&db.consent().export_suppressions(path)?))
        })
    }

    #[napi]
    pub fn consent_apply_suppressions(&self, path: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let path: PathBuf = read(path, "path")?;
            Ok(move || Reply::data(&db.consent().apply_suppressions(path)?))
        })
    }

    #[napi]
    pub fn settings_get(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || Ok(move || Reply::data(&db.settings().get()?)))
    }

    #[napi]
    pub fn settings_set(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let change = read_options(options, &[])?;
            Ok(move || Reply::data(&db.settings().set(&change)?))
        })
    }

    #[napi]
    pub fn templates_save(&self, name: Js, body: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let (name, body): (String, String) = (read(name, "name")?, read(body, "body")?);
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.templates().save(&name, &body, options)?))
        })
    }

    #[napi]
    pub fn templates_get(&self, name: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            let version = read_options(options, &[])?;
            Ok(move || Reply::data(&db.templates().get(&name, version)?))
        })
    }

    #[napi]
    pub fn templates_list(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || Ok(move || Reply::data(&db.templates().list()?)))
    }

    #[napi]
    pub fn templates_render(&self, name: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.templates().render(&name, &options)?))
        })
    }

    #[napi]
    pub fn templates_archive(&self, name: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            Ok(move || Reply::data(&db.templates().archive(&name)?))
        })
    }
}
