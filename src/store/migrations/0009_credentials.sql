-- When a renewal was begun that nobody has finished yet: told before the provider is asked, forgotten with its answer.
alter table credential add column renewal_began_at timestamptz;
-- When the sign-in ends by itself unless it is renewed before, where that is known.
alter table credential add column ends_at timestamptz;
-- Whether that is done without anybody, by a refresh token; and when somebody was told last that it comes.
alter table credential add column renewable boolean not null default false;
alter table credential add column end_told_at timestamptz;
-- When the provider last refused it as it is; a new sign-in begins without.
alter table credential add column ended_at timestamptz;
-- Of a user's own sign-in: who that is at the provider, in its words.
alter table credential add column user_name text;

-- Whoever renews a sign-in holds its row here meanwhile. A table of its own, so that a slow provider keeps nobody from
-- reading the credential, replacing it, or sealing it anew.
create table credential_turn (
  tenant int not null,
  connection int not null,
  principal text not null,
  primary key (tenant, connection, principal),
  foreign key (tenant, connection) references connection (tenant, id) on delete cascade
);
alter table credential_turn enable row level security;
alter table credential_turn force row level security;
create policy own_tenant on credential_turn
  using (tenant = (select nullif(current_setting('gantry.tenant', true), '')::int));
grant select, insert, update, delete on credential_turn to gantry_app;
