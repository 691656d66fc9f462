//! The parts of a tree that a read may be made of. The rule it keeps: a part that is not
//! listed, which includes every part a newer grammar brings, is refused.

use squawk_syntax::SyntaxKind;

/// Parts of queries: clauses, sources, windows, set operations.
const fn is_query(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(
        kind,
        K::SOURCE_FILE
            | K::EMPTY_STMT
            | K::SELECT
            | K::PAREN_SELECT
            | K::COMPOUND_SELECT
            | K::VALUES
            | K::TABLE
            | K::SELECT_CLAUSE
            | K::TARGET_LIST
            | K::TARGET
            | K::AS_NAME
            | K::ALL
            | K::DISTINCT
            | K::DISTINCT_CLAUSE
            | K::DISTINCT_ON
            | K::FROM_CLAUSE
            | K::RELATION_FROM_ITEM
            | K::FUNCTION_FROM_ITEM
            | K::PAREN_FROM_ITEM
            | K::EXPR_FROM_ITEM
            | K::ROWS_FROM_ITEM
            | K::ROWS_FROM_ARG
            | K::JSON_TABLE_FROM_ITEM
            | K::XML_TABLE_FROM_ITEM
            | K::WITH_ORDINALITY
            | K::RELATION_NAME
            | K::RELATION_NAME_REF
            | K::PATH_REF
            | K::PATH_SEGMENT_REF
            | K::FROM_ALIAS
            | K::TABLE_ALIAS
            | K::COLUMN_LIST
            | K::COLUMN_NAME
            | K::COLUMN_NAME_REF
            | K::COLUMN_REF_LIST
            | K::COLUMN_DEF_LIST
            | K::COLUMN_DEF
            | K::JOIN_EXPR
            | K::JOIN
            | K::JOIN_INNER
            | K::JOIN_LEFT
            | K::JOIN_RIGHT
            | K::JOIN_FULL
            | K::JOIN_CROSS
            | K::JOIN_USING_CLAUSE
            | K::ON_CLAUSE
            | K::USING_CLAUSE
            | K::TABLESAMPLE_CLAUSE
            | K::REPEATABLE_CLAUSE
            | K::WHERE_CLAUSE
            | K::GROUP_BY_CLAUSE
            | K::GROUP_BY_LIST
            | K::GROUPING_EXPR
            | K::GROUPING_ROLLUP
            | K::GROUPING_CUBE
            | K::GROUPING_SETS
            | K::HAVING_CLAUSE
            | K::WINDOW_CLAUSE
            | K::WINDOW_DEF
            | K::WINDOW
            | K::WINDOW_REF
            | K::WINDOW_SPEC
            | K::PARTITION_BY_CLAUSE
            | K::FRAME_CLAUSE
            | K::FRAME_RANGE
            | K::FRAME_ROWS
            | K::FRAME_GROUPS
            | K::FRAME_BETWEEN
            | K::FRAME_EXCLUDE
            | K::CURRENT_ROW
            | K::UNBOUNDED_PRECEDING
            | K::UNBOUNDED_FOLLOWING
            | K::EXPR_PRECEDING
            | K::EXPR_FOLLOWING
            | K::TIES
            | K::NO_OTHERS
            | K::GROUP
            | K::ORDER_BY_CLAUSE
            | K::SORT_BY_LIST
            | K::SORT_BY
            | K::SORT_ASC
            | K::SORT_DESC
            | K::SORT_USING
            | K::NULLS_FIRST
            | K::NULLS_LAST
            | K::LIMIT_CLAUSE
            | K::OFFSET_CLAUSE
            | K::FETCH_CLAUSE
            | K::FETCH_ONLY
            | K::WITH_TIES
            | K::UNION
            | K::INTERSECT
            | K::EXCEPT
            | K::ROW_LIST
            | K::ROW
            | K::WITH_CLAUSE
            | K::WITH_TABLE
            | K::CTE_NAME
            | K::MATERIALIZED
            | K::NOT_MATERIALIZED
            | K::SEARCH_CLAUSE
            | K::BREADTH_FIRST
            | K::DEPTH_FIRST
            | K::SEARCH_COLUMNS
            | K::SEARCH_SET_COLUMN
            | K::CYCLE_CLAUSE
            | K::CYCLE_COLUMNS
            | K::CYCLE_SET_COLUMN
            | K::CYCLE_COLUMN_TO
            | K::CYCLE_DEFAULT
            | K::CYCLE_PATH
            | K::OPTIONAL_AS_ALIAS
    )
}

