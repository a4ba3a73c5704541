import type { CompareAnswer, RangeAnswer } from '../../history/history.ts'
import type { Cli } from '../cli.ts'
import { CompareReply, RangeReply } from './replies.ts'
import { get, parseReply, serverAccess } from './server-access.ts'
import type { Source } from './source.ts'

type Options = { readonly url: string; readonly tokenFile: string | undefined }

/** Questions over a server's API. `url` is the server's address, with its base path if it has one. */
export const apiSource = async (cli: Cli, options: Options): Promise<Source> => {
  const access = await serverAccess(cli, options)
  return {
    range: async (params): Promise<RangeAnswer> =>
      parseReply(RangeReply, await get(access, 'api/history/metrics', params), access.base),
    compare: async (params): Promise<CompareAnswer> =>
      parseReply(CompareReply, await get(access, 'api/history/compare', params), access.base),
    close: async () => {},
  }
}
