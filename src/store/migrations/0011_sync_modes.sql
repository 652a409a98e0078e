-- When a tenant next has something to do: no later than the moment at which one of its streams is due. A directory
-- table, so that one look tells of all tenants; a time that is too early costs a look at that tenant, no more.
create table tenant_due (
  tenant int primary key references tenant (id) on delete cascade,
  due_at timestamptz not null
);
create index tenant_due_at on tenant_due (due_at);
grant select, insert, update, delete on tenant_due to gantry_app;
insert into tenant_due (tenant, due_at) select id, now() from tenant;

-- Who paused this object, when and why: {"by", "at", "note"}; null: nobody did.
alter table stream add column paused jsonb;
-- The last reading from the beginning left out what was changed before; null: it left out nothing.
alter table stream add column loaded_since timestamptz;

-- Of the comparison under way: its beginning, what it healed so far, and what the connected user may see.
alter table sweep add column started_at timestamptz;
alter table sweep add column missing_healed int not null default 0;
alter table sweep add column stale_healed int not null default 0;
alter table sweep add column grants text;
-- What the connected user might see at the last comparison that was carried out.
alter table sweep add column carried_grants text;
-- Whether the held deletions were found under other rights than before.
alter table sweep add column held_grants boolean not null default false;

create table sweep_report (
  tenant int not null,
  stream int not null,
  ended_at timestamptz not null,
  started_at timestamptz not null,
  kind text not null,
  compared int not null,
  missing_healed int not null,
  stale_healed int not null,
  deleted int not null,
  held int not null,
  primary key (tenant, stream, ended_at),
  foreign key (tenant, stream) references stream (tenant, id) on delete cascade
);

-- What could not be read or kept, set aside so that its stream goes on. One row per place; never the text itself.
create table dead_letter (
  tenant int not null,
  id int not null,
  stream int not null,
  -- `record`: what names it is its id. `page`: what names it is the hash of the place that was asked for.
  kind text not null check (kind in ('record', 'page')),
  name text collate "C" not null,
  state text not null check (state in ('failing', 'dead', 'replaying')),
  -- The stable code of the last error, and the provider's class of it.
  code text not null,
  class text,
  bytes_hash text,
  -- Of a page: the place itself, for reading it again.
  place jsonb,
  tries int not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (tenant, id),
  unique (tenant, stream, kind, name),
  foreign key (tenant, stream) references stream (tenant, id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['sweep_report', 'dead_letter'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
    execute format('grant select, insert, update, delete on %I to gantry_app', name);
  end loop;
end $$;
