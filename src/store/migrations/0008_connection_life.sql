-- Since when a connection is in its state, and when somebody last signed in.
alter table connection add column state_since timestamptz;
alter table connection add column consented_at timestamptz;
-- Who paused or revoked it, when and why: {"by", "at", "note"}.
alter table connection add column act jsonb;
-- What became of the grant at the provider when it was revoked.
alter table connection add column revocation text;

-- Its connection is not to be read now: nobody claims it, its cursor stays.
alter table stream add column held boolean not null default false;

-- What is left to do for a connection, by whatever process comes first. A directory table: one look tells what is due.
create table connection_chore (
  tenant int not null references tenant (id) on delete cascade,
  connection int not null,
  kind text not null,
  -- Whoever takes it moves this on; if they die, the next one comes then.
  due_at timestamptz not null,
  attempts int not null default 0,
  primary key (tenant, connection, kind)
);
create index connection_chore_due on connection_chore (due_at);
grant select, insert, update, delete on connection_chore to gantry_app;

-- What lets somebody of the customer connect one system. A directory table: the token says whose it is.
create table connect_token (
  hash bytea primary key,
  tenant int not null references tenant (id) on delete cascade,
  -- Empty: any integration of the project.
  integrations text[] not null,
  connection text,
  return_url text,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  used_connection text,
  revoked_at timestamptz
);
create index connect_token_tenant on connect_token (tenant, created_at);
grant select, update on connect_token to gantry_app;

-- What is left of a deleted connection: names, times, and what was removed with it.
create table deleted_connection (
  tenant int not null,
  id int not null,
  slug text not null,
  integration text not null,
  provider text not null,
  account_id text,
  account_name text,
  created_at timestamptz not null,
  deleted_at timestamptz not null,
  deleted_by text not null,
  note text,
  revocation text,
  -- Its streams, whose records are removed in portions, and their objects.
  streams int[] not null,
  objects text[] not null,
  -- Rows that were removed, by table.
  removed jsonb not null,
  purged_at timestamptz,
  primary key (tenant, id)
);
alter table deleted_connection enable row level security;
alter table deleted_connection force row level security;
create policy own_tenant on deleted_connection
  using (tenant = (select nullif(current_setting('gantry.tenant', true), '')::int));
grant select, insert, update, delete on deleted_connection to gantry_app;
