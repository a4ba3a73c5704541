import { clientFor } from '../client.ts'
import { isUnreachable, reasonOf, statusOf } from '../failures.ts'
import { setup } from './lacks.ts'

/** Has a defect in its compaction. */
const DEFECT = '2.9.0'

/**
 * Makes sure that an InfluxDB 2 answers; resolves with what a person should know of its version. Throws an AppError
 * `setup` when nothing answers, or something else.
 */
export const checkServer = async (url: string): Promise<readonly string[]> => {
  let version: string | undefined
  try {
    await clientFor({ url }, undefined).transport.request(
      '/ping',
      '',
      { method: 'GET' },
      (headers) => {
        const said = headers['x-influxdb-version']
        version = Array.isArray(said) ? said[0] : said
      },
    )
  } catch (error) {
    if (isUnreachable(error))
      throw setup(
        `INFLUX_URL: nothing answers at ${url} (${reasonOf(error)}). Start InfluxDB 2.9 there, or unset INFLUX_URL to use the embedded store.`,
        error,
      )
    if (statusOf(error) === 401)
      throw setup(
        `INFLUX_URL: what answers at ${url} wants a token already for /ping, as InfluxDB 3 does. PerfWatch needs InfluxDB 2.9.`,
        error,
      )
    throw setup(`INFLUX_URL: what answers at ${url} is no InfluxDB 2 (${reasonOf(error)}).`, error)
  }
  const number = /^v?(\d+)\.[\d.]+/.exec(version ?? '')
  if (number === null && version === undefined)
    throw setup(`INFLUX_URL: what answers at ${url} is no InfluxDB: it does not say its version.`)
  if (number !== null && number[1] !== '2')
    throw setup(
      `INFLUX_URL: InfluxDB ${version} answers at ${url}. PerfWatch needs InfluxDB 2.9; versions 1 and 3 are other products.`,
    )
  return number?.[0].replace('v', '') === DEFECT
    ? [`InfluxDB ${DEFECT} has a defect in its compaction: upgrade to 2.9.1.`]
    : []
}
