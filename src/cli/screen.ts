import type { Terminal } from './terminal.ts'

// without automatic wrapping the terminal itself cuts a line that is too long
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const REST_OF_LINE = '\u001b[K'
const REST_OF_SCREEN = '\u001b[J'

/** The alternate screen of a terminal: what was there before is there again when it closes. */
export type Screen = {
  /** Draws in place, without clearing first, so that nothing flickers. Lines beyond the screen are cut. */
  readonly draw: (lines: readonly string[]) => void
  /** Resolves when the person asked to leave: q, Ctrl-C, or a signal. */
  readonly left: Promise<void>
  readonly onResize: (listener: () => void) => void
  readonly close: () => void
}

/** The part of a process that a screen listens to; tests give an emitter of their own. */
export type Signals = Pick<NodeJS.EventEmitter, 'on' | 'off'>

/** q, Ctrl-C, Ctrl-D. */
const LEAVING_KEYS = ['q', 'Q', '\u0003', '\u0004']

const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export const openScreen = (
  { stdin, stdout, size }: Pick<Terminal, 'stdin' | 'stdout' | 'size'>,
  signals: Signals,
): Screen => {
  const { promise: left, resolve: leave } = withResolvers()
  const resizes: (() => void)[] = []
  // what is no terminal has no keys, and its end (< /dev/null) is nobody's wish
  const keys = stdin.isTTY === true
  const setRaw = (on: boolean) => {
    if (keys && 'setRawMode' in stdin && typeof stdin.setRawMode === 'function')
      stdin.setRawMode(on)
  }
  const onKey = (chunk: Buffer | string) => {
    const text = chunk.toString()
    // in raw mode Ctrl-C is a character and no signal; arrows and their like begin with an escape
    if (!text.startsWith('\u001b') && LEAVING_KEYS.some((key) => text.includes(key))) leave()
  }
  let open = true
  const close = () => {
    if (!open) return
    open = false
    stdin.off('data', onKey)
    stdin.off('end', leave)
    if (keys) stdin.pause()
    setRaw(false)
    for (const listener of resizes) stdout.off('resize', listener)
    for (const signal of STOPPING) signals.off(signal, leave)
    signals.off('exit', close)
    stdout.write(LEAVE)
  }

  setRaw(true)
  if (keys) {
    stdin.on('data', onKey)
    stdin.on('end', leave)
    stdin.resume()
  }
  for (const signal of STOPPING) signals.on(signal, leave)
  // whatever ends the process, the terminal must be usable afterwards
  signals.on('exit', close)
  stdout.write(ENTER)

  return {
    left,
    draw: (lines) => {
      if (!open) return
      const { rows } = size()
      const shown = lines.slice(0, rows).map((line) => line + REST_OF_LINE)
      // no newline after the last line: it would scroll a full screen
      stdout.write(HOME + shown.join('\r\n') + REST_OF_SCREEN)
    },
    onResize: (listener) => {
      resizes.push(listener)
      stdout.on('resize', listener)
    },
    close,
  }
}

const withResolvers = () => {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
