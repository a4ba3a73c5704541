import { compare } from '../../history/compare.ts'
import { parseCompareQuestion } from '../../history/compare-question.ts'
import { range } from '../../history/range.ts'
import { parseRangeQuestion } from '../../history/range-question.ts'
import type { Cli } from '../cli.ts'
import type { Source } from './source.ts'

/** Questions straight to the data folder, also beside a running server. */
export const folderSource = async (cli: Cli, dataDir: string | undefined): Promise<Source> => {
  const settings = cli.settings({ DATA_DIR: dataDir })
  const store = await cli.rooms.openStore(settings, 'read')
  try {
    const { host, samplingIntervalMs } = await cli.rooms.about(settings)
    const deps = {
      store,
      clock: cli.clock,
      samplingIntervalMs: () => samplingIntervalMs,
      host,
    }
    return {
      range: async (params) => (await range(parseRangeQuestion(params), deps)).value(),
      compare: async (params) =>
        (await compare(parseCompareQuestion(params, cli.now()), deps)).value(),
      close: store.close,
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
