//! What a function of a given name does. The rule it keeps: unknown is unknown, never
//! harmless, and a name is only looked up after PostgreSQL's own folding.

use super::{Flavour, builtins, denied, extensions};
use crate::query::dialect::redshift::functions as redshift;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What is known of a function's name.
#[derive(Clone, Copy)]
pub(super) enum Standing {
    /// Built in, and only reads.
    BuiltIn,
    /// Of a well-known extension, and only reads.
    Extension,
    /// Of Aurora, and only reads.
    Aurora,
    /// Known to do more.
    Denied(&'static denied::Denied),
}

static STANDINGS: LazyLock<HashMap<&'static str, Standing>> = LazyLock::new(|| {
    let mut standings = HashMap::with_capacity(4096);
    let tables = [
        (extensions::TEXT_EXTENSIONS, Standing::Extension),
        (extensions::POSTGIS, Standing::Extension),
        (extensions::AURORA, Standing::Aurora),
        (builtins::BEHIND_OPERATORS, Standing::BuiltIn),
        (builtins::CALLED, Standing::BuiltIn),
    ];
    for (names, standing) in tables {
        standings.extend(names.split_whitespace().map(|name| (name, standing)));
    }
    // Last, so that a name in both kinds of table is denied.
    for kind in denied::DENIED {
        standings.extend(kind.names.split_whitespace().map(|name| (name, Standing::Denied(kind))));
    }
    standings
});

/// Functions that are grammar rather than names: only without quotes.
const GRAMMAR: &[&str] = &[
    "coalesce",
    "current_time",
    "current_timestamp",
    "greatest",
    "grouping",
    "least",
    "localtime",
    "localtimestamp",
    "merge_action",
    "normalize",
    "nullif",
    "row",
    "xmlconcat",
];

static COMPOSITE: LazyLock<std::collections::HashSet<&'static str>> =
    LazyLock::new(|| extensions::COMPOSITE.split_whitespace().collect());

/// Names of the fields that built-in functions return. None is a function that writes.
const FIELDS: &[&str] = &[
    "amount",
    "classid",
    "dead_tuple_count",
    "dead_tuple_percent",
    "dictionaries",
    "dictionary",
    "free_percent",
    "free_space",
    "grantee",
    "grantor",
    "identity",
    "is_grantable",
    "item",
    "key",
    "leaf_fragmentation",
    "lexeme",
    "lexemes",
    "lsn",
    "n",
    "nentry",
    "objid",
    "objsubid",
    "option_name",
    "option_value",
    "ordinality",
    "path",
    "geom",
    "pid",
    "positions",
    "privilege_type",
    "setting",
    "table_len",
    "token",
    "tokid",
    "tuple_count",
    "tuple_len",
    "tuple_percent",
    "valid",
    "weights",
    "x",
    "value",
];

/// What is known of `name`, already folded. `quoted` says that it was written in quotes.
pub(super) fn standing(name: &str, quoted: bool, flavour: Flavour) -> Option<Standing> {
    if !quoted && GRAMMAR.contains(&name) {
        return Some(Standing::BuiltIn);
    }
    let known = STANDINGS.get(name).copied();
    match (flavour, known) {
        (Flavour::Redshift, Some(Standing::Denied(_))) => known,
        // What PostgreSQL has and Redshift lacks may be there by somebody's CREATE FUNCTION.
        (Flavour::Dsql, Some(Standing::Extension | Standing::Aurora)) => None,
        (Flavour::Redshift, _) => redshift::only_reads(name).then_some(Standing::BuiltIn),
        _ => known,
    }
}

/// The kind of harm that the function `name` does, if it is known to do any.
pub(super) fn denied(name: &str) -> Option<&'static denied::Denied> {
    match STANDINGS.get(name) {
        Some(Standing::Denied(kind)) => Some(kind),
        _ => None,
    }
}

/// True if a value of the function `name` is a row, so that `.field` selects from it
/// rather than calling a function.
pub(super) fn returns_rows(name: &str) -> bool {
    COMPOSITE.contains(name)
}

