//! Who may be contacted, by what, and why: entries of a ledger that only grows.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::text::nearest;

/// A way to reach somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Channel {
    /// Text messages.
    Sms,
    /// Telephone calls.
    Voice,
}

impl Channel {
    /// All of them.
    pub const ALL: [Channel; 2] = [Channel::Sms, Channel::Voice];

    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Voice => "voice",
        }
    }
}

/// What a message or call is for: the law asks more of marketing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Advertising and whatever else is to sell something. It needs consent that was given before.
    #[default]
    Marketing,
    /// What the person asked for or must know: appointments, deliveries, answers.
    Informational,
}

impl Purpose {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Marketing => "marketing",
            Purpose::Informational => "informational",
        }
    }
}

/// What an entry of the ledger says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsentKind {
    /// The person wants no more contact at this address. It covers every lead that has the address
    /// now or later, and ends all grants so far.
    Withdrawal,
    /// The person takes a withdrawal back, as by START. It lifts the block and grants nothing.
    Lift,
    /// The person agreed to be contacted: for one address, one lead and one purpose.
    Grant,
    /// The person was asked to confirm a grant; the answer YES then is one (double opt-in).
    Asked,
    /// A message may have meant a withdrawal. It blocks at once, waits for somebody to look at it,
    /// and is a withdrawal when nobody did until its `review_by`.
    Suspected,
    /// The address belongs to somebody else.
    WrongNumber,
    /// Somebody looked: a suspicion was none, or the address is right after all.
    Cleared,
}

impl ConsentKind {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            ConsentKind::Withdrawal => "withdrawal",
            ConsentKind::Lift => "lift",
            ConsentKind::Grant => "grant",
            ConsentKind::Asked => "asked",
            ConsentKind::Suspected => "suspected",
            ConsentKind::WrongNumber => "wrong_number",
            ConsentKind::Cleared => "cleared",
        }
    }
}

/// What an entry of the ledger says beyond its kind and source.
///
/// ```
/// use leadkit_core::model::consent::{ConsentKind, ConsentOptions};
/// let db = leadkit_core::open(":memory:")?;
/// let address = ConsentOptions { address: Some("+49 30 23125014".into()), ..Default::default() };
/// let stop = db.consent().record(ConsentKind::Withdrawal, "letter", address)?;
/// assert_eq!(stop[0].channel, None, "all channels");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConsentOptions {
    /// By which channel; none: all of them.
    pub channel: Option<Channel>,
    /// The phone number; none takes all numbers of the lead.
    pub address: Option<String>,
    /// The lead. Grants and questions need it, for they are a person's; others note who was meant.
    pub lead: Option<i64>,
    /// What a grant or a question is for; marketing when none is given.
    pub purpose: Option<Purpose>,
    /// The words that the person agreed to or wrote. Grants need them.
    pub wording: Option<String>,
    /// When the person said so; none: now.
    pub given_at: Option<Timestamp>,
    /// Where proof is kept: a document's name, a URL.
    pub proof: Option<String>,
    /// Until when somebody should have looked at a suspicion; none: ten days from now. The FCC allows
    /// ten business days for honouring a revocation (47 CFR 64.1200(a)(10)).
    pub review_by: Option<Timestamp>,
}

/// An entry of the ledger. Entries are never changed and never removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsentEntry {
    /// Its number, in the order of entry.
    pub id: i64,
    /// When it was entered.
    pub at: Timestamp,
    /// What it says.
    pub kind: ConsentKind,
    /// By which channel; none: all of them.
    pub channel: Option<Channel>,
    /// The phone number in E.164.
    pub address: String,
    /// The lead that it was about.
    pub lead: Option<i64>,
    /// What a grant or a question is for.
    pub purpose: Option<Purpose>,
    /// Where it comes from.
    pub source: String,
    /// The words that the person agreed to or wrote.
    pub wording: Option<String>,
    /// When the person said so.
    pub given_at: Timestamp,
    /// Where proof is kept.
    pub proof: Option<String>,
    /// Until when somebody should have looked at a suspicion.
    pub review_by: Option<Timestamp>,
    /// Who entered it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Why somebody may not be contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsentCode {
    /// The person wants no more contact at this address.
    OptedOut,
    /// The person may have said so, and somebody has to look at it.
    UnderReview,
    /// The address belongs to somebody else.
    WrongNumber,
    /// Marketing needs consent, and there is none for this address, person and purpose.
    NoConsent,
}

impl ConsentCode {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            ConsentCode::OptedOut => "opted_out",
            ConsentCode::UnderReview => "under_review",
            ConsentCode::WrongNumber => "wrong_number",
            ConsentCode::NoConsent => "no_consent",
        }
    }
}

/// Whom a question about consent is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConsentQuestion {
    /// The phone number; none takes the lead's.
    pub address: Option<String>,
    /// The lead; without one there is no grant.
    pub lead: Option<i64>,
    /// By which channel; `sms` when none is given.
    pub channel: Option<Channel>,
    /// What for; marketing when none is given.
    pub purpose: Option<Purpose>,
}

