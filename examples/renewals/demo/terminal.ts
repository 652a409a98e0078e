/** What the demo prints: plain text on any terminal, nothing at all with --json but the last line. */
export interface Terminal {
  line(text?: string): void;
  heading(text: string): void;
  /** Redraws in place on a terminal, prints a few lines elsewhere. */
  progress(bars: readonly Bar[], done: boolean): void;
  table(columns: readonly string[], rows: readonly (readonly unknown[])[], most?: number): void;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Null while nobody has counted. */
  readonly total: number | null;
}

const BAR_WIDTH = 28;

export function openTerminal(out: NodeJS.WriteStream, quiet: boolean): Terminal {
  const write = (text: string): void => {
    if (!quiet) out.write(text);
  };
  const live = out.isTTY;
  let drawn = 0;
  const printed = new Map<string, number>();
  return {
    line: (text = '') => write(`${text}\n`),
    heading: (text) => write(`\n${live ? `\u001b[1m${text}\u001b[0m` : `== ${text}`}\n`),
    progress: (bars, done) => {
      if (live) {
        write(drawn === 0 ? '' : `\u001b[${String(drawn)}A`);
        for (const bar of bars) write(`\u001b[2K${barLine(bar)}\n`);
        drawn = done ? 0 : bars.length;
        return;
      }
      // A log wants to see movement, not every frame: a bar is printed when it is half way and when it is full.
      for (const bar of bars) {
        const step = Math.floor(fraction(bar) * 2);
        if (step > (printed.get(bar.label) ?? 0)) write(`${barLine(bar)}\n`);
        printed.set(bar.label, Math.max(step, printed.get(bar.label) ?? 0));
      }
    },
    table: (columns, rows, most = 10) => {
      const shown = rows.slice(0, most).map((row) => row.map(cell));
      const widths = columns.map((name, index) =>
        Math.max(name.length, ...shown.map((row) => (row[index] ?? '').length), 0),
      );
      const print = (cells: readonly string[]): void =>
        write(`  ${cells.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  ')}\n`);
      print(columns);
      print(widths.map((width) => '-'.repeat(width)));
      for (const row of shown) print(row);
      if (rows.length > most) write(`  ... and ${String(rows.length - most)} more\n`);
    },
  };
}

function barLine(bar: Bar): string {
  const filled = Math.round(fraction(bar) * BAR_WIDTH);
  const count = bar.total === null ? String(bar.value) : `${String(bar.value)}/${String(bar.total)}`;
  return `  ${bar.label.padEnd(24)} [${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${count}`;
}

function fraction(bar: Bar): number {
  if (bar.total === null) return 0;
  return bar.total === 0 ? 1 : Math.min(1, bar.value / bar.total);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'number') return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 44 ? `${text.slice(0, 43)}…` : text;
}