/// True if selecting the field `name` from a value of unknown type is harmless even if
/// PostgreSQL takes it for a call: a reader, or what built-in functions call their fields.
pub(super) fn harmless_field(name: &str, flavour: Flavour) -> bool {
    match STANDINGS.get(name) {
        Some(Standing::BuiltIn | Standing::Extension) => true,
        Some(Standing::Aurora) => flavour == Flavour::Aurora,
        Some(Standing::Denied(_)) => false,
        None => FIELDS.contains(&name) || is_anonymous_field(name),
    }
}

/// `f1`, `f2`: what an anonymous row calls its fields.
fn is_anonymous_field(name: &str) -> bool {
    name.strip_prefix('f')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Types of PostgreSQL and of well-known extensions: casts to them run no foreign code.
const TYPES: &str = "
    abstime aclitem any anyarray anyelement bigint bigserial bit bool boolean box bpchar bytea char character
    cid cidr circle cstring date daterange datemultirange dec decimal double float float4 float8 gtsvector inet
    int int2 int2vector int4 int4range int4multirange int8 int8range int8multirange integer interval json jsonb
    jsonpath line lseg macaddr macaddr8 money name national nchar numeric nummultirange numrange oid oid8 oidvector
    path pg_dependencies pg_lsn pg_mcv_list pg_ndistinct pg_node_tree pg_snapshot point polygon precision real
    record refcursor regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc
    regprocedure regrole regtype regdatabase reltime serial smallint smallserial text tid time timestamp
    timestamptz timetz tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot unknown uuid
    varbit varchar xid xid8 xml
    box2d box3d citext cube earth ean13 geography geometry geometry_dump halfvec hll hstore intbig_gkey isbn
    isbn13 isn lquery ltree ltxtquery query_int raster seg sparsevec upc vector";

static KNOWN_TYPES: LazyLock<std::collections::HashSet<&'static str>> =
    LazyLock::new(|| TYPES.split_whitespace().collect());

/// True if `name`, already folded, is a type whose casts are PostgreSQL's own.
pub(super) fn known_type(name: &str, flavour: Flavour) -> bool {
    KNOWN_TYPES.contains(name) || flavour == Flavour::Redshift && redshift::is_type(name)
}

/// Operators of PostgreSQL and of well-known extensions.
const OPERATORS: &str = "
    + - * / % ^ < > = <= >= <> != => := :: -> ->> #> #>> #- @> <@ ? ?| ?& || && & | # ~ << >> ~~ ~~* !~~ !~~* ~*
    !~ !~* |/ ||/ @ !! ! @@ @@@ @? -|- &< &> <<| |>> &<| |&> <-> ## @-@ ?# ?- ?-| ?|| ~= <^ >^ ~<~ ~<=~ ~>~ ~>=~
    ^@ *= *<> *< *> *<= *>= <<= >>= <% %> <<% %>> <<-> <->> <<<-> <->>> <#> <=> <+> <~> <%> ?@ ?~ ?@> ?<@ <@> ^<@
    ^@> ~> ~~= &&& <<#>> <<->> |=| ~== &/& @>> <<@ #= %% %#";

static KNOWN_OPERATORS: LazyLock<std::collections::HashSet<&'static str>> =
    LazyLock::new(|| OPERATORS.split_whitespace().collect());

/// True if `symbol` is an operator of PostgreSQL or of a well-known extension.
pub(super) fn known_operator(symbol: &str) -> bool {
    KNOWN_OPERATORS.contains(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_both_a_reader_and_denied() {
        let readers = [
            builtins::CALLED,
            builtins::BEHIND_OPERATORS,
            extensions::TEXT_EXTENSIONS,
            extensions::POSTGIS,
            extensions::AURORA,
        ];
        let both: Vec<_> = readers
            .iter()
            .flat_map(|names| names.split_whitespace())
            .chain(FIELDS.iter().copied())
            .filter(|name| denied(name).is_some())
            .collect();
        assert!(both.is_empty(), "{both:?}");
    }
}
