import type { HostFiles } from '../host-files.ts'
import { scan } from '../scan.ts'

/** Where a logical processor sits; undefined where the kernel does not say. */
export type Place = {
  readonly core: number
  readonly socket: number | undefined
  readonly coreId: number | undefined
}

export type Topology = {
  /** In the order of the processors that were asked for. */
  readonly places: readonly Place[]
  /** Distinct physical cores among them; null where one is unknown. */
  readonly physicalCores: number | null
}

/** Reads three small files a processor: once, and again when other processors are online. */
export const readTopology = (
  files: Pick<HostFiles, 'readOnce'>,
  cores: readonly number[],
): Topology => {
  const physical = new Set<string>()
  let allKnown = cores.length > 0
  const places = cores.map((core): Place => {
    const id = (name: string) => {
      const text = files.readOnce(`sys/devices/system/cpu/cpu${core}/topology/${name}`)
      const value = text === undefined ? Number.NaN : scan(text).number()
      return Number.isNaN(value) ? undefined : value
    }
    const socket = id('physical_package_id')
    const coreId = id('core_id')
    // a core's number is unique within its die only, where a package has several
    if (socket === undefined || coreId === undefined) allKnown = false
    else physical.add(`${socket} ${id('die_id') ?? 0} ${coreId}`)
    return { core, socket, coreId }
  })
  return { places, physicalCores: allKnown ? physical.size : null }
}
