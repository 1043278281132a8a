//! Templates for messages: checked when they are saved, filled in when they are used.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::ledger::lint::lint;
use crate::model::consent::Channel;
use crate::model::lead::Lead;
use crate::model::message_template::{MessageTemplate, RenderOptions, RenderedTemplate, TemplateOptions};
use crate::store::Reader;
use crate::template::{Scope, Template, sms_segments};

/// The longest name of a template, in characters.
const NAME: usize = 63;

/// A template that can be saved; version, time and actor are the caller's to fill in.
///
/// # Errors
/// `invalid_argument`, `invalid_template`.
pub fn checked(name: &str, body: &str, options: TemplateOptions) -> Result<MessageTemplate> {
    let of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.chars().count() > NAME || !name.chars().all(of_word) {
        return Err(Error::new(
            ErrorCode::InvalidArgument,
            "a template's name is a word of 63 characters at most",
        )
        .hint("letters, digits, `_` and `-`")
        .at_field("name"));
    }
    let mut variables = BTreeSet::new();
    for text in std::iter::once(body).chain(options.locales.values().map(String::as_str)) {
        if text.trim().is_empty() {
            return Err(Error::new(ErrorCode::InvalidTemplate, "this text is empty").at_field("body"));
        }
        variables.extend(Template::for_messages(text)?.variables().iter().cloned());
    }
    if let Some(unused) = options.defaults.keys().find(|name| !variables.contains(*name)) {
        let near = crate::text::nearest(unused, variables.iter().map(String::as_str));
        let error = Error::new(ErrorCode::InvalidArgument, format!("no text uses the variable `{unused}`"))
            .at_field("defaults");
        return Err(match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        });
    }
    Ok(MessageTemplate {
        name: name.to_string(),
        version: 1,
        channel: options.channel.unwrap_or(Channel::Sms),
        body: body.to_string(),
        locales: options.locales,
        defaults: options.defaults,
        variables: variables.into_iter().collect(),
        archived: false,
        created_at: Default::default(),
        actor: None,
    })
}

/// Whether two versions say the same.
pub fn same(a: &MessageTemplate, b: &MessageTemplate) -> bool {
    (a.channel, &a.body, &a.locales, &a.defaults, a.archived)
        == (b.channel, &b.body, &b.locales, &b.defaults, b.archived)
}

/// Fills a stored template in.
///
/// # Errors
/// `not_found`, `template_value_missing`, `invalid_template`.
pub fn render(session: &Session, name: &str, options: &RenderOptions) -> Result<RenderedTemplate> {
    let (template, lead, prices) = session.store.reading(|reader| {
        let template = find(reader, name, options.version)?;
        let lead = match options.lead {
            Some(id) => reader
                .lead(id)?
                .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {id}")))?,
            None => sample(),
        };
        Ok((template, lead, reader.settings()?.unwrap_or_default().price_table()))
    })?;
    let compiled = Compiled::new(template)?;
    let template = &compiled.template;
    let mut rendered = render_for(&compiled, &lead, options)?;
    if template.channel == Channel::Sms {
        rendered.segments = sms_segments(&rendered.text, false).segments;
        let country = lead.phone.as_deref().and_then(super::message::country);
        rendered.predicted = country.and_then(|country| prices.sms(&country, rendered.segments));
        rendered.warnings = lint(&rendered.text, &lead, template.variables.iter().map(String::as_str));
    }
    Ok(rendered)
}

/// A template that is ready to be filled in for many.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// As it is stored.
    pub template: MessageTemplate,
    body: Template,
    locales: BTreeMap<String, Template>,
}

impl Compiled {
    /// # Errors
    /// `invalid_template`.
    pub fn new(template: MessageTemplate) -> Result<Compiled> {
        let read = |(locale, text): (&String, &String)| Ok((locale.clone(), Template::for_messages(text)?));
        Ok(Compiled {
            body: Template::for_messages(&template.body)?,
            locales: template.locales.iter().map(read).collect::<Result<_>>()?,
            template,
        })
    }

    /// The text for a language: of the very tag, or of the language without its region.
    fn localised(&self, wanted: &str) -> Option<(&str, &Template)> {
        let language = wanted.split(['-', '_']).next().unwrap_or(wanted);
        let of = |tag: &str| {
            let found = self.locales.iter().find(|(locale, _)| locale.eq_ignore_ascii_case(tag));
            found.map(|(locale, text)| (locale.as_str(), text))
        };
        of(wanted).or_else(|| of(language))
    }
}

/// Fills a template in for a lead; what it costs is the caller's to work out.
///
/// # Errors
/// `template_value_missing`, `invalid_template`.
pub fn render_for(compiled: &Compiled, lead: &Lead, options: &RenderOptions) -> Result<RenderedTemplate> {
    let template = &compiled.template;
    let wanted = options.locale.as_deref().or(lead.language.as_deref());
    let (locale, text) = match wanted.and_then(|wanted| compiled.localised(wanted)) {
        Some((locale, text)) => (Some(locale.to_string()), text),
        None => (None, &compiled.body),
    };
    let scope = Scope { lead, vars: &options.vars, defaults: &template.defaults };
    let text = text.render_in(&scope)?;
    if text.trim().is_empty() {
        return Err(Error::new(
            ErrorCode::TemplateValueMissing,
            "nothing is left of this text for this lead",
        )
        .hint("give its parts defaults"));
    }
    Ok(RenderedTemplate {
        name: template.name.clone(),
        version: template.version,
        locale,
        text,
        segments: 0,
        predicted: None,
        warnings: Vec::new(),
    })
}

/// The version asked for, or the last.
///
/// # Errors
/// `not_found`.
pub fn find(reader: &dyn Reader, name: &str, version: Option<u32>) -> Result<MessageTemplate> {
    let versions = reader.templates(Some(name))?;
    let found = versions.into_iter().rfind(|t| version.is_none_or(|version| t.version == version));
    found.ok_or_else(|| {
        Error::new(ErrorCode::NotFound, "there is no template of this name and version").at_field("name")
    })
}

/// A made-up lead, to look at a text.
fn sample() -> Lead {
    let some = |text: &str| Some(text.to_string());
    Lead {
        id: 1,
        salutation: some("Ms"),
        first_name: some("Ada"),
        last_name: some("Lovelace"),
        full_name: some("Ada Lovelace"),
        email: some("ada.lovelace@example.com"),
        phone: some("+12025550123"),
        company: some("Analytical Engines Ltd"),
        job_title: some("Analyst"),
        city: some("London"),
        country: some("GB"),
        owner: some("Mia"),
        ..Lead::default()
    }
}
