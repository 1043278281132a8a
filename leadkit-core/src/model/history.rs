//! Every contact with leads, of any kind: what is entered, and how it is found again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::communication::{Communication, CommunicationState};
use super::consent::{Channel, Purpose};
use super::filter::Filter;
use super::format::FormatOptions;
use super::money::Money;
use super::options::{ExportFormat, Progressing, Rejects};
use super::transport::Direction;
use crate::clock::Timestamp;
use crate::progress::CancelToken;

/// By what people were in contact. leadkit sends by the first two; the others are entered by
/// `comms.log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContactChannel {
    /// A text message.
    Sms,
    /// A telephone call.
    Voice,
    /// An email.
    Email,
    /// A meeting.
    Meeting,
    /// A note that somebody made.
    Note,
    /// Something to do, or done.
    Task,
    /// A message of a chat.
    Chat,
    /// Anything else; its `label` says what.
    Custom,
}

impl ContactChannel {
    /// All of them.
    pub const ALL: [ContactChannel; 8] = [
        ContactChannel::Sms,
        ContactChannel::Voice,
        ContactChannel::Email,
        ContactChannel::Meeting,
        ContactChannel::Note,
        ContactChannel::Task,
        ContactChannel::Chat,
        ContactChannel::Custom,
    ];

    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            ContactChannel::Sms => "sms",
            ContactChannel::Voice => "voice",
            ContactChannel::Email => "email",
            ContactChannel::Meeting => "meeting",
            ContactChannel::Note => "note",
            ContactChannel::Task => "task",
            ContactChannel::Chat => "chat",
            ContactChannel::Custom => "custom",
        }
    }

    /// The channel that leadkit sends by, where it does.
    pub fn sent_by(self) -> Option<Channel> {
        match self {
            ContactChannel::Sms => Some(Channel::Sms),
            ContactChannel::Voice => Some(Channel::Voice),
            _ => None,
        }
    }
}

impl From<Channel> for ContactChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Sms => ContactChannel::Sms,
            Channel::Voice => ContactChannel::Voice,
        }
    }
}

impl PartialEq<Channel> for ContactChannel {
    fn eq(&self, other: &Channel) -> bool {
        self.sent_by() == Some(*other)
    }
}

/// A file that belongs to a contact and is kept elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Where it is.
    #[serde(default)]
    pub url: Option<String>,
    /// Its media type (RFC 6838), such as `application/pdf`.
    #[serde(default)]
    pub media_type: Option<String>,
    /// Its size in bytes.
    #[serde(default)]
    pub bytes: Option<u64>,
}

/// A contact that is entered by hand, or by a host that had it elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LogOptions {
    /// Whose it was; outbound when nobody says: notes, tasks and meetings are ours.
    pub direction: Option<Direction>,
    /// When it was; now when nobody says. Between the years 1900 and 2200.
    pub at: Option<Timestamp>,
    /// What a `custom` channel is called, such as `linkedin`.
    pub label: Option<String>,
    /// What it was about.
    pub subject: Option<String>,
    /// What was said.
    pub body: String,
    /// To whom, as an address of the channel.
    pub to: Option<String>,
    /// From whom, as an address of the channel.
    pub sender: Option<String>,
    /// Who else took part.
    pub participants: Vec<String>,
    /// What came of it, such as `interested` or `left_voicemail`.
    pub outcome: Option<String>,
    /// How long it took, in seconds.
    pub seconds: Option<u32>,
    /// Files, kept elsewhere.
    pub attachments: Vec<Attachment>,
    /// What it was for.
    pub purpose: Option<Purpose>,
    /// The template that the text was made of.
    pub template: Option<String>,
    /// That template's version.
    pub template_version: Option<u32>,
    /// A name for contacts that belong together.
    pub campaign: Option<String>,
    /// Which of several texts or ways it was, where they are compared: `A`, `B`, …
    pub variant: Option<String>,
    /// Whose it was on our side; the lead's owner when nobody says.
    pub owner: Option<String>,
    /// The conversation that it belongs to, by an id of the host's.
    pub thread: Option<String>,
    /// The contact that it answers; found by itself for texts that come in.
    pub reply_to: Option<i64>,
    /// What it cost.
    pub price: Option<Money>,
    /// The id that another system knows it by.
    pub provider_id: Option<String>,
    /// A key of the caller's: a repeated call with it gives the first one's entry.
    pub key: Option<String>,
    /// The entry that this one puts right: that one stays, and is no longer shown unless asked for.
    pub corrects: Option<i64>,
}

/// How a history of contacts comes in from a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ContactImportOptions {
    /// Column to field, for columns that leadkit should not map by itself; none leaves a column out. Whose
    /// contact it is: `lead`, `external_id`, `lead_email`, `lead_phone`. What it was: `channel`, `label`,
    /// `direction`, `at`, `subject`, `body`, `outcome`, `seconds`, `minutes`, `template`, `campaign`,
    /// `variant`, `owner`, `thread`, `price`, `currency`, `key`, `provider_id`, `to`, `sender`.
    pub mapping: BTreeMap<String, Option<String>>,
    /// Constants for every row: field to value, written as in a cell; they win over the file.
    pub set: BTreeMap<String, String>,
    /// The country by which phone numbers without a country code are read (ISO 3166-1 alpha-2).
    pub default_country: Option<String>,
    /// The zone of times that say none, such as `Europe/Berlin`; UTC by default. A day alone begins there.
    pub time_zone: Option<String>,
    /// Overrides of what is found out about the file.
    pub format: FormatOptions,
    /// Reads, maps, checks and matches, and writes nothing.
    pub dry_run: bool,
    /// Where rejected rows go.
    pub rejects: Rejects,
    /// A name for the operation, for the list of operations.
    pub name: Option<String>,
    /// Imports a file once more that was imported before with the same options. Rows with a `key` that is
    /// known are skipped even then.
    pub again: bool,
    /// Shows values in the report's examples as they are, not masked.
    pub show_values: bool,
    /// Called with the progress.
    #[serde(skip)]
    pub progress: Option<Progressing>,
    /// Stops the import between batches.
    #[serde(skip)]
    pub cancel: CancelToken,
}

