import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One thing that a page names and that is not there. */
export type Missing = { readonly page: string; readonly line: number; readonly what: string }

/** What the pages may name: files of the repository and scripts of package.json. */
export type Repository = {
  /** Whether there is a file or folder at this path from the root. */
  readonly has: (path: string) => boolean
  /** Files and folders at the root: a path in backticks is one of ours when it begins with one. */
  readonly top: readonly string[]
  readonly scripts: readonly string[]
}

/** Made by a command: named in the pages, absent from a fresh clone. */
const NOT_IN_A_CLONE = ['node_modules', 'dist', 'data']

/** What one Markdown page names and the repository lacks: paths in backticks, `npm run` names, relative links. */
export const missingIn = (page: string, text: string, repository: Repository): readonly Missing[] =>
  proseLines(text).flatMap(({ line, words }) =>
    [
      ...pathsIn(words, repository.top)
        .filter((path) => !repository.has(path))
        .map((path) => `no file ${path}`),
      ...scriptsIn(words)
        .filter((name) => !repository.scripts.includes(name))
        .map((name) => `no script ${name} in package.json`),
      ...linksIn(words)
        .filter((link) => !repository.has(normalize(join(dirname(page), link))))
        .map((link) => `no file for the link ${link}`),
    ].map((what) => ({ page, line, what })),
  )

/** Lines of the page; in code fences only `npm run` counts, so their backticks and brackets are dropped. */
const proseLines = (text: string): readonly { line: number; words: string }[] => {
  let fenced = false
  return text.split('\n').map((words, index) => {
    const fence = words.trimStart().startsWith('```')
    if (fence) fenced = !fenced
    return { line: index + 1, words: fenced || fence ? words.replaceAll(/[`[\]]/g, ' ') : words }
  })
}

const pathsIn = (words: string, top: readonly string[]): readonly string[] =>
  [...words.matchAll(/`([^`\s]+)`/g)]
    .map(([, text = '']) => text.replace(/^\.\//, '').replace(/[/:]\d*$/, ''))
    .filter((path) => /^[\w.@/-]+$/.test(path) && path.includes('/'))
    .filter((path) => top.includes(path.split('/')[0] ?? ''))

const scriptsIn = (words: string): readonly string[] =>
  [...words.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)

const linksIn = (words: string): readonly string[] =>
  [...words.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link.replace(/#.*$/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link))

/** The Markdown pages of a repository, from its root; fixtures and what was installed or built are no pages. */
const pagesOf = (root: string, folder = ''): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      return [...NOT_IN_A_CLONE, '.git', 'fixtures'].includes(entry.name) ? [] : pagesOf(root, path)
    return entry.name.endsWith('.md') ? [path] : []
  })

const repositoryAt = (root: string): Repository => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  return {
    has: (path) =>
      NOT_IN_A_CLONE.includes(path.split('/')[0] ?? '') || existsSync(join(root, path)),
    top: readdirSync(root),
    scripts: Object.keys(manifest.scripts),
  }
}

const run = (root: string): number => {
  const repository = repositoryAt(root)
  const missing = pagesOf(root).flatMap((page) =>
    missingIn(page, readFileSync(join(root, page), 'utf8'), repository),
  )
  for (const { page, line, what } of missing) console.log(`${page}:${line}: ${what}`)
  return missing.length > 0 ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = run(fileURLToPath(new URL('..', import.meta.url)))
