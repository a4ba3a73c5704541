import { AppError } from '../../app-error.ts'
import type { CompareAnswer, RangeAnswer } from '../../history/history.ts'
import type { Cli } from '../cli.ts'

/** The parameters of the REST questions, as text; both sources take the same. */
export type Params = Readonly<Record<string, string>>

/** Where questions go: a running server over its API, or the data folder. */
export type Source = {
  /** Rejects with an AppError: `invalid` for the question, anything else for no answer. */
  readonly range: (params: Params) => Promise<RangeAnswer>
  readonly compare: (params: Params) => Promise<CompareAnswer>
  readonly close: () => Promise<void>
}

export type SourceOptions = {
  readonly url?: string
  readonly tokenFile?: string
  readonly dataDir?: string
  /** Who is asked about; only for the sentence when there is no such host. */
  readonly host?: string
}

/** `--data-dir` asks the folder, `--url` or PERFWATCH_URL a server, and without any of them it is the folder. */
export const openSource = async (cli: Cli, options: SourceOptions): Promise<Source> => {
  const url =
    options.url ?? (options.dataDir === undefined ? cli.cliSettings().PERFWATCH_URL : undefined)
  if (url !== undefined) {
    const { apiSource } = await import('./api-source.ts')
    return apiSource(cli, { url, tokenFile: options.tokenFile })
  }
  const { folderSource } = await import('./folder-source.ts')
  return folderSource(cli, options.dataDir)
}

/** Opens, asks, closes; the answer's failure stands before the closing's. */
export const withSource = async <Answer>(
  cli: Cli,
  options: SourceOptions,
  ask: (source: Source) => Promise<Answer>,
): Promise<Answer> => {
  const source = await openSource(cli, options)
  try {
    return await ask(source)
  } catch (error) {
    throw unknownHost(error, options.host) ?? error
  } finally {
    await source.close()
  }
}

// the API's words are the same for everything that is not there
const unknownHost = (error: unknown, host: string | undefined): AppError | undefined =>
  host !== undefined && error instanceof AppError && error.code === 'not-found'
    ? new AppError({
        code: 'not-found',
        detail: `--host: there is no host ${host} here; without --host the server’s own is asked about.`,
        cause: error,
      })
    : undefined
