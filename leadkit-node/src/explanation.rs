//! What is known of a lead, as the core found it.

use std::path::PathBuf;
use std::sync::Arc;

use leadkit_core::model::explanation::LeadExplanation;
use napi_derive::napi;

use crate::call::{Answer, Listener, Reply, now, short};
use crate::database::Db;
use crate::de::{read, read_options};
use crate::js::Js;
use crate::ser::to_js;

#[napi]
impl Db {
    #[napi]
    pub fn leads_explain(&self, id: Js, options: Js, listener: Listener<'_>) -> Answer {
        let db = self.0.clone();
        short(listener, || {
            let (id, options) = (read(id, "id")?, read_options(options, &[])?);
            Ok(move || {
                let why = db.leads().explain(id, &options)?;
                Ok(Reply::Explanation(to_js(&why)?, Explanation(Arc::new(why))))
            })
        })
    }
}

/// An explanation as the core made it, for what only the core can do with it.
#[napi]
pub struct Explanation(Arc<LeadExplanation>);

#[napi]
impl Explanation {
    #[napi]
    pub fn to_json(&self) -> Answer {
        now(|| Ok(Reply::Data(Js::from(self.0.to_json()))))
    }

    #[napi]
    pub fn to_html(&self) -> Answer {
        now(|| Ok(Reply::Data(Js::from(self.0.to_html()))))
    }

    #[napi]
    pub fn save_html(&self, path: Js, listener: Listener<'_>) -> Answer {
        let why = self.0.clone();
        short(listener, || {
            let path: PathBuf = read(path, "path")?;
            Ok(move || {
                why.save_html(path)?;
                Ok(Reply::Data(Js::Undefined))
            })
        })
    }
}
