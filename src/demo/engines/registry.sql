-- The model registry of the ML platform. Deterministic: setseed, and ids from md5.
select setseed(0.42);

create type deployment_stage as enum ('shadow', 'canary', 'live', 'retired');

create table experiments (
    id bigint generated always as identity primary key,
    name text not null unique,
    owner text not null,
    goal text,
    started_at timestamptz not null,
    params jsonb not null default '{}'
);

create table model_registry (
    id uuid primary key,
    model_name text not null,
    version text not null,
    status text not null check (status in ('staging', 'production', 'archived', 'failed')),
    tags text[] not null default '{}',
    metrics jsonb not null default '{}',
    artifact_uri text not null,
    experiment_id bigint references experiments (id),
    framework text not null,
    size_bytes bigint not null,
    created_by text not null,
    created_at timestamptz not null,
    promoted_at timestamptz,
    unique (model_name, version)
);

create table features (
    id bigint generated always as identity primary key,
    name text not null unique,
    value_type text not null,
    entity text not null,
    source text not null,
    freshness interval not null,
    description text
);

create table model_features (
    model_id uuid not null references model_registry (id),
    feature_id bigint not null references features (id),
    importance numeric(6, 5) not null,
    primary key (model_id, feature_id)
);

create table deployments (
    id bigint generated always as identity primary key,
    model_id uuid not null references model_registry (id),
    stage deployment_stage not null,
    region text not null,
    replicas integer not null,
    endpoint inet not null,
    traffic numrange not null,
    deployed_at timestamptz not null
);

insert into experiments (name, owner, goal, started_at, params)
select 'exp-' || to_char(n, 'FM000'),
       (array['maya', 'tomas', 'li.wei', 'amira', 'jonas'])[1 + n % 5],
       (array['lower churn', 'catch card fraud', 'rank search results', 'forecast demand'])[1 + n % 4],
       timestamptz '2026-01-05 09:00+00' + n * interval '5 days 3 hours',
       jsonb_build_object('learning_rate', round((0.001 + random() * 0.2)::numeric, 4),
                          'depth', 3 + n % 9, 'seed', 1000 + n)
from generate_series(1, 48) n;

insert into model_registry
select md5(m.name || v.n)::uuid,
       m.name,
       v.n / 4 + 1 || '.' || v.n % 4 || '.0',
       case when v.n = 38 then 'production' when v.n = 39 then 'staging'
            when random() < 0.07 then 'failed' else 'archived' end,
       array[m.task, m.team] || case when v.n > 30 then array['gpu'] else '{}' end
                             || case when v.n = 38 then array['champion'] else '{}' end,
       jsonb_build_object(
           'auc', round((0.71 + v.n * 0.005 + random() * 0.02)::numeric, 4),
           'logloss', round((0.52 - v.n * 0.006 + random() * 0.02)::numeric, 4),
           'latency_ms', jsonb_build_object('p50', round((4 + random() * 6)::numeric, 1),
                                            'p99', round((18 + random() * 40)::numeric, 1)),
           'slices', jsonb_build_array('new_users', 'returning')),
       's3://acme-models/' || m.name || '/' || v.n || '/model.tar.gz',
       1 + (v.n * 7 + m.pos) % 48,
       m.framework,
       (40e6 + random() * 900e6)::bigint,
       (array['maya', 'tomas', 'li.wei', 'amira', 'jonas'])[1 + (v.n + m.pos)::int % 5],
       timestamptz '2026-02-01 08:00+00' + v.n * interval '7 days' + m.pos * interval '3 hours',
       case when v.n >= 38 then timestamptz '2026-11-02 10:00+00' + m.pos * interval '1 hour' end
from (values (1, 'churn-xgb', 'classification', 'growth', 'xgboost'),
             (2, 'fraud-gbm', 'classification', 'payments', 'lightgbm'),
             (3, 'ranker-two-tower', 'ranking', 'search', 'pytorch'),
             (4, 'price-elasticity', 'regression', 'pricing', 'statsmodels'),
             (5, 'ltv-regressor', 'regression', 'growth', 'xgboost'),
             (6, 'support-intent', 'nlp', 'care', 'transformers')) m (pos, name, task, team, framework),
     generate_series(0, 39) v (n);

insert into features (name, value_type, entity, source, freshness, description)
select f.name, f.value_type, 'user', f.source, f.freshness::interval, f.description
from (values ('sessions_7d', 'int', 'stream', '5 minutes', 'Web sessions in the last seven days'),
             ('country', 'string', 'batch', '1 day', 'Billing country'),
             ('embedding_v2', 'float[]', 'batch', '1 day', 'Two-tower user embedding'),
             ('basket_profile', 'struct', 'batch', '6 hours', 'Orders and value of the last 90 days'),
             ('interests', 'set<string>', 'stream', '1 hour', 'Categories browsed'),
             ('churn_score', 'float', 'batch', '1 day', 'Output of churn-xgb'),
             ('is_subscriber', 'bool', 'stream', '5 minutes', null),
             ('last_seen_at', 'timestamp', 'stream', '1 minute', null))
     f (name, value_type, source, freshness, description);

insert into model_features
select r.id, f.id, round((random() / 4)::numeric, 5)
from model_registry r cross join features f
where (f.id + length(r.model_name)) % 3 <> 0;

insert into deployments (model_id, stage, region, replicas, endpoint, traffic, deployed_at)
select r.id, s.stage::deployment_stage, g.region, 1 + (random() * 11)::int,
       ('10.40.' || s.pos || '.' || 10 + g.pos)::inet,
       numrange(0, s.share), coalesce(r.promoted_at, r.created_at) + g.pos * interval '20 minutes'
from model_registry r
join (values ('production', 1, 'live', 90.0), ('production', 2, 'shadow', 0.5), ('staging', 3, 'canary', 10.0))
     s (status, pos, stage, share) on s.status = r.status
cross join (values (1, 'eu-west-1'), (2, 'us-east-1'), (3, 'ap-southeast-2')) g (pos, region);

create index model_registry_tags on model_registry using gin (tags);
create index model_registry_metrics on model_registry using gin (metrics jsonb_path_ops);
create index model_registry_status on model_registry (status, created_at desc);
create index deployments_model on deployments (model_id);

create view champions as
select model_name, version, (metrics ->> 'auc')::numeric as auc, promoted_at
from model_registry where status = 'production';

comment on table model_registry is 'Every model version, from training to archive';
analyze;
