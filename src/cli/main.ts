import { Command, CommanderError } from 'commander'
import { systemClock } from '../points/clock.ts'
import { processEnvironment } from '../settings.ts'
import { VERSION } from '../version.ts'
import { makeCli, type Cli, type CliDeps } from './cli.ts'
import { addBackup } from './commands/backup.ts'
import { addCompare } from './commands/compare.ts'
import { addCopy } from './commands/copy.ts'
import { addDoctor } from './commands/doctor.ts'
import { addGrafanaToken } from './commands/grafana-token.ts'
import { addInfluxConfig } from './commands/influx-config.ts'
import { addLogs } from './commands/logs.ts'
import { addProject } from './commands/project.ts'
import { addQuery } from './commands/query.ts'
import { addRestore } from './commands/restore.ts'
import { addRollup } from './commands/rollup.ts'
import { addSample } from './commands/sample.ts'
import { addSeed } from './commands/seed.ts'
import { addServe } from './commands/serve.ts'
import { addToken } from './commands/token.ts'
import { addUser } from './commands/user.ts'
import { EXIT } from './exit-code.ts'
import { systemRooms } from './system-rooms.ts'
import { processTerminal } from './terminal.ts'

/** Every command; adding one is one line here and its file beside. */
const COMMANDS: readonly ((program: Command, cli: Cli) => void)[] = [
  addServe,
  addSample,
  addQuery,
  addCompare,
  addLogs,
  addUser,
  addToken,
  addProject,
  addDoctor,
  addSeed,
  addBackup,
  addRestore,
  addRollup,
  addCopy,
  addInfluxConfig,
  addGrafanaToken,
]

/**
 * Runs `perfwatch` with the arguments after its name; resolves with the exit code and never rejects.
 * `deps` stand in for the process in tests.
 */
export const main = async (
  argv: readonly string[],
  deps: CliDeps = processDeps(),
): Promise<number> => {
  const cli = makeCli(deps)
  try {
    await makeProgram(cli).parseAsync([...argv], { from: 'user' })
    return cli.exitCode()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // commander has written its sentence; help and version that were asked for are no failure
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
}

const makeProgram = (cli: Cli): Command => {
  const { terminal } = cli
  const program = new Command('perfwatch')
    .description('A performance monitor for this host: sample, keep, ask, compare.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help on a command')
    .showHelpAfterError('(perfwatch --help lists the commands; each has its own --help)')
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(110, terminal.size().columns) })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, terminal.colours.red('error:'))),
    })
    .addHelpText('after', HELP)
  for (const add of COMMANDS) add(program, cli)
  return program
}

const HELP = `
Examples:
  $ perfwatch serve                                  start the server on http://127.0.0.1:8000
  $ perfwatch sample --watch                         watch this host in the terminal
  $ perfwatch query cpu --since 24h                  the last day, a sparkline per field
  $ perfwatch compare cpu --period day --to last_week
  $ perfwatch doctor                                 what works on this host and what does not

Exit codes:
  0  done
  1  it failed; compare: a --fail-if condition holds; doctor: something is broken
  2  the command line is wrong
  3  query, compare: the question could not be put or has no answer

Settings come from the environment (DATA_DIR, PORT, ...); options stand before them.`

const processDeps = (): CliDeps => {
  const environment = processEnvironment()
  // a reader that has seen enough (| head) is no failure
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.ok)
  })
  return {
    terminal: processTerminal(process, environment),
    environment,
    clock: systemClock,
    nodeVersion: process.version,
    rooms: systemRooms,
    signals: process,
  }
}
