//! What an answer to a message means: words that end contact, words that may, and others.
//!
//! The phrases are in `replies.txt` beside this file. They are compared as texts are everywhere in
//! leadkit: without case and marks; punctuation only ends sentences.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::text::fold;

/// What an answer means, from [`classify_reply`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reply {
    /// A word that ends contact: `STOP`, `Unsubscribe`, `opt out`, `Abmelden`.
    OptOut,
    /// A word that takes that back: `START`, `UNSTOP`. It grants nothing.
    OptIn,
    /// `YES`: an answer, and a grant only where a double opt-in asked.
    Yes,
    /// `HELP` or `INFO`.
    Help,
    /// Free wording that may end contact: a person should look at it, and nothing be sent until then.
    MaybeOptOut,
    /// The number belongs to somebody else.
    WrongNumber,
    /// Anything else.
    Other,
}

impl Reply {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Reply::OptOut => "opt_out",
            Reply::OptIn => "opt_in",
            Reply::Yes => "yes",
            Reply::Help => "help",
            Reply::MaybeOptOut => "maybe_opt_out",
            Reply::WrongNumber => "wrong_number",
            Reply::Other => "other",
        }
    }
}

/// Says what an inbound message means.
///
/// An opt-out is a message that says one of the known words and nothing else, or says `STOP`,
/// `UNSUBSCRIBE` or `opt out` in a sentence of its own; case, marks, punctuation and "please" do not
/// matter. Words in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish are known,
/// and the commonest of some more. Where a message could mean several things, what ends contact wins.
///
/// ```
/// use leadkit_core::compliance::{Reply, classify_reply};
/// assert_eq!(classify_reply(" Opt-Out, please! "), Reply::OptOut);
/// assert_eq!(classify_reply("Arrêtez"), Reply::OptOut);
/// assert_eq!(classify_reply("please take me off your list"), Reply::MaybeOptOut);
/// assert_eq!(classify_reply("I can't stop thinking about your offer"), Reply::Other);
/// assert_eq!(classify_reply("Wrong number, sorry"), Reply::WrongNumber);
/// assert_eq!(classify_reply("Yes"), Reply::Yes);
/// ```
pub fn classify_reply(text: &str) -> Reply {
    let phrases = &*PHRASES;
    let end = text.char_indices().nth(MAX_LENGTH).map_or(text.len(), |(at, _)| at);
    let text = text.get(..end).unwrap_or(text);
    let sentences = sentences(text);
    let all: Vec<&str> = sentences.iter().flatten().map(String::as_str).collect();
    if all.is_empty() {
        // A sign alone.
        let stop = text.chars().any(|c| matches!(c, '🛑' | '🚫' | '⛔' | '🖕'));
        return if stop { Reply::MaybeOptOut } else { Reply::Other };
    }
    let whole = phrases.core(&all);
    if phrases.opt_out.contains(&whole) || phrases.opt_out.contains(&spelt(&all)) {
        return Reply::OptOut;
    }
    let alone = |sentence: &Vec<String>| {
        phrases.sentence.contains(&phrases.core(&sentence.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    if sentences.iter().any(alone) {
        return Reply::OptOut;
    }
    for (words, reply) in
        [(&phrases.opt_in, Reply::OptIn), (&phrases.yes, Reply::Yes), (&phrases.help, Reply::Help)]
    {
        if words.contains(&whole) {
            return reply;
        }
    }
    if phrases.wrong_number.iter().any(|pattern| pattern.is_in(&all)) {
        return Reply::WrongNumber;
    }
    match phrases.may_be_opt_out(&all) {
        true => Reply::MaybeOptOut,
        false => Reply::Other,
    }
}

/// Characters that are looked at: more than a message can have.
const MAX_LENGTH: usize = 4000;
/// Words that may stand between those of a pattern with a gap.
const GAP: usize = 4;

/// The words of each sentence: letters and digits, folded; an apostrophe joins.
fn sentences(text: &str) -> Vec<Vec<String>> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '\n' | '\r' | ';' | '。' | '！' | '？' | '…');
    let words = |sentence: &str| -> Vec<String> {
        let mut folded = fold(sentence);
        folded.retain(|c| c != '\'');
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_string).collect()
    };
    text.split(ends).map(words).filter(|words| !words.is_empty()).collect()
}

