//! The room of the audit.

use napi_derive::napi;

use crate::call::{Answer, Listener, Reply, long, short};
use crate::database::Db;
use crate::de::read_options;
use crate::js::Js;

#[napi]
impl Db {
    #[napi]
    pub fn audit_entries(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.audit().entries(options)?))
        })
    }

    /// It looks at every entry: on a thread of its own.
    #[napi]
    pub fn audit_verify(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.audit().verify(options)?))
        })
    }

    #[napi]
    pub fn audit_checkpoint(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || Ok(move || Reply::data(&db.audit().checkpoint()?)))
    }
}