/// Which contacts of a lead are listed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TimelineOptions {
    /// Only of these channels.
    pub channels: Vec<ContactChannel>,
    /// Entries that were put right are listed too.
    pub corrected: bool,
    /// Contacts of a page; 0 takes 100.
    pub limit: u64,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// In which order what was found comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SearchOrder {
    /// The newest first.
    #[default]
    Newest,
    /// What is most about the words first, among the newest 1,000 that have them.
    Relevance,
}

/// What contacts are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// By channel.
    Channel,
    /// By direction.
    Direction,
    /// By where they stand.
    State,
    /// By owner.
    Owner,
    /// By template.
    Template,
    /// By campaign.
    Campaign,
}

impl Facet {
    /// All of them.
    pub const ALL: [Facet; 6] =
        [Facet::Channel, Facet::Direction, Facet::State, Facet::Owner, Facet::Template, Facet::Campaign];

    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Facet::Channel => "channel",
            Facet::Direction => "direction",
            Facet::State => "state",
            Facet::Owner => "owner",
            Facet::Template => "template",
            Facet::Campaign => "campaign",
        }
    }

    /// What a contact counts under.
    pub fn of(self, contact: &Communication) -> Option<&str> {
        match self {
            Facet::Channel => Some(contact.channel.as_str()),
            Facet::Direction => Some(contact.direction.as_str()),
            Facet::State => Some(contact.state.as_str()),
            Facet::Owner => contact.owner.as_deref(),
            Facet::Template => contact.template.as_deref(),
            Facet::Campaign => contact.campaign.as_deref(),
        }
    }
}

/// What contacts are looked for; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SearchOptions {
    /// Words: all of them, in any order. `"two words"` in quotes stand together, `pre*` begins a word,
    /// `this OR that` is either, `-word` must not be there. Letters count without marks and case.
    pub text: Option<String>,
    /// Only with this lead, and those that were merged into it.
    pub lead: Option<i64>,
    /// Only with leads that this filter finds now.
    pub leads: Option<Filter>,
    /// Only of these channels.
    pub channels: Vec<ContactChannel>,
    /// Only of this direction.
    pub direction: Option<Direction>,
    /// Only in these states.
    pub states: Vec<CommunicationState>,
    /// Only of this owner.
    pub owner: Option<String>,
    /// Only of this template.
    pub template: Option<String>,
    /// Only of this campaign.
    pub campaign: Option<String>,
    /// Only from this instant on.
    pub since: Option<Timestamp>,
    /// Only before this instant.
    pub until: Option<Timestamp>,
    /// Only what cost at least this, as billed or else as predicted, in any currency.
    pub min_cost: Option<f64>,
    /// Only what cost at most this.
    pub max_cost: Option<f64>,
    /// Entries that were put right are found too.
    pub corrected: bool,
    /// What all that is found is counted by; counting reads all of it.
    pub facets: Vec<Facet>,
    /// The order.
    pub order: SearchOrder,
    /// Contacts of a page; 0 takes 100.
    pub limit: u64,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// How contacts are written to a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ContactExportOptions {
    /// Which contacts; all by default. Its `limit` is that of the file, 0 for none; an order, a cursor and
    /// facets are not for files.
    pub search: SearchOptions,
    /// Which columns, in this order: fields of a contact, `currency`, `lead.` and a field of its lead.
    pub fields: Option<Vec<String>>,
    /// CSV or XLSX; by the target's ending when not said.
    pub format: Option<ExportFormat>,
    /// CSV: the delimiter.
    pub delimiter: char,
    /// CSV: begins the file with a byte order mark, for old Excels.
    pub bom: bool,
    /// Guards cells that a spreadsheet would run as formulas (OWASP, CSV injection).
    pub guard_formulas: bool,
    /// A name for the operation, for the list of operations.
    pub name: Option<String>,
    /// Called with the progress.
    #[serde(skip)]
    pub progress: Option<Progressing>,
    /// Stops the export; the target stays as it was.
    #[serde(skip)]
    pub cancel: CancelToken,
}

impl Default for ContactExportOptions {
    fn default() -> Self {
        ContactExportOptions {
            search: SearchOptions::default(),
            fields: None,
            format: None,
            delimiter: ',',
            bom: false,
            guard_formulas: true,
            name: None,
            progress: None,
            cancel: CancelToken::default(),
        }
    }
}

/// A part of a text that was looked through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Piece {
    /// The part.
    pub text: String,
    /// Whether it is what was looked for.
    pub found: bool,
}

/// A contact that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FoundContact {
    /// The contact.
    pub contact: Communication,
    /// Where in its subject and body what was looked for stands; around the first place of a long text.
    pub highlights: Vec<Piece>,
}

/// A page of what was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchPage {
    /// What was found.
    pub items: Vec<FoundContact>,
    /// Where the next page goes on; none at the end.
    pub next_cursor: Option<String>,
    /// How many were found in all; counted when facets are asked for.
    pub total: Option<u64>,
    /// How many of each, by facet and value; those without one are left out.
    pub facets: BTreeMap<String, BTreeMap<String, u64>>,
}
