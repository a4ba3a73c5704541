/**
 * The rooms of src/ and what each may import: a folder, or a file at the root. What is not listed is refused by
 * the linter, with the sentence that says where to go instead. `scripts/generate.ts` writes the linter's
 * configuration from here; tests and src/testing may import anything.
 */
export type Room = {
  readonly may: readonly string[]
  /** Where to go instead, where the target has no sentence of its own (`INSTEAD_OF`). */
  readonly instead: string
  /** `none`: no package at all; else names (and `@scope/*`) that are refused here. */
  readonly refusedPackages?: 'none' | readonly string[]
  /** `import type` may come from anywhere. */
  readonly typesFromAnywhere?: true
}

const SURFACE = [
  'catalog',
  'points',
  'sampler',
  'store',
  'spool',
  'live',
  'accounts',
  'history',
  'http',
  'app-error.ts',
  'settings.ts',
  'version.ts',
] as const

const besideStore =
  'Imports here: catalog, points, app-error. Hand the result to a listener or take what you need as an argument; src/main.ts joins the rooms.'
const besideSurface =
  'A surface imports what lies below it, never its neighbour. Move what both need into history, accounts or points.'

export const ROOMS: Readonly<Record<string, Room>> = {
  catalog: {
    may: [],
    instead:
      'The catalogue is plain data and imports nothing. Put the derivation where it is used.',
    refusedPackages: 'none',
  },
  points: {
    may: ['catalog'],
    instead: 'points is pure and imports only catalog. Take what you need as an argument.',
    refusedPackages: 'none',
  },
  sampler: { may: ['catalog', 'points', 'app-error.ts'], instead: besideStore },
  store: { may: ['catalog', 'points', 'app-error.ts'], instead: besideStore },
  'store/embedded': { may: ['catalog', 'points', 'store', 'app-error.ts'], instead: besideStore },
  // Remote, so everything that it writes goes through the spool.
  'store/influx': {
    may: ['catalog', 'points', 'store', 'spool', 'app-error.ts'],
    instead: besideStore,
  },
  spool: { may: ['catalog', 'points', 'app-error.ts'], instead: besideStore },
  live: { may: ['catalog', 'points', 'app-error.ts'], instead: besideStore },
  accounts: {
    may: ['points', 'app-error.ts'],
    instead:
      'accounts imports only points (instants, clock) and app-error. Take what you need as an argument.',
  },
  history: {
    may: ['catalog', 'points', 'store', 'app-error.ts'],
    instead: 'history asks the store by its port and answers plain data. HTTP belongs into api.',
    refusedPackages: ['hono', 'hono/*', '@hono/*'],
  },
  // What every surface needs of HTTP: the server, the order of checks, who asks.
  http: {
    may: ['points', 'accounts', 'app-error.ts'],
    instead:
      'http knows no surface and no data. What answers a request belongs into api or a door.',
  },
  api: { may: SURFACE, instead: besideSurface },
  doors: { may: SURFACE, instead: besideSurface },
  push: { may: SURFACE, instead: besideSurface },
  agent: { may: SURFACE, instead: besideSurface },
  // The command line starts the server and opens the data folder when no server runs.
  cli: { may: [...SURFACE, 'main.ts', 'serve', 'agent', 'store/embedded'], instead: besideSurface },
  web: {
    may: ['catalog'],
    instead: 'The page runs in a browser: it imports only catalog, and types. Ask the API.',
    typesFromAnywhere: true,
  },
  'app-error.ts': { may: [], instead: 'app-error is imported by every room and imports none.' },
  'version.ts': { may: [], instead: 'version is imported by every surface and imports none.' },
  'settings.ts': {
    may: ['app-error.ts'],
    instead: 'settings parses the environment and knows no room. Do the rest in src/main.ts.',
  },
  // What main.ts is made of: starting and stopping the rooms of a server, in order.
  serve: {
    may: [...SURFACE, 'store/embedded', 'store/influx', 'api', 'doors', 'push', 'agent'],
    instead: 'serve joins the rooms of the server. What the command line needs belongs into cli.',
  },
  'main.ts': {
    may: [...SURFACE, 'store/embedded', 'store/influx', 'api', 'doors', 'push', 'agent', 'serve'],
    instead: 'main.ts joins the rooms of the server. What the command line needs belongs into cli.',
  },
  'bin.ts': { may: ['cli'], instead: 'bin.ts must run on any Node. Import it in src/cli/main.ts.' },
}

/** Rooms that may import everything, and whose files are not checked. */
export const FREE_ROOMS = ['testing'] as const

/** What to do instead of importing this one, whoever asks. */
export const INSTEAD_OF: Readonly<Record<string, string>> = {
  'store/embedded':
    'Only src/main.ts knows an adapter: take a SeriesStore (src/store/store.ts) as an argument.',
  'store/influx':
    'Only src/main.ts knows an adapter: take a SeriesStore (src/store/store.ts) as an argument.',
  'settings.ts': 'Take the setting as an argument; src/main.ts reads Settings.',
  'main.ts': 'main.ts knows every room and no room knows main.ts.',
  serve: 'Only src/main.ts starts and stops the rooms.',
  testing: 'src/testing is for tests only.',
}

/** Packages that only some files may import. */
export const CONTAINED = [
  {
    name: 'lucia',
    only: ['src/accounts/lucia.ts'],
    instead:
      'lucia is frozen upstream and contained in src/accounts/lucia.ts. Use Accounts (src/accounts/accounts.ts).',
  },
  {
    name: 'systeminformation',
    only: ['src/sampler/inventory.ts', 'src/sampler/fallback.ts'],
    instead:
      'systeminformation starts dozens of processes a call and is contained in src/sampler/inventory.ts and fallback.ts. Read /proc, or take the inventory as an argument.',
  },
] as const
