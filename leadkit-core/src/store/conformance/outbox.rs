//! Messages and what happens to them.

use serde_json::json;

use super::sample::Dice;
use super::{Openings, Outcome, holds, same_as};
use crate::clock::Timestamp;
use crate::error::{ErrorCode, Result};
use crate::model::calls::CallDetails;
use crate::model::communication::{Communication, CommunicationEvent, CommunicationState, SendRefusal};
use crate::model::consent::Purpose;
use crate::model::cost::Reservation;
use crate::model::history::{Attachment, ContactChannel};
use crate::model::money::Money;
use crate::model::transport::Direction;
use crate::store::{CommunicationKey, CommunicationQuery, HistoryQuery, Writer};

/// A message at random, without a key.
pub(super) fn message(dice: &Dice) -> Communication {
    let text = || dice.one_in(2).then(|| dice.text());
    let instant = || dice.one_in(2).then(|| Timestamp(dice.below(9_999) as i64));
    let number = || dice.one_in(2).then(|| dice.below(9) as u32);
    Communication {
        id: 0,
        lead: dice.one_in(2).then(|| dice.below(5) as i64),
        channel: dice.pick(&ContactChannel::ALL),
        label: text(),
        direction: dice.pick(&[Direction::Inbound, Direction::Outbound]),
        state: dice.pick(&CommunicationState::ALL),
        purpose: dice.one_in(2).then_some(Purpose::Marketing),
        to: dice.text(),
        sender: text(),
        participants: (0..dice.below(3)).map(|_| dice.text()).collect(),
        subject: text(),
        body: dice.text(),
        attachments: (0..dice.below(2))
            .map(|_| Attachment { name: dice.text(), url: text(), ..Attachment::default() })
            .collect(),
        template: text(),
        template_version: number(),
        campaign: dice.one_in(2).then(|| dice.pick(&["spring", "fall"]).to_string()),
        variant: dice.one_in(3).then(|| dice.pick(&["A", "B"]).to_string()),
        country: dice.one_in(2).then(|| dice.pick(&["DE", "US"]).to_string()),
        time_zone: dice.one_in(2).then(|| dice.pick(&["Europe/Berlin", "Asia/Kolkata"]).to_string()),
        key: None,
        owner: dice.one_in(2).then(|| dice.pick(&["Mia", "mia", "Noé"]).to_string()),
        thread: text(),
        reply_to: dice.one_in(4).then(|| dice.below(9) as i64),
        reply_after: dice.one_in(4).then(|| dice.below(9_999) as i64),
        outcome: text(),
        seconds: number(),
        corrects: None,
        corrected_by: dice.one_in(6).then(|| dice.below(9) as i64),
        actor: text(),
        reason: text(),
        at: Timestamp(dice.below(40) as i64 * 1_000 - 20_000),
        created_at: Timestamp(dice.below(9_999) as i64),
        send_at: instant(),
        expires_at: instant(),
        due_at: instant(),
        sent_at: instant(),
        attempts: dice.below(4) as u32,
        token: None,
        provider_id: dice.one_in(2).then(|| format!("SM{}", dice.below(6))),
        status: text(),
        refusal: dice.one_in(3).then(|| SendRefusal {
            code: dice.text(),
            message: dice.text(),
            advice: text(),
            provider_code: number(),
        }),
        segments: dice.below(5) as u32,
        billed_segments: number(),
        price: dice.one_in(2).then(|| Money { micros: dice.below(99_999) as i64, currency: "USD".into() }),
        predicted: dice
            .one_in(2)
            .then(|| Money { micros: dice.below(99_999) as i64, currency: "USD".into() }),
        reserved: dice.one_in(2).then(|| Reservation {
            price: Money { micros: dice.below(99_999) as i64, currency: "USD".into() },
            budgets: vec![dice.text()],
        }),
        slot: instant(),
        operation: dice.one_in(2).then(|| dice.below(9) as i64),
        call: dice.one_in(2).then(|| CallDetails {
            agent: text(),
            record: dice.one_in(2),
            duration: number(),
            ..CallDetails::default()
        }),
        evidence: json!({ "hours": [dice.text(), dice.below(24)] }),
    }
}

