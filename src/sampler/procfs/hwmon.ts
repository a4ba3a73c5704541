import type { HostFiles, HostPath } from '../host-files.ts'
import type { Place } from './topology.ts'

/** One processor chip's sensors, as a driver shows them. */
type Chip = { readonly driver: string; readonly sensors: readonly Sensor[] }
type Sensor = { readonly label: string; readonly path: HostPath }

/**
 * The file with the temperature (in thousandths of a degree) of each processor, in the order of `places`; undefined
 * where there is none. Intel's coretemp has a sensor a core and one a package; AMD's drivers and ARM's have one for all
 * cores of a package.
 */
export const temperatureFiles = (
  files: Pick<HostFiles, 'list' | 'readOnce'>,
  places: readonly Place[],
): readonly (HostPath | undefined)[] => {
  const chips = readChips(files)
  const sockets = [...new Set(places.map((place) => place.socket))].toSorted(
    (a, b) => (a ?? -1) - (b ?? -1),
  )
  const intel = chips.filter((chip) => chip.driver === 'coretemp')
  const others = chips.filter((chip) => chip.driver !== 'coretemp')
  return places.map((place) => {
    const order = sockets.indexOf(place.socket)
    return (
      coreSensor(intel, place, sockets.length) ??
      // one chip a package, in the same order; some packages are several chips
      packageSensor(others[Math.floor((order * others.length) / sockets.length)])
    )
  })
}

const coreSensor = (chips: readonly Chip[], place: Place, sockets: number) => {
  const chip =
    chips.find((one) => find(one, `Package id ${place.socket}`) !== undefined) ??
    (sockets === 1 ? chips[0] : undefined)
  if (chip === undefined) return undefined
  const whole = chip.sensors.find((sensor) => sensor.label.startsWith('Package id '))
  return (find(chip, `Core ${place.coreId}`) ?? whole)?.path
}

const packageSensor = (chip: Chip | undefined) =>
  chip === undefined
    ? undefined
    : // Tctl may stand some degrees above the truth, for the fan's sake
      (find(chip, 'Tdie') ?? find(chip, 'Tctl') ?? chip.sensors[0])?.path

const find = (chip: Chip, label: string) => chip.sensors.find((sensor) => sensor.label === label)

const isProcessor = (driver: string) =>
  driver === 'coretemp' ||
  driver === 'k10temp' ||
  driver === 'zenpower' ||
  /^cpu[\d_-]*thermal$/.test(driver)

const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })

const readChips = (files: Pick<HostFiles, 'list' | 'readOnce'>): readonly Chip[] =>
  [...files.list('sys/class/hwmon')].toSorted(byNumber).flatMap((name) => {
    const folder: HostPath = `sys/class/hwmon/${name}`
    const driver = files.readOnce(`${folder}/name`)?.trim() ?? ''
    if (!isProcessor(driver)) return []
    const sensors = files
      .list(folder)
      .filter((file) => /^temp\d+_input$/.test(file))
      .toSorted(byNumber)
      .map((file): Sensor => {
        const label = files.readOnce(`${folder}/${file.replace('_input', '_label')}`)
        return { label: label?.trim() ?? '', path: `${folder}/${file}` }
      })
    return sensors.length === 0 ? [] : [{ driver, sensors }]
  })
