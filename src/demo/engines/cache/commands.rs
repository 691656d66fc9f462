//! The commands that the caches know.

use super::said::Said;
use super::{Entry, Held, Store, error};
use std::time::Duration;
use tokio::time::Instant;

/// Name, marks, first key, how many arguments at least, and what answers.
type Command = (&'static str, &'static [&'static str], i64, usize, fn(&mut Store, &[Vec<u8>]) -> Said);

const READ: &[&str] = &["readonly", "fast"];
const WRITE: &[&str] = &["write", "denyoom"];
const ABOUT: &[&str] = &["loading", "stale"];

static COMMANDS: &[Command] = &[
    ("ACL", ABOUT, 0, 1, acl),
    ("CLIENT", ABOUT, 0, 1, client),
    ("CLUSTER", ABOUT, 0, 1, cluster),
    ("COMMAND", ABOUT, 0, 0, command),
    ("CONFIG", ABOUT, 0, 1, config),
    ("DBSIZE", READ, 0, 0, |s, _| Said::Int(count(s.keys.len()))),
    ("DEL", WRITE, 1, 1, delete),
    ("ECHO", ABOUT, 0, 1, |_, a| a.first().map_or(Said::Nil, Said::text)),
    ("EXISTS", READ, 1, 1, |s, a| Said::Int(count(a.iter().filter(|k| s.get(k).is_some()).count()))),
    ("EXPIRE", WRITE, 1, 2, expire),
    ("GET", READ, 1, 1, |s, a| text_of(s, a).map_or_else(|e| e, |t| t.map_or(Said::Nil, Said::Text))),
    ("GETRANGE", READ, 1, 3, range_of_text),
    ("HELLO", ABOUT, 0, 0, hello),
    ("HEXISTS", READ, 1, 2, |s, a| hash(s, a, |h| Said::Int(field(h, a.get(1)).is_some().into()))),
    ("HGET", READ, 1, 2, |s, a| hash(s, a, |h| field(h, a.get(1)).map_or(Said::Nil, Said::text))),
    ("HGETALL", READ, 1, 1, |s, a| {
        hash(s, a, |h| Said::Map(h.iter().map(|(f, v)| (Said::text(f), Said::text(v))).collect()))
    }),
    ("HKEYS", READ, 1, 1, |s, a| hash(s, a, |h| list(h.iter().map(|(f, _)| f)))),
    ("HLEN", READ, 1, 1, |s, a| hash(s, a, |h| Said::Int(count(h.len())))),
    ("HMGET", READ, 1, 2, |s, a| {
        hash(s, a, |h| {
            Said::List(a.iter().skip(1).map(|f| field(h, Some(f)).map_or(Said::Nil, Said::text)).collect())
        })
    }),
    ("HSET", WRITE, 1, 3, hash_set),
    ("HVALS", READ, 1, 1, |s, a| hash(s, a, |h| list(h.iter().map(|(_, v)| v)))),
    ("INCR", WRITE, 1, 1, increment),
    ("INFO", ABOUT, 0, 0, info),
    ("LINDEX", READ, 1, 2, |s, a| many(s, a, |l| at(l, number(a.get(1))).map_or(Said::Nil, Said::text))),
    ("LLEN", READ, 1, 1, |s, a| many(s, a, |l| Said::Int(count(l.len())))),
    ("LRANGE", READ, 1, 3, |s, a| many(s, a, |l| list(part(l, number(a.get(1)), number(a.get(2))).iter()))),
    ("MEMORY", READ, 2, 1, memory),
    ("MGET", READ, 1, 1, |s, a| {
        let one = |k: &Vec<u8>, s: &mut Store| text_of(s, std::slice::from_ref(k)).ok().flatten();
        Said::List(a.iter().map(|k| one(k, s).map_or(Said::Nil, Said::Text)).collect())
    }),
    ("OBJECT", READ, 2, 2, object),
    ("PING", ABOUT, 0, 0, |_, a| a.first().map_or(Said::Status("PONG"), Said::text)),
    ("PTTL", READ, 1, 1, |s, a| Said::Int(left(s, a))),
    ("RANDOMKEY", READ, 0, 0, |s, _| s.keys.keys().next().map_or(Said::Nil, Said::text)),
    ("RPUSH", WRITE, 1, 2, push_right),
    ("SADD", WRITE, 1, 2, add),
    ("SCAN", READ, 0, 1, scan),
    ("SCARD", READ, 1, 1, |s, a| many(s, a, |l| Said::Int(count(l.len())))),
    ("SELECT", ABOUT, 0, 1, |_, a| {
        if a.first().is_some_and(|n| n == b"0") {
            Said::Status("OK")
        } else {
            error("ERR DB index is out of range")
        }
    }),
    ("SET", WRITE, 1, 2, set),
    ("SISMEMBER", READ, 1, 2, |s, a| {
        many(s, a, |l| Said::Int(a.get(1).is_some_and(|m| l.contains(m)).into()))
    }),
    ("SLOWLOG", ABOUT, 0, 1, slow),
    ("SMEMBERS", READ, 1, 1, |s, a| many(s, a, |l| list(l.iter()))),
    ("STRLEN", READ, 1, 1, |s, a| {
        text_of(s, a).map_or_else(|e| e, |t| Said::Int(count(t.unwrap_or_default().len())))
    }),
    ("TTL", READ, 1, 1, |s, a| match left(s, a) {
        ms @ ..0 => Said::Int(ms),
        ms => Said::Int((ms + 999) / 1_000),
    }),
    ("TYPE", READ, 1, 1, |s, a| Said::Status(s.get(key(a)).map_or("none", |e| kind(&e.held)))),
    ("ZADD", WRITE, 1, 3, sorted_add),
    ("ZCARD", READ, 1, 1, |s, a| sorted(s, a, |z| Said::Int(count(z.len())))),
    ("ZRANGE", READ, 1, 3, sorted_range),
    ("ZREVRANGE", READ, 1, 3, |s, a| {
        let mut a = a.to_vec();
        a.push(b"REV".to_vec());
        sorted_range(s, &a)
    }),
    ("ZSCORE", READ, 1, 2, |s, a| {
        sorted(s, a, |z| {
            z.iter().find(|(m, _)| Some(m) == a.get(1)).map_or(Said::Nil, |(_, n)| Said::Double(*n))
        })
    }),
];

/// Answers one command of connection `id`.
pub fn answer(store: &mut Store, args: &[Vec<u8>], id: u64, reader: bool) -> Said {
    let name = args.first().map(|n| String::from_utf8_lossy(n).to_uppercase()).unwrap_or_default();
    let rest = args.get(1..).unwrap_or_default();
    let Some((_, marks, _, least, act)) = COMMANDS.iter().find(|(n, ..)| *n == name) else {
        return error(&format!(
            "ERR unknown command '{}', which the demo's cache does not know",
            printable(&name)
        ));
    };
    if rest.len() < *least {
        return error(&format!("ERR wrong number of arguments for '{}' command", name.to_lowercase()));
    }
    if marks.contains(&"write") {
        if reader {
            return error("READONLY You can't write against a read only replica.");
        }
        let words = args.iter().map(|a| String::from_utf8_lossy(a).into_owned());
        store.slow.insert(0, words.collect());
        store.slow.truncate(128);
    }
    store.commands += 1;
    if name == "CLIENT" && rest.first().is_some_and(|s| s.eq_ignore_ascii_case(b"ID")) {
        return Said::Int(id.cast_signed());
    }
    if name == "HELLO" && reader {
        return greeting(store, "replica");
    }
    act(store, rest)
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn key(args: &[Vec<u8>]) -> &[u8] {
    args.first().map(Vec::as_slice).unwrap_or_default()
}

fn number(arg: Option<&Vec<u8>>) -> i64 {
    arg.and_then(|a| std::str::from_utf8(a).ok()).and_then(|t| t.parse().ok()).unwrap_or(0)
}

fn list<'a>(all: impl Iterator<Item = &'a Vec<u8>>) -> Said {
    Said::List(all.map(Said::text).collect())
}

/// What a command of another kind of key is told.
pub const WRONG: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";

const fn kind(held: &Held) -> &'static str {
    match held {
        Held::Text(_) => "string",
        Held::Hash(_) => "hash",
        Held::List(_) => "list",
        Held::Set(_) => "set",
        Held::Sorted(_) => "zset",
    }
}

fn text_of(store: &mut Store, args: &[Vec<u8>]) -> Result<Option<Vec<u8>>, Said> {
    match store.get(key(args)).map(|e| &e.held) {
        None => Ok(None),
        Some(Held::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(error(WRONG)),
    }
}

fn hash(store: &mut Store, args: &[Vec<u8>], look: impl FnOnce(&[(Vec<u8>, Vec<u8>)]) -> Said) -> Said {
    match store.get(key(args)).map(|e| &e.held) {
        None => look(&[]),
        Some(Held::Hash(fields)) => look(fields),
        Some(_) => error(WRONG),
    }
}

fn field<'a>(hash: &'a [(Vec<u8>, Vec<u8>)], name: Option<&Vec<u8>>) -> Option<&'a Vec<u8>> {
    hash.iter().find(|(f, _)| Some(f) == name).map(|(_, v)| v)
}

