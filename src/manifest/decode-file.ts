import { limits } from '../kernel/index.ts';
import type { Problem, ProblemCode } from './problem.ts';

/** Bytes of a file as text; null after reporting why not. */
export function decodeFile(file: string, content: string | Uint8Array, problems: Problem[]): string | null {
  const report = (code: ProblemCode, message: string, fix: string, line = 1): null => {
    problems.push({ code, file, line, column: 1, path: '', message, fix, suggestions: [] });
    return null;
  };
  const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
  if (bytes > limits.manifestFileBytesMax) {
    const message = `The file is larger than ${limits.manifestFileBytesMax} bytes.`;
    return report('manifest_file_too_large', message, 'Split it.');
  }
  const text = typeof content === 'string' ? content : decode(content);
  if (text === null) {
    const line = typeof content === 'string' ? 1 : firstBadLine(content);
    return report('manifest_file_unreadable', 'The file is not UTF-8.', 'Save it as UTF-8.', line);
  }
  if (text.replaceAll(/#.*$/gm, '').trim() === '') {
    return report('manifest_file_unreadable', 'The file is empty.', 'Write its content, or remove it.');
  }
  return text;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Line of the first byte that is not UTF-8: decoding up to it succeeds, with it fails. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  let start = 0;
  for (let at = 0; at <= bytes.length; at += 1) {
    if (at < bytes.length && bytes[at] !== 0x0a) continue;
    try {
      decoder.decode(bytes.subarray(start, at));
    } catch {
      return line;
    }
    line += 1;
    start = at + 1;
  }
  return 1;
}
