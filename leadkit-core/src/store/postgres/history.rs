//! The history of contacts: the newest first, by words and by what is said of them.

use super::View;
use super::lead::parse;
use super::log::limited;
use super::query::{Builder, storable};
use crate::error::Result;
use crate::model::communication::Communication;
use crate::model::history::Facet;
use crate::model::read::without_nuls;
use crate::search::{Clause, Term, TextQuery, all_words};
use crate::store::{FacetCounts, HistoryQuery, first_place, is_place_of, place_of};

/// Contacts that are indexed at once when an older schema is brought to this one.
const AT_ONCE: i64 = 1_000;

/// What was known of a contact that changes, and what is indexed of it now.
pub(super) struct Indexed {
    pub(super) place: i64,
    pub(super) new_place: i64,
    pub(super) texts: i64,
    pub(super) reply_to: Option<i64>,
}

impl View<'_> {
    pub(super) fn read_history(&self, query: &HistoryQuery) -> Result<Vec<(i64, Communication)>> {
        let mut sql = Builder::with("SELECT c.place, c.value");
        condition(&mut sql, query);
        let place = if query.text.is_some() { "t.place" } else { "c.place" };
        sql.push(&format!(" ORDER BY {place} DESC LIMIT {}", limited(query.limit)));
        let rows = self.rows(&sql.text, &sql.values()?)?;
        rows.iter().map(|row| Ok((row.try_get(0)?, parse(row.try_get(1)?)?))).collect()
    }

    pub(super) fn count_history(
        &self,
        query: &HistoryQuery,
        facets: &[Facet],
    ) -> Result<(u64, Vec<FacetCounts>)> {
        let mut all = Builder::with("SELECT count(*)");
        condition(&mut all, query);
        let total = self.count_by(&all)?;
        let each = facets.iter().map(|facet| {
            let column = facet.as_str();
            let mut sql = Builder::with(&format!("SELECT c.{column}, count(*)"));
            condition(&mut sql, query);
            sql.push(&format!(" AND c.{column} IS NOT NULL GROUP BY 1"));
            let rows = self.rows(&sql.text, &sql.values()?)?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get::<_, i64>(1)?.unsigned_abs()))).collect()
        });
        Ok((total, each.collect::<Result<_>>()?))
    }

    pub(super) fn leads_merged_into(&self, lead: i64) -> Result<Vec<i64>> {
        let rows = self.rows("SELECT id FROM lead WHERE merged_into = $1 ORDER BY id", &[&lead])?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The place of a contact that is new; its words are indexed.
    pub(super) fn index_contact(&self, contact: &Communication) -> Result<i64> {
        let place = place_of(contact.at, |from, to| self.last_place(from, to))?;
        self.add_words(place, contact)?;
        Ok(place)
    }

    /// Gives a contact whose time or texts may have changed its place; its words are indexed again where
    /// they have.
    pub(super) fn index_again(&self, contact: &Communication) -> Result<Option<Indexed>> {
        let sql = "SELECT place, texts, reply_to FROM communication WHERE id = $1";
        let rows = self.rows(sql, &[&contact.id])?;
        let Some(row) = rows.first() else { return Ok(None) };
        let place: i64 = row.try_get(0)?;
        let old = Indexed { place, new_place: place, texts: row.try_get(1)?, reply_to: row.try_get(2)? };
        let (stays, texts) = (is_place_of(place, contact.at), contact.texts_hash());
        if stays && old.texts == texts {
            return Ok(Some(old));
        }
        self.execute("DELETE FROM communication_text WHERE place = $1", &[&place])?;
        let new_place = match stays {
            true => place,
            false => place_of(contact.at, |from, to| self.last_place(from, to))?,
        };
        self.add_words(new_place, contact)?;
        Ok(Some(Indexed { new_place, texts, ..old }))
    }

    fn add_words(&self, place: i64, contact: &Communication) -> Result<()> {
        let words = all_words(contact.texts());
        if !words.is_empty() {
            let sql = "INSERT INTO communication_text (place, words) VALUES ($1, $2::text::tsvector)";
            self.execute(sql, &[&place, &vector(&words)])?;
        }
        Ok(())
    }

    fn last_place(&self, from: i64, to: i64) -> Result<Option<i64>> {
        let sql = "SELECT max(place) FROM communication WHERE place >= $1 AND place < $2";
        Ok(self.row(sql, &[&from, &to])?.try_get(0)?)
    }
}