/// Whether somebody may be contacted, and by which entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsentStatus {
    /// Whether consent stands in nobody's way. The hour, the switches and limits are other matters.
    pub allowed: bool,
    /// Why not.
    pub code: Option<ConsentCode>,
    /// The phone number in E.164.
    pub address: String,
    /// The lead.
    pub lead: Option<i64>,
    /// By which channel.
    pub channel: Channel,
    /// What for.
    pub purpose: Purpose,
    /// The entry that decided: the withdrawal, suspicion or wrong number, or else the grant.
    pub entry: Option<ConsentEntry>,
}

/// Which entries of the ledger are listed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConsentHistoryOptions {
    /// Only of this phone number.
    pub address: Option<String>,
    /// Only about this lead.
    pub lead: Option<i64>,
    /// Entries of a page; 0 takes 100.
    pub limit: u64,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

macro_rules! consent_targets {
    ($($(#[doc = $doc:literal])* $name:ident, $text:literal, $label:literal, $opt_out:literal, $channel:expr;)*) => {
        /// What a column of a file says about consent: the target beside the fields of a lead to which
        /// imports map opt-out, opt-in and do-not-call columns.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ConsentTarget {
            $($(#[doc = $doc])* $name,)*
        }

        impl ConsentTarget {
            /// All of them.
            pub const ALL: &'static [ConsentTarget] = &[$(ConsentTarget::$name,)*];

            /// Its name in mappings, reports and issues: snake_case in all languages.
            pub fn name(self) -> &'static str {
                match self { $(ConsentTarget::$name => $text,)* }
            }

            /// Its name for people.
            pub fn label(self) -> &'static str {
                match self { $(ConsentTarget::$name => $label,)* }
            }

            /// Whether the column says who refused; else it says who agreed.
            pub fn is_opt_out(self) -> bool {
                match self { $(ConsentTarget::$name => $opt_out,)* }
            }

            /// The channel that it is about; none: all of them.
            pub fn channel(self) -> Option<Channel> {
                match self { $(ConsentTarget::$name => $channel,)* }
            }
        }
    };
}

consent_targets! {
    /// Who wants neither messages nor calls.
    OptOut, "consent.opt_out", "Opt-out", true, None;
    /// Who wants no text messages.
    SmsOptOut, "consent.sms_opt_out", "SMS opt-out", true, Some(Channel::Sms);
    /// Who wants no calls.
    DoNotCall, "consent.do_not_call", "Do not call", true, Some(Channel::Voice);
    /// Who agreed to messages and calls.
    OptIn, "consent.opt_in", "Opt-in", false, None;
    /// Who agreed to text messages.
    SmsOptIn, "consent.sms_opt_in", "SMS opt-in", false, Some(Channel::Sms);
    /// Who agreed to calls.
    VoiceOptIn, "consent.voice_opt_in", "Voice opt-in", false, Some(Channel::Voice);
}

impl ConsentTarget {
    /// What all their names begin with; no field's name does.
    pub const PREFIX: &'static str = "consent.";

    /// The target of a name.
    ///
    /// # Errors
    /// `unknown_field`, with the nearest right name.
    ///
    /// ```
    /// use leadkit_core::model::consent::{Channel, ConsentTarget};
    /// let target = ConsentTarget::parse("consent.do_not_call")?;
    /// assert_eq!((target.is_opt_out(), target.channel()), (true, Some(Channel::Voice)));
    /// let error = ConsentTarget::parse("consent.optout").unwrap_err();
    /// assert!(error.to_string().contains("did you mean `consent.opt_out`"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn parse(name: &str) -> Result<ConsentTarget> {
        ConsentTarget::ALL.iter().copied().find(|target| target.name() == name).ok_or_else(|| {
            let names = || ConsentTarget::ALL.iter().map(|target| target.name());
            let error = Error::new(ErrorCode::UnknownField, format!("there is no consent column `{name}`"))
                .at_field(name);
            match nearest(name, names()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("they are {}", names().collect::<Vec<_>>().join(", "))),
            }
        })
    }
}

/// What the people of an imported file agreed to: it makes the yes of an opt-in column a grant.
///
/// ```
/// use leadkit_core::ImportOptions;
/// use leadkit_core::model::consent::{ConsentQuestion, ImportConsent};
/// let db = leadkit_core::open(":memory:")?;
/// let file = "email,phone,SMS opt-in\nada@lovelace.org,+49 30 23125014,yes\n";
/// let consent = ImportConsent {
///     source: "web form".into(),
///     wording: "Yes, text me offers".into(),
///     given_at: "2024-03-01T00:00:00Z".parse()?,
///     purpose: Default::default(),
///     proof: None,
/// };
/// let options = ImportOptions { consent: Some(consent), ..Default::default() };
/// let report = db.import_leads(file.as_bytes().to_vec(), options)?;
/// assert_eq!(report.consent.granted, 1);
/// let ada = ConsentQuestion { lead: Some(1), ..Default::default() };
/// assert!(db.consent().status(&ada)?.allowed);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportConsent {
    /// Where the consent comes from, such as `web form`.
    pub source: String,
    /// The words that the people agreed to.
    pub wording: String,
    /// When they agreed; where that differs, the earliest. It must not lie in the future.
    pub given_at: Timestamp,
    /// What for; marketing when none is given.
    #[serde(default)]
    pub purpose: Purpose,
    /// Where proof is kept: a document's name, a URL; none: the import and the line of its file.
    #[serde(default)]
    pub proof: Option<String>,
}
