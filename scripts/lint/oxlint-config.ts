import { CONTAINED, FREE_ROOMS, INSTEAD_OF, ROOMS, type Room } from './arrows.ts'

type Pattern = {
  readonly regex?: string
  readonly group?: readonly string[]
  readonly message: string
  readonly allowTypeImports?: true
}

type Override = {
  readonly files: readonly string[]
  readonly rules: Readonly<Record<string, unknown>>
}

/** The linter's overrides: one a room, and one for each file that may import a contained package. */
export const arrowOverrides = (): readonly Override[] => {
  const rooms = Object.entries(ROOMS)
  const exceptions = new Set(CONTAINED.flatMap(({ only }) => only))
  return [
    ...rooms.map(([name, room]) => override([filesOf(name)], name, room)),
    ...[...exceptions].flatMap((file) =>
      rooms
        .filter(([name]) => file.startsWith(`src/${name}/`))
        .map(([name, room]) => override([file], name, room, file)),
    ),
  ]
}

/** Where to go instead of importing `target`. */
const sentence = (room: Room, target: string): string => INSTEAD_OF[target] ?? room.instead

/** A room with rooms inside owns only the files beside them. */
const filesOf = (name: string): string =>
  isFile(name) ? `src/${name}` : hasInner(name) ? `src/${name}/*.ts` : `src/${name}/**`

const isFile = (name: string) => name.endsWith('.ts')
const hasInner = (name: string) => Object.keys(ROOMS).some((other) => other.startsWith(`${name}/`))

const override = (files: readonly string[], name: string, room: Room, file?: string): Override => {
  const contained = CONTAINED.filter(({ only }) => !only.some((one) => one === file))
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: contained.map((one) => ({ name: one.name, message: one.instead })),
          patterns: [...targetPatterns(name, room), ...packagePatterns(room)],
        },
      ],
    },
  }
}

/** One pattern a sentence: targets with the same advice share it. */
const targetPatterns = (name: string, room: Room): readonly Pattern[] => {
  const bySentence = new Map<string, string[]>()
  for (const target of [...Object.keys(ROOMS), ...FREE_ROOMS]) {
    if (target === name || room.may.includes(target)) continue
    const message = sentence(room, target)
    bySentence.set(message, [...(bySentence.get(message) ?? []), importOf(target, isFile(name))])
  }
  return [...bySentence].map(([message, regexes]) => ({
    regex: regexes.join('|'),
    message,
    ...(room.typesFromAnywhere === true ? { allowTypeImports: true as const } : {}),
  }))
}

/** How an import of a room looks from anywhere outside: the linter sees the text, not the file it means. */
const importOf = (target: string, fromRoot: boolean): string => {
  const up = fromRoot ? '^\\./' : '^(\\.\\./)+'
  if (isFile(target)) return `${up}${target.replace('.', '\\.')}$`
  if (hasInner(target)) return `${up}${target}/[^/]+$`
  const [parent, child] = target.split('/')
  return child === undefined ? `${up}${parent}/` : `^(\\.\\.?/)+(${parent}/)?${child}/`
}

const packagePatterns = ({ refusedPackages, instead }: Room): readonly Pattern[] =>
  refusedPackages === undefined
    ? []
    : refusedPackages === 'none'
      ? [{ regex: '^[^.]', message: instead }]
      : [{ group: refusedPackages, message: instead }]
