//! Columns about permission: which of them say who may be texted or called, and in which way.
//!
//! A name counts only when every word of it is understood: `Unsubscribed from all email` and
//! `Unsubscribe link` hold words of ours and mean something else. The ledger knows messages and calls;
//! columns about email, fax or letters are none of its business.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::MIN_CONFIDENCE;
use super::content::Profile;
use super::given::Given;
use super::header::{key, words};
use crate::model::consent::{Channel, ConsentTarget};
use crate::model::report::MappedBy;
use crate::normalize::{ConsentAnswer, parse_consent};

/// What a column says about consent, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) target: ConsentTarget,
    pub(super) confidence: f64,
    pub(super) by: MappedBy,
}

impl Found {
    /// Whether it is sure enough to be taken.
    pub(super) fn is_sure(&self) -> bool {
        self.confidence >= MIN_CONFIDENCE
    }
}

/// For each column what it says about consent; nothing where the caller gave a target.
pub(super) fn find(header: &[String], sample: &[Vec<&str>], given: &[Option<Given>]) -> Vec<Option<Found>> {
    let columns = header.iter().enumerate();
    columns
        .map(|(i, name)| {
            let is_given = given.get(i).and_then(|g| g.as_ref()).is_some_and(Given::is_target);
            let found = if is_given { None } else { by_name(name) }?;
            let cells = || sample.iter().map(|row| row.get(i).copied().unwrap_or_default());
            Some(weigh(found, &Profile::of(cells()), cells()))
        })
        .collect()
}

/// The name's confidence after a look at the values. Yes and no say nothing by themselves, so values
/// alone make no column one about consent; numbers, addresses and links say that it is none, and so does
/// one sentence in every row (`Reply STOP to opt out`): read as opt-outs, it would block the whole list.
fn weigh<'a>(found: Found, profile: &Profile, cells: impl Iterator<Item = &'a str>) -> Found {
    let p = profile;
    let answers: Vec<ConsentAnswer> = cells
        .filter(|cell| !cell.trim().is_empty())
        .take(500)
        .map(|cell| parse_consent(cell, found.target.is_opt_out()))
        .collect();
    let read = answers.iter().filter(|answer| **answer != ConsentAnswer::Unreadable).count();
    let one_sentence = p.filled >= 5 && p.filled == p.rows && p.distinct == 1 && p.several_words == p.filled;
    let other = p.share(p.email) >= 0.5 || p.share(p.url) >= 0.5 || p.share(p.formatted_phone) >= 0.5;
    if other || one_sentence && read == 0 {
        return Found { confidence: found.confidence * 0.45, ..found };
    }
    let share = if answers.is_empty() { 0.0 } else { read as f64 / answers.len() as f64 };
    Found { confidence: found.confidence + (1.0 - found.confidence) * 0.5 * share, ..found }
}

fn by_name(name: &str) -> Option<Found> {
    let bare = without_package(name);
    let all = words(bare);
    let whole = all.concat();
    let named = |target: &&ConsentTarget| whole == key(target.name()) || whole == key(target.label());
    if let Some(target) = ConsentTarget::ALL.iter().find(named) {
        return Some(Found { target: *target, confidence: 0.98, by: MappedBy::Name });
    }
    let by = MappedBy::Synonym;
    if let Some(target) = INDEX.get(&whole) {
        return Some(Found { target: *target, confidence: 0.9, by });
    }
    let (target, confidence) = by_words(&all)?;
    Some(Found { target, confidence, by })
}

/// A custom field of Salesforce without the marks of its package: `pkg__Sms_Opt_Out__c`.
fn without_package(name: &str) -> &str {
    let Some(bare) = name.trim().strip_suffix("__c") else { return name };
    bare.rsplit_once("__").map_or(bare, |(_, bare)| bare)
}

/// What the words of an English name say, read from left to right.
#[derive(Default)]
struct Reading {
    /// `opt out`, `unsubscribed`: a refusal.
    out: bool,
    /// `do not`: a refusal of what follows.
    never: bool,
    /// `do not call`, `DNC`.
    no_calls: bool,
    /// `contact` behind `do not`.
    no_contact: bool,
    /// `opt in`: consent by itself.
    agreed: bool,
    /// `consent`: consent once it is said to what, be it marketing.
    agrees: bool,
    /// `accepts`: consent where a channel is named; `Accepts marketing` is about email.
    accepts: bool,
    marketing: bool,
    sms: bool,
    voice: bool,
    phone: bool,
    mobile: bool,
    /// `date`, `at`: when it was.
    time: bool,
}

