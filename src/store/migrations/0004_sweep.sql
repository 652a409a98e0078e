-- How deletions are found that the provider never tells of: a stream is read or listed whole, and what did not appear
-- is gone. One row per stream that has ever been compared; `kind` is null while no comparison is under way.
create table sweep (
  tenant int not null,
  stream int not null,
  kind text check (kind in ('reading', 'listing')),
  -- Only records changed since then are in this reading: older ones are left alone.
  since timestamptz,
  -- Last id of a listing that is kept so far.
  place text collate "C",
  ended_at timestamptz,
  primary key (tenant, stream),
  foreign key (tenant, stream) references stream (tenant, id) on delete cascade
);

-- Ids that appeared since the comparison began. No foreign key: it would cost a look-up per record.
create table sweep_seen (
  tenant int not null,
  stream int not null,
  ext_id text collate "C" not null,
  primary key (tenant, stream, ext_id)
);

do $$
declare
  name text;
begin
  foreach name in array array['sweep', 'sweep_seen'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
    execute format('grant select, insert, update, delete on %I to gantry_app', name);
  end loop;
end $$;
