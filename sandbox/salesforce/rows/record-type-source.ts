import { recordTypes } from '../schema/record-types.ts';
import { listSource } from './list-source.ts';
import type { BaseSource } from './source.ts';

/** The org's record types as they were set up. */
export function recordTypeSource(bornMs: number): BaseSource {
  return listSource(
    recordTypes.map((type) => ({
      Name: type.label,
      DeveloperName: type.developerName,
      NamespacePrefix: null,
      Description: type.description,
      SobjectType: type.object,
      IsActive: type.active,
    })),
    bornMs,
  );
}
