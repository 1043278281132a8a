//! The law's limits on contacting people: pure functions.

use leadkit_core::compliance::{Contact, LegalHours, RuleTable, classify_reply as classify};
use napi_derive::napi;

use crate::call::{Answer, Reply, now};
use crate::de::{read, read_options};
use crate::js::Js;

#[napi]
pub fn classify_reply(text: Js) -> Answer {
    now(|| Reply::data(&classify(&read::<String>(text, "text")?)))
}

/// A `leadkit_core::compliance::LegalHours`.
#[napi]
pub struct Hours(LegalHours);

#[napi]
pub fn legal_hours(table: Js) -> Answer {
    now(|| {
        let table: RuleTable = read_options(table, &[])?;
        Ok(Reply::Hours(Hours(LegalHours::built_in().with(&table)?)))
    })
}

#[napi]
impl Hours {
    #[napi]
    pub fn decide(&self, at: Js, contact: Js) -> Answer {
        now(|| {
            let at = read(at, "at")?;
            let contact: Contact = read_options(contact, &[])?;
            Reply::data(&self.0.decide(&contact, at)?)
        })
    }

    #[napi]
    pub fn table(&self) -> Answer {
        now(|| Reply::data(self.0.table()))
    }
}
