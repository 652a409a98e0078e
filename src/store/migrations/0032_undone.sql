-- Records that were deleted and brought back, by their old ids: asked before each send of an undo.
create index write_restored on write (tenant, connection, object, target)
  where operation = 'create' and state = 'succeeded';

-- Undos of several plans, of which there are few: their contents need not be looked for among all plans.
create index write_plan_undoes_all on write_plan (tenant) where content ? 'undoesAll';
