import type { Problem } from './problem.ts';

export const fileKinds = ['project', 'model', 'integration', 'policy', 'tenant'] as const;
export type FileKind = (typeof fileKinds)[number];

/** What a file of a project is by its place. Files that would be ignored are reported: nothing is, in silence. */
export function fileKind(file: string, problems: Problem[]): FileKind | null {
  if (file === 'gantry.yaml') return 'project';
  if (/^models\/[^/]+\.yaml$/.test(file)) return 'model';
  if (/^integrations\/[^/]+\.yaml$/.test(file)) return 'integration';
  if (/^policies\/[^/]+\.yaml$/.test(file)) return 'policy';
  if (/^tenants\/[^/]+\.yaml$/.test(file)) return 'tenant';
  problems.push({
    code: 'manifest_file_unexpected',
    file,
    line: 1,
    column: 1,
    path: '',
    ...adviceFor(file),
    suggestions: [],
  });
  return null;
}

function adviceFor(file: string): { message: string; fix: string } {
  const folder = file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
  if (folder === 'connectors') {
    return {
      message: `This version does not read ${folder}/; the file would have no effect.`,
      fix: `Remove it until a version that reads ${folder}/.`,
    };
  }
  if (file.endsWith('.yml')) {
    return { message: 'Files end in .yaml here.', fix: `Rename it to ${file.replace(/\.yml$/, '.yaml')}.` };
  }
  return {
    message:
      'A project has gantry.yaml; in models/, integrations/, policies/ and tenants/, files <name>.yaml; in operations/, files <name>.ts.',
    fix: 'Move the file there, or out of the project.',
  };
}
