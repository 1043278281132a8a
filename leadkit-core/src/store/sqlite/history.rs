//! The history of contacts: the newest first, by words and by what is said of them.

use rusqlite::OptionalExtension;
use rusqlite::types::Value as Sql;

use super::View;
use super::log::json;
use super::query::Builder;
use crate::error::Result;
use crate::model::communication::Communication;
use crate::model::history::Facet;
use crate::search::{Clause, TextQuery, all_words};
use crate::store::{FacetCounts, HistoryQuery, first_place, is_place_of, place_of, tally};

/// Contacts that are held when an older schema is brought to this one.
const AT_ONCE: i64 = 10_000;

/// What was known of a contact that changes, and what is indexed of it now.
pub(super) struct Indexed {
    pub(super) place: i64,
    pub(super) new_place: i64,
    pub(super) texts: i64,
    pub(super) reply_to: Option<i64>,
}

impl View<'_> {
    pub(super) fn read_history(&self, query: &HistoryQuery) -> Result<Vec<(i64, Communication)>> {
        let mut found = Vec::new();
        let most = usize::try_from(query.limit).unwrap_or(usize::MAX);
        self.walk_history(query, &mut |place, contact| {
            found.push((place, contact));
            found.len() < most
        })?;
        Ok(found)
    }

    pub(super) fn count_history(
        &self,
        query: &HistoryQuery,
        facets: &[Facet],
    ) -> Result<(u64, Vec<FacetCounts>)> {
        if by_hand(query) {
            let (mut total, mut counts) = (0, vec![FacetCounts::new(); facets.len()]);
            self.walk_history(&HistoryQuery { limit: u64::MAX, ..query.clone() }, &mut |_, contact| {
                total += 1;
                tally(facets, &mut counts, &contact);
                true
            })?;
            return Ok((total, counts));
        }
        let of = |what: &str, behind: &str| {
            let mut sql = Builder::default();
            sql.push(&format!("SELECT {what}"));
            condition(&mut sql, query);
            sql.push(behind);
            sql
        };
        let all = of("count(*)", "");
        let mut statement = self.connection.prepare_cached(&all.text)?;
        let total: i64 = statement.query_row(rusqlite::params_from_iter(all.values), |row| row.get(0))?;
        let each = facets.iter().map(|facet| {
            let column = facet.as_str();
            let sql =
                of(&format!("c.{column}, count(*)"), &format!(" AND c.{column} IS NOT NULL GROUP BY 1"));
            let mut statement = self.connection.prepare_cached(&sql.text)?;
            let rows = statement.query_map(rusqlite::params_from_iter(sql.values), |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })?;
            Ok(rows.collect::<rusqlite::Result<FacetCounts>>()?)
        });
        Ok((total.unsigned_abs(), each.collect::<Result<_>>()?))
    }

    pub(super) fn leads_merged_into(&self, lead: i64) -> Result<Vec<i64>> {
        let sql = "SELECT id FROM lead WHERE merged_into = ? ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([lead], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Goes through what a query finds, the newest first, until told to stop.
    fn walk_history(
        &self,
        query: &HistoryQuery,
        each: &mut dyn FnMut(i64, Communication) -> bool,
    ) -> Result<()> {
        if query.limit == 0 {
            return Ok(());
        }
        let by_hand = by_hand(query);
        let mut sql = Builder::default();
        sql.push("SELECT c.place, c.value");
        condition(&mut sql, query);
        let place = if query.text.is_some() && !by_hand { "communication_text.rowid" } else { "c.place" };
        sql.push(&format!(" ORDER BY {place} DESC"));
        if !by_hand {
            sql.push(" LIMIT ");
            sql.bind(Sql::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
        }
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        let mut rows = statement.query(rusqlite::params_from_iter(sql.values))?;
        while let Some(row) = rows.next()? {
            let (place, contact): (i64, Communication) = (row.get(0)?, json(row, 1)?);
            if by_hand && !query.finds(place, &contact) {
                continue;
            }
            if !each(place, contact) {
                break;
            }
        }
        Ok(())
    }

    /// The place of a contact that is new.
    pub(super) fn new_place(&self, contact: &Communication) -> Result<i64> {
        place_of(contact.at, |from, to| self.last_place(from, to))
    }

    /// Gives a contact whose time or texts may have changed its place; its words are indexed again where
    /// they have.
    pub(super) fn index_again(&self, contact: &Communication) -> Result<Option<Indexed>> {
        let sql = "SELECT place, texts, reply_to FROM communication WHERE id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let old = statement.query_row([contact.id], |row| {
            Ok(Indexed {
                place: row.get(0)?,
                new_place: row.get(0)?,
                texts: row.get(1)?,
                reply_to: row.get(2)?,
            })
        });
        let Some(old) = old.optional()? else { return Ok(None) };
        let place = old.place;
        let (stays, texts) = (is_place_of(place, contact.at), contact.texts_hash());
        if stays && old.texts == texts {
            return Ok(Some(old));
        }
        let delete = "DELETE FROM communication_text WHERE rowid = ?";
        self.connection.prepare_cached(delete)?.execute([place])?;
        let place = match stays {
            true => place,
            false => self.new_place(contact)?,
        };
        self.add_words(vec![(place, words_of(contact))])?;
        Ok(Some(Indexed { new_place: place, texts, ..old }))
    }

    /// Indexes words by their places, in the order of these: FTS5 writes out what it has gathered
    /// whenever a place stands before the last one; writing contacts of all times then costs a third more.
    pub(super) fn add_words(&self, mut words: Vec<(i64, String)>) -> Result<()> {
        words.sort_unstable_by_key(|(place, _)| *place);
        let sql = "INSERT INTO communication_text (rowid, words) VALUES (?, ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (place, words) in words.iter().filter(|(_, words)| !words.is_empty()) {
            statement.execute((place, words))?;
        }
        Ok(())
    }

    fn last_place(&self, from: i64, to: i64) -> Result<Option<i64>> {
        let sql = "SELECT max(place) FROM communication WHERE place >= ? AND place < ?";
        Ok(self.connection.prepare_cached(sql)?.query_row((from, to), |row| row.get(0))?)
    }
}

