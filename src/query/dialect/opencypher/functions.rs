//! What may be called: functions and procedures of Neptune and of Neptune Analytics that only
//! compute or read the graph. From AWS's pages "openCypher specification compliance", "openCypher
//! extensions in Amazon Neptune" and "Neptune Analytics algorithms".

/// Functions, in lower case; sorted.
const FUNCTIONS: &[&str] = &[
    "abs",
    "acos",
    "all",
    "any",
    "asin",
    "atan",
    "atan2",
    "avg",
    "ceil",
    "coalesce",
    "collect",
    "collintersection",
    "collsort",
    "collsortmaps",
    "collsortmulti",
    "collsortnodes",
    "collsubtract",
    "colltoset",
    "cos",
    "cot",
    "count",
    "date",
    "datetime",
    "degrees",
    "duration",
    "e",
    "elementid",
    "endnode",
    "epochmillis",
    "exists",
    "exp",
    "extract",
    "filter",
    "floor",
    "head",
    "id",
    "isempty",
    "join",
    "keys",
    "labels",
    "last",
    "left",
    "length",
    "localdatetime",
    "localtime",
    "log",
    "log10",
    "ltrim",
    "max",
    "min",
    "nodes",
    "none",
    "percentilecont",
    "percentiledisc",
    "pi",
    "point",
    "properties",
    "radians",
    "rand",
    "randomuuid",
    "range",
    "reduce",
    "relationships",
    "removekeyfrommap",
    "replace",
    "reverse",
    "right",
    "round",
    "rtrim",
    "sign",
    "sin",
    "single",
    "size",
    "split",
    "sqrt",
    "st_area",
    "st_astext",
    "st_buffer",
    "st_contains",
    "st_distance",
    "st_distancespheroid",
    "st_dwithin",
    "st_envelope",
    "st_equals",
    "st_geometrytype",
    "st_geomfromtext",
    "st_intersects",
    "st_point",
    "st_within",
    "startnode",
    "stdev",
    "stdevp",
    "substring",
    "sum",
    "tail",
    "tan",
    "textindexof",
    "time",
    "timestamp",
    "toboolean",
    "tofloat",
    "tointeger",
    "tolower",
    "tostring",
    "toupper",
    "trim",
    "type",
];

/// Parts of a date or time that follow the function's name: `datetime.truncate`, `duration.between`.
const TEMPORAL: &[&str] =
    &["between", "fromepoch", "fromepochmillis", "indays", "inmonths", "inseconds", "truncate"];

/// Procedures that read, in lower case: Neptune Analytics' algorithms without their `.mutate`
/// forms, and the descriptions of the graph.
const PROCEDURES: &[&str] = &[
    "neptune.algo.bfs",
    "neptune.algo.bfs.levels",
    "neptune.algo.bfs.parents",
    "neptune.algo.closenesscentrality",
    "neptune.algo.degree",
    "neptune.algo.degreedistribution",
    "neptune.algo.egonet",
    "neptune.algo.jaccardsimilarity",
    "neptune.algo.labelpropagation",
    "neptune.algo.louvain",
    "neptune.algo.neighbors.common",
    "neptune.algo.neighbors.total",
    "neptune.algo.overlapsimilarity",
    "neptune.algo.pagerank",
    "neptune.algo.scc",
    "neptune.algo.sssp.bellmanford",
    "neptune.algo.sssp.bellmanford.parents",
    "neptune.algo.sssp.bellmanford.path",
    "neptune.algo.sssp.deltastepping",
    "neptune.algo.sssp.deltastepping.parents",
    "neptune.algo.sssp.deltastepping.path",
    "neptune.algo.topksssp",
    "neptune.algo.vectors.distance",
    "neptune.algo.vectors.distance.byembedding",
    "neptune.algo.vectors.distancebyembedding",
    "neptune.algo.vectors.get",
    "neptune.algo.vectors.topk.byembedding",
    "neptune.algo.vectors.topk.bynode",
    "neptune.algo.vectors.topkbyembedding",
    "neptune.algo.vectors.topkbynode",
    "neptune.algo.wcc",
    "neptune.graph.pg_info",
    "neptune.graph.pg_schema",
];

/// What is known of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Procedure {
    /// It reads the graph.
    Reads,
    /// It stores its result in the graph.
    Mutates,
    /// It loads data into the graph.
    Loads,
    /// It fetches data from outside the graph.
    Leaves,
    /// Not on the list.
    Unknown,
}

/// Whether the function `name` (dotted, any case) is known to be harmless.
pub fn harmless(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match name.split_once('.') {
        None => FUNCTIONS.binary_search(&name.as_str()).is_ok(),
        Some((first, rest)) => {
            let temporal = ["date", "datetime", "duration", "localdatetime", "localtime", "time"];
            temporal.contains(&first) && TEMPORAL.contains(&rest)
        }
    }
}

/// What the procedure `name` (dotted, any case) does.
pub fn procedure(name: &str) -> Procedure {
    let name = name.to_ascii_lowercase();
    if PROCEDURES.binary_search(&name.as_str()).is_ok() {
        Procedure::Reads
    } else if name.ends_with(".mutate") || name.ends_with(".upsert") || name.ends_with(".remove") {
        Procedure::Mutates
    } else if name.starts_with("neptune.load") {
        Procedure::Loads
    } else if name.starts_with("neptune.read") {
        Procedure::Leaves
    } else {
        Procedure::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_for_the_search() {
        assert!(FUNCTIONS.is_sorted());
        assert!(PROCEDURES.is_sorted());
    }
}
