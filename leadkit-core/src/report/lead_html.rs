//! The page of a lead: what is known of the person, why, and what is allowed.

use serde_json::Value;

use super::figures::{counted, grouped};
use super::html::{Markup, el, page, value};
use super::import_html::section;
use super::import_tables::{cell, list, table};
use super::svg::mark;
use super::verdict::capitalised;
use crate::clock::Timestamp;
use crate::model::communication::Communication;
use crate::model::consent::{Channel, ConsentEntry, Purpose};
use crate::model::explanation::{
    ContactPermission, EarlierValue, FieldExplanation, LeadExplanation, PermissionDecision, ValueOrigin,
};

/// Everything that is known of a lead as one self-contained HTML page, as safe as that of an import: no
/// scripts, no requests, every value escaped. Values are shown as the explanation has them.
///
/// ```
/// let db = leadkit_core::open(":memory:")?;
/// let ada = db.leads().add([("email", "ada@example.org"), ("first_name", "<b>Ada")])?;
/// let why = db.leads().explain(ada.id, &Default::default())?;
/// let html = leadkit_core::report::lead_html(&why);
/// assert!(html.contains("ada@example.org") && html.contains("&lt;b&gt;Ada") && !html.contains("<b>"));
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn lead_html(known: &LeadExplanation) -> String {
    let name = known.name.trim();
    let title = if name.is_empty() { format!("Lead {}", known.lead) } else { name.to_string() };
    let body: Markup = [
        el(
            "main",
            &[],
            [
                header(known, &title),
                permissions(known),
                fields(known),
                issues(known),
                contacts(known),
                consent(known),
            ],
        ),
        el(
            "footer",
            &[],
            el("p", &[], format!("As of {} · leadkit {}", instant(known.at), env!("CARGO_PKG_VERSION"))),
        ),
    ]
    .into();
    page(&format!("{title}: lead {}", known.lead), "", body)
}

fn header(known: &LeadExplanation, title: &str) -> Markup {
    let kind = format!("Lead {} · revision {}", known.lead, known.rev);
    el(
        "header",
        &[],
        [
            el("p", &[("class", "kind")], kind),
            el("h1", &[], el("bdi", &[], title)),
            el("p", &[("class", "verdict")], verdict(known)),
        ],
    )
}

/// The lead in a few sentences.
fn verdict(known: &LeadExplanation) -> String {
    let mut said = Vec::new();
    if let Some(into) = known.merged_into {
        said.push(format!("This lead was merged into lead {into}."));
    } else if let Some(at) = known.deleted_at {
        said.push(format!("This lead was deleted on {}.", instant(at)));
    }
    let allowed: Vec<String> = known
        .permissions
        .iter()
        .filter(|permission| permission.decision == PermissionDecision::Allowed)
        .map(way)
        .collect();
    said.push(match (allowed.is_empty(), known.sending) {
        (true, _) => "This person may not be contacted by message or call right now.".to_string(),
        (false, true) => format!("Allowed right now: {}.", allowed.join(", ")),
        (false, false) => format!("Allowed right now, once sending is switched on: {}.", allowed.join(", ")),
    });
    if !known.merged.is_empty() {
        let ids: Vec<String> = known.merged.iter().map(|id| id.to_string()).collect();
        said.push(format!("Merged into it: lead {}.", ids.join(", ")));
    }
    if !known.complete {
        said.push("The log no longer reaches back to its beginning.".to_string());
    }
    said.join(" ")
}

fn way(permission: &ContactPermission) -> String {
    let by = match (permission.channel, permission.announcement) {
        (Channel::Sms, _) => "text message",
        (_, true) => "announcement by call",
        (_, false) => "call",
    };
    let purpose = match permission.purpose {
        Purpose::Marketing => "marketing",
        Purpose::Informational => "information",
    };
    format!("{by} for {purpose}")
}

