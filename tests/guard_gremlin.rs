//! Gremlin's guard against its corpus: no write passes, in any disguise; reads do, and what is sent for them is the
//! same traversal in the canonical text.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::gremlin::{canonical, canonical_text, parse};
use dbdeck::query::dialect::{Class, dialect};

mod corpus;

use corpus::{Line, Noise, lines};

fn class(statement: &str) -> Class {
    dialect(DialectId::Gremlin).classify(statement).class
}

fn halves() -> (Vec<Line>, Vec<Line>) {
    lines(include_str!("corpus/gremlin.jsonl")).into_iter().partition(|line| line.writes)
}

/// Where the tokens of `text` begin and end, outside strings and comments.
fn gaps(text: &str) -> Vec<usize> {
    let mut open: Option<char> = None;
    let mut before = ' ';
    let mut gaps = Vec::new();
    for (at, c) in text.char_indices() {
        match open {
            Some(quote) if c == quote && before != '\\' => open = None,
            None if c == '\'' || c == '"' => open = Some(c),
            None if "().,".contains(c) && !(c == '.' && before.is_ascii_digit()) => {
                gaps.extend([at, at + usize::from(c != '.')]);
            }
            _ => {}
        }
        before = if before == '\\' && c == '\\' { ' ' } else { c };
    }
    gaps.retain(|at| *at > 0);
    gaps
}

/// Whether comments or line ends put at a gap would still be what they are.
fn plain(text: &str) -> bool {
    !text.contains("//") && !text.contains("/*") && !text.contains("..")
}

/// Something without meaning at a gap between tokens.
fn at_a_gap(noise: &mut Noise, text: &str) -> String {
    let gaps = gaps(text);
    if gaps.is_empty() || !plain(text) {
        return text.to_owned();
    }
    let at = gaps[noise.below(gaps.len())];
    let blank = ["/**/", " /* ; g.V() */ ", " // c\n", "\n", "\r\n\t", "  ", "\u{c}", "/* ' */", "// \"\n"]
        [noise.below(9)];
    format!("{}{blank}{}", &text[..at], &text[at..])
}

/// One change that leaves the traversal what it is.
fn harmless(noise: &mut Noise, text: &str) -> String {
    match noise.below(9) {
        0 => format!("\u{feff}{text}"),
        1 => format!(" \t\r\n{text}\n"),
        2 => format!("/* c */{text}"),
        3 => format!("// c\n{text}"),
        4 => format!("{text}\n;"),
        5 => format!("{text}\n;;"),
        6 => format!("{text}\n; // c"),
        7 => escaped(noise, text),
        _ => at_a_gap(noise, text),
    }
}

/// One letter of a string as its Unicode escape.
fn escaped(noise: &mut Noise, text: &str) -> String {
    let Some(open) = text.find('\'').filter(|_| plain(text) && !text.contains(['\\', '"'])) else {
        return text.to_owned();
    };
    let length = text[open + 1..].find('\'').unwrap_or_default();
    let letters: Vec<usize> =
        (open + 1..open + 1 + length).filter(|at| text.as_bytes()[*at].is_ascii_alphanumeric()).collect();
    if letters.is_empty() {
        return text.to_owned();
    }
    let at = letters[noise.below(letters.len())];
    format!("{}\\u{:04x}{}", &text[..at], text.as_bytes()[at], &text[at + 1..])
}

/// One change that may make a write no statement at all, but never a read.
fn disguise(noise: &mut Noise, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..=noise.below(3) {
        text = match noise.below(13) {
            0 => format!("{text}\0"),
            1 => format!("g.V(); {text}"),
            2 => format!("{text}; g.V()"),
            3 if noise.below(40) == 0 => format!("/*{}*/{text}", "x".repeat(65_536)),
            4 => text.replace(
                "drop",
                ["Drop", "\\u0064rop", "'drop'", "dr/**/op", "drop ", "__.drop"][noise.below(6)],
            ),
            5 => flip(noise, &text),
            6 => format!("g.V().sideEffect({text})"),
            7 => format!("g.V().where({})", text.trim_start_matches("g.")),
            8 => noise.disguise(&text, '\''),
            _ => harmless(noise, &text),
        };
    }
    text
}

