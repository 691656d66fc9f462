//! What the caches answer.

use super::commands::{WRONG, answer};
use super::data;
use super::said::Said;
use super::{Store, error};

fn run(store: &mut Store, line: &str) -> Said {
    let args: Vec<Vec<u8>> = line.split(' ').map(|w| w.as_bytes().to_vec()).collect();
    answer(store, &args, 1, false)
}

#[test]
fn it_answers_as_a_server_would_and_refuses_what_it_does_not_know() {
    let mut store = data::store("product-cache", false);
    assert_eq!(run(&mut store, "TYPE product:1"), Said::Status("hash"));
    assert_eq!(run(&mut store, "HLEN product:1"), Said::Int(5));
    assert_eq!(run(&mut store, "GET product:1"), error(WRONG));
    assert_eq!(run(&mut store, "TTL nothing"), Said::Int(-2));
    assert_eq!(run(&mut store, "SET a 7 EX 100"), Said::Status("OK"));
    assert_eq!(run(&mut store, "TTL a"), Said::Int(100));
    assert_eq!(run(&mut store, "INCR a"), Said::Int(8));
    assert_eq!(run(&mut store, "TTL a"), Said::Int(100));
    run(&mut store, "RPUSH l a b c d");
    assert_eq!(run(&mut store, "LRANGE l -2 -1"), Said::List(vec![Said::text("c"), Said::text("d")]));
    assert_eq!(run(&mut store, "LRANGE l 5 9"), Said::List(vec![]));
    assert_eq!(run(&mut store, "ZADD z 2 b 1 a"), Said::Int(2));
    assert_eq!(run(&mut store, "ZRANGE z 0 0 REV"), Said::List(vec![Said::text("b")]));
    assert!(matches!(run(&mut store, "FLUSHALL"), Said::Error(e) if e.starts_with("ERR unknown command")));
    assert!(matches!(run(&mut store, "GET"), Said::Error(_)));
    let args = [b"SET".to_vec(), b"a".to_vec(), b"b".to_vec()];
    assert!(matches!(answer(&mut store, &args, 1, true), Said::Error(e) if e.starts_with("READONLY")));
}

#[test]
fn a_walk_meets_every_key_once() {
    let mut store = data::store("product-cache", false);
    let (mut cursor, mut met) = ("0".to_owned(), 0);
    loop {
        let Said::List(parts) = run(&mut store, &format!("SCAN {cursor} MATCH product:* COUNT 50")) else {
            panic!()
        };
        let [Said::Text(next), Said::List(keys)] = parts.as_slice() else { panic!() };
        met += keys.len();
        cursor = String::from_utf8(next.clone()).unwrap();
        if cursor == "0" {
            break;
        }
    }
    assert_eq!(met, 240);
}
