-- Retention, second step: rows of messages that were purged long enough ago go, and their client_ids with them. They
-- were settled for everyone when they were purged, so no count changes.
create or replace function forget_purged(p_purged_before timestamptz, p_limit integer)
returns integer language plpgsql volatile
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off
as $$
declare
  v_count integer;
begin
  --| step forget
  delete from messages x
  using (
    select old.room_id, old.seq from messages old
    where old.purged_at < p_purged_before
    order by old.purged_at limit p_limit
    for update skip locked
  ) gone
  where x.room_id = gone.room_id and x.seq = gone.seq;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
