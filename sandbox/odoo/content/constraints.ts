import { segment } from '../rows/segment.ts';
import { field, many2many, many2one, one2many, related, selection } from '../schema/build.ts';
import { ACCESS, GROUPS, model, type ModelDef } from '../schema/model.ts';
import type { Registry } from '../schema/registry.ts';

/** Rules of the database that no field says: checks in SQL, uniqueness. */
const CONSTRAINTS = [
  [
    'res_partner_check_name',
    'res.partner',
    'u',
    "CHECK( (type='contact' AND name IS NOT NULL) or (type!='contact') )",
    'Contacts require a name',
  ],
  ['res_users_login_key', 'res.users', 'u', 'UNIQUE (login)', 'You can not have two users with the same login!'],
  [
    'crm_lead_check_probability',
    'crm.lead',
    'u',
    'check(probability >= 0 and probability <= 100)',
    'The probability of closing the deal should be between 0% and 100%!',
  ],
  [
    'sale_order_date_order_conditional_required',
    'sale.order',
    'u',
    "CHECK( (state = 'sale' AND date_order IS NOT NULL) OR state != 'sale' )",
    'A confirmed sales order requires a confirmation date.',
  ],
  ['crm_lead_stage_id_fkey', 'crm.lead', 'f', null, null],
] as const;

export function constraintModel(registry: Registry, bornMs: number): ModelDef {
  return model({
    model: 'ir.model.constraint',
    name: 'Model Constraint',
    access: ACCESS.system,
    fields: [
      field('name', 'char', 'Constraint', { required: true }),
      field('definition', 'char', 'Definition', { help: 'PostgreSQL constraint definition' }),
      field('message', 'char', 'Message', { translate: true }),
      many2one('model', 'Model', 'ir.model', { required: true }),
      many2one('module', 'Module', 'ir.module.module', { required: true }),
      field('type', 'char', 'Constraint Type', {
        required: true,
        size: 1,
        help: 'Type of the constraint: `f` for a foreign key, `u` for other constraints.',
      }),
    ],
    segments: [
      segment({
        firstId: 1,
        count: CONSTRAINTS.length,
        item: (index) => CONSTRAINTS[index] ?? CONSTRAINTS[0],
        writeMs: () => bornMs,
        createMs: () => bornMs,
        values: {
          name: ([name]) => name,
          model: ([, on]) => registry.modelId(on),
          type: ([, , type]) => type,
          definition: ([, , , definition]) => definition,
          message: ([, , , , message]) => message,
          module: () => 1,
        },
      }),
    ],
  });
}

/** What runs by itself when records change or dates come near. */
export function automationModel(registry: Registry, bornMs: number): ModelDef {
  return model({
    model: 'base.automation',
    name: 'Automation Rule',
    module: 'base_automation',
    order: 'sequence',
    access: ACCESS.system,
    fields: [
      field('name', 'char', 'Automation Rule Name', { required: true }),
      field('active', 'boolean', 'Active', { default: true }),
      field('sequence', 'integer', 'Sequence', { default: 10 }),
      many2one('model_id', 'Model', 'ir.model', { required: true }),
      related(field('model_name', 'char', 'Model Name'), 'model_id.model'),
      selection(
        'trigger',
        'Trigger',
        {
          on_create: 'On create',
          on_create_or_write: 'On create and edit',
          on_write: 'On update',
          on_unlink: 'On deletion',
          on_time: 'Based on date field',
          on_archive: 'On archived',
          on_unarchive: 'On unarchived',
          on_stage_set: 'Stage is set to',
          on_user_set: 'User is set',
          on_tag_set: 'Tag is added',
          on_state_set: 'State is set to',
          on_priority_set: 'Priority is set to',
          on_time_created: 'After creation',
          on_time_updated: 'After last update',
          on_change: 'On UI change',
          on_webhook: 'On webhook',
          on_message_received: 'On incoming message',
          on_message_sent: 'On outgoing message',
        },
        { required: true },
      ),
      field('filter_domain', 'char', 'Apply on'),
      field('filter_pre_domain', 'char', 'Before Update Domain'),
      many2many('trigger_field_ids', 'Trigger Fields', 'ir.model.fields'),
      { ...one2many('action_server_ids', 'Actions', 'ir.actions.server', 'base_automation_id'), from: 17 },
      field('description', 'html', 'Description', { from: 17 }),
    ],
    segments: [
      segment({
        firstId: 1,
        count: 2,
        item: (index) => (index === 0 ? 'x_renewal' : 'crm.lead'),
        writeMs: () => bornMs,
        createMs: () => bornMs,
        values: {
          name: (on) => (on === 'x_renewal' ? 'Avvisa il responsabile 60 giorni prima' : 'Chiudi le trattative ferme'),
          active: () => true,
          sequence: () => 10,
          model_id: (on) => registry.modelId(on),
          trigger: (on) => (on === 'x_renewal' ? 'on_time' : 'on_create_or_write'),
          filter_domain: (on) => (on === 'x_renewal' ? '[("x_state", "!=", "perso")]' : '[("probability", "=", 0)]'),
        },
      }),
    ],
  });
}

/** What rules do. From 17 on they can call a webhook; such an action has a name of its own unless somebody gives one. */
export function serverActionModel(): ModelDef {
  const states = {
    object_write: 'Update Record',
    object_create: 'Create Record',
    code: 'Execute Code',
    multi: 'Execute Existing Actions',
  };
  return model({
    model: 'ir.actions.server',
    name: 'Server Actions',
    order: 'sequence, name',
    access: ACCESS.system,
    fields: [
      field('name', 'char', 'Action Name', {
        compute: (read) => (read('state') === 'webhook' ? 'Send Webhook Notification' : ''),
      }),
      field('sequence', 'integer', 'Sequence', { default: 5 }),
      many2one('model_id', 'Model', 'ir.model', { required: true }),
      related(field('model_name', 'char', 'Model Name'), 'model_id.model'),
      field('usage', 'char', 'Usage', { default: 'base_automation' }),
      selection('state', 'Type', states, { required: true, default: 'object_write', until: 14 }),
      selection(
        'state',
        'Type',
        { ...states, webhook: 'Send Webhook Notification' },
        { required: true, default: 'object_write', from: 17 },
      ),
      field('code', 'text', 'Python Code', { groups: [GROUPS.system] }),
      many2one('base_automation_id', 'Automation Rule', 'base.automation', { from: 17 }),
      field('update_path', 'char', 'Field to Update Path', { from: 17 }),
      field('value', 'text', 'Value', { from: 17 }),
      field('webhook_url', 'char', 'Webhook URL', { from: 17 }),
      many2many('webhook_field_ids', 'Webhook Fields', 'ir.model.fields', { from: 17 }),
    ],
  });
}
