-- The shop's orders. Deterministic: setseed, and times from a fixed day.
select setseed(0.17);

create type order_status as enum ('placed', 'paid', 'shipped', 'delivered', 'returned', 'cancelled');

create table customers (
    id bigint generated always as identity primary key,
    email text not null unique,
    full_name text not null,
    country char(2) not null,
    marketing_opt_in boolean not null,
    created_at timestamptz not null
);

create table products (
    sku text primary key,
    title text not null,
    category text not null,
    price numeric(10, 2) not null check (price > 0),
    attributes jsonb not null default '{}',
    discontinued boolean not null default false
);

create table orders (
    id bigint generated always as identity primary key,
    customer_id bigint not null references customers (id),
    status order_status not null,
    currency char(3) not null default 'EUR',
    total numeric(12, 2) not null default 0,
    shipping_address jsonb,
    placed_at timestamptz not null,
    delivered_at timestamptz
);

create table order_items (
    order_id bigint not null references orders (id),
    line smallint not null,
    sku text not null references products (sku),
    quantity smallint not null check (quantity > 0),
    unit_price numeric(10, 2) not null,
    primary key (order_id, line)
);

create table payments (
    id uuid primary key,
    order_id bigint not null references orders (id),
    provider text not null,
    amount numeric(12, 2) not null,
    state text not null,
    settled_at timestamptz
);

insert into customers (email, full_name, country, marketing_opt_in, created_at)
select lower(f.name) || '.' || lower(l.name) || n || '@example.com', f.name || ' ' || l.name,
       (array['IE', 'DE', 'FR', 'ES', 'AU', 'US'])[1 + n % 6], random() < 0.4,
       timestamptz '2024-01-01 00:00+00' + n * interval '9 hours'
from generate_series(1, 2000) n
join (values (0, 'Aoife'), (1, 'Jürgen'), (2, 'Chloé'), (3, 'Lucía'), (4, 'Noah'), (5, 'Mei'), (6, '太郎'))
     f (pos, name) on f.pos = n % 7
join (values (0, 'Murphy'), (1, 'Schmidt'), (2, 'Moreau'), (3, 'Garcia'), (4, 'Jones'))
     l (pos, name) on l.pos = n / 7 % 5;

insert into products (sku, title, category, price, attributes, discontinued)
select 'SKU-' || to_char(1000 + n, 'FM00000'),
       (array['Trail', 'City', 'Alpine', 'Classic'])[1 + n % 4] || ' ' || c.name || ' ' || n,
       c.name, round((4 + random() * 900)::numeric, 2),
       jsonb_build_object('colour', (array['red', 'graphite', 'moss', 'sand'])[1 + n % 4],
                          'weight_g', 80 + n * 13),
       random() < 0.05
from generate_series(1, 160) n
join (values (0, 'bikes'), (1, 'helmets'), (2, 'lights'), (3, 'clothing'), (4, 'tools')) c (pos, name)
     on c.pos = n % 5;

insert into orders (customer_id, status, shipping_address, placed_at, delivered_at)
select 1 + (random() * 1999)::bigint,
       (case when r < 0.62 then 'delivered' when r < 0.74 then 'shipped' when r < 0.86 then 'paid'
             when r < 0.93 then 'placed' when r < 0.97 then 'returned' else 'cancelled' end)::order_status,
       jsonb_build_object('city', (array['Dublin', 'Berlin', 'Lyon', 'Madrid', 'Sydney'])[1 + n % 5],
                          'lines', jsonb_build_array(n || ' High Street', null)),
       timestamptz '2026-05-01 00:00+00' + n * interval '24 minutes',
       case when r < 0.62 then timestamptz '2026-05-03 12:00+00' + n * interval '24 minutes' end
from (select n, random() r from generate_series(1, 12000) n) g;

insert into order_items
select o.id, l, 'SKU-' || to_char(1001 + (o.id * 31 + l * 7) % 160, 'FM00000'), 1 + (o.id + l) % 3, p.price
from orders o
cross join lateral generate_series(1, 1 + (o.id % 4)::int) l
join products p on p.sku = 'SKU-' || to_char(1001 + (o.id * 31 + l * 7) % 160, 'FM00000');

update orders o set total = i.total
from (select order_id, sum(quantity * unit_price) total from order_items group by order_id) i
where i.order_id = o.id;

insert into payments
select md5('payment' || o.id)::uuid, o.id, (array['stripe', 'adyen', 'paypal'])[1 + o.id % 3], o.total,
       case when o.status = 'cancelled' then 'voided' when o.status = 'placed' then 'pending' else 'settled' end,
       case when o.status not in ('cancelled', 'placed') then o.placed_at + interval '3 minutes' end
from orders o;

create index orders_customer on orders (customer_id, placed_at desc);
create index orders_open on orders (placed_at) where status in ('placed', 'paid');
create index order_items_sku on order_items (sku);
create index payments_order on payments (order_id);

create view revenue_by_day as
select date_trunc('day', placed_at)::date as day, count(*) as orders, sum(total) as revenue
from orders where status <> 'cancelled' group by 1;

create materialized view best_sellers as
select i.sku, p.title, sum(i.quantity) as sold
from order_items i join products p using (sku) group by 1, 2 order by 3 desc;

comment on table orders is 'One row per checkout';
analyze;
