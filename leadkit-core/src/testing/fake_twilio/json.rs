//! Messages and calls in Twilio's JSON.

use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};

use super::account::{Account, Form, Refused};
use super::call::{FakeCall, LASTS};
use super::message::FakeMessage;
use crate::clock::Timestamp;
use crate::model::money::Money;
use crate::model::transport::{CallStatus, MessageStatus};
use crate::template::sms_segments;

const MOST_OF_A_PAGE: usize = 1000;
const PAGE: usize = 50;
/// Of one segment in millionths, and of an answered call.
const PRICE: i64 = 7_900;
const CALL_PRICE: &str = "-0.01400";

impl Account {
    pub(super) fn message_json(&self, message: &FakeMessage) -> Value {
        let now = self.clock.now();
        let status = message.status(now);
        let priced = message.priced_at.is_some_and(|at| at <= now);
        let failed = matches!(status, MessageStatus::Failed | MessageStatus::Undelivered);
        // A messaging service chooses its sender when the message leaves it.
        let waits = matches!(status, MessageStatus::Accepted | MessageStatus::Scheduled);
        let chosen = (!waits).then(|| super::FakeTwilio::NUMBER.to_string());
        let from = message.from.clone().or(chosen);
        let billed = sms_segments(&message.body, false).segments;
        let segments = if waits { 0 } else { billed };
        let price = Money { micros: -PRICE * i64::from(billed), currency: "USD".into() };
        let uri = format!("/2010-04-01/Accounts/{}/Messages/{}", self.options.account_sid, message.sid);
        json!({
            "account_sid": self.options.account_sid,
            "api_version": "2010-04-01",
            "body": message.body,
            "date_created": rfc2822(message.created_at),
            "date_sent": message.sent_at(now).map(rfc2822),
            "date_updated": rfc2822(now),
            "direction": if message.inbound { "inbound" } else { "outbound-api" },
            "error_code": message.error_code.filter(|_| failed),
            "error_message": Value::Null,
            "from": from,
            "messaging_service_sid": message.messaging_service_sid,
            "num_media": message.media_urls.len().to_string(),
            "num_segments": segments.to_string(),
            "price": priced.then(|| price.amount()),
            "price_unit": "USD",
            "sid": message.sid,
            "status": status.as_str(),
            "subresource_uris": { "media": format!("{uri}/Media.json") },
            "to": message.to,
            "uri": format!("{uri}.json"),
        })
    }

    pub(super) fn call_json(&self, call: &FakeCall) -> Value {
        let now = self.clock.now();
        let status = match call.status(now) {
            // A word of callbacks only.
            CallStatus::Initiated => CallStatus::Queued,
            status => status,
        };
        let ended = call.reached(CallStatus::is_final, now);
        let started = call.reached(|status| status == CallStatus::InProgress, now);
        let uri = format!("/2010-04-01/Accounts/{}/Calls/{}", self.options.account_sid, call.sid);
        let priced = call.priced_at.is_some_and(|at| at <= now);
        json!({
            "account_sid": self.options.account_sid,
            "answered_by": call.answered_by.filter(|_| started.is_some()),
            "api_version": "2010-04-01",
            "caller_name": Value::Null,
            "date_created": rfc2822(call.created_at),
            "date_updated": rfc2822(now),
            "direction": call.direction(),
            "duration": ended.map(|_| if started.is_some() { LASTS.to_string() } else { "0".into() }),
            "end_time": ended.map(rfc2822),
            "forwarded_from": Value::Null,
            "from": call.from,
            "from_formatted": call.from,
            "group_sid": Value::Null,
            "parent_call_sid": call.parent,
            "phone_number_sid": Value::Null,
            "price": priced.then_some(CALL_PRICE),
            "price_unit": "USD",
            "queue_time": "0",
            "sid": call.sid,
            "start_time": started.map(rfc2822),
            "status": status.as_str(),
            "subresource_uris": {},
            "to": call.to,
            "to_formatted": call.to,
            "trunk_sid": Value::Null,
            "uri": format!("{uri}.json"),
        })
    }

    /// A page of messages, newest first.
    pub(super) fn list_json(&self, query: &Form) -> Value {
        let now = self.clock.now();
        let size = query.get("PageSize").and_then(|n| n.parse().ok()).unwrap_or(PAGE);
        let size = size.clamp(1, MOST_OF_A_PAGE);
        let page: usize = query.get("Page").and_then(|n| n.parse().ok()).unwrap_or(0);
        let instant = |name: &str| query.get(name).and_then(instant);
        let (from, until) = (instant("DateSent>"), instant("DateSent<"));
        let found: Vec<&FakeMessage> = self
            .messages
            .iter()
            .rev()
            .filter(|message| query.get("To").is_none_or(|to| message.to == to))
            .filter(|message| {
                query.get("From").is_none_or(|from| message.from.as_deref().unwrap_or_default() == from)
            })
            .filter(|message| {
                let at = message.sent_at(now).unwrap_or(message.created_at);
                from.is_none_or(|from| at >= from) && until.is_none_or(|until| at <= until)
            })
            .collect();
        let items: Vec<Value> =
            found.iter().skip(page * size).take(size).map(|message| self.message_json(message)).collect();
        let base = format!("/2010-04-01/Accounts/{}/Messages.json", self.options.account_sid);
        let uri = |page: usize| {
            let mut fields = form_urlencoded::Serializer::new(String::new());
            for (name, value) in query.0.iter().filter(|(name, _)| !["Page", "PageToken"].contains(&&**name))
            {
                fields.append_pair(name, value);
            }
            fields.append_pair("Page", &page.to_string());
            fields.append_pair("PageToken", &format!("PA{page}"));
            format!("{base}?{}", fields.finish())
        };
        let more = found.len() > (page + 1) * size;
        json!({
            "end": page * size + items.len().saturating_sub(1),
            "first_page_uri": uri(0),
            "messages": items,
            "next_page_uri": more.then(|| uri(page + 1)),
            "page": page,
            "page_size": size,
            "previous_page_uri": (page > 0).then(|| uri(page - 1)),
            "start": page * size,
            "uri": uri(page),
        })
    }
}

pub(super) fn error_json((status, code, message): &Refused) -> Value {
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    json!({ "code": code, "message": message, "more_info": more_info, "status": status })
}

pub(super) fn rfc2822(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let text = DateTimePrinter::new().timestamp_to_string(&at).unwrap_or_default();
    text.replace("-0000", "+0000")
}

/// RFC 3339, or a day.
fn instant(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok()
}
