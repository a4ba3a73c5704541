import { fileURLToPath } from 'node:url'
import { buildInflux } from './build.ts'
import { fetchRelease } from './fetch-release.ts'
import { cacheFolder, findInflux, INFLUXD_VERSION } from './find.ts'

const say = (line: string) => console.log(`influx: ${line}`)

/** Leaves an influxd of version 2 on this machine, or says what is missing; resolves with an exit code. */
export const getInflux = async (): Promise<number> => {
  const found = findInflux(process.env)
  if (found !== null) {
    say(`${found.influxd} is there${found.influx === null ? ', the influx CLI is not' : ''}`)
    return 0
  }
  const folder = cacheFolder(process.env)
  say(`InfluxDB ${INFLUXD_VERSION} is not on this machine; trying the vendor's archive`)
  const refusal = await fetchRelease(folder)
  if (refusal === null) {
    say(`influxd is in ${folder}; the influx CLI is a download of its own and is not needed`)
    return 0
  }
  say(`${refusal}; building it from its Go modules instead (about 6 minutes)`)
  try {
    await buildInflux(folder, say)
    say(`influxd and influx are in ${folder}`)
    return 0
  } catch (error) {
    console.error(`influx: ${error instanceof Error ? error.message : String(error)}`)
    console.error('influx: or install InfluxDB 2.9 and name its server in INFLUXD_BIN.')
    return 1
  }
}

/** `npm run influx:get` */
if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await getInflux()
