//! Texts for messages and calls, kept by name in versions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::consent::Channel;
use super::money::Money;
use crate::clock::Timestamp;

/// What a template is beyond its name and text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TemplateOptions {
    /// By which channel it goes out; `sms` when none is given.
    pub channel: Option<Channel>,
    /// Texts in other languages, by tag such as `de`; a lead's language chooses, and the body is for
    /// all others.
    pub locales: BTreeMap<String, String>,
    /// What stands for variables that hold nothing, by name such as `lead.first_name`.
    pub defaults: BTreeMap<String, String>,
}

/// Which version of a template is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TemplateVersion {
    /// Its number; none: the last.
    pub version: Option<u32>,
}

/// For whom and with what a template is rendered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RenderOptions {
    /// The lead; none: a made-up one, to look at the text.
    pub lead: Option<i64>,
    /// Values of the caller's, which the text calls `vars.*`.
    pub vars: BTreeMap<String, Value>,
    /// The language; none: the lead's.
    pub locale: Option<String>,
    /// The version; none: the last.
    pub version: Option<u32>,
}

/// A template filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RenderedTemplate {
    /// The template.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// The language whose text was taken; none: the body.
    pub locale: Option<String>,
    /// The text.
    pub text: String,
    /// The segments that it makes as a text message; 0 for what is read out.
    pub segments: u32,
    /// What it is expected to cost; none where the table of prices does not say.
    pub predicted: Option<Money>,
    /// What one should look at before it is sent.
    pub warnings: Vec<TemplateWarning>,
}

/// Why a text should be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TemplateWarningCode {
    /// It does not say how to end contact (`Reply STOP`).
    NoOptOut,
    /// A character beyond GSM-7 makes it longer, and dearer, than it had to be.
    NonGsm,
    /// A name of the lead's is a web address, which phones show as a link.
    UrlInName,
}

impl TemplateWarningCode {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            TemplateWarningCode::NoOptOut => "no_opt_out",
            TemplateWarningCode::NonGsm => "non_gsm",
            TemplateWarningCode::UrlInName => "url_in_name",
        }
    }
}

/// Something to look at before a text is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateWarning {
    /// Why.
    pub code: TemplateWarningCode,
    /// For people.
    pub message: String,
    /// The character, or the variable.
    pub about: Option<String>,
    /// What could be written in the character's place.
    pub replacement: Option<String>,
}

/// One version of a template. Versions are never changed: what was sent by one can be shown again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageTemplate {
    /// Its name.
    pub name: String,
    /// Its number, counted from 1.
    pub version: u32,
    /// By which channel it goes out.
    pub channel: Channel,
    /// The text for languages that have none of their own.
    pub body: String,
    /// Texts by language.
    pub locales: BTreeMap<String, String>,
    /// What stands for variables that hold nothing.
    pub defaults: BTreeMap<String, String>,
    /// The variables that its texts use, such as `lead.first_name`.
    pub variables: Vec<String>,
    /// Whether it was put away: it is not used any more.
    pub archived: bool,
    /// When this version was saved.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Option<String>,
}
