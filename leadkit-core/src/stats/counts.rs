//! Counts of contacts, and how a store keeps them: as columns of varints.

use std::collections::HashMap;

use prost::Message;

use super::calendar::{Clocks, NOWHERE};
use crate::error::{Error, ErrorCode, Result};
use crate::model::communication::CommunicationState;
use crate::model::history::ContactChannel;
use crate::model::stats::Part;
use crate::model::transport::Direction;
use crate::store::Fact;

/// Which of a key's words is which.
pub(super) const OWNER: usize = 0;
pub(super) const TEMPLATE: usize = 1;
pub(super) const CAMPAIGN: usize = 2;
pub(super) const VARIANT: usize = 3;
pub(super) const COUNTRY: usize = 4;
pub(super) const CURRENCY: usize = 5;
/// Words of a key.
pub(super) const WORDS: usize = 6;

/// What contacts that are counted together have in common. Channel, direction and state by their places
/// among all of them, to which more may only be added at the end; words by their numbers from 1 on, 0 is
/// none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) channel: u8,
    pub(super) direction: u8,
    pub(super) state: u8,
    /// See [`Clocks::local_hour`].
    pub(super) local_hour: u8,
    pub(super) words: [u32; WORDS],
}

impl Key {
    /// Only what a part knows.
    fn only(mut self, part: Part) -> Key {
        let word = match part {
            Part::All => return self,
            Part::Total | Part::LocalHour => None,
            Part::Owner => Some(OWNER),
            Part::Template => Some(TEMPLATE),
            Part::Campaign => Some(CAMPAIGN),
            Part::Variant => Some(VARIANT),
            Part::Country => Some(COUNTRY),
        };
        for (place, other) in self.words.iter_mut().enumerate() {
            if place != CURRENCY && Some(place) != word {
                *other = 0;
            }
        }
        if part != Part::LocalHour {
            self.local_hour = NOWHERE;
        }
        self
    }
}

/// What is counted. All of it adds up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Measures {
    pub(super) contacts: u64,
    pub(super) opted_out: u64,
    /// In millionths of the currency's unit.
    pub(super) cost: i64,
    pub(super) priced: u64,
    pub(super) seconds: u64,
    /// After how many milliseconds each answer came.
    pub(super) answers: Vec<u64>,
}

impl Measures {
    pub(super) fn of(fact: &Fact<'_>) -> Measures {
        Measures {
            contacts: 1,
            opted_out: fact.opted_out.into(),
            cost: fact.cost.unwrap_or(0),
            priced: fact.cost.is_some().into(),
            seconds: fact.seconds.unwrap_or(0).max(0).unsigned_abs(),
            answers: fact.answered_after.map(|after| after.max(0).unsigned_abs()).into_iter().collect(),
        }
    }

    pub(super) fn add(&mut self, other: &Measures) {
        self.contacts += other.contacts;
        self.opted_out += other.opted_out;
        self.cost = self.cost.saturating_add(other.cost);
        self.priced += other.priced;
        self.seconds += other.seconds;
        self.answers.extend_from_slice(&other.answers);
    }
}

/// Words by numbers from 1 on.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    list: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Words {
    pub(super) fn number(&mut self, word: Option<&str>) -> u32 {
        let Some(word) = word else { return 0 };
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        self.list.push(word.to_string());
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.numbers.insert(word.to_string(), number);
        number
    }

    pub(super) fn word(&self, number: u32) -> Option<&str> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        self.list.get(place).map(String::as_str)
    }
}

/// Counts that grow.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    words: Words,
    entries: HashMap<Key, Measures>,
}

impl Counts {
    pub(super) fn add_fact(&mut self, fact: &Fact<'_>, clocks: &mut Clocks) {
        let key = key_of(fact, clocks, &mut self.words);
        self.entries.entry(key).or_default().add(&Measures::of(fact));
    }

    pub(super) fn add_stored(&mut self, stored: &Stored) {
        let numbers = stored.numbers(&mut self.words);
        stored.each(|key, measures| {
            self.entries.entry(renumbered(key, &numbers)).or_default().add(measures);
        });
    }

    /// What a part knows of it, as a store keeps it; none of nothing. Equal counts give equal bytes.
    pub(super) fn stored(&self, part: Part) -> Option<Vec<u8>> {
        if self.entries.is_empty() {
            return None;
        }
        let mut entries: HashMap<Key, Measures> = HashMap::new();
        for (key, measures) in &self.entries {
            entries.entry(key.only(part)).or_default().add(measures);
        }
        let mut used: Vec<u32> = entries.keys().flat_map(|key| key.words).filter(|word| *word > 0).collect();
        used.sort_by_key(|number| self.words.word(*number));
        used.dedup();
        let mut numbers = vec![0; self.words.list.len() + 1];
        for (place, number) in (1..).zip(&used) {
            if let Some(to) = numbers.get_mut(*number as usize) {
                *to = place;
            }
        }
        let mut sorted: Vec<(Key, Measures)> =
            entries.into_iter().map(|(key, measures)| (renumbered(key, &numbers), measures)).collect();
        sorted.sort_by_key(|(key, _)| *key);
        let mut columns = Columns {
            words: used.iter().filter_map(|number| self.words.word(*number)).map(str::to_string).collect(),
            ..Columns::default()
        };
        for (key, measures) in &mut sorted {
            columns.push(key, measures);
        }
        Some(columns.encode_to_vec())
    }
}

