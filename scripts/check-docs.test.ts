import { describe, expect, it } from 'vitest'
import { missingIn, type Repository } from './check-docs.ts'

const there = ['docs', 'docs/metrics.md', 'docs/adr/0001-one.md', 'README.md', 'src', 'src/main.ts']
const repository: Repository = {
  has: (path) => there.includes(path.replace(/\/$/, '')),
  top: ['docs', 'src', 'README.md'],
  scripts: ['check', 'test:node24'],
}

const missing = (page: string, ...lines: readonly string[]) =>
  missingIn(page, lines.join('\n'), repository).map(({ line, what }) => `${line}: ${what}`)

describe('what a page names and the repository lacks', () => {
  it.each([
    ['a path in backticks', 'See `src/gone.ts`.', 'no file src/gone.ts'],
    ['a path with a line number', 'See `src/gone.ts:12`.', 'no file src/gone.ts'],
    ['a folder', 'See `src/gone/`.', 'no file src/gone'],
    ['a script', 'Run `npm run chekc` first.', 'no script chekc in package.json'],
    ['a link', 'See [metrics](docs/gone.md).', 'no file for the link docs/gone.md'],
    ['a link with a heading', 'See [it](docs/gone.md#cpu).', 'no file for the link docs/gone.md'],
  ])('%s is named', (_what, text, said) => {
    expect(missing('README.md', 'A line before.', text)).toEqual([`2: ${said}`])
  })

  it.each([
    ['paths that are there', '`src/main.ts`, `./src/main.ts`, `src/main.ts:3`, `docs/`'],
    ['paths that are not ours', '`/proc/stat`, `cpu/usage`, `application/json`, `GET /api/x`'],
    ['patterns', '`src/*.ts`, `src/<room>/x.ts`, `{docs,src}/y`'],
    ['scripts that are there', '`npm run check`, npm run test:node24, `npm start`'],
    ['links that are there', '[a](docs/metrics.md) [b](#here) [c](docs/metrics.md#cpu)'],
    ['links to elsewhere', '[a](https://example.org/x.md) [b](mailto:a@example.org)'],
  ])('%s are fine', (_what, text) => {
    expect(missing('README.md', text)).toEqual([])
  })

  it('a link is read from where its page is', () => {
    expect(missing('docs/adr/0002-two.md', '[a](0001-one.md) [b](../metrics.md)')).toEqual([])
    expect(missing('docs/adr/0002-two.md', '[a](docs/metrics.md)')).toEqual([
      '1: no file for the link docs/metrics.md',
    ])
  })

  it('in a code fence only scripts count', () => {
    expect(
      missing('README.md', '```sh', 'npm run gone', '[a](b.md) `src/gone.ts`', '```', '`src/x.ts`'),
    ).toEqual(['2: no script gone in package.json', '5: no file src/x.ts'])
  })
})
