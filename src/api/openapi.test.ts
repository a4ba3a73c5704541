import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { METRICS } from '../catalog/catalog.ts'
import type { Metric } from '../catalog/metric.ts'
import { frame } from '../points/frame.ts'
import type { Json } from '../points/layout.ts'
import { toPoints } from '../points/to-points.ts'
import { dataSchemaName } from './metric-schemas.ts'
import { openServer, OWN_HOST, START, type TestServer } from './testing/open-server.ts'
import { fullSample } from './testing/sample.ts'

type Schema = {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
}
type Operation = {
  operationId: string
  security: Record<string, []>[]
  parameters?: { name: string; in: string; required?: boolean }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>
}
type Document = {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, object> }
  servers: { url: string }[]
}

let server: TestServer
let document: Document
beforeAll(async () => {
  server = await openServer({ BASE_PATH: '/mon' })
  document = (await server.ask('GET', '/mon/openapi.json')).body as Document
})
afterAll(() => server.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

test('it is OpenAPI 3.1, under the base path', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(document.servers).toEqual([{ url: '/mon' }])
})

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, reference = '']) => reference,
  )
  expect(references.length).toBeGreaterThan(20)
  for (const reference of new Set(references)) {
    const [, , kind = '', name = ''] = reference.split('/')
    expect(Object.keys(Object(document.components)[kind] ?? {})).toContain(name)
  }
})

test('operations have names of their own, and parameters for what is in their path', () => {
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, operation } of operations())
    expect(
      (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name),
    ).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
})

test('every refusal has the body of the contract, and all that can happen are there', () => {
  for (const { method, path, operation } of operations()) {
    const statuses = Object.keys(operation.responses).map(Number)
    expect(statuses).toContain(500)
    if (operation.security.length > 0) expect(statuses).toContain(401)
    if (operation.requestBody !== undefined)
      expect(statuses).toEqual(expect.arrayContaining([400, 413]))
    if (path.includes('{'))
      expect([method, statuses]).toEqual([method, expect.arrayContaining([404])])
    for (const [status, { content }] of Object.entries(operation.responses)) {
      if (Number(status) < 400) continue
      expect(content?.['application/json']?.schema.$ref).toBe(
        `#/components/schemas/${status === '500' ? 'InternalError' : 'Error'}`,
      )
    }
  }
})

test('security names schemes that are described', () => {
  const schemes = Object.keys(document.components.securitySchemes)
  for (const { operation } of operations())
    for (const one of operation.security)
      expect(schemes).toEqual(expect.arrayContaining(Object.keys(one)))
  expect(document.paths['/metrics']?.['get']?.security).toEqual([
    { bearer: [] },
    { cookie: [] },
    { metricsToken: [] },
  ])
  expect(document.paths['/health']?.['get']?.security).toEqual([])
})

test('the settings of a change are described with their ranges', () => {
  expect(document.components.schemas['ConfigChange']).toMatchObject({
    properties: { sampling_interval_seconds: { type: 'integer', minimum: 1, maximum: 3600 } },
  })
})

/** Where a value does not have the form of its schema: paths. Enough of JSON Schema for the metrics. */
const misfits = (schema: Schema, value: Json, at = '$'): string[] => {
  const types = [schema.type ?? []].flat()
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  if (!types.includes(type)) return [`${at}: ${type}`]
  if (Array.isArray(value))
    return value.flatMap((one, i) => misfits(schema.items ?? {}, one, `${at}[${i}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => {
    const of = schema.properties?.[key] ?? schema.additionalProperties
    return of === undefined ? [`${at}.${key}: not described`] : misfits(of, one, `${at}.${key}`)
  })
}

/** What a schema describes and a value lacks. */
const missing = (schema: Schema, value: Json, at = '$'): string[] =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? []
    : Object.entries(schema.properties ?? {}).flatMap(([key, of]) => {
        const one = value[key]
        return one === undefined ? [`${at}.${key}`] : missing(of, one, `${at}.${key}`)
      })

describe('the schemas of the metrics', () => {
  const sample = fullSample(OWN_HOST, START)

  test('describe the live frame whole, and nothing that it lacks', () => {
    const schema = document.components.schemas['LiveFrame'] ?? {}
    const sent = JSON.parse(JSON.stringify(frame(sample))) as Json
    expect(misfits(schema, sent)).toEqual([])
    // these stand there only where something is not available
    expect(missing(schema, sent)).toEqual([
      '$.data.perf.reason',
      '$.data.perf_events.reason',
      '$.data.memory_bandwidth.reason',
    ])
  })

  test('describe what history answers', async () => {
    await server.store.write('metrics', toPoints(sample))
    const token = await server.tokenOf('admin')
    for (const metric of METRICS as readonly Metric[]) {
      const query = `metric_type=${metric.name}&start_time=${START / 1000}&end_time=${START / 1000 + 5}`
      const answer = await server.ask('GET', `/mon/api/history/metrics?${query}`, { token })
      const { data_points } = answer.body as { data_points: { data: Json }[] }
      expect(data_points).toHaveLength(1)
      const schema = document.components.schemas[dataSchemaName(metric)] ?? {}
      const data = data_points[0]?.data ?? null
      expect(misfits(schema, data)).toEqual([])
      expect(missing(schema, data)).toEqual(metric.availability === undefined ? [] : ['$.reason'])
    }
  })
})
