export interface SystemField {
  readonly type: string;
  readonly title: string;
  readonly required: boolean;
  readonly options?: readonly (readonly [name: string, value: string])[];
}

/** The fields that every ticket has; types and values as Zendesk's Ticket Fields page lists them. */
export const GERMAN_SYSTEM_FIELDS: readonly SystemField[] = [
  { type: 'subject', title: 'Betreff', required: false },
  { type: 'description', title: 'Beschreibung', required: false },
  {
    type: 'status',
    title: 'Status',
    required: false,
    options: [
      ['Neu', 'new'],
      ['Offen', 'open'],
      ['Wartend', 'pending'],
      ['Angehalten', 'hold'],
      ['Gelöst', 'solved'],
    ],
  },
  {
    type: 'tickettype',
    title: 'Typ',
    required: false,
    options: [
      ['Frage', 'question'],
      ['Vorfall', 'incident'],
      ['Problem', 'problem'],
      ['Aufgabe', 'task'],
    ],
  },
  {
    type: 'priority',
    title: 'Priorität',
    required: false,
    options: [
      ['Niedrig', 'low'],
      ['Normal', 'normal'],
      ['Hoch', 'high'],
      ['Dringend', 'urgent'],
    ],
  },
  { type: 'group', title: 'Gruppe', required: true },
  { type: 'assignee', title: 'Mitarbeiter', required: true },
];

export const ITALIAN_SYSTEM_FIELDS: readonly SystemField[] = [
  { type: 'subject', title: 'Oggetto', required: false },
  { type: 'description', title: 'Descrizione', required: false },
  {
    type: 'status',
    title: 'Stato',
    required: false,
    options: [
      ['Nuovo', 'new'],
      ['Aperto', 'open'],
      ['In sospeso', 'pending'],
      ['In attesa', 'hold'],
      ['Risolto', 'solved'],
    ],
  },
  {
    type: 'tickettype',
    title: 'Tipo',
    required: false,
    options: [
      ['Domanda', 'question'],
      ['Incidente', 'incident'],
      ['Problema', 'problem'],
      ['Attività', 'task'],
    ],
  },
  {
    type: 'priority',
    title: 'Priorità',
    required: false,
    options: [
      ['Bassa', 'low'],
      ['Normale', 'normal'],
      ['Alta', 'high'],
      ['Urgente', 'urgent'],
    ],
  },
  { type: 'group', title: 'Gruppo', required: true },
  { type: 'assignee', title: 'Assegnatario', required: true },
];
