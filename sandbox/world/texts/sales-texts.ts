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
  it: [
    'Sollecitare la risposta all’offerta',
    'Fissare un incontro con l’ufficio acquisti',
    'Inviare il contratto ai legali',
    'Chiedere l’approvazione del prezzo',
    'Richiamare lunedì',
    'Preparare la QBR',
    'In attesa del budget',
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
  it: [
    'Vuole collegare altri due stabilimenti.',
    'Il budget c’è, manca la firma del "comitato" a fine mese.\nUn concorrente ha offerto il 15 % in meno.',
    'Attenzione: la referente è in maternità, passare dalla segreteria.',
    'Va benissimo 🎉 resta aperta solo la taglia del pacchetto (S/M/L?).',
  ],
} as const;

/**
 * Subjects by company and kind of meeting; `{c}` is the account's name. At
 * globex the word QBR, in whatever spelling, is in the subject of every review
 * and of nothing else.
 */
export const MEETING_SUBJECTS = {
  acme: {
    QBR: ['QBR {c}', 'Quartalsgespräch {c}', 'Quarterly Business Review – {c}'],
    Kickoff: ['Kickoff {c}', 'Projektstart {c}'],
    Demo: ['Demo neue Oberfläche', 'Produktvorführung {c}', 'Demo: Berichte & API'],
    'Support-Review': ['Support-Review {c}', 'Offene Tickets besprechen'],
    Telefonat: ['Telefonat mit {c}', 'Kurzes Update 📞', 'Rückruf', 'Jour fixe'],
  },
  globex: {
    QBR: ['QBR {c}', 'QBR – {c}', 'qbr {c}', '[QBR] {c}', 'Riesame trimestrale (QBR) {c}', 'QBR: {c} 📈'],
    Kickoff: ['Kickoff {c}', 'Avvio progetto {c}'],
    Demo: ['Demo nuova linea', 'Presentazione prodotto {c}', 'Demo: report & API'],
    'Support-Review': ['Support review {c}', 'Ticket aperti'],
    Telefonat: ['Telefonata con {c}', 'Breve aggiornamento 📞', 'Call', 'Allineamento settimanale'],
  },
} as const;
