//! Turning switches: each change is an operation, whoever asks for it.

use serde_json::json;

use crate::compliance::{Contact, LegalHours};
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, audit};
use crate::model::operation::OperationKind;
use crate::model::settings::{Settings, SettingsChange};
use crate::normalize::country_name;
use crate::store::{NewOperation, Writer};

/// Turns the switches that are named and enters that into the log; gives them as they stand then.
///
/// # Errors
/// `invalid_argument` for budgets, prices, rates, hours, holidays, rules and countries that make no
/// sense; those of the store.
pub fn change(session: &Session, writer: &dyn Writer, change: &SettingsChange) -> Result<Settings> {
    let before = writer.settings()?.unwrap_or_default();
    let after = change.applied(&before);
    if after != before {
        check(&after)?;
        check_profiles(&after, writer)?;
        writer.put_settings(&after)?;
        audit::operation(
            session,
            writer,
            &NewOperation {
                options: json!({ "before": before, "after": after }),
                ..session.new_operation(OperationKind::ChangeSettings)
            },
        )?;
    }
    Ok(after)
}

/// A profile with a misspelt field would show what it is to hide.
fn check_profiles(settings: &Settings, writer: &dyn Writer) -> Result<()> {
    let custom = writer.custom_fields()?;
    for (name, profile) in &settings.profiles {
        if name.trim().is_empty() {
            return Err(wrong("profiles", "a profile has a name, such as `support`".to_string()));
        }
        profile.check(&custom)?;
    }
    Ok(())
}

fn check(settings: &Settings) -> Result<()> {
    settings.prices.check()?;
    if let Some(url) = &settings.public_url
        && !is_public(url)
    {
        return Err(wrong("public_url", "this is no https URL of a host's own".to_string())
            .hint("write https://crm.example/hook; plain http is for this machine only"));
    }
    for (index, budget) in settings.budgets.iter().enumerate() {
        budget.check()?;
        if settings.budgets.iter().take(index).any(|other| other.name == budget.name) {
            return Err(wrong("budgets", format!("there are two budgets named `{}`", budget.name)));
        }
        let prices = settings.price_table();
        if budget.amount.currency != prices.currency {
            return Err(wrong(
                "budgets",
                format!("the prices are in {}, and so are budgets", prices.currency),
            ));
        }
    }
    if let Some((sender, _)) = settings.rates.iter().find(|(_, rate)| !(**rate > 0.0 && rate.is_finite())) {
        return Err(wrong("rates", format!("the rate of `{sender}` is no number of segments above 0")));
    }
    if let Some(country) = settings.countries.iter().find(|code| country_name(code).is_none()) {
        return Err(wrong("countries", format!("`{country}` is no country's code; write US or DE")));
    }
    for (index, rule) in settings.retention.iter().enumerate() {
        rule.check()?;
        if settings.retention.iter().take(index).any(|other| other.name == rule.name) {
            return Err(wrong("retention", format!("there are two rules named `{}`", rule.name)));
        }
    }
    // Rules, quiet hours and holidays are read once, as each decision will.
    let contact = Contact {
        quiet_hours: settings.quiet_hours.clone(),
        holidays: settings.holidays.clone(),
        ..Contact::default()
    };
    LegalHours::built_in().with(&settings.rules)?.decide(&contact, Default::default())?;
    Ok(())
}

/// Whether a provider may report there: by TLS, unless it is this very machine; a URL with a user would
/// hand the password to the provider's logs.
fn is_public(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let local = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let clean = !url
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\' | '#'));
    clean && !host.is_empty() && !host.contains('@') && (scheme == "https" || scheme == "http" && local)
}

fn wrong(field: &str, message: String) -> Error {
    Error::new(ErrorCode::InvalidArgument, message).at_field(field)
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn reports_go_to_hosts_by_tls() {
        for good in [
            "https://crm.example/hook?tenant=a",
            "http://127.0.0.1:8080/x",
            "http://localhost",
            "https://x.example:8443/",
        ] {
            assert!(is_public(good), "{good}");
        }
        for bad in [
            "http://crm.example/hook",
            "https://me:secret@crm.example/",
            "ftp://crm.example/",
            "https:///hook",
            "crm.example/hook",
            "https://crm.example/a b",
            "https://crm.example/\"><Dial>",
            "https://crm.example/#x",
        ] {
            assert!(!is_public(bad), "{bad}");
        }
    }
}
