-- The bookings of the DSQL cluster. As DSQL wants it: no sequences and no foreign keys, random keys.
-- Deterministic: from the numbers of the rows and a fixed day.
create table flights (
    id uuid primary key,
    number text not null,
    origin char(3) not null,
    destination char(3) not null,
    departs_at timestamptz not null,
    seats integer not null
);

create table bookings (
    id uuid primary key,
    flight_id uuid not null,
    passenger text not null,
    seat text not null,
    fare numeric(10, 2) not null,
    state text not null,
    booked_at timestamptz not null
);

insert into flights
select md5('flight' || n)::uuid, 'DB' || (100 + n % 60),
       (array['DUB', 'BER', 'LYS', 'MAD', 'CDG'])[1 + n % 5],
       (array['LIS', 'VIE', 'OSL', 'ATH'])[1 + n % 4],
       timestamptz '2026-11-01 06:00+00' + n * interval '97 minutes', 120 + n % 4 * 30
from generate_series(1, 400) n;

insert into bookings
select md5('booking' || n)::uuid, md5('flight' || (1 + n * 7 % 400))::uuid,
       (array['Aoife', 'Jürgen', 'Chloé', 'Lucía', '太郎'])[1 + n % 5] || ' ' || n,
       (1 + n % 30) || (array['A', 'B', 'C', 'D', 'E', 'F'])[1 + n % 6],
       round((39 + n * 13 % 420)::numeric + 0.95, 2),
       (array['held', 'paid', 'paid', 'paid', 'flown', 'cancelled'])[1 + n % 6],
       timestamptz '2026-10-01 00:00+00' + n * interval '11 minutes'
from generate_series(1, 8000) n;

create index bookings_by_flight on bookings (flight_id);
analyze;