fn many(store: &mut Store, args: &[Vec<u8>], look: impl FnOnce(&[Vec<u8>]) -> Said) -> Said {
    match store.get(key(args)).map(|e| &e.held) {
        None => look(&[]),
        Some(Held::List(all) | Held::Set(all)) => look(all),
        Some(_) => error(WRONG),
    }
}

fn sorted(store: &mut Store, args: &[Vec<u8>], look: impl FnOnce(&[(Vec<u8>, f64)]) -> Said) -> Said {
    match store.get(key(args)).map(|e| &e.held) {
        None => look(&[]),
        Some(Held::Sorted(all)) => look(all),
        Some(_) => error(WRONG),
    }
}

/// A place counted from the front, or from the back when negative.
fn place(n: i64, len: usize) -> i64 {
    if n < 0 { n + count(len) } else { n }
}

fn at(all: &[Vec<u8>], n: i64) -> Option<&Vec<u8>> {
    usize::try_from(place(n, all.len())).ok().and_then(|n| all.get(n))
}

/// From the first to the last place, both included.
fn part<T>(all: &[T], from: i64, to: i64) -> &[T] {
    let from = usize::try_from(place(from, all.len()).max(0)).unwrap_or(usize::MAX);
    let to = usize::try_from(place(to, all.len()) + 1).unwrap_or(0).min(all.len());
    all.get(from..to).unwrap_or_default()
}

