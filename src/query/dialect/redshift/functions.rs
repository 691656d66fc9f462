//! The functions of Redshift that only read, by name. Taken from the SQL functions reference of
//! the Redshift database developer guide. The rule it keeps: a name of PostgreSQL that Redshift
//! lacks is not here, for a user's own (also a Lambda's) may answer to it; what signals other
//! sessions, changes priorities or settings, or calls a model is not here either.

use std::collections::HashSet;
use std::sync::LazyLock;

const CALLED: &str = "
abs acos add_months any_value array array_concat array_contains array_distinct array_except
array_flatten array_intersection array_position array_positions array_sort array_to_string array_union
arrays_overlap ascii asin atan atan2 avg
bit_and bit_or bool_and bool_or bpcharcmp bttext_pattern_cmp btrim
can_json_parse cbrt ceil ceiling char_length character_length charindex checksum chr col_description collate concat
convert convert_timezone corr cos cot count covar_pop covar_samp crc32 cume_dist current_aws_account
current_database current_date current_namespace current_schema current_schemas current_session_arn
current_setting current_time current_timestamp current_user current_user_id
date date_add date_cmp date_cmp_timestamp date_cmp_timestamptz date_diff date_part date_part_year date_trunc
dateadd datediff decode degrees dense_rank dexp difference dlog1 dlog10 dround dtrunc
exp explode_array extract
farmfingerprint64 first_value float4 float8 floor fnv_hash format_type from_hex from_varbyte func_sha1
generate_series geometrytype get_array_length get_number_attributes getbit getdate greatest
h3_boundary h3_center h3_disktouching h3_fromlonglat h3_frompoint h3_isvalid h3_polyfill h3_resolution
h3_tochildren h3_toparent has_assumerole_privilege has_database_privilege has_role has_schema_privilege
has_table_privilege hll hll_cardinality hll_combine hll_create_sketch
initcap interval_cmp is_array is_bigint is_boolean is_char is_decimal is_float is_integer is_object
is_scalar is_smallint is_valid_json is_valid_json_array is_varchar isnull
json_array_length json_extract_array_element_text json_extract_path_text json_parse json_serialize
json_serialize_to_varbyte json_size json_typeof
lag last_day last_user_query_id last_value lead least left len length listagg ln log lower
lower_attribute_names lpad ltrim
max md5 median min mod months_between murmur3_32_hash
next_day nth_value ntile null_if_invalid nullif nvl nvl2
obj_description object object_transform octet_length octetindex
percent_rank percentile_cont percentile_disc pg_backend_pid pg_get_constraintdef pg_get_expr
pg_get_functiondef pg_get_grantee_by_iam_role pg_get_iam_role_by_user pg_get_indexdef pg_get_late_binding_view_cols
pg_get_cols pg_get_session_roles pg_get_userbyid pg_get_viewdef pg_last_copy_count pg_last_copy_id
pg_last_query_id pg_last_unload_count pg_last_unload_id pg_table_is_visible pi position pow power
quote_ident quote_literal
radians random rank ratio_to_report regexp_count regexp_instr regexp_replace regexp_substr regexp_like
repeat replace replicate reverse right role_is_member_of round row_number rpad rtrim
sha sha1 sha2 sign sin size slice_num soundex space split_part split_to_array sqrt
st_addpoint st_angle st_area st_asbinary st_asewkb st_asewkt st_asgeojson st_ashexewkb st_ashexwkb st_astext
st_azimuth st_boundary st_buffer st_centroid st_collect st_contains st_containsproperly st_convexhull
st_coveredby st_covers st_crosses st_dimension st_disjoint st_distance st_distancesphere st_dwithin
st_endpoint st_envelope st_equals st_exteriorring st_force2d st_force3d st_force3dm st_force3dz st_force4d
st_geogfromtext st_geogfromwkb st_geohash st_geomcollfromtext st_geometryn st_geometrytype st_geomfromewkb
st_geomfromewkt st_geomfromgeohash st_geomfromgeojson st_geomfromgeosquare st_geomfromtext st_geomfromwkb
st_geosquare st_interiorringn st_intersection st_intersects st_isclosed st_iscollection st_isempty
st_ispolygonccw st_ispolygoncw st_isring st_issimple st_isvalid st_length st_length2d st_lengthsphere
st_linefrommultipoint st_lineinterpolatepoint st_m st_makeenvelope st_makeline st_makepoint st_makepolygon
st_memsize st_mmax st_mmin st_multi st_ndims st_npoints st_nrings st_numgeometries st_numinteriorrings
st_numpoints st_perimeter st_perimeter2d st_point st_pointn st_points st_polygon st_removepoint st_reverse
st_scale st_setpoint st_setsrid st_simplify st_srid st_startpoint st_touches st_transform st_union st_within
st_x st_xmax st_xmin st_y st_ymax st_ymin st_z st_zmax st_zmin supportsbbox
stddev stddev_pop stddev_samp strpos strtol subarray substr substring sum sysdate
tan text_to_int_alt text_to_numeric_alt textlen timeofday timestamp timestamp_cmp timestamp_cmp_date
timestamp_cmp_timestamptz timestamptz_cmp timestamptz_cmp_date timestamptz_cmp_timestamp timezone to_char
to_date to_hex to_number to_timestamp to_varbyte translate trim trunc try_cast
upper upper_attribute_names user user_is_member_of
var_pop var_samp variance version
width_bucket";

static READERS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| CALLED.split_whitespace().collect());

/// Whether the function `name`, already folded, is Redshift's own and only reads.
pub fn only_reads(name: &str) -> bool {
    READERS.contains(name)
}

/// Whether `name` is a type of Redshift that PostgreSQL lacks.
pub fn is_type(name: &str) -> bool {
    matches!(name, "super" | "varbyte" | "varbinary" | "hllsketch" | "nvarchar" | "datetime")
}

/// Whether `CONVERT` may name the type `name`.
pub fn converts_to(name: &str) -> bool {
    is_type(name)
        || matches!(
            name,
            "bigint"
                | "bool"
                | "boolean"
                | "bpchar"
                | "char"
                | "character"
                | "date"
                | "decimal"
                | "double"
                | "float"
                | "float4"
                | "float8"
                | "int"
                | "int2"
                | "int4"
                | "int8"
                | "integer"
                | "numeric"
                | "real"
                | "smallint"
                | "text"
                | "time"
                | "timestamp"
                | "timestamptz"
                | "timetz"
                | "varchar"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_does_more_is_listed() {
        for name in [
            "pg_terminate_backend",
            "pg_cancel_backend",
            "set_config",
            "nextval",
            "change_query_priority",
            "change_session_priority",
            "change_user_priority",
            "explain_model",
            "pg_sleep",
            "gen_random_uuid",
            "mv_refresh",
            "f_lambda",
            "jsonb_set",
            "dblink",
            "reboot_cluster",
        ] {
            assert!(!only_reads(name), "{name}");
        }
        assert!(only_reads("listagg") && only_reads("json_parse"));
    }
}
