use super::*;
use proptest::prelude::*;

/// Rows as text, with the columns they came under.
#[derive(Default)]
struct Taken {
    columns: Vec<(String, Tag)>,
    rows: Vec<Vec<(Tag, String)>>,
    most: usize,
}

impl Take for Taken {
    fn columns(&mut self, columns: &[Column]) {
        self.columns = columns.iter().map(|c| (c.name.to_string(), c.tag)).collect();
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<bool, Failure> {
        self.rows.push(cells.iter().map(|(tag, text)| (*tag, text.to_string())).collect());
        Ok(self.most == 0 || self.rows.len() < self.most)
    }
}

fn gremlin(data: &str) -> Taken {
    let mut taken = Taken::default();
    let body =
        format!(r#"{{"requestId":"r","status":{{"code":200}},"result":{{"data":{data},"meta":{{}}}}}}"#);
    graphson::rows(&body, &mut taken).expect("reads");
    for (_, text) in taken.rows.iter().flatten().filter(|(tag, _)| *tag == Tag::Json) {
        serde_json::from_str::<serde_json::Value>(text).expect(text);
    }
    taken
}

/// The only column's values.
fn results(data: &str) -> Vec<(Tag, String)> {
    let taken = gremlin(data);
    assert_eq!(taken.columns.len(), usize::from(!taken.rows.is_empty()), "{:?}", taken.columns);
    taken.rows.into_iter().map(|mut row| row.remove(0)).collect()
}

fn list(items: &str) -> String {
    format!(r#"{{"@type":"g:List","@value":[{items}]}}"#)
}

fn one(item: &str) -> (Tag, String) {
    let all = results(&list(item));
    assert_eq!(all.len(), 1);
    all[0].clone()
}

const MARKO: &str = r#"{"@type":"g:Vertex","@value":{"id":{"@type":"g:Int64","@value":1},"label":"person","properties":{"name":[{"@type":"g:VertexProperty","@value":{"id":{"@type":"g:Int64","@value":0},"value":"marko","label":"name"}}],"city":[{"@type":"g:VertexProperty","@value":{"id":"x","value":"Oslo","label":"city"}},{"@type":"g:VertexProperty","@value":{"id":"y","value":"Bergen","label":"city"}}]}}}"#;

const KNOWS: &str = r#"{"@type":"g:Edge","@value":{"id":"e7","label":"knows","inVLabel":"person","outVLabel":"person","inV":"v2","outV":"v1","properties":{"weight":{"@type":"g:Property","@value":{"key":"weight","value":{"@type":"g:Double","@value":0.5}}}}}}"#;

#[test]
fn numbers_keep_their_digits() {
    for (kind, value, want) in [
        ("g:Int64", "9007199254740993", "9007199254740993"),
        ("g:Int32", "-7", "-7"),
        ("g:Double", "0.10", "0.10"),
        ("g:Double", "\"NaN\"", "NaN"),
        ("g:Float", "\"-Infinity\"", "-Infinity"),
        (
            "gx:BigDecimal",
            "123456789012345678901234567890.123456789",
            "123456789012345678901234567890.123456789",
        ),
        ("gx:BigInteger", "\"123456789012345678901234567890\"", "123456789012345678901234567890"),
    ] {
        let typed = format!(r#"{{"@type":"{kind}","@value":{value}}}"#);
        assert_eq!(one(&typed), (Tag::Number, want.to_owned()));
    }
    assert_eq!(
        one(&list(r#"{"@type":"g:Int64","@value":9007199254740993},{"@type":"g:Double","@value":"NaN"}"#)),
        (Tag::Json, r#"[9007199254740993,"NaN"]"#.into())
    );
}

#[test]
fn scalars_are_what_they_are() {
    for (text, tag, want) in [
        (r#""a\"b\u00e9\ud83d\ude00""#, Tag::Text, "a\"bé😀"),
        ("null", Tag::Null, ""),
        ("true", Tag::Bool, "true"),
        (r#"{"@type":"g:Date","@value":1481750076295}"#, Tag::Time, "2016-12-14T21:14:36.295Z"),
        (r#"{"@type":"g:Date","@value":-1}"#, Tag::Time, "1969-12-31T23:59:59.999Z"),
        (r#"{"@type":"gx:LocalDate","@value":"2016-01-01"}"#, Tag::Time, "2016-01-01"),
        (
            r#"{"@type":"g:UUID","@value":"41d2e28a-20a4-4ab0-b379-d810dede3786"}"#,
            Tag::Text,
            "41d2e28a-20a4-4ab0-b379-d810dede3786",
        ),
        (r#"{"@type":"g:T","@value":"label"}"#, Tag::Text, "label"),
        (r#"{"@type":"gx:Duration","@value":"PT120H"}"#, Tag::Text, "PT120H"),
        (r#"{"@type":"gx:ByteBuffer","@value":"c29tZSBieXRlcw=="}"#, Tag::Bytes, "736f6d65206279746573"),
        (r#"{"@type":"g:Someday","@value":"new"}"#, Tag::Text, "new"),
    ] {
        assert_eq!(one(text), (tag, want.to_owned()), "{text}");
    }
}

#[test]
fn entities_have_one_form() {
    assert_eq!(
        one(MARKO),
        (Tag::Json, r#"{"~id":1,"~entityType":"node","~labels":["person"],"~properties":{"name":"marko","city":["Oslo","Bergen"]}}"#.into())
    );
    assert_eq!(
        one(KNOWS),
        (Tag::Json, r#"{"~id":"e7","~entityType":"relationship","~type":"knows","~start":"v1","~end":"v2","~properties":{"weight":0.5}}"#.into())
    );
    let several = MARKO.replace("\"person\"", "\"person::admin\"");
    assert!(one(&several).1.contains(r#""~labels":["person","admin"]"#));
    let path = format!(
        r#"{{"@type":"g:Path","@value":{{"labels":{},"objects":{}}}}}"#,
        list(&[list(""), list("")].join(",")),
        list(&format!("{MARKO},{KNOWS},\"x\""))
    );
    let (_, text) = one(&path);
    assert!(text.starts_with(r#"[{"~id":1,"~entityType":"node""#) && text.ends_with(r#","x"]"#), "{text}");
    let property = r#"{"@type":"g:VertexProperty","@value":{"id":"p","value":"marko","label":"name"}}"#;
    assert_eq!(one(property).1, r#"{"~id":"p","~entityType":"property","~key":"name","~value":"marko"}"#);
}

#[test]
fn maps_of_words_are_columns() {
    let map = |pairs: &str| format!(r#"{{"@type":"g:Map","@value":[{pairs}]}}"#);
    let taken = gremlin(&list(
        &[
            map(r#"{"@type":"g:T","@value":"id"},"v1","name","marko""#),
            map(r#"{"@type":"g:T","@value":"id"},"v2","age",{"@type":"g:Int32","@value":29}"#),
        ]
        .join(","),
    ));
    let names: Vec<_> = taken.columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    assert_eq!(names, [("id", Tag::Text), ("name", Tag::Text), ("age", Tag::Number)]);
    assert_eq!(taken.rows[1][1..], [(Tag::Absent, String::new()), (Tag::Number, "29".into())]);
    let both = gremlin(&list(&map(r#"{"@type":"g:T","@value":"id"},1,"id",2"#)));
    assert_eq!(both.columns.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["T.id", "id"]);
    let mixed = results(&list(&format!("{},\"x\"", map(r#""a",1"#))));
    assert_eq!(mixed, [(Tag::Json, r#"{"a":1}"#.into()), (Tag::Text, "x".into())]);
    let odd = results(&list(&map(&format!(r#"{},{{"@type":"g:Int64","@value":3}}"#, list("1,2")))));
    assert_eq!(odd, [(Tag::Json, r#"[{"key":[1,2],"value":3}]"#.into())]);
    assert_eq!(results(&list(&map(""))), [(Tag::Json, "{}".into())]);
}

#[test]
fn sets_bulks_and_trees() {
    assert_eq!(one(r#"{"@type":"g:Set","@value":["a","b"]}"#).1, r#"["a","b"]"#);
    let bulk = |n: u64| {
        format!(
            r#"{{"@type":"g:BulkSet","@value":["a",{{"@type":"g:Int64","@value":{n}}},"b",{{"@type":"g:Int64","@value":1}}]}}"#
        )
    };
    assert_eq!(one(&bulk(2)).1, r#"["a","a","b"]"#);
    assert_eq!(
        one(&bulk(1 << 60)).1,
        r#"[{"value":"a","count":1152921504606846976},{"value":"b","count":1}]"#
    );
    let tree = r#"{"@type":"g:Tree","@value":[{"key":"a","value":{"@type":"g:Tree","@value":[]}}]}"#;
    assert_eq!(one(tree).1, r#"[{"key":"a","value":[]}]"#);
    let traverser = r#"{"@type":"g:Traverser","@value":{"bulk":{"@type":"g:Int64","@value":3},"value":"x"}}"#;
    assert_eq!(results(&list(traverser)).len(), 3);
}

#[test]
fn graphson_two_is_read_too() {
    let maps = gremlin(r#"[{"a":{"@type":"g:Int32","@value":1}},{"b":[1,2]}]"#);
    assert_eq!(maps.columns.len(), 2);
    assert_eq!(maps.rows[1], [(Tag::Absent, String::new()), (Tag::Json, "[1,2]".into())]);
    let path =
        r#"[{"@type":"g:Path","@value":{"labels":[[],[]],"objects":["a",{"@type":"g:Int32","@value":2}]}}]"#;
    assert_eq!(results(path), [(Tag::Json, r#"["a",2]"#.into())]);
    assert_eq!(results(r#"{"@value":["a"],"@type":"g:List"}"#), [(Tag::Text, "a".into())]);
    assert!(gremlin("null").rows.is_empty());
    assert!(gremlin(&list("")).rows.is_empty());
}

#[test]
fn what_is_no_graphson_is_said_so_and_depth_is_bounded() {
    for body in ["", "{", "<html>", r#"{"result":{"data":["#, r#"{"result":{"data":[1,]}}"#] {
        assert!(graphson::rows(body, &mut Taken::default()).is_err(), "{body}");
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(graphson::rows(&deep, &mut Taken::default()).is_err());
}

fn cypher_rows(body: &str) -> Taken {
    let mut taken = Taken::default();
    cypher::rows(body, &mut taken).expect("reads");
    taken
}

#[test]
fn opencypher_columns_stand_in_the_order_of_return() {
    let taken = cypher_rows(
        r#"{"results":[{"z":null,"a":12345678901234567890,"n":{"~entityType":"node","~id":"1","~properties":{"p":1.50},"~labels":["x"]}},{"z":"t","a":1,"n":null}]}"#,
    );
    let names: Vec<_> = taken.columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    assert_eq!(names, [("z", Tag::Text), ("a", Tag::Number), ("n", Tag::Json)]);
    assert_eq!(taken.rows[0][1], (Tag::Number, "12345678901234567890".into()));
    assert_eq!(
        taken.rows[0][2].1,
        r#"{"~id":"1","~entityType":"node","~labels":["x"],"~properties":{"p":1.50}}"#
    );
    assert!(cypher_rows(r#"{"results":[]}"#).rows.is_empty());
    assert!(cypher::rows(r#"{"code":"x"}"#, &mut Taken::default()).is_err());
}

#[test]
fn sparql_terms_are_typed() {
    let mut taken = Taken::default();
    let body = br#"{"head":{"vars":["s","n","b","u"]},"results":{"bindings":[{"s":{"type":"uri","value":"urn:a"},"n":{"type":"literal","value":"007","datatype":"http://www.w3.org/2001/XMLSchema#integer"},"b":{"type":"literal","value":"chat","xml:lang":"fr"}}]}}"#;
    rdf::rows(body, &mut taken).expect("reads");
    assert_eq!(
        taken.rows,
        [[
            (Tag::Text, "urn:a".to_owned()),
            (Tag::Number, "007".to_owned()),
            (Tag::Text, "\"chat\"@fr".to_owned()),
            (Tag::Null, String::new())
        ]]
    );
    let mut asked = Taken::default();
    rdf::rows(br#"{"head":{},"boolean":true}"#, &mut asked).expect("reads");
    assert_eq!(asked.rows, [[(Tag::Bool, "true".to_owned())]]);
    let mut none = Taken::default();
    rdf::rows(br#"{"head":{"vars":["s"]},"results":{"bindings":[]}}"#, &mut none).expect("reads");
    assert_eq!((none.columns.len(), none.rows.len()), (1, 0));
    assert!(rdf::rows(b"<html>", &mut Taken::default()).is_err());
}

#[test]
fn triples_are_rows() {
    let mut taken = Taken::default();
    let body = "<urn:a> <urn:p> \"x \\\"y\\\" \\u00e9\" .\n_:b0 <urn:p> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n\n# c\n<urn:a> <urn:p> \"chat\"@fr .\n<urn:a> <urn:p> <urn:b>.\n";
    rdf::triples(body, &mut taken).expect("reads");
    let objects: Vec<_> = taken.rows.iter().map(|r| (r[2].0, r[2].1.as_str())).collect();
    assert_eq!(
        objects,
        [(Tag::Text, "x \"y\" é"), (Tag::Number, "1"), (Tag::Text, "\"chat\"@fr"), (Tag::Text, "urn:b")]
    );
    assert_eq!(taken.rows[1][0].1, "_:b0");
    assert!(rdf::triples("<a> <b> .", &mut Taken::default()).is_err());
}

#[test]
fn a_take_that_is_full_ends_the_reading() {
    let mut taken = Taken { most: 2, ..Taken::default() };
    graphson::rows(&list("1,2,3,4"), &mut taken).expect("reads");
    assert_eq!(taken.rows.len(), 2);
}

proptest! {
    #[test]
    fn no_answer_breaks_a_reader(text in "[\\[\\]{}\",:@a-z0-9\\\\<>. _-]{0,200}") {
        let _ = graphson::rows(&text, &mut Taken::default());
        let _ = cypher::rows(&text, &mut Taken::default());
        let _ = rdf::rows(text.as_bytes(), &mut Taken::default());
        let _ = rdf::triples(&text, &mut Taken::default());
    }

    #[test]
    fn texts_come_back_as_they_were(text in any::<String>()) {
        let mut quoted = String::new();
        json::push_text(&mut quoted, &text);
        prop_assert_eq!(serde_json::from_str::<String>(&quoted).expect("JSON"), text.clone());
        let mut reader = json::Reader::new(&quoted);
        prop_assert_eq!(reader.string().expect("reads").into_owned(), text);
    }
}