fn range_of_text(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let (from, to) = (number(args.get(1)), number(args.get(2)));
    text_of(store, args).map_or_else(|e| e, |t| Said::text(part(&t.unwrap_or_default(), from, to)))
}

fn left(store: &mut Store, args: &[Vec<u8>]) -> i64 {
    match store.get(key(args)).map(|e| e.ends) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => {
            i64::try_from(at.saturating_duration_since(Instant::now()).as_millis()).unwrap_or(i64::MAX)
        }
    }
}

fn sorted_range(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let has = |word: &str| args.iter().skip(3).any(|a| a.eq_ignore_ascii_case(word.as_bytes()));
    let known = args
        .iter()
        .skip(3)
        .all(|a| ["WITHSCORES", "REV"].iter().any(|w| a.eq_ignore_ascii_case(w.as_bytes())));
    if !known {
        return error("ERR the demo's cache knows WITHSCORES and REV only");
    }
    let (scores, rev) = (has("WITHSCORES"), has("REV"));
    sorted(store, args, |all| {
        let mut all = all.to_vec();
        if rev {
            all.reverse();
        }
        let chosen = part(&all, number(args.get(1)), number(args.get(2)));
        let one = |(m, n): &(Vec<u8>, f64)| {
            if scores { Said::List(vec![Said::text(m), Said::Double(*n)]) } else { Said::text(m) }
        };
        Said::List(chosen.iter().map(one).collect())
    })
}

fn memory(store: &mut Store, args: &[Vec<u8>]) -> Said {
    if !args.first().is_some_and(|s| s.eq_ignore_ascii_case(b"USAGE")) {
        return error("ERR the demo's cache knows MEMORY USAGE only");
    }
    let key = args.get(1).map(Vec::as_slice).unwrap_or_default();
    let size = |held: &Held| match held {
        Held::Text(t) => t.len(),
        Held::Hash(h) => h.iter().map(|(f, v)| f.len() + v.len() + 16).sum(),
        Held::List(l) | Held::Set(l) => l.iter().map(|m| m.len() + 16).sum(),
        Held::Sorted(z) => z.iter().map(|(m, _)| m.len() + 40).sum(),
    };
    store.get(key).map_or(Said::Nil, |e| Said::Int(count(56 + key.len() + size(&e.held))))
}

