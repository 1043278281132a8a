//! New leads on their way into a store, many in one piece.

use std::sync::LazyLock;

use super::key::LeadKey;
use super::row::{Folds, LeadRow, folded_fields};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::model::field::Field;
use crate::model::lead::Lead;

/// New leads with all that a store keeps of them, in a few large buffers: an import makes millions of
/// leads, and a lead on its own is thirty pieces of memory.
///
/// Cells are numbered as [`batch_columns`] says.
#[derive(Clone, Debug, Default)]
pub struct LeadBatch {
    text: String,
    cells: Vec<Cell>,
    keys: Vec<LeadKey>,
    rows: Vec<Head>,
    /// For writing JSON.
    json: Vec<u8>,
}

/// A cell's text ends here and begins where the one before it ends.
#[derive(Clone, Copy, Debug)]
struct Cell {
    column: u8,
    end: u32,
}

/// What a lead has beside its texts, and where its cells and keys end.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    id: i64,
    rev: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    score: Option<f64>,
    cells: u32,
    keys: u32,
}

/// What a cell of a [`LeadBatch`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchColumn {
    /// A field of one text.
    Text(Field),
    /// A list field as a JSON array.
    List(Field),
    /// The custom fields as a JSON object.
    Custom,
    /// The texts that normalising changed, as a JSON object.
    Original,
    /// A folded text, by its place in [`folded_fields`].
    Fold(usize),
    /// The folded custom fields as a JSON object.
    CustomFold,
}

/// What the cells hold, by their numbers.
pub fn batch_columns() -> &'static [BatchColumn] {
    static COLUMNS: LazyLock<Vec<BatchColumn>> = LazyLock::new(|| {
        let texts = Field::ALL.iter().copied().filter(|f| f.kind().is_text()).map(BatchColumn::Text);
        let lists = Field::ALL.iter().copied().filter(|f| f.kind().is_list()).map(BatchColumn::List);
        let folds = (0..folded_fields().count()).map(BatchColumn::Fold);
        let maps = [BatchColumn::Custom, BatchColumn::Original];
        texts.chain(lists).chain(maps).chain(folds).chain([BatchColumn::CustomFold]).collect()
    });
    &COLUMNS
}

/// One lead of a [`LeadBatch`].
#[derive(Clone, Copy, Debug)]
pub struct BatchRow<'a> {
    head: Head,
    text: &'a str,
    from: u32,
    cells: &'a [Cell],
    keys: &'a [LeadKey],
}

impl LeadBatch {
    /// How many leads there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lead at `index`, counted from 0; an empty one past the end.
    pub fn row(&self, index: usize) -> BatchRow<'_> {
        let Some(head) = self.rows.get(index).copied() else {
            return BatchRow { head: Head::default(), text: "", from: 0, cells: &[], keys: &[] };
        };
        let (cells, keys) = match index.checked_sub(1).and_then(|before| self.rows.get(before)) {
            Some(before) => (before.cells as usize, before.keys as usize),
            None => (0, 0),
        };
        let from = cells.checked_sub(1).and_then(|before| self.cells.get(before)).map_or(0, |cell| cell.end);
        BatchRow {
            head,
            text: &self.text,
            from,
            cells: self.cells.get(cells..head.cells as usize).unwrap_or_default(),
            keys: self.keys.get(keys..head.keys as usize).unwrap_or_default(),
        }
    }

    /// The leads that have an id, which are those to be stored, in the order of their ids.
    pub fn rows(&self) -> impl Iterator<Item = BatchRow<'_>> {
        (0..self.rows.len()).filter(|index| self.rows[*index].id != 0).map(|index| self.row(index))
    }

    /// Empties the batch and keeps its memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.keys.clear();
        self.rows.clear();
    }

    /// Adds a lead without an id; deleted ones have no place here.
    ///
    /// # Errors
    /// `internal` for values that are no JSON.
    pub fn push(&mut self, row: &LeadRow) -> Result<()> {
        let lead = &row.lead;
        for (number, column) in batch_columns().iter().enumerate() {
            match *column {
                BatchColumn::Text(field) => match lead.text(field) {
                    Some(text) => self.text.push_str(text),
                    None => continue,
                },
                BatchColumn::List(field) if !lead.list(field).is_empty() => self.json(lead.list(field))?,
                BatchColumn::Custom if !lead.custom.is_empty() => self.json(&lead.custom)?,
                BatchColumn::Original if !lead.original.is_empty() => self.json(&lead.original)?,
                BatchColumn::Fold(0) => {
                    for (place, fold) in row.folds.iter() {
                        self.text.push_str(fold);
                        self.end(number + place);
                    }
                    continue;
                }
                BatchColumn::CustomFold => match &row.custom_fold {
                    Some(fold) => self.text.push_str(fold),
                    None => continue,
                },
                _ => continue,
            }
            self.end(number);
        }
        self.keys.extend_from_slice(&row.keys);
        self.rows.push(Head {
            id: 0,
            rev: 0,
            created_at: lead.created_at,
            updated_at: lead.updated_at,
            score: lead.score,
            cells: self.cells.len() as u32,
            keys: self.keys.len() as u32,
        });
        Ok(())
    }

    /// Adds a place that holds no lead.
    pub fn push_nothing(&mut self) {
        let (cells, keys) = (self.cells.len() as u32, self.keys.len() as u32);
        self.rows.push(Head { cells, keys, ..Head::default() });
    }

    /// Gives a lead its id and revision, and its times where it has none.
    pub fn name(&mut self, index: usize, id: i64, rev: i64, now: Timestamp) {
        let Some(head) = self.rows.get_mut(index) else { return };
        (head.id, head.rev) = (id, rev);
        for time in [&mut head.created_at, &mut head.updated_at] {
            if *time == Timestamp::default() {
                *time = now;
            }
        }
    }

    /// Takes a lead's id away, so that it is not stored.
    pub fn leave_out(&mut self, index: usize) {
        if let Some(head) = self.rows.get_mut(index) {
            head.id = 0;
        }
    }

    fn end(&mut self, column: usize) {
        self.cells.push(Cell { column: column as u8, end: self.text.len() as u32 });
    }

    fn json(&mut self, value: &(impl serde::Serialize + ?Sized)) -> Result<()> {
        self.json.clear();
        serde_json::to_writer(&mut self.json, value).map_err(|e| Error::internal(e.to_string()))?;
        self.text.push_str(std::str::from_utf8(&self.json).map_err(|e| Error::internal(e.to_string()))?);
        Ok(())
    }
}

