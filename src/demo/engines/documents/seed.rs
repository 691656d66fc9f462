//! The documents: the shop's catalogue with its reviews and brands, and cards of models.

use crate::demo::chance::Chance;
use ::mongodb::bson::oid::ObjectId;
use ::mongodb::bson::{Bson, DateTime, Document, doc};

/// A collection: its name, the fields that have an index beside `_id`, its documents.
pub struct Collection {
    /// Name.
    pub name: &'static str,
    /// Indexed fields.
    pub indexes: &'static [&'static str],
    /// Documents in the order they were put in.
    pub documents: Vec<Document>,
}

/// The first of January 2026, in ms since the epoch.
const NEW_YEAR: i64 = 1_767_225_600_000;
const DAY: i64 = 86_400_000;

const KINDS: &[(&str, &[&str], &[&str])] = &[
    ("shoes", &["Trail runner", "City sneaker", "Hiking boot", "Sandal"], &["outdoor", "leather", "vegan"]),
    (
        "coffee",
        &["Espresso blend", "Filter roast", "Decaf", "Single origin"],
        &["organic", "fair trade", "dark"],
    ),
    ("books", &["Field guide", "Cookbook", "Atlas", "Novel"], &["hardcover", "illustrated", "signed"]),
    ("lamps", &["Desk lamp", "Floor lamp", "Reading light", "Lantern"], &["led", "dimmable", "brass"]),
    (
        "bikes",
        &["Commuter", "Gravel bike", "Cargo bike", "Folding bike"],
        &["electric", "steel", "belt drive"],
    ),
];

const BRANDS: &[(&str, &str)] = &[
    ("Norrland", "SE"),
    ("Casa Lume", "PT"),
    ("Hartwell", "GB"),
    ("Kestrel", "IE"),
    ("Ostwind", "DE"),
    ("Meridian", "FR"),
    ("Polder", "NL"),
    ("Tramontana", "IT"),
];

const WAREHOUSES: &[&str] = &["dublin", "lisbon", "rotterdam"];

fn pick<T: Copy>(chance: &mut Chance, all: &[T]) -> Option<T> {
    let at = usize::try_from(chance.below(all.len() as u64)).ok()?;
    all.get(at).copied()
}

/// An id of its own for the `n`th document of `collection`, the same at every start.
fn id(collection: u8, n: u32) -> ObjectId {
    let [a, b, c, d] = n.to_be_bytes();
    ObjectId::from_bytes([0x69, 0x55, 0x3f, 0x80, 0xd0, 0xc5, collection, 0x0d, a, b, c, d])
}

fn cents(chance: &mut Chance, least: u64, most: u64) -> f64 {
    // Whole cents below 2^53.
    (least + chance.below(most - least)) as f64 / 100.0
}

fn whole(chance: &mut Chance, below: u64) -> i32 {
    i32::try_from(chance.below(below)).unwrap_or(0)
}

/// The catalogue.
pub fn catalogue() -> Vec<Collection> {
    let mut chance = Chance::of("catalogue");
    let brands: Vec<Document> = BRANDS
        .iter()
        .zip(1_u32..)
        .map(|((name, country), n)| {
            doc! { "_id": *name, "country": *country, "since": 1890 + i32::try_from(n * 13 % 110).unwrap_or(0) }
        })
        .collect();
    let products: Vec<Document> = (1..=320).filter_map(|n| product(&mut chance, n)).collect();
    let reviews: Vec<Document> = (1..=900).filter_map(|n| review(&mut chance, n, &products)).collect();
    vec![
        Collection { name: "brands", indexes: &[], documents: brands },
        Collection { name: "products", indexes: &["sku", "category"], documents: products },
        Collection { name: "reviews", indexes: &["sku"], documents: reviews },
    ]
}

