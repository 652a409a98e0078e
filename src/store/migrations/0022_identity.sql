-- When a key was used last, to the hour.
alter table api_key add column last_used_at timestamptz;

-- Directory: who operates the installation. Of a key only its hash is kept.
create table operator (
  id int primary key generated always as identity,
  name text not null,
  role text not null,
  key_hash bytea not null unique,
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz,
  removed_at timestamptz
);
create unique index operator_present on operator (name) where removed_at is null;

-- Directory: agents that are suspended by hand, at all tenants, whatever the project says of them.
create table agent_stop (
  agent text primary key,
  stopped_by text not null,
  note text,
  stopped_at timestamptz not null
);

-- Directory: tokens of a user, or of one agent in a user's name, that were issued before then are void.
create table token_cutoff (
  tenant int not null references tenant (id) on delete cascade,
  principal text not null,
  -- Empty: whatever the agent.
  agent text not null,
  before timestamptz not null,
  cut_by text not null,
  primary key (tenant, principal, agent)
);

-- Directory: lets a browser act as a user of the product, once. Only the hash of the token is kept.
create table sign_in_link (
  hash bytea primary key,
  tenant int not null references tenant (id) on delete cascade,
  principal text not null,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index sign_in_link_ended on sign_in_link (expires_at);

-- Directory: what the authorization server remembers: sessions, grants, codes, refresh tokens. Found by the hash of an
-- id that whoever holds it presents.
create table oauth_item (
  kind text not null,
  id bytea not null,
  -- Whose it is, where that is known.
  tenant int references tenant (id) on delete cascade,
  grant_id text,
  uid text,
  payload jsonb not null,
  expires_at timestamptz,
  consumed_at timestamptz,
  primary key (kind, id)
);
create index oauth_item_grant on oauth_item (grant_id) where grant_id is not null;
create index oauth_item_uid on oauth_item (kind, uid) where uid is not null;
create index oauth_item_ended on oauth_item (expires_at);
create index oauth_item_tenant on oauth_item (tenant) where tenant is not null;

-- Users with a password of ours, where the product has no identity provider.
create table local_user (
  tenant int not null,
  name text not null,
  -- How it was made and the result of scrypt.
  password text not null,
  created_at timestamptz not null,
  created_by text not null,
  -- Wrong passwords in a row, and until when none is tried.
  failures int not null default 0,
  locked_until timestamptz,
  primary key (tenant, name)
);
alter table local_user enable row level security;
alter table local_user force row level security;
create policy own_tenant on local_user
  using (tenant = (select nullif(current_setting('gantry.tenant', true), '')::int));
grant select, insert, update, delete on local_user to gantry_app;

-- In whose name it is told; null: the agent's own.
alter table subscription add column principal text;
