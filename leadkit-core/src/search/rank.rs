//! Which texts are about what was looked for, by BM25 (Robertson and Zaragoza, "The Probabilistic
//! Relevance Framework: BM25 and Beyond", 2009).

use super::TextQuery;

/// How soon more of the same word says no more, and how much long texts are held back: the values that
/// most engines take.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Scores of texts, the rarity of words taken from these texts themselves: so the order is the same
/// whatever keeps them.
#[derive(Debug)]
pub struct Ranking {
    /// How often each wanted term stands in each text.
    counts: Vec<Vec<usize>>,
    lengths: Vec<usize>,
}

impl Ranking {
    /// Looks at texts, each as its words.
    pub fn of(query: &TextQuery, texts: &[Vec<String>]) -> Ranking {
        let counts = texts.iter().map(|words| {
            let count = |term: &super::Term| (0..words.len()).filter(|at| term.is_at(words, *at)).count();
            query.wanted().map(count).collect()
        });
        Ranking { counts: counts.collect(), lengths: texts.iter().map(Vec::len).collect() }
    }

    /// The score of each text; more is better.
    pub fn scores(&self) -> Vec<f64> {
        let all = self.counts.len() as f64;
        let average = self.lengths.iter().sum::<usize>() as f64 / all.max(1.0);
        let terms = self.counts.first().map_or(0, Vec::len);
        let rarity: Vec<f64> = (0..terms)
            .map(|term| {
                let having = self.counts.iter().filter(|counts| counts[term] > 0).count() as f64;
                (1.0 + (all - having + 0.5) / (having + 0.5)).ln()
            })
            .collect();
        let score = |(counts, length): (&Vec<usize>, &usize)| {
            let held_back = K1 * (1.0 - B + B * *length as f64 / average.max(1.0));
            let each = counts.iter().zip(&rarity).map(|(count, rarity)| {
                let count = *count as f64;
                rarity * count * (K1 + 1.0) / (count + held_back)
            });
            each.sum()
        };
        self.counts.iter().zip(&self.lengths).map(score).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::search::words;

    #[test]
    fn rare_words_and_short_texts_count_more() {
        let texts =
            ["offer and price", "offer", "offer in a long long long long long text", "price price offer"];
        let texts: Vec<Vec<String>> =
            texts.iter().map(|text| words(text).map(|word| word.text).collect()).collect();
        let query = TextQuery::parse("offer OR price").unwrap();
        let scores = Ranking::of(&query, &texts).scores();
        let mut order: Vec<usize> = (0..4).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        assert_eq!(order, [3, 0, 1, 2], "{scores:?}");
    }
}
