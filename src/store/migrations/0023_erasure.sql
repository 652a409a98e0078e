-- Copies of the records that stand before this change are made anew: what was erased is not told as a change.
alter table change_head add column copies_from bigint not null default 0;

-- What ids are hashed with before they are remembered as erased. Made with a tenant's first erasure, and never again.
create table suppression_salt (
  tenant int primary key,
  salt bytea not null,
  created_at timestamptz not null
);

-- What is left out when its source tells of it again: a record, or (`field`) one field of a record.
create table suppressed (
  tenant int not null,
  -- Of provider, account, object and record: another connection to the same account finds it, too.
  hash text collate "C" not null,
  field text collate "C" not null default '',
  erasure int not null,
  at timestamptz not null,
  -- Of two erasures of the same each has to be lifted.
  primary key (tenant, hash, field, erasure)
);
create index suppressed_by on suppressed (tenant, erasure);

-- A person whose data were erased: what went, and the proof of it.
create table erasure (
  tenant int not null,
  id int not null,
  -- src/app/erasure's own.
  state text not null,
  state_since timestamptz not null,
  -- Whom, and what of theirs was found; sealed, and destroyed with the end.
  subject bytea,
  -- Of whom it was, for who knows whom to ask for: a hash under the salt.
  subject_hash text not null,
  mentions boolean not null,
  asked_by text not null,
  note text,
  asked_at timestamptz not null,
  -- How often it was looked again because something had come in meanwhile.
  rounds int not null default 0,
  -- Counts by place: what was found first, and what went since.
  found jsonb not null default '{}',
  removed jsonb not null default '{}',
  proof jsonb,
  proof_hash text,
  ended_at timestamptz,
  lifted jsonb,
  primary key (tenant, id)
);

do $$
declare
  name text;
begin
  foreach name in array array['suppression_salt', 'suppressed', 'erasure'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
    execute format('grant select, insert, update, delete on %I to gantry_app', name);
  end loop;
end $$;

-- Erasures that are under way. A directory table: one look tells of all tenants.
create table erasure_turn (
  tenant int not null references tenant (id) on delete cascade,
  erasure int not null,
  -- Whoever takes it moves this on; if they die, the next one comes then.
  due_at timestamptz not null,
  attempts int not null default 0,
  primary key (tenant, erasure)
);
create index erasure_turn_due on erasure_turn (due_at);
grant select, insert, update, delete on erasure_turn to gantry_app;

-- The tenant is leaving: nobody finds it by its name any more.
alter table tenant add column leaving_at timestamptz;

-- What is left of a tenant that left. Directory: it outlives the tenant.
create table offboarding (
  id int primary key generated always as identity,
  tenant int not null unique,
  slug text not null,
  -- src/app/erasure's own.
  state text not null,
  state_since timestamptz not null,
  asked_by text not null,
  note text,
  asked_at timestamptz not null,
  -- Null: it has ended.
  due_at timestamptz,
  attempts int not null default 0,
  -- What became of each connection, the rows that were removed by table, and the files.
  connections jsonb not null default '[]',
  removed jsonb not null default '{}',
  files jsonb not null default '{}',
  proof jsonb,
  proof_hash text,
  ended_at timestamptz
);
create index offboarding_due on offboarding (due_at) where due_at is not null;
grant select, update on offboarding to gantry_app;
