-- The sales warehouse. Deterministic: every value is a function of a counter. PostgreSQL stands
-- in for Redshift: the system views and functions that it lacks are made below.

create table dim_date (
    date_id int primary key,
    full_date date not null,
    year smallint not null,
    quarter smallint not null,
    month smallint not null,
    day_name text not null,
    is_weekend boolean not null
);

create table dim_store (
    store_id int primary key,
    store_name text not null,
    city text not null,
    country text not null,
    channel text not null
);

create table dim_product (
    product_id int primary key,
    sku text not null,
    product_name text not null,
    category text not null,
    list_price numeric(10, 2) not null,
    attributes jsonb not null
);

create table dim_customer (
    customer_id int primary key,
    segment text not null,
    country text not null,
    joined date not null,
    is_member boolean not null
);

create table fact_sales (
    sale_id bigint primary key,
    date_id int not null,
    store_id int not null,
    product_id int not null,
    customer_id int,
    quantity int not null,
    amount numeric(12, 2) not null,
    discount numeric(5, 4),
    sold_at timestamp not null
);

insert into dim_date
select to_char(d, 'YYYYMMDD')::int, d, extract(year from d), extract(quarter from d), extract(month from d),
    trim(to_char(d, 'Day')), extract(isodow from d) > 5
from generate_series(date '2025-11-01', date '2026-10-31', interval '1 day') d;

insert into dim_store
select n, 'Store ' || n, (array['Dublin', 'Lyon', 'Porto', 'Ghent', 'Turin', 'Graz', 'Malaga', 'Uppsala'])[1 + n % 8],
    (array['IE', 'FR', 'PT', 'BE', 'IT', 'AT', 'ES', 'SE'])[1 + n % 8],
    case when n % 5 = 0 then 'online' else 'shop' end
from generate_series(1, 40) n;

insert into dim_product
select n, 'SKU-' || lpad(n::text, 5, '0'),
    (array['Lamp', 'Chair', 'Desk', 'Rug', 'Shelf', 'Mirror'])[1 + n % 6] || ' ' || n,
    (array['lighting', 'seating', 'tables', 'textiles', 'storage', 'decor'])[1 + n % 6],
    9.95 + (n * 37 % 400),
    jsonb_build_object('colour', (array['oak', 'white', 'black', 'teal'])[1 + n % 4], 'weight_kg', round((n * 7 % 250) / 10.0, 1),
        'tags', jsonb_build_array('season-' || n % 4, case when n % 9 = 0 then 'clearance' else 'regular' end))
from generate_series(1, 600) n;

insert into dim_customer
select n, (array['private', 'trade', 'hotel'])[1 + n % 3],
    (array['IE', 'FR', 'PT', 'BE', 'IT', 'AT', 'ES', 'SE'])[1 + n % 8],
    date '2019-01-01' + (n * 11 % 2400), n % 4 <> 0
from generate_series(1, 4000) n;

insert into fact_sales
select n, to_char(d, 'YYYYMMDD')::int, 1 + (n * 13 % 40), p, case when n % 17 = 0 then null else 1 + (n * 29 % 4000) end,
    1 + n % 4, round(((1 + n % 4) * (9.95 + (p * 37 % 400)) * (1 - case when n % 10 = 0 then 0.15 else 0 end))::numeric, 2),
    case when n % 10 = 0 then 0.15 end, d + make_interval(secs => 28800 + n * 97 % 36000)
from (
    select n, 1 + (n * 31 % 600) as p, timestamp '2025-11-01' + make_interval(days => n * 7 % 365) as d
    from generate_series(1, 50000) n
) s;

create table query_log (
    query_id bigint,
    user_id int,
    status text,
    query_type text,
    started_before interval,
    queue_us bigint,
    run_us bigint,
    returned_rows bigint,
    returned_bytes bigint,
    error_message text,
    query_text text
);
insert into query_log values
    (90118, 104, 'running', 'SELECT', '4 minutes', 1200000, 238000000, 0, 0, '', 'select store_id, sum(amount) from fact_sales group by 1'),
    (90117, 100, 'queued', 'COPY', '2 minutes', 121000000, 0, 0, 0, '', 'copy fact_sales from ''s3://sales-landing/2026-10-31/'''),
    (90116, 104, 'success', 'SELECT', '9 minutes', 0, 5400000, 365, 21900, '', 'select date_id, sum(quantity) from fact_sales group by 1'),
    (90115, 101, 'failed', 'SELECT', '12 minutes', 0, 180000, 0, 0, 'column "amout" does not exist in fact_sales', 'select sum(amout) from fact_sales'),
    (90114, 100, 'success', 'VACUUM', '5 hours', 0, 912000000, 0, 0, '', 'vacuum sort only fact_sales to 99 percent'),
    (90113, 102, 'canceled', 'SELECT', '6 hours', 31000000, 59000000, 0, 0, 'Query cancelled on user''s request', 'select * from fact_sales a cross join fact_sales b');

