//! Pages of privacy: everything about a person, and the certificate of an erasure.

use std::path::Path;

use super::figures::{counted, grouped};
use super::html::{Markup, el, page};
use super::import_html::section;
use super::import_tables::cell;
use super::save::write_whole;
use crate::error::Result;
use crate::model::communication::Communication;
use crate::model::field::{Field, FieldName};
use crate::model::lead::{Lead, LeadChange};
use crate::model::privacy::{ErasureCertificate, PersonContact, PersonExport};

/// Columns as wide as what they hold.
const STYLE: &str = "@media print, screen and (min-width: 50.01rem) { table { table-layout: auto; } }";

impl PersonExport {
    /// The export as JSON text, for machines (GDPR Art. 20).
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The export as one self-contained HTML page that a person can read: no scripts, no requests.
    pub fn to_html(&self) -> String {
        let title = "Everything that is stored about one person";
        let mut parts = vec![heading(title, &format!("As of {}.", self.at))];
        parts.push(leads(&self.leads));
        parts.push(history(self));
        parts.push(contacts(&self.contacts));
        parts.push(consent(self));
        parts.push(sources(self));
        page(title, STYLE, el("main", &[], parts))
    }

    /// Saves that page, readable for its owner only (mode 0600); an existing file is replaced.
    ///
    /// # Errors
    /// `file_not_found` when the folder does not exist, `is_directory`, `permission_denied`, `disk_full`, `io`.
    pub fn save_html(&self, path: impl AsRef<Path>) -> Result<()> {
        write_whole(path.as_ref(), self.to_html().as_bytes())
    }
}