fn by_words(words: &[String]) -> Option<(ConsentTarget, f64)> {
    let mut said = Reading::default();
    // `donotphone`, as Dynamics writes it.
    let mut rest: Vec<&str> = Vec::with_capacity(words.len() + 2);
    for word in words {
        match word.strip_prefix("donot").filter(|verb| !verb.is_empty()) {
            Some(verb) => rest.extend(["do", "not", verb]),
            None => rest.push(word),
        }
    }
    // `(yes/no)` explains the values.
    if let [before @ .., "yes", "no"] = rest.as_slice() {
        rest = before.to_vec();
    }
    // `consent text` is the wording, not a channel.
    if let [.., "in" | "optin" | "consent", "text"] = rest.as_slice() {
        return None;
    }
    let mut at = 0;
    while let Some(left) = rest.get(at..).filter(|left| !left.is_empty()) {
        at += said.read(left, at == 0)?;
    }
    said.target()
}

impl Reading {
    /// Reads the next words and says how many; none for a word that is not understood.
    fn read(&mut self, words: &[&str], first: bool) -> Option<usize> {
        let (flag, taken) = match words {
            ["opt" | "opted" | "opting", "out", ..] => (&mut self.out, 2),
            ["opt" | "opted" | "opting", "in", ..] => (&mut self.agreed, 2),
            ["do" | "does", "not", "disturb", ..] => (&mut self.out, 3),
            ["do", "not", ..] | ["don", "t", ..] => (&mut self.never, 2),
            ["donot" | "dont", ..] => (&mut self.never, 1),
            ["dnc", ..] => (&mut self.no_calls, 1),
            // Elsewhere it is short for number.
            ["no", ..] if first => (&mut self.never, 1),
            [
                "optout" | "optedout" | "unsubscribed" | "unsubscribe" | "unsub" | "dnd" | "suppressed"
                | "blacklisted" | "blocklisted",
                ..,
            ] => (&mut self.out, 1),
            ["consent", "withdrawn" | "revoked", ..] => (&mut self.out, 2),
            ["optin" | "optedin", ..] => (&mut self.agreed, 1),
            ["consent" | "consents" | "consented" | "permission" | "agree" | "agrees" | "agreed", ..] => {
                (&mut self.agrees, 1)
            }
            ["accepts" | "accepted" | "allow" | "allows" | "allowed" | "subscribed" | "ok" | "okay", ..] => {
                (&mut self.accepts, 1)
            }
            ["contact" | "solicit", ..] if self.never => (&mut self.no_contact, 1),
            ["marketing" | "promotional" | "promotions" | "advertising" | "ads", ..] => {
                (&mut self.marketing, 1)
            }
            ["sms" | "mms" | "text" | "texts" | "texting" | "message" | "messages" | "messaging", ..] => {
                (&mut self.sms, 1)
            }
            ["call" | "calls" | "calling" | "called" | "voice", ..] => (&mut self.voice, 1),
            ["phone" | "telephone" | "tel", ..] => (&mut self.phone, 1),
            ["mobile" | "cell" | "cellphone", ..] => (&mut self.mobile, 1),
            ["date" | "at" | "time" | "datetime" | "timestamp" | "when" | "since", ..] => (&mut self.time, 1),
            [word, ..] if FILLERS.contains(word) || word.parse::<u32>().is_ok() => return Some(1),
            _ => return None,
        };
        *flag = true;
        Some(taken)
    }

    fn target(&self) -> Option<(ConsentTarget, f64)> {
        let refuses = self.out || self.never || self.no_calls;
        // `Opt in/out`, `no opt-out`: the name does not say what a yes means.
        let agrees = self.agrees || self.accepts;
        if refuses && (self.agreed || agrees && !self.never) || self.never && self.out {
            return None;
        }
        if self.never || self.no_calls && !self.out {
            let calls = self.no_calls || self.voice || (self.phone || self.mobile) && !self.sms;
            return match (calls, self.sms) {
                _ if self.no_contact => Some((ConsentTarget::OptOut, 0.9)),
                (true, true) => Some((ConsentTarget::OptOut, 0.9)),
                (true, false) => Some((ConsentTarget::DoNotCall, 0.9)),
                (false, true) => Some((ConsentTarget::SmsOptOut, 0.9)),
                (false, false) if self.marketing => Some((ConsentTarget::OptOut, 0.8)),
                (false, false) => None,
            };
        }
        let channel = match (self.sms, self.voice || self.no_calls) {
            (true, false) => Some(Channel::Sms),
            (false, true) => Some(Channel::Voice),
            _ => None,
        };
        let whole = self.sms && self.voice;
        if self.out {
            // A telephone takes messages, too: the wider reading loses no withdrawal.
            let sure = if channel.is_some() || whole { 0.9 } else { 0.85 };
            return Some(match channel {
                Some(Channel::Sms) => (ConsentTarget::SmsOptOut, sure),
                Some(Channel::Voice) => (ConsentTarget::DoNotCall, sure),
                None => (ConsentTarget::OptOut, sure),
            });
        }
        // When it was and how is not whether; and consent to no one knows what is none.
        let told = channel.is_some() || whole || self.phone || self.mobile;
        let agrees = self.agrees && (told || self.marketing) || self.accepts && told;
        if self.time || !(self.agreed || agrees) {
            return None;
        }
        // The narrower reading grants nothing that was not given.
        Some(match channel {
            Some(Channel::Sms) => (ConsentTarget::SmsOptIn, 0.9),
            Some(Channel::Voice) => (ConsentTarget::VoiceOptIn, 0.9),
            None if whole => (ConsentTarget::OptIn, 0.9),
            None if self.mobile => (ConsentTarget::SmsOptIn, 0.7),
            None if self.phone => (ConsentTarget::VoiceOptIn, 0.7),
            None => (ConsentTarget::OptIn, 0.8),
        })
    }
}

