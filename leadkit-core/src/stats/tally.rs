//! Contacts added up in groups, and what the sums mean.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::calendar::{Clocks, NOWHERE, Pieces, weekday};
use super::counts::{
    CAMPAIGN, COUNTRY, CURRENCY, Key, Measures, OWNER, Stored, TEMPLATE, VARIANT, Words, key_of, renumbered,
};
use super::success::Successes;
use crate::clock::Timestamp;
use crate::model::communication::CommunicationState;
use crate::model::history::ContactChannel;
use crate::model::money::Money;
use crate::model::stats::{ContactFigures, ContactStats, ReplyTimes, StatsBy, StatsGroup, StatsOptions};
use crate::model::transport::Direction;
use crate::store::Fact;

/// States that a contact may be in.
const STATES: usize = CommunicationState::ALL.len();
/// Parts of a group's key for contacts without such a value: they come last.
const NONE: i64 = i64::MAX;

/// A part of a group's key: whether it has none, its place among the others, and its name.
type Named = (bool, i64, Option<String>);

/// Adds contacts up.
pub(super) struct Tally<'a> {
    by: &'a [StatsBy],
    pieces: Option<&'a Pieces>,
    only: Only,
    words: Words,
    clocks: Clocks,
    places: HashMap<Vec<i64>, usize>,
    groups: Vec<(Vec<i64>, Sum)>,
    /// The group of the contact before, which is often that of the next.
    last: usize,
    successes: Option<&'a Successes>,
    count_leads: bool,
}

/// Which contacts are counted.
struct Only {
    channels: Vec<u8>,
    direction: Option<u8>,
    states: Vec<u8>,
    words: Vec<(usize, u32)>,
}

impl Only {
    fn of(options: &StatsOptions, words: &mut Words) -> Only {
        let place = |place: Option<usize>| place.map(|place| place as u8);
        let wanted = [
            (OWNER, &options.owner),
            (TEMPLATE, &options.template),
            (CAMPAIGN, &options.campaign),
            (VARIANT, &options.variant),
            (COUNTRY, &options.country),
        ];
        let wanted = wanted.into_iter().filter_map(|(at, word)| Some((at, word.as_deref()?)));
        Only {
            channels: of_all(&options.channels, &ContactChannel::ALL),
            direction: options
                .direction
                .and_then(|wanted| place(Direction::ALL.iter().position(|one| *one == wanted))),
            states: of_all(&options.states, &CommunicationState::ALL),
            words: wanted.map(|(at, word)| (at, words.number(Some(word)))).collect(),
        }
    }

    fn holds(&self, key: &Key) -> bool {
        (self.channels.is_empty() || self.channels.contains(&key.channel))
            && self.direction.is_none_or(|direction| direction == key.direction)
            && (self.states.is_empty() || self.states.contains(&key.state))
            && self.words.iter().all(|(at, word)| key.words.get(*at) == Some(word))
    }
}

fn of_all<T: PartialEq>(wanted: &[T], all: &[T]) -> Vec<u8> {
    wanted
        .iter()
        .filter_map(|one| all.iter().position(|other| other == one))
        .map(|place| place as u8)
        .collect()
}

