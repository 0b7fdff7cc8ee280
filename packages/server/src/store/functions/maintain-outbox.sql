-- Partitions of the outbox, an hour each: made ahead, dropped when everything in them is done and old. One at a time;
-- whoever finds another at it has nothing to do. While somebody reads the outbox for long (a dump does), everything that
-- commits would wait behind this: it gives up soon, and the next call tries again. Until then the default partition serves.
create or replace function maintain_outbox(p_hours_ahead integer, p_keep interval)
returns void language plpgsql volatile
set lock_timeout = '50ms'
as $$
declare
  v_this_hour timestamptz := date_trunc('hour', clock_timestamp(), 'UTC');
  v_start timestamptz;
  v_partition regclass;
  v_is_over boolean;
begin
  if not pg_try_advisory_xact_lock(hashtext('tally outbox')) then
    return;
  end if;

  for v_start in select generate_series(v_this_hour, v_this_hour + make_interval(hours => p_hours_ahead), '1 hour') loop
    begin
      execute format('create table if not exists %I partition of outbox for values from (%L) to (%L)',
        to_char(v_start at time zone 'UTC', '"outbox_"YYYYMMDDHH24'), v_start, v_start + interval '1 hour');
    exception when check_violation then
      -- The default partition holds rows of this hour already, so it keeps it.
    when lock_not_available then
      exit;
    end;
  end loop;

  -- Waits for rows, not for the table.
  perform set_config('lock_timeout', '1s', true);
  delete from outbox_default o where o.done_at < clock_timestamp() - p_keep;
  perform set_config('lock_timeout', '50ms', true);
  for v_partition in
    select c.oid::regclass
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'outbox'::regclass and c.relname ~ '^outbox_[0-9]{10}$'
      and c.relname < to_char((v_this_hour - p_keep) at time zone 'UTC', '"outbox_"YYYYMMDDHH24')
    order by c.relname
  loop
    execute format('select not exists (select from %s where done_at is null)', v_partition) into v_is_over;
    if v_is_over then
      begin
        execute format('drop table %s', v_partition);
      exception when lock_not_available then
        return;
      end;
    end if;
  end loop;
end
$$;
