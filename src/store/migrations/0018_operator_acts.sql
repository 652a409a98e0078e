-- What operators did to the sync of a connection: who, when, why. Goes with the connection.
create table operator_act (
  tenant int not null,
  id int not null,
  connection int not null,
  -- Null: of the connection as a whole.
  object text,
  act text not null,
  -- The one thing that it was done to, where there is one: a record, a page, an event.
  name text collate "C",
  by text not null,
  note text,
  figures jsonb not null default '{}',
  at timestamptz not null,
  primary key (tenant, id),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);
create index operator_act_of on operator_act (tenant, connection, id);

-- Each look at a tenant's status counts what was given up, among days of events that were not.
create index inbox_event_dead_at on inbox_event (tenant, connection, received_at) where state = 'dead';

do $$
begin
  alter table operator_act enable row level security;
  alter table operator_act force row level security;
  create policy own_tenant on operator_act
    using (tenant = (select nullif(current_setting('gantry.tenant', true), '')::int));
  grant select, insert, update, delete on operator_act to gantry_app;
end $$;
