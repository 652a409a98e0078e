import { writeGrantFor, type Caller } from '../../access/index.ts';
import { intents, type Connector, type Intent, type IntentInput } from '../../connectors/index.ts';
import type { IntentDescription, ObjectDescription, QueryService } from '../../query/index.ts';

/**
 * What people mean that can be done with an object, told beside its fields: the
 * intents that this caller may run there, with what goes into them, and the
 * connections that do it so.
 */
export function withIntents(
  service: QueryService,
  { connectors }: { readonly connectors: ReadonlyMap<string, Pick<Connector, 'intents'>> },
): QueryService {
  return {
    ...service,
    describe: async (caller, scope, request) => {
      const answer = await service.describe(caller, scope, request);
      // Of single fields nobody asks what is done with the whole.
      const whole = new Set(request.names.filter((name) => caller.objects.has(name)));
      return {
        ...answer,
        objects: answer.objects.map((object) => {
          const own = whole.has(object.name) ? intentsOf(caller, object, connectors) : [];
          return own.length === 0 ? object : { ...object, intents: own };
        }),
      };
    },
  };
}

function intentsOf(
  caller: Caller,
  { name, sources }: ObjectDescription,
  connectors: ReadonlyMap<string, Pick<Connector, 'intents'>>,
): readonly IntentDescription[] {
  if (!caller.tools.has('run_operation')) return [];
  return [...intents.values()].flatMap((intent): IntentDescription[] => {
    if (!mayRun(caller, name, intent)) return [];
    const places = sources.filter(({ system, object }) => {
      const ways = connectors.get(system)?.intents?.get(intent.name) ?? [];
      return ways.some((way) => way.object === object);
    });
    if (places.length === 0) return [];
    const of = intent.on === 'update' ? { of: 'id' as const } : {};
    return [{ name: intent.name, in: places.map(({ connection }) => connection), ...of, input: inputText(intent) }];
  });
}

/** By the intent's own name, or by what it writes. */
function mayRun(caller: Caller, name: string, { name: intent, on }: Intent): boolean {
  const object = caller.objects.get(name);
  if (object === undefined) return false;
  if (caller.operations?.has(intent) === true) return true;
  return caller.write !== undefined && writeGrantFor(object, caller.write)?.operations.includes(on) === true;
}

/** `subject, due_on?: date, priority?: low | normal | high`: a text unless something else is said. */
const inputText = ({ input }: Intent): string =>
  Object.entries(input)
    .map(([name, { required, ...about }]) => `${name}${required === true ? '' : '?'}${typeText(about)}`)
    .join(', ');

function typeText({ type, values }: Omit<IntentInput, 'required'>): string {
  if (values !== undefined) return `: ${values.join(' | ')}`;
  return type === 'string' ? '' : `: ${type}`;
}
