/**
 * How every connection plans: by index, always. Our statements are each made for one index, while what a planner knows
 * of the tables is missing or old: a plan that was made while a table was empty is kept until somebody gathers
 * statistics, and an embedded database gathers none. With these, a plan is right whatever the tables held when it was
 * made (`test/rooms/query-plans.pg.test.ts`). So one plan serves all values: left to itself, PostgreSQL plans what is
 * asked with lists anew each time, which costs more than the answer. Without them jit would compile plans whose cost
 * merely looks high.
 */
export const PLANNER_SETTINGS =
  'set enable_seqscan = off; set enable_bitmapscan = off; set jit = off; set plan_cache_mode = force_generic_plan'