fn object(store: &mut Store, args: &[Vec<u8>]) -> Said {
    if !args.first().is_some_and(|s| s.eq_ignore_ascii_case(b"ENCODING")) {
        return error("ERR the demo's cache knows OBJECT ENCODING only");
    }
    let word = |held: &Held| match held {
        Held::Text(t) if t.len() <= 44 => "embstr",
        Held::Text(_) => "raw",
        Held::Sorted(z) if z.len() > 128 => "skiplist",
        Held::Set(s) if s.len() > 128 => "hashtable",
        _ => "listpack",
    };
    let key = args.get(1).map(Vec::as_slice).unwrap_or_default();
    store.get(key).map_or(Said::Nil, |e| Said::text(word(&e.held)))
}

/// Whether `text` matches a pattern of `*`, `?` and letters.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            matches(rest, text) || text.split_first().is_some_and(|(_, after)| matches(pattern, after))
        }
        (Some((b'?', rest)), Some((_, after))) => matches(rest, after),
        (Some((p, rest)), Some((t, after))) => p == t && matches(rest, after),
        _ => false,
    }
}

/// The cursor is the number of keys that were looked at.
fn scan(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let option = |word: &str| {
        let at = args.iter().skip(1).position(|a| a.eq_ignore_ascii_case(word.as_bytes()))?;
        args.get(at + 2)
    };
    let from = usize::try_from(number(args.first())).unwrap_or(0);
    let step =
        option("COUNT").map_or(10, |n| usize::try_from(number(Some(n))).unwrap_or(10)).clamp(1, 10_000);
    let (pattern, wanted) = (option("MATCH").cloned(), option("TYPE").cloned());
    let fits = |(key, entry): &(&Vec<u8>, &Entry)| {
        pattern.as_ref().is_none_or(|p| p.len() < 100 && matches(p, key))
            && wanted.as_ref().is_none_or(|w| w.eq_ignore_ascii_case(kind(&entry.held).as_bytes()))
            && entry.ends.is_none_or(|at| at > Instant::now())
    };
    let next = if from + step >= store.keys.len() { 0 } else { from + step };
    let found = store.keys.iter().skip(from).take(step).filter(fits).map(|(key, _)| key);
    Said::List(vec![Said::text(next.to_string()), list(found)])
}

fn hello(store: &mut Store, _: &[Vec<u8>]) -> Said {
    greeting(store, "master")
}

fn greeting(store: &Store, role: &str) -> Said {
    let mode = if store.cluster { "cluster" } else { "standalone" };
    let facts = [("server", "valkey"), ("version", "8.0.1"), ("mode", mode), ("role", role)];
    let mut pairs: Vec<_> = facts.into_iter().map(|(k, v)| (Said::text(k), Said::text(v))).collect();
    pairs.push((Said::text("proto"), Said::Int(3)));
    Said::Map(pairs)
}

/// `COMMAND INFO`, so that the second look of a session sees the marks.
fn command(_: &mut Store, args: &[Vec<u8>]) -> Said {
    let words = |name: &str| args.first().is_some_and(|s| s.eq_ignore_ascii_case(name.as_bytes()));
    let about = |(name, marks, first, least, _): &Command| {
        let marks = Said::List(marks.iter().map(|m| Said::text(*m)).collect());
        let arity = -count(*least + 1);
        Said::List(vec![
            Said::text(name.to_lowercase()),
            Said::Int(arity),
            marks,
            Said::Int(*first),
            Said::Int(*first),
            Said::Int(1),
        ])
    };
    if words("INFO") {
        let one = |asked: &Vec<u8>| COMMANDS.iter().find(|(n, ..)| asked.eq_ignore_ascii_case(n.as_bytes()));
        return Said::List(args.iter().skip(1).map(|a| one(a).map_or(Said::Nil, about)).collect());
    }
    if words("COUNT") {
        return Said::Int(count(COMMANDS.len()));
    }
    if args.is_empty() {
        return Said::List(COMMANDS.iter().map(about).collect());
    }
    error("ERR the demo's cache knows COMMAND, COMMAND INFO and COMMAND COUNT only")
}

