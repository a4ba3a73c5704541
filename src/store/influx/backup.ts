import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { AppError } from '../../app-error.ts'
import type { Server } from './client.ts'
import { unavailable } from './failures.ts'

type Options = {
  readonly server: Server
  /** The `influx` command: a path, or a name on the PATH. */
  readonly cli: string
  /** Everything that the organisation has is copied, tokens too: only the operator may. */
  readonly token: string | undefined
  readonly path: string
}

/**
 * Copies InfluxDB into a new folder by its own command, while it runs. Rejects with an AppError whose sentence says
 * what is missing.
 */
export const backUp = async (options: Options, folder: string): Promise<void> => {
  if (existsSync(folder))
    throw new AppError({
      code: 'conflict',
      detail: `${folder} exists; nothing is overwritten. Give another name.`,
    })
  if (options.token === undefined)
    throw unavailable(
      'A backup needs the operator token of InfluxDB: set INFLUX_TOKEN to it, or run `influx backup` by hand.',
    )
  const { code, said } = await run(options, options.token, ['backup', folder])
  if (code !== 0)
    throw unavailable(
      `\`influx backup\` failed: ${said.replaceAll(options.token, '…')}. It needs the operator token of InfluxDB in INFLUX_TOKEN.`,
    )
}

/**
 * Brings a backup back into InfluxDB by its own command. `full`: all of the server becomes what the backup was, its
 * tokens too; else the buckets of the organisation that are in it, none of which may exist. Rejects with an AppError.
 */
export const restoreInto = async (
  options: Options,
  folder: string,
  { full }: { readonly full: boolean },
): Promise<void> => {
  if (!existsSync(folder))
    throw new AppError({ code: 'not-found', detail: `There is no ${folder}.` })
  if (options.token === undefined)
    throw unavailable('A restore needs the operator token of InfluxDB: set INFLUX_TOKEN to it.')
  const { code, said } = await run(options, options.token, [
    'restore',
    folder,
    // a full restore cannot be limited to an organisation
    ...(full ? ['--full'] : ['--org', options.server.org]),
  ])
  if (code !== 0)
    throw unavailable(`\`influx restore\` failed: ${said.replaceAll(options.token, '…')}.`)
}

const run = (
  { cli, server, path }: Options,
  token: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((resolve, reject) => {
    // the token goes by the environment: arguments can be read by everyone on the machine
    const child = spawn(cli, args, {
      env: { PATH: path, HOME: args[1] ?? '', INFLUX_HOST: server.url, INFLUX_TOKEN: token },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString('utf8')}`.slice(-1_000)
    })
    child.once('error', (cause) =>
      reject(
        unavailable(
          `The command \`${cli}\`, which copies InfluxDB, cannot be run: install the influx CLI, or copy by hand.`,
          cause,
        ),
      ),
    )
    child.once('close', (code) =>
      resolve({
        code,
        said:
          said
            .trim()
            .split('\n')
            .at(-1)
            ?.replace(/^Error: /, '') ?? '',
      }),
    )
  })
