//! The database and what it gives out.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use leadkit_core::database::{CopyOptions, HealthOptions, LeadIter};
use leadkit_core::model::field::CustomField;
use leadkit_core::model::options::ActorOptions;
use leadkit_core::table::Table;
use leadkit_core::{Database, Error, Filter, ImportReport, Result, Status, Values};
use napi_derive::napi;
use serde::Serialize;

use crate::call::{Answer, Call, Listener, Reply, cancelled, long, now, pool, short};
use crate::de::{read, read_optional, read_options};
use crate::js::Js;
use crate::ser::to_js;

/// Options that the glue takes out before the rest comes here.
pub const GLUE: &[&str] = &["onProgress", "signal"];

/// A `leadkit_core::Database`.
#[napi]
pub struct Db(pub(crate) Database);

impl Drop for Db {
    fn drop(&mut self) {
        // The last handle may close the file, which the collector's thread must not wait for.
        let database = self.0.clone();
        let _ = pool(Box::new(move || drop(database)));
    }
}

pub fn filter(value: Js) -> Result<Filter> {
    Filter::from_json(read_optional(value, "filter")?.unwrap_or_default())
}

#[napi]
impl Db {
    #[napi]
    pub fn path(&self) -> Option<String> {
        self.0.path().map(|path| path.to_string_lossy().into_owned())
    }

    #[napi]
    pub fn as_actor(&self, id: Js, options: Js) -> Answer {
        now(|| {
            let options: ActorOptions = read_options(options, &[])?;
            Ok(Reply::Db(Db(self.0.as_actor_with(read::<String>(id, "id")?, options))))
        })
    }

    #[napi]
    pub fn close(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            Ok(move || {
                db.close();
                Ok(Reply::Data(Js::Undefined))
            })
        })
    }

    #[napi]
    #[allow(clippy::too_many_arguments, reason = "the glue calls it, nobody else")]
    pub fn import_leads(
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
            let mut options: leadkit_core::ImportOptions = read_options(options, GLUE)?;
            options.progress = call.progress(progress, events);
            options.cancel = call.token();
            let cancel = call.token();
            Ok(move || {
                let report = cancelled(&cancel, || db.import_leads(source, options))?;
                Ok(Reply::Report(to_js(&report)?, Report(Arc::new(report))))
            })
        })
    }

    #[napi]
    #[allow(clippy::too_many_arguments, reason = "the glue calls it, nobody else")]
    pub fn preview_import(
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
            let mut options: leadkit_core::ImportOptions = read_options(options, GLUE)?;
            options.progress = call.progress(progress, events);
            options.cancel = call.token();
            let cancel = call.token();
            Ok(move || {
                let preview = cancelled(&cancel, || db.preview_import(source, options))?;
                Ok(Reply::Report(to_js(&preview)?, Report(Arc::new(preview.report))))
            })
        })
    }

    #[napi]
    pub fn export_leads(
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
            let mut options: leadkit_core::ExportOptions = read_options(options, GLUE)?;
            options.progress = call.progress(progress, events);
            options.cancel = call.token();
            let cancel = call.token();
            Ok(move || cancelled(&cancel, || Reply::data(&db.export_leads(target, options)?)))
        })
    }

    #[napi]
    pub fn leads_add(&self, values: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let values: Values = read(values, "values")?;
            Ok(move || Reply::data(&db.leads().add(values)?))
        })
    }

    #[napi]
    pub fn leads_update(&self, id: Js, values: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id = read(id, "id")?;
            let values: Values = read(values, "values")?;
            Ok(move || Reply::data(&db.leads().update(id, values)?))
        })
    }

    #[napi]
    pub fn leads_get(&self, id: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id = read(id, "id")?;
            Ok(move || Reply::data(&db.leads().get(id)?))
        })
    }

    #[napi]
    pub fn leads_first(&self, which: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let (filter, options) = (filter(which)?, read_options(options, &[])?);
            Ok(move || Reply::data(&db.leads().first(&filter, options)?))
        })
    }

    #[napi]
    pub fn leads_find(&self, which: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let (filter, options) = (filter(which)?, read_options(options, &[])?);
            Ok(move || Reply::data(&db.leads().find(&filter, options)?))
        })
    }

    #[napi]
    pub fn leads_iterate(&self, which: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let (filter, options) = (filter(which)?, read_options(options, &[])?);
            Ok(move || {
                let leads = db.leads().iterate(&filter, options)?;
                Ok(Reply::Cursor(Cursor(Arc::new(Mutex::new(Batches::new(leads))))))
            })
        })
    }

    #[napi]
    pub fn leads_count(&self, which: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let filter = filter(which)?;
            Ok(move || Reply::data(&db.leads().count(&filter)?))
        })
    }

    #[napi]
    pub fn leads_restore(&self, id: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id = read(id, "id")?;
            Ok(move || Reply::data(&db.leads().restore(id)?))
        })
    }

    #[napi]
    pub fn leads_explain(&self, id: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let (id, options) = (read(id, "id")?, read_options(options, &[])?);
            Ok(move || Reply::document(db.leads().explain(id, &options)?))
        })
    }

    #[napi]
    pub fn leads_history(&self, id: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let id = read(id, "id")?;
            Ok(move || Reply::data(&db.leads().history(id)?))
        })
    }

    #[napi]
    pub fn fields_define(&self, field: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let field: CustomField = read(field, "field")?;
            Ok(move || Reply::data(&db.fields().define(field)?))
        })
    }

    #[napi]
    pub fn fields_list(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || Ok(move || Reply::data(&db.fields().list()?)))
    }

    #[napi]
    pub fn fields_archive(&self, key: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let key: String = read(key, "key")?;
            Ok(move || Reply::data(&db.fields().archive(&key)?))
        })
    }

    #[napi]
    pub fn statuses_list(&self, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || Ok(move || Reply::data(&db.statuses().list()?)))
    }

    #[napi]
    pub fn statuses_define(&self, statuses: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let statuses: Vec<Status> = read(statuses, "statuses")?;
            Ok(move || Reply::data(&db.statuses().define(statuses)?))
        })
    }

    #[napi]
    pub fn health(&self, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let options: HealthOptions = read_options(options, &[])?;
            Ok(move || Reply::data(&db.health(options)?))
        })
    }

    #[napi]
    pub fn backup(&self, path: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        long(listener, |_| {
            let path: PathBuf = read(path, "path")?;
            Ok(move || Reply::data(&db.backup(path)?))
        })
    }

    #[napi]
    pub fn copy_to(
        &self,
        call: &Call,
        url: Js,
        options: Js,
        progress: bool,
        listener: Listener<'_>,
    ) -> Answer {
        let db = self.0.clone();
        long(listener, |events| {
            let url: String = read(url, "url")?;
            let mut options: CopyOptions = read_options(options, GLUE)?;
            options.progress = call.progress(progress, events);
            options.cancel = call.token();
            let cancel = call.token();
            Ok(move || cancelled(&cancel, || Reply::data(&db.copy_to(&url, options)?)))
        })
    }

    #[napi]
    pub fn advance(&self, seconds: Js) -> Answer {
        now(|| {
            leadkit_core::testing::advance(&self.0, read(seconds, "seconds")?);
            Ok(Reply::Data(Js::Undefined))
        })
    }
}

