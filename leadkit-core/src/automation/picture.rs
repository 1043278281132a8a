//! An automation as a picture.

use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::report::automation_svg;

/// The last version of an automation as a picture: an SVG document, for a page or a file of its own.
///
/// # Errors
/// `access_denied` for a view; `not_found`.
pub fn picture(session: &Session, name: &str) -> Result<String> {
    let automation = super::get(session, name)?.ok_or_else(|| {
        Error::new(ErrorCode::NotFound, format!("there is no automation `{name}`")).at_field("name")
    })?;
    Ok(automation_svg(&automation))
}
