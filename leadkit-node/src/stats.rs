//! Contacts in numbers.

use napi_derive::napi;

use crate::call::{Answer, Listener, Reply, long};
use crate::database::Db;
use crate::de::read_options;
use crate::js::Js;

#[napi]
impl Db {
    #[napi]
    pub fn comms_stats(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().stats(&options)?))
        })
    }

    #[napi]
    pub fn comms_compare(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().compare(&options)?))
        })
    }

    #[napi]
    pub fn comms_funnel(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().funnel(&options)?))
        })
    }

    #[napi]
    pub fn comms_cohorts(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().cohorts(&options)?))
        })
    }

    #[napi]
    pub fn comms_check_stats(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options = read_options(options, &[])?;
            Ok(move || Reply::data(&db.comms().check_stats(&options)?))
        })
    }

    #[napi]
    pub fn comms_stats_report(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options = read_options(options, &[])?;
            Ok(move || Reply::document(db.comms().stats_report(&options)?))
        })
    }
}
