//! What the caches hold: the shop's products, prices, views and carts, the same at every start.

use super::{Entry, Held, Store};
use crate::demo::chance::Chance;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Products of the shop.
const PRODUCTS: u64 = 240;

const KINDS: &[(&str, &[&str])] = &[
    ("kitchen", &["Kettle", "Toaster", "Pan", "Knife set"]),
    ("garden", &["Spade", "Hose", "Planter", "Lantern"]),
    ("office", &["Desk lamp", "Chair", "Notebook", "Pen holder"]),
    ("sport", &["Yoga mat", "Dumbbell", "Bottle", "Skipping rope"]),
    ("toys", &["Puzzle", "Blocks", "Kite", "Plush bear"]),
];

const BRANDS: &[&str] = &["Alder", "Birch", "Cedar", "Larch", "Rowan"];

fn pick<T>(list: &[T], at: u64) -> Option<&T> {
    list.get(usize::try_from(at).unwrap_or(0) % list.len().max(1))
}

/// The keys of the cache called `name`.
pub fn store(name: &str, cluster: bool) -> Store {
    let mut store = Store {
        keys: BTreeMap::new(),
        commands: 0,
        hits: (0, 0),
        slow: Vec::new(),
        began: Instant::now(),
        cluster,
    };
    match name {
        "carts" => carts(&mut store),
        "web-fragments" => fragments(&mut store),
        _ => products(&mut store),
    }
    store
}

fn put(store: &mut Store, key: String, held: Held, seconds: Option<u64>) {
    let ends = seconds.map(|s| Instant::now() + Duration::from_secs(s));
    store.keys.insert(key.into_bytes(), Entry { held, ends });
}

fn bytes(text: &(impl ToString + ?Sized)) -> Vec<u8> {
    text.to_string().into_bytes()
}

fn products(store: &mut Store) {
    let mut chance = Chance::of("product-cache");
    let mut views: Vec<(Vec<u8>, f64)> = Vec::new();
    let mut kinds: BTreeMap<&str, Vec<Vec<u8>>> = BTreeMap::new();
    for id in 1..=PRODUCTS {
        let Some((kind, names)) = pick(KINDS, chance.next()) else { continue };
        let name = pick(names, chance.next()).copied().unwrap_or_default();
        let brand = pick(BRANDS, chance.next()).copied().unwrap_or_default();
        let price = chance.hundredths(20_000);
        let fields = [
            ("name", bytes(&format!("{brand} {name}"))),
            ("category", bytes(&kind)),
            ("brand", bytes(&brand)),
            ("price", bytes(&price)),
            ("stock", bytes(&chance.below(400))),
        ];
        let hash = fields.into_iter().map(|(field, value)| (bytes(&field), value)).collect();
        put(store, format!("product:{id}"), Held::Hash(hash), Some(1_800 + chance.below(5_400)));
        put(store, format!("price:{id}"), Held::Text(bytes(&price)), Some(60 + chance.below(840)));
        views.push((bytes(&id), chance.below(9_000) as f64));
        kinds.entry(kind).or_default().push(bytes(&id));
    }
    views.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    put(store, "products:by-views".to_owned(), Held::Sorted(views), None);
    for (kind, ids) in kinds {
        put(store, format!("category:{kind}"), Held::Set(ids), None);
    }
    for user in 1..=60_u64 {
        let recent = (0..6).map(|_| bytes(&(1 + chance.below(PRODUCTS)))).collect();
        put(store, format!("recent:user:{user}"), Held::List(recent), Some(86_400));
    }
    put(store, "stats:orders-today".to_owned(), Held::Text(bytes(&1_842)), None);
    put(store, "flag:new-checkout".to_owned(), Held::Text(bytes(&"on")), None);
}

fn carts(store: &mut Store) {
    let mut chance = Chance::of("carts");
    for user in 1..=120_u64 {
        let mut lines: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for _ in 0..1 + chance.below(4) {
            let product = bytes(&format!("product:{}", 1 + chance.below(PRODUCTS)));
            if lines.iter().all(|(p, _)| *p != product) {
                lines.push((product, bytes(&(1 + chance.below(3)))));
            }
        }
        put(store, format!("cart:{{user:{user}}}"), Held::Hash(lines), Some(604_800));
        let total = chance.hundredths(40_000);
        put(store, format!("total:{{user:{user}}}"), Held::Text(bytes(&total)), Some(604_800));
    }
}

fn fragments(store: &mut Store) {
    for page in ["home", "cart", "search", "help", "terms"] {
        for part in ["header", "footer", "main"] {
            let html = format!("<section id=\"{part}\" data-page=\"{page}\"></section>");
            put(store, format!("{page}/{part}"), Held::Text(bytes(&html)), None);
        }
    }
}
