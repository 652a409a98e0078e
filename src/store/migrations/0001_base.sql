-- The role under which a tenant's statements run: owns nothing, bypasses nothing.
do $$
begin
  if not exists (select from pg_roles where rolname = 'gantry_app') then
    create role gantry_app nologin nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
exception
  -- Roles belong to the whole server: another database's migration was quicker.
  when duplicate_object or unique_violation then null;
end $$;

do $$
begin
  -- An administrator may have granted it; then this user need not be able to. From 16 on, membership alone does not
  -- allow SET ROLE.
  if not pg_has_role(current_user, 'gantry_app',
      case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) then
    execute format('grant gantry_app to %I', current_user);
  end if;
  execute format('grant usage on schema %I to gantry_app', current_schema());
end $$;

-- Directory tables: small, the same for all tenants, outside row-level security.

create table tenant (
  id int primary key generated always as identity,
  slug text not null unique,
  created_at timestamptz not null
);

create table api_key (
  hash bytea primary key,
  tenant int not null references tenant (id) on delete cascade,
  agent text not null,
  label text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz
);
create index api_key_tenant on api_key (tenant);

create table revision (
  id int primary key generated always as identity,
  created_at timestamptz not null,
  author text not null,
  message text not null,
  content jsonb not null,
  content_hash text not null
);

create table setting (
  name text primary key,
  value jsonb not null
);

create table oauth_state (
  state_hash bytea primary key,
  tenant int not null references tenant (id) on delete cascade,
  connection text not null,
  payload bytea not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Tenant tables: tenant first in every key, row-level security below.

-- Numbers of connections and streams: counted per tenant, never used twice.
create table counter (
  tenant int not null,
  name text not null,
  value int not null,
  primary key (tenant, name)
);

create table connection (
  tenant int not null,
  id int not null,
  slug text not null,
  integration text not null,
  provider text not null,
  account_id text,
  account_name text,
  api_url text,
  state text not null,
  last_error jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant, id),
  unique (tenant, slug)
);

create table credential (
  tenant int not null,
  connection int not null,
  principal text not null,
  generation int not null,
  sealed bytea not null,
  expires_at timestamptz,
  updated_at timestamptz not null,
  primary key (tenant, connection, principal),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);

create table data_key (
  tenant int not null,
  id int not null,
  wrapped bytea not null,
  created_at timestamptz not null,
  primary key (tenant, id)
);

create table stream (
  tenant int not null,
  id int not null,
  connection int not null,
  object text not null,
  enabled boolean not null default true,
  cursor jsonb,
  phase text not null default 'new' check (phase in ('new', 'backfill', 'current')),
  expected_records bigint,
  backfill_records bigint not null default 0,
  as_of timestamptz,
  schema_version int,
  every_s int not null,
  due_at timestamptz not null,
  lease_by text,
  lease_until timestamptz,
  last_error jsonb,
  last_run_at timestamptz,
  primary key (tenant, id),
  unique (tenant, connection, object),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);
create index stream_due on stream (tenant, due_at) where enabled;

create table schema_version (
  tenant int not null,
  stream int not null,
  version int not null,
  hash text not null,
  object jsonb not null,
  discovered_at timestamptz not null,
  primary key (tenant, stream, version),
  foreign key (tenant, stream) references stream (tenant, id) on delete cascade
);

-- No foreign keys from here on: they would cost a look-up per record.
-- A tombstone has no document and an empty hash.
create table record (
  tenant int not null,
  stream int not null,
  ext_id text collate "C" not null,
  hash bytea not null,
  doc jsonb,
  ver int not null,
  deleted boolean not null,
  src_at timestamptz,
  seen_at timestamptz not null,
  primary key (tenant, stream, ext_id),
  check (deleted = (doc is null))
);

create table change_head (
  tenant int primary key,
  seq bigint not null
);

create table change (
  tenant int not null,
  seq bigint not null,
  stream int not null,
  ext_id text collate "C" not null,
  op "char" not null,
  ver int not null,
  at timestamptz not null,
  primary key (tenant, seq)
);

create table quarantine (
  tenant int not null,
  stream int not null,
  ext_id text collate "C" not null,
  field text not null,
  reason text not null,
  value text,
  schema_version int,
  at timestamptz not null,
  primary key (tenant, stream, ext_id, field)
);

-- The second wall. Without a tenant in the transaction nothing is visible.
do $$
declare
  name text;
begin
  foreach name in array array[
    'counter', 'connection', 'credential', 'data_key', 'stream', 'schema_version',
    'record', 'change_head', 'change', 'quarantine'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
    execute format('grant select, insert, update, delete on %I to gantry_app', name);
  end loop;
end $$;