fn acl(_: &mut Store, args: &[Vec<u8>]) -> Said {
    match args {
        [sub] if sub.eq_ignore_ascii_case(b"WHOAMI") => Said::text("default"),
        [sub, ..] if sub.eq_ignore_ascii_case(b"DRYRUN") => Said::text("OK"),
        _ => error("NOPERM the demo's cache tells ACL WHOAMI only"),
    }
}

fn client(store: &mut Store, args: &[Vec<u8>]) -> Said {
    if !args.first().is_some_and(|s| s.eq_ignore_ascii_case(b"LIST")) {
        return error("ERR the demo's cache knows CLIENT LIST and CLIENT ID only");
    }
    let age = store.began.elapsed().as_secs();
    let line = |id: u32, name: &str, command: &str| {
        format!(
            "id={id} addr=10.20.0.{id}:51{id:03} name={name} age={} idle=0 db=0 cmd={command} user=default resp=3\n",
            age + 3_600
        )
    };
    Said::text(
        ["shop-web", "shop-api", "pricing"]
            .iter()
            .zip(11..)
            .map(|(n, id)| line(id, n, "hgetall"))
            .collect::<String>(),
    )
}

fn cluster(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let sub = args.first().map(|s| String::from_utf8_lossy(s).to_uppercase()).unwrap_or_default();
    if !store.cluster {
        return error("ERR This instance has cluster support disabled");
    }
    let half = |from: i64, to: i64, shard: &str| {
        let node = |n: &str| {
            Said::List(vec![
                Said::text(format!("carts-{shard}-{n}.demo")),
                Said::Int(6379),
                Said::text(format!("{shard}{n}")),
            ])
        };
        Said::List(vec![Said::Int(from), Said::Int(to), node("001"), node("002")])
    };
    match sub.as_str() {
        // One server stands behind both: the first shard is told to hold every key.
        "SLOTS" => Said::List(vec![half(0, 16_383, "0001")]),
        "INFO" => Said::text(
            "cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_known_nodes:2\r\ncluster_size:1\r\n",
        ),
        _ => error("ERR the demo's cache knows CLUSTER SLOTS and CLUSTER INFO only"),
    }
}

fn config(_: &mut Store, args: &[Vec<u8>]) -> Said {
    let settings = [
        ("maxmemory", "13958643712"),
        ("maxmemory-policy", "volatile-lru"),
        ("timeout", "0"),
        ("databases", "1"),
    ];
    let [sub, patterns @ ..] = args else { return error("ERR wrong number of arguments") };
    if !sub.eq_ignore_ascii_case(b"GET") {
        return error("ERR unknown command 'CONFIG', as on ElastiCache");
    }
    let wanted = |name: &str| patterns.iter().any(|p| p.len() < 100 && matches(p, name.as_bytes()));
    Said::Map(
        settings
            .into_iter()
            .filter(|(n, _)| wanted(n))
            .map(|(n, v)| (Said::text(n), Said::text(v)))
            .collect(),
    )
}

fn info(store: &mut Store, _: &[Vec<u8>]) -> Said {
    let (hits, misses) = store.hits;
    Said::text(format!(
        "# Server\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nuptime_in_seconds:{}\r\n\r\n# Stats\r\ntotal_commands_processed:{}\r\n\
         keyspace_hits:{hits}\r\nkeyspace_misses:{misses}\r\nevicted_keys:0\r\n\r\n# Keyspace\r\ndb0:keys={},expires={}\r\n",
        store.began.elapsed().as_secs(),
        store.commands,
        store.keys.len(),
        store.keys.values().filter(|e| e.ends.is_some()).count(),
    ))
}

fn slow(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let sub = args.first().map(|s| String::from_utf8_lossy(s).to_uppercase()).unwrap_or_default();
    match sub.as_str() {
        "LEN" => Said::Int(count(store.slow.len())),
        "GET" => {
            let entry = |(n, words): (usize, &Vec<String>)| {
                let command = Said::List(words.iter().map(Said::text).collect());
                Said::List(vec![
                    Said::Int(count(n)),
                    Said::Int(0),
                    Said::Int(11),
                    command,
                    Said::text("demo"),
                    Said::text(""),
                ])
            };
            Said::List(store.slow.iter().enumerate().map(entry).collect())
        }
        _ => error("ERR the demo's cache knows SLOWLOG GET and SLOWLOG LEN only"),
    }
}

