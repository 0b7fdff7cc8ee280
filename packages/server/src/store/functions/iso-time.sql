-- A time as it goes over the wire: UTC, with the microseconds that a JavaScript date would lose.
create or replace function iso_time(p_time timestamptz)
returns text language sql stable
as $$
  select to_char(p_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
