//! What the knowledge graph's people, models, datasets and features are called.

/// Name, task, team and framework of the registry's models.
pub const REGISTRY: [(&str, &str, usize, &str); 6] = [
    ("churn-xgb", "classification", 0, "xgboost"),
    ("fraud-gbm", "classification", 1, "lightgbm"),
    ("ranker-two-tower", "ranking", 2, "pytorch"),
    ("price-elasticity", "regression", 3, "statsmodels"),
    ("ltv-regressor", "regression", 0, "xgboost"),
    ("support-intent", "nlp", 4, "transformers"),
];

/// Name, value type, source and freshness in minutes of the registry's features.
pub const FEATURES: [(&str, &str, &str, i32); 8] = [
    ("sessions_7d", "int", "stream", 5),
    ("country", "string", "batch", 1_440),
    ("embedding_v2", "float[]", "batch", 1_440),
    ("basket_profile", "struct", "batch", 360),
    ("interests", "set<string>", "stream", 60),
    ("churn_score", "float", "batch", 1_440),
    ("is_subscriber", "bool", "stream", 5),
    ("last_seen_at", "timestamp", "stream", 1),
];

/// Teams and what they are there for.
pub const TEAMS: [(&str, &str); 24] = [
    ("growth", "win and keep subscribers"),
    ("payments", "take money and refuse fraud"),
    ("search", "find the right product"),
    ("pricing", "set fair prices"),
    ("care", "answer customers"),
    ("ml-platform", "train and serve every model"),
    ("data-platform", "keep the lake in order"),
    ("data-quality", "watch what comes in"),
    ("experimentation", "measure what works"),
    ("recommendations", "suggest what fits"),
    ("logistics", "promise and keep a date"),
    ("inventory", "have it in stock"),
    ("catalogue", "describe every product"),
    ("marketing", "say it to the right people"),
    ("mobile", "make the app quick"),
    ("web", "make the shop quick"),
    ("risk", "know what may be lost"),
    ("privacy", "keep personal data personal"),
    ("forecasting", "know next week's demand"),
    ("media", "pictures and films"),
    ("partners", "sell through others"),
    ("research", "try what is new"),
    ("observability", "see what runs"),
    ("finance", "count it"),
];

/// The five who sign the registry's experiments.
pub const SIGNERS: [&str; 5] = ["maya", "tomas", "li.wei", "amira", "jonas"];
/// Given names.
pub const GIVEN: [&str; 20] = [
    "ana", "bruno", "chiara", "david", "emeka", "fatima", "george", "hana", "ivan", "julia", "kofi", "lena",
    "marek", "nadia", "omar", "priya", "quentin", "rosa", "sven", "yuki",
];
/// Family names.
pub const FAMILY: [&str; 20] = [
    "adler", "bauer", "costa", "dubois", "evans", "fischer", "garcia", "haas", "ito", "jensen", "kovacs",
    "lopez", "moreau", "novak", "okafor", "patel", "rossi", "silva", "tanaka", "weber",
];

/// What data, features and models are about.
pub const DOMAINS: [&str; 20] = [
    "churn",
    "fraud",
    "search",
    "basket",
    "demand",
    "returns",
    "delivery",
    "clickstream",
    "ads",
    "credit",
    "support",
    "sessions",
    "orders",
    "payments",
    "catalogue",
    "stock",
    "reviews",
    "email",
    "price",
    "ltv",
];
/// How models learn.
pub const METHODS: [&str; 20] = [
    "xgb",
    "gbm",
    "two-tower",
    "transformer",
    "ridge",
    "forest",
    "bandit",
    "lstm",
    "survival",
    "autoencoder",
    "cnn",
    "mlp",
    "ranker",
    "prophet",
    "lasso",
    "knn",
    "svm",
    "bert",
    "gnn",
    "ensemble",
];
/// Kinds of datasets.
pub const TABLES: [&str; 15] = [
    "events",
    "daily",
    "hourly",
    "labels",
    "snapshots",
    "aggregates",
    "profiles",
    "embeddings",
    "lookups",
    "audit",
    "features",
    "samples",
    "joined",
    "raw",
    "clean",
];
/// What a feature measures.
pub const MEASURES: [&str; 12] = [
    "count", "sum", "mean", "stddev", "ratio", "recency", "trend", "share", "rank", "flag", "entropy", "max",
];
/// Over what time.
pub const WINDOWS: [&str; 5] = ["1h", "1d", "7d", "30d", "90d"];

/// The registry's signers first, then every given name with every family name, counted on.
pub fn person_name(at: usize) -> String {
    let Some(signer) = SIGNERS.get(at) else {
        let nth = at - SIGNERS.len();
        let (given, family) = (pick(&GIVEN, nth), pick(&FAMILY, nth / GIVEN.len()));
        return match nth / (GIVEN.len() * FAMILY.len()) {
            0 => format!("{given}.{family}"),
            round => format!("{given}.{family}{}", round + 1),
        };
    };
    (*signer).to_owned()
}

/// Name, task, place of its team among the teams, and framework of the model at `at`.
pub fn model_name(at: usize) -> (String, &'static str, Option<usize>, &'static str) {
    if let Some((name, task, team, framework)) = REGISTRY.get(at) {
        return ((*name).to_owned(), task, Some(*team), framework);
    }
    let nth = at - REGISTRY.len();
    let tasks = ["classification", "ranking", "regression", "nlp", "forecasting"];
    let frameworks = ["xgboost", "lightgbm", "pytorch", "statsmodels", "transformers", "tensorflow"];
    // Each step moves the method by one more, so that every pair comes once.
    let (domain, round) = (pick(&DOMAINS, nth), nth / DOMAINS.len());
    let method = pick(&METHODS, nth + round);
    let name = match round / METHODS.len() {
        0 => format!("{domain}-{method}"),
        again => format!("{domain}-{method}-{}", again + 1),
    };
    (name, pick(&tasks, nth), None, pick(&frameworks, nth + round))
}

/// The entry of `list` at `at`, counted round.
pub fn pick<'a>(list: &[&'a str], at: usize) -> &'a str {
    list.get(at % list.len().max(1)).copied().unwrap_or_default()
}
