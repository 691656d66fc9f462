//! What the tree and its text promise each other.

use super::tree::{Scope, Shape};
use super::*;

fn texts(text: &str) -> Vec<&str> {
    MONGODB.split(text).into_iter().map(|span| &text[span.start..span.end]).collect()
}

fn sent(statement: &str) -> String {
    match parse(statement) {
        Ok(Said::Run(command)) => canonical(&command.body),
        other => panic!("{statement}: {other:?}"),
    }
}

#[test]
fn statements_end_at_semicolons_and_where_a_line_begins_anew() {
    assert_eq!(texts("db.a.find(); db.b.find() ;"), ["db.a.find()", "db.b.find()"]);
    assert_eq!(texts("use shop\nshow collections"), ["use shop", "show collections"]);
    assert_eq!(texts("db.a.find()\n  .limit(2)\ndb.b.find()"), ["db.a.find()\n  .limit(2)", "db.b.find()"]);
    assert_eq!(
        texts("db.a.find({\nx: 1\n})\n// all\ndb.b.find()"),
        ["db.a.find({\nx: 1\n})", "// all\ndb.b.find()"]
    );
    assert_eq!(texts("{ping: 1}\n{hello: 1}"), ["{ping: 1}", "{hello: 1}"]);
    assert_eq!(texts("db.a.find({x: /;\\/[/]/i})"), ["db.a.find({x: /;\\/[/]/i})"]);
    assert_eq!(texts(" // nothing\n;;"), Vec::<&str>::new());
    assert_eq!(texts("db.a.find('"), ["db.a.find('"]);
}

