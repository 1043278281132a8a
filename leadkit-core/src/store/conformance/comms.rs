//! Consent, switches and templates.

use super::sample::Dice;
use super::{Openings, Outcome, same_as};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::consent::{Channel, ConsentEntry, ConsentKind, Purpose};
use crate::model::cost::{Budget, BudgetPeriod, PriceTable};
use crate::model::legal::QuietHours;
use crate::model::message_template::MessageTemplate;
use crate::model::money::Money;
use crate::model::settings::Settings;
use crate::store::{ConsentQuery, Writer};

const KINDS: [ConsentKind; 7] = [
    ConsentKind::Withdrawal,
    ConsentKind::Lift,
    ConsentKind::Grant,
    ConsentKind::Asked,
    ConsentKind::Suspected,
    ConsentKind::WrongNumber,
    ConsentKind::Cleared,
];

/// An entry at random; with every field filled, or with those only that must be.
fn entry(dice: &Dice, full: bool) -> ConsentEntry {
    let text = || full.then(|| dice.text());
    ConsentEntry {
        id: 0,
        at: Timestamp(dice.below(9_999) as i64),
        kind: dice.pick(&KINDS),
        channel: full.then(|| dice.pick(&Channel::ALL)),
        address: format!("+4930{}", 1_000 + dice.below(5)),
        lead: full.then(|| dice.below(9) as i64),
        purpose: full.then(|| dice.pick(&[Purpose::Marketing, Purpose::Informational])),
        source: dice.text(),
        wording: text(),
        given_at: Timestamp(-(dice.below(9_999) as i64)),
        proof: text(),
        review_by: full.then(|| Timestamp(dice.below(9_999) as i64)),
        actor: text(),
        reason: text(),
    }
}

fn template(dice: &Dice, name: &str, version: u32) -> MessageTemplate {
    MessageTemplate {
        name: name.into(),
        version,
        channel: dice.pick(&Channel::ALL),
        body: dice.text(),
        locales: [("de".to_string(), dice.text())].into(),
        defaults: [("lead.city".to_string(), dice.text())].into(),
        variables: vec!["lead.city".into(), dice.text()],
        archived: dice.one_in(2),
        created_at: Timestamp(dice.below(9_999) as i64),
        actor: dice.one_in(2).then(|| dice.text()),
    }
}

fn settings(dice: &Dice) -> Settings {
    let [sending, sms, voice, automations] = [(); 4].map(|()| dice.one_in(2));
    let [public_url, account] = [(); 2].map(|()| dice.one_in(2).then(|| dice.text()));
    let budget = |name: String| Budget {
        name,
        amount: Money { micros: dice.below(9_999) as i64, currency: "USD".into() },
        period: dice.pick(&[BudgetPeriod::Day, BudgetPeriod::Month, BudgetPeriod::Total]),
        campaign: dice.one_in(2).then(|| dice.text()),
        alert_at: vec![0.5, 0.8],
    };
    Settings {
        sending,
        sms,
        voice,
        automations,
        public_url,
        account,
        paused: (0..dice.below(3)).map(|_| dice.text()).collect(),
        quiet_hours: dice.one_in(2).then(|| QuietHours { from: "20:00".into(), until: "9:00".into() }),
        rates: [("*".to_string(), dice.below(50) as f64 / 4.0)].into(),
        budgets: (0..dice.below(3)).map(|_| budget(dice.text())).collect(),
        prices: if dice.one_in(2) { PriceTable::built_in() } else { PriceTable::default() },
        ..Settings::default()
    }
}

pub(super) fn consent_comes_back_as_it_was(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(7));
    let mut entries: Vec<ConsentEntry> = (0..60).map(|n| entry(&dice, n % 2 == 0)).collect();
    let (first, second) = store.writing(|w| {
        let first = w.add_consent(&entries[..25])?;
        Ok((first, w.add_consent(&entries[25..])?))
    })?;
    same_as(&(first, second), &(1, 26), "the ids of the first entries")?;
    for (id, entry) in (1..).zip(&mut entries) {
        entry.id = id;
    }
    let (mut addresses, mut seen): (Vec<&str>, Vec<ConsentEntry>) =
        (vec!["+49301001", "+49301003"], Vec::new());
    let wanted: Vec<ConsentEntry> =
        entries.iter().filter(|e| addresses.contains(&e.address.as_str())).cloned().collect();
    addresses.push("+1");
    addresses.push("+49301001");
    same_as(&store.reading(|r| r.consent(&addresses))?, &wanted, "entries about some addresses")?;
    same_as(&store.reading(|r| r.consent(&[]))?, &Vec::new(), "entries about no address")?;
    // Page by page, the newest first.
    let mut before = None;
    loop {
        let query = ConsentQuery { before, limit: 7, ..ConsentQuery::default() };
        let page = store.reading(|r| r.consent_entries(&query))?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page);
    }
    entries.reverse();
    same_as(&seen, &entries, "all entries")?;
    for (address, lead) in [(Some("+49301002"), None), (None, Some(3)), (Some("+49301004"), Some(4))] {
        let query = ConsentQuery { address: address.map(str::to_string), lead, before: Some(50), limit: 99 };
        let wanted: Vec<ConsentEntry> = entries
            .iter()
            .filter(|e| {
                e.id < 50
                    && address.is_none_or(|address| e.address == address)
                    && lead.is_none_or(|lead| e.lead == Some(lead))
            })
            .cloned()
            .collect();
        same_as(&store.reading(|r| r.consent_entries(&query))?, &wanted, "entries by address and lead")?;
    }
    Ok(())
}

pub(super) fn settings_are_replaced(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    same_as(&store.reading(|r| r.settings())?, &None, "settings of a new store")?;
    let dice = Dice::new(3);
    for _ in 0..5 {
        let wanted = settings(&dice);
        store.writing(|w| w.put_settings(&wanted))?;
        same_as(&store.reading(|r| r.settings())?, &Some(wanted), "settings")?;
    }
    Ok(())
}

pub(super) fn templates_are_kept_by_version(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(5));
    let mut all: Vec<MessageTemplate> = ["Z", "a", "welcome", "ä"]
        .into_iter()
        .flat_map(|name| [2, 1, 10].map(|version| template(&dice, name, version)))
        .collect();
    store.writing(|w| all.iter().try_for_each(|template| w.put_template(template)))?;
    all[0] = template(&dice, "Z", 2);
    store.writing(|w| w.put_template(&all[0]))?;
    all.sort_by(|a, b| (&a.name, a.version).cmp(&(&b.name, b.version)));
    same_as(&store.reading(|r| r.templates(None))?, &all, "all templates")?;
    let one: Vec<MessageTemplate> = all.iter().filter(|t| t.name == "welcome").cloned().collect();
    same_as(&store.reading(|r| r.templates(Some("welcome")))?, &one, "one template's versions")?;
    same_as(&store.reading(|r| r.templates(Some("none")))?, &Vec::new(), "an unknown template")
}

/// Some of each at random.
pub(super) fn enter(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let entries: Vec<ConsentEntry> = (0..dice.below(4)).map(|_| entry(dice, dice.one_in(2))).collect();
    let first = w.add_consent(&entries)?;
    if dice.one_in(2) {
        w.put_settings(&settings(dice))?;
    }
    let (name, version) = (dice.pick(&["hello", "bye"]), 1 + dice.below(4) as u32);
    w.put_template(&template(dice, name, version))?;
    super::audit::enter(w, dice)?;
    let query = ConsentQuery { limit: 3, ..ConsentQuery::default() };
    Ok(format!("contact {first} {:?} {:?}", w.consent_entries(&query)?, w.settings()?))
}
