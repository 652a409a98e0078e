import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const pinned = ['@modelcontextprotocol/conformance@0.2.0-alpha.12', '@modelcontextprotocol/inspector@2.12.0'];
/** Both need `fs.globSync` or newer; the inspector says 22.19. */
const enough = { major: 22, minor: 19 };
const newerNode = 'node@24.11.1';

/** Runs one of the pinned programs; resolves whatever its exit code. */
export type RunOutside = (program: string, args: readonly string[]) => Promise<Ran>;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The pinned programs, and a Node that is new enough for them; throws where the registry cannot be reached. */
export async function outsideTools(): Promise<RunOutside> {
  const packages = isEnough(process.versions.node) ? pinned : [newerNode, ...pinned];
  const args = ['exec', '--yes', ...packages.map((one) => `--package=${one}`), '-c', 'node -p process.env.PATH'];
  const { stdout } = await promisify(execFile)('npm', args, { timeout: 300_000 });
  const path = stdout.trim().split('\n').at(-1) ?? '';
  return (program, programArgs) => run(program, programArgs, path);
}

function isEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > enough.major || (major === enough.major && minor >= enough.minor);
}

function run(program: string, args: readonly string[], path: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, PATH: path }, timeout: 300_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