/// Parts of expressions. Calls, casts and field selections are judged further.
const fn is_expression(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(
        kind,
        K::NAME_REF
            | K::LITERAL
            | K::BIN_EXPR
            | K::PREFIX_EXPR
            | K::POSTFIX_EXPR
            | K::PAREN_EXPR
            | K::TUPLE_EXPR
            | K::CASE_EXPR
            | K::WHEN_CLAUSE_LIST
            | K::WHEN_CLAUSE
            | K::ELSE_CLAUSE
            | K::BETWEEN_EXPR
            | K::SYMMETRIC
            | K::ASYMMETRIC
            | K::ARRAY_EXPR
            | K::INDEX_EXPR
            | K::SLICE_EXPR
            | K::FIELD_EXPR
            | K::CALL_EXPR
            | K::ARG_LIST
            | K::ARG
            | K::NAMED_ARG
            | K::PARAM_NAME_REF
            | K::FILTER_CLAUSE
            | K::OVER_CLAUSE
            | K::OVER_WINDOW_SPEC
            | K::WITHIN_CLAUSE
            | K::IGNORE_NULLS
            | K::RESPECT_NULLS
            | K::CAST_EXPR
            | K::COLLATE
            | K::COLLATION_REF
            | K::COLON_COLON
            | K::OP
            | K::CUSTOM_OP
            | K::OPERATOR_CALL
            | K::NOT_IN
            | K::NOT_LIKE
            | K::NOT_ILIKE
            | K::SIMILAR_TO
            | K::NOT_SIMILAR_TO
            | K::IS_DISTINCT_FROM
            | K::IS_NOT_DISTINCT_FROM
            | K::IS_NOT
            | K::IS_NORMALIZED
            | K::IS_NOT_NORMALIZED
            | K::UNICODE_NORMAL_FORM
            | K::AT_TIME_ZONE
            | K::AT_LOCAL
            | K::IS_JSON
            | K::IS_JSON_ARRAY
            | K::IS_JSON_OBJECT
            | K::IS_JSON_SCALAR
            | K::IS_JSON_VALUE
            | K::IS_NOT_JSON
            | K::IS_NOT_JSON_ARRAY
            | K::IS_NOT_JSON_OBJECT
            | K::IS_NOT_JSON_SCALAR
            | K::IS_NOT_JSON_VALUE
            | K::ALL_FN
            | K::ANY_FN
            | K::SOME_FN
            | K::EXISTS_FN
            | K::COLLATION_FOR_FN
            | K::EXTRACT_FN
            | K::EXTRACT_FIELD_NAME
            | K::EXTRACT_FIELD_LITERAL
            | K::SUBSTRING_FN
            | K::SUBSTRING_EXPRS
            | K::SUBSTRING_FOR_FROM
            | K::SUBSTRING_FROM_FOR
            | K::SUBSTRING_SIMILAR_ESCAPE
            | K::POSITION_FN
            | K::OVERLAY_FN
            | K::OVERLAY_EXPRS
            | K::OVERLAY_PLACING
            | K::TRIM_FN
            | K::TRIM_EXPRS
            | K::TRIM_EXPR_FROM
            | K::TRIM_FROM
            | K::TRIM_BOTH
            | K::TRIM_LEADING
            | K::TRIM_TRAILING
            | K::TYPE_NAME_REF
            | K::PATH_TYPE
            | K::ARRAY_TYPE
            | K::ARRAY_BOUND
            | K::VARCHAR_TYPE
            | K::CHARACTER_TYPE
            | K::BIT_TYPE
            | K::BIT_VARYING_TYPE
            | K::DOUBLE_TYPE
            | K::TIME_TYPE
            | K::TIMESTAMP_TYPE
            | K::INTERVAL_TYPE
            | K::WITH_TIMEZONE
            | K::WITHOUT_TIMEZONE
            | K::INTERVAL_YEAR
            | K::INTERVAL_MONTH
            | K::INTERVAL_DAY
            | K::INTERVAL_HOUR
            | K::INTERVAL_MINUTE
            | K::INTERVAL_SECOND
    )
}