/// Enters messages and gives them as they are stored then.
pub(super) fn add(w: &dyn Writer, mut messages: Vec<Communication>) -> Result<Vec<Communication>> {
    let first = w.add_communications(&messages)?;
    for (id, message) in (first..).zip(&mut messages) {
        message.id = id;
    }
    Ok(messages)
}

pub(super) fn messages_come_back_as_they_were(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(11));
    let mut all = store.writing(|w| add(w, (0..60).map(|_| message(&Dice::new(dice.bits()))).collect()))?;
    same_as(&(all[0].id, all[59].id), &(1, 60), "ids of messages")?;
    for message in &all {
        same_as(&store.reading(|r| r.communication(message.id))?.as_ref(), &Some(message), "a message")?;
    }
    same_as(&store.reading(|r| r.communication(61))?, &None, "an unknown message")?;
    all.reverse();
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let query = CommunicationQuery { before, limit: 7, ..CommunicationQuery::default() };
        let page = store.reading(|r| r.communications(&query))?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page);
    }
    same_as(&seen, &all, "all messages, page by page")?;
    let state = Some(all[5].state);
    let address = all[3].address();
    for (lead, address, state, campaign) in [
        (Some(3), None, None, None),
        (None, address, None, None),
        (None, None, state, None),
        (Some(2), None, state, Some("fall")),
        (all[3].lead, address, Some(all[3].state), None),
    ] {
        let campaign = campaign.map(str::to_string);
        let query = CommunicationQuery {
            lead,
            address: address.map(str::to_string),
            state,
            campaign: campaign.clone(),
            before: None,
            limit: 99,
        };
        let wanted: Vec<Communication> = all
            .iter()
            .filter(|m| {
                lead.is_none_or(|lead| m.lead == Some(lead)) && state.is_none_or(|state| m.state == state)
            })
            .filter(|m| campaign.is_none() || m.campaign == campaign)
            .filter(|m| address.is_none() || m.address() == address)
            .cloned()
            .collect();
        same_as(
            &store.reading(|r| r.communications(&query))?,
            &wanted,
            "messages by lead, address, state, campaign",
        )?;
    }
    Ok(())
}

pub(super) fn messages_are_found_by_their_keys(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(12));
    let one = |key: &str, provider: &str| Communication {
        key: Some(key.into()),
        token: Some(format!("token of {key}")),
        provider_id: Some(provider.into()),
        ..message(&dice)
    };
    let stored = store.writing(|w| add(w, vec![one("a", "SM1"), one("b", "SM2"), one("c", "SM2")]))?;
    let by = |key: CommunicationKey<'_>| store.reading(|r| r.communications_by(&key));
    same_as(&by(CommunicationKey::Key("b"))?, &vec![stored[1].clone()], "by its key")?;
    same_as(&by(CommunicationKey::Token("token of c"))?, &vec![stored[2].clone()], "by its token")?;
    same_as(&by(CommunicationKey::Provider("SM2"))?, &stored[1..].to_vec(), "by the provider's id")?;
    same_as(&by(CommunicationKey::Key("d"))?, &Vec::new(), "by a key that none has")?;
    match store.writing(|w| w.add_communications(&[one("a", "SM3")])) {
        Err(error) => same_as(&error.error_code(), &ErrorCode::Conflict, "a key that another one has")?,
        Ok(_) => holds(false, "a key was taken twice")?,
    }
    // A new token takes the old one's place.
    let again = Communication { token: Some("second".into()), ..stored[0].clone() };
    store.writing(|w| w.put_communications(std::slice::from_ref(&again)))?;
    same_as(&by(CommunicationKey::Token("token of a"))?, &Vec::new(), "by a token of old")?;
    same_as(&by(CommunicationKey::Token("second"))?, &vec![again], "by the new token")
}

