//! What was noticed about a value or a row, with stable codes and advice.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How grave an [`Issue`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// The value was dropped, repaired or doubtful; the row is good.
    Warning,
    /// The value, or the row, is rejected.
    Error,
}

macro_rules! issue_codes {
    ($($(#[doc = $doc:literal])* $name:ident, $code:literal, $severity:ident, $message:literal;)*) => {
        /// A stable, machine-readable name of what was noticed; it never changes between versions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum IssueCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl IssueCode {
            /// Every code there is.
            pub const ALL: &'static [IssueCode] = &[$(IssueCode::$name,)*];

            /// The code as hosts see it.
            pub fn as_str(self) -> &'static str {
                match self { $(IssueCode::$name => $code,)* }
            }

            /// How grave it is unless a rule says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(IssueCode::$name => Severity::$severity,)* }
            }

            /// What is wrong and what to do, in one sentence for people.
            pub fn message(self) -> &'static str {
                match self { $(IssueCode::$name => $message,)* }
            }
        }
    };
}

issue_codes! {
    /// The cell says that there is no value (`N/A`, `-`).
    Placeholder, "placeholder", Info, "says that there is no value; taken as empty";
    /// Bytes that are not text in the file's encoding.
    InvalidEncoding, "invalid_encoding", Warning, "holds bytes that are not text in the file's encoding; check the encoding and the value";
    /// A NUL character was removed.
    NulRemoved, "nul_removed", Warning, "held a NUL character, which no store keeps; it was removed";
    /// The cell begins like a spreadsheet formula.
    Formula, "formula", Warning, "begins like a spreadsheet formula; kept as text and guarded in files we write";

    /// An email address without an @.
    EmailMissingAt, "email_missing_at", Error, "has no @; write it as name@domain";
    /// Something is wrong before the @.
    EmailInvalidLocal, "email_invalid_local", Error, "is not valid before the @; remove blanks and special characters";
    /// Something is wrong after the @.
    EmailInvalidDomain, "email_invalid_domain", Error, "has no valid domain after the @; check its spelling";
    /// A domain without a dot or outside a valid top-level domain.
    EmailIncompleteDomain, "email_incomplete_domain", Error, "has a domain without a top-level domain such as .com; complete it";
    /// A domain that can never receive mail (RFC 2606, RFC 6761).
    EmailReservedDomain, "email_reserved_domain", Error, "is under a reserved domain that can never receive mail (RFC 6761)";
    /// An IP address in brackets after the @.
    EmailAddressLiteral, "email_address_literal", Error, "has an IP address in place of a domain, which leads do not have";
    /// Longer than RFC 5321 allows.
    EmailTooLong, "email_too_long", Error, "is longer than RFC 5321 allows (254 characters in all)";
    /// Invisible or unsafe characters.
    EmailUnsafeCharacter, "email_unsafe_character", Error, "holds an invisible or unsafe character; type it anew";
    /// Several addresses in one cell.
    EmailSeveral, "email_several", Info, "held several addresses; the first is the email, the rest are further emails";
    /// Display name or `mailto:` around the address was removed.
    EmailUnwrapped, "email_unwrapped", Info, "was wrapped in a name, brackets or mailto:, which were removed";
    /// The domain looks like a typing error of a well-known one.
    EmailTypo, "email_typo", Warning, "has a domain that looks mistyped; see the suggestion";
    /// `info@`, `sales@`: a function, not a person.
    EmailRole, "email_role", Info, "belongs to a function, not to a person";

    /// No digits, or far from any number.
    PhoneNotANumber, "phone_not_a_number", Error, "is not a phone number";
    /// No country code and no country to read it by.
    PhoneNoCountry, "phone_no_country", Error, "has no country code; add it as +49 ... or give a default country";
    /// An unknown country code.
    PhoneInvalidCountryCode, "phone_invalid_country_code", Error, "begins with a country code that does not exist";
    /// Too few digits.
    PhoneTooShort, "phone_too_short", Error, "has too few digits for its country";
    /// Too many digits.
    PhoneTooLong, "phone_too_long", Error, "has too many digits for its country";
    /// A possible length, but no number of that country's plan.
    PhoneNotInUse, "phone_not_in_use", Warning, "has a possible length but is in no known range of its country's numbering plan";
    /// Several numbers in one cell.
    PhoneSeveral, "phone_several", Info, "held several numbers; the first is the phone, the rest are further phones";
    /// Damaged by a spreadsheet (`4.93E+11`).
    PhoneScientific, "phone_scientific", Error, "was turned into a rounded figure by a spreadsheet; its digits are lost";

    /// A company cell that names no company.
    CompanyJunk, "company_junk", Warning, "names no company; taken as empty";
    /// A person cell that names no person.
    PersonJunk, "person_junk", Warning, "names no person; taken as empty";
    /// A country that no list knows.
    CountryUnknown, "country_unknown", Warning, "is no country of ISO 3166; the value was left out";
    /// No date or time of a known form.
    DateInvalid, "date_invalid", Warning, "is no date of a known form; write it as 2026-03-31";
    /// No number.
    NumberInvalid, "number_invalid", Warning, "is no number; the value was left out";
    /// No yes or no.
    BooleanInvalid, "boolean_invalid", Warning, "is neither yes nor no; the value was left out";
    /// Not among the field's choices.
    ChoiceUnknown, "choice_unknown", Warning, "is not among the field's choices; the value was left out";
    /// Not in the status list.
    StatusUnknown, "status_unknown", Warning, "is not in the status list";
    /// No web address.
    WebsiteInvalid, "website_invalid", Warning, "is no web address; the value was left out";
    /// No language.
    LanguageInvalid, "language_invalid", Warning, "is no language tag such as en or pt-BR; the value was left out";
    /// No time zone.
    TimeZoneInvalid, "time_zone_invalid", Warning, "is no IANA time zone such as Europe/Berlin; the value was left out";
    /// Longer than the field holds.
    TooLong, "too_long", Error, "is longer than the field holds; shorten it";

    /// An opt-out column says neither yes nor no.
    OptOutUnreadable, "opt_out_unreadable", Warning, "is neither yes nor no; taken as a withdrawal, so that none is lost; where it was none, lift it in the consent ledger";
    /// An opt-in column says neither yes nor no.
    OptInUnreadable, "opt_in_unreadable", Warning, "is neither yes nor no; nothing was granted; write yes or no";
    /// An opt-in column says yes, and the options do not say to what.
    OptInNotGranted, "opt_in_not_granted", Warning, "says that the person agreed, but not to what; nothing was granted; import once more with consent={source, wording, given_at}";
    /// An opt-in column says yes, and the ledger has a refusal.
    OptInBlocked, "opt_in_blocked", Warning, "says that the person agreed, but the consent ledger has a refusal for the number that this cannot undo; nothing was granted";
    /// A column about permission says something of a row without a phone number.
    ConsentWithoutPhone, "consent_without_phone", Warning, "speaks of consent, but the row has no phone number that can be read; nothing was entered in the consent ledger; correct the number and import again";

    /// No email, phone, external id, or name with company.
    MissingIdentity, "missing_identity", Error, "needs an email, a phone, an external id, or a name with a company";
    /// A required field is empty.
    RequiredMissing, "required_missing", Error, "is required and empty; fill it in";
    /// More cells than the header has columns.
    TooManyCells, "too_many_cells", Error, "has more cells than the header has columns; check for an unquoted delimiter";
    /// Fewer cells than the header has columns.
    TooFewCells, "too_few_cells", Warning, "has fewer cells than the header has columns; the missing ones are empty";
    /// A quote that is never closed.
    UnclosedQuote, "unclosed_quote", Error, "opens a quote that is never closed; close it or remove it";
    /// A record or cell larger than any lead.
    RecordTooLarge, "record_too_large", Error, "is larger than a lead can be; check for an unclosed quote";

    /// Same address, clearly another person.
    SharedEmail, "shared_email", Warning, "shares its email with a lead who is clearly another person by name, or by name and phone; kept as a lead of its own";
    /// Keys that lead to different leads.
    MatchConflict, "match_conflict", Error, "matches different leads by different keys; remove the wrong key or merge them first";
    /// A contact of nobody that is known.
    LeadNotFound, "lead_not_found", Error, "leads to no stored lead; import the lead first, or correct what names it";
    /// Matched under `on_match=reject`.
    AlreadyExists, "already_exists", Error, "matches a lead that is there already";
    /// A match under `merge` whose differing value was not taken.
    KeptExisting, "kept_existing", Info, "differs from the stored lead's value, which was kept";
    /// Nothing new in a match.
    Unchanged, "unchanged", Info, "matches a stored lead and adds nothing new";
    /// The same file was imported before.
    AlreadyImported, "already_imported", Info, "was imported before by the same file and options; say again to import it once more";
    /// Skipped by `on_match=skip`.
    MatchSkipped, "match_skipped", Info, "matches a lead that is there already; skipped as asked";
}

/// One thing noticed about a value or a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Issue {
    /// The stable code.
    pub code: IssueCode,
    /// How grave it is here.
    pub severity: Severity,
    /// The lead field it is about, in snake_case; none for a whole row or a bare value.
    pub field: Option<Cow<'static, str>>,
    /// What is wrong and what to do, without the value.
    pub message: Cow<'static, str>,
    /// The value as it stood; may be personal data.
    pub value: Option<String>,
}

impl Issue {
    /// An issue with its code's own severity and sentence.
    ///
    /// ```
    /// use leadkit_core::model::issue::{Issue, IssueCode, Severity};
    /// let issue = Issue::new(IssueCode::PhoneTooShort);
    /// assert_eq!(issue.code.as_str(), "phone_too_short");
    /// assert_eq!(issue.severity, Severity::Error);
    /// ```
    pub fn new(code: IssueCode) -> Self {
        Issue {
            code,
            severity: code.severity(),
            field: None,
            message: Cow::Borrowed(code.message()),
            value: None,
        }
    }

    /// Names the field.
    #[must_use]
    pub fn field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Names the value.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Sets how grave it is here.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Replaces the sentence by a more exact one.
    #[must_use]
    pub fn message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }
}