impl<'a> BatchRow<'a> {
    /// The id; 0 for a lead that is not to be stored.
    pub fn id(&self) -> i64 {
        self.head.id
    }

    /// The revision of the commit that stores it.
    pub fn rev(&self) -> i64 {
        self.head.rev
    }

    /// When it came into being, and when it was last changed.
    pub fn times(&self) -> (Timestamp, Timestamp) {
        (self.head.created_at, self.head.updated_at)
    }

    /// The score.
    pub fn score(&self) -> Option<f64> {
        self.head.score
    }

    /// The keys, in order and without repetition.
    pub fn keys(&self) -> &'a [LeadKey] {
        self.keys
    }

    /// The cells that hold something, in the order of [`batch_columns`], with their numbers.
    pub fn cells(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        let (text, mut from) = (self.text, self.from as usize);
        self.cells.iter().map(move |cell| {
            let start = std::mem::replace(&mut from, cell.end as usize);
            (usize::from(cell.column), text.get(start..from).unwrap_or_default())
        })
    }

    /// The lead on its own, with all that a store keeps of it.
    ///
    /// # Errors
    /// `internal` when a cell is no JSON.
    pub fn to_row(&self) -> Result<LeadRow> {
        let Head { id, rev, created_at, updated_at, score, .. } = self.head;
        let mut lead = Lead { id, rev, created_at, updated_at, score, ..Lead::default() };
        let (mut folds, mut custom_fold) = (Folds::default(), None);
        for (number, text) in self.cells() {
            match batch_columns().get(number) {
                Some(BatchColumn::Text(field)) => lead.set_text(*field, Some(text.to_string())),
                Some(BatchColumn::List(field)) => {
                    if let Some(list) = lead.list_mut(*field) {
                        *list = parse(text)?;
                    }
                }
                Some(BatchColumn::Custom) => lead.custom = parse(text)?,
                Some(BatchColumn::Original) => lead.original = parse(text)?,
                Some(BatchColumn::Fold(place)) => folds.push(*place, text),
                Some(BatchColumn::CustomFold) => custom_fold = Some(text.to_string()),
                None => {}
            }
        }
        Ok(LeadRow { lead: Box::new(lead), keys: self.keys.to_vec(), folds, custom_fold })
    }
}

fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|e| Error::internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn leads_come_out_as_they_went_in() {
        let full = Lead {
            first_name: Some("Zoë".into()),
            email: Some("Zoe@leads.example".into()),
            emails: vec!["b@leads.example".into(), "C@leads.example".into()],
            phone: Some("+4930123456".into()),
            tags: vec!["VIP".into()],
            notes: Some(String::new()),
            score: Some(0.1),
            created_at: Timestamp(5),
            custom: [("plan".to_string(), json!("Pro")), ("seats".to_string(), json!(1.0))].into(),
            original: [("phone".to_string(), "030 \"123456\"".to_string())].into(),
            ..Lead::default()
        };
        let rows = [LeadRow::of(full), LeadRow::of(Lead::default())];
        let mut batch = LeadBatch::default();
        batch.push_nothing();
        rows.iter().for_each(|row| batch.push(row).unwrap());
        for (index, row) in (1..).zip(&rows) {
            let back = batch.row(index).to_row().unwrap();
            assert_eq!(back.lead, row.lead);
            assert_eq!((&back.keys, &back.custom_fold), (&row.keys, &row.custom_fold));
            assert!(back.folds.iter().eq(row.folds.iter()));
        }
        assert_eq!(batch.rows().count(), 0);
        batch.name(1, 7, 3, Timestamp(9));
        batch.name(2, 8, 3, Timestamp(9));
        assert_eq!(batch.row(1).times(), (Timestamp(5), Timestamp(9)));
        assert_eq!(batch.rows().map(|row| row.id()).collect::<Vec<_>>(), [7, 8]);
        batch.leave_out(1);
        assert_eq!(batch.rows().map(|row| row.rev()).collect::<Vec<_>>(), [3]);
        assert_eq!(batch.row(3).keys(), []);
    }
}