/// Words that change nothing.
#[rustfmt::skip]
static FILLERS: &[&str] = &[
    "has", "have", "is", "was", "are", "been", "of", "for", "from", "the", "a", "an", "to", "by", "via", "all", "any", "please", "me", "us", "you", "and", "or", "on", "may", "we", "can",
    "contact", "contacts", "lead", "person", "customer", "client", "subscriber", "user", "member", "prospect", "hs", "hubspot", "flag", "field", "status", "state", "y", "n", "tcpa",
    "list", "listed", "registry", "registered", "register", "federal", "national", "internal", "communication", "communications", "receive", "receives", "number", "numbers", "given", "consumer",
];

/// Names in other languages, and names whose words alone would not tell.
#[rustfmt::skip]
static NAMES: &[(ConsentTarget, &[&str])] = &[
    (ConsentTarget::OptOut, &[
        "abgemeldet", "widerspruch", "werbewiderspruch", "werbesperre", "kontaktsperre", "nicht kontaktieren", "keine werbung", "keine kontaktaufnahme", // de
        "desinscrit", "desabonne", "ne pas contacter", "opposition", "opposition commerciale",                 // fr
        "no contactar", "baja", "dado de baja", "no molestar",                                                // es
        "non contattare", "disiscritto", "opposizione",                                                      // it
        "nao contactar", "nao contatar", "descadastrado",                                                    // pt
        "niet contacteren", "niet benaderen", "afgemeld", "uitgeschreven",                                   // nl
        "nie kontaktowac", "wypisany", "sprzeciw",                                                           // pl
    ]),
    (ConsentTarget::SmsOptOut, &[
        "sms stop", "stop sms", "stop text", "sms abgemeldet", "keine sms", "sms abmeldung", "sms sperre", "pas de sms", "desinscrit sms", "sms desinscrit", "stop sms recu",
        "no enviar sms", "baja sms", "non inviare sms", "nao enviar sms", "geen sms", "sms afgemeld", "nie wysylac sms",
    ]),
    (ConsentTarget::DoNotCall, &[
        "stop calls", "tps", "ctps", "tps registered", "ctps registered", "tps ctps",                        // the preference services of the UK
        "nicht anrufen", "keine anrufe", "kein anruf", "anrufsperre", "telefonsperre",
        "ne pas appeler", "ne pas telephoner", "bloctel",
        "no llamar", "lista robinson", "non chiamare", "registro opposizioni", "registro delle opposizioni",
        "nao ligar", "nao telefonar", "niet bellen", "bel me niet", "nie dzwonic",
    ]),
    (ConsentTarget::OptIn, &[
        "werbeeinwilligung", "marketing einwilligung", "einwilligung marketing", "einwilligung werbung", "werbezustimmung", "consentement marketing", "consentimiento marketing",
        "consenso marketing", "consentimento marketing", "toestemming marketing", "zgoda marketingowa",
    ]),
    (ConsentTarget::SmsOptIn, &[
        "sms einwilligung", "einwilligung sms", "sms zustimmung", "consentement sms", "consentimiento sms", "consenso sms", "consentimento sms", "toestemming sms", "zgoda sms", "zgoda na sms",
    ]),
    (ConsentTarget::VoiceOptIn, &[
        "anruf einwilligung", "einwilligung anruf", "einwilligung telefon", "telefon einwilligung", "consentement telephone", "consentement appel", "consentimiento llamadas",
        "consenso telefono", "consenso chiamate", "toestemming bellen", "zgoda na telefon", "zgoda telefoniczna",
    ]),
];