fn permissions(known: &LeadExplanation) -> Markup {
    let row = |permission: &ContactPermission| {
        let (code, why) = permission.refusal.as_ref().map_or_else(Default::default, |refusal| {
            let advice = refusal.advice.iter().map(|advice| format!(" – {advice}"));
            (refusal.code.as_str(), refusal.message.clone() + &advice.collect::<String>())
        });
        let when = match (permission.next_at, permission.until) {
            (Some(next), _) => format!("from {}", instant(next)),
            (None, Some(until)) => format!("until {}", instant(until)),
            (None, None) => String::new(),
        };
        let rests =
            permission.entry.as_ref().map(|entry| format!("entry {}: {}", entry.id, entry.kind.as_str()));
        let mut reason = Markup::from(why);
        if !code.is_empty() {
            reason.push(el("span", &[("class", "name")], code));
        }
        el(
            "tr",
            &[],
            [
                el("th", &[("scope", "row")], capitalised(&way(permission))),
                cell("Now", "", permission.decision.as_str()),
                cell("Why", "", if code.is_empty() { filled("") } else { reason }),
                cell("When", "", filled(&when)),
                cell("Consent", "", filled(&rests.unwrap_or_default())),
            ],
        )
    };
    let rows: Vec<Markup> = known.permissions.iter().map(row).collect();
    let note = "What dispatch would decide on a message or call to the lead's number at this moment. Budgets \
                and the provider's limits come on top.";
    let heads = ["Contact", "Now", "Why", "When", "Consent"];
    section(
        "permissions",
        "May this person be contacted?",
        note,
        table("permissions", &heads, vec![el("tbody", &[], rows)]),
    )
}

fn fields(known: &LeadExplanation) -> Markup {
    if known.fields.is_empty() {
        return section("values", "Values", "There is no value to show.", "");
    }
    let rows: Vec<Markup> = known.fields.iter().map(field).collect();
    let heads = ["Field", "Value", "Comes from", "Before"];
    let note = "Each value with the change that put it there, and the values that stood there before.";
    section("values", "Values", note, table("values", &heads, vec![el("tbody", &[], rows)]))
}

fn field(known: &FieldExplanation) -> Markup {
    let mut name = Markup::from(known.label.as_str());
    name.push(el("span", &[("class", "name")], known.field.as_str()));
    let mut now = shown(&known.value);
    if let Some(original) = &known.original {
        now.push(el("span", &[("class", "name")], [Markup::from("written as "), value(original)]));
    }
    let before = |earlier: &EarlierValue| {
        let mut item = shown(&earlier.value);
        let from = earlier.origin.as_ref().map(|origin| format!("from {} ", instant(origin.at)));
        let span = format!("{}until {}", from.unwrap_or_default(), instant(earlier.until));
        item.push(el("span", &[("class", "name")], span));
        item.push(by(earlier.origin.as_ref()));
        el("li", &[], item)
    };
    el(
        "tr",
        &[],
        [
            el("th", &[("scope", "row")], name),
            cell("Value", "", now),
            cell("Comes from", "", [since(known.origin.as_ref()), by(known.origin.as_ref())]),
            cell("Before", "", list(known.earlier.iter().map(before).collect())),
        ],
    )
}

/// Since when a value stands.
fn since(origin: Option<&ValueOrigin>) -> Markup {
    origin.map_or_else(|| Markup::from("older than the log"), |origin| Markup::from(instant(origin.at)))
}

/// By what, by whom and why a value came.
fn by(origin: Option<&ValueOrigin>) -> Markup {
    let Some(origin) = origin else { return Markup::default() };
    let mut said =
        Markup::from(format!("{} {}", origin.kind.as_str().replace('_', " "), origin.operation_id));
    for (before, text) in [(", ", &origin.name), (" of ", &origin.file), (" by ", &origin.actor)] {
        if let Some(text) = text {
            said.push(before);
            said.push(el("bdi", &[], text.as_str()));
        }
    }
    if let Some(lead) = origin.from_lead {
        said.push(format!(", from lead {lead}"));
    }
    let mut out = el("span", &[("class", "name")], said);
    if let Some(reason) = &origin.reason {
        let reason = [Markup::from("“"), el("bdi", &[], reason.as_str()), Markup::from("”")];
        out.push(el("span", &[("class", "name")], reason));
    }
    out
}

/// A text, or a dash where there is none.
fn filled(text: &str) -> Markup {
    if text.is_empty() { el("span", &[("class", "muted")], "–") } else { Markup::from(text) }
}

