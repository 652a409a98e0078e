/** A flow definition with its newest version and, if it runs, the one that does. */
export interface FlowDef {
  readonly name: string;
  readonly label: string;
  readonly description: string | null;
  readonly processType: 'AutoLaunchedFlow' | 'Flow';
  readonly trigger: 'RecordAfterSave' | 'RecordBeforeSave' | 'RecordBeforeDelete' | 'Scheduled' | null;
  readonly recordTrigger: 'Create' | 'Update' | 'CreateAndUpdate' | 'Delete' | null;
  /** Object whose records start it. */
  readonly object: string | null;
  readonly latestVersion: number;
  /** Null while no version is active. */
  readonly activeVersion: number | null;
}

export const flows: readonly FlowDef[] = [
  {
    name: 'Vertrag_anlegen_bei_Gewinn',
    label: 'Vertrag anlegen bei Gewinn',
    description: 'Legt zu einer gewonnenen Opportunity den Vertrag an',
    processType: 'AutoLaunchedFlow',
    trigger: 'RecordAfterSave',
    recordTrigger: 'CreateAndUpdate',
    object: 'Opportunity',
    latestVersion: 4,
    activeVersion: 4,
  },
  {
    name: 'Vertriebsgebiet_aus_Adresse',
    label: 'Vertriebsgebiet aus Adresse',
    description: null,
    processType: 'AutoLaunchedFlow',
    trigger: 'RecordBeforeSave',
    recordTrigger: 'CreateAndUpdate',
    object: 'Account',
    latestVersion: 3,
    activeVersion: 2,
  },
  {
    name: 'Vertrag_Ablauf_melden',
    label: 'Vertrag: Ablauf melden',
    description: 'Aufgabe für das Customer Success Team, sobald sich das Ende ändert',
    processType: 'AutoLaunchedFlow',
    trigger: 'RecordAfterSave',
    recordTrigger: 'Update',
    object: 'Vertrag__c',
    latestVersion: 1,
    activeVersion: 1,
  },
  {
    name: 'Naechtliche_Verlaengerungen',
    label: 'Nächtliche Verlängerungen',
    description: 'Legt Verlängerungen an, 120 Tage vor Vertragsende',
    processType: 'AutoLaunchedFlow',
    trigger: 'Scheduled',
    recordTrigger: null,
    object: null,
    latestVersion: 2,
    activeVersion: 2,
  },
  {
    name: 'Case_Eskalation_alt',
    label: 'Case-Eskalation (alt)',
    description: 'Vor dem Umzug des Supports',
    processType: 'AutoLaunchedFlow',
    trigger: 'RecordAfterSave',
    recordTrigger: 'Create',
    object: 'Case',
    latestVersion: 7,
    activeVersion: null,
  },
  {
    name: 'Neukunde_anlegen',
    label: 'Neukunde anlegen',
    description: null,
    processType: 'Flow',
    trigger: null,
    recordTrigger: null,
    object: null,
    latestVersion: 1,
    activeVersion: 1,
  },
];

export interface ApexTriggerDef {
  readonly name: string;
  readonly object: string;
  readonly active: boolean;
  /** Names without `Usage`: `BeforeInsert`, `AfterUpdate`, ... */
  readonly usages: readonly string[];
}

export const triggerUsages = [
  'BeforeInsert',
  'AfterInsert',
  'BeforeUpdate',
  'AfterUpdate',
  'BeforeDelete',
  'AfterDelete',
  'AfterUndelete',
] as const;

export const apexTriggers: readonly ApexTriggerDef[] = [
  {
    name: 'OpportunityWarenwirtschaft',
    object: 'Opportunity',
    active: true,
    usages: ['AfterInsert', 'AfterUpdate'],
  },
  { name: 'AccountDublettenpruefung', object: 'Account', active: true, usages: ['BeforeInsert'] },
  { name: 'ContactNewsletterAlt', object: 'Contact', active: false, usages: ['AfterInsert', 'AfterDelete'] },
];
