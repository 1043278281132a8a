//! The room of privacy.

use leadkit_core::model::privacy::{ErasureOptions, PersonOptions};
use leadkit_core::transport::{HostTransport, Transport};
use leadkit_core::{Database, Result};
use napi_derive::napi;

use crate::call::{Answer, Call, Listener, Reply, long, short};
use crate::database::Db;
use crate::de::{read, read_options};
use crate::js::Js;
use crate::transport::Remote;
use crate::twilio::TwilioHandle;

/// Whom to erase, and on which ground.
struct Erasure {
    db: Database,
    legal_basis: String,
    options: ErasureOptions,
}

impl Erasure {
    fn new(db: &Db, legal_basis: Js, options: Js) -> Result<Erasure> {
        let (legal_basis, options) = (read(legal_basis, "legal_basis")?, read_options(options, &[])?);
        Ok(Erasure { db: db.0.clone(), legal_basis, options })
    }

    fn run(&self, transport: Option<&dyn Transport>) -> Result<Reply> {
        Reply::document(self.db.privacy().erase_person(&self.legal_basis, &self.options, transport)?)
    }
}

#[napi]
impl Db {
    #[napi]
    pub fn privacy_export_person(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let who: PersonOptions = read_options(options, &[])?;
            Ok(move || Reply::document(db.privacy().export_person(&who)?))
        })
    }

    #[napi]
    pub fn privacy_erase_person(&self, legal_basis: Js, options: Js, listener: Listener<'_>) -> Answer {
        long(listener, |_| {
            let erasure = Erasure::new(self, legal_basis, options)?;
            Ok(move || erasure.run(None))
        })
    }

    #[napi]
    pub fn privacy_erase_person_at(
        &self,
        twilio: &TwilioHandle,
        legal_basis: Js,
        options: Js,
        listener: Listener<'_>,
    ) -> Answer {
        let twilio = twilio.0.clone();
        long(listener, |_| {
            let erasure = Erasure::new(self, legal_basis, options)?;
            Ok(move || erasure.run(Some(&twilio)))
        })
    }

    #[napi]
    pub fn privacy_erase_person_by(
        &self,
        call: &Call,
        methods: Js,
        legal_basis: Js,
        options: Js,
        listener: Listener<'_>,
    ) -> Answer {
        long(listener, |events| {
            let remote = Remote::new(methods, call.waiting(), events)?;
            let (erasure, cancel) = (Erasure::new(self, legal_basis, options)?, call.token());
            Ok(move || erasure.run(Some(&HostTransport::new(remote, cancel)?)))
        })
    }

    #[napi]
    pub fn privacy_erasures(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let options = read_options(options, &[])?;
            Ok(move || Reply::documents(db.privacy().erasures(options)?))
        })
    }

    #[napi]
    pub fn privacy_hold(&self, reason: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let (reason, who): (String, PersonOptions) =
                (read(reason, "reason")?, read_options(options, &[])?);
            Ok(move || Reply::data(&db.privacy().hold(&reason, &who)?))
        })
    }

    #[napi]
    pub fn privacy_release(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let who: PersonOptions = read_options(options, &[])?;
            Ok(move || Reply::data(&db.privacy().release(&who)?))
        })
    }

    #[napi]
    pub fn privacy_holds(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || Ok(move || Reply::data(&db.privacy().holds()?)))
    }

    #[napi]
    pub fn privacy_apply_retention(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.privacy().apply_retention(&options)?))
        })
    }

    #[napi]
    pub fn privacy_compact(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            Ok(move || {
                db.privacy().compact()?;
                Ok(Reply::Data(Js::Undefined))
            })
        })
    }
}
