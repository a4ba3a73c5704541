const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Resolves at the first signal to end. A second one ends the process at once: somebody does not want to wait. */
export const exitSignal = (process: NodeJS.Process): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let asked = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143)
      asked = true
      resolve(signal)
    }
    for (const signal of SIGNALS) process.on(signal, onSignal)
  })
