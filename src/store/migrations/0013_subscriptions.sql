-- What somebody outside is told of changes, and how far that is done.
create table subscription (
  tenant int not null,
  id int not null,
  -- Whose grant decides what it tells.
  agent text not null,
  object text not null,
  filter jsonb not null,
  events text[] not null,
  -- Null: all that the agent sees and that are not sensitive.
  fields text[],
  url text not null,
  note text,
  -- Sealed; the one before the last rotation signs beside it until then.
  secret bytea not null,
  previous_secret bytea,
  previous_until timestamptz,
  state text not null,
  reason text,
  -- Changes up to here have become deliveries where they matter.
  cursor bigint not null,
  -- Since the last delivery that was accepted; null: none failed since.
  failing_since timestamptz,
  failures int not null default 0,
  -- The receiver asked for quiet until then.
  rests_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant, id)
);

-- One event for one subscription. What it says is read again when it is sent, so that nothing of a record lies here.
create table delivery (
  tenant int not null,
  subscription int not null,
  seq bigint not null,
  stream int not null,
  ext_id text collate "C" not null,
  type text not null,
  state text not null,
  attempts int not null default 0,
  due_at timestamptz not null,
  cause text,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant, subscription, seq),
  foreign key (tenant, subscription) references subscription (tenant, id) on delete cascade
);
create index delivery_open on delivery (tenant, subscription, seq) where state = 'due';
create index delivery_record on delivery (tenant, subscription, stream, ext_id, seq) where state = 'due';
create index delivery_ended on delivery (tenant, subscription, ended_at) where ended_at is not null;

create table delivery_attempt (
  tenant int not null,
  subscription int not null,
  seq bigint not null,
  attempt int not null,
  at timestamptz not null,
  status int,
  cause text,
  took_ms int not null,
  primary key (tenant, subscription, seq, attempt),
  foreign key (tenant, subscription, seq) references delivery (tenant, subscription, seq) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['subscription', 'delivery', 'delivery_attempt'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
    execute format('grant select, insert, update, delete on %I to gantry_app', name);
  end loop;
end $$;

-- Directory: which subscriptions of whom are to be looked at, and which process does. Holds nothing of a customer's.
create table subscription_turn (
  tenant int not null references tenant (id) on delete cascade,
  subscription int not null,
  due_at timestamptz not null,
  lease_by text,
  lease_until timestamptz,
  primary key (tenant, subscription)
);
create index subscription_turn_due on subscription_turn (due_at);
grant select, insert, update, delete on subscription_turn to gantry_app;
