//! stub
use serde::{Deserialize, Serialize};
/// x
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FormatOptions {
    /// x
    pub encoding: Option<String>,
}
/// x
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TableFormat {
    /// x
    pub encoding: String,
    /// x
    pub bom: bool,
    /// x
    pub delimiter: String,
    /// x
    pub quote: Option<String>,
    /// x
    pub escape: Option<String>,
    /// x
    pub line_terminator: String,
    /// x
    pub comment: Option<String>,
    /// x
    pub preamble_rows: u64,
    /// x
    pub header_rows: u64,
    /// x
    pub sheets: Vec<String>,
    /// x
    pub confidence: f64,
    /// x
    pub columns: Vec<String>,
}
