//! The rooms of automations and schedules, and the tick.

use leadkit_core::model::automation::{AutomationSpec, TickOptions};
use leadkit_core::model::schedule::Schedule;
use leadkit_core::transport::{HostTransport, Transport};
use leadkit_core::{CancelToken, Result};
use napi_derive::napi;

use crate::call::{Answer, Call, Listener, Reply, long, short};
use crate::database::Db;
use crate::de::{read, read_optional, read_options};
use crate::js::Js;
use crate::transport::Remote;
use crate::twilio::TwilioHandle;

/// Options that the glue takes out.
const SIGNAL: &[&str] = &["signal"];

impl Db {
    /// Does what is due, on the thread of a long call.
    fn ticked(
        &self,
        options: TickOptions,
        cancel: CancelToken,
    ) -> impl FnOnce(Option<&dyn Transport>) -> Result<Reply> + use<> {
        let db = self.0.clone();
        let options = TickOptions { cancel, ..options };
        move |transport| Reply::data(&db.tick(transport, &options)?)
    }
}

#[napi]
impl Db {
    #[napi]
    pub fn automations_save(&self, name: Js, spec: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let (name, spec): (String, AutomationSpec) = (read(name, "name")?, read(spec, "spec")?);
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.automations().save(&name, &spec, options)?))
        })
    }

    #[napi]
    pub fn automations_get(&self, name: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            Ok(move || Reply::data(&db.automations().get(&name)?))
        })
    }

    #[napi]
    pub fn automations_list(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || Ok(move || Reply::data(&db.automations().list()?)))
    }

    #[napi]
    pub fn automations_enable(&self, name: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            Ok(move || Reply::data(&db.automations().enable(&name)?))
        })
    }

    #[napi]
    pub fn automations_disable(&self, name: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            Ok(move || Reply::data(&db.automations().disable(&name)?))
        })
    }

    #[napi]
    pub fn automations_runs(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.automations().runs(&options)?))
        })
    }

    /// There may be a great many: on a thread of its own.
    #[napi]
    pub fn automations_cancel(&self, name: Js, lead: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let (name, lead): (String, Option<i64>) = (read(name, "name")?, read_optional(lead, "lead")?);
            Ok(move || Reply::data(&db.automations().cancel(&name, lead)?))
        })
    }

    /// It looks at all that was: on a thread of its own.
    #[napi]
    pub fn automations_rehearse(&self, spec: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let spec: AutomationSpec = read(spec, "spec")?;
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.automations().rehearse(&spec, &options)?))
        })
    }

    #[napi]
    pub fn automations_picture(&self, name: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            Ok(move || Reply::data(&db.automations().picture(&name)?))
        })
    }

    #[napi]
    pub fn automations_events(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.automations().events(&options)?))
        })
    }

    #[napi]
    pub fn automations_acknowledge(&self, up_to: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let up_to: i64 = read(up_to, "upTo")?;
            Ok(move || Reply::data(&db.automations().acknowledge(up_to)?))
        })
    }

    #[napi]
    pub fn schedules_save(&self, name: Js, schedule: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let (name, schedule): (String, Schedule) = (read(name, "name")?, read(schedule, "schedule")?);
            Ok(move || Reply::data(&db.schedules().save(&name, &schedule)?))
        })
    }

    #[napi]
    pub fn schedules_get(&self, name: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            Ok(move || Reply::data(&db.schedules().get(&name)?))
        })
    }

    #[napi]
    pub fn schedules_list(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || Ok(move || Reply::data(&db.schedules().list()?)))
    }

    #[napi]
    pub fn schedules_pause(&self, name: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            Ok(move || Reply::data(&db.schedules().pause(&name)?))
        })
    }

    #[napi]
    pub fn schedules_resume(&self, name: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let name: String = read(name, "name")?;
            Ok(move || Reply::data(&db.schedules().resume(&name)?))
        })
    }

    #[napi]
    pub fn tick(&self, call: &Call, options: Js, listener: Listener<'_>) -> Answer {
        long(listener, |_| {
            let tick = self.ticked(read_options(options, SIGNAL)?, call.token());
            Ok(move || tick(None))
        })
    }

    #[napi]
    pub fn tick_with(
        &self,
        call: &Call,
        twilio: &TwilioHandle,
        options: Js,
        listener: Listener<'_>,
    ) -> Answer {
        let twilio = twilio.0.clone();
        long(listener, |_| {
            let tick = self.ticked(read_options(options, SIGNAL)?, call.token());
            Ok(move || tick(Some(&twilio)))
        })
    }

    #[napi]
    pub fn tick_by(&self, call: &Call, methods: Js, options: Js, listener: Listener<'_>) -> Answer {
        long(listener, |events| {
            let remote = Remote::new(methods, call.waiting(), events)?;
            let tick = self.ticked(read_options(options, SIGNAL)?, call.token());
            let cancel = call.token();
            Ok(move || tick(Some(&HostTransport::new(remote, cancel)?)))
        })
    }
}