/// Gives contacts of an older schema their places, columns and words.
pub(super) fn index_all(view: &View<'_>) -> Result<()> {
    let mut after = 0;
    loop {
        let sql = "SELECT value FROM communication WHERE id > ? ORDER BY id LIMIT ?";
        let mut statement = view.connection.prepare_cached(sql)?;
        let rows = statement.query_map((after, AT_ONCE), |row| json(row, 0))?;
        let old: Vec<Communication> = rows.collect::<rusqlite::Result<_>>()?;
        let Some(last) = old.last() else { return Ok(()) };
        after = last.id;
        let mut words = Vec::with_capacity(old.len());
        for contact in old.into_iter().map(Communication::with_its_time) {
            let place = view.new_place(&contact)?;
            view.store_columns(&contact, place, contact.texts_hash())?;
            words.push((place, words_of(&contact)));
        }
        view.add_words(words)?;
    }
}

/// The words that a contact is found by, between blanks.
pub(super) fn words_of(contact: &Communication) -> String {
    all_words(contact.texts()).join(" ")
}

/// Whether words are looked for among a lead's own contacts, of which there are few: going through all
/// that have the words takes longer.
fn by_hand(query: &HistoryQuery) -> bool {
    query.text.is_some() && !query.leads.is_empty()
}

/// From where, and under which conditions.
fn condition(sql: &mut Builder, query: &HistoryQuery) {
    let text = query.text.as_ref().filter(|_| !by_hand(query));
    let place = match text {
        Some(text) => {
            sql.push(
                " FROM communication_text CROSS JOIN communication c ON c.place = communication_text.rowid \
                 WHERE communication_text MATCH ",
            );
            sql.bind(Sql::Text(expression(text)));
            "communication_text.rowid"
        }
        None => {
            sql.push(" FROM communication c WHERE 1");
            "c.place"
        }
    };
    let mut number = |condition: &str, value: Option<i64>| {
        if let Some(value) = value {
            sql.push(condition);
            sql.bind(Sql::Integer(value));
        }
    };
    number(&format!(" AND {place} < "), query.before);
    number(&format!(" AND {place} >= "), query.since.map(first_place));
    number(&format!(" AND {place} < "), query.until.map(first_place));
    number(" AND c.cost >= ", query.min_cost);
    number(" AND c.cost <= ", query.max_cost);
    let mut one_of = |column: &str, values: Vec<Sql>| {
        let [first, others @ ..] = &values[..] else { return };
        sql.push(&format!(" AND c.{column} IN ("));
        sql.bind(first.clone());
        for value in others {
            sql.push(", ");
            sql.bind(value.clone());
        }
        sql.push(")");
    };
    let word = |word: &str| Sql::Text(word.to_string());
    one_of("lead", query.leads.iter().map(|lead| Sql::Integer(*lead)).collect());
    one_of("channel", query.channels.iter().map(|channel| word(channel.as_str())).collect());
    one_of("direction", query.direction.iter().map(|direction| word(direction.as_str())).collect());
    one_of("state", query.states.iter().map(|state| word(state.as_str())).collect());
    one_of("owner", query.owner.iter().map(|owner| word(owner)).collect());
    one_of("template", query.template.iter().map(|template| word(template)).collect());
    one_of("campaign", query.campaign.iter().map(|campaign| word(campaign)).collect());
    if !query.corrected {
        sql.push(" AND NOT c.corrected");
    }
    if let Some(filter) = &query.filter {
        sql.push(" AND EXISTS (SELECT 1 FROM lead WHERE id = c.lead AND deleted_at IS NULL AND ");
        sql.expr(filter);
        sql.push(")");
    }
}

/// A search in the language of FTS5. Words are letters and digits, so that nothing in them needs care.
fn expression(text: &TextQuery) -> String {
    let clause = |clause: &Clause| {
        let terms = clause.any.iter().map(|term| {
            let star = if term.prefix { " *" } else { "" };
            format!("\"{}\"{star}", term.words.join(" "))
        });
        format!("({})", terms.collect::<Vec<_>>().join(" OR "))
    };
    let of = |not: bool| text.clauses.iter().filter(move |clause| clause.not == not).map(clause);
    let mut all = format!("({})", of(false).collect::<Vec<_>>().join(" AND "));
    of(true).for_each(|clause| all.push_str(&format!(" NOT {clause}")));
    all
}
