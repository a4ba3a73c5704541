import type { Readable, Writable } from 'node:stream'
import pc from 'picocolors'

export type Colours = ReturnType<typeof pc.createColors>

/** Where a command writes and reads; tests give streams of their own. */
export type Terminal = {
  /** A result: standard output, with a newline. */
  readonly out: (text: string) => void
  /** What goes wrong or on: standard error, with a newline. */
  readonly err: (text: string) => void
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable
  readonly stderr: Writable & { readonly isTTY?: boolean }
  /** Standard output is a terminal (a person reads), not a pipe or a file. */
  readonly interactive: boolean
  /** The size now; 100 x 40 where there is no terminal. */
  readonly size: () => { readonly columns: number; readonly rows: number }
  readonly colours: Colours
}

/** The part of the process that a terminal is made of; what is no terminal has no `isTTY` and no size. */
type Process = {
  readonly stdin: Terminal['stdin']
  readonly stdout: Writable & {
    readonly isTTY?: boolean
    readonly columns?: number
    readonly rows?: number
  }
  readonly stderr: Terminal['stderr']
}

/** The terminal of a process; colours only on a terminal, without `NO_COLOR`, and with `FORCE_COLOR` anyway. */
export const processTerminal = (
  { stdin, stdout, stderr }: Process,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal => {
  const interactive = stdout.isTTY === true
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    stdin,
    stdout,
    stderr,
    interactive,
    size: () => ({ columns: stdout.columns ?? 100, rows: stdout.rows ?? 40 }),
    colours: pc.createColors(wantsColours(interactive, environment)),
  }
}

/** https://no-color.org: set and not empty means none, whatever it says. */
export const wantsColours = (
  interactive: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): boolean => {
  if (environment['NO_COLOR']) return false
  if (environment['FORCE_COLOR'] && environment['FORCE_COLOR'] !== '0') return true
  return interactive && environment['TERM'] !== 'dumb'
}