/// A word whose letters stand apart: `S T O P`.
fn spelt(words: &[&str]) -> Vec<String> {
    let letters = words.iter().all(|word| word.chars().count() == 1);
    if letters { vec![words.concat()] } else { Vec::new() }
}

struct Phrases {
    polite: Vec<Vec<String>>,
    opt_out: HashSet<Vec<String>>,
    sentence: HashSet<Vec<String>>,
    opt_in: HashSet<Vec<String>>,
    yes: HashSet<Vec<String>>,
    help: HashSet<Vec<String>>,
    wrong_number: Vec<Pattern>,
    maybe: Vec<Pattern>,
    harmless: Vec<Pattern>,
}

impl Phrases {
    /// What is left without polite words at both ends, and without repeating itself.
    fn core(&self, words: &[&str]) -> Vec<String> {
        let mut rest = words;
        while let Some(shorter) = self.polite.iter().find_map(|phrase| {
            let phrase: Vec<&str> = phrase.iter().map(String::as_str).collect();
            let (begin, end) = (rest.strip_prefix(phrase.as_slice()), rest.strip_suffix(phrase.as_slice()));
            begin.or(end).filter(|shorter| !shorter.is_empty())
        }) {
            rest = shorter;
        }
        let mut core: Vec<String> = rest.iter().map(|word| word.to_string()).collect();
        let period = (1..=core.len() / 2).find(|period| {
            core.len().is_multiple_of(*period) && core.chunks(*period).all(|chunk| core.starts_with(chunk))
        });
        core.truncate(period.unwrap_or(core.len()));
        core
    }

    fn may_be_opt_out(&self, words: &[&str]) -> bool {
        let mut covered = vec![false; words.len()];
        for pattern in &self.harmless {
            for at in 0..words.len() {
                let len = pattern.len_at(words.get(at..).unwrap_or_default()).unwrap_or(0);
                covered.iter_mut().skip(at).take(len).for_each(|word| *word = true);
            }
        }
        self.maybe.iter().any(|pattern| match pattern.0.len() {
            1 => words
                .iter()
                .zip(&covered)
                .any(|(word, covered)| !covered && pattern.len_at(&[word]).is_some()),
            _ => pattern.is_in(words),
        })
    }
}

/// Words in a row, some with alternatives.
#[derive(Debug)]
struct Pattern(Vec<Part>);

#[derive(Debug)]
enum Part {
    /// Any of some words; those with true only have to begin so.
    Word(Vec<(String, bool)>),
    /// Up to [`GAP`] words of any kind.
    Gap,
}

impl Pattern {
    fn read(text: &str) -> Pattern {
        let part = |token: &str| match token {
            ".." => Part::Gap,
            words => Part::Word(
                words
                    .split('|')
                    .map(|word| (sentences(word).concat().concat(), word.ends_with('*')))
                    .collect(),
            ),
        };
        Pattern(text.split_whitespace().map(part).collect())
    }

    fn is_in(&self, words: &[&str]) -> bool {
        (0..words.len()).any(|at| words.get(at..).is_some_and(|rest| self.len_at(rest).is_some()))
    }

    /// How many words the pattern takes at the beginning of some.
    fn len_at(&self, words: &[&str]) -> Option<usize> {
        fits(&self.0, words)
    }
}