/// One letter in the other case, outside strings and comments.
fn flip(noise: &mut Noise, text: &str) -> String {
    let gaps: Vec<usize> = gaps(text)
        .into_iter()
        .filter(|at| text.as_bytes().get(*at).is_some_and(u8::is_ascii_alphabetic))
        .collect();
    // A step in the wrong case is unknown; a string in another case is another read.
    if gaps.is_empty() || !plain(text) {
        return text.to_owned();
    }
    let at = gaps[noise.below(gaps.len())];
    let letter = text.as_bytes()[at] as char;
    let other =
        if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

#[test]
fn writes_are_refused_and_reads_pass() {
    let (writes, reads) = halves();
    assert!(writes.len() >= 150 && reads.len() >= 300);
    let accepted: Vec<_> = writes.iter().filter(|l| class(&l.statement) == Class::Read).collect();
    assert!(accepted.is_empty(), "accepted writes: {accepted:#?}");
    let refused: Vec<_> = reads.iter().filter(|l| class(&l.statement) != Class::Read).collect();
    assert!(refused.is_empty(), "refused reads: {refused:#?}");
}

#[test]
fn disguises_do_not_help_a_write() {
    let mut noise = Noise::new(0x5eed);
    let (mut writes, _) = halves();
    // Nothing becomes a read with one in front of it, the wrong case in the right case, and what has a bracket too many
    // when a comment takes the bracket.
    writes.retain(|line| {
        let empty = dialect(DialectId::Gremlin).classify(&line.statement).rule == "gremlin.empty";
        !empty && !["G.V()", "g.v()", "g.V().OUT()", "g.V())"].contains(&line.statement.as_str())
    });
    let mut mutants = 0;
    while mutants < 51_000 {
        for line in &writes {
            let mutant = disguise(&mut noise, &line.statement);
            assert_ne!(class(&mutant), Class::Read, "{mutant:?} of {:?}", line.statement);
            assert!(mutants % 16 > 0 || canonical_text(&mutant).is_none(), "{mutant:?}");
            mutants += 1;
        }
    }
}

#[test]
fn harmless_changes_cost_no_read_and_send_the_same_text() {
    let mut noise = Noise::new(7);
    let (_, reads) = halves();
    let (mut all_of_them, mut refused) = (0_usize, Vec::new());
    for line in &reads {
        let sent = canonical_text(&line.statement).unwrap();
        for _ in 0..20 {
            let mutant = harmless(&mut noise, &line.statement);
            all_of_them += 1;
            match canonical_text(&mutant) {
                Some(text) => assert_eq!(text, sent, "{mutant}"),
                None => refused.push(mutant),
            }
        }
    }
    assert!(refused.len() * 50 <= all_of_them, "{} of {all_of_them}: {refused:#?}", refused.len());
}

#[test]
fn the_text_that_is_sent_holds_the_tree_that_was_judged() {
    let (_, reads) = halves();
    for line in &reads {
        let tree = parse(&line.statement).unwrap();
        let sent = canonical(&tree);
        assert_eq!(parse(&sent).as_ref(), Ok(&tree), "{sent}");
        assert_eq!(canonical_text(&line.statement).as_deref(), Some(sent.as_str()));
        assert_eq!(class(&sent), Class::Read, "{sent}");
        // Nothing that Groovy reads as code, or that a terminal does not draw.
        assert!(
            !sent.contains(['"', '{', '}', '\n']) || sent.contains("%{") || sent.contains("'{"),
            "{sent}"
        );
    }
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let long = format!("g.V('{}')", "x".repeat(1 << 20));
    let nested = |n: usize| format!("g.V(){}out(){}", ".not(out()".repeat(n), ")".repeat(n));
    for (statement, rule) in [
        (long.as_str(), "gremlin.limit.length"),
        (nested(201).as_str(), "gremlin.limit.nesting"),
        (nested(50_000).as_str(), "gremlin.limit.nesting"),
        ("", "gremlin.empty"),
        (";", "gremlin.empty"),
        ("FROBNICATE", "gremlin.groovy"),
        ("g.V()\0", "gremlin.character"),
        ("g.V().frobnicate()", "gremlin.step.unknown"),
        ("g.V().map(drop())", "gremlin.step.write"),
        ("g.V();g.V()", "gremlin.many"),
    ] {
        let verdict = dialect(DialectId::Gremlin).classify(statement);
        assert_ne!(verdict.class, Class::Read);
        assert_eq!(verdict.rule, rule);
    }
}