impl ErasureCertificate {
    /// The certificate as JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The certificate as one self-contained HTML page: no scripts, no requests, nothing of the person.
    pub fn to_html(&self) -> String {
        let title = format!("Certificate of erasure {}", self.id);
        let mut facts = vec![
            ("Erased at", self.at.to_string()),
            ("On the ground of", self.legal_basis.clone()),
            ("Leads", self.leads.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")),
            ("Operation", self.operation_id.to_string()),
        ];
        if let Some(asked) = self.requested_at {
            facts.insert(1, ("Asked for at", asked.to_string()));
        }
        if let Some(actor) = &self.actor {
            facts.push(("Done by", actor.clone()));
        }
        let rewritten = if self.compacted { "yes" } else { "not yet: call privacy.compact" };
        facts.push(("Storage written anew", rewritten.to_string()));
        let facts = facts.into_iter().map(|(name, text)| vec![Markup::from(name), whole(&text)]);
        let erased = self.erased.iter().filter(|(_, count)| **count > 0);
        let erased = erased.map(|(what, count)| vec![words(what), grouped(*count).into()]);
        let kept = self.kept.iter().map(|kept| {
            let ids = kept.ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            vec![words(&kept.what), Markup::from(kept.why.as_str()), whole(&ids)]
        });
        let beyond = self.beyond.iter().map(|beyond| {
            let until = beyond.until.map(|until| until.to_string()).unwrap_or_default();
            vec![
                words(&beyond.what),
                Markup::from(beyond.advice.as_str()),
                until.into(),
                whole(&beyond.ids.join(", ")),
            ]
        });
        let suppressed = self.suppressed.iter().map(|one| {
            let mark = &one.fingerprint;
            vec![words(&one.kind), Markup::from(mark.key_id.as_str()), whole(&mark.mac)]
        });
        let parts = [
            heading(&title, "It holds ids, counts and fingerprints, and nothing of the person."),
            section("facts", "The erasure", "", table(&["What", "Fact"], facts)),
            section("erased", "What was erased", "", table(&["What", "How many"], erased)),
            section("kept", "What was kept", "", table(&["What", "Why", "Ids"], kept)),
            section(
                "beyond",
                "What is out of reach",
                "",
                table(&["What", "What to do", "Gone by", "Ids"], beyond),
            ),
            section(
                "suppressed",
                "Addresses that stay blocked",
                "Each is recognised by its fingerprint when it comes back, and told to nobody.",
                table(&["Kind", "Key", "Fingerprint"], suppressed),
            ),
        ];
        page(&title, STYLE, el("main", &[], parts))
    }

    /// Saves that page, readable for its owner only (mode 0600); an existing file is replaced.
    ///
    /// # Errors
    /// As [`PersonExport::save_html`].
    pub fn save_html(&self, path: impl AsRef<Path>) -> Result<()> {
        write_whole(path.as_ref(), self.to_html().as_bytes())
    }
}

fn heading(title: &str, note: &str) -> Markup {
    el("header", &[], [el("h1", &[], title), el("p", &[("class", "note")], note)])
}

/// A value, kept apart from the text around it and never cut: it is the person's own data, however long.
fn whole(text: &str) -> Markup {
    el("bdi", &[("class", "value")], text)
}

/// `contact_facts` as words.
fn words(name: &str) -> Markup {
    Markup::from(name.replace('_', " "))
}

fn table(heads: &[&str], rows: impl IntoIterator<Item = Vec<Markup>>) -> Markup {
    let row = |cells: Vec<Markup>| {
        let cells = heads.iter().zip(cells).map(|(head, content)| cell(head, "", content));
        el("tr", &[], cells.collect::<Vec<_>>())
    };
    let rows: Vec<Markup> = rows.into_iter().map(row).collect();
    if rows.is_empty() {
        return el("p", &[("class", "note")], "Nothing.");
    }
    let heads: Vec<Markup> = heads.iter().map(|head| el("th", &[("scope", "col")], *head)).collect();
    el("table", &[], [el("thead", &[], el("tr", &[], heads)), el("tbody", &[], rows)])
}

fn leads(leads: &[Lead]) -> Markup {
    let rows = leads.iter().flat_map(|lead| {
        let stands = match (lead.merged_into, lead.deleted_at) {
            (Some(winner), _) => format!("{} (merged into {winner})", lead.id),
            (None, Some(_)) => format!("{} (deleted)", lead.id),
            (None, None) => lead.id.to_string(),
        };
        let custom = lead.custom.keys().cloned().map(FieldName::Custom);
        let fields = Field::ALL.iter().copied().map(FieldName::Standard).chain(custom);
        fields.filter_map(move |field| {
            let text = lead.cell(&field);
            let name = field.name();
            let original = lead.original.get(name.as_ref()).map(String::as_str).unwrap_or_default();
            let row = || vec![stands.as_str().into(), words(&name), whole(&text), whole(original)];
            (!text.is_empty()).then(row)
        })
    });
    section("leads", "Data", "", table(&["Lead", "Field", "Value", "As it came"], rows))
}

fn history(export: &PersonExport) -> Markup {
    let rows = export.history.iter().flat_map(|one| one.changes.iter().map(move |c| change(one.lead, c)));
    let heads = ["When", "Lead", "What", "By", "Why", "Fields"];
    section("history", "Changes", "The newest first, by lead.", table(&heads, rows))
}

fn change(lead: i64, change: &LeadChange) -> Vec<Markup> {
    let shown = |value: &serde_json::Value| match value {
        serde_json::Value::Null => "nothing".to_string(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields = change.fields.iter().map(|(field, values)| {
        let text = match values.before.is_null() {
            true => format!("{field}: {}", shown(&values.after)),
            false => format!("{field}: {} → {}", shown(&values.before), shown(&values.after)),
        };
        el("div", &[], whole(&text))
    });
    vec![
        change.at.to_string().into(),
        lead.to_string().into(),
        words(change.kind.as_str()),
        whole(change.actor.as_deref().unwrap_or_default()),
        whole(change.reason.as_deref().unwrap_or_default()),
        fields.collect(),
    ]
}

fn contacts(contacts: &[PersonContact]) -> Markup {
    let rows = contacts.iter().map(|one| contact(&one.contact));
    let note = counted(contacts.len() as u64, "contact", "contacts");
    let heads = ["When", "Channel", "Way", "State", "With", "Text", "By"];
    section("contacts", "Contacts", &format!("{note}, the newest first."), table(&heads, rows))
}

fn contact(contact: &Communication) -> Vec<Markup> {
    let mut with: Vec<&str> = contact.address().into_iter().collect();
    with.extend(contact.participants.iter().map(String::as_str));
    let files = contact.attachments.iter().map(|file| file.name.as_str());
    let texts = [contact.subject.as_deref(), Some(contact.body.as_str()), contact.outcome.as_deref()];
    let texts = texts.into_iter().flatten().chain(files).filter(|text| !text.is_empty());
    let texts = texts.map(|text| el("div", &[], whole(text)));
    vec![
        contact.at.to_string().into(),
        words(contact.label.as_deref().unwrap_or(contact.channel.as_str())),
        words(contact.direction.as_str()),
        words(contact.state.as_str()),
        whole(&with.join(", ")),
        texts.collect(),
        whole(contact.actor.as_deref().unwrap_or_default()),
    ]
}

fn consent(export: &PersonExport) -> Markup {
    let rows = export.consent.iter().map(|entry| {
        vec![
            entry.given_at.to_string().into(),
            words(entry.kind.as_str()),
            words(entry.channel.map_or("all", |channel| channel.as_str())),
            whole(&entry.address),
            words(entry.purpose.map_or("", |purpose| purpose.as_str())),
            whole(&entry.source),
            whole(entry.wording.as_deref().unwrap_or_default()),
        ]
    });
    let heads = ["When", "What", "Channel", "Number", "For", "Source", "Wording"];
    let holds = export.holds.iter().map(|hold| vec![hold.at.to_string().into(), whole(&hold.reason)]);
    let holds: Vec<_> = holds.collect();
    let mut parts = section("consent", "Consent", "In the order of entry.", table(&heads, rows));
    if !holds.is_empty() {
        parts.push(section("holds", "What forbids to erase it", "", table(&["Since", "Why"], holds)));
    }
    parts
}

fn sources(export: &PersonExport) -> Markup {
    let rows = export.sources.iter().map(|source| {
        vec![
            source.at.to_string().into(),
            words(source.kind.as_str()),
            whole(source.file.as_deref().unwrap_or_default()),
            whole(source.actor.as_deref().unwrap_or_default()),
        ]
    });
    section("sources", "Where it comes from", "", table(&["When", "What", "File", "By"], rows))
}
