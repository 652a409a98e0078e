-- What is agreed with a provider about calling us by itself: wanted, in force, or to be taken back. A directory table:
-- one look tells what is due. The row outlives the connection until the provider was told, or nobody could tell it.
create table webhook_registration (
  tenant int not null references tenant (id) on delete cascade,
  connection int not null,
  state text not null default 'wanted' check (state in ('wanted', 'registered', 'failed', 'removing')),
  state_since timestamptz not null,
  -- Whoever holds it moves this on; if they die, the next one comes then.
  due_at timestamptz not null,
  holder text,
  -- Of what was asked for when it was registered last; another one: it is registered anew.
  version text,
  -- What the provider knows it by; null: nothing is there.
  reference jsonb,
  -- Native objects of which the provider tells.
  objects text[] not null default '{}',
  -- When the provider was asked last, and it was so.
  proved_at timestamptz,
  expires_at timestamptz,
  -- Attempts in a row that failed.
  failures int not null default 0,
  last_error jsonb,
  primary key (tenant, connection)
);
create index webhook_registration_due on webhook_registration (due_at);
grant select, insert, update, delete on webhook_registration to gantry_app;

-- Who gave an event up by hand, and why.
alter table inbox_event add column dropped jsonb;