/// What a contact is counted under.
pub(super) fn key_of(fact: &Fact<'_>, clocks: &mut Clocks, words: &mut Words) -> Key {
    let place = |place: Option<usize>| place.map_or(u8::MAX, |place| place as u8);
    Key {
        channel: place(ContactChannel::ALL.iter().position(|one| *one == fact.channel)),
        direction: place(Direction::ALL.iter().position(|one| *one == fact.direction)),
        state: place(CommunicationState::ALL.iter().position(|one| *one == fact.state)),
        local_hour: clocks.local_hour(fact.time_zone, fact.at()),
        words: [fact.owner, fact.template, fact.campaign, fact.variant, fact.country, fact.currency]
            .map(|word| words.number(word)),
    }
}

/// A key whose words have other numbers.
pub(super) fn renumbered(mut key: Key, numbers: &[u32]) -> Key {
    for word in &mut key.words {
        *word = numbers.get(*word as usize).copied().unwrap_or(0);
    }
    key
}

/// Counts out of a store.
#[derive(Debug)]
pub(super) struct Stored(Columns);

impl Stored {
    pub(super) fn read(bytes: &[u8]) -> Result<Stored> {
        let damaged = |_| {
            Error::new(ErrorCode::Corrupt, "stored counts of contacts cannot be read")
                .hint("comms.check_stats with mend counts all contacts anew")
        };
        Columns::decode(bytes).map(Stored).map_err(damaged)
    }

    /// The numbers that its words have elsewhere, by those they have here.
    pub(super) fn numbers(&self, words: &mut Words) -> Vec<u32> {
        [0].into_iter().chain(self.0.words.iter().map(|word| words.number(Some(word)))).collect()
    }

    /// Calls `each` with every entry.
    pub(super) fn each(&self, mut each: impl FnMut(Key, &Measures)) {
        let columns = &self.0;
        let mut answered = 0;
        let mut measures = Measures::default();
        for (row, kind) in columns.kinds.chunks_exact(KIND).enumerate() {
            let &[channel, direction, state, local_hour] = kind else { continue };
            let word = |column: &Vec<u32>| column.get(row).copied().unwrap_or(0);
            let number = |column: &Vec<u64>| column.get(row).copied().unwrap_or(0);
            let key = Key {
                channel,
                direction,
                state,
                local_hour,
                words: [
                    word(&columns.owners),
                    word(&columns.templates),
                    word(&columns.campaigns),
                    word(&columns.variants),
                    word(&columns.countries),
                    word(&columns.currencies),
                ],
            };
            measures.contacts = number(&columns.contacts);
            measures.opted_out = number(&columns.opted_out);
            measures.cost = columns.costs.get(row).copied().unwrap_or(0);
            measures.priced = number(&columns.priced);
            measures.seconds = number(&columns.seconds);
            let until = answered + number(&columns.answered) as usize;
            measures.answers.clear();
            measures.answers.extend_from_slice(columns.answers.get(answered..until).unwrap_or_default());
            answered = until;
            each(key, &measures);
        }
    }
}

/// Bytes of an entry's channel, direction, state and local hour.
const KIND: usize = 4;

/// Entries as columns. One of which nothing is counted stays empty.
#[derive(Clone, PartialEq, Message)]
struct Columns {
    #[prost(string, repeated, tag = "1")]
    words: Vec<String>,
    #[prost(bytes = "vec", tag = "2")]
    kinds: Vec<u8>,
    #[prost(uint32, repeated, tag = "3")]
    owners: Vec<u32>,
    #[prost(uint32, repeated, tag = "4")]
    templates: Vec<u32>,
    #[prost(uint32, repeated, tag = "5")]
    campaigns: Vec<u32>,
    #[prost(uint32, repeated, tag = "6")]
    variants: Vec<u32>,
    #[prost(uint32, repeated, tag = "7")]
    countries: Vec<u32>,
    #[prost(uint32, repeated, tag = "8")]
    currencies: Vec<u32>,
    #[prost(uint64, repeated, tag = "9")]
    contacts: Vec<u64>,
    #[prost(uint64, repeated, tag = "10")]
    opted_out: Vec<u64>,
    #[prost(sint64, repeated, tag = "11")]
    costs: Vec<i64>,
    #[prost(uint64, repeated, tag = "12")]
    priced: Vec<u64>,
    #[prost(uint64, repeated, tag = "13")]
    seconds: Vec<u64>,
    /// How many of the answers are an entry's.
    #[prost(uint64, repeated, tag = "14")]
    answered: Vec<u64>,
    #[prost(uint64, repeated, tag = "15")]
    answers: Vec<u64>,
}

impl Columns {
    fn push(&mut self, key: &Key, measures: &mut Measures) {
        let row = self.kinds.len() / KIND;
        self.kinds.extend([key.channel, key.direction, key.state, key.local_hour]);
        let words = [
            &mut self.owners,
            &mut self.templates,
            &mut self.campaigns,
            &mut self.variants,
            &mut self.countries,
            &mut self.currencies,
        ];
        for (column, word) in words.into_iter().zip(key.words) {
            put(column, row, word);
        }
        put(&mut self.contacts, row, measures.contacts);
        put(&mut self.opted_out, row, measures.opted_out);
        put(&mut self.costs, row, measures.cost);
        put(&mut self.priced, row, measures.priced);
        put(&mut self.seconds, row, measures.seconds);
        put(&mut self.answered, row, measures.answers.len() as u64);
        measures.answers.sort_unstable();
        self.answers.extend_from_slice(&measures.answers);
    }
}

/// Puts a value into a row of a column, which ends with the last that is not nothing.
fn put<T: Copy + Default + PartialEq>(column: &mut Vec<T>, row: usize, value: T) {
    if value != T::default() {
        column.resize(row, T::default());
        column.push(value);
    }
}
