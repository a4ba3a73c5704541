import type { InfluxDB } from '@influxdata/influxdb-client'
import { AuthorizationsAPI, type Permission } from '@influxdata/influxdb-client-apis'
import { statusOf } from '../failures.ts'
import type { Shelf } from '../buckets.ts'
import type { FoundBucket } from './keep-buckets.ts'
import type { Lacks } from './lacks.ts'
import { ROLES, type KeptTokens, type Role } from './tokens-file.ts'

type Buckets = ReadonlyMap<Shelf, FoundBucket>

/**
 * What each token may do, bucket by bucket: the writer takes points in, the roller makes tiers of raw rows, the
 * reader and Grafana read. None may touch tasks: a task runs with all rights of the account that owns it.
 */
const permissionsOf = (role: Role, orgID: string, buckets: Buckets): Permission[] => {
  const allow = (action: Permission['action'], isMeant: (shelf: Shelf) => boolean) =>
    [...buckets].flatMap(([shelf, { id }]): Permission[] =>
      isMeant(shelf) ? [{ action, resource: { type: 'buckets', id, orgID } }] : [],
    )
  const isTier = ({ tier }: Shelf) => tier !== 'raw'
  switch (role) {
    case 'writer':
      return allow('write', (shelf) => !isTier(shelf))
    case 'roller':
      return [...allow('read', ({ dataset }) => dataset === 'metrics'), ...allow('write', isTier)]
    case 'reader':
    case 'grafana':
      return allow('read', () => true)
  }
}

type Options = {
  readonly client: InfluxDB
  readonly orgID: string
  readonly prefix: string
  readonly buckets: Buckets
  readonly kept: KeptTokens
  readonly save: (tokens: KeptTokens) => Promise<void>
  /** Tokens that InfluxDB has refused. */
  readonly refused: ReadonlySet<Role>
  readonly lacks: Lacks
}

/** Makes the tokens that are missing, dead or for other buckets; only those of our own instance are removed. */
export const keepTokens = async (options: Options): Promise<KeptTokens> => {
  const { client, orgID, prefix, buckets, lacks } = options
  const api = new AuthorizationsAPI(client)
  const { authorizations = [] } = await api.getAuthorizations({ orgID })
  // who may not list tokens cannot see that one is gone: it is believed in until it is refused
  const mayList = authorizations.length > 0
  let kept = options.kept
  for (const role of ROLES) {
    const permissions = permissionsOf(role, orgID, buckets)
    const wanted = JSON.stringify(permissions)
    const description = `PerfWatch ${role} of ${prefix} (${kept.instance})`
    const mine = authorizations.filter((one) => one.description === description)
    const now = kept.scoped[role]
    const isGood =
      now?.permissions === wanted &&
      (mayList
        ? mine.some((one) => one.id === now.id && one.status !== 'inactive')
        : !options.refused.has(role))
    const stale = mine.filter((one) => !isGood || one.id !== now.id)
    if (!isGood) {
      const made = await lacks.attempt(`make the ${role} token`, () =>
        api.postAuthorizations({ body: { orgID, description, permissions } }),
      )
      if (made === undefined) continue
      const { id = '', token = '' } = made
      kept = {
        ...kept,
        scoped: { ...kept.scoped, [role]: { id, token, permissions: wanted } },
      }
      await options.save(kept)
    }
    for (const { id } of stale)
      if (id !== undefined)
        await lacks.attempt('remove tokens', () =>
          api.deleteAuthorizationsID({ authID: id }).catch((error: unknown) => {
            if (statusOf(error) !== 404) throw error
          }),
        )
  }
  return kept
}
