//! The room of templates.

use serde_json::json;

use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, audit, templates};
use crate::model::message_template::{
    MessageTemplate, RenderOptions, RenderedTemplate, TemplateOptions, TemplateVersion,
};
use crate::model::operation::OperationKind;
use crate::store::{NewOperation, Writer};

/// Texts for messages and calls, by name and version.
#[derive(Clone, Copy)]
pub struct Templates<'a> {
    pub(super) session: &'a Session,
}

impl Templates<'_> {
    /// Saves a text under a name, as the name's next version; saved once more unchanged, it stays the
    /// version it is.
    ///
    /// # Errors
    /// `invalid_template` for a text that is none, in any language, and for variables that nobody
    /// fills; `invalid_argument` for the name, and for defaults of variables that no text uses.
    ///
    /// ```
    /// use leadkit_core::model::message_template::{RenderOptions, TemplateOptions};
    /// let db = leadkit_core::open(":memory:")?;
    /// let defaults = [("lead.first_name".to_string(), "there".to_string())].into();
    /// let options = TemplateOptions { defaults, ..Default::default() };
    /// let template = db.templates().save("hello", "Hi {{ lead.first_name }}!", options)?;
    /// assert_eq!((template.version, &template.variables[0][..]), (1, "lead.first_name"));
    ///
    /// let nameless = db.leads().add([("email", "info@lovelace.org")])?;
    /// let options = RenderOptions { lead: Some(nameless.id), ..Default::default() };
    /// assert_eq!(db.templates().render("hello", &options)?.text, "Hi there!");
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn save(&self, name: &str, body: &str, options: TemplateOptions) -> Result<MessageTemplate> {
        self.session.check_whole("saves no templates")?;
        let draft = templates::checked(name, body, options)?;
        self.session.store.writing(|writer| {
            let last = writer.templates(Some(name))?.pop();
            let template = MessageTemplate {
                version: last.as_ref().map_or(1, |last| last.version + 1),
                created_at: self.session.clock.now(),
                actor: self.session.actor.clone(),
                ..draft.clone()
            };
            match last.filter(|last| templates::same(last, &template)) {
                Some(last) => Ok(last),
                None => self.put(writer, template),
            }
        })
    }

    /// A version of a template, by default the last; none when there is no such.
    ///
    /// # Errors
    /// Those of the store.
    pub fn get(&self, name: &str, version: TemplateVersion) -> Result<Option<MessageTemplate>> {
        self.session.store.reading(|reader| {
            let versions = reader.templates(Some(name))?;
            Ok(versions.into_iter().rfind(|t| version.version.is_none_or(|version| t.version == version)))
        })
    }

    /// The last version of each template, archived ones included, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn list(&self) -> Result<Vec<MessageTemplate>> {
        let mut all = self.session.store.reading(|reader| reader.templates(None))?;
        // The last of each run of versions stays.
        all.reverse();
        all.dedup_by(|next, kept| next.name == kept.name);
        all.reverse();
        Ok(all)
    }

    /// Fills a template in, as a message would have it; nothing is sent.
    ///
    /// # Errors
    /// `not_found` for the template, its version and the lead; `template_value_missing` for a variable
    /// that holds nothing and has no default.
    pub fn render(&self, name: &str, options: &RenderOptions) -> Result<RenderedTemplate> {
        self.session.shown(templates::render(self.session, name, options)?)
    }

    /// Puts a template away: it is shown, and not used any more until it is saved again.
    ///
    /// # Errors
    /// `not_found`.
    pub fn archive(&self, name: &str) -> Result<MessageTemplate> {
        self.session.check_whole("puts no templates away")?;
        self.session.store.writing(|writer| {
            let last = writer.templates(Some(name))?.pop();
            let last = last.ok_or_else(|| {
                Error::new(ErrorCode::NotFound, "there is no template of this name").at_field("name")
            })?;
            match last.archived {
                true => Ok(last),
                false => self.put(writer, MessageTemplate { archived: true, ..last }),
            }
        })
    }

    fn put(&self, writer: &dyn Writer, template: MessageTemplate) -> Result<MessageTemplate> {
        writer.put_template(&template)?;
        audit::operation(
            self.session,
            writer,
            &NewOperation {
                name: Some(template.name.clone()),
                options: json!({ "version": template.version, "archived": template.archived }),
                ..self.session.new_operation(OperationKind::SaveTemplate)
            },
        )?;
        Ok(template)
    }
}
