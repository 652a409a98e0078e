import { isCodeFile, isCompiledFile } from './code-files.ts';
import { decodeFile } from './decode-file.ts';
import { parseYaml, type YamlDocument } from './document.ts';
import { fileKind, fileKinds, type FileKind } from './file-kind.ts';
import { standInName } from './name-from.ts';
import type { Problem } from './problem.ts';
import type { ProjectFiles } from './project.ts';

export interface ReadFiles {
  readonly project: YamlDocument | null;
  /** Of each kind, by path. */
  readonly documents: Readonly<Record<FileKind, readonly YamlDocument[]>>;
  readonly texts: ReadonlyMap<string, string>;
  /** Files that are no YAML, with the name that each most likely declares. */
  readonly lost: readonly { readonly kind: FileKind; readonly name: string }[];
}

/** Every file as a YAML document, sorted by what it is; what cannot be read is reported. */
export function readFiles(files: ProjectFiles, problems: Problem[]): ReadFiles {
  const documents = Object.fromEntries(fileKinds.map((kind) => [kind, []])) as unknown as Record<
    FileKind,
    YamlDocument[]
  >;
  const texts = new Map<string, string>();
  const lost: { kind: FileKind; name: string }[] = [];
  for (const [file, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (isCodeFile(file) || isCompiledFile(file)) {
      const text = decodeFile(file, content, []);
      if (text !== null) texts.set(file, text);
      continue;
    }
    const kind = fileKind(file, problems);
    if (kind === null) continue;
    const text = decodeFile(file, content, problems);
    const document = text === null ? null : parseYaml(file, text, problems);
    if (text !== null) texts.set(file, text);
    if (document === null) lost.push({ kind, name: standInName(file) });
    else documents[kind].push(document);
  }
  if (!files.has('gantry.yaml')) {
    problems.push({
      code: 'manifest_file_missing',
      file: 'gantry.yaml',
      line: 1,
      column: 1,
      path: '',
      message: 'The project has no gantry.yaml.',
      fix: 'Name the folder that has it (gantry validate FOLDER), or create it with `gantry: 1` and `project: <name>`.',
      suggestions: [],
    });
  }
  const [project = null] = documents.project;
  return { project, documents, texts, lost };
}
