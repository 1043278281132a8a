//! Contacts in numbers.

use std::path::PathBuf;
use std::sync::Arc;

use leadkit_core::model::stats::StatsReport;
use napi_derive::napi;

use crate::call::{Answer, Listener, Reply, long, now, short};
use crate::database::Db;
use crate::de::{read, read_options};
use crate::js::Js;
use crate::ser::to_js;

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
            Ok(move || {
                let report = db.comms().stats_report(&options)?;
                Ok(Reply::Stats(to_js(&report)?, Stats(Arc::new(report))))
            })
        })
    }
}

/// A report of contacts in numbers as the core made it, for what only the core can do with it.
#[napi]
pub struct Stats(Arc<StatsReport>);

#[napi]
impl Stats {
    #[napi]
    pub fn to_html(&self) -> Answer {
        now(|| Ok(Reply::Data(Js::from(self.0.to_html()))))
    }

    #[napi]
    pub fn save_html(&self, path: Js, listener: Listener<'_>) -> Answer {
        let report = self.0.clone();
        short(listener, || {
            let path: PathBuf = read(path, "path")?;
            Ok(move || {
                report.save_html(path)?;
                Ok(Reply::Data(Js::Undefined))
            })
        })
    }
}
