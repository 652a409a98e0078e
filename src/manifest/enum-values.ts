import type { DocumentPath, Reporter } from './document.ts';

interface Typed {
  readonly type: string;
  readonly values?: readonly unknown[] | undefined;
}

/** An enum names its values, and nothing else does. `isBroken`: whether something wrong was told of that place before. */
export function checkEnumValues(
  { type, values }: Typed,
  what: 'input' | 'parameter',
  {
    path,
    report,
    isBroken = () => false,
  }: {
    readonly path: DocumentPath;
    readonly report: Reporter;
    readonly isBroken?: (path: DocumentPath) => boolean;
  },
): void {
  const at = [...path, 'values'];
  if (type === 'enum' && values === undefined && !isBroken(at)) {
    report({
      code: 'manifest_key_missing',
      path: at,
      message: `${what === 'input' ? 'An' : 'A'} ${what} of type enum needs \`values\`.`,
      fix: 'Add `values`: the list of allowed values.',
    });
  }
  if (type !== 'enum' && values !== undefined) {
    report({
      code: 'manifest_key_unknown',
      path: at,
      at: 'key',
      message: `\`values\` is for ${what}s of type enum; this one is ${type}.`,
      fix: 'Remove `values`, or change the type.',
    });
  }
}
