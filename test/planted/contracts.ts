import type { PlantedDefect } from './types.ts';

export const contractDefects: PlantedDefect[] = [
  {
    name: 'the calendar connector names the page size in a way that Google ignores',
    file: 'src/connectors/google-calendar/list-page.ts',
    find: 'maxResults: String(size)',
    replace: 'max_results: String(size)',
    suite: 'test/contracts/google-calendar.test.ts',
  },
  {
    name: 'the calendar sandbox invents a property',
    file: 'sandbox/google-calendar/api/present.ts',
    find: 'hangoutLink,\n    conferenceData: {',
    replace: 'meetLink: hangoutLink,\n    conferenceData: {',
    suite: 'test/contracts/google-calendar.test.ts',
  },
];
