-- Who is shown what. A record's audience (a set of grantees, in the alphabet of its connector) is interned per connection as
-- a small number: the access class. Null: nobody knows, so that no principal sees the record.
alter table record add column acl int;
-- What follows from the record itself, without what shares or a parent add to it.
alter table record add column acl_own int;
-- Of the version when it ended: whoever was shown it may hear of it.
alter table record_history add column acl int;

create table access_class (
  tenant int not null,
  connection int not null,
  -- Counted per connection, never used twice.
  id int not null,
  -- Of the sorted grantees.
  hash bytea not null,
  primary key (tenant, connection, id),
  unique (tenant, connection, hash),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);

create table access_class_grantee (
  tenant int not null,
  connection int not null,
  grantee text collate "C" not null,
  class int not null,
  primary key (tenant, connection, grantee, class),
  foreign key (tenant, connection, class) references access_class (tenant, connection, id) on delete cascade
);
create index access_class_members on access_class_grantee (tenant, connection, class);

-- Of a connection whose permissions are learned: what audiences follow from beside the records.
create table access_connection (
  tenant int not null,
  connection int not null,
  -- The last number that a class of this connection got. Whoever changes classes locks this row first.
  last_class int not null default 0,
  state text not null,
  -- {"hash", "data"}: as the connector read them; null: not read yet.
  facts jsonb,
  facts_at timestamptz,
  standings_at timestamptz,
  sampled_at timestamptz,
  last_error jsonb,
  primary key (tenant, connection),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);

create table access_stream (
  tenant int not null,
  stream int not null,
  -- How audiences are learned, and of what they were worked out (facts and rules): where it changes, all are anew.
  strategy text not null,
  -- Of a tenant's own rule: which native fields name whom. Why the provider does not tell, where it does not.
  rule jsonb,
  why text,
  basis text not null,
  -- Last record of the pass that works all audiences out anew; null: it is through.
  pass_place text collate "C",
  -- When every audience was known to be right for the facts of then.
  settled_at timestamptz,
  share_cursor jsonb,
  shares_at timestamptz,
  -- The list of all shares that exist: under way since, kept up to this id, last complete one.
  list_started_at timestamptz,
  list_place text collate "C",
  listed_at timestamptz,
  -- The last record that was asked for again, as a check.
  sample_place text collate "C" not null default '',
  primary key (tenant, stream),
  foreign key (tenant, stream) references stream (tenant, id) on delete cascade
);

-- No foreign keys to records and none to streams where there is a row per record: they would cost a look-up each.
create table share (
  tenant int not null,
  stream int not null,
  id text collate "C" not null,
  ext_id text collate "C" not null,
  grantee text not null,
  read_at timestamptz not null,
  -- The record has changed hands since it was read: it does not count before it is confirmed. Null: it counts.
  doubted_at timestamptz,
  -- Start of the last list that it was in.
  listed_at timestamptz,
  primary key (tenant, stream, id)
);
create index share_record on share (tenant, stream, ext_id);

-- Records that are shown to whom another one is shown. Of stream 0: not a record, but a name under which shares of the
-- record's own stream count for it, too.
create table access_parent (
  tenant int not null,
  stream int not null,
  ext_id text collate "C" not null,
  parent_stream int not null,
  parent_id text collate "C" not null,
  primary key (tenant, stream, ext_id, parent_stream, parent_id)
);
create index access_child on access_parent (tenant, parent_stream, parent_id);

-- Who a user of the product is in a connected system.
create table principal_link (
  tenant int not null,
  connection int not null,
  principal text collate "C" not null,
  -- Counted per tenant: another user under the same name is another link.
  id int not null,
  source_user text not null,
  source_name text,
  attributes jsonb not null,
  linked_by text not null,
  linked_at timestamptz not null,
  primary key (tenant, connection, principal),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);
create index principal_links on principal_link (tenant, principal);

create table standing (
  tenant int not null,
  connection int not null,
  principal text collate "C" not null,
  state text not null,
  grantees text[] not null,
  read_at timestamptz,
  last_error jsonb,
  primary key (tenant, connection, principal),
  foreign key (tenant, connection, principal) references principal_link (tenant, connection, principal) on delete cascade
);

-- Equal sets of native fields are kept once.
create table field_set (
  tenant int not null,
  id int not null,
  hash bytea not null,
  fields text[] not null,
  primary key (tenant, id),
  unique (tenant, hash)
);

create table object_standing (
  tenant int not null,
  connection int not null,
  principal text collate "C" not null,
  object text collate "C" not null,
  -- The provider shows the object at all.
  readable boolean not null,
  sees_all boolean not null,
  field_set int,
  -- Of ids asked for as the user: start of the last complete list, and of the one under way with its place.
  listed_at timestamptz,
  list_started_at timestamptz,
  list_place text collate "C",
  -- A sample did not agree with what was derived: nothing of the object is shown before it is read again.
  doubted_at timestamptz,
  primary key (tenant, connection, principal, object),
  foreign key (tenant, connection, principal) references standing (tenant, connection, principal) on delete cascade
);

-- Ids that a list as the user has shown so far.
create table access_seen (
  tenant int not null,
  stream int not null,
  link int not null,
  ext_id text collate "C" not null,
  primary key (tenant, stream, link, ext_id)
);

-- Changed records that nobody is shown before it was found out who is: by asking as each user, or by a later look.
create table access_recheck (
  tenant int not null,
  stream int not null,
  ext_id text collate "C" not null,
  since timestamptz not null,
  primary key (tenant, stream, ext_id)
);

do $$
declare
  name text;
begin
  foreach name in array array[
    'access_class', 'access_class_grantee', 'access_connection', 'access_stream', 'share', 'access_parent',
    'principal_link', 'standing', 'field_set', 'object_standing', 'access_seen', 'access_recheck'
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

-- When a connection's permissions are looked at next, and who does. A directory table, so that one look tells of all tenants.
create table access_turn (
  tenant int not null references tenant (id) on delete cascade,
  connection int not null,
  due_at timestamptz not null,
  -- Somebody waits for standings no older than this.
  asked_at timestamptz,
  lease_by text,
  lease_until timestamptz,
  primary key (tenant, connection)
);
create index access_turn_due on access_turn (due_at);
grant select, insert, update, delete on access_turn to gantry_app;
