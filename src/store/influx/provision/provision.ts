import { AppError } from '../../../app-error.ts'
import type { Disk } from '../../../spool/disk.ts'
import { bucketName } from '../buckets.ts'
import { clientFor, type Server } from '../client.ts'
import { isUnreachable, reasonOf, statusOf } from '../failures.ts'
import type { BucketPlan } from './bucket-plan.ts'
import { checkProvisioned } from './check.ts'
import { keepBuckets, type KeptBuckets } from './keep-buckets.ts'
import { keepTasks } from './keep-tasks.ts'
import { keepTokens } from './keep-tokens.ts'
import { createLacks, setup } from './lacks.ts'
import { findOrganisation } from './organisation.ts'
import { checkServer } from './server-check.ts'
import { RAW_METRICS, setUp } from './set-up.ts'
import { checkStanding } from './standing.ts'
import { readTokens, TOKENS_FILE, writeTokens, type KeptTokens, type Role } from './tokens-file.ts'

export type ProvisionOptions = {
  readonly server: Server
  /** INFLUX_TOKEN. */
  readonly token: string | undefined
  /** INFLUX_PROVISION. */
  readonly mode: 'auto' | 'check'
  /** DATA_DIR, where the tokens are kept. */
  readonly folder: string
  readonly disk: Disk
  readonly plans: readonly BucketPlan[]
  /** At least 128 bits of chance in 32 to 72 characters. */
  readonly randomText: () => string
  /** Tokens of ours that InfluxDB has refused since. */
  readonly refused?: ReadonlySet<Role>
}

/** The tokens that the store works with; `operator` may all, and only a backup needs it. */
export type WorkTokens = Readonly<Record<Exclude<Role, 'grafana'>, string>> & {
  readonly operator: string | undefined
}

export type Provisioned = KeptBuckets & { readonly orgID: string; readonly tokens: WorkTokens }

/**
 * Makes sure that everything is in InfluxDB that the store needs; to be called at every start, by any number of
 * servers at once. Throws an AppError `setup` whose sentence says what is missing.
 */
export const provision = async (options: ProvisionOptions): Promise<Provisioned> => {
  const { url } = options.server
  const warnings = await checkServer(url)
  try {
    const found = await (options.mode === 'check' ? checked(options) : provided(options))
    return { ...found, problems: [...warnings, ...found.problems] }
  } catch (error) {
    throw asSetupError(error, url)
  }
}

const checked = async ({ server, token }: ProvisionOptions): Promise<Provisioned> => {
  if (token === undefined)
    throw setup(
      'INFLUX_TOKEN: INFLUX_PROVISION=check makes no tokens, so one that may read and write the buckets must be given.',
    )
  const client = clientFor(server, token)
  const orgID = await findOrganisation(client, server, false)
  const found = await checkProvisioned(client, server, orgID)
  return {
    ...found,
    orgID,
    tokens: { writer: token, roller: token, reader: token, operator: token },
  }
}

const provided = async (options: ProvisionOptions): Promise<Provisioned> => {
  const { server, token, plans, randomText, folder, disk } = options
  const { prefix } = server
  const save = (tokens: KeptTokens) => writeTokens(disk, folder, tokens)
  const before = (await readTokens(disk, folder)) ?? { instance: randomText(), scoped: {} }
  const { kept, wasNew } = await setUp({ server, token, kept: before, save, randomText })
  const admin = token ?? kept.operator?.token
  if (admin === undefined)
    return { ...(await checkStanding(server, kept)), tokens: workTokens(kept, admin) }
  const client = clientFor(server, admin)
  const orgID = await onceKnown(() => findOrganisation(client, server, true))
  const lacks = createLacks()
  const madeBySetUp = wasNew ? bucketName(prefix, RAW_METRICS) : undefined
  const { buckets, leftAlone, problems } = await keepBuckets({
    client,
    server,
    orgID,
    plans,
    madeBySetUp,
    lacks,
  })
  const ofTasks = await keepTasks({ client, orgID, prefix, lacks })
  const refused = options.refused ?? new Set()
  // tokens are for buckets: without all of these there is nothing to make yet
  const made =
    buckets.size < plans.length
      ? kept
      : await keepTokens({ client, orgID, prefix, buckets, kept, save, refused, lacks })
  const missing = lacks.sentences()
  if (missing.length > 0)
    throw setup(
      `INFLUX_TOKEN: the token lacks rights in the organisation ${server.org} of InfluxDB at ${server.url}: ${missing.join('; ')}. Give an all-access token, or make by hand what is missing and set INFLUX_PROVISION=check.`,
    )
  return {
    orgID,
    buckets,
    leftAlone,
    problems: [...problems, ...ofTasks],
    tokens: workTokens(made, admin),
  }
}

const KNOWN_WITHIN_MS = 2_000
const ASK_EVERY_MS = 200

/** While another replica sets InfluxDB up, its token is not known yet though the set-up is said to be over. */
const onceKnown = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
  for (let waited = 0; ; waited += ASK_EVERY_MS)
    try {
      return await ask()
    } catch (error) {
      if (statusOf(error) !== 401 || waited >= KNOWN_WITHIN_MS) throw error
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
    }
}

const workTokens = ({ scoped }: KeptTokens, operator: string | undefined): WorkTokens => ({
  writer: scoped.writer?.token ?? '',
  roller: scoped.roller?.token ?? '',
  reader: scoped.reader?.token ?? '',
  operator,
})

const asSetupError = (error: unknown, url: string): AppError => {
  if (error instanceof AppError) return error
  if (isUnreachable(error))
    return setup(`INFLUX_URL: nothing answers at ${url} (${reasonOf(error)}).`, error)
  if (statusOf(error) === 401)
    return setup(
      `INFLUX_TOKEN: InfluxDB at ${url} does not accept the token (${reasonOf(error)}). Give one that it knows; if InfluxDB was set up anew, delete ${TOKENS_FILE} in DATA_DIR too.`,
      error,
    )
  return setup(`InfluxDB at ${url} could not be made ready: ${reasonOf(error)}.`, error)
}
