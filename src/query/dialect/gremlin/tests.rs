//! What the tree and its text promise each other.

use super::*;

fn texts(text: &str) -> Vec<&str> {
    GREMLIN.split(text).into_iter().map(|span| &text[span.start..span.end]).collect()
}

#[test]
fn statements_end_at_semicolons_and_where_a_line_begins_anew() {
    assert_eq!(texts("g.V(); g.E() ;"), ["g.V()", "g.E()"]);
    assert_eq!(texts("g.V()\n  .out()\ng.E()"), ["g.V()\n  .out()", "g.E()"]);
    assert_eq!(
        texts("g.V().\nout() // x\n.in()\n\n// all\ng.E()"),
        ["g.V().\nout() // x\n.in()", "// all\ng.E()"]
    );
    assert_eq!(texts("g.V().where(\nout()\n)"), ["g.V().where(\nout()\n)"]);
    assert_eq!(texts("g.V(';\ng.E()')"), ["g.V(';\ng.E()')"]);
    assert_eq!(texts(" // nothing\n;;"), Vec::<&str>::new());
    assert_eq!(texts("g.V('a"), ["g.V('a"]);
}

#[test]
fn what_is_sent_is_printed_from_the_tree() {
    for (written, sent) in [
        (
            "g . V ( ) /* all */ . has(\"name\", gt(1).and(neq(5L))) // x\n.by(desc)",
            "g.V().has('name', P.gt(1).and(P.neq(5L))).by(Order.desc)",
        ),
        (
            "g.V().order().by(values, decr).limit(local,0x10)",
            "g.V().order().by(Column.values, Order.desc).limit(Scope.local, 16)",
        ),
        ("g.V().not(out('a')).is(not(within(1,'b')))", "g.V().not(__.out('a')).is(P.not(P.within(1, 'b')))"),
        ("g.inject([a:1,(T.id):[1,2]],[:],[],1..3)", "g.inject([('a'): 1, (T.id): [1, 2]], [:], [], 1..3)"),
        (
            "g.inject([label: 'x'], 1e5, 1.50f, -Infinity, 010)",
            "g.inject([(T.label): 'x'], 1e5, 1.50f, -Infinity, 8)",
        ),
        (r"g.V('it\'s', 'a\\u', '\134\44', '\u200b')", r"g.V('it\'s', 'a\134u', '\\$', '\u200b')"),
        (
            r#"g.V().has("price", "$100").has('b', regex("^m.*o$"))"#,
            "g.V().has('price', '$100').has('b', TextP.regex('^m.*o$'))",
        ),
        (r#"g.V().has("a", "a\${b}")"#, "g.V().has('a', 'a${b}')"),
        ("g.V() // x .drop()", "g.V()"),
        ("g.V().out() /* .drop() */ // .drop()\n.count()", "g.V().out().count()"),
        ("g.V(\"it's\").next(2);", r"g.V('it\'s').next(2)"),
        ("g.V().valueMap().with(WithOptions.tokens)", "g.V().valueMap().with(WithOptions.tokens)"),
        ("g.withStrategies(new SeedStrategy(seed:1)).V()", "g.withStrategies(new SeedStrategy(seed: 1)).V()"),
        ("g.V().to(from, 'a')", "g.V().to(Direction.OUT, 'a')"),
        ("g.V().has('d', lt(datetime(\"2020-01-01\")))", "g.V().has('d', P.lt(datetime('2020-01-01')))"),
    ] {
        let tree = parse(written).unwrap();
        assert_eq!(canonical(&tree), sent);
        assert_eq!(parse(sent).unwrap(), tree, "{sent}");
    }
}

#[test]
fn long_chains_are_read_without_recursion() {
    let steps = format!("g.V(){}", ".out()".repeat(100_000));
    assert_eq!(GREMLIN.classify(&steps).class, Class::Read);
    let links = format!("g.V().is(gt(1){})", ".and(gt(1))".repeat(80_000));
    assert_eq!(GREMLIN.classify(&links).class, Class::Read);
    let deep = |n: usize| format!("g.V().not({}out(){})", "not(".repeat(n), ")".repeat(n));
    assert_eq!(GREMLIN.classify(&deep(198)).class, Class::Read);
    assert_eq!(GREMLIN.classify(&deep(100_000)).rule, "gremlin.limit.nesting");
}

#[test]
fn refusals_say_where_and_why() {
    for (statement, rule, at) in [
        ("", "gremlin.empty", 0),
        ("g.V().sideEffect(drop())", "gremlin.step.write", 17),
        ("g.V().frob().drop()", "gremlin.step.write", 13),
        ("g.V().frob()", "gremlin.step.unknown", 6),
        ("g.V().out(1)", "gremlin.step.arguments", 6),
        ("g.V(); g.E()", "gremlin.many", 7),
        ("g.V() x", "gremlin.groovy", 6),
        ("g.V().map{it}", "gremlin.groovy", 9),
        ("g.V().map({it})", "gremlin.groovy", 10),
        ("g.V().'drop'()", "gremlin.groovy", 6),
        ("g.V(x)", "gremlin.variable", 4),
        ("System.exit(1)", "gremlin.groovy", 0),
        ("g.tx().rollback()", "gremlin.transaction", 2),
        ("g.with('Neptune#fts.endpoint', 'x').V()", "gremlin.setting.unknown", 2),
        ("g.withoutStrategies(ReadOnlyStrategy).V()", "gremlin.strategy", 2),
        ("g", "gremlin.parse", 1),
        ("g.V('a", "gremlin.unterminated", 4),
    ] {
        let verdict = GREMLIN.classify(statement);
        assert_eq!((verdict.rule, verdict.at), (rule, at), "{statement}: {verdict:?}");
        assert_ne!(verdict.class, Class::Read);
        assert_eq!(canonical_text(statement), None);
    }
}

#[test]
fn colours_do_not_overlap_and_words_are_sorted() {
    let text = "g.V().has('a', P.gt(1)) // x";
    let mut out = Vec::new();
    GREMLIN.highlight(text, &mut out);
    assert!(out.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start));
    assert!(
        out.iter().any(|(span, kind)| &text[span.start..span.end] == "has" && *kind == TokenKind::Function)
    );
    assert!(GREMLIN.words().is_sorted() && GREMLIN.words().contains(&"repeat"));
}
