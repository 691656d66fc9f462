//! Functions that Cassandra and Keyspaces bring along. None of them changes anything; whatever
//! else is called may be somebody's own code, and is refused.

/// Native functions by their lower-case names. Cassandra's documentation, "Functions", and
/// Amazon Keyspaces, "Built-in functions".
const FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "collection_avg",
    "collection_count",
    "collection_max",
    "collection_min",
    "collection_sum",
    "count",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_timeuuid",
    "currentdate",
    "currenttime",
    "currenttimestamp",
    "currenttimeuuid",
    "dateof",
    "exp",
    "floor",
    "format_bytes",
    "format_time",
    "from_json",
    "fromjson",
    "length",
    "log",
    "log10",
    "map_keys",
    "map_values",
    "mask_default",
    "mask_hash",
    "mask_inner",
    "mask_null",
    "mask_outer",
    "mask_replace",
    "max",
    "max_timeuuid",
    "max_writetime",
    "maxtimeuuid",
    "maxwritetime",
    "min",
    "min_timeuuid",
    "mintimeuuid",
    "now",
    "octet_length",
    "round",
    "similarity_cosine",
    "similarity_dot_product",
    "similarity_euclidean",
    "sum",
    "to_date",
    "to_json",
    "to_timestamp",
    "to_unix_timestamp",
    "todate",
    "tojson",
    "token",
    "totimestamp",
    "tounixtimestamp",
    "ttl",
    "unixtimestampof",
    "uuid",
    "writetime",
];

/// Types of which values are made into blobs and back, and that a CAST gives.
pub const TYPES: &[&str] = &[
    "ascii",
    "bigint",
    "blob",
    "boolean",
    "counter",
    "date",
    "decimal",
    "double",
    "duration",
    "float",
    "inet",
    "int",
    "smallint",
    "text",
    "time",
    "timestamp",
    "timeuuid",
    "tinyint",
    "uuid",
    "varchar",
    "varint",
];

/// Whether `name`, in lower case, is a function of the database itself.
pub fn is_known(name: &str) -> bool {
    let of_type = |kind: &str| TYPES.contains(&kind);
    FUNCTIONS.binary_search(&name).is_ok()
        || ["asblob", "_as_blob"].iter().any(|end| name.strip_suffix(end).is_some_and(of_type))
        || ["blobas", "blob_as_"].iter().any(|start| name.strip_prefix(start).is_some_and(of_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(FUNCTIONS.is_sorted());
    }

    #[test]
    fn conversions_of_every_type_are_known_and_others_are_not() {
        for known in ["now", "intasblob", "blobasbigint", "text_as_blob", "blob_as_uuid", "ttl"] {
            assert!(is_known(known), "{known}");
        }
        for unknown in ["", "asblob", "blobas", "drop_it", "my_as_blob", "blobasmine", "Now"] {
            assert!(!is_known(unknown), "{unknown}");
        }
    }
}
