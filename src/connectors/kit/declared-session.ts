import { GantryError, suggest } from '../../kernel/index.ts';
import type { ConnectorSession } from '../contract.ts';
import { numberAt } from './answer-values.ts';
import type { DeclaredObject } from './declaration.ts';
import type { SessionContext } from './declared-connector.ts';
import { readDeclaredPage } from './declared-page.ts';
import { readDeclaredPast } from './past-page.ts';
import { declaredGrantsHash, readDeclaredRecords, type ManyPlan } from './declared-records.ts';
import { untoldPermissions } from './declared-permissions.ts';
import { describeDeclared } from './declared-schema.ts';
import { identify } from './identity.ts';
import { fillTemplate } from './value-path.ts';

/** The whole session as the declaration says it: interpretation, no provider's name anywhere. */
export function declaredSession(context: SessionContext): ConnectorSession {
  const { declaration, http } = context;

  const declaredObject = (name: string): DeclaredObject | undefined =>
    Object.hasOwn(declaration.objects, name) ? declaration.objects[name] : undefined;
  const objectNamed = (name: string): DeclaredObject => {
    const object = declaredObject(name);
    if (object !== undefined) return object;
    throw new GantryError('upstream_object_missing', {
      message: `${declaration.title} has no object named "${name}" here.`,
      suggestions: suggest(name, Object.keys(declaration.objects)),
      allowed: Object.keys(declaration.objects),
    });
  };

  const manyOf = (name: string): ManyPlan => {
    const { many } = objectNamed(name);
    if (many === undefined) throw new Error(`${name} declares no way to single records`);
    return many;
  };
  const objects = Object.values(declaration.objects);
  const hasMany = objects.length > 0 && objects.every(({ many }) => many !== undefined);
  const { grants, permissions } = declaration;

  return {
    ...(hasMany
      ? {
          readRecords: async ({ name }, ids) => readDeclaredRecords(context, objectNamed(name), manyOf(name), ids),
        }
      : {}),
    ...(objects.length === 0
      ? {}
      : { readPast: async (request) => readDeclaredPast(context, objectNamed(request.object.name), request) }),
    ...(grants === undefined ? {} : { grantsHash: () => declaredGrantsHash(context, grants) }),
    ...(permissions === undefined ? {} : { permissions: untoldPermissions(permissions.why) }),
    identify: () => identify(context),
    listObjects: async () =>
      Object.entries(declaration.objects).map(([name, object]) => ({
        name,
        label: object.label,
        custom: false,
        replicable: true,
      })),
    describeObject: async (name) => describeDeclared(context, name, objectNamed(name)),
    readPage: async (request) => readDeclaredPage(context, objectNamed(request.object.name), request),
    countRecords: async (name) => {
      const plan = declaredObject(name)?.count ?? declaration.count;
      if (plan === undefined) return null;
      const names = { version: declaration.api_version, object: name };
      const query = Object.fromEntries(
        Object.entries(plan.query).map(([key, text]) => [key, fillTemplate(text, names)]),
      );
      const path = fillTemplate(plan.path, names);
      const { body } = await http({ path, query });
      return numberAt(body, plan.value, `GET ${path}`);
    },
  };
}
