import { z } from 'zod'
import type { Disk } from '../../../spool/disk.ts'
import { setup } from './lacks.ts'

/** The tokens that we make, each for its purpose; none may do anything with tasks. */
export const ROLES = ['writer', 'roller', 'reader', 'grafana'] as const
export type Role = (typeof ROLES)[number]

const ScopedToken = z.object({
  id: z.string(),
  token: z.string(),
  /** What it may do, as a text: when the buckets are others, it is made anew. */
  permissions: z.string(),
})

const KeptTokens = z.object({
  /** What the descriptions of our tokens carry, so that nobody else's are touched. */
  instance: z.string(),
  /** Of the account that we made when we set InfluxDB up. */
  operator: z.object({ username: z.string(), password: z.string(), token: z.string() }).optional(),
  scoped: z.partialRecord(z.enum(ROLES), ScopedToken),
})
export type KeptTokens = z.infer<typeof KeptTokens>

export const TOKENS_FILE = 'influx-tokens.json'

/** Undefined: there is none yet. Throws an AppError `setup` when it cannot be used. */
export const readTokens = async (disk: Disk, folder: string): Promise<KeptTokens | undefined> => {
  if (!(await disk.list(folder)).includes(TOKENS_FILE)) return undefined
  try {
    const bytes = await disk.read(folder, TOKENS_FILE, 0, await disk.size(folder, TOKENS_FILE))
    return KeptTokens.parse(JSON.parse(bytes.toString('utf8')))
  } catch (cause) {
    throw setup(
      `${folder}/${TOKENS_FILE} cannot be read. Mend it from a backup, or delete it and set INFLUX_TOKEN: the tokens are made anew then.`,
      cause,
    )
  }
}

/** Replaced whole, mode 0600, safe on the disk when it resolves. */
export const writeTokens = (disk: Disk, folder: string, tokens: KeptTokens): Promise<void> =>
  disk.replace(folder, TOKENS_FILE, Buffer.from(`${JSON.stringify(tokens, null, 2)}\n`))
