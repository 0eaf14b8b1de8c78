// The sample: an hour of a drop folder, as Process Monitor would have recorded it. Made here, of nobody's files.

const BEGIN = Date.UTC(2026, 2, 2, 9, 0, 0);
const FOLDER = 'D:\\drop\\in\\';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Program {
  name: string;
  pid: number;
}

const TAKER: Program = { name: 'taker.exe', pid: 4100 };
const WRITER: Program = { name: 'edisend.exe', pid: 2200 };
const SCANNER: Program = { name: 'MsMpEng.exe', pid: 3188 };
const BACKUP: Program = { name: 'VeeamAgent.exe', pid: 7340 };
const SYNC: Program = { name: 'OneDrive.exe', pid: 9012 };
const IMPORTER: Program = { name: 'importer.exe', pid: 5560 };

/** Rows with their times in milliseconds since the beginning. */
type Row = [at: number, program: Program, operation: string, file: string, result: string, detail: string];

const open = (wanted: string, share: string) =>
  `Desired Access: ${wanted}, Disposition: Open, Options: Synchronous IO Non-Alert, Attributes: n/a, ShareMode: ${share}, AllocationSize: n/a`;

/** One file's story. */
class Story {
  readonly rows: Row[] = [];

  constructor(private readonly file: string) {}

  private add(at: number, program: Program, operation: string, result = 'SUCCESS', detail = ''): void {
    this.rows.push([at, program, operation, this.file, result, detail]);
  }

  written(from: number, to: number, parts: number, closes = true): this {
    this.add(from, WRITER, 'CreateFile', 'SUCCESS', open('Generic Read/Write', 'None'));
    for (let part = 1; part < parts; part += 1) {
      const offset = ((part - 1) * 65_536).toLocaleString('en');
      this.add(from + ((to - from) * part) / parts, WRITER, 'WriteFile', 'SUCCESS', `Offset: ${offset}, Length: 65,536`);
    }
    if (closes) this.add(to, WRITER, 'CloseFile');
    return this;
  }

  held(by: Program, from: number, to: number | null, wanted = 'Generic Read', share = 'None'): this {
    this.add(from, by, 'CreateFile', 'SUCCESS', open(wanted, share));
    if (to !== null) this.add(to, by, 'CloseFile');
    return this;
  }

  /** Tried every quarter of a second, and after ten seconds every five; taken after `end`, if it ever is. */
  tried(from: number, end: number, takes: boolean): this {
    let at = from;
    for (; at < end; at += at - from < 10 * SECOND ? 250 : 5 * SECOND) {
      this.add(at, TAKER, 'CreateFile', 'SHARING VIOLATION', open('Generic Read, Delete', 'Read, Write, Delete'));
    }
    if (!takes) return this;
    this.add(at, TAKER, 'CreateFile', 'SUCCESS', open('Generic Read, Delete', 'Read, Write, Delete'));
    this.add(at + 1, TAKER, 'ReadFile', 'SUCCESS', 'Offset: 0, Length: 65,536');
    this.add(at + 2, TAKER, 'CloseFile');
    return this;
  }
}

function stories(): Story[] {
  const all: Story[] = [];
  const story = (file: string) => {
    const made = new Story(file);
    all.push(made);
    return made;
  };
  // Invoices come all the time, and are still being written when they are first tried.
  for (let n = 0; n < 24; n += 1) {
    const at = n * 2.3 * MINUTE + (n % 5) * 700;
    const takes = 600 + ((n * 7) % 9) * 350;
    story(`invoice-${4711 + n}.xml`).written(at, at + takes, 4).tried(at + 120, at + takes, true);
  }
  // The virus scanner looks at some of the scans for a second or two.
  for (let n = 0; n < 7; n += 1) {
    const at = 4 * MINUTE + n * 7.4 * MINUTE;
    const until = at + 400 + n * 260 + 600;
    story(`scan-${n + 1}.pdf`).written(at, at + 400, 3).held(SCANNER, at + 412, until).tried(at + 440, until, true);
  }
  // The backup goes through the folder at half past.
  for (let n = 0; n < 9; n += 1) {
    const at = 30 * MINUTE + n * 90;
    const until = 36 * MINUTE + n * 200;
    story(`ORDERS-${880 + n}.edi`).held(BACKUP, at, until).tried(at + 30, until, true);
  }
  const stalled = 12 * MINUTE;
  story('stock-list.csv').written(stalled, stalled + 8 * SECOND, 6, false).tried(stalled + SECOND, stalled + 20 * MINUTE, false);
  const synced = 44 * MINUTE;
  story('price list 2026.xlsx').written(synced, synced + 2 * SECOND, 3).held(SYNC, synced + 2.2 * SECOND, synced + 4 * MINUTE, 'Generic Read', 'Read').tried(synced + 2.3 * SECOND, synced + 4 * MINUTE, true);
  const rival = 50 * MINUTE;
  story('ORDERS-901.edi').held(IMPORTER, rival, rival + 90 * SECOND, 'Generic Read/Write').tried(rival + 40, rival + 90 * SECOND, true);
  const slow = 20 * MINUTE;
  story('catalogue.zip').written(slow, slow + 3 * MINUTE, 60).tried(slow + SECOND, slow + 3 * MINUTE, true);
  return all;
}

/** As Procmon's columns have them: `3/2/2026 9:02:03 AM`, `9:02:03.1234567 AM`. */
function clock(at: number): [string, string] {
  const time = new Date(BEGIN + at);
  const hour = time.getUTCHours();
  const two = (value: number) => String(value).padStart(2, '0');
  const [twelve, half] = [((hour + 11) % 12) + 1, hour < 12 ? 'AM' : 'PM'];
  const rest = `${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
  const date = `${time.getUTCMonth() + 1}/${time.getUTCDate()}/${time.getUTCFullYear()}`;
  const fraction = String(time.getUTCMilliseconds()).padStart(3, '0');
  return [`${date} ${twelve}:${rest} ${half}`, `${twelve}:${rest}.${fraction}0000 ${half}`];
}

export function files(): File[] {
  const rows = stories().flatMap((story) => story.rows).sort((a, b) => a[0] - b[0]);
  const lines = rows.map(([at, program, operation, file, result, detail]) =>
    [...clock(at), program.name, program.pid, operation, FOLDER + file, result, detail].map((cell) => `"${cell}"`).join(','));
  const heading = '"Date & Time","Time of Day","Process Name","PID","Operation","Path","Result","Detail"';
  return [new File([`\u{feff}${[heading, ...lines, ''].join('\r\n')}`], 'sample-drop-folder.csv')];
}
