import { Option, type Command } from 'commander'

/** Values of one option that may be given more than once. */
export const repeated = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]

/** `a,b, c` as names. */
export const names = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

export type DataDir = { readonly dataDir?: string }

export const dataDirOption = (): Option =>
  new Option('--data-dir <folder>', 'the data folder (DATA_DIR, ./data)')

/** The options that say whom to ask; `query` and `compare` share them. */
export const askOptions = (command: Command): Command =>
  command
    .option('--url <address>', 'ask a running server (PERFWATCH_URL)')
    .option('--token-file <file>', 'a file with the token for --url (else PERFWATCH_TOKEN)')
    .addOption(
      new Option('--data-dir <folder>', 'ask the data folder (DATA_DIR, ./data)').conflicts('url'),
    )
    .option('--host <name>', 'the host that is asked about; without it the server’s own')
    .option('--interval <interval>', '5s, 1m, 5m, 1h or auto')
    .option('--limit <windows>', 'at most so many windows, 1 to 10000')
    .option(
      '--fields <names>',
      'only these fields, separated by commas; per_core means all cores',
      names,
    )
