//! The rooms of messages, consent, switches and templates.

use leadkit_core::model::consent::ConsentKind;
use napi_derive::napi;

use crate::call::{Answer, Listener, Reply, short};
use crate::database::Db;
use crate::de::{read, read_options};
use crate::js::Js;

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