fn issues(known: &LeadExplanation) -> Markup {
    if known.issues.is_empty() {
        return Markup::default();
    }
    let one = |issue: &crate::model::explanation::KnownIssue| {
        let field = issue.field.as_deref().unwrap_or_default();
        el(
            "tr",
            &[],
            [
                el("th", &[("scope", "row")], [mark(issue.severity), Markup::from(field)]),
                cell("Finding", "", issue.message.as_str()),
                cell("Code", "", issue.code.as_str()),
            ],
        )
    };
    let rows: Vec<Markup> = known.issues.iter().map(one).collect();
    let heads = ["Field", "Finding", "Code"];
    section("issues", "What is noticed", "", table("noticed", &heads, vec![el("tbody", &[], rows)]))
}

fn contacts(known: &LeadExplanation) -> Markup {
    let summary = &known.contacts;
    if summary.total == 0 {
        return section("contacts", "Contacts", "There was no contact.", "");
    }
    let counts: Vec<String> = summary
        .counts
        .iter()
        .flat_map(|(channel, by)| {
            by.iter().map(move |(direction, count)| format!("{} {channel} {direction}", grouped(*count)))
        })
        .collect();
    let span = match (summary.first_at, summary.last_at) {
        (Some(first), Some(last)) => format!(" from {} to {}", instant(first), instant(last)),
        _ => String::new(),
    };
    let shown = summary.newest.len() as u64;
    let rest = if shown < summary.total {
        format!(" The newest {} are shown.", grouped(shown))
    } else {
        String::new()
    };
    let total = counted(summary.total, "contact", "contacts");
    let note = format!("{total}{span}: {}.{rest}", counts.join(", "));
    let rows: Vec<Markup> = summary.newest.iter().map(contact).collect();
    let heads = ["When", "How", "What", "State"];
    section("contacts", "Contacts", &note, table("contacts", &heads, vec![el("tbody", &[], rows)]))
}

fn contact(contact: &Communication) -> Markup {
    let channel = contact.label.as_deref().unwrap_or(contact.channel.as_str());
    let mut how = Markup::from(format!("{channel}, {}", contact.direction.as_str()));
    if let Some(address) = contact.address() {
        how.push(el("span", &[("class", "name")], el("bdi", &[], address)));
    }
    let mut what = Markup::default();
    if let Some(subject) = &contact.subject {
        what.push(el("p", &[], el("bdi", &[], subject.as_str())));
    }
    if !contact.body.is_empty() {
        what.push(value(&contact.body));
    }
    for (name, text) in
        [("outcome", &contact.outcome), ("by", &contact.actor), ("campaign", &contact.campaign)]
    {
        if let Some(text) = text {
            what.push(el(
                "span",
                &[("class", "name")],
                [Markup::from(format!("{name} ")), el("bdi", &[], text.as_str())],
            ));
        }
    }
    let mut state = Markup::from(contact.state.as_str());
    if let Some(refusal) = &contact.refusal {
        state.push(el("span", &[("class", "name")], refusal.code.as_str()));
    }
    el(
        "tr",
        &[],
        [
            el("th", &[("scope", "row")], instant(contact.at)),
            cell("How", "", how),
            cell("What", "", what),
            cell("State", "", state),
        ],
    )
}

fn consent(known: &LeadExplanation) -> Markup {
    if known.consent.is_empty() {
        return section("consent", "Consent", "The ledger has no entry about the lead's numbers.", "");
    }
    let rows: Vec<Markup> = known.consent.iter().map(entry).collect();
    let heads = ["Entry", "Says", "Number", "Source"];
    let note = "What the consent ledger says of the lead's numbers, the newest first.";
    section("consent", "Consent", note, table("consent", &heads, vec![el("tbody", &[], rows)]))
}

fn entry(entry: &ConsentEntry) -> Markup {
    let channel = entry.channel.map_or("all channels", Channel::as_str);
    let purpose = entry.purpose.map(|purpose| format!(", {}", purpose.as_str())).unwrap_or_default();
    let mut says = Markup::from(format!("{}, {channel}{purpose}", entry.kind.as_str().replace('_', " ")));
    if let Some(wording) = &entry.wording {
        says.push(el("span", &[("class", "name")], value(wording)));
    }
    let mut source: Markup = el("bdi", &[], entry.source.as_str());
    for text in entry.proof.iter().chain(&entry.actor) {
        source.push(el("span", &[("class", "name")], el("bdi", &[], text.as_str())));
    }
    el(
        "tr",
        &[],
        [
            el(
                "th",
                &[("scope", "row")],
                [
                    Markup::from(entry.id.to_string()),
                    el("span", &[("class", "name")], instant(entry.given_at)),
                ],
            ),
            cell("Says", "", says),
            cell("Number", "", el("bdi", &[], entry.address.as_str())),
            cell("Source", "", source),
        ],
    )
}

