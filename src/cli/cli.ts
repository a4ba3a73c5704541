import type { Clock } from '../points/clock.ts'
import type { Instant } from '../points/instant.ts'
import {
  parseCliSettings,
  parseSettings,
  type CliSettings,
  type Environment,
  type Settings,
} from '../settings.ts'
import { EXIT, exitCodeOf, sentenceOf, type ExitCode } from './exit-code.ts'
import type { Rooms } from './rooms.ts'
import type { Signals } from './screen.ts'
import type { Terminal } from './terminal.ts'

/** Values of the command line that stand before the environment. */
export type SettingOverrides = Readonly<Record<string, string | undefined>>

/** What every command is given: the terminal, the time, and the settings when it asks for them. */
export type Cli = {
  readonly terminal: Terminal
  readonly now: () => Instant
  readonly clock: Clock
  readonly nodeVersion: string
  readonly environment: Environment
  readonly rooms: Rooms
  readonly signals: Signals
  /** Parsed when asked for, so that `--help` works with a wrong setting. Throws an AppError `setup`. */
  readonly settings: (overrides?: SettingOverrides) => Settings
  readonly cliSettings: () => CliSettings
  /**
   * Runs a command's work; keeps its exit code for `main`, writes its failure as one sentence.
   * `asks`: 1 means "a condition holds", so a failure is 3.
   */
  readonly run: (
    work: () => Promise<ExitCode>,
    options?: { readonly asks?: boolean },
  ) => Promise<void>
  readonly exitCode: () => ExitCode
}

export type CliDeps = {
  readonly terminal: Terminal
  readonly environment: Environment
  readonly clock: Clock
  readonly nodeVersion: string
  readonly rooms: Rooms
  /** The process: SIGINT and its like. */
  readonly signals: Signals
}

export const makeCli = (deps: CliDeps): Cli => {
  const { terminal, environment, clock } = deps
  let code: ExitCode = EXIT.ok
  return {
    ...deps,
    now: () => clock.now(),
    settings: (overrides = {}) => parseSettings({ ...environment, ...given(overrides) }),
    cliSettings: () => parseCliSettings(environment),
    run: async (work, { asks = false } = {}) => {
      try {
        code = await work()
      } catch (error) {
        code = exitCodeOf(error, asks)
        terminal.err(`${terminal.colours.red('error:')} ${sentenceOf(error)}`)
      }
    },
    exitCode: () => code,
  }
}

// an option that was not given must not hide what the environment says
const given = (overrides: SettingOverrides): SettingOverrides =>
  Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined))