fn delete(store: &mut Store, args: &[Vec<u8>]) -> Said {
    Said::Int(count(args.iter().filter(|k| store.keys.remove(*k).is_some()).count()))
}

fn expire(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let seconds = u64::try_from(number(args.get(1))).unwrap_or(0);
    let ends = Instant::now() + Duration::from_secs(seconds.min(1 << 30));
    store.get(key(args)).map_or(Said::Int(0), |e| {
        e.ends = Some(ends);
        Said::Int(1)
    })
}

fn set(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let ends = match args {
        [_, _] => None,
        [_, _, ex, n] if ex.eq_ignore_ascii_case(b"EX") && number(Some(n)) > 0 => {
            Some(Instant::now() + Duration::from_secs(number(Some(n)).unsigned_abs().min(1 << 30)))
        }
        _ => return error("ERR syntax error: the demo's cache knows SET key value [EX seconds]"),
    };
    let held = Held::Text(args.get(1).cloned().unwrap_or_default());
    store.keys.insert(key(args).to_vec(), Entry { held, ends });
    Said::Status("OK")
}

fn increment(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let now = match text_of(store, args) {
        Ok(text) => text.map_or(Some(0), |t| String::from_utf8_lossy(&t).parse::<i64>().ok()),
        Err(wrong) => return wrong,
    };
    let Some(next) = now.and_then(|n| n.checked_add(1)) else {
        return error("ERR value is not an integer or out of range");
    };
    let ends = store.get(key(args)).and_then(|e| e.ends);
    store.keys.insert(key(args).to_vec(), Entry { held: Held::Text(next.to_string().into_bytes()), ends });
    Said::Int(next)
}

/// The entry of a key, made empty when there is none.
fn entry<'a>(store: &'a mut Store, args: &[Vec<u8>], empty: Held) -> &'a mut Held {
    let key = key(args).to_vec();
    let _ = store.get(&key);
    &mut store.keys.entry(key).or_insert(Entry { held: empty, ends: None }).held
}

fn hash_set(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let Held::Hash(fields) = entry(store, args, Held::Hash(Vec::new())) else { return error(WRONG) };
    let mut added = 0;
    for pair in args.get(1..).unwrap_or_default().chunks_exact(2) {
        let [name, value] = pair else { continue };
        match fields.iter_mut().find(|(f, _)| f == name) {
            Some((_, old)) => old.clone_from(value),
            None => {
                fields.push((name.clone(), value.clone()));
                added += 1;
            }
        }
    }
    Said::Int(added)
}

fn push_right(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let Held::List(all) = entry(store, args, Held::List(Vec::new())) else { return error(WRONG) };
    all.extend(args.iter().skip(1).cloned());
    Said::Int(count(all.len()))
}

fn add(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let Held::Set(all) = entry(store, args, Held::Set(Vec::new())) else { return error(WRONG) };
    let before = all.len();
    for member in args.iter().skip(1) {
        if !all.contains(member) {
            all.push(member.clone());
        }
    }
    Said::Int(count(all.len() - before))
}

fn sorted_add(store: &mut Store, args: &[Vec<u8>]) -> Said {
    let score = |arg: &Vec<u8>| String::from_utf8_lossy(arg).parse::<f64>().ok().filter(|n| !n.is_nan());
    let pairs = args.get(1..).unwrap_or_default().chunks_exact(2);
    let Some(pairs) =
        pairs.map(|p| Some((p.get(1)?.clone(), score(p.first()?)?))).collect::<Option<Vec<_>>>()
    else {
        return error("ERR value is not a valid float");
    };
    let Held::Sorted(all) = entry(store, args, Held::Sorted(Vec::new())) else { return error(WRONG) };
    let before = all.len();
    for (member, score) in pairs {
        match all.iter_mut().find(|(m, _)| *m == member) {
            Some((_, old)) => *old = score,
            None => all.push((member, score)),
        }
    }
    all.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    Said::Int(count(all.len() - before))
}
