// The entry of the `perfwatch` command. Built for old engines and without a static import, so that an older
// Node gets its sentence instead of a syntax error from code that it cannot parse.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

const refuse = (sentence: string) => {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 1
}

if (major > 20 || (major === 20 && minor >= 19))
  import('./cli/main.ts')
    .then((cli) => cli.main(process.argv.slice(2)))
    .then(
      (code) => {
        process.exitCode = code
      },
      (error: unknown) =>
        refuse(`PerfWatch failed: ${error instanceof Error ? error.message : String(error)}`),
    )
else
  refuse(
    `PerfWatch needs Node 20.19 or newer and this is ${process.versions.node}: install a newer Node, then run the same command again.`,
  )