fn fits(parts: &[Part], words: &[&str]) -> Option<usize> {
    match parts.split_first() {
        None => Some(0),
        Some((Part::Gap, rest)) => {
            (0..=GAP).find_map(|gap| fits(rest, words.get(gap..)?).map(|len| len + gap))
        }
        Some((Part::Word(any), rest)) => {
            let (word, after) = words.split_first()?;
            let fitting = |(wanted, begins): &(String, bool)| {
                if *begins { word.starts_with(wanted.as_str()) } else { word == wanted }
            };
            if any.iter().any(fitting) { fits(rest, after).map(|len| len + 1) } else { None }
        }
    }
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let of = |kind: &'static str| {
        let lines = include_str!("replies.txt").lines().filter(|line| !line.starts_with('#'));
        let lines = lines.filter_map(move |line| {
            let (head, phrases) = line.split_once(": ")?;
            (head.split(' ').next() == Some(kind)).then_some(phrases)
        });
        lines.flat_map(|phrases| phrases.split(',')).map(str::trim)
    };
    let words = |phrase: &str| sentences(phrase).concat();
    let set = |kind: &'static str| of(kind).map(words).collect();
    let patterns = |kind: &'static str| of(kind).map(Pattern::read).collect();
    Phrases {
        polite: of("polite").map(words).collect(),
        opt_out: set("opt_out"),
        sentence: set("sentence"),
        opt_in: set("opt_in"),
        yes: set("yes"),
        help: set("help"),
        wrong_number: patterns("wrong_number"),
        maybe: patterns("maybe"),
        harmless: patterns("harmless"),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    fn all_are(reply: Reply, texts: &[&str]) {
        let wrong: Vec<(&&str, Reply)> = texts
            .iter()
            .map(|text| (text, classify_reply(text)))
            .filter(|(_, found)| *found != reply)
            .collect();
        assert!(wrong.is_empty(), "not {reply:?}: {wrong:#?}");
    }

    #[test]
    fn every_line_of_phrases_is_read() {
        let kinds =
            ["polite", "opt_out", "sentence", "opt_in", "yes", "help", "wrong_number", "maybe", "harmless"];
        let text = include_str!("replies.txt");
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let head = line.split_once(": ").map(|(head, _)| head).unwrap_or_default();
            assert!(kinds.contains(&head.split(' ').next().unwrap_or_default()), "{line}");
        }
        for phrase in PHRASES.opt_out.iter().chain(&PHRASES.sentence) {
            assert!(!phrase.is_empty());
        }
        for part in
            PHRASES.maybe.iter().chain(&PHRASES.wrong_number).chain(&PHRASES.harmless).flat_map(|p| &p.0)
        {
            assert!(
                !matches!(part, Part::Word(any) if any.iter().any(|(word, _)| word.is_empty())),
                "{part:?}"
            );
        }
    }

    #[test]
    fn the_words_of_twilio_and_the_fcc() {
        for word in [
            "STOP",
            "UNSUBSCRIBE",
            "END",
            "QUIT",
            "STOPALL",
            "REVOKE",
            "OPTOUT",
            "CANCEL",
            "stop",
            "quit",
            "end",
            "revoke",
            "opt out",
            "cancel",
            "unsubscribe",
        ] {
            let lower = word.to_lowercase();
            let texts = [
                word.to_string(),
                format!(" {lower} "),
                format!("{lower}."),
                format!("\"{word}\"!!!"),
                format!("\n{lower}\t"),
                format!("Please {lower}"),
                format!("{word} please, thank you."),
                format!("{lower}\u{a0}"),
                format!("{word} {word}"),
            ];
            all_are(Reply::OptOut, &texts.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    #[test]
    fn opt_outs_in_other_dress_and_other_tongues() {
        all_are(
            Reply::OptOut,
            &[
                "ＳＴＯＰ",
                "S T O P",
                "S.T.O.P.",
                "Opt-out",
                "OPT  OUT",
                "opt\nout",
                "Stop all",
                "stop!",
                "(stop)",
                "STOP\u{200b}",
                "*stop*",
                "ok stop",
                "Hi, stop please",
                "stop stop STOP",
                "Un-subscribe",
                "unsubscribe me please",
                "STOP. I have told you before.",
                "STOP\nSent from my iPhone",
                "I said unsubscribe me! STOP!",
                "Stopp",
                "Abmelden",
                "bitte abmelden",
                "ABBESTELLEN!",
                "Austragen",
                "aufhören",
                "Ende",
                "widerruf",
                "Arrêt",
                "ARRET",
                "arrêtez svp",
                "Désabonner",
                "désinscription",
                "stop sms",
                "s'il vous plaît arrêtez",
                "BAJA",
                "Baja por favor",
                "darme de baja",
                "alto",
                "Parar",
                "cancelar",
                "basta",
                "Annulla",
                "cancellami per favore",
                "disiscrivimi",
                "sair",
                "PARAR",
                "descadastrar",
                "cancelar inscrição",
                "afmelden",
                "Uitschrijven aub",
                "stoppen",
                "einde",
                "rezygnuję",
                "REZYGNUJE",
                "wypisz mnie proszę",
                "koniec",
                "стоп",
                "Отписаться",
                "退订",
                "停止",
            ],
        );
    }

    #[test]
    fn free_wording_may_be_an_opt_out() {
        all_are(
            Reply::MaybeOptOut,
            &[
                "please don't text me again",
                "Don’t text me",
                "dont ever call me",
                "Do not contact me anymore",
                "take me off your list",
                "Take my number off",
                "remove me",
                "Please remove my number from your database",
                "delete my info",
                "I don't want these messages",
                "I do not want to receive any more texts",
                "no more texts",
                "No further messages please",
                "stop texting me",
                "STOP SENDING ME THIS",
                "quit calling",
                "Would you stop?",
                "please stop messaging this phone",
                "leave me alone",
                "lose my number",
                "not interested",
                "No longer interested",
                "how do I unsubscribe?",
                "I want to opt out of this",
                "Opt me out of it",
                "go away",
                "F off",
                "fuck off",
                "I revoke my consent",
                "I hereby withdraw all consent",
                "cancel my subscription",
                "this is spam",
                "I will sue you",
                "never text this number",
                "no stop",
                "unsuscribe",
                "unsubscribed please now ok",
                "put me on your do not call list",
                "get lost",
                "No more of these please",
                "I'd like to be removed from the list",
                "I never signed up for this",
                "How did you get my number?",
                "don't wanna get these",
                "enough already",
                "Ich bin nicht mehr interessiert",
                "Schluss jetzt mit den SMS",
                "Ya no quiero nada",
                "Parem com isso",
                "Proszę mnie usunąć",
                "🛑",
                "quit it with the messages",
                "Hört auf",
                "hör endlich auf",
                "Hören Sie bitte auf!",
                "keine Nachrichten mehr",
                "Bitte keine Werbung mehr schicken",
                "Schreiben Sie mir nicht mehr",
                "rufen Sie mich nie wieder an, nie mehr anrufen",
                "lasst mich in Ruhe",
                "Lassen Sie mich in Ruhe!",
                "nehmt mich aus dem Verteiler",
                "löscht meine Nummer",
                "bitte meine Daten löschen",
                "kein Interesse",
                "Ich möchte mich abmelden",
                "ich widerrufe meine Einwilligung",
                "Ich widerspreche der Nutzung",
                "ne m'envoyez plus de messages",
                "Je ne veux plus recevoir vos SMS",
                "arrêtez de m'écrire",
                "plus de pub",
                "retirez-moi de votre liste",
                "supprimez mon numéro",
                "Laissez-moi tranquille",
                "pas intéressé",
                "ça ne m’intéresse pas",
                "no me escriban más",
                "No quiero recibir más mensajes",
                "dejen de molestar",
                "quítenme de su lista",
                "borren mi número",
                "no me interesa",
                "quiero darme de baja de esto",
                "déjenme en paz",
                "non scrivetemi più",
                "Non voglio più ricevere messaggi",
                "basta messaggi",
                "smettetela",
                "toglietemi dalla lista",
                "cancellate il mio numero",
                "non mi interessa",
                "lasciatemi in pace",
                "não me mande mais mensagens",
                "Não quero receber isso",
                "pare de me mandar SMS",
                "remova meu número",
                "me tire da lista",
                "não tenho interesse",
                "me deixe em paz",
                "geen berichten meer",
                "niet meer bellen",
                "hou op",
                "Stop met sms'en",
                "haal me van de lijst",
                "verwijder mijn nummer",
                "laat me met rust",
                "geen interesse",
                "ik wil me afmelden",
                "nie piszcie do mnie",
                "Nie chcę otrzymywać wiadomości",
                "proszę nie dzwonić",
                "przestańcie",
                "usuńcie mój numer",
                "wykreślcie mnie z listy",
                "dajcie mi spokój",
                "nie jestem zainteresowany",
            ],
        );
    }

    #[test]
    fn everyday_messages_end_nothing() {
        all_are(
            Reply::Other,
            &[
                "",
                " ",
                "👍",
                "?",
                "I can't stop thinking about your offer",
                "stop by tomorrow",
                "I'll stop by at 5",
                "Can you stop in on Friday?",
                "We never stop",
                "Which bus stop is it?",
                "it's non-stop fun",
                "the next stop is Berlin",
                "Don't stop!",
                "See you at the end of the month",
                "At the end of the day it's your call",
                "Weekend works",
                "I want to cancel my appointment",
                "Cancel the 3pm and book 4pm",
                "Can you call me?",
                "Call me tomorrow",
                "text me the address",
                "Send me more info",
                "I did not get your message",
                "I don't have your number",
                "I never received a message",
                "Did you get my message?",
                "Not today, maybe next week",
                "No thanks",
                "no",
                "nope",
                "Sounds great!",
                "How much is it?",
                "Who is this?",
                "fine",
                "Fine, thanks",
                "I'm interested",
                "very interested",
                "yes I am coming",
                "Yes, call me at 5",
                "start at nine?",
                "When do we start",
                "helpful, thanks",
                "I need help with my order",
                "I quit my job last week",
                "Can you stop at the store",
                "I have not stopped by yet",
                "The project stops in June",
                "Let's end the call there",
                "can you send a message to my wife",
                "Das hört sich gut an",
                "Ich höre auf meinen Chef",
                "No me llamo Juan",
                "no quiero perder la oferta",
                "non ho ricevuto messaggi",
                "não recebi a mensagem",
                "geen probleem, bel me morgen",
                "nie ma problemu, piszcie jutro",
                "Don't worry",
                "do not forget the contract",
                "end of quarter is best",
                "I ended up buying two",
                "Ja, gerne morgen",
                "Rufen Sie mich bitte an",
                "Schicken Sie mir ein Angebot",
                "Am Ende der Woche passt es",
                "Ich melde mich morgen",
                "Oui, demain",
                "Appelez-moi demain",
                "c'est parfait",
                "Envoyez-moi le devis",
                "À la fin du mois",
                "Llámame mañana",
                "para mañana está bien",
                "Envíeme la oferta",
                "baja el precio y hablamos",
                "Chiamatemi domani",
                "va bene, grazie",
                "mi interessa",
                "alla fine del mese",
                "Me liga amanhã",
                "pode mandar",
                "tenho interesse",
                "Bel me morgen",
                "stuur maar een offerte",
                "einde van de maand is goed",
                "Proszę o kontakt",
                "zadzwońcie jutro",
                "jestem zainteresowany",
                "na koniec miesiąca",
            ],
        );
    }

    #[test]
    fn other_answers() {
        all_are(
            Reply::OptIn,
            &["START", "start", "Unstop.", "start please", "Opt in", "OPT-IN", "subscribe"],
        );
        all_are(Reply::Yes, &["YES", "yes!", "Y", "yes please", "Ja", "oui", "Sí", "sim", "tak"]);
        all_are(
            Reply::Help,
            &["HELP", "help?", "INFO", "Hilfe", "aide", "ayuda", "aiuto", "ajuda", "hulp", "pomoc"],
        );
        all_are(
            Reply::WrongNumber,
            &[
                "Wrong number",
                "wrong number sorry",
                "You have the wrong number",
                "You've got the wrong person",
                "this is not the right number",
                "not my number",
                "Sorry, nobody here by that name",
                "Wrong number, stop texting me",
                "Falsche Nummer",
                "Sie sind falsch verbunden",
                "Da haben Sie die falsche Nummer",
                "mauvais numéro",
                "Vous vous trompez de numéro",
                "número equivocado",
                "Se equivocó de número",
                "numero sbagliato",
                "Ha sbagliato numero",
                "Número errado",
                "verkeerd nummer",
                "zły numer",
                "To pomyłka",
            ],
        );
        all_are(Reply::OptOut, &["Wrong number. STOP."]);
    }

    /// Words of the lists in any order: nothing panics, and a whole opt-out stays one whatever stands
    /// politely around it.
    #[test]
    fn no_text_makes_it_panic() {
        let words = [
            "stop", "don't", "text", "me", "please", ".", "wrong", "number", "keine", "nie", "pisz", "🛑",
            "\u{301}", "'",
        ];
        let mut seed = 3_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..seed % 9 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(words[(seed >> 33) as usize % words.len()]);
                text.push(' ');
            }
            seed = seed.wrapping_add(1);
            let _ = classify_reply(&text);
        }
        assert_eq!(classify_reply(&"stop ".repeat(100_000)), Reply::OptOut);
    }
}