fn product(chance: &mut Chance, n: u32) -> Option<Document> {
    let (category, names, words) = pick(chance, KINDS)?;
    let (brand, _) = pick(chance, BRANDS)?;
    let name = pick(chance, names)?;
    let mut tags: Vec<&str> = words.iter().copied().filter(|_| chance.below(2) == 0).collect();
    if chance.below(6) == 0 {
        tags.push("sale");
    }
    let stock: Vec<Bson> = WAREHOUSES
        .iter()
        .filter(|_| chance.below(4) != 0)
        .copied()
        .collect::<Vec<_>>()
        .into_iter()
        .map(|w| Bson::Document(doc! { "warehouse": w, "quantity": whole(chance, 90) }))
        .collect();
    let mut out = doc! {
        "_id": id(1, n),
        "sku": format!("{}-{n:04}", category.get(..2)?.to_uppercase()),
        "name": format!("{brand} {}", name.to_lowercase()),
        "category": category,
        "brand": brand,
        "price": cents(chance, 490, 24_900),
        "tags": tags,
        "stock": stock,
        "added": DateTime::from_millis(NEW_YEAR - DAY * i64::from(whole(chance, 900)) + i64::from(whole(chance, 86_400)) * 1_000),
        "sold": i64::from(whole(chance, 60_000)),
        "active": chance.below(12) != 0,
    };
    let more = match category {
        "shoes" => {
            doc! { "sizes": [38 + whole(chance, 4), 42 + whole(chance, 4)], "weight_g": 180 + whole(chance, 700) }
        }
        "coffee" => {
            doc! { "origin": pick(chance, &["Ethiopia", "Brazil", "Peru", "Kenya"])?, "roast": 1 + whole(chance, 5) }
        }
        "books" => {
            doc! { "isbn": format!("978-0-{:06}-{}", chance.below(1_000_000), chance.below(10)), "pages": 80 + whole(chance, 700) }
        }
        "lamps" => {
            doc! { "watts": cents(chance, 300, 2_400), "colour": pick(chance, &["white", "black", "brass"])? }
        }
        _ => {
            doc! { "gears": 1 + whole(chance, 12), "frame": { "material": pick(chance, &["steel", "aluminium"])?, "size_cm": 48 + whole(chance, 14) } }
        }
    };
    out.insert("details", more);
    if chance.below(25) == 0 {
        out.insert("discontinued", Bson::Null);
    }
    Some(out)
}

fn review(chance: &mut Chance, n: u32, products: &[Document]) -> Option<Document> {
    let product = products.get(usize::try_from(chance.below(products.len() as u64)).ok()?)?;
    let stars = [5, 5, 4, 4, 4, 3, 3, 2, 1].get(usize::try_from(chance.below(9)).ok()?).copied()?;
    let text = match stars {
        5 => "Exactly what I wanted.",
        4 => "Good, with a small scratch.",
        3 => "Does what it says.",
        2 => "Not as pictured.",
        _ => "Sent it back.",
    };
    Some(doc! {
        "_id": id(2, n),
        "sku": product.get_str("sku").ok()?,
        "stars": stars,
        "text": text,
        "by": { "name": pick(chance, &["Ann", "Bram", "Chidi", "Dana", "Eva", "Femi"])?, "verified": chance.below(4) != 0 },
        "at": DateTime::from_millis(NEW_YEAR - DAY * i64::from(whole(chance, 365)) + i64::from(whole(chance, 86_400)) * 1_000),
        "helpful": whole(chance, 40),
    })
}

/// Cards of the models that the ML platform serves.
pub fn cards() -> Vec<Collection> {
    let mut chance = Chance::of("cards");
    let tasks = ["ranking", "fraud", "forecast", "intent", "vision"];
    let cards = (1..=60).filter_map(|n| {
        let task = pick(&mut chance, &tasks)?;
        let metrics = doc! {
            "auc": (700.0 + chance.below(290) as f64) / 1_000.0,
            "latency_ms": { "p50": 4 + whole(&mut chance, 20), "p99": 30 + whole(&mut chance, 200) },
        };
        Some(doc! {
            "_id": format!("{task}-{n:03}"),
            "task": task,
            "version": format!("{}.{}.0", 1 + chance.below(4), chance.below(9)),
            "stage": pick(&mut chance, &["production", "staging", "archived"])?,
            "trained": DateTime::from_millis(NEW_YEAR - DAY * i64::from(whole(&mut chance, 400))),
            "metrics": metrics,
            "datasets": (0..=chance.below(2)).map(|d| format!("{task}-set-{}", d + 1)).collect::<Vec<_>>(),
        })
    });
    vec![Collection { name: "models", indexes: &["task"], documents: cards.collect() }]
}
