//! What to look at in a text before it is sent.

use crate::model::lead::Lead;
use crate::model::message_template::{TemplateWarning, TemplateWarningCode};
use crate::template::sms_segments;
use crate::text::fold;

/// Words by which a text says how to end contact, without case and marks.
const OPT_OUT: [&str; 16] = [
    "stop",
    "opt out",
    "opt-out",
    "optout",
    "unsubscribe",
    "cancel",
    "quit",
    "abmelden",
    "abbestellen",
    "arret",
    "desabonner",
    "baja",
    "cancelar",
    "annulla",
    "afmelden",
    "wypisz",
];
/// The fields that hold names, as texts call them.
const NAMES: [&str; 7] = [
    "lead.first_name",
    "lead.middle_name",
    "lead.last_name",
    "lead.full_name",
    "lead.salutation",
    "lead.company",
    "lead.job_title",
];

/// What is noticed about a rendered text message, by the variables that its template uses.
pub fn lint<'a>(
    text: &str,
    lead: &Lead,
    variables: impl IntoIterator<Item = &'a str>,
) -> Vec<TemplateWarning> {
    let mut warnings = Vec::new();
    let folded = fold(text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
    let says = |phrase: &str| match phrase.split_once(' ') {
        Some((first, second)) => words.windows(2).any(|pair| *pair == [first, second]),
        None => words.contains(&phrase),
    };
    if !OPT_OUT.iter().any(|phrase| says(phrase)) {
        warnings.push(TemplateWarning {
            code: TemplateWarningCode::NoOptOut,
            message: "it does not say how to end contact; add `Reply STOP to opt out`".into(),
            about: None,
            replacement: None,
        });
    }
    let found = sms_segments(text, false);
    for character in &found.non_gsm {
        let saved = found.segments_if_replaced.filter(|fewer| *fewer < found.segments);
        let message = match saved {
            Some(fewer) => format!("it makes {} segments; with replacements {fewer}", found.segments),
            None => format!("it makes {} segments of 70 characters instead of 160", found.segments),
        };
        warnings.push(TemplateWarning {
            code: TemplateWarningCode::NonGsm,
            message,
            about: Some(character.character.clone()),
            replacement: character.replacement.clone(),
        });
    }
    for name in variables.into_iter().filter(|name| NAMES.contains(name)) {
        if name_of(lead, name).is_some_and(is_url) {
            warnings.push(TemplateWarning {
                code: TemplateWarningCode::UrlInName,
                message: "the lead's name is a web address, which phones show as a link".into(),
                about: Some(name.to_string()),
                replacement: None,
            });
        }
    }
    warnings
}

fn name_of<'a>(lead: &'a Lead, variable: &str) -> Option<&'a str> {
    match variable {
        "lead.first_name" => lead.first_name.as_deref(),
        "lead.middle_name" => lead.middle_name.as_deref(),
        "lead.last_name" => lead.last_name.as_deref(),
        "lead.full_name" => lead.full_name.as_deref(),
        "lead.salutation" => lead.salutation.as_deref(),
        "lead.company" => lead.company.as_deref(),
        "lead.job_title" => lead.job_title.as_deref(),
        _ => None,
    }
}

/// Whether phones would show a part of it as a link.
fn is_url(name: &str) -> bool {
    name.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let host = word.split(['/', '?', ':']).next().unwrap_or_default();
        word.contains("://")
            || word.starts_with("www.")
            || host.contains('.')
                && psl::suffix(host.as_bytes())
                    .is_some_and(|s| s.is_known() && s.as_bytes() != host.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str, first_name: &str) -> Vec<&'static str> {
        let lead = Lead { first_name: Some(first_name.into()), ..Lead::default() };
        lint(text, &lead, ["lead.first_name"]).iter().map(|warning| warning.code.as_str()).collect()
    }

    #[test]
    fn a_good_text_has_no_warning() {
        for text in
            ["Hi Ada. Reply STOP to opt out", "Antworte mit ABMELDEN", "Répondez ARRET", "To opt out, call"]
        {
            assert!(codes(text, "Ada").is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_missing_dear_or_a_link_is_told() {
        assert_eq!(codes("Hi, don't stopover", "Ada"), ["no_opt_out"]);
        assert_eq!(codes("Hi – reply STOP", "Ada"), ["non_gsm"]);
        for name in ["https://x", "Visit evil.example.com now", "www.x", "win.co", "a.com/?b"] {
            assert_eq!(codes("Reply STOP", name), ["url_in_name"], "{name}");
        }
        for name in ["St.John", "J.R.", "Dr. Ada", "{{7*7}}", "O'Neill"] {
            assert!(codes("Reply STOP", name).is_empty(), "{name}");
        }
    }

    #[test]
    fn a_dear_character_comes_with_the_one_that_saves() {
        let text = format!("It’s {} STOP", "here".repeat(20));
        let warnings = lint(&text, &Lead::default(), []);
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].replacement.as_deref(), Some("'"));
        assert!(warnings[0].message.contains("2 segments; with replacements 1"), "{}", warnings[0].message);
    }
}
