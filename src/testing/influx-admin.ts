/** What a test does to an InfluxDB behind PerfWatch's back, with the operator token. */
export type InfluxAdmin = {
  /** One request; gives the JSON of the answer, throws when the status is not 2xx. */
  call<Answer = unknown>(method: string, path: string, body?: unknown): Promise<Answer>
  /** The rows of a Flux query, as objects of texts. */
  query(org: string, script: string): Promise<readonly Readonly<Record<string, string>>[]>
  orgId(org: string): Promise<string>
  /** A token with these rights in an organisation: `read:buckets`, `write:tasks`. */
  token(org: string, rights: readonly string[]): Promise<{ id: string; token: string }>
  write(org: string, bucket: string, lines: readonly string[]): Promise<void>
}

export const influxAdmin = (url: string, token: string): InfluxAdmin => {
  const send = async (method: string, path: string, body?: string, type = 'application/json') => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Token ${token}`, 'content-type': type },
      ...(body === undefined ? {} : { body }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text
  }
  const call = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const text = await send(method, path, body === undefined ? undefined : JSON.stringify(body))
    return (text === '' ? undefined : JSON.parse(text)) as Answer
  }
  const orgId = async (org: string): Promise<string> => {
    const { orgs } = await call<{ orgs: { id: string; name: string }[] }>(
      'GET',
      '/api/v2/orgs?limit=100',
    )
    const found = orgs.find(({ name }) => name === org)
    return found?.id ?? (await call<{ id: string }>('POST', '/api/v2/orgs', { name: org })).id
  }
  return {
    call,
    orgId,
    query: async (org, script) => {
      const text = await send(
        'POST',
        `/api/v2/query?org=${encodeURIComponent(org)}`,
        script,
        'application/vnd.flux',
      )
      return rowsOf(text)
    },
    token: async (org, rights) => {
      const orgID = await orgId(org)
      const permissions = rights.map((right) => {
        const [action, type, id] = right.split(':')
        return { action, resource: { type, ...(id === undefined ? { orgID } : { id, orgID }) } }
      })
      return call('POST', '/api/v2/authorizations', {
        orgID,
        description: rights.join(),
        permissions,
      })
    },
    write: async (org, bucket, lines) => {
      const target = new URLSearchParams({ org, bucket, precision: 'ms' })
      await send('POST', `/api/v2/write?${target.toString()}`, lines.join('\n'), 'text/plain')
    },
  }
}

/** Tables of plain CSV without quotes, as numbers and times are. */
const rowsOf = (csv: string): readonly Readonly<Record<string, string>>[] => {
  const rows: Record<string, string>[] = []
  let header: readonly string[] = []
  for (const line of csv.split(/\r?\n/)) {
    if (line === '') header = []
    else if (header.length === 0) header = line.split(',')
    else
      rows.push(
        Object.fromEntries(line.split(',').map((cell, i) => [header[i] ?? '', cell] as const)),
      )
  }
  return rows
}
