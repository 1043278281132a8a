use super::*;

fn all_are(reply: Reply, texts: &[&str]) {
    let wrong: Vec<(&&str, Reply)> =
        texts.iter().map(|text| (text, classify_reply(text))).filter(|(_, found)| *found != reply).collect();
    assert!(wrong.is_empty(), "not {reply:?}: {wrong:#?}");
}

#[test]
fn every_line_of_phrases_is_read() {
    let kinds =
        ["polite", "opt_out", "sentence", "opt_in", "yes", "help", "wrong_number", "maybe", "harmless"];
    let text = include_str!("phrases.txt");
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let head = line.split_once(": ").map(|(head, _)| head).unwrap_or_default();
        assert!(kinds.contains(&head.split(' ').next().unwrap_or_default()), "{line}");
    }
    for phrase in PHRASES.opt_out.iter().chain(&PHRASES.sentence) {
        assert!(!phrase.is_empty());
    }
    for part in PHRASES.maybe.iter().chain(&PHRASES.wrong_number).chain(&PHRASES.harmless).flat_map(|p| &p.0)
    {
        assert!(!matches!(part, Part::Word(any) if any.iter().any(|(word, _)| word.is_empty())), "{part:?}");
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
    all_are(Reply::OptIn, &["START", "start", "Unstop.", "start please", "Opt in", "OPT-IN", "subscribe"]);
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
    for _ in 0..2_000 {
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
