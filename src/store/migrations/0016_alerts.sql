-- What is wrong, as far as people are told of it. Tenant 0: what concerns the whole installation.
create table alert (
  tenant int not null,
  id int not null,
  -- Topic and subject: of one problem at most one alert is not over.
  key text collate "C" not null,
  topic text not null,
  severity text not null,
  -- src/alerts' own.
  state text not null,
  title text not null,
  detail text not null,
  who text not null,
  fix text not null,
  -- Since when it is so, as far as is known, and when it was first noticed.
  since timestamptz not null,
  noticed_at timestamptz not null,
  opened_at timestamptz,
  gone_at timestamptz,
  resolved_at timestamptz,
  remind_at timestamptz,
  reminders int not null default 0,
  -- Who said that they look after it, when, and what they wrote.
  acknowledged jsonb,
  primary key (tenant, id)
);
create unique index alert_present on alert (tenant, key) where state <> 'resolved';
create index alert_resolved on alert (tenant, resolved_at) where state = 'resolved';
create index alert_past on alert (tenant, key, resolved_at) where state = 'resolved';

-- One message about one alert by one route. Its key makes it one, however many processes look.
create table alert_notice (
  tenant int not null,
  alert int not null,
  route text not null,
  kind text not null,
  -- Which reminder; 0 for the others.
  number int not null,
  state text not null,
  attempts int not null default 0,
  due_at timestamptz not null,
  cause text,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant, alert, route, kind, number),
  foreign key (tenant, alert) references alert (tenant, id) on delete cascade
);
create index alert_notice_due on alert_notice (tenant, due_at) where state = 'due';

-- Counted with each look: without it, everything that ended well would be read (inbox_event has its own).
create index delivery_dead on delivery (tenant, subscription) where state = 'dead';

do $$
declare
  name text;
begin
  foreach name in array array['alert', 'alert_notice'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
    execute format('grant select, insert, update, delete on %I to gantry_app', name);
  end loop;
end $$;

-- Directory: whose problems are to be looked at when, and which process does. Holds nothing of a customer's.
create table alert_turn (
  tenant int primary key,
  due_at timestamptz not null,
  lease_by text,
  lease_until timestamptz
);
create index alert_turn_due on alert_turn (due_at);
grant select, insert, update, delete on alert_turn to gantry_app;
