-- Where a provider calls us. A directory table: an address alone tells tenant and connection.
create table webhook_address (
  address text collate "C" primary key,
  tenant int not null references tenant (id) on delete cascade,
  connection int not null
);
create index webhook_address_of on webhook_address (tenant, connection);

-- When a connection's inbox next has something to do, and who is at it; null: nothing waits. A directory table, so
-- that one look tells of all. One process empties an inbox at a time: what it reads cannot overtake itself.
create table inbox_turn (
  tenant int not null references tenant (id) on delete cascade,
  connection int not null,
  due_at timestamptz,
  holder text,
  lease_until timestamptz,
  primary key (tenant, connection)
);
create index inbox_turn_due on inbox_turn (due_at) where due_at is not null;
grant select, insert, update, delete on webhook_address, inbox_turn to gantry_app;

-- What was agreed with the provider about calling us.
create table webhook (
  tenant int not null,
  connection int not null,
  address text not null,
  -- Sealed; the one before it is good until `previous_until`.
  secret bytea not null,
  previous_secret bytea,
  previous_until timestamptz,
  heard_at timestamptz,
  -- Deliveries with a wrong signature, and the last one.
  refused bigint not null default 0,
  refused_at timestamptz,
  primary key (tenant, connection),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);

-- What providers told, until it is in `record`; then as long as it may be told again.
create table inbox_event (
  tenant int not null,
  connection int not null,
  event text collate "C" not null,
  object text not null,
  -- Null: something about the object changed.
  record_id text,
  what text not null check (what in ('changed', 'deleted')),
  at timestamptz,
  received_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'dead')),
  due_at timestamptz not null,
  tries int not null default 0,
  last_error jsonb,
  primary key (tenant, connection, event),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);
create index inbox_event_waiting on inbox_event (tenant, connection, due_at) where state = 'waiting';
create index inbox_event_ended on inbox_event (tenant, received_at) where state <> 'waiting';

do $$
declare
  name text;
begin
  foreach name in array array['webhook', 'inbox_event'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
    execute format('grant select, insert, update, delete on %I to gantry_app', name);
  end loop;
end $$;
