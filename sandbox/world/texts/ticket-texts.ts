import type { WorldTicket } from '../types.ts';

type Area = WorldTicket['productArea'];

/** Subject and first paragraph belong together. `{n}` is a number, `{c}` the customer's name. */
interface Problem {
  readonly subject: string;
  readonly detail: string;
}

export const PROBLEMS: Readonly<Record<'de' | 'en' | 'it', Readonly<Record<Area, readonly Problem[]>>>> = {
  de: {
    abrechnung: [
      {
        subject: 'Rechnung {n} doppelt gestellt',
        detail: 'die Rechnung {n} liegt uns zweimal vor, einmal mit 19 % und einmal ohne Umsatzsteuer.',
      },
      {
        subject: 'Falsche Lizenzanzahl auf der Rechnung',
        detail: 'abgerechnet wurden {n} Lizenzen, im Vertrag stehen deutlich weniger.',
      },
      {
        subject: 'Gutschrift fehlt',
        detail: 'die zugesagte Gutschrift über {n},50 € ist bis heute nicht eingegangen.',
      },
    ],
    import: [
      {
        subject: 'CSV-Import bricht bei Zeile {n} ab',
        detail:
          'seit dem Wochenende bricht der nächtliche Import bei Zeile {n} ab: "Ungültiges Zeichen in Spalte ›Größe‹".',
      },
      { subject: 'Umlaute nach Import kaputt', detail: 'aus "Größe" wird "GrÃ¶ÃŸe". Betroffen sind etwa {n} Artikel.' },
    ],
    api: [
      {
        subject: 'API antwortet mit Fehler 500',
        detail: 'der Aufruf /v2/auftraege?limit={n} endet mit 500, mit kleineren Seiten geht es.',
      },
      { subject: 'Webhook kommt mehrfach an', detail: 'für einen Auftrag erhalten wir das Ereignis bis zu {n}-mal.' },
    ],
    berichte: [
      {
        subject: 'Quartalsbericht zeigt falsche Summen',
        detail: 'die Summe weicht um {n} € von unserer Buchhaltung ab.',
      },
      {
        subject: 'Export nach Excel dauert über {n} Sekunden',
        detail: 'der Bericht "Umsatz je Region" ist so nicht mehr benutzbar.',
      },
    ],
    mobil: [
      {
        subject: 'App stürzt beim Öffnen ab',
        detail: 'nach dem Update auf 7.{n} stürzt die App auf allen Geräten ab 😕',
      },
      {
        subject: 'Unterschrift lässt sich nicht erfassen',
        detail: 'unsere Fahrer können seit gestern keine Lieferung quittieren.',
      },
    ],
  },
  en: {
    abrechnung: [
      { subject: 'Charged twice for invoice {n}', detail: 'invoice {n} was debited twice this month.' },
      {
        subject: 'Wrong number of seats on invoice',
        detail: 'we were billed for {n} seats, our contract says otherwise.',
      },
    ],
    import: [
      {
        subject: 'Nightly import stops at row {n}',
        detail: 'the import stops at row {n} with "unexpected quote in field 7".',
      },
      { subject: 'Duplicate records after import', detail: "last night's run created about {n} duplicates." },
    ],
    api: [
      { subject: 'Getting 429s well below our limit', detail: 'we see rate limit errors at {n} calls per minute.' },
      { subject: 'Webhook signature does not match', detail: 'about {n} deliveries per day fail our signature check.' },
    ],
    berichte: [
      { subject: 'Dashboard shows stale figures', detail: 'the revenue tile is {n} hours behind.' },
      {
        subject: 'Export "by region" times out',
        detail: 'the export never finishes once we select more than {n} accounts.',
      },
    ],
    mobil: [
      { subject: 'App logs everybody out', detail: 'all {n} of our field staff are logged out several times a day 🔒' },
      { subject: 'Cannot scan barcodes', detail: 'the camera stays black since the last update.' },
    ],
  },
  it: {
    abrechnung: [
      {
        subject: 'Fattura {n} emessa due volte',
        detail: 'la fattura {n} ci risulta addebitata due volte questo mese.',
      },
      { subject: 'Manca la nota di credito', detail: 'la nota di credito promessa di {n},50 € non è ancora arrivata.' },
    ],
    import: [
      {
        subject: "L'importazione si ferma alla riga {n}",
        detail: "da lunedì l'importazione notturna si ferma alla riga {n}: «carattere non valido nella colonna Città».",
      },
      { subject: 'Lettere accentate illeggibili', detail: 'al posto di "città" compare "cittÃ ". Circa {n} articoli.' },
    ],
    api: [
      { subject: "L'API risponde con errore 500", detail: 'la chiamata /v2/ordini?limit={n} finisce con 500.' },
      { subject: 'Webhook ricevuto più volte', detail: 'per un ordine riceviamo lo stesso evento fino a {n} volte.' },
    ],
    berichte: [
      { subject: 'Totali sbagliati nel report trimestrale', detail: 'il totale si scosta di {n} € dalla contabilità.' },
      { subject: 'Esportazione oltre {n} secondi', detail: 'il report "fatturato per regione" è inutilizzabile.' },
    ],
    mobil: [
      {
        subject: "L'app si chiude all'avvio",
        detail: "dopo l'aggiornamento 7.{n} l'app si chiude su tutti i dispositivi 😕",
      },
      {
        subject: 'Impossibile registrare la firma',
        detail: 'da ieri i nostri autisti non possono confermare le consegne.',
      },
    ],
  },
};

export const GREETINGS = {
  de: ['Guten Tag,', 'Hallo zusammen,', 'Sehr geehrte Damen und Herren,', 'Moin,'],
  en: ['Hello,', 'Hi team,', 'Dear support,', 'Hi there 👋'],
  it: ['Buongiorno,', 'Ciao a tutti,', 'Gentile assistenza,', 'Salve 👋'],
} as const;

export const FOLLOW_UPS = {
  de: [
    'Wir haben den Browser-Cache geleert, ohne Erfolg.',
    'Das betrifft alle Standorte, auch "Werk Süd".',
    'Bitte dringend prüfen – unser Monatsabschluss hängt daran.',
    'Schritte:\n1. anmelden\n2. Menü › Aufträge\n3. "Neu" klicken\n→ leere Seite',
    'Wenn das bis zur Verlängerung nicht gelöst ist, müssen wir über Alternativen sprechen.',
  ],
  en: [
    'We cleared the cache and tried two browsers.',
    'This affects all sites, including "Plant 2".',
    'Please look at this soon; our month end depends on it.',
    'Steps:\n1. sign in\n2. Menu > Orders\n3. click "New"\n=> blank page',
    'If this is not fixed before our renewal we will have to look at alternatives.',
  ],
  it: [
    'Abbiamo svuotato la cache e provato due browser.',
    'Riguarda tutte le sedi, anche lo "Stabilimento 2".',
    'Per favore verificate presto: ne dipende la chiusura del mese.',
    'Passi:\n1. accesso\n2. menu › Ordini\n3. clic su "Nuovo"\n→ pagina vuota',
    'Se non si risolve prima del rinnovo dovremo valutare alternative.',
  ],
} as const;

export const CLOSINGS = {
  de: ['Mit freundlichen Grüßen', 'Viele Grüße', 'Danke & Gruß', 'Beste Grüße aus dem Süden ☀️'],
  en: ['Kind regards', 'Thanks', 'Best', 'Cheers'],
  it: ['Cordiali saluti', 'Grazie', 'Un saluto', 'Saluti dal sud ☀️'],
} as const;