static INDEX: LazyLock<HashMap<String, ConsentTarget>> = LazyLock::new(|| {
    let names = |(target, names): &(ConsentTarget, &'static [&'static str])| {
        let target = *target;
        names.iter().map(move |name| (key(name), target)).collect::<Vec<_>>()
    };
    NAMES.iter().flat_map(names).collect()
});

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn name_of(header: &str) -> &'static str {
        by_name(header).map_or("-", |found| found.target.name().trim_start_matches("consent."))
    }

    #[test]
    fn names_of_many_systems() {
        for (wanted, headers) in [
            (
                "opt_out",
                &[
                    "Opt Out",
                    "opt-out",
                    "OptOut",
                    "Opted out?",
                    "unsubscribed",
                    "Unsubscribed at",
                    "Opt-out date",
                    "Opt out (yes/no)",
                    "Do Not Contact",
                    "DNC / SMS opt out",
                    "do_not_contact",
                    "DND",
                    "Marketing opt-out",
                    "Phone Opt Out",
                    "Do not call or text",
                    "No marketing",
                    "HasOptedOut__c",
                    "et4ae5__HasOptedOutOfMobile__c",
                    "No contact",
                    "Werbewiderspruch",
                    "Désinscrit",
                    "consent.opt_out",
                    "Consent revoked",
                    "Contact - Opt out",
                    "Suppressed",
                ][..],
            ),
            (
                "sms_opt_out",
                &[
                    "SMS opt-out",
                    "SMS Opt Out",
                    "HasOptedOutOfSms",
                    "Do Not Text",
                    "do not sms",
                    "Text message opt out",
                    "Opted out of SMS",
                    "unsubscribed from SMS",
                    "hs_sms_opt_out",
                    "SMS_Opt_Out__c",
                    "DND SMS",
                    "No SMS",
                    "Keine SMS",
                    "SMS unsubscribed at",
                    "Person - SMS opt-out",
                    "stop sms",
                ],
            ),
            (
                "do_not_call",
                &[
                    "Do not call",
                    "DoNotCall",
                    "do_not_call",
                    "DNC",
                    "DNC status",
                    "Phone DNC",
                    "Phone 1 DNC",
                    "donotphone",
                    "Do not phone",
                    "No calls",
                    "Call opt out",
                    "National DNC registry",
                    "Do not allow Phone Calls",
                    "Federal DNC",
                    "On DNC list",
                    "TPS",
                    "Nicht anrufen",
                    "Don't call",
                    "Bloctel",
                ],
            ),
            (
                "opt_in",
                &[
                    "Opt In",
                    "opted in",
                    "OptIn",
                    "Marketing consent",
                    "Marketing opt-in",
                    "TCPA opt in",
                    "Call and text consent",
                    "Werbeeinwilligung",
                ],
            ),
            (
                "sms_opt_in",
                &[
                    "SMS consent",
                    "SMS opt-in",
                    "SMS Marketing Consent",
                    "Accepts SMS Marketing",
                    "Text opt in",
                    "OK to text",
                    "Consent to text messages",
                    "SMS subscribed",
                    "Zgoda SMS",
                ],
            ),
            (
                "voice_opt_in",
                &[
                    "Call consent",
                    "Consent to call",
                    "Voice opt-in",
                    "OK to call",
                    "Calls allowed",
                    "Phone opt-in",
                ],
            ),
        ] {
            for header in headers {
                assert_eq!(name_of(header), wanted, "{header}");
            }
        }
    }

    #[test]
    fn other_channels_and_other_things_are_none() {
        for header in [
            "HasOptedOutOfEmail",
            "Email Opt Out",
            "email opt out",
            "Unsubscribed from all email",
            "HasOptedOutOfFax",
            "Fax opt out",
            "Do not allow Emails",
            "Do not mail",
            "Do not allow Bulk Emails",
            "Opted out of email: Marketing",
            "Newsletter consent",
            "Newsletter",
            "Subscribed",
            "OPTIN_TIME",
            "OPTIN_IP",
            "Opt-in date",
            "Opt-in source",
            "SMS consent date",
            "Consent text",
            "Consent",
            "GDPR consent",
            "DSGVO Einwilligung",
            "Cookie consent",
            "Unsubscribe link",
            "Unsubscribes",
            "Opt in/out",
            "No opt-out",
            "Marketing contact status",
            "Marketing status",
            "Person - Marketing status",
            "Contact No",
            "Phone No",
            "No",
            "Do not",
            "Status",
            "Phone",
            "Call",
            "Text",
            "Message",
            "Last call",
            "Opportunity",
            "Accepts Marketing",
            "Accepts Email Marketing",
            "Mobile",
            "Consent given",
            "Opt out reason",
            "WhatsApp opt-out",
            "",
        ] {
            assert_eq!(name_of(header), "-", "{header}");
        }
    }
}
