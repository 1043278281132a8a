//! Markup that cannot forget to escape, and the page around it.

use crate::text::is_invisible;

/// Finished HTML. Text becomes `Markup` only by being escaped, and elements take only `Markup`:
/// a raw string cannot slip in.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Appends further markup.
    pub(super) fn push(&mut self, more: impl Into<Markup>) {
        self.0.push_str(&more.into().0);
    }

    /// The markup itself, for a document of its own.
    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// The HTML itself.
    #[cfg(test)]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Markup {
    fn from(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        escape_into(text, &mut out);
        Markup(out)
    }
}

impl From<String> for Markup {
    fn from(text: String) -> Self {
        Markup::from(text.as_str())
    }
}

impl From<Vec<Markup>> for Markup {
    fn from(parts: Vec<Markup>) -> Self {
        parts.into_iter().collect()
    }
}

impl<const N: usize> From<[Markup; N]> for Markup {
    fn from(parts: [Markup; N]) -> Self {
        parts.into_iter().collect()
    }
}

impl FromIterator<Markup> for Markup {
    fn from_iter<I: IntoIterator<Item = Markup>>(parts: I) -> Self {
        Markup(parts.into_iter().map(|part| part.0).collect())
    }
}

/// Attributes of an element; their values are escaped, their names are ours.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

/// An element with its content.
pub(super) fn el(name: &'static str, attributes: Attributes, content: impl Into<Markup>) -> Markup {
    let mut out = open(name, attributes);
    out.push('>');
    out.push_str(&content.into().0);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
    // A line for each block keeps the source readable and diffs small.
    if matches!(name, "section" | "header" | "tr" | "tbody" | "thead" | "table" | "h1" | "h2" | "p" | "div") {
        out.push('\n');
    }
    Markup(out)
}

/// An element that never has content, closed as in XML.
pub(super) fn void(name: &'static str, attributes: Attributes) -> Markup {
    let mut out = open(name, attributes);
    out.push_str(" />");
    Markup(out)
}

/// A value out of the file: kept apart from the text around it, whatever its direction.
pub(super) fn value(text: &str) -> Markup {
    el("bdi", &[("class", "value")], clipped(text))
}

/// Text, cut when it is longer than anyone reads in a table.
pub(super) fn clipped(text: &str) -> Markup {
    const SHOWN: usize = 160;
    let Some((end, _)) = text.char_indices().nth(SHOWN) else { return Markup::from(text) };
    let length = super::figures::grouped(text.chars().count() as u64);
    [
        Markup::from(format!("{}… ", text.get(..end).unwrap_or_default())),
        el("span", &[("class", "muted")], format!("({length} characters)")),
    ]
    .into()
}

/// The whole page: head with its policy and its style, to which a kind of page may add, then the body.
pub(super) fn page(title: &str, more_style: &str, body: Markup) -> String {
    // The policy comes first: it must be in force before anything else is read.
    let head: Markup = [
        void("meta", &[("charset", "utf-8")]),
        void(
            "meta",
            &[
                ("http-equiv", "Content-Security-Policy"),
                ("content", "default-src 'none'; style-src 'unsafe-inline'"),
            ],
        ),
        void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
        void("meta", &[("name", "color-scheme"), ("content", "light dark")]),
        el("title", &[], title),
        // Our own files, the one thing that is not escaped; a test holds that they have no markup.
        el("style", &[], Markup([STYLE, more_style].concat())),
    ]
    .into();
    let html = el("html", &[("lang", "en")], [el("head", &[], head), el("body", &[], body)]);
    format!("<!DOCTYPE html>\n{}\n", html.0)
}

/// The page's style sheet.
pub(super) const STYLE: &str = include_str!("report.css");

fn open(name: &'static str, attributes: Attributes) -> String {
    let mut out = String::with_capacity(64);
    out.push('<');
    out.push_str(name);
    for (key, text) in attributes {
        out.push(' ');
        out.push_str(key);
        out.push_str("=\"");
        escape_into(text, &mut out);
        out.push('"');
    }
    out
}

/// Escapes for text and for quoted attributes alike. What cannot be seen is shown: tabs and line
/// breaks as arrows, other control, invisible and direction-changing characters by their numbers,
/// so that no value can rearrange the line in which it stands.
fn escape_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' => out.push('⇥'),
            '\n' => out.push('↵'),
            c if is_unseen(c) => out.push_str(&format!("[U+{:04X}]", c as u32)),
            c => out.push(c),
        }
    }
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || is_invisible(c)
        || matches!(c, '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e007f}')
        || (c as u32) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let nasty = "<script>alert(\"x\")</script> & 'y'";
        let safe = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;";
        assert_eq!(Markup::from(nasty).as_str(), safe);
        let element = el("b", &[("title", "\"><script>x</script>")], nasty);
        assert_eq!(
            element.as_str(),
            format!("<b title=\"&quot;&gt;&lt;script&gt;x&lt;/script&gt;\">{safe}</b>")
        );
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(Markup::from("a\0b\tc\nd\u{7f}").as_str(), "a[U+0000]b⇥c↵d[U+007F]");
        assert_eq!(Markup::from("a\u{202e}b\u{85}c\u{feff}").as_str(), "a[U+202E]b[U+0085]c[U+FEFF]");
        assert_eq!(Markup::from("\u{ffff}\u{e0041}").as_str(), "[U+FFFF][U+E0041]");
        assert_eq!(Markup::from("नमस्ते 👩\u{200d}🚀 日本").as_str(), "नमस्ते 👩\u{200d}🚀 日本");
    }

    #[test]
    fn only_long_values_are_cut() {
        assert_eq!(value("ä".repeat(160).as_str()).as_str().matches('ä').count(), 160);
        let long = value("ä".repeat(1200).as_str());
        assert_eq!(long.as_str().matches('ä').count(), 160);
        assert!(long.as_str().contains("ä… <span class=\"muted\">(1,200 characters)</span>"));
    }

    #[test]
    fn the_style_closes_nothing_and_loads_nothing() {
        for style in [STYLE, super::super::stats_html::STYLE] {
            assert!(!style.contains('<'));
            for word in ["url(", "@import", "expression", "http"] {
                assert!(!style.contains(word), "{word}");
            }
        }
    }
}
