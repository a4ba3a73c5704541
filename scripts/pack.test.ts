import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyOfCheckout } from './testing/copy-of-checkout.ts'

const folder = mkdtempSync(join(tmpdir(), 'pack-'))
const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
}

beforeAll(() => {
  copyOfCheckout(folder)
  execFileSync(process.execPath, [join(root, 'scripts/build.js'), join(folder, 'dist')])
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The packages that the files of dist/ import, statically, later or by `require`. */
const importedByDist = async (): Promise<readonly string[]> => {
  const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => join(folder, 'dist', file))
  const { metafile } = await build({
    entryPoints: files,
    outdir: join(folder, 'again'),
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    metafile: true,
    packages: 'external',
    platform: 'node',
    write: false,
  })
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external === true).map(({ path }) => path),
  )
  const resolved = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bresolve\(\s*["']([@\w][\w./@-]*)["']/g)].map(
      ([, path = '']) => path,
    ),
  )
  return [...new Set([...imported, ...resolved])].filter((path) => !path.startsWith('node:'))
}

const packageOf = (path: string) =>
  path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')

describe('the package', () => {
  it('holds what runs and what is read, no source and no tool', () => {
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: folder,
        encoding: 'utf8',
      }),
    ) as [{ readonly files: readonly { readonly path: string }[] }]
    const files = packed.files.map(({ path }) => path)
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/perfwatch.js',
        'dist/cli.js',
        'docs/metrics.md',
        'package.json',
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
      ]),
    )
    const belongs =
      /^(dist\/([\w-]+|chunks\/[\w.-]+)\.js(\.map)?|dist\/web\/(assets\/[\w-]+\.(js|css)|icon\.svg|index\.html)|docs\/[\w/-]+\.(md|svg|png)|docs\/examples\/[\w.-]+|package\.json|(CHANGELOG|README)\.md|LICENSE)$/
    expect(files.filter((file) => !belongs.test(file))).toEqual([])
  })

  it('imports only what a server installs', async () => {
    const imported = (await importedByDist()).map(packageOf)
    expect(imported).toContain('commander')
    expect(imported.filter((name) => !(name in manifest.dependencies))).toEqual([])
  })
})