/// Parts of the JSON and XML constructs of SQL.
const fn is_document(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(
        kind,
        K::JSON_ABSENT_ON_NULL
            | K::JSON_ARRAY_AGG_FN
            | K::JSON_ARRAY_FN
            | K::JSON_BEHAVIOR_DEFAULT
            | K::JSON_BEHAVIOR_EMPTY_ARRAY
            | K::JSON_BEHAVIOR_EMPTY_OBJECT
            | K::JSON_BEHAVIOR_ERROR
            | K::JSON_BEHAVIOR_FALSE
            | K::JSON_BEHAVIOR_NULL
            | K::JSON_BEHAVIOR_TRUE
            | K::JSON_BEHAVIOR_UNKNOWN
            | K::JSON_ENCODING
            | K::JSON_ENCODING_CLAUSE
            | K::JSON_EXISTS_FN
            | K::JSON_EXPR_FORMAT
            | K::JSON_FN
            | K::JSON_FORMAT_CLAUSE
            | K::JSON_KEY_VALUE
            | K::JSON_NULL_ON_NULL
            | K::JSON_OBJECT_AGG_FN
            | K::JSON_OBJECT_FN
            | K::JSON_ON_EMPTY_CLAUSE
            | K::JSON_ON_ERROR_CLAUSE
            | K::JSON_PASSING_ARG
            | K::JSON_PASSING_CLAUSE
            | K::JSON_PATH_CLAUSE
            | K::JSON_PATH_NAME
            | K::JSON_PATH_NAME_CLAUSE
            | K::JSON_PATH_NAME_REF
            | K::JSON_QUERY_FN
            | K::JSON_QUOTES_CLAUSE
            | K::JSON_RETURNING_CLAUSE
            | K::JSON_SCALAR_FN
            | K::JSON_SELECT_FORMAT
            | K::JSON_SERIALIZE_FN
            | K::JSON_TABLE
            | K::JSON_TABLE_COLUMN_LIST
            | K::JSON_TABLE_EXISTS_COLUMN
            | K::JSON_TABLE_NESTED_COLUMN
            | K::JSON_TABLE_ORDINALITY_COLUMN
            | K::JSON_TABLE_PLAN_CHOICE
            | K::JSON_TABLE_PLAN_CLAUSE
            | K::JSON_TABLE_PLAN_CROSS
            | K::JSON_TABLE_PLAN_INNER
            | K::JSON_TABLE_PLAN_JOIN
            | K::JSON_TABLE_PLAN_OUTER
            | K::JSON_TABLE_PLAN_UNION
            | K::JSON_TABLE_VALUE_COLUMN
            | K::JSON_VALUE_EXPR
            | K::JSON_VALUE_FN
            | K::JSON_VARIABLE_NAME
            | K::JSON_WITHOUT_UNIQUE_KEYS
            | K::JSON_WITHOUT_WRAPPER
            | K::JSON_WITH_CONDITIONAL_WRAPPER
            | K::JSON_WITH_UNCONDITIONAL_WRAPPER
            | K::JSON_WITH_UNIQUE_KEYS
            | K::KEEP_QUOTES
            | K::OMIT_QUOTES
            | K::ON_SCALAR_STRING
            | K::PAREN_JSON_TABLE_PLAN
            | K::ELEMENT_TAG
            | K::EXPR_AS_COLUMN_NAME
            | K::EXPR_AS_COLUMN_NAME_LIST
            | K::EXPR_AS_ELEMENT_TAG
            | K::EXPR_AS_ELEMENT_TAG_LIST
            | K::EXPR_AS_XML_ATTR
            | K::EXPR_AS_XML_ATTR_LIST
            | K::INDENT
            | K::NO_INDENT
            | K::PRESERVE_WHITESPACE
            | K::STRIP_WHITESPACE
            | K::OPTION_DEFAULT
            | K::OPTION_IDENT
            | K::OPTION_NOT_NULL
            | K::OPTION_NULL
            | K::OPTION_PATH
            | K::STANDALONE_NO
            | K::STANDALONE_NO_VALUE
            | K::STANDALONE_YES
            | K::XML_ATTR
            | K::XML_COLUMN_OPTION_LIST
            | K::XML_CONTENT
            | K::XML_DOCUMENT
            | K::XML_ELEMENT_FN
            | K::XML_EXISTS_FN
            | K::XML_FOREST_FN
            | K::XML_NAMESPACE
            | K::XML_NAMESPACE_LIST
            | K::XML_NAMESPACE_PREFIX
            | K::XML_PARSE_FN
            | K::XML_PASSING_DOC
            | K::XML_PASSING_MECH_BY_REF
            | K::XML_PASSING_MECH_BY_VALUE
            | K::XML_PI_FN
            | K::XML_PI_TARGET
            | K::XML_ROOT_FN
            | K::XML_ROW_PASSING_CLAUSE
            | K::XML_SERIALIZE_FN
            | K::XML_TABLE
            | K::XML_TABLE_COLUMN
            | K::XML_TABLE_COLUMN_LIST
            | K::XML_VERSION_EXPR
            | K::XML_VERSION_NO_VALUE
    )
}