impl<'a> Tally<'a> {
    pub(super) fn new(
        options: &'a StatsOptions,
        pieces: Option<&'a Pieces>,
        successes: Option<&'a Successes>,
    ) -> Tally<'a> {
        let mut words = Words::default();
        Tally {
            by: &options.by,
            pieces,
            only: Only::of(options, &mut words),
            words,
            clocks: Clocks::default(),
            places: HashMap::new(),
            groups: Vec::new(),
            last: 0,
            successes,
            count_leads: options.count_leads,
        }
    }

    /// Adds counts of a span that begins at an instant.
    pub(super) fn counts(&mut self, start: Timestamp, stored: &Stored) {
        let numbers = stored.numbers(&mut self.words);
        let piece = self.pieces.map_or(0, |pieces| pieces.of(start));
        stored.each(|key, measures| {
            let key = renumbered(key, &numbers);
            if self.only.holds(&key) {
                self.group(piece, &key).add(&key, measures);
            }
        });
    }

    /// Adds a contact; `lead` is the one that stands for its lead now.
    pub(super) fn fact(&mut self, fact: &Fact<'_>, lead: Option<i64>) {
        let key = key_of(fact, &mut self.clocks, &mut self.words);
        if !self.only.holds(&key) {
            return;
        }
        let piece = self.pieces.map_or(0, |pieces| pieces.of(fact.at()));
        let converted = lead.filter(|lead| {
            self.successes.is_some_and(|successes| has_reached(&key) && successes.follow(*lead, fact.at()))
        });
        let lead = lead.filter(|_| self.count_leads);
        let group = self.group(piece, &key);
        group.add(&key, &Measures::of(fact));
        group.leads.extend(lead);
        group.converted += u64::from(converted.is_some());
        group.converted_leads.extend(converted);
    }

    fn group(&mut self, piece: i64, key: &Key) -> &mut Sum {
        let part = |by: &StatsBy| {
            let word = |at: usize| {
                key.words.get(at).map_or(NONE, |word| match word {
                    0 => NONE,
                    word => i64::from(*word),
                })
            };
            let local = |hour: u8| if key.local_hour == NOWHERE { NONE } else { i64::from(hour) };
            match by {
                StatsBy::Hour | StatsBy::Day | StatsBy::Week | StatsBy::Month => piece,
                StatsBy::Weekday => local(key.local_hour / 24),
                StatsBy::HourOfDay => local(key.local_hour % 24),
                StatsBy::Channel => key.channel.into(),
                StatsBy::Direction => key.direction.into(),
                StatsBy::State => key.state.into(),
                StatsBy::Owner => word(OWNER),
                StatsBy::Template => word(TEMPLATE),
                StatsBy::Campaign => word(CAMPAIGN),
                StatsBy::Variant => word(VARIANT),
                StatsBy::Country => word(COUNTRY),
            }
        };
        let same = self
            .groups
            .get(self.last)
            .is_some_and(|(last, _)| last.iter().zip(self.by).all(|(last, by)| *last == part(by)));
        if !same {
            let parts: Vec<i64> = self.by.iter().map(part).collect();
            self.last = match self.places.get(&parts) {
                Some(place) => *place,
                None => {
                    let place = self.groups.len();
                    self.places.insert(parts.clone(), place);
                    self.groups.push((parts, Sum::default()));
                    place
                }
            };
        }
        let last = self.last;
        &mut self.groups[last].1
    }

    /// What was added up.
    pub(super) fn finish(mut self) -> ContactStats {
        let mut total = Sum::default();
        for (_, sum) in &self.groups {
            total.merge(sum);
        }
        let mut groups = std::mem::take(&mut self.groups);
        let names = |parts: &[i64]| -> Vec<Named> {
            self.by.iter().zip(parts).map(|(by, part)| self.order(*by, *part)).collect()
        };
        if self.by.is_empty() {
            groups.clear();
        }
        let mut named: Vec<(Vec<Named>, Sum)> =
            groups.into_iter().map(|(parts, sum)| (names(&parts), sum)).collect();
        named.sort_by(|a, b| a.0.cmp(&b.0));
        let told = (self.count_leads, self.successes.is_some());
        let groups = named.into_iter().map(|(names, sum)| StatsGroup {
            key: self
                .by
                .iter()
                .zip(names)
                .map(|(by, (_, _, name))| (by.as_str().to_string(), name))
                .collect(),
            figures: sum.figures(&self.words, told),
        });
        ContactStats { groups: groups.collect(), total: total.figures(&self.words, told) }
    }

    /// The name of a part of a key, with what puts it into order: those without come last, words go by
    /// themselves, all else by number.
    fn order(&self, by: StatsBy, part: i64) -> Named {
        if part == NONE {
            return (true, 0, None);
        }
        let of =
            |words: &[&str]| usize::try_from(part).ok().and_then(|at| words.get(at)).map(|w| w.to_string());
        let name = match by {
            StatsBy::Hour | StatsBy::Day | StatsBy::Week | StatsBy::Month => {
                self.pieces.map(|pieces| pieces.name(part))
            }
            StatsBy::Weekday => Some(weekday((part * 24) as u8).to_string()),
            StatsBy::HourOfDay => Some(format!("{part:02}")),
            StatsBy::Channel => of(&ContactChannel::ALL.map(ContactChannel::as_str)),
            StatsBy::Direction => of(&Direction::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>()),
            StatsBy::State => of(&CommunicationState::ALL.map(CommunicationState::as_str)),
            _ => {
                let word = u32::try_from(part).ok().and_then(|number| self.words.word(number));
                return (false, 0, word.map(str::to_string));
            }
        };
        (false, part, name)
    }
}

