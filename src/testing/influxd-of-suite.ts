import type { TestProject } from 'vitest/node'
import { influxForTests, startInfluxd, type InfluxServer } from './influxd.ts'

let server: InfluxServer | undefined

/** Before the project `on influx`: one server for all its files, each of their stores an organisation of its own. */
export const setup = async (project: TestProject): Promise<void> => {
  const binaries = influxForTests()
  if (binaries === null) return
  // rollups are asked for; tasks of hundreds of stores would only be in the way
  server = await startInfluxd(binaries, ['--no-tasks'])
  project.provide('influxUrl', server.url)
}

export const teardown = async (): Promise<void> => server?.end()
