import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'

export type PerfEnd = {
  readonly code: number | null
  readonly signal: string | null
  /** The beginning of what it wrote to stderr. */
  readonly errors: string
  /** Set where there was nothing to start. */
  readonly missing?: true
}

export type PerfProcess = {
  readonly ended: Promise<PerfEnd>
  /** Ends it, gently and then by force. */
  stop(): Promise<PerfEnd>
}

/** Starts perf with `args` and hands over what it writes to its log (LOG_FD) and to stdout, cut anywhere. */
export type LaunchPerf = (args: readonly string[], onLog: (text: string) => void) => PerfProcess

/**
 * perf writes its counts here. Not stderr, where its complaints go; and not `-o /dev/stderr`, which cannot be
 * opened when stderr is a socket, as it is under Node.
 */
export const LOG_FD = 3

const MOST_ERRORS = 4_096
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Real processes: arguments only, no shell, no inherited environment. Our end of its stdin stays open while we
 * live; what perf runs for us (`cat`) reads it, so that perf ends when we do, even when we are killed outright.
 */
export const launchPerf =
  ({ command = 'perf', path = SYSTEM_PATH, graceMs = 2_000 } = {}): LaunchPerf =>
  (args, onLog) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // C: a decimal comma would be a column more
      env: { LC_ALL: 'C', PATH: path },
      cwd: '/',
    })
    let errors = ''
    let over = false
    const [stdin, stdout, stderr, log] = child.stdio
    // a reader that has gone is no news: its end is
    stdin?.on('error', () => undefined)
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (errors.length < MOST_ERRORS) errors = (errors + text).slice(0, MOST_ERRORS)
    })
    for (const stream of [stdout, log])
      if (stream instanceof Readable)
        stream.setEncoding('utf8').on('data', (text: string) => onLog(text))

    const ended = new Promise<PerfEnd>((resolve) => {
      const end = (how: Omit<PerfEnd, 'errors'>) => {
        over = true
        stdin?.destroy()
        resolve({ errors, ...how })
      }
      child.once('error', (error: NodeJS.ErrnoException) => {
        if (child.pid !== undefined) return
        errors = error.message
        end({
          code: null,
          signal: null,
          ...(error.code === 'ENOENT' ? { missing: true as const } : {}),
        })
      })
      // what perf ran may hold the pipes a little longer; without its stdin it ends
      child.once('exit', () => stdin?.destroy())
      child.once('close', (code, signal) => end({ code, signal }))
    })

    const stop = async () => {
      if (over) return ended
      stdin?.destroy()
      child.kill('SIGINT')
      const force = setTimeout(() => child.kill('SIGKILL'), graceMs)
      const end = await ended
      clearTimeout(force)
      return end
    }
    return { ended, stop }
  }
