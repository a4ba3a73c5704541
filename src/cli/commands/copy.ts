import { Option, type Command } from 'commander'
import { AppError } from '../../app-error.ts'
import type { Cli } from '../cli.ts'
import { copyHistory, rollSeams } from '../copy/copy-history.ts'
import { copyLines, recordLine } from '../copy/copy-lines.ts'
import { copyRecords, countRecords, isWhole } from '../copy/copy-records.ts'
import { openNote, type CopyNote } from '../copy/note.ts'
import type { CopyPlaces } from '../copy/places.ts'
import { verify } from '../copy/verify.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { startProgress } from '../progress.ts'
import { formatValue } from '../text/value.ts'
import { dataDirOption, type DataDir } from './options.ts'

type Options = DataDir & { readonly restart?: true }

const COMMAND = 'perfwatch copy --from embedded --to influx'

export const addCopy = (program: Command, cli: Cli): void => {
  program
    .command('copy')
    .summary('copy the history of the embedded store into InfluxDB')
    .description(
      'Copies every dataset and every tier of the embedded store in the data folder into the InfluxDB of INFLUX_URL, so that the past moves along. The server may run meanwhile, on either store; it must have run on InfluxDB once, because it makes the buckets and the tokens. The embedded store is only read.\nWhat InfluxDB has already wins, and copying twice changes nothing. At the end the values of each day are counted in InfluxDB.',
    )
    .addOption(
      new Option('--from <store>', 'where from').choices(['embedded']).makeOptionMandatory(),
    )
    .addOption(new Option('--to <store>', 'where to').choices(['influx']).makeOptionMandatory())
    .option('--restart', 'begin anew, whatever an earlier run has copied')
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      `
Examples:
  $ INFLUX_URL=http://127.0.0.1:8086 ${COMMAND}

Ctrl-C ends it at any time; the same command goes on from there. Rows that are older than a bucket of InfluxDB
keeps its data are left out, and told. The exit code is 1 when a day is not whole in InfluxDB.
A server that still runs on the embedded store goes on writing there: run the same command once more after it
has been started on InfluxDB.`,
    )
    .action((options: Options) => cli.run(() => copy(cli, options)))
}

const copy = async (cli: Cli, options: Options): Promise<ExitCode> => {
  const { terminal } = cli
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  cli.signals.on('SIGINT', stop)
  try {
    const places = await cli.rooms.openCopy(cli.settings({ DATA_DIR: options.dataDir }), {
      signal: stopping.signal,
      onWait: (why) => terminal.err(`${why} Waiting for it.`),
    })
    try {
      return await copyAll(cli, places, options.restart === true, stopping.signal)
    } finally {
      await places.close()
    }
  } catch (error) {
    if (stopping.signal.aborted) {
      terminal.out(`Stopped. The same command goes on: ${COMMAND}`)
      return EXIT.no
    }
    if (error instanceof AppError && error.code === 'unavailable')
      throw new AppError({
        code: 'unavailable',
        detail: `${error.message} What is copied so far is noted; when that is mended the same command goes on: ${COMMAND}`,
        cause: error,
      })
    throw error
  } finally {
    cli.signals.off('SIGINT', stop)
  }
}

const copyAll = async (
  cli: Cli,
  places: CopyPlaces,
  restart: boolean,
  signal: AbortSignal,
): Promise<ExitCode> => {
  const { terminal } = cli
  const { source, target, parts, disk, folder } = places
  const extents = await Promise.all(parts.map(({ dataset, tier }) => source.extent(dataset, tier)))
  const total = extents.reduce((sum, { points }) => sum + points, 0)
  const records = await countRecords(source)
  if (total + records === 0) {
    terminal.out(`There is nothing in ${places.sourceFile}.`)
    return EXIT.ok
  }
  const stock = JSON.stringify(extents.map(({ points, newest }) => [points, newest]))
  const about = { source: places.sourceIdentity, target: target.identity, stock }
  const note = await openNote({ disk, folder, about, now: cli.now(), restart })
  const check = () => signal.throwIfAborted()

  const copying = await startProgress(
    terminal,
    `Copying ${formatValue(total, 'count')} rows to ${places.targetName}`,
    total,
  )
  const work = { source, target, parts, note, now: cli.now(), check }
  await copyHistory({ ...work, onRows: copying.to }).finally(copying.end)
  await rollSeams(work)
  const moved = await moveRecords(cli, places, records, check)
  const whole = await report(cli, places, note)
  return moved ? whole : EXIT.no
}

/** True: all records are there that should be. */
const moveRecords = async (
  { terminal }: Cli,
  { source, target, targetName }: CopyPlaces,
  count: number,
  check: () => void,
): Promise<boolean> => {
  if (count === 0) return true
  const progress = await startProgress(
    terminal,
    `Copying ${formatValue(count, 'count')} records to ${targetName}`,
    count,
  )
  const copied = await copyRecords({ source, target, check, onRecords: progress.to }).finally(
    progress.end,
  )
  for (const one of copied) terminal.out(recordLine(one))
  return copied.every(isWhole)
}

const report = async (cli: Cli, places: CopyPlaces, note: CopyNote): Promise<ExitCode> => {
  const { terminal } = cli
  const { target, parts, sourceFile, targetName } = places
  const total = parts.reduce((sum, part) => sum + note.days(part).length, 0)
  const counting = await startProgress(terminal, 'Counting what is there', Math.max(1, total))
  const days = await verify(target, parts, note, counting.to).finally(counting.end)
  for (const line of copyLines(days, terminal.colours)) terminal.out(line)
  const broken = days.filter(({ state }) => state === 'broken')
  if (broken.length === 0) {
    terminal.out(
      `The history is in ${targetName}; a server that runs shows it within ten minutes. ${sourceFile} is as it was: move it away when nothing is missing.`,
    )
    return EXIT.ok
  }
  for (const day of broken) note.forget(day, day.day)
  await note.save()
  terminal.out(
    `${broken.length === 1 ? 'One day is' : `${broken.length} days are`} not whole in InfluxDB. The same command copies what is broken again: ${COMMAND}`,
  )
  return EXIT.no
}
