import type { PlantedDefect } from './types.ts';

export const salesforceWriteDefects: PlantedDefect[] = [
  {
    name: 'a write whose answer was lost counts as not taken',
    file: 'src/connectors/kit/http-client.ts',
    find: "taken: left && !isRefused ? 'unknown' : 'no'",
    replace: "taken: left && isRefused ? 'unknown' : 'no'",
    suite: 'test/connectors/salesforce-writes.test.ts',
  },
  {
    name: 'a bulk job is closed before it is known',
    file: 'src/connectors/salesforce/writes/job.ts',
    find: 'await request.onJob({ job });\n  await uploadIngest(context, job, csvOf(request));\n  const answer = await writeCall(context, closing(context, job), request.beforeSend);',
    replace:
      'await uploadIngest(context, job, csvOf(request));\n  const answer = await writeCall(context, closing(context, job), async () => undefined);\n  await request.onJob({ job });\n  await request.beforeSend();',
    suite: 'test/connectors/salesforce-writes.test.ts',
  },
  {
    name: 'a second sending of a new record is an error',
    file: 'src/connectors/salesforce/writes/existing.ts',
    find: 'return id === undefined ? outcome : applied(id, { existed: true });',
    replace: 'return id === undefined ? applied(id ?? keys.join(), { existed: true }) : outcome;',
    suite: 'test/connectors/salesforce-writes.test.ts',
  },
  {
    name: 'conditions are not sent to Salesforce',
    file: 'src/connectors/salesforce/writes/single.ts',
    find: "...(item.ifVersion === null ? {} : { 'if-unmodified-since'",
    replace: "...(item.ifVersion !== 'never' ? {} : { 'if-unmodified-since'",
    suite: 'test/connectors/salesforce-writes.test.ts',
  },
  {
    name: 'a job that was never closed is sent anew by whoever goes on with it',
    file: 'src/connectors/salesforce/writes/job.ts',
    find: '    return ended(context, request, known, waiting);\n  }',
    replace: "    if (state !== 'open') return ended(context, request, known, waiting);\n  }",
    suite: 'test/connectors/salesforce-writes.test.ts',
  },
  {
    name: 'an id of 18 characters is another one than its 15',
    file: 'src/connectors/salesforce/writes/spelling.ts',
    find: 'isSameId(sent, stands)',
    replace: 'sent === stands',
    suite: 'test/connectors/write-spelling.test.ts',
  },
];
