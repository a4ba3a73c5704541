import type { Terminal } from './terminal.ts'

/** How far a long work is; a bar on a terminal, else a line every tenth. */
export type Progress = {
  readonly to: (done: number) => void
  readonly end: () => void
}

const TENTHS = 10

export const startProgress = async (
  { stderr, err }: Pick<Terminal, 'stderr' | 'err'>,
  what: string,
  total: number,
): Promise<Progress> => {
  if (stderr.isTTY !== true) return linesOf(err, what, total)
  const { SingleBar, Presets } = await import('cli-progress')
  const bar = new SingleBar(
    {
      format: `${what} {bar} {percentage} % · {eta_formatted} left`,
      stream: stderr,
      // a cursor that is hidden stays so when Ctrl-C ends the process
      hideCursor: null,
      clearOnComplete: true,
      etaBuffer: 100,
    },
    Presets.shades_classic,
  )
  bar.start(total, 0)
  return {
    to: (done) => bar.update(Math.min(done, total)),
    end: () => bar.stop(),
  }
}

const linesOf = (err: (text: string) => void, what: string, total: number): Progress => {
  let told = 0
  return {
    to: (done) => {
      const tenth = Math.floor((Math.min(done, total) / total) * TENTHS)
      if (tenth <= told) return
      told = tenth
      err(`${what}: ${tenth * TENTHS} %`)
    },
    end: () => {},
  }
}
