import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs'
import { arch, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { INFLUXD_VERSION } from './find.ts'

/** What the vendor's archive of our version must be, by platform; another content is refused. */
const RELEASES: Readonly<Record<string, { readonly file: string; readonly sha256: string }>> = {
  'linux-x64': {
    file: `influxdb2-${INFLUXD_VERSION}_linux_amd64.tar.gz`,
    sha256: '762e4fc825c4386e0c5138e7c3f91fc778081db2bada1ec47066e786bf55d9ff',
  },
}

const VENDOR = 'https://download.influxdata.com/influxdb/releases'

/** Puts the vendor's influxd into the folder; resolves with why it could not, or null when it is there. */
export const fetchRelease = async (folder: string): Promise<string | null> => {
  const release = RELEASES[`${platform()}-${arch()}`]
  if (release === undefined) return `no archive is pinned for ${platform()} ${arch()}`
  const archive = await download(`${VENDOR}/${release.file}`)
  if (typeof archive === 'string') return archive
  const found = createHash('sha256').update(archive).digest('hex')
  if (found !== release.sha256)
    return `${release.file} has the checksum ${found}, not the pinned ${release.sha256}: not used`
  const scratch = mkdtempSync(join(tmpdir(), 'perfwatch-influxd-'))
  try {
    writeFileSync(join(scratch, release.file), archive)
    const untar = spawnSync('tar', ['-xzf', release.file, '--strip-components=1'], { cwd: scratch })
    if (untar.status !== 0) return `tar could not unpack ${release.file}`
    mkdirSync(folder, { recursive: true })
    const path = spawnSync('find', [scratch, '-name', 'influxd', '-type', 'f'], {
      encoding: 'utf8',
    })
    const influxd = path.stdout.split('\n')[0] ?? ''
    if (influxd === '') return `${release.file} holds no influxd`
    copyFileSync(influxd, join(folder, 'influxd'))
    chmodSync(join(folder, 'influxd'), 0o755)
    return null
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const download = async (url: string): Promise<Buffer | string> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(120_000) })
    if (!response.ok) return `the vendor answered ${response.status}`
    return Buffer.from(await response.arrayBuffer())
  } catch (error) {
    return `the vendor cannot be reached (${error instanceof Error ? error.message : 'unknown'})`
  }
}