/// An import's report as the core made it, for what only the core can do with it.
#[napi]
pub struct Report(pub(crate) Arc<ImportReport>);

#[napi]
impl Report {
    #[napi]
    pub fn to_json(&self) -> Answer {
        now(|| Ok(Reply::Data(Js::from(self.0.to_json()))))
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

/// A source of results that is read some at a time; an error waits until what came before it is out.
struct Batches<I> {
    iter: I,
    error: Option<Error>,
}

impl<T, I: Iterator<Item = Result<T>>> Batches<I> {
    fn new(iter: I) -> Self {
        Batches { iter, error: None }
    }

    fn next(&mut self, most: u32) -> Result<Vec<T>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let mut items = Vec::new();
        while items.len() < most as usize {
            match self.iter.next() {
                Some(Ok(item)) => items.push(item),
                Some(Err(error)) if items.is_empty() => return Err(error),
                Some(Err(error)) => {
                    self.error = Some(error);
                    break;
                }
                None => break,
            }
        }
        Ok(items)
    }
}

/// Leads that are being iterated.
#[napi]
pub struct Cursor(Arc<Mutex<Batches<LeadIter>>>);

#[napi]
impl Cursor {
    #[napi]
    pub fn next(&self, most: u32, listener: Listener<'_>) -> Answer {
        let leads = self.0.clone();
        short(listener, || {
            Ok(move || Reply::data(&leads.lock().unwrap_or_else(PoisonError::into_inner).next(most)?))
        })
    }
}

/// Rows of a table that are being read.
#[napi]
pub struct Rows(Arc<Mutex<Batches<Table>>>);

#[derive(Serialize)]
struct SomeRows<'a, I> {
    rows: Vec<Vec<String>>,
    issues: &'a [I],
}

impl Rows {
    pub fn new(table: Table) -> Rows {
        Rows(Arc::new(Mutex::new(Batches::new(table))))
    }
}

#[napi]
impl Rows {
    #[napi]
    pub fn next(&self, most: u32, listener: Listener<'_>) -> Answer {
        let table = self.0.clone();
        short(listener, || {
            Ok(move || {
                let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
                let known = table.iter.issues().len();
                let rows = table.next(most)?;
                Reply::data(&SomeRows { rows, issues: table.iter.issues().get(known..).unwrap_or_default() })
            })
        })
    }
}
