//! What can be shown as a page, as the core made it: for what only the core can do with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use leadkit_core::Result;
use leadkit_core::model::explanation::LeadExplanation;
use leadkit_core::model::privacy::{ErasureCertificate, PersonExport};
use leadkit_core::model::report::Page;
use leadkit_core::model::stats::StatsReport;
use napi_derive::napi;
use serde::Serialize;

use crate::call::{Answer, Listener, Reply, now, short};
use crate::de::read;
use crate::js::Js;
use crate::ser::to_js;

/// Data with a page of its own.
pub trait Shown: Send + Sync {
    fn json(&self) -> String;
    fn html(&self) -> String;
    fn save(&self, path: &Path) -> Result<()>;
}

macro_rules! shown {
    ($($name:ty),*) => {$(
        impl Shown for $name {
            fn json(&self) -> String {
                self.to_json()
            }

            fn html(&self) -> String {
                self.to_html()
            }

            fn save(&self, path: &Path) -> Result<()> {
                self.save_html(path)
            }
        }
    )*};
}

shown!(ErasureCertificate, LeadExplanation, PersonExport, StatsReport);

impl Reply {
    /// Data, and what can be done with it.
    pub fn document<T: Shown + Serialize + 'static>(data: T) -> Result<Reply> {
        Ok(Reply::Document(to_js(&data)?, Document(Arc::new(data))))
    }

    /// A page of them.
    pub fn documents<T: Shown + Serialize + 'static>(page: Page<T>) -> Result<Reply> {
        let data = to_js(&page)?;
        let documents = page.items.into_iter().map(|item| Document(Arc::new(item)));
        Ok(Reply::Documents(data, documents.collect()))
    }
}

/// One of them.
#[napi]
pub struct Document(Arc<dyn Shown>);

#[napi]
impl Document {
    #[napi]
    pub fn to_json(&self) -> Answer {
        now(|| Ok(Reply::Data(Js::from(self.0.json()))))
    }

    #[napi]
    pub fn to_html(&self) -> Answer {
        now(|| Ok(Reply::Data(Js::from(self.0.html()))))
    }

    #[napi]
    pub fn save_html(&self, path: Js, listener: Listener<'_>) -> Answer {
        let document = self.0.clone();
        short(listener, || {
            let path: PathBuf = read(path, "path")?;
            Ok(move || {
                document.save(&path)?;
                Ok(Reply::Data(Js::Undefined))
            })
        })
    }
}