pub(super) fn due_messages_come_in_order(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(13));
    let queued = CommunicationState::Queued;
    same_as(&store.reading(|r| r.next_due(queued))?, &None, "the next time of an empty store")?;
    let all = store.writing(|w| add(w, (0..80).map(|_| message(&Dice::new(dice.bits()))).collect()))?;
    for state in CommunicationState::ALL {
        let next = all.iter().filter(|m| m.state == state).filter_map(|m| m.due_at).min();
        same_as(&store.reading(|r| r.next_due(state))?, &next, "the next time")?;
        let until = Timestamp(5_000);
        let mut wanted: Vec<Communication> = all
            .iter()
            .filter(|m| m.state == state && m.due_at.is_some_and(|due| due <= until))
            .cloned()
            .collect();
        wanted.sort_by_key(|m| (m.due_at, m.id));
        same_as(&store.reading(|r| r.due(state, until, 99))?, &wanted, "messages whose time has come")?;
        wanted.truncate(2);
        same_as(&store.reading(|r| r.due(state, until, 2))?, &wanted, "the first of them")?;
    }
    Ok(())
}

pub(super) fn events_are_numbered(openings: &dyn Openings) -> Outcome {
    let (store, dice) = (openings.fresh(), Dice::new(14));
    store.writing(|w| add(w, vec![message(&dice), message(&dice)]))?;
    let event = |communication, what: &str| CommunicationEvent {
        communication,
        seq: 0,
        at: Timestamp(dice.below(99) as i64),
        state: CommunicationState::Queued,
        status: dice.one_in(2).then(|| dice.text()),
        what: what.into(),
    };
    let told = [event(1, "queued"), event(2, "queued"), event(1, "sending")];
    store.writing(|w| w.add_communication_events(&told))?;
    let last = event(1, "accepted");
    store.writing(|w| w.add_communication_events(std::slice::from_ref(&last)))?;
    let numbered = |seq, event: &CommunicationEvent| CommunicationEvent { seq, ..event.clone() };
    let wanted = vec![numbered(1, &told[0]), numbered(2, &told[2]), numbered(3, &last)];
    same_as(&store.reading(|r| r.communication_events(1))?, &wanted, "events of a message")?;
    same_as(&store.reading(|r| r.communication_events(3))?, &Vec::new(), "events of no message")?;
    holds(
        store.writing(|w| w.add_communication_events(&[event(3, "queued")])).is_err(),
        "an event was entered for no message",
    )
}

pub(super) fn meters_stand_where_they_were_set(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    same_as(&store.reading(|r| r.meter("spent"))?, &0, "a meter that was never set")?;
    let seen = store.writing(|w| {
        w.put_meter("spent", 7)?;
        w.put_meter("Spent", -1)?;
        let seen = w.meter("spent")?;
        w.put_meter("spent", i64::MAX)?;
        Ok(seen)
    })?;
    same_as(&seen, &7, "a meter within its transaction")?;
    same_as(&store.reading(|r| r.meter("spent"))?, &i64::MAX, "a meter")?;
    same_as(&store.reading(|r| r.meter("Spent"))?, &-1, "another meter")
}

/// Some messages at random.
pub(super) fn enter(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let messages = add(w, (0..1 + dice.below(3)).map(|_| message(dice)).collect())?;
    let events = messages.iter().map(|message| CommunicationEvent {
        communication: message.id,
        seq: 0,
        at: Timestamp(dice.below(99) as i64),
        state: message.state,
        status: message.status.clone(),
        what: dice.text(),
    });
    w.add_communication_events(&events.collect::<Vec<_>>())?;
    let meter = dice.pick(&["spend:spring:2026-11", "rate:*", "spend:all:total"]);
    w.put_meter(meter, w.meter(meter)? + dice.below(99) as i64)?;
    if let Some(old) = w.communication(1 + dice.below(messages.len() + 3) as i64)? {
        w.put_communications(&[Communication { id: old.id, key: old.key, ..message(dice) }])?;
    }
    let newest = w.history(&HistoryQuery { limit: 3, ..HistoryQuery::default() })?;
    let newest: Vec<(i64, i64)> = newest.into_iter().map(|(place, contact)| (place, contact.id)).collect();
    let queued = CommunicationState::Queued;
    Ok(format!(" {newest:?} {:?} {:?}", w.next_due(queued)?, w.due(queued, Timestamp(5_000), 2)?))
}