/// Parts of SHOW and EXPLAIN themselves.
const fn is_inspection(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(
        kind,
        K::SHOW
            | K::CONFIG_PARAMETER_REF
            | K::SESSION_AUTHORIZATION
            | K::TIME_ZONE
            | K::TRANSACTION_ISOLATION_LEVEL
            | K::EXPLAIN
            | K::EXPLAIN_ANALYZE
            | K::EXPLAIN_VERBOSE
            | K::EXPLAIN_OPTION_LIST
            | K::EXPLAIN_OPTION
            | K::EXPLAIN_OPTION_NAME
            | K::EXPLAIN_OPTION_VALUE
    )
}

/// True for a part that a read may have.
pub(super) const fn may_read(kind: SyntaxKind) -> bool {
    is_query(kind) || is_expression(kind) || is_document(kind) || is_inspection(kind)
}

/// True for the statements that change rows, which may be planned but not run.
pub(super) const fn is_dml(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(kind, K::INSERT | K::UPDATE | K::DELETE | K::MERGE)
}

/// Further parts of a statement that is only planned.
pub(super) const fn may_plan(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    is_dml(kind)
        || matches!(
            kind,
            K::LOCKING_CLAUSE
                | K::LOCKING_OF
                | K::FOR_UPDATE
                | K::FOR_SHARE
                | K::FOR_KEY_SHARE
                | K::FOR_NO_KEY_UPDATE
                | K::NOWAIT
                | K::SKIP_LOCKED
                | K::COLUMN_TARGET_LIST
                | K::COLUMN_TARGET
                | K::FIELD_ACCESSOR
                | K::INDEX_ACCESSOR
                | K::SLICE_ACCESSOR
                | K::COMPOSITE_FIELD_REF
                | K::DEFAULT_VALUES
                | K::REQUIRED_AS_ALIAS
                | K::SET_CLAUSE
                | K::SET_COLUMN_LIST
                | K::SET_SINGLE_COLUMN
                | K::SET_MULTIPLE_COLUMNS
                | K::SET_EXPR
                | K::SET_EXPR_LIST
                | K::RETURNING_CLAUSE
                | K::RETURNING_NEW
                | K::RETURNING_OLD
                | K::RETURNING_OPTION_LIST
                | K::ON_CONFLICT_CLAUSE
                | K::CONFLICT_DO_NOTHING
                | K::CONFLICT_DO_UPDATE_SET
                | K::CONFLICT_INDEX_ITEM
                | K::CONFLICT_INDEX_ITEM_LIST
                | K::CONFLICT_ON_CONSTRAINT
                | K::CONFLICT_ON_INDEX
                | K::CONSTRAINT_NAME_REF
                | K::OVERRIDING_SYSTEM_VALUE
                | K::OVERRIDING_USER_VALUE
                | K::MERGE_WHEN_MATCHED
                | K::MERGE_WHEN_NOT_MATCHED_SOURCE
                | K::MERGE_WHEN_NOT_MATCHED_TARGET
                | K::MERGE_CONDITION
                | K::MERGE_DELETE
                | K::MERGE_DO_NOTHING
                | K::MERGE_INSERT
                | K::MERGE_UPDATE
                | K::USING_ON_CLAUSE
                | K::USING_EXPR_CLAUSE
        )
}
