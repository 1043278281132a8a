//! Turning switches: each change is an operation, whoever asks for it.

use serde_json::json;

use crate::error::Result;
use crate::ledger::Session;
use crate::model::operation::OperationKind;
use crate::model::settings::{Settings, SettingsChange};
use crate::store::{NewOperation, Writer};

/// Turns the switches that are named and enters that into the log; gives them as they stand then.
///
/// # Errors
/// Those of the store.
pub fn change(session: &Session, writer: &dyn Writer, change: &SettingsChange) -> Result<Settings> {
    let before = writer.settings()?.unwrap_or_default();
    let after = change.applied(&before);
    if after != before {
        writer.put_settings(&after)?;
        writer.add_operation(&NewOperation {
            options: json!({ "before": before, "after": after }),
            ..session.new_operation(OperationKind::ChangeSettings)
        })?;
    }
    Ok(after)
}