#[test]
fn a_call_is_the_command_that_it_stands_for() {
    for (written, command) in [
        (
            "db.books.find({year: {$gte: 1990}}, {title: 1}).sort({year: -1}).limit(5)",
            r#"{find: "books", filter: {year: {$gte: 1990}}, projection: {title: 1}, sort: {year: -1}, limit: 5}"#,
        ),
        ("db.books.findOne()", r#"{find: "books", filter: {}, limit: 1, singleBatch: true}"#),
        ("db['a b'].sub.find()", r#"{find: "a b.sub", filter: {}}"#),
        (
            "db.getCollection('x').aggregate([{$match: {a: 1}}], {allowDiskUse: true})",
            r#"{aggregate: "x", pipeline: [{$match: {a: 1}}], allowDiskUse: true, cursor: {}}"#,
        ),
        (
            "db.c.countDocuments({a: 1}, {limit: 3})",
            r#"{aggregate: "c", pipeline: [{$match: {a: 1}}, {$limit: 3}, {$group: {_id: 1, n: {$sum: 1}}}], cursor: {}}"#,
        ),
        ("db.c.find({a: 1}).count()", r#"{count: "c", query: {a: 1}}"#),
        ("db.c.find({a: 1}).skip(2).limit(3).count()", r#"{count: "c", query: {a: 1}}"#),
        (
            "db.c.find({a: 1}).skip(2).limit(3).count(true)",
            r#"{count: "c", query: {a: 1}, skip: 2, limit: 3}"#,
        ),
        ("db.c.find().limit(3).itcount()", r#"{count: "c", query: {}, limit: 3}"#),
        ("db.c.find().size()", r#"{count: "c", query: {}}"#),
        ("db.c.find().limit(9).next()", r#"{find: "c", filter: {}, limit: 1, singleBatch: true}"#),
        (
            "db.c.aggregate([{$sort: {a: 1}}]).next()",
            r#"{aggregate: "c", pipeline: [{$sort: {a: 1}}, {$limit: 1}], cursor: {}}"#,
        ),
        (
            "db.c.aggregate([{$sort: {a: 1}}]).itcount()",
            r#"{aggregate: "c", pipeline: [{$sort: {a: 1}}, {$count: "n"}], cursor: {}}"#,
        ),
        ("db.c.find().readPref('secondary')", r#"{find: "c", filter: {}}"#),
        ("db.stats(1024)", "{dbStats: 1, scale: 1024}"),
        ("db.serverStatus({repl: 0})", "{serverStatus: 1, repl: 0}"),
        ("db.currentOp(true)", "{currentOp: 1, $all: true}"),
        ("db.currentOp({active: true})", "{currentOp: 1, active: true}"),
        ("db.getUsers()", "{usersInfo: 1}"),
        ("db.getUser('x')", r#"{usersInfo: "x"}"#),
        ("db.getRole('read', {showPrivileges: true})", r#"{rolesInfo: "read", showPrivileges: true}"#),
        ("show roles", "{rolesInfo: 1, showBuiltinRoles: true}"),
        ("show profile", r#"{find: "system.profile", filter: {millis: {$gt: 0}}, sort: {ts: -1}, limit: 5}"#),
        (
            "db.c.latencyStats({histograms: true})",
            r#"{aggregate: "c", pipeline: [{$collStats: {latencyStats: {histograms: true}}}], cursor: {}}"#,
        ),
        ("db.c.totalSize()", r#"{collStats: "c"}"#),
        ("rs.conf()", "{replSetGetConfig: 1}"),
        ("db.c.distinct('k', {a: 1})", r#"{distinct: "c", key: "k", query: {a: 1}}"#),
        ("db.c.getIndexes()", r#"{listIndexes: "c"}"#),
        (
            "db.c.explain('executionStats').find({a: 1}).limit(2)",
            r#"{explain: {find: "c", filter: {a: 1}, limit: 2}, verbosity: "executionStats"}"#,
        ),
        (
            "db.c.aggregate({$limit: 1}).explain()",
            r#"{explain: {aggregate: "c", pipeline: [{$limit: 1}], cursor: {}}, verbosity: "queryPlanner"}"#,
        ),
        ("show dbs", "{listDatabases: 1}"),
        ("db.runCommand({ping: 1})", "{ping: 1}"),
        ("db.deleted.insertOne({a: 1})", r#"{insert: "deleted", documents: [{a: 1}]}"#),
        (
            "db.c.createIndex({a: 1, b: -1}, {unique: true})",
            r#"{createIndexes: "c", indexes: [{key: {a: 1, b: -1}, unique: true, name: "a_1_b_-1"}]}"#,
        ),
    ] {
        assert_eq!(sent(written), sent(command), "{written}");
    }
}

#[test]
fn every_literal_has_its_own_type_and_reads_back() {
    for (written, typed) in [
        ("1", r#"{"$numberInt": "1"}"#),
        ("-3000000000", r#"{"$numberLong": "-3000000000"}"#),
        ("0x1F", r#"{"$numberInt": "31"}"#),
        ("1.50", r#"{"$numberDouble": "1.5"}"#),
        ("1.0", r#"{"$numberDouble": "1.0"}"#),
        (".5e-3", r#"{"$numberDouble": "0.0005"}"#),
        ("-Infinity", r#"{"$numberDouble": "-Infinity"}"#),
        ("'it\\'s \\u0024 \\u{1F600} \\x41'", "\"it's $ \u{1F600} A\""),
        ("'\\uD83D\\uDE00'", "\"\u{1F600}\""),
        ("ObjectId('507f1f77bcf86cd799439011')", r#"{"$oid": "507f1f77bcf86cd799439011"}"#),
        ("{$oid: '507f1f77bcf86cd799439011'}", r#"{"$oid": "507f1f77bcf86cd799439011"}"#),
        ("new Date()", "new Date(Date.now() + 0)"),
        ("ISODate()", "new Date(Date.now() + 0)"),
        ("new Date(Date.now() - 24*60*60*1000)", "new Date(Date.now() - 86400000)"),
        ("new Date(new Date() - 1000 * 60 * (5 + 1))", "new Date(Date.now() - 360000)"),
        ("ISODate('2024-02-29')", r#"{"$date": {"$numberLong": "1709164800000"}}"#),
        ("new Date('2024-02-29T01:02:03.004Z')", r#"{"$date": {"$numberLong": "1709168523004"}}"#),
        ("ISODate('2024-02-29T01:00:00+01:00')", r#"{"$date": {"$numberLong": "1709164800000"}}"#),
        ("new Date(2024, 1, 29, 1, 2, 3, 4)", r#"{"$date": {"$numberLong": "1709168523004"}}"#),
        ("new Date(2024, 1)", r#"{"$date": {"$numberLong": "1706745600000"}}"#),
        ("NumberDecimal(1.5)", r#"{"$numberDecimal": "1.5"}"#),
        ("NumberLong('9223372036854775807')", r#"{"$numberLong": "9223372036854775807"}"#),
        ("NumberDecimal('1.10')", r#"{"$numberDecimal": "1.10"}"#),
        (
            "UUID('123e4567-e89b-12d3-a456-426614174000')",
            r#"{"$binary": {"base64": "Ej5FZ+ibEtOkVkJmFBdAAA==", "subType": "04"}}"#,
        ),
        ("BinData(0, 'AQI=')", r#"{"$binary": {"base64": "AQI=", "subType": "00"}}"#),
        ("/a\\/b[/]/mi", r#"{"$regularExpression": {"pattern": "a/b[/]", "options": "im"}}"#),
        ("Timestamp(1, 2)", r#"{"$timestamp": {"t": {"$numberInt": "1"}, "i": {"$numberInt": "2"}}}"#),
        ("MinKey", r#"{"$minKey": 1}"#),
        ("[1, {a: null,},]", r#"[{"$numberInt": "1"}, {"a": null}]"#),
    ] {
        let text = sent(&format!("{{ping: {written}}}"));
        assert_eq!(text, sent(&format!("{{\"ping\": {typed}}}")), "{written}");
        assert_eq!(text, sent(&text), "{written}");
    }
    assert_eq!(sent("{ping: 1.50}"), r#"{"ping": {"$numberDouble": "1.5"}}"#);
}

#[test]
fn where_it_goes_and_what_its_rows_are() {
    let of = |text: &str| match parse(text) {
        Ok(Said::Run(command)) => (command.scope, command.shape),
        other => panic!("{other:?}"),
    };
    let named = |name: &str| Scope::Named(name.to_owned());
    assert_eq!(of("db.getSiblingDB('shop').a.find()"), (named("shop"), Shape::Cursor));
    assert_eq!(of("show databases"), (named("admin"), Shape::Documents("databases")));
    assert_eq!(of("db.a.countDocuments()"), (Scope::Own, Shape::Counted));
    assert_eq!(of("db.a.estimatedDocumentCount()"), (Scope::Own, Shape::Field("n")));
    assert_eq!(of("db.a.aggregate([]).itcount()"), (Scope::Own, Shape::Counted));
    assert_eq!(of("db.currentOp()"), (named("admin"), Shape::Documents("inprog")));
    assert_eq!(of("db.hostInfo()"), (named("admin"), Shape::Reply));
    assert_eq!(of("{top: 1}"), (named("admin"), Shape::Reply));
    assert_eq!(of("rs.config()"), (named("admin"), Shape::Reply));
    assert_eq!(of("show users"), (Scope::Own, Shape::Documents("users")));
    assert_eq!(of("db.getRoles()"), (Scope::Own, Shape::Documents("roles")));
    assert_eq!(of("db.a.isCapped()"), (Scope::Own, Shape::Field("capped")));
    assert_eq!(of("db.a.getFullName()"), (Scope::Own, Shape::Field("ns")));
    assert_eq!(of("db.getName()"), (Scope::Own, Shape::Field("db")));
    assert_eq!(of("db.a.distinct('x')"), (Scope::Own, Shape::Values("values")));
    assert_eq!(of("db.a.find().explain()"), (Scope::Own, Shape::Reply));
    assert_eq!(parse("use shop;"), Ok(Said::Use("shop".to_owned())));
}

#[test]
fn refusals_say_where_and_why() {
    for (statement, rule, at) in [
        ("", "mongodb.empty", 0),
        ("{}", "mongodb.empty", 2),
        ("db.a.aggregate([{$out: 'b'}])", "mongodb.stage.write", 17),
        ("db.a.aggregate([{\"\\u0024out\": 'b'}])", "mongodb.stage.write", 17),
        (
            "db.a.aggregate([{$lookup: {from: 'b', pipeline: [{$merge: 'c'}], as: 'x'}}])",
            "mongodb.stage.write",
            50,
        ),
        (
            "db.a.aggregate([{$facet: {x: [{$unionWith: {coll: 'b', pipeline: [{$out: 'c'}]}}]}}])",
            "mongodb.stage.write",
            67,
        ),
        ("db.a.find({$where: 'this.a'})", "mongodb.javascript", 11),
        ("db.a.find({a: 1, a: 2})", "mongodb.duplicate", 17),
        ("db.a.find({a: 1 + 1})", "mongodb.javascript", 16),
        ("db.a.find({a: x})", "mongodb.variable", 14),
        ("db.a.find({[k]: 1})", "mongodb.key", 11),
        ("db.a.find({a: frob(1)})", "mongodb.function", 14),
        ("db.a.find({a: function() { return 1 }})", "mongodb.javascript", 14),
        ("db.a.find({a: `x`})", "mongodb.javascript", 14),
        ("db.a.find({a: {$frob: 1}})", "mongodb.operator.unknown", 15),
        ("db.a.deleteMany({})", "mongodb.command.write", 5),
        ("db.a.mapReduce({})", "mongodb.method.write", 5),
        ("db.a.frob()", "mongodb.method.unknown", 5),
        ("db.a.find().next().limit(2)", "mongodb.cursor", 12),
        ("db.a.find().min({a: 1}).itcount()", "mongodb.cursor", 24),
        ("db.a.find().readPref('nearest')", "mongodb.cursor", 12),
        ("db.getUsers({showCredentials: true})", "mongodb.field.unknown", 13),
        ("{currentOp: 1, writeConcern: {w: 1}}", "mongodb.field.write", 15),
        ("db.currentOp({currentOp: 2})", "mongodb.duplicate", 14),
        ("{serverStatus: 1, frob: 1}", "mongodb.field.unknown", 18),
        ("rs.stepDown()", "mongodb.method.write", 3),
        ("rs.frob()", "mongodb.method.unknown", 3),
        ("db.a.find({d: new Date(2024, 12, 1)})", "mongodb.value", 18),
        ("db.a.find().forEach(1)", "mongodb.javascript", 12),
        ("db.a", "mongodb.incomplete", 4),
        ("db.$cmd.findOne({ping: 1})", "mongodb.name", 3),
        ("{find: 'a', tailable: true}", "mongodb.field.unknown", 12),
        ("{aggregate: 'a', pipeline: [], cursor: {}, writeConcern: {w: 1}}", "mongodb.field.write", 43),
        ("{explain: {delete: 'a', deletes: []}}", "mongodb.command.write", 11),
        ("{frob: 1}", "mongodb.command.unknown", 1),
        ("db.a.find(); db.b.find()", "mongodb.many", 13),
        ("db.a.find('a", "mongodb.unterminated", 10),
        ("var x = 1", "mongodb.statement", 0),
        ("db.a.find({d: ObjectId()})", "mongodb.value.fresh", 14),
        ("db.a.find({d: new Date(Date.now() * 2)})", "mongodb.value", 36),
        ("db.a.find({d: new Date(Date.now() - Date.now())})", "mongodb.value", 23),
        ("db.a.find({d: new Date(Date.now() - x)})", "mongodb.syntax", 36),
        ("db.a.find({d: new Date(Date.now() - 9223372036854775807 - 9)})", "mongodb.value", 58),
        ("db.a.find({d: Date.now()})", "mongodb.variable", 14),
        ("db.a.aggregate([{$match: {}, $out: 'x'}])", "mongodb.stage.form", 29),
    ] {
        let verdict = MONGODB.classify(statement);
        assert_eq!((verdict.rule, verdict.at), (rule, at), "{statement}: {verdict:?}");
        assert_ne!(verdict.class, Class::Read);
    }
}

#[test]
fn colours_do_not_overlap_and_words_are_sorted() {
    let text = "db.a.find({'b': /x/, c: \"y\", $d: 1.5}) // z";
    let mut out = Vec::new();
    MONGODB.highlight(text, &mut out);
    assert!(out.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start));
    let kind = |word: &str| out.iter().find(|(s, _)| &text[s.start..s.end] == word).map(|(_, kind)| *kind);
    assert_eq!(kind("find"), Some(TokenKind::Function));
    assert_eq!(kind("/x/"), Some(TokenKind::Text));
    assert_eq!(kind("'b'"), Some(TokenKind::Quoted));
    assert!(MONGODB.words().is_sorted() && MONGODB.words().contains(&"aggregate"));
}

#[test]
fn what_is_long_is_read_in_linear_time_and_what_is_deep_is_refused() {
    let wide = format!("db.a.find({{x: {{$in: [{}]}}}})", "1,".repeat(200_000));
    assert_eq!(MONGODB.classify(&wide).class, Class::Read);
    let deep = |n: usize| format!("db.a.find({}{})", "{a: ".repeat(n) + "1", "}".repeat(n));
    assert_eq!(MONGODB.classify(&deep(190)).class, Class::Read);
    assert_eq!(MONGODB.classify(&deep(100_000)).rule, "mongodb.limit.nesting");
}
