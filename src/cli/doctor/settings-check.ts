import { parseSettings, settingProblems, type Environment, type Settings } from '../../settings.ts'
import { broken, note, ok, type Check, type Finding } from './finding.ts'

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|\[::1\]|localhost)$/i

/** Settings that are not valid, and valid ones that are seldom meant. */
export const settingsCheck = (environment: Environment): Check => ({
  name: 'Settings',
  run: async () => {
    const problems = settingProblems(environment).map((problem) =>
      broken('Settings', problem, 'Correct it or leave it out; the README lists the settings.'),
    )
    if (problems.length > 0) return problems
    const doubts = doubtsAbout(parseSettings(environment), environment)
    return doubts.length > 0 ? doubts : [ok('Settings', 'valid')]
  },
})

const doubtsAbout = (settings: Settings, environment: Environment): readonly Finding[] => {
  const doubts: Finding[] = []
  const doubt = (says: string, advice: string) => doubts.push(note('Settings', says, advice))
  if (!LOOPBACK.test(settings.HOST) && settings.TRUSTED_PROXIES.length === 0)
    doubt(
      `HOST ${settings.HOST} lets other machines in, and passwords cross the network unencrypted.`,
      'Put a proxy with TLS in front and name it in TRUSTED_PROXIES, or keep 127.0.0.1 and use ssh -L.',
    )
  if (settings.METRICS_PUBLIC)
    doubt(
      'METRICS_PUBLIC shows the figures of this host to everyone who reaches the port.',
      'Make a token for the reader: perfwatch token add prometheus --metrics.',
    )
  if (settings.CORS_ORIGINS.includes('*'))
    doubt(
      'CORS_ORIGINS * lets every web page ask the API in its visitors’ name.',
      'Name the origins that need it.',
    )
  if (settings.ADMIN_PASSWORD !== undefined && settings.ADMIN_PASSWORD.length < 12)
    doubt(
      'ADMIN_PASSWORD is short.',
      'Take 12 characters or more; it counts at the first start only.',
    )
  if (settings.INFLUX_TOKEN !== undefined && settings.INFLUX_URL === undefined)
    doubt('INFLUX_TOKEN is set without INFLUX_URL, so it is not used.', 'Set INFLUX_URL as well.')
  for (const name of secretsSetTwice(environment))
    doubt(`${name} and ${name}_FILE are both set; the file counts.`, 'Leave one of them out.')
  return doubts
}

const secretsSetTwice = (environment: Environment): readonly string[] =>
  Object.keys(environment)
    .filter((name) => name.endsWith('_FILE') && environment[name] && environment[name.slice(0, -5)])
    .map((name) => name.slice(0, -5))
    .filter((name) =>
      ['ADMIN_PASSWORD', 'JWT_SECRET', 'INFLUX_TOKEN', 'PERFWATCH_TOKEN'].includes(name),
    )
