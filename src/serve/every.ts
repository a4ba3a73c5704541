/**
 * Runs `work` every `ms`, never two at once, until it is stopped; `stop` waits for the run under way. A run that
 * fails is told and the next one comes.
 */
export const every = (
  ms: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } => {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let stopped = false
  const run = async () => {
    try {
      await work()
    } catch (error) {
      onError(error)
    }
    running = undefined
    if (!stopped) next()
  }
  const next = () => {
    timer = setTimeout(() => {
      running = run()
    }, ms)
  }
  next()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
