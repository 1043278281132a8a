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
}
