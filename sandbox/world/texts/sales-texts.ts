export const NEXT_STEPS = {
  de: [
    'Angebot nachfassen',
    'Termin mit Einkauf vereinbaren',
    'Vertrag an Rechtsabteilung schicken',
    'Preisfreigabe einholen',
    'Rückruf am Montag',
    'QBR vorbereiten',
    'Wartet auf Budget',
    'Entscheiderin identifizieren',
  ],
  en: [
    'Follow up on proposal',
    'Set up call with procurement',
    'Send contract to legal',
    'Get pricing approval',
    'Prepare QBR',
    'Waiting for budget',
    'Find the decision maker',
  ],
} as const;

export const DESCRIPTIONS = {
  de: [
    'Kunde möchte zwei weitere Standorte anbinden.',
    'Budget ist grundsätzlich da, Freigabe durch "die Runde" am Monatsende.\nWettbewerber hat 15 % günstiger angeboten.',
    'Achtung: Ansprechpartnerin ist bis auf Weiteres in Elternzeit, bitte nur über das Sekretariat.',
    'Läuft super 🎉 – nur die Größe des Pakets ist noch offen (S/M/L?).',
    'Preiserhöhung wurde nicht akzeptiert; Sonderkündigungsrecht prüfen!',
  ],
  en: [
    'Wants to connect two more sites.',
    'Budget is there, sign-off by "the committee" at month end.\nA competitor quoted 15 % less.',
    'Champion left in spring; rebuild the relationship first.',
    'Going great 🎉 just the package size is open (S/M/L?).',
  ],
} as const;

/** Subjects by kind of meeting; `{c}` is the account's name. */
export const MEETING_SUBJECTS = {
  QBR: ['QBR {c}', 'Quartalsgespräch {c}', 'Quarterly Business Review – {c}'],
  Kickoff: ['Kickoff {c}', 'Projektstart {c}'],
  Demo: ['Demo neue Oberfläche', 'Produktvorführung {c}', 'Demo: Berichte & API'],
  'Support-Review': ['Support-Review {c}', 'Offene Tickets besprechen'],
  Telefonat: ['Telefonat mit {c}', 'Kurzes Update 📞', 'Rückruf', 'Jour fixe'],
} as const;