/// Gives contacts of an older schema their places, columns and words.
pub(super) fn index_all(view: &View<'_>) -> Result<()> {
    let mut after = 0_i64;
    loop {
        let sql = "SELECT value FROM communication WHERE id > $1 ORDER BY id LIMIT $2";
        let rows = view.rows(sql, &[&after, &AT_ONCE])?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            let contact = without_nuls(&parse::<Communication>(row.try_get(0)?)?)?.with_its_time();
            let place = view.index_contact(&contact)?;
            view.store_columns(&contact, place, contact.texts_hash())?;
            after = contact.id;
        }
    }
}

/// Words with their places, as the server reads a `tsvector`. Words are letters and digits, so that
/// nothing in them needs care.
fn vector(words: &[String]) -> String {
    let placed = words.iter().enumerate().map(|(at, word)| format!("'{word}':{}", at + 1));
    placed.collect::<Vec<_>>().join(" ")
}

/// From where, and under which conditions.
fn condition(sql: &mut Builder, query: &HistoryQuery) {
    let place = match &query.text {
        Some(text) => {
            sql.push(
                " FROM communication_text t JOIN communication c ON c.place = t.place WHERE t.words @@ ",
            );
            sql.bind(expression(text), "text::tsquery");
            "t.place"
        }
        None => {
            sql.push(" FROM communication c WHERE true");
            "c.place"
        }
    };
    let mut number = |condition: &str, value: Option<i64>| {
        if let Some(value) = value {
            sql.push(condition);
            sql.bind(value, "bigint");
        }
    };
    number(&format!(" AND {place} < "), query.before);
    number(&format!(" AND {place} >= "), query.since.map(first_place));
    number(&format!(" AND {place} < "), query.until.map(first_place));
    number(" AND c.cost >= ", query.min_cost);
    number(" AND c.cost <= ", query.max_cost);
    if !query.leads.is_empty() {
        sql.push(" AND c.lead = ANY(");
        sql.bind(query.leads.clone(), "bigint[]");
        sql.push(")");
    }
    let mut one_of = |column: &str, values: Vec<String>| {
        if !values.is_empty() {
            sql.push(&format!(" AND c.{column} = ANY("));
            sql.bind(values, "text[]");
            sql.push(")");
        }
    };
    one_of("channel", query.channels.iter().map(|channel| channel.as_str().to_string()).collect());
    one_of("direction", query.direction.iter().map(|direction| direction.as_str().to_string()).collect());
    one_of("state", query.states.iter().map(|state| state.as_str().to_string()).collect());
    one_of("owner", query.owner.iter().map(|owner| storable(owner)).collect());
    one_of("template", query.template.iter().map(|template| storable(template)).collect());
    one_of("campaign", query.campaign.iter().map(|campaign| storable(campaign)).collect());
    if !query.corrected {
        sql.push(" AND NOT c.corrected");
    }
    if let Some(filter) = &query.filter {
        sql.push(" AND EXISTS (SELECT 1 FROM lead WHERE id = c.lead AND deleted_at IS NULL AND ");
        sql.expr(filter);
        sql.push(")");
    }
}

/// A search in the language of `tsquery`.
fn expression(text: &TextQuery) -> String {
    let term = |term: &Term| {
        let last = term.words.len() - 1;
        let words = term.words.iter().enumerate().map(|(place, word)| {
            let star = if term.prefix && place == last { ":*" } else { "" };
            format!("'{word}'{star}")
        });
        format!("({})", words.collect::<Vec<_>>().join(" <-> "))
    };
    let clause = |clause: &Clause| {
        let any = clause.any.iter().map(term).collect::<Vec<_>>().join(" | ");
        if clause.not { format!("!({any})") } else { format!("({any})") }
    };
    text.clauses.iter().map(clause).collect::<Vec<_>>().join(" & ")
}