/// Whether the other side may have it.
fn has_reached(key: &Key) -> bool {
    let state = CommunicationState::ALL.get(usize::from(key.state));
    let outbound = Direction::ALL.get(usize::from(key.direction)) == Some(&Direction::Outbound);
    outbound && state.is_some_and(|state| reaches(*state))
}

/// Whether the other side may have what is in this state.
pub(super) fn reaches(state: CommunicationState) -> bool {
    matches!(
        state,
        CommunicationState::Unknown
            | CommunicationState::Accepted
            | CommunicationState::Delivered
            | CommunicationState::Logged
    )
}

/// What was added up of a group. Of each direction apart, in the order of [`Direction::ALL`].
#[derive(Clone, Debug, Default)]
struct Sum {
    contacts: [[u64; STATES]; 2],
    opted_out: [u64; 2],
    /// Of our contacts those that the other side may have.
    answers: [Vec<u64>; 2],
    /// By currency: millionths, and how many.
    cost: Vec<(u32, i64, u64)>,
    seconds: u64,
    leads: HashSet<i64>,
    converted: u64,
    converted_leads: HashSet<i64>,
}

impl Sum {
    fn add(&mut self, key: &Key, measures: &Measures) {
        let way = usize::from(key.direction);
        let states = self.contacts.get_mut(way);
        if let Some(count) = states.and_then(|states| states.get_mut(usize::from(key.state))) {
            *count += measures.contacts;
        }
        // What failed after all may have been answered, and counts as reached no more.
        let outbound = Direction::ALL.get(way) == Some(&Direction::Outbound);
        if let (true, Some(answers), Some(opted_out)) =
            (!outbound || has_reached(key), self.answers.get_mut(way), self.opted_out.get_mut(way))
        {
            answers.extend_from_slice(&measures.answers);
            *opted_out += measures.opted_out;
        }
        if measures.priced > 0 {
            self.add_cost(key.words[CURRENCY], measures.cost, measures.priced);
        }
        self.seconds += measures.seconds;
    }

    fn add_cost(&mut self, currency: u32, micros: i64, count: u64) {
        match self.cost.iter_mut().find(|(known, _, _)| *known == currency) {
            Some((_, sum, priced)) => (*sum, *priced) = (sum.saturating_add(micros), *priced + count),
            None => self.cost.push((currency, micros, count)),
        }
    }

    fn merge(&mut self, other: &Sum) {
        for (mine, others) in self.contacts.iter_mut().flatten().zip(other.contacts.iter().flatten()) {
            *mine += others;
        }
        for way in 0..2 {
            self.opted_out[way] += other.opted_out[way];
            self.answers[way].extend_from_slice(&other.answers[way]);
        }
        for (currency, micros, count) in &other.cost {
            self.add_cost(*currency, *micros, *count);
        }
        self.seconds += other.seconds;
        self.leads.extend(&other.leads);
        self.converted += other.converted;
        self.converted_leads.extend(&other.converted_leads);
    }

