import { whoCanFix, type Caller, type UnknownReason, type WithheldSource } from '../../access/index.ts';
import { GantryError, type StreamId } from '../../kernel/index.ts';

/** Nobody knows what the principal may see of an object that the agent may ask for: said with who can change that. */
export function accessUnknown(object: string, withheld: readonly WithheldSource[], where: string): GantryError {
  const [first] = withheld;
  const names = [...new Set(withheld.map(({ source }) => source.connectionSlug))].join(', ');
  return new GantryError('access_unknown', {
    message: `What the user may see of ${object} is not known (${names}), so nothing of it is shown.`,
    where,
    ...(first === undefined ? {} : { fix: first.rights.fix }),
    data: {
      withheld: withheld.map(({ source, rights: { reason, fix } }) => ({
        connection: source.connectionSlug,
        object: source.nativeObject,
        reason,
        fix,
        who_can_fix: whoCanFix[reason],
      })),
    },
  });
}

/** Systems whose records an answer about the object leaves out, each with what to do. */
export function withheldWarnings({ withheld }: Caller, object: string): string[] {
  return (withheld.get(object) ?? []).map(
    ({ source, rights }) =>
      `Left out of ${object}: records of ${source.connectionSlug}.${source.nativeObject}, since it is not known what the user may see there. ${rights.fix}`,
  );
}

/** Of these systems, those of which that may be known in a moment. */
export function awaitedStreams(withheld: readonly WithheldSource[]): StreamId[] {
  return withheld.flatMap(({ source, rights }) => (isAwaited[rights.reason] ? [source.stream] : []));
}

const isAwaited: Readonly<Record<UnknownReason, boolean>> = {
  not_linked: false,
  sign_in_needed: false,
  inactive: false,
  not_read_yet: true,
  too_old: true,
  refused: false,
  not_told: false,
};
