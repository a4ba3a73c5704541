import { broken, ok, type Check } from './finding.ts'

const LEAST = [20, 19] as const

export const nodeVersion = (version: string): Check => ({
  name: 'Node',
  run: async () => {
    const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
    const fine = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])
    return [
      fine
        ? ok('Node', version)
        : broken('Node', `${version} is too old.`, `Install Node ${LEAST.join('.')} or newer.`),
    ]
  },
})
