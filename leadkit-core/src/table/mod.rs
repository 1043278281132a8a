//! Bytes to records and back; knows nothing of leads.
mod format;
pub use format::{FormatOptions, TableFormat};
/// stub
pub enum Source {
    /// x
    Path(std::path::PathBuf),
}
impl From<&str> for Source {
    fn from(p: &str) -> Self {
        Source::Path(p.into())
    }
}