fn shown(data: &Value) -> Markup {
    match data {
        Value::Null => el("span", &[("class", "muted")], "empty"),
        Value::String(text) => value(text),
        Value::Array(all) => {
            let texts: Vec<String> =
                all.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_string)).collect();
            value(&texts.join("; "))
        }
        other => value(&other.to_string()),
    }
}

/// An instant to the second, in UTC.
fn instant(at: Timestamp) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    match time.get(..8) {
        Some(time) => format!("{day} {time} UTC"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    /// A lead whose every text tries to be markup.
    fn hostile() -> LeadExplanation {
        let nasty = "<script>alert('x')</script>\" onload=\"y & \u{202e}\u{0}";
        let at = "2026-03-02T09:00:00.000Z";
        let origin = json!({
            "at": at, "rev": 1, "operation_id": 1, "kind": "import", "name": nasty, "file": nasty,
            "actor": nasty, "reason": nasty, "from_lead": 7,
        });
        let entry = json!({
            "id": 1, "at": at, "kind": "grant", "channel": "sms", "address": nasty, "lead": 1,
            "purpose": "marketing", "source": nasty, "wording": nasty, "given_at": at, "proof": nasty,
            "review_by": null, "actor": nasty, "reason": nasty,
        });
        let mut known: LeadExplanation = serde_json::from_value(json!({
            "lead": 1, "name": nasty, "at": at, "rev": 1, "created_at": at, "updated_at": at,
            "deleted_at": at, "merged_into": null, "merged": [7], "complete": false,
            "fields": [{
                "field": nasty, "label": nasty, "value": [nasty], "original": nasty, "origin": origin,
                "earlier": [{"value": nasty, "origin": origin, "until": at}, {"value": 7, "origin": null, "until": at}],
            }],
            "issues": [{"code": "email_role", "severity": "info", "field": nasty, "message": nasty}],
            "contacts": {"total": 2, "counts": {nasty: {nasty: 2}}, "first_at": at, "last_at": at, "newest": []},
            "sending": true,
            "permissions": [{
                "channel": "sms", "purpose": "marketing", "announcement": false, "address": nasty,
                "decision": "refused", "next_at": null, "until": null, "evidence": nasty, "entry": entry,
                "refusal": {"code": nasty, "message": nasty, "advice": nasty, "provider_code": null},
            }],
            "consent": [entry],
        }))
        .unwrap();
        let contact = Communication {
            label: Some(nasty.into()),
            subject: Some(nasty.into()),
            outcome: Some(nasty.into()),
            actor: Some(nasty.into()),
            campaign: Some(nasty.into()),
            body: nasty.into(),
            ..Communication::new(Channel::Sms, crate::model::transport::Direction::Outbound, nasty.into())
        };
        known.contacts.newest.push(contact);
        known
    }

    #[test]
    fn no_value_becomes_markup() {
        let page = lead_html(&hostile());
        assert!(!page.contains("<script") && !page.contains("onload=\"") && !page.contains('\0'));
        assert!(page.contains("&lt;script&gt;") && page.contains("[U+202E]"));
        for part in ["May not be contacted", "deleted on", "lead 7", "no longer reaches back"] {
            assert!(page.to_lowercase().contains(&part.to_lowercase()), "{part}");
        }
        assert_eq!(page.matches("<section").count(), 5);
        assert_eq!(page.matches("<tr>").count(), page.matches("</tr>").count());
    }

    #[test]
    fn a_lead_of_nothing_has_a_page() {
        let known = LeadExplanation {
            name: String::new(),
            fields: Vec::new(),
            issues: Vec::new(),
            contacts: Default::default(),
            permissions: Vec::new(),
            consent: Vec::new(),
            ..hostile()
        };
        let page = lead_html(&known);
        assert!(page.contains("<title>Lead 1: lead 1</title>") && page.contains("There was no contact."));
    }
}
