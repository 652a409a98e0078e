-- A line on which a provider tells of changes, and who holds it. A directory table: one look tells which are free.
create table event_line (
  tenant int not null references tenant (id) on delete cascade,
  connection int not null,
  state text not null default 'waiting' check (state in ('waiting', 'opening', 'live')),
  -- Whoever holds it moves this on; if they die, the next one comes then.
  due_at timestamptz not null,
  holder text,
  -- The provider's place after the last batch that was kept; null: from now on.
  position jsonb,
  -- Attempts in a row that failed.
  failures int not null default 0,
  last_error jsonb,
  -- Objects of which the provider tells nothing: they are only read.
  unavailable text[] not null default '{}',
  live_since timestamptz,
  heard_at timestamptz,
  primary key (tenant, connection)
);
create index event_line_due on event_line (due_at);
grant select, insert, update, delete on event_line to gantry_app;
