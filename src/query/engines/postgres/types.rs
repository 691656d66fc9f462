//! PostgreSQL's built-in types by OID: their names and what their values are. The OIDs are
//! fixed by `pg_type.dat`; types made by users are looked up in the catalogue.

use crate::model::Tag;
use std::borrow::Cow;

/// OID, name, OID of the array of it.
const BUILT_IN: &[(u32, &str, u32, Tag)] = &[
    (16, "bool", 1000, Tag::Bool),
    (17, "bytea", 1001, Tag::Bytes),
    (18, "char", 1002, Tag::Text),
    (19, "name", 1003, Tag::Text),
    (20, "int8", 1016, Tag::Number),
    (21, "int2", 1005, Tag::Number),
    (22, "int2vector", 1006, Tag::Text),
    (23, "int4", 1007, Tag::Number),
    (24, "regproc", 1008, Tag::Text),
    (25, "text", 1009, Tag::Text),
    (26, "oid", 1028, Tag::Number),
    (27, "tid", 1010, Tag::Text),
    (28, "xid", 1011, Tag::Number),
    (29, "cid", 1012, Tag::Number),
    (30, "oidvector", 1013, Tag::Text),
    (114, "json", 199, Tag::Json),
    (142, "xml", 143, Tag::Text),
    (194, "pg_node_tree", 0, Tag::Text),
    (600, "point", 1017, Tag::Text),
    (601, "lseg", 1018, Tag::Text),
    (602, "path", 1019, Tag::Text),
    (603, "box", 1020, Tag::Text),
    (604, "polygon", 1027, Tag::Text),
    (628, "line", 629, Tag::Text),
    (650, "cidr", 651, Tag::Text),
    (700, "float4", 1021, Tag::Number),
    (701, "float8", 1022, Tag::Number),
    (705, "unknown", 0, Tag::Text),
    (718, "circle", 719, Tag::Text),
    (774, "macaddr8", 775, Tag::Text),
    (790, "money", 791, Tag::Text),
    (829, "macaddr", 1040, Tag::Text),
    (869, "inet", 1041, Tag::Text),
    (1033, "aclitem", 1034, Tag::Text),
    (1042, "bpchar", 1014, Tag::Text),
    (1043, "varchar", 1015, Tag::Text),
    (1082, "date", 1182, Tag::Time),
    (1083, "time", 1183, Tag::Time),
    (1114, "timestamp", 1115, Tag::Time),
    (1184, "timestamptz", 1185, Tag::Time),
    (1186, "interval", 1187, Tag::Time),
    (1266, "timetz", 1270, Tag::Time),
    (1560, "bit", 1561, Tag::Text),
    (1562, "varbit", 1563, Tag::Text),
    (1700, "numeric", 1231, Tag::Number),
    (2202, "regprocedure", 2207, Tag::Text),
    (2205, "regclass", 2210, Tag::Text),
    (2206, "regtype", 2211, Tag::Text),
    (2249, "record", 2287, Tag::Text),
    (2278, "void", 0, Tag::Text),
    (2950, "uuid", 2951, Tag::Text),
    (3220, "pg_lsn", 3221, Tag::Text),
    (3614, "tsvector", 3643, Tag::Text),
    (3615, "tsquery", 3645, Tag::Text),
    (3802, "jsonb", 3807, Tag::Json),
    (3904, "int4range", 3905, Tag::Text),
    (3906, "numrange", 3907, Tag::Text),
    (3908, "tsrange", 3909, Tag::Text),
    (3910, "tstzrange", 3911, Tag::Text),
    (3912, "daterange", 3913, Tag::Text),
    (3926, "int8range", 3927, Tag::Text),
    (4072, "jsonpath", 4073, Tag::Text),
    (4096, "regrole", 4097, Tag::Text),
    (4089, "regnamespace", 4090, Tag::Text),
    (5069, "xid8", 271, Tag::Number),
    // Redshift's own.
    (2935, "hllsketch", 0, Tag::Json),
    (3000, "geometry", 0, Tag::Text),
    (3001, "geography", 0, Tag::Text),
    (4000, "super", 0, Tag::Json),
    (6551, "varbyte", 0, Tag::Text),
];

/// The name of a built-in type; arrays as `text[]`.
pub fn name(oid: u32) -> Option<Cow<'static, str>> {
    BUILT_IN.iter().find_map(|(own, name, array, _)| match oid {
        o if o == *own => Some(Cow::Borrowed(*name)),
        o if o == *array && o != 0 => Some(Cow::Owned(format!("{name}[]"))),
        _ => None,
    })
}

/// What values of a type are; arrays and types of users are text.
pub fn tag(oid: u32) -> Tag {
    BUILT_IN.iter().find(|(own, ..)| *own == oid).map_or(Tag::Text, |(.., tag)| *tag)
}

/// Puts a value in the form that its tag promises: `true` for `t`, hex without its `\x`.
pub fn plain(tag: Tag, raw: &[u8]) -> (Tag, &[u8]) {
    match (tag, raw) {
        (Tag::Bool, b"t") => (tag, b"true"),
        (Tag::Bool, b"f") => (tag, b"false"),
        (Tag::Bytes, [b'\\', b'x', hex @ ..]) => (tag, hex),
        // `bytea_output = escape` is not hex.
        (Tag::Bytes, _) => (Tag::Text, raw),
        _ => (tag, raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_named_after_their_elements() {
        assert_eq!(name(1009).as_deref(), Some("text[]"));
        assert_eq!(name(3802).as_deref(), Some("jsonb"));
        assert_eq!(name(0), None);
        assert_eq!(tag(1009), Tag::Text);
    }

    #[test]
    fn values_take_the_form_of_their_tag() {
        assert_eq!(plain(Tag::Bool, b"t"), (Tag::Bool, &b"true"[..]));
        assert_eq!(plain(Tag::Bytes, b"\\x00ff"), (Tag::Bytes, &b"00ff"[..]));
        assert_eq!(plain(Tag::Bytes, b"a\\000"), (Tag::Text, &b"a\\000"[..]));
    }
}
