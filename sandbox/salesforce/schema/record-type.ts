import type { ObjectDef } from './object.ts';

/** A kind of record with its own choice of picklist values. */
export interface RecordTypeDef {
  readonly id: string;
  readonly object: string;
  readonly developerName: string;
  readonly label: string;
  readonly description: string | null;
  readonly active: boolean;
  /** New records get it where nobody chooses. */
  readonly isDefault: boolean;
  /** Profiles other than the admin's do not offer it. */
  readonly adminOnly: boolean;
  /** Picklist (storage name) -> the values it offers; a picklist that is not named offers all. */
  readonly picklists: Readonly<Record<string, readonly string[]>>;
}

/** A record type as one user sees it. */
export interface RecordTypeView {
  readonly id: string;
  readonly developerName: string;
  readonly name: string;
  readonly active: boolean;
  readonly available: boolean;
  readonly isDefault: boolean;
  readonly master: boolean;
  readonly picklists: RecordTypeDef['picklists'];
}

export const MASTER_RECORD_TYPE = '012000000000000AAA';

/** All record types of an object, the master first. Users see inactive ones too, but cannot use them. */
export function recordTypeViews(object: ObjectDef, isAdmin: boolean): readonly RecordTypeView[] {
  const views = (object.recordTypes ?? []).map((type): RecordTypeView => {
    const available = type.active && (isAdmin || !type.adminOnly);
    const { id, developerName, label: name, active, picklists } = type;
    return {
      id,
      developerName,
      name,
      active,
      available,
      isDefault: available && type.isDefault,
      master: false,
      picklists,
    };
  });
  const master: RecordTypeView = {
    id: MASTER_RECORD_TYPE,
    developerName: 'Master',
    name: 'Master',
    active: true,
    available: true,
    isDefault: !views.some((view) => view.isDefault),
    master: true,
    picklists: {},
  };
  return [master, ...views];
}
