//! An automation as a picture: its steps from above to below, its branches beside each other.

use super::html::{Markup, el, void};
use crate::model::automation::{Automation, Condition, ScheduleRef, Step, Trigger};

/// Sizes in pixels.
const WIDTH: i32 = 220;
const HEIGHT: i32 = 48;
const GAP: i32 = 28;
/// Characters of a line in a box.
const LINE: usize = 30;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2933}.small{font-size:11px;fill:#52606d}\
rect{fill:#f5f7fa;stroke:#9aa5b1}.trigger rect{fill:#e3f8ff;stroke:#2bb0ed}.branch rect{fill:#fffbea;stroke:#f0b429}\
.end rect{fill:#f0f4f8;stroke:none}path{fill:none;stroke:#9aa5b1;stroke-width:1.5}";

/// The picture of an automation: a whole SVG document, which needs nothing beside it. Every text of the
/// automation is escaped.
pub fn automation_svg(automation: &Automation) -> String {
    let mut canvas = Canvas::default();
    let flow = measure(&automation.spec.steps);
    let width = flow.max(WIDTH) + 2 * GAP;
    let x = width / 2;
    let mut y = GAP;
    let state = if automation.enabled { "" } else { " (not enabled)" };
    let title = format!("{}, version {}{state}", automation.name, automation.version);
    canvas.text(x, y, "", &title);
    y += GAP / 2;
    let (what, more) = trigger(&automation.spec.trigger, &automation.spec.condition);
    canvas.block("trigger", x, y, &what, &more);
    y = canvas.steps(&automation.spec.steps, x, y + HEIGHT);
    canvas.arrow(x, y, y + GAP);
    canvas.block("end", x, y + GAP, "end", &stops(automation));
    let height = y + GAP + HEIGHT + GAP;
    let (w, h) = (width.to_string(), height.to_string());
    let view = format!("0 0 {width} {height}");
    let content = [el("title", &[], title), el("style", &[], STYLE), canvas.markup];
    let svg = el(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("role", "img"),
            ("width", &w),
            ("height", &h),
            ("viewBox", &view),
        ],
        content,
    );
    svg.into_string()
}

/// The width that steps take.
fn measure(steps: &[Step]) -> i32 {
    let each = steps.iter().map(|step| match step {
        Step::If { then, otherwise, .. } => measure(then) + measure(otherwise) + GAP,
        _ => WIDTH,
    });
    each.max().unwrap_or(WIDTH).max(WIDTH)
}

#[derive(Default)]
struct Canvas {
    markup: Markup,
}

impl Canvas {
    /// Draws steps below a height, and gives the one at which they end.
    fn steps(&mut self, steps: &[Step], x: i32, mut y: i32) -> i32 {
        for step in steps {
            self.arrow(x, y, y + GAP);
            y += GAP;
            let (what, more) = words(step);
            match step {
                Step::If { then, otherwise, .. } => {
                    self.block("branch", x, y, &what, &more);
                    y += HEIGHT;
                    let (left, right) = (measure(then), measure(otherwise));
                    let from = x - (left + right + GAP) / 2;
                    let (yes, no) = (from + left / 2, from + left + GAP + right / 2);
                    let ends = [(yes, "yes", then), (no, "no", otherwise)].map(|(at, word, steps)| {
                        self.line(x, y, at, y + GAP);
                        self.text(at, y + GAP - 4, "small", word);
                        (at, self.steps(steps, at, y + GAP))
                    });
                    let end = ends[0].1.max(ends[1].1);
                    for (at, bottom) in ends {
                        self.line(at, bottom, at, end);
                        self.line(at, end, x, end + GAP);
                    }
                    y = end + GAP;
                }
                _ => {
                    self.block("step", x, y, &what, &more);
                    y += HEIGHT;
                }
            }
        }
        y
    }

    fn block(&mut self, class: &'static str, x: i32, y: i32, what: &str, more: &str) {
        let (left, top) = ((x - WIDTH / 2).to_string(), y.to_string());
        let (width, height) = (WIDTH.to_string(), HEIGHT.to_string());
        let frame =
            void("rect", &[("x", &left), ("y", &top), ("width", &width), ("height", &height), ("rx", "8")]);
        let inside = std::mem::take(&mut self.markup);
        let middle = if more.is_empty() { y + HEIGHT / 2 + 4 } else { y + 20 };
        self.text(x, middle, "", what);
        if !more.is_empty() {
            self.text(x, y + 37, "small", more);
        }
        let texts = std::mem::replace(&mut self.markup, inside);
        self.markup.push(el("g", &[("class", class)], [frame, texts]));
    }

    fn text(&mut self, x: i32, y: i32, class: &'static str, text: &str) {
        let (at, y) = (x.to_string(), y.to_string());
        let shown: String = match text.char_indices().nth(LINE) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_string(),
        };
        let full = el("title", &[], text);
        let content = [Markup::from(shown), full];
        self.markup.push(el(
            "text",
            &[("class", class), ("x", &at), ("y", &y), ("text-anchor", "middle")],
            content,
        ));
    }

    fn arrow(&mut self, x: i32, from: i32, to: i32) {
        self.line(x, from, x, to);
        let tip = format!("M{} {}L{x} {to}L{} {}", x - 4, to - 6, x + 4, to - 6);
        self.markup.push(void("path", &[("d", &tip)]));
    }

    fn line(&mut self, x: i32, y: i32, to_x: i32, to_y: i32) {
        let way = format!("M{x} {y}L{to_x} {to_y}");
        self.markup.push(void("path", &[("d", &way)]));
    }
}

fn trigger(trigger: &Trigger, condition: &Condition) -> (String, String) {
    let what = match trigger {
        Trigger::LeadCreated {} => "a lead is added".to_string(),
        Trigger::LeadImported {} => "a lead is imported".to_string(),
        Trigger::FieldChanged { fields } => format!("{} changes", fields.join(" or ")),
        Trigger::StatusChanged { to, .. } if to.is_empty() => "the status changes".into(),
        Trigger::StatusChanged { to, .. } => format!("status becomes {}", to.join(" or ")),
        Trigger::Assigned { .. } => "the owner changes".into(),
        Trigger::MessageReceived { words, intents } => {
            let asked: Vec<&str> = words.iter().chain(intents).map(String::as_str).collect();
            if asked.is_empty() {
                "a message comes in".into()
            } else {
                format!("message: {}", asked.join(", "))
            }
        }
        Trigger::Delivered { .. } => "a message is delivered".into(),
        Trigger::Failed { .. } => "a message fails".into(),
        Trigger::NotAnswered { after, .. } => format!("no answer for {after}"),
        Trigger::DateReached { field, days, time, .. } => match days {
            0 => format!("{field} is reached, {time}"),
            days if *days < 0 => format!("{} days before {field}, {time}", -i64::from(*days)),
            days => format!("{days} days after {field}, {time}"),
        },
        Trigger::Schedule { schedule: ScheduleRef::Name(name) } => format!("schedule {name}"),
        Trigger::Schedule { schedule: ScheduleRef::Inline(one) } => {
            one.rrule.clone().or_else(|| one.at.clone()).unwrap_or_default()
        }
    };
    (what, described(condition))
}

fn described(condition: &Condition) -> String {
    let mut parts = Vec::new();
    if let Some(filter) = &condition.lead {
        parts.push(serde_json::Value::Object(filter.0.clone()).to_string());
    }
    match condition.replied {
        Some(true) => parts.push("they answered".into()),
        Some(false) => parts.push("no answer".into()),
        None => {}
    }
    if let Some(contact) = &condition.contact {
        parts.push(if contact.none { "no such contact".into() } else { "there was a contact".to_string() });
    }
    if let Some(consent) = &condition.consent {
        let word = if consent.allowed.unwrap_or(true) { "may" } else { "may not" };
        parts.push(format!("{word} be contacted"));
    }
    parts.join(", ")
}

/// What a step does, and more about it.
fn words(step: &Step) -> (String, String) {
    let pair = |what: &str, more: String| (what.to_string(), more);
    match step {
        Step::Sms { template, body, .. } => {
            let text = template.clone().or_else(|| body.clone()).unwrap_or_default();
            pair("send a text", text)
        }
        Step::Set { values } => {
            let each = values.iter().map(|(field, value)| format!("{field} = {value}"));
            pair("set fields", each.collect::<Vec<_>>().join(", "))
        }
        Step::Assign { owners } => pair("assign", owners.join(", ")),
        Step::Tag { add, remove } => {
            let added = add.iter().map(|tag| format!("+{tag}"));
            let removed = remove.iter().map(|tag| format!("−{tag}"));
            pair("tag", added.chain(removed).collect::<Vec<_>>().join(" "))
        }
        Step::Status { to } => pair("status", to.clone()),
        Step::Task { subject, .. } => pair("task", subject.clone()),
        Step::Host { event, .. } => pair("tell the host", event.clone()),
        Step::Wait { time, at, .. } => {
            pair(&format!("wait {time}"), at.as_ref().map(|at| format!("until {at}")).unwrap_or_default())
        }
        Step::AwaitReply { time } => pair("wait for an answer", format!("at most {time}")),
        Step::If { condition, .. } => pair("if", described(condition)),
        Step::Stop {} => pair("stop", String::new()),
    }
}

fn stops(automation: &Automation) -> String {
    let stop = &automation.spec.stop;
    let mut parts: Vec<String> = Vec::new();
    if stop.reply {
        parts.push("an answer".into());
    }
    if stop.optout {
        parts.push("an opt-out".into());
    }
    parts.extend(stop.status.iter().cloned());
    if parts.is_empty() { String::new() } else { format!("or sooner: {}", parts.join(", ")) }
}