    fn figures(self, words: &Words, (leads, successes): (bool, bool)) -> ContactFigures {
        let of = |direction: Direction, state: CommunicationState| {
            let way = Direction::ALL.iter().position(|one| *one == direction);
            let at = CommunicationState::ALL.iter().position(|one| *one == state);
            let states = way.and_then(|way| self.contacts.get(way));
            at.and_then(|at| states?.get(at).copied()).unwrap_or(0)
        };
        let ours = |states: &[CommunicationState]| -> u64 {
            states.iter().map(|state| of(Direction::Outbound, *state)).sum()
        };
        use CommunicationState as S;
        let outbound = usize::from(Direction::ALL.first() != Some(&Direction::Outbound));
        let (sent, failed) = (ours(&[S::Accepted, S::Delivered, S::Failed, S::Unknown]), ours(&[S::Failed]));
        let logged = ours(&[S::Logged]);
        let reached = sent - failed + logged;
        let delivered = ours(&[S::Delivered]);
        let (answered, opted_out) = (self.answers[outbound].len() as u64, self.opted_out[outbound]);
        let received = S::ALL.iter().map(|state| of(Direction::Inbound, *state)).sum();
        let money = |micros: i64, currency: u32| {
            let currency = words.word(currency).unwrap_or_default().to_string();
            (currency.clone(), Money { micros, currency }.amount())
        };
        let cost: BTreeMap<String, String> =
            self.cost.iter().map(|(currency, micros, _)| money(*micros, *currency)).collect();
        let by = |count: usize| -> BTreeMap<String, String> {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let each = |(currency, micros, _): &(u32, i64, u64)| money(rounded(*micros, count), *currency);
            if count == 0 { BTreeMap::new() } else { self.cost.iter().map(each).collect() }
        };
        let [mut first, mut second] = self.answers.clone();
        let (theirs, ourselves) =
            if outbound == 0 { (&mut first, &mut second) } else { (&mut second, &mut first) };
        ContactFigures {
            contacts: self.contacts.iter().flatten().sum(),
            sent,
            delivered,
            failed,
            waiting: ours(&[S::Queued, S::Sending]),
            refused: ours(&[S::Refused]),
            cancelled: ours(&[S::Cancelled]),
            logged,
            reached,
            answered,
            opted_out,
            received,
            answered_by_us: self.answers[1 - outbound].len() as u64,
            delivery_rate: rate(delivered, sent),
            reply_rate: rate(answered, reached),
            opt_out_rate: rate(opted_out, reached),
            reply_times: reply_times(theirs),
            our_reply_times: reply_times(ourselves),
            seconds: self.seconds,
            priced: self.cost.iter().map(|(_, _, count)| count).sum(),
            leads: leads.then_some(self.leads.len() as u64),
            cost_per_lead: if leads { by(self.leads.len()) } else { BTreeMap::new() },
            converted: successes.then_some(self.converted),
            conversion_rate: if successes { rate(self.converted, reached) } else { None },
            converted_leads: successes.then_some(self.converted_leads.len() as u64),
            cost_per_conversion: if successes { by(self.converted_leads.len()) } else { BTreeMap::new() },
            cost,
        }
    }
}

/// A share to six decimals, the same on every machine; none of nothing.
pub(super) fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| decimals(part as f64 / whole as f64))
}

/// A number to six decimals.
pub(super) fn decimals(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// A quotient rounded half away from zero.
fn rounded(micros: i64, count: i64) -> i64 {
    let half = i128::from(count) / 2 * i128::from(micros.signum());
    i64::try_from((i128::from(micros) + half) / i128::from(count)).unwrap_or(i64::MAX)
}

fn reply_times(millis: &mut [u64]) -> Option<ReplyTimes> {
    if millis.is_empty() {
        return None;
    }
    let count = millis.len() as u64;
    Some(ReplyTimes { count, median: quantile(millis, 5), p90: quantile(millis, 9) })
}

/// The quantile of so many tenths, in seconds.
fn quantile(millis: &mut [u64], tenths: usize) -> f64 {
    let tenths = (millis.len() - 1) * tenths;
    let (place, rest) = (tenths / 10, (tenths % 10) as f64 / 10.0);
    let (_, low, above) = millis.select_nth_unstable(place);
    let (low, next) = (*low as f64, above.iter().min().copied());
    let high = next.map_or(low, |next| next as f64);
    ((low + (high - low) * rest) * 1e3).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([...], [0.5, 0.9]) of the same, in seconds.
        let mut millis = [12_000, 1_000, 7_000, 3_000];
        assert_eq!((quantile(&mut millis, 5), quantile(&mut millis, 9)), (5.0, 10.5));
        assert_eq!(reply_times(&mut [4_200]), Some(ReplyTimes { count: 1, median: 4.2, p90: 4.2 }));
        assert_eq!(reply_times(&mut []), None);
        let mut many: Vec<u64> = (1..=1_001).rev().collect();
        assert_eq!((quantile(&mut many, 5), quantile(&mut many, 9)), (0.501, 0.901));
    }

    #[test]
    fn quotients_are_rounded() {
        assert_eq!((rounded(10, 4), rounded(-10, 4), rounded(9, 4), rounded(8, 3)), (3, -3, 2, 3));
    }
}