create table table_design (
    name text primary key,
    diststyle text,
    distkey text,
    sortkey text,
    size_mb bigint,
    pct_used numeric,
    unsorted numeric,
    stats_off numeric,
    skew_rows numeric
);
insert into table_design values
    ('fact_sales', 'KEY(store_id)', 'store_id', 'date_id', 918400, 88.12, 23.40, 41.00, 3.70),
    ('dim_product', 'ALL', null, 'product_id', 64, 0.01, 0.00, 0.00, null),
    ('dim_store', 'ALL', null, 'store_id', 32, 0.01, 0.00, 0.00, null),
    ('dim_date', 'ALL', null, 'date_id', 32, 0.01, 0.00, 0.00, null),
    ('dim_customer', 'AUTO(EVEN)', null, 'customer_id', 420, 0.04, 1.10, 12.00, 1.02);

create view svv_table_info as
select current_database()::text as "database", 'public'::text as schema, c.oid as table_id, d.name as "table",
    'Y, AUTO(ENCODE)'::text as encoded, d.diststyle, d.sortkey as sortkey1, 0 as max_varchar, 'none'::text as sortkey1_enc,
    case when d.sortkey is null then 0 else 1 end as sortkey_num, d.size_mb as size, d.pct_used, 0 as empty, d.unsorted,
    d.stats_off, c.reltuples::bigint as tbl_rows, null::numeric as skew_sortkey1, d.skew_rows,
    c.reltuples::bigint as estimated_visible_rows, null::text as risk_event, case when d.unsorted > 20 then 61.50 else 0.00 end as vacuum_sort_benefit
from table_design d join pg_class c on c.relname = d.name;

create view pg_table_def as
select n.nspname as schemaname, c.relname as tablename, a.attname as "column", format_type(a.atttypid, a.atttypmod) as type,
    case when a.attname = d.sortkey then 'none' when a.atttypid in (20, 23) then 'az64' when a.atttypid = 1700 then 'az64' else 'lzo' end as encoding,
    coalesce(a.attname = d.distkey, false) as distkey, case when a.attname = d.sortkey then 1 else 0 end as sortkey, a.attnotnull as notnull
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    left join table_design d on d.name = c.relname
where n.nspname = 'public' and c.relkind = 'r' and c.relname not in ('query_log', 'table_design');

create view svv_external_schemas as
select 16501 as esoid, 1 as eskind, 'lake'::text as schemaname, 100 as esowner, 'sales_lake'::text as databasename,
    '{"IAM_ROLE":"arn:aws:iam::123456789012:role/warehouse-spectrum"}'::text as esoptions;

create view svv_external_tables as
select 'lake'::text as schemaname, t.name as tablename, 's3://sales-lake/' || t.name || '/' as location,
    'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'::text as input_format, 'sales_lake'::text as redshift_database_name
from (values ('clickstream'), ('returns'), ('supplier_feed')) t(name);

create view sys_query_history as
select user_id, query_id, 'default'::text as query_label, query_id + 5000 as transaction_id, 1073800000 + query_id as session_id,
    current_database()::text as database_name, query_type, status, false as result_cache_hit,
    (localtimestamp - started_before) as start_time,
    case when status in ('running', 'queued') then null else localtimestamp - started_before + make_interval(secs => (queue_us + run_us) / 1000000.0) end as end_time,
    queue_us + run_us as elapsed_time, queue_us as queue_time, run_us as execution_time, error_message, returned_rows, returned_bytes,
    query_text, 'Redshift 1.0.197284'::text as redshift_version, 'auto'::text as compute_type, 3000 as compile_time, 9000 as planning_time, 0 as lock_wait_time
from query_log;

create function getdate() returns timestamp language sql stable as 'select localtimestamp(0)';
create function nvl(anyelement, anyelement) returns anyelement language sql immutable as 'select coalesce($1, $2)';
create function nvl2(anyelement, anyelement, anyelement) returns anyelement language sql immutable as 'select case when $1 is not null then $2 else $3 end';
create function isnull(anyelement, anyelement) returns anyelement language sql immutable as 'select coalesce($1, $2)';
create function dateadd(part text, n bigint, at timestamp) returns timestamp language sql immutable
    as 'select $3 + ($2 || '' '' || $1)::interval';
create function datediff(part text, a timestamp, b timestamp) returns bigint language sql immutable
    as 'select case $1 when ''month'' then (extract(year from $3) - extract(year from $2)) * 12 + extract(month from $3) - extract(month from $2)
        when ''year'' then extract(year from $3) - extract(year from $2)
        else floor(extract(epoch from $3 - $2) / case $1 when ''second'' then 1 when ''minute'' then 60 when ''hour'' then 3600 when ''week'' then 604800 else 86400 end) end::bigint';
create function json_parse(text) returns jsonb language sql immutable as 'select $1::jsonb';
create function len(text) returns int language sql immutable as 'select length($1)';
create aggregate listagg(text, text) (sfunc = string_agg_transfn, stype = internal, finalfunc = string_agg_finalfn);

analyze;
