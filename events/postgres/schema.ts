/** Rows of `record.log`'s only row, at creation. */
export const defaultPartitions = 6
export const defaultTopic = 'hansard.events'

/** First key of the advisory locks of this schema; the second is the partition, or −1 for a migration. */
export const lockClass = 1_751_215_731
export const migrationLock = -1

/**
 * Migrations of the schemas `record` (the log itself) and `projection` (made from it), oldest first. A released one is
 * never changed. `%app` and `%eraser` stand for the roles; lines with `%eraser` are left out where there is none.
 *
 * Rights: the app reads and inserts, and nobody updates or deletes, the owner included; only the eraser deletes texts. An owner without an eraser takes
 * that right for the time of one transaction (erase-texts.ts).
 *
 * A record's answer flag says that it is the first under its recipe. All records of one recipe have one key, hence one
 * partition, so the partition's lock makes "first" well-defined. Keys, headers and texts are bytea, for Postgres' text and
 * jsonb cannot hold U+0000.
 */
export const migrations: readonly string[] = [
  `
create schema record;
create table record.log (topic text not null, partitions int not null);
insert into record.log values ('${defaultTopic}', ${defaultPartitions});

create table record.records (
  off bigint not null,
  partition int not null,
  answer boolean not null,
  id bytea not null,
  recipe bytea not null,
  key bytea not null,
  headers bytea not null,
  value bytea not null,
  primary key (partition, off)
);
create unique index records_id on record.records (id);
create unique index records_answer on record.records (recipe) where answer;
create index records_diverged on record.records (recipe) where not answer;

create view record.answers with (security_invoker = true) as select recipe, id from record.records where answer;

create table record.texts (
  digest bytea primary key,
  keyed boolean not null,
  body bytea not null
);

create function record.lock_partitions(wanted int[]) returns void
language plpgsql set search_path = record, pg_temp as $$
declare p int;
begin
  -- In one order everywhere, so that two appends never wait for each other.
  for p in select distinct w from unnest(wanted) w order by w loop
    perform pg_advisory_xact_lock(${lockClass}, p);
  end loop;
end $$;

-- For each partition that a batch has events for: its next offset, and where its events begin in the batch.
create function record.ends(parts int[]) returns table (partition int, next bigint, first bigint)
language sql stable set search_path = record, pg_temp set enable_seqscan = off as $$
  select w.p, (select coalesce(max(r.off) + 1, 0) from record.records r where r.partition = w.p), min(w.n)
  from unnest(parts) with ordinality w(p, n) group by w.p
$$;

-- Events come with those of one partition side by side, in their order, and without repetitions.
create function record.append(
  parts int[], keys bytea[], ids bytea[], recipes bytea[], firsts boolean[], heads bytea[], vals bytea[],
  digests bytea[], keyeds boolean[], bodies bytea[]
) returns table (n bigint, known boolean, answered bytea)
language plpgsql
set search_path = record, pg_temp
set work_mem = '64MB'
-- The plan is kept while the tables grow from nothing: only lookups by index are ever right.
set enable_seqscan = off
as $$
begin
  perform record.lock_partitions(parts);
  -- Each statement from here on sees whatever was committed before the locks were ours.
  insert into record.texts (digest, keyed, body)
    select t.digest, t.keyed, t.body from unnest(digests, keyeds, bodies) t(digest, keyed, body)
    order by t.digest
    on conflict do nothing;
  if not exists (
    select from unnest(recipes) r(recipe)
    where exists (select from record.records a where a.answer and a.recipe = r.recipe)
  ) then
    -- All is new, as nearly always: no event has to be looked at twice.
    insert into record.records (off, partition, answer, id, recipe, key, headers, value)
      select e.next + o.n - e.first, o.partition, o.first, o.id, o.recipe, o.key, o.headers, o.value
      from unnest(parts, keys, ids, recipes, firsts, heads, vals) with ordinality
        as o(partition, key, id, recipe, first, headers, value, n)
      join record.ends(parts) e on e.partition = o.partition;
    return;
  end if;
  return query
    with offered as materialized (
      select o.*, (select a.id from record.records a where a.answer and a.recipe = o.recipe) as answered
      from unnest(parts, keys, ids, recipes, firsts, heads, vals) with ordinality
        as o(partition, key, id, recipe, first, headers, value, n)
    ), judged as materialized (
      select o.n, o.partition, o.answered,
        o.answered is not null
          and (o.answered = o.id or exists (select from record.records r where r.id = o.id)) as known
      from offered o
    ), placed as (
      select j.n, e.next + row_number() over (partition by j.partition order by j.n) - 1 as off
      from judged j join record.ends(parts) e on e.partition = j.partition
      where not j.known
    ), written as (
      insert into record.records (off, partition, answer, id, recipe, key, headers, value)
      select p.off, o.partition, o.first and o.answered is null, o.id, o.recipe, o.key, o.headers, o.value
      from offered o join placed p on p.n = o.n
    )
    select j.n, j.known, j.answered from judged j where j.answered is not null;
end $$;

revoke all on all tables in schema record from public, current_user;
revoke all on all functions in schema record from public;
grant usage on schema record to %app;
grant select, insert on record.records, record.texts to %app;
grant select on record.log, record.answers to %app;
grant execute on all functions in schema record to %app;
grant usage on schema record to %eraser;
grant select, delete on record.texts to %eraser;

create schema if not exists projection authorization %app;
`,
]
